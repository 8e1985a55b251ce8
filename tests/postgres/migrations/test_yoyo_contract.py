"""What is used of yoyo 9.0.0, and that both tools read and write one ledger. A new yoyo must pass this first."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yoyo import internalmigrations, read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import get_backend, parse_uri
from yoyo.migrations import Migration as YoyoMigration
from yoyo.migrations import MigrationList, default_migration_table, get_migration_hash, topological_sort

from codezest_sql.core.migrations.files.order import in_order
from codezest_sql.core.migrations.files.script import Migration, Script
from codezest_sql.ledger import LEDGER_TABLES, MIGRATIONS, migration_hash
from tests.patience import PATIENCE
from tests.projects import Project, applied, execute, ledger_tables, objects, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

YOYO_TABLES = ("_yoyo_log", "_yoyo_migration", "_yoyo_version")
FILES = {
    f"{number}_{letter}{suffix}": statement.format(letter)
    for number, letter in (("0001", "a"), ("0002", "b"), ("0003", "c"))
    for suffix, statement in ((".sql", "CREATE TABLE {} (x int);"), (".rollback.sql", "DROP TABLE {};"))
}
ALL = ["0001_a", "0002_b", "0003_c"]


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with three migrations, none applied."""
    found = Project(tmp_path, database)
    found.write_all(FILES)
    return found


def yoyo_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def yoyo(project: Project, command: str, *words: str) -> str:
    """Run the real yoyo on the project's files and database, without its questions."""
    assert project.url
    done = subprocess.run(
        [
            Path(sys.executable).parent / "yoyo",
            command,
            "--batch",
            "--no-config-file",
            "--database",
            yoyo_url(project.url),
            *words,
            str(project.migrations),
        ],
        cwd=project.root,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(project: Project) -> dict[str, str]:
    """Return id → A (applied) or U (unapplied), as ``yoyo list`` prints it."""
    lines = (line.split() for line in yoyo(project, "list").splitlines())
    return {words[1]: words[0] for words in lines if words and words[0] in {"A", "U"}}


def layout(url: str) -> list[tuple[Any, ...]]:
    """Return every column and constraint of yoyo's tables."""
    return rows(
        url,
        f"""
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            (SELECT string_agg(pg_get_constraintdef(k.oid), '; ' ORDER BY k.conname) FROM pg_constraint AS k
             WHERE k.conrelid = c.oid AND k.contype <> 'n')
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relname IN {YOYO_TABLES!r}
        ORDER BY c.relname, a.attnum
        """,  # names of this module
    )


# --- the two tools, one ledger -------------------------------------------------------------------------------------


def test_the_version_is_the_one_that_is_pinned() -> None:
    assert importlib.metadata.version("yoyo-migrations") == "9.0.0"


@pytest.mark.every_postgres
def test_the_tables_are_those_that_yoyo_itself_makes(project: Project, database: str, server: Any) -> None:
    project.succeed()
    ours = layout(database)
    execute(server.url(), "CREATE DATABASE by_yoyo")
    try:
        with get_backend(yoyo_url(server.url("by_yoyo"))) as backend:
            backend.ensure_internal_schema_updated()
        assert ours == layout(server.url("by_yoyo"))
    finally:
        execute(server.url(), "DROP DATABASE by_yoyo WITH (FORCE)")
    assert {row[0] for row in ours} == set(YOYO_TABLES)
    assert len(ours) == 3 + 8 + 2
    assert rows(database, "SELECT version FROM _yoyo_version ORDER BY 1") == [(2,)]


def test_what_yoyo_applied_is_applied_to_us(project: Project, database: str) -> None:
    (project.migrations / "0003_c.sql").rename(project.root / "later.sql")
    (project.migrations / "0003_c.rollback.sql").rename(project.root / "later.rollback.sql")
    yoyo(project, "apply")
    assert applied(database) == ALL[:2]
    (project.root / "later.sql").rename(project.migrations / "0003_c.sql")
    (project.root / "later.rollback.sql").rename(project.migrations / "0003_c.rollback.sql")

    status = project.succeed("status", "--json").json
    assert [line["state"] for line in status["migrations"]] == ["applied", "applied", "pending"]
    assert [line["sha256"] for line in status["migrations"]] == [None, None, None]
    assert "content cannot be checked: 0001_a, 0002_b" in status["notes"][0]
    project.succeed("up")
    assert applied(database) == ALL
    assert ledger_tables(database) == LEDGER_TABLES
    assert listed(project) == dict.fromkeys(ALL, "A")
    project.succeed("down", "--steps", "2", "--yes")
    assert objects(database) == {"public.a"}
    assert listed(project) == {"0001_a": "A", "0002_b": "U", "0003_c": "U"}


def test_what_we_applied_is_applied_to_yoyo(project: Project, database: str) -> None:
    project.succeed()
    assert "yoyo_lock" not in ledger_tables(database)
    assert listed(project) == dict.fromkeys(ALL, "A")
    yoyo(project, "apply")
    assert rows(database, "SELECT count(*) FROM _yoyo_log") == [(3,)]


def test_what_yoyo_rolled_back_is_pending_to_us(project: Project, database: str) -> None:
    """Its content hash stays behind in our table; that of the next application counts."""
    project.succeed()
    yoyo(project, "rollback", "--revision", "0003_c")
    assert objects(database) == {"public.a", "public.b"}
    assert project.migrate("status", "--check").code == 3
    project.write("0003_c.sql", "CREATE TABLE c (x int, edited_meanwhile int);")
    project.succeed("up")
    assert applied(database) == ALL
    assert "3 applied, 0 pending" in project.succeed("status").out


def test_what_yoyo_applied_anew_is_not_compared_with_what_we_applied_before(project: Project, database: str) -> None:
    """The file was changed while it was undone, which is no tampering."""
    project.succeed()
    yoyo(project, "rollback", "--revision", "0003_c")
    project.write("0003_c.sql", "CREATE TABLE c (x int, edited_meanwhile int);")
    yoyo(project, "apply")
    assert applied(database) == ALL
    outcome = project.succeed("status")
    assert "3 applied, 0 pending" in outcome.out
    assert "content cannot be checked: 0003_c" in outcome.out
    project.write("0002_b.sql", "CREATE TABLE b (x bigint);")
    assert "0002_b.sql: error: was edited after it was applied" in project.fail(4, "status")


def test_both_write_the_same_log(project: Project, database: str) -> None:
    """Who, where, when and what, in each other's words."""
    yoyo(project, "apply", "--revision", "0001_a")
    project.succeed()
    found = rows(
        database,
        "SELECT migration_id, migration_hash, operation, username, hostname IS NOT NULL, length(id), comment, "
        "created_at_utc BETWEEN (now() AT TIME ZONE 'UTC') - interval '5 min' AND now() AT TIME ZONE 'UTC' "
        "FROM _yoyo_log ORDER BY created_at_utc",
    )
    theirs, *ours = found
    assert theirs[0] == "0001_a"
    assert [row[0] for row in ours] == ALL[1:]
    assert {row[2:] for row in ours} == {theirs[2:]}
    assert theirs[2] == "apply"
    assert all(row[1] == hashlib.sha256(row[0].encode()).hexdigest() for row in found)


def test_a_foreign_row_in_the_lock_of_yoyo_does_not_stop_us(project: Project, database: str) -> None:
    """Its lock is a row that a crash leaves behind; ours is the server's."""
    yoyo(project, "list")
    execute(database, "INSERT INTO yoyo_lock VALUES (1, now(), 1)")
    project.succeed()
    assert applied(database) == ALL


# --- an old ledger -------------------------------------------------------------------------------------------------

OLD = """
    CREATE TABLE _yoyo_migration (id VARCHAR(191) NOT NULL PRIMARY KEY, ctime TIMESTAMP);
    INSERT INTO _yoyo_migration VALUES ('0001_a', '2014-05-06 07:08:09'), ('0002_b', NULL);
    CREATE TABLE a (x int); CREATE TABLE b (x int);
"""


def test_a_ledger_of_a_yoyo_before_6_is_read_as_it_is(project: Project, database: str) -> None:
    execute(database, OLD)
    lines = project.succeed("status", "--json").json["migrations"]
    assert [(line["state"], line["applied_at"]) for line in lines] == [
        ("applied", "2014-05-06T07:08:09+00:00"),
        ("applied", "1970-01-01T00:00:00+00:00"),
        ("pending", None),
    ]
    assert [step["id"] for step in project.succeed("plan", "--json").json["steps"]] == ["0003_c"]
    assert ledger_tables(database) == {"_yoyo_migration"}


def test_a_ledger_of_a_yoyo_before_6_is_upgraded_when_it_is_written(project: Project, database: str) -> None:
    """By yoyo's own steps, with its history kept."""
    execute(database, OLD)
    project.succeed()
    assert ledger_tables(database) == LEDGER_TABLES - {"yoyo_lock"}
    found = rows(
        database, "SELECT migration_id, migration_hash, applied_at_utc::text FROM _yoyo_migration ORDER BY 1"
    )
    assert [(row[0], row[1]) for row in found] == [(name, hashlib.sha256(name.encode()).hexdigest()) for name in ALL]
    assert found[0][2] == "2014-05-06 07:08:09"
    assert listed(project) == dict.fromkeys(ALL, "A")


def test_a_failure_during_the_upgrade_leaves_the_old_ledger(project: Project, database: str) -> None:
    execute(database, f"{OLD} CREATE VIEW _yoyo_log AS SELECT 1 AS in_the_way;")
    told = project.fail(1)
    assert "error: cannot prepare the ledger: " in told
    assert rows(database, "SELECT id FROM _yoyo_migration ORDER BY 1") == [("0001_a",), ("0002_b",)]


def test_a_table_that_only_bears_the_name_is_told(project: Project, database: str) -> None:
    execute(database, "CREATE TABLE _yoyo_migration (something int)")
    told = project.fail(1, "status")
    assert "error: public._yoyo_migration is not a table of yoyo's: it lacks columns [database]" in told


# --- the parts that are used ---------------------------------------------------------------------------------------


@given(st.text(min_size=1))
def test_a_hash_is_of_the_id(name: str) -> None:
    """And not of the content, which is why we keep that in a table of our own."""
    name = name.encode("utf-8", "replace").decode()
    assert get_migration_hash(name) == hashlib.sha256(name.encode()).hexdigest()


class Stub(YoyoMigration):  # type: ignore[misc]  # yoyo has no types
    """A migration of yoyo's with dependencies that no file declares."""

    def __init__(self, name: str, depends: set[YoyoMigration]) -> None:
        super().__init__(name, f"{name}.sql", ".")
        self._depends = depends
        self.steps: list[object] = []


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, set[str]]:
    """Return id → dependencies, without a circle."""
    order = draw(st.permutations([f"{number:03}" for number in range(draw(st.integers(1, 15)))]))
    return {
        name: draw(st.sets(st.sampled_from(order[:position]), max_size=4)) if position else set()
        for position, name in enumerate(order)
    }


def stubs(graph: dict[str, set[str]]) -> MigrationList:
    """Return yoyo's migrations in the order of their names, as it reads a folder."""
    made: dict[str, Stub] = {}
    for name, depends in graph.items():  # dependencies come first here
        made[name] = Stub(name, {made[other] for other in depends})
    return MigrationList([made[name] for name in sorted(made)])


@given(graphs())
def test_our_order_is_that_of_yoyo(graph: dict[str, set[str]]) -> None:
    ours = [
        Migration(name, Script(name, "", "", transactional=True, statements=()), depends=tuple(sorted(depends)))
        for name, depends in graph.items()
    ]
    theirs = [migration.id for migration in topological_sort(stubs(graph))]
    assert [migration.id for migration in in_order(ours)] == theirs


@given(graphs(), st.data())
def test_what_is_left_of_our_order_is_yoyos_order_of_what_is_left(
    graph: dict[str, set[str]], data: st.DataObject
) -> None:
    """It sorts what is pending, we sort all and leave out what is applied: with whole prefixes, the same."""
    order = [migration.id for migration in topological_sort(stubs(graph))]
    done = data.draw(st.integers(0, len(order)))
    pending = stubs(graph).filter(lambda migration: migration.id not in order[:done])
    assert [migration.id for migration in topological_sort(pending)] == order[done:]


def test_the_private_parts_that_we_rely_on_are_there() -> None:
    """See ``_backend`` in ``ledger.py``: each of these is used or replaced there."""
    backend = PostgresqlPsycopgBackend
    assert backend._internal_schema_updated is False
    assert default_migration_table == MIGRATIONS == "_yoyo_migration"
    assert (backend.log_table, backend.version_table, backend.lock_table) == (
        "_yoyo_log",
        "_yoyo_version",
        "yoyo_lock",
    )
    assert {MIGRATIONS, backend.log_table, backend.version_table, backend.lock_table} <= LEDGER_TABLES
    for name, parameters in {
        "connect": ["self", "dburi"],
        "init_connection": ["self", "connection"],
        "cursor": ["self"],
        "lock": ["self", "timeout"],
        "begin": ["self"],
        "commit": ["self"],
        "rollback": ["self"],
        "quote_identifier": ["self", "s"],
        "list_tables": ["self", "kwargs"],
    }.items():
        assert [*inspect.signature(getattr(backend, name)).parameters] == parameters, name
    assert [*inspect.signature(internalmigrations.needs_upgrading).parameters] == ["backend"]
    assert [*inspect.signature(internalmigrations.upgrade).parameters] == ["backend", "version"]
    assert max(internalmigrations.schema_versions) == 2
    assert parse_uri("postgresql+psycopg:///").scheme == "postgresql+psycopg"


class Watched(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
    """A backend that keeps its SQL, and what it quoted in it, instead of sending it."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.quoted: list[str] = []
        self.uri = parse_uri("postgresql+psycopg:///")
        self.migration_table = MIGRATIONS
        self._internal_schema_updated = True

    def quote_identifier(self, s: str) -> str:
        """Mark the name."""
        self.quoted.append(s)
        return f"<{s}>"

    def execute(self, sql: str, params: Any = None) -> Any:
        """Keep the SQL, and give a cursor without rows."""
        del params
        self.sent.append(sql)

        class Nothing:
            def fetchone(self) -> None:
                return None

        return Nothing()


def names(backend: Watched) -> Iterator[str]:
    """Yield every name of the ledger's tables that is in the SQL outside of ``quote_identifier``."""
    for sql in backend.sent:
        for table in LEDGER_TABLES:
            if table in sql.replace(f"<{table}>", ""):
                yield f"{table}: {sql}"


def test_every_table_name_goes_through_quote_identifier() -> None:
    """There we put the schema before it: a migration's search_path must not send the ledger's rows elsewhere."""
    backend = Watched()
    for version in (internalmigrations.v1, internalmigrations.v2):
        version.upgrade(backend)
    internalmigrations.mark_schema_version(backend, 2)
    assert len(backend.sent) >= 7
    assert list(names(backend)) == []
    assert {"_yoyo_migration", "_yoyo_log", "_yoyo_version"} <= set(backend.quoted)


LEDGER_ROWS = """
    SELECT 'applied', m.migration_hash, m.migration_id, NULL, pg_typeof(m.applied_at_utc)::text
    FROM _yoyo_migration AS m
    UNION ALL
    SELECT 'log', l.migration_hash, l.migration_id, l.operation, pg_typeof(l.created_at_utc)::text
    FROM _yoyo_log AS l
    ORDER BY 1, 3, 4
"""
TIMES = """
    SELECT abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - applied_at_utc)) < 60 FROM _yoyo_migration
    UNION ALL
    SELECT abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - created_at_utc)) < 60 FROM _yoyo_log
"""


def test_what_we_write_is_what_yoyo_writes(project: Project, database: str, server: Any) -> None:
    """The same rows after up and down, whoever ran them: hashes of the ids, operations, times in UTC."""
    project.succeed("up")
    project.succeed("down", "--yes")
    execute(server.url(), "CREATE DATABASE filled_by_yoyo")
    other = server.url("filled_by_yoyo")
    try:
        with get_backend(yoyo_url(other)) as backend:
            migrations = read_migrations(str(project.migrations))
            backend.apply_migrations(backend.to_apply(migrations))
            backend.rollback_one(backend.to_rollback(migrations)[0])
        assert rows(database, LEDGER_ROWS) == rows(other, LEDGER_ROWS)
        assert {row for url in (database, other) for row in rows(url, TIMES)} == {(True,)}
    finally:
        execute(server.url(), "DROP DATABASE filled_by_yoyo WITH (FORCE)")


@pytest.mark.parametrize("migration_id", ["0001_a", "é 漢", ""])
def test_the_hash_of_an_id_is_yoyos(migration_id: str) -> None:
    assert migration_hash(migration_id) == get_migration_hash(migration_id)


# --- when it is loaded ---------------------------------------------------------------------------------------------


def modules_after(program: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint('yoyo' in sys.modules)"],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_the_ledger_loads_yoyo_only_to_write(project: Project, database: str) -> None:
    """Its import costs 60 ms, which a run with nothing to do, a status and a plan need not pay."""
    assert modules_after("import codezest_sql.ledger", project.root) == "False"
    project.succeed("up", "--to", "0002")
    for words in (["status"], ["plan"], ["up", "--to", "0002"], ["down", "--dry-run"]):
        program = "\n".join(
            [
                "from codezest_sql.cli.main import run",
                f"assert run({['migrate', *words, '--database-url', database]!r}) == 0",
            ]
        )
        assert modules_after(program, project.root) == "False", words
