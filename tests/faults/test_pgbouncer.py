"""Through a real PgBouncer: refused where sessions are shared, with nothing changed or left locked; else it works."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from codezest_sql.postgres.server.run_as import choose_privileges
from codezest_sql.runtime import Column, Database, Many, One, Parameter, Statement
from tests.faults.deployments import Project, applied, deployer_pids, until, value
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from tests.faults.deployments import Outcome

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        shutil.which("pgbouncer") is None,
        reason="no pgbouncer on this machine: install the package pgbouncer of Debian or Ubuntu",
    ),
]

CONFIGURATION = """
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
query_wait_timeout = 2
server_round_robin = {robin}
logfile = {folder}/pgbouncer.log
"""


class PgBouncer:
    """A running PgBouncer before a test's database."""

    def __init__(self, folder: Path, database: str, port: int, *, mode: str, size: int, robin: int = 0) -> None:
        parts = urlsplit(database)
        query = parse_qs(parts.query)
        file = folder / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(
                host=query["host"][0],
                port=query.get("port", ["5432"])[0],
                listen=port,
                mode=mode,
                size=size,
                robin=robin,
                folder=folder,
            )
        )
        self._address = ("127.0.0.1", port)
        self.url = f"postgresql://postgres@127.0.0.1:{port}{parts.path}"
        # PgBouncer refuses to run as root, as PostgreSQL does.
        privileges = choose_privileges()
        self._process = subprocess.Popen(
            [*privileges.prefix, "pgbouncer", "-q", file],
            user=privileges.user,
            group=privileges.group,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        until(self._answers, "PgBouncer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, "PgBouncer ended"
        try:
            socket.create_connection(self._address, timeout=PATIENCE).close()
        except OSError:
            return False
        return True


@pytest.fixture
def project(database: str, tmp_path: Path) -> Project:
    """Make a project with one pending migration; its database is reached directly."""
    made = Project(tmp_path / "project", database)
    made.write("0001_table", "CREATE TABLE t (a int);")
    return made


@pytest.fixture
def pgbouncer(project: Project, tmp_path: Path, unused_port: int) -> Callable[..., PgBouncer]:
    """Start a PgBouncer before the project's database."""
    return lambda **options: PgBouncer(tmp_path, project.url, unused_port, **options)


@contextmanager
def other_client(url: str, transaction: float, pause: float) -> Iterator[None]:
    """Keep another client of the pooler at work: transactions of so many seconds, with such pauses."""
    ended = threading.Event()

    def work() -> None:
        with psycopg.connect(url, prepare_threshold=None) as connection:
            while not ended.is_set():
                connection.execute("SELECT 1")
                ended.wait(transaction)
                connection.rollback()
                ended.wait(pause)

    thread = threading.Thread(target=work, name="client")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def require_refused(project: Project, outcome: Outcome) -> None:
    """Require the exit code and the hint, and that neither a table nor a lock was left behind."""
    assert outcome.code == 6, outcome
    assert "goes through a pooler" in outcome.errors
    assert "DIRECT_URL" in outcome.errors
    with project.connect() as connection:
        assert value(connection, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert value(connection, locks) == 0, "the pooled session keeps a lock"


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize(("size", "robin"), [(1, 0), (5, 0), (5, 1)])
def test_shared_sessions_are_refused(
    project: Project, pgbouncer: Callable[..., PgBouncer], mode: str, size: int, robin: int
) -> None:
    """Then a direct run works at once: the refused one left no lock in a session that lives on."""
    with pgbouncer(mode=mode, size=size, robin=robin) as pooler:
        for _ in range(3):
            require_refused(project, project.migrate(url=pooler.url))
        outcome = project.migrate("up", "--wait", "500ms")
        assert outcome.code == 0, outcome


@pytest.mark.parametrize(("transaction", "pause"), [(60, 0), (0.003, 0.002), (0.05, 0.05)])
def test_shared_sessions_are_refused_while_other_clients_work(
    project: Project, pgbouncer: Callable[..., PgBouncer], transaction: float, pause: float
) -> None:
    """They take sessions out of the pool and put them back, so that ours change or do not."""
    with (
        pgbouncer(mode="transaction", size=5) as pooler,
        other_client(pooler.url, transaction, pause),
        other_client(pooler.url, transaction / 2, pause),
    ):
        for _ in range(5):
            require_refused(project, project.migrate(url=pooler.url))
        assert project.migrate("up", "--wait", "500ms").code == 0


def test_a_refused_run_leaves_no_setting_in_a_shared_session(
    project: Project, pgbouncer: Callable[..., PgBouncer]
) -> None:
    """The application's next statement would run with it."""
    names = ("lock_timeout", "idle_session_timeout", "client_connection_check_interval", "search_path", "role")
    query = f"SELECT array_agg(setting ORDER BY name) FROM pg_settings WHERE name = ANY ('{{{','.join(names)}}}')"
    with (
        pgbouncer(mode="transaction", size=1) as pooler,
        psycopg.connect(pooler.url, autocommit=True, prepare_threshold=None) as client,
    ):
        before = value(client, query)
        require_refused(project, project.migrate(url=pooler.url))
        assert value(client, query) == before


def test_reading_commands_work_through_shared_sessions(project: Project, pgbouncer: Callable[..., PgBouncer]) -> None:
    """They need no session of their own."""
    with pgbouncer(mode="transaction", size=2) as pooler:
        outcome = project.migrate("status", url=pooler.url)
        assert outcome.code == 0, outcome
        assert "pending" in outcome.output
        assert project.migrate("plan", url=pooler.url).code == 0


def test_a_session_of_its_own_is_not_refused(project: Project, pgbouncer: Callable[..., PgBouncer]) -> None:
    """In session mode a pooler hands a session to one client until that leaves: that is as good as a direct one."""
    project.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);")
    with pgbouncer(mode="session", size=5) as pooler, project.connect() as connection:
        outcome = project.migrate(url=pooler.url)
        assert outcome.code == 0, outcome
        assert applied(connection) == ["0001_table", "0002_index"]
        # The pooler resets a session before the next client gets it: its locks are free.
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        until(lambda: value(connection, locks) == 0, "the locks to be free")


def test_a_deployer_killed_behind_a_session_pooler_frees_its_locks(
    project: Project, pgbouncer: Callable[..., PgBouncer]
) -> None:
    """PgBouncer closes a server session whose client left in the middle of a statement."""
    project.write("0002_sleep", "SELECT pg_sleep(3600);")
    with pgbouncer(mode="session", size=5) as pooler, project.connect() as connection:
        with project.start(url=pooler.url) as running:
            sleeping = (
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600%' AND pid <> pg_backend_pid()"
            )
            until(lambda: value(connection, sleeping), "the migration")
            running.process.kill()
            running.wait()
        # The statement sleeps for longer than a test waits: only its end can free the locks.
        until(
            lambda: value(connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0, "the locks"
        )


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_pool_that_is_exhausted_is_told_in_words(
    project: Project, pgbouncer: Callable[..., PgBouncer], mode: str
) -> None:
    """One session for two connections, or for none while another client has it: PgBouncer gives up waiting."""
    with pgbouncer(mode=mode, size=1) as pooler:
        client = psycopg.connect(pooler.url, prepare_threshold=None) if mode == "transaction" else None
        if client is not None:
            client.execute("SELECT 1")
        outcome = project.migrate(url=pooler.url)
        assert outcome.code == 6, outcome
        assert "query_wait_timeout" in outcome.errors
        if client is not None:
            client.close()
    with project.connect() as connection:
        until(lambda: deployer_pids(connection) == [], "the end of the sessions")
    assert project.migrate("up", "--wait", "500ms").code == 0


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@ep-cool-night-123456-pooler.eu-central-1.aws.neon.tech/app",
        "host=127.0.0.1,ep-x-pooler.example dbname=app",
    ],
)
def test_a_host_that_is_called_a_pooler_is_refused_before_anybody_connects(project: Project, url: str) -> None:
    """By its name alone: no resolver is asked, no password is shown."""
    outcome = project.migrate(url=url)
    assert outcome.code == 6, outcome
    assert "DIRECT_URL" in outcome.errors
    assert "secret" not in outcome.errors + outcome.output


# --- the runtime ----------------------------------------------------------------------------------------------

SERVICE = """
import sys
from codezest_sql.errors import CodezestError
from codezest_sql.runtime import Column, Database, ExecRows, Many, Model, Parameter, Statement

class Row(Model):
    id: int
    note: str

url, part, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
N = (Parameter("n", "integer"),)
read = Statement("read", "SELECT id, note FROM seat WHERE id = $1", N,
                 (Column("id", "integer", nullable=False), Column("note", "text", nullable=False)), Row)
other = Statement("other", "SELECT -id AS id, note || '!' AS note FROM seat WHERE id = $1", N,
                  (Column("id", "integer", nullable=False), Column("note", "text", nullable=False)), Row)
lose = Statement("lose", "DELETE FROM ticket WHERE id = $1", N)
wrong = 0
with Database.connect(url) as db:
    for number in range(count):
        seat = number % 50 + 1
        if part == 0:
            rows = db.run(Many(read, (seat,)))
            wrong += rows != [Row(id=seat, note=f"seat {seat}")]
        elif number % 2:
            rows = db.run(Many(other, (seat,)))
            wrong += rows != [Row(id=-seat, note=f"seat {seat}!")]
        else:
            db.run(ExecRows(lose, (seat,)))
print(wrong)
"""
QUERIES = 2_000


@pytest.mark.parametrize("options", [[], ["--prepared"]])
def test_two_services_behind_a_pooler_that_is_not_recognised_run_their_own_statements(
    project: Project, pgbouncer: Callable[..., PgBouncer], tmp_path: Path, options: list[str]
) -> None:
    """Each with the default settings; or each insisting on prepared statements, which a pooler may lose."""
    script = tmp_path / "service.py"
    text = SERVICE.replace("connect(url)", "connect(url, prepare=True)") if options else SERVICE
    script.write_text(text)
    with project.connect() as connection:
        connection.execute("CREATE TABLE seat (id integer PRIMARY KEY, note text NOT NULL)")
        connection.execute("INSERT INTO seat SELECT g, 'seat ' || g FROM generate_series(1, 50) AS g")
        connection.execute("CREATE TABLE ticket AS SELECT g AS id FROM generate_series(1001, 2000) AS g")
        with pgbouncer(mode="transaction", size=3, robin=1) as pooler:
            running = [
                subprocess.Popen(
                    [sys.executable, script, pooler.url, str(part), str(QUERIES)], stdout=subprocess.PIPE, text=True
                )
                for part in (0, 1, 0, 1)
            ]
            outputs = [process.communicate(timeout=PATIENCE)[0].strip() for process in running]
        assert outputs == ["0"] * 4
        assert value(connection, "SELECT count(*) FROM seat") == 50
        assert value(connection, "SELECT count(*) FROM ticket") == 1000
        if not options:
            assert all(process.returncode == 0 for process in running)


def test_values_behind_a_pooler_are_right_whatever_another_client_left_in_the_session(
    pgbouncer: Callable[..., PgBouncer],
) -> None:
    """Settings that a client SETs stay in the session that the next one gets."""
    statement = Statement(
        "values",
        "SELECT $1::float8 AS f, $2::text[] AS texts, now() AS at",
        (Parameter("f", "double precision"), Parameter("texts", "text[]")),
        (Column("f", "double precision"), Column("texts", "text[]"), Column("at", "timestamp with time zone")),
    )
    query: One[Any] = One(statement, (0.1 + 0.2, ["NULL", None]))
    with (
        pgbouncer(mode="transaction", size=1) as pooler,
        psycopg.connect(pooler.url, autocommit=True, prepare_threshold=None) as client,
        Database.connect(pooler.url) as db,
    ):
        for setting in ("extra_float_digits = 0", "array_nulls = off", "quote_all_identifiers = on"):
            client.execute(f"SET {setting}".encode())
            results = [db.run(query), db.batch(query)[0], db.run(query, timeout=PATIENCE)]
            with db.transaction() as tx:
                results.append(tx.run(query))
            results += db.stream(Many(statement, query.arguments))
            assert [row[:2] for row in results] == [query.arguments] * 5
            assert value(client, f"SHOW {setting.partition(' ')[0]}") == setting.rpartition(" ")[2]
