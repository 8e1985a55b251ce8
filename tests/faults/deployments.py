"""A project folder with migrations, and ``codezest-sql`` run in it: in this process, or in one that can be killed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg

from codezest_sql.cli.main import run
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

OF_DEPLOYERS = "application_name ~ '^codezest-sql '"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: its exit code (-9 for a SIGKILL) and what it printed."""

    code: int
    output: str
    errors: str

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.output}{self.errors}"


class Running:
    """A command that was started and not yet awaited."""

    def __init__(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "codezest_sql", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def ended(self) -> bool:
        """Whether the process is over."""
        return self.process.poll() is not None

    def wait(self, seconds: float = PATIENCE) -> Outcome:
        """Wait for its end and return it."""
        try:
            output, errors = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, errors = self.process.communicate()
            raise AssertionError(f"still running after {seconds:g} s\n{output}{errors}") from None
        return Outcome(self.process.returncode, output, errors)

    def close(self) -> None:
        """Kill it if it still runs."""
        if not self.ended:
            self.process.kill()
        self.process.communicate()


class Project:
    """A project folder whose migrations go to one database."""

    def __init__(self, root: Path, url: str, **settings: str) -> None:
        """Make the folder. ``settings`` go to ``[tool.codezest-sql]``: ``lock_timeout="200ms"``."""
        self.root = root
        self.url = url
        self.folder = root / "sql" / "migrations"
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [f'{name} = "{value}"' for name, value in {"migrations": "sql/migrations", **settings}.items()]
        (root / "pyproject.toml").write_text("\n".join(["[tool.codezest-sql]", *lines, ""]))

    def write(self, name: str, up: str, down: str | None = None) -> None:
        """Write a migration, and its rollback file where ``down`` is given."""
        (self.folder / f"{name}.sql").write_text(up)
        if down is not None:
            (self.folder / f"{name}.rollback.sql").write_text(down)

    def write_alone(self, name: str, up: str, down: str | None = None) -> None:
        """Write a migration that is not transactional."""
        header = "-- transactional: false\n"
        self.write(name, header + up, None if down is None else header + down)

    @contextmanager
    def start(self, *arguments: str, url: str | None = None) -> Iterator[Running]:
        """Start ``codezest-sql migrate ARGUMENTS`` on the database; it ends with the block at the latest."""
        running = Running(
            ["migrate", *arguments, "--database-url", url or self.url], self.root, environment_without_databases()
        )
        try:
            yield running
        finally:
            running.close()

    def migrate(self, *arguments: str, url: str | None = None) -> Outcome:
        """Run ``codezest-sql migrate ARGUMENTS`` on the database to completion, in this process: that saves 0.3 s."""
        output, errors = io.StringIO(), io.StringIO()
        with chdir(self.root), redirect_stdout(output), redirect_stderr(errors):
            code = run(["migrate", *arguments, "--database-url", url or self.url])
        return Outcome(code, output.getvalue(), errors.getvalue())

    def connect(self) -> Connection:
        """Open a connection of the test's own, in autocommit mode."""
        return psycopg.connect(self.url, autocommit=True, application_name="test")

    @contextmanager
    def held_open(self, statement: str) -> Iterator[Connection]:
        """Keep a transaction open that has run ``statement``, until the block ends."""
        with self.connect() as connection, connection.transaction():
            connection.execute(statement.encode())
            yield connection

    def kill_within(self, words: str, *, when: str | None = None) -> None:
        """Kill a deployer while it executes a statement with ``words``, once the query ``when`` is true."""
        with self.connect() as watching, self.start() as running:
            wait_for_statement(watching, words, running)
            if when is not None:
                until(lambda: value(watching, when), when)
            running.process.kill()
            assert running.wait().code == -9
            wait_until_gone(watching)


def environment_without_databases() -> dict[str, str]:
    """Return this process's environment without any variable that names a database."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DIRECT_URL"} and not name.startswith("PG")
    }


def value(connection: Connection, query: str, *parameters: object) -> Any:
    """Return the first column of the only row of a query."""
    row = connection.execute(query.encode(), parameters or None).fetchone()
    assert row is not None, query
    return row[0]


def applied(connection: Connection) -> list[str]:
    """Return the ids that the ledger holds, in order; none where there is no ledger yet."""
    if value(connection, "SELECT to_regclass('public._yoyo_migration') IS NULL"):
        return []
    return [
        str(row[0])
        for row in connection.execute("SELECT migration_id FROM public._yoyo_migration ORDER BY 1").fetchall()
    ]


def journal(connection: Connection) -> list[tuple[str, int, str]]:
    """Return (migration, number, state) of each row of the journal, in order."""
    rows = connection.execute(
        "SELECT migration_id, number, state FROM public._codezest_journal ORDER BY migration_id, number"
    ).fetchall()
    return [(str(row[0]), int(row[1]), str(row[2])) for row in rows]


def invalid_indexes(connection: Connection) -> list[str]:
    """Return the names of all indexes of the database that serve no read, those of TOAST tables included."""
    rows = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index "
        "WHERE NOT (indisvalid AND indisready AND indislive) ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def until(done: Callable[[], object], what: str) -> None:
    """Wait until ``done()`` is true; fail after ``PATIENCE``."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > PATIENCE:
            raise AssertionError(f"waited {PATIENCE:g} s without effect for: {what}")
        time.sleep(0.005)


def deployer_pids(connection: Connection, role: str = "") -> list[int]:
    """Return the server's process ids of the deployers' sessions; ``role`` is "guard", "worker" or "" for all."""
    rows = connection.execute(
        f"SELECT pid FROM pg_stat_activity WHERE {OF_DEPLOYERS} AND application_name LIKE %s "
        "AND datname = current_database() ORDER BY pid",
        [f"%{role} (%" if role else "%"],
    ).fetchall()
    return [int(row[0]) for row in rows]


def wait_for_statement(connection: Connection, words: str, running: Running) -> int:
    """Wait until a deployer's worker executes a statement with these words; return its process id."""
    query = (
        f"SELECT pid FROM pg_stat_activity WHERE {OF_DEPLOYERS} AND state = 'active' "
        "AND datname = current_database() AND query LIKE %s"
    )
    found: list[int] = []

    def look() -> bool:
        row = connection.execute(query.encode(), [f"%{words}%"]).fetchone()
        if row:
            found.append(int(row[0]))
        elif running.ended:
            raise AssertionError(f"ended before it ran {words!r}: {running.wait()}")
        return bool(row)

    until(look, f"a deployer that runs {words!r}")
    return found[0]


def wait_until_gone(connection: Connection) -> None:
    """Wait until no deployer has a session on the database."""
    until(lambda: not deployer_pids(connection), "the end of the deployers' sessions")
