"""A project folder to run commands in, within this process: what they print, what they return, what they leave.

A command runs as from a shell in the folder: its working folder is the project's, no URL is in the environment
unless the test puts it there, and stdin is no terminal. A process of its own is used only where that is the point.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import psycopg

from codezest_sql.cli.main import run
from codezest_sql.ledger import LEDGER_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SETTINGS = '[tool.codezest-sql]\nmigrations = "migrations"\n'
# Every relation, type, function and schema outside of the server's own; names, to see at a glance what is there.
_OBJECTS = """
    SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_|^information_schema$' AND c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I', 'S')
    UNION ALL
    SELECT format('%s.%s()', n.nspname, p.proname) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_|^information_schema$'
    UNION ALL
    SELECT n.nspname FROM pg_namespace AS n WHERE n.nspname !~ '^pg_|^information_schema$|^public$'
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON on stdout, and nothing else on it."""
        return json.loads(self.out)


def run_in(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> Outcome:
    """Run ``codezest-sql WORDS`` in a folder, with no URL in the environment but what is given."""
    keep = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DIRECT_URL"}}
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, {**keep, **(environment or {})}, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = run([*words])
    return Outcome(code, out.getvalue(), err.getvalue())


@dataclass(slots=True)
class Project:
    """A folder with a ``pyproject.toml`` and a folder of migrations, and the URL that its commands are given."""

    root: Path
    url: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.migrations.mkdir(parents=True, exist_ok=True)
        self.write("../pyproject.toml", SETTINGS)

    @property
    def migrations(self) -> Path:
        """The folder of the migrations."""
        return self.root / "migrations"

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the migrations' folder."""
        path = self.migrations / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def write_all(self, files: Mapping[str, str | bytes]) -> None:
        """Write several."""
        for name, content in files.items():
            self.write(name, content)

    def run(self, *words: str, url: str | None = "") -> Outcome:
        """Run ``codezest-sql WORDS``; ``url`` "" means the project's, None for none at all."""
        address = self.url if url == "" else url
        given = {"DATABASE_URL": address} if address else {}
        return run_in(self.root, *words, environment={**given, **self.environment})

    def migrate(self, *words: str, url: str | None = "") -> Outcome:
        """Run ``codezest-sql migrate WORDS``."""
        return self.run("migrate", *words, url=url)

    def succeed(self, *words: str, url: str | None = "") -> Outcome:
        """Run ``codezest-sql migrate WORDS``, which exits with 0."""
        outcome = self.migrate(*words, url=url)
        assert outcome.code == 0, outcome.err + outcome.out
        return outcome

    def fail(self, code: int, *words: str, url: str | None = "") -> str:
        """Run ``codezest-sql migrate WORDS``, which exits with ``code``; return what it says on stderr."""
        outcome = self.migrate(*words, url=url)
        assert outcome.code == code, outcome.err + outcome.out
        assert "Traceback" not in outcome.err
        return outcome.err


def git(folder: Path, *words: str) -> None:
    """Run git in a folder, as somebody with a name."""
    names = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *names, *words], check=True, capture_output=True)


@contextlib.contextmanager
def role_of(url: str, name: str, *grants: str) -> Iterator[str]:
    """Make a LOGIN role that is no superuser, with rights on one database; return that database's URL for it.

    ``{role}`` in ``grants`` is its name. What it owns is dropped with it.
    """
    database = str(rows(url, "SELECT current_database()")[0][0])
    role = f"{name}_of_{database}"
    execute(url, f'CREATE ROLE "{role}" LOGIN')
    try:
        for grant in grants:
            execute(url, grant.replace("{role}", f'"{role}"'))
        parts = urlsplit(url)
        _, _, host = parts.netloc.rpartition("@")
        yield urlunsplit(parts._replace(netloc=f"{role}@{host}"))
    finally:
        execute(url, f'DROP OWNED BY "{role}" CASCADE; DROP ROLE "{role}"')


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """Return what a query gives."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def execute(url: str, text: str) -> None:
    """Run SQL as the user of the URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


def objects(url: str) -> set[str]:
    """Return the names of everything in a database that is neither the server's nor the ledger's."""
    ledger = re.compile(rf"^\w+\.(?:{'|'.join(sorted(LEDGER_TABLES))})")
    return {str(name) for (name,) in rows(url, _OBJECTS) if not ledger.match(str(name))}


def ledger_tables(url: str) -> set[str]:
    """Return which of the ledger's tables are there."""
    found = rows(url, "SELECT relname::text FROM pg_class WHERE relkind = 'r'")
    return {str(name) for (name,) in found} & LEDGER_TABLES


def applied(url: str) -> list[str]:
    """Return the ids in the ledger, as yoyo keeps them, in the order of their application."""
    query = "SELECT migration_id FROM _yoyo_migration ORDER BY applied_at_utc, migration_id"
    return [str(name) for (name,) in rows(url, query)] if "_yoyo_migration" in ledger_tables(url) else []
