"""Files without a transaction: what failed or was killed half way is finished by the next run, or explained."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.faults.deployments import (
    Project,
    applied,
    invalid_indexes,
    journal,
    until,
    value,
    wait_for_statement,
    wait_until_gone,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.deployments import Connection

pytestmark = pytest.mark.faults

TABLE = "CREATE TABLE t (a int);"


@pytest.fixture
def project_on(database: str, tmp_path: Path) -> Project:
    """Make a project on a fresh database, with one table applied."""
    project = Project(tmp_path, database)
    project.write("0001_table", TABLE, "DROP TABLE t;")
    assert project.migrate().code == 0
    return project


def oid(connection: Connection, relation: str) -> int:
    return int(value(connection, "SELECT to_regclass(%s)::oid", relation))


# --- CREATE INDEX CONCURRENTLY -----------------------------------------------------------------------------


def test_a_unique_index_that_meets_duplicates_is_built_once_they_are_gone(project_on: Project) -> None:
    """The failure leaves an INVALID index, which is not recorded; the next run drops it and builds again."""
    project_on.write_alone("0002_index", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);")
    with project_on.connect() as connection:
        connection.execute("INSERT INTO t VALUES (1), (1)")
        failed = project_on.migrate()
        assert failed.code == 1, failed
        assert "could not create unique index" in failed.errors
        assert "0002_index.sql:2:1" in failed.errors
        assert invalid_indexes(connection) == ["i"]
        assert applied(connection) == ["0001_table"]
        first = oid(connection, "i")

        connection.execute("DELETE FROM t")
        again = project_on.migrate()
        assert again.code == 0, again
        assert "continues at statement 1 of 1" in again.output
        assert invalid_indexes(connection) == []
        assert oid(connection, "i") != first
        assert applied(connection) == ["0001_table", "0002_index"]
        assert journal(connection) == []


def test_an_unnamed_index_that_failed_leaves_no_twin(project_on: Project) -> None:
    """The server makes the name up, so only the OIDs tell which index is the remnant."""
    project_on.write_alone("0002_index", "CREATE UNIQUE INDEX CONCURRENTLY ON t (a);")
    with project_on.connect() as connection:
        connection.execute("INSERT INTO t VALUES (1), (1)")
        assert project_on.migrate().code == 1
        assert project_on.migrate().code == 1
        connection.execute("DELETE FROM t")
        assert project_on.migrate().code == 0
        indexes = value(
            connection, "SELECT array_agg(indexrelid::regclass::text) FROM pg_index WHERE indrelid='t'::regclass"
        )
        assert indexes == ["t_a_idx"]
        assert invalid_indexes(connection) == []


def test_if_not_exists_does_not_take_an_invalid_index_for_the_one_it_wants(project_on: Project) -> None:
    """Some other tool's attempt left it there."""
    project_on.write_alone("0002_index", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);")
    with project_on.connect() as connection:
        connection.execute("INSERT INTO t VALUES (1), (1)")
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
        assert invalid_indexes(connection) == ["i"]
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert invalid_indexes(connection) == []
        assert not value(connection, "SELECT indisunique FROM pg_index WHERE indexrelid = 'i'::regclass")


def test_if_not_exists_keeps_a_valid_index(project_on: Project) -> None:
    """As PostgreSQL does; nothing is rebuilt."""
    project_on.write_alone("0002_index", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);")
    with project_on.connect() as connection:
        connection.execute("CREATE INDEX i ON t (a)")
        before = oid(connection, "i")
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert oid(connection, "i") == before


def test_an_index_that_another_session_fails_to_build_meanwhile_is_not_recorded(project_on: Project) -> None:
    """Ours waits for it, and IF NOT EXISTS then finds an index: an INVALID one."""
    project_on.write_alone("0002_index", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);")
    with project_on.connect() as connection, project_on.connect() as builder:
        with project_on.held_open("INSERT INTO t VALUES (1)"):
            builder.pgconn.send_query(b"CREATE INDEX CONCURRENTLY i ON t (a)")
            until(lambda: invalid_indexes(connection) == ["i"], "the other session's index")
            with project_on.start() as running:
                wait_for_statement(connection, "IF NOT EXISTS i", running)
                builder.cancel_safe()
                outcome = running.wait()
        assert outcome.code == 1, outcome
        assert "the index public.i is INVALID after the statement" in outcome.errors
        assert applied(connection) == ["0001_table"]
        assert project_on.migrate().code == 0
        assert invalid_indexes(connection) == []
        builder.pgconn.finish()


def test_a_build_that_was_killed_after_it_had_finished_is_not_done_twice(project_on: Project) -> None:
    """The index is there and valid, and the journal says "running": as if killed between the two."""
    project_on.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);\nINSERT INTO t VALUES (7);")
    with project_on.connect() as connection:
        connection.execute("CREATE INDEX i ON t (a)")
        built = oid(connection, "i")
        connection.execute(
            "INSERT INTO _codezest_journal (migration_id, direction, number, statement, state, known_oids) "
            "VALUES ('0002_index', 'up', 1, 'CREATE INDEX CONCURRENTLY i ON t (a)', 'running', '{}')"
        )
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert oid(connection, "i") == built
        assert value(connection, "SELECT count(*) FROM t") == 1


# --- other statements that work CONCURRENTLY ----------------------------------------------------------------

TABLES = """
CREATE TABLE long (a int, b text);
CREATE INDEX long_a ON long (a);
INSERT INTO long SELECT i, 'x' FROM generate_series(1, 100) AS i;
CREATE TABLE parted (a int) PARTITION BY LIST (a);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE INDEX parted_a ON parted (a);
"""


@pytest.mark.every_postgres
@pytest.mark.parametrize(
    ("statement", "blocker", "remnants"),
    [
        # A writer holds it up while it builds, a reader only when it wants to drop the old index.
        ("REINDEX INDEX CONCURRENTLY long_a", "INSERT INTO long VALUES (1)", ["long_a_ccnew"]),
        ("REINDEX (CONCURRENTLY) SCHEMA public", "INSERT INTO long VALUES (1)", ["long_a_ccnew", "TOAST_ccnew"]),
        ("REINDEX TABLE CONCURRENTLY long", "TABLE long", ["long_a_ccold", "TOAST_ccold"]),
        ("REINDEX TABLE CONCURRENTLY parted", "TABLE parted_1", ["parted_1_a_idx_ccold"]),
        ("REINDEX INDEX CONCURRENTLY parted_a", "TABLE parted_1", ["parted_1_a_idx_ccold"]),
    ],
)
def test_a_killed_reindex_leaves_no_remnant(
    project_on: Project, statement: str, blocker: str, remnants: list[str]
) -> None:
    """Neither the half-built index nor, after the swap, the old one; of TOAST tables and partitions neither."""
    project_on.write("0002_tables", TABLES)
    project_on.write_alone("0003_reindex", statement + ";")
    assert project_on.migrate("up", "--to", "0002").code == 0
    there = f"SELECT count(*) = {len(remnants)} FROM pg_class WHERE relname ~ '_cc(new|old)$' AND relkind = 'i'"
    with project_on.connect() as connection:
        with project_on.held_open(blocker):
            project_on.kill_within("REINDEX", when=there)
            left = [re.sub(r"pg_toast\.pg_toast_\d+_index", "TOAST", name) for name in invalid_indexes(connection)]
            assert left == remnants
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert invalid_indexes(connection) == []
        assert value(connection, "SELECT count(*) FROM pg_class WHERE relname ~ '_cc(new|old)'") == 0
        assert value(connection, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'long_a'::regclass")


def test_a_reindex_leaves_the_remnants_of_others_alone(project_on: Project) -> None:
    """What was INVALID before, it did not make."""
    project_on.write("0002_tables", TABLES)
    project_on.write_alone("0003_reindex", "REINDEX TABLE CONCURRENTLY long;")
    assert project_on.migrate("up", "--to", "0002").code == 0
    with project_on.connect() as connection:
        connection.execute("INSERT INTO long VALUES (1)")
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY theirs_ccnew ON long (a)")
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert invalid_indexes(connection) == ["theirs_ccnew"]


@pytest.mark.every_postgres
def test_a_killed_drop_index_is_finished(project_on: Project) -> None:
    """It waits for a reader of the table, with the index INVALID already."""
    project_on.write("0002_tables", TABLES)
    project_on.write_alone("0003_drop", "DROP INDEX CONCURRENTLY long_a;")
    assert project_on.migrate("up", "--to", "0002").code == 0
    with project_on.connect() as connection:
        with project_on.held_open("TABLE long"):
            invalid = "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = 'long_a'::regclass"
            project_on.kill_within("DROP INDEX", when=invalid)
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert value(connection, "SELECT to_regclass('long_a') IS NULL")


@pytest.mark.every_postgres
def test_a_pending_detach_is_finalised(project_on: Project) -> None:
    """Killed between its two transactions, the partition is neither in nor out."""
    project_on.write("0002_tables", TABLES)
    project_on.write_alone("0003_detach", "ALTER TABLE parted DETACH PARTITION parted_1 CONCURRENTLY;")
    assert project_on.migrate("up", "--to", "0002").code == 0
    pending = "SELECT bool_or(inhdetachpending) FROM pg_inherits WHERE inhparent = 'parted'::regclass"
    with project_on.connect() as connection:
        with project_on.held_open("TABLE parted"):
            project_on.kill_within("DETACH", when=pending)
            assert value(connection, pending)
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert value(connection, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'parted'::regclass") == 0


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DROP INDEX CONCURRENTLY misspelt", 'index "misspelt" does not exist'),
        ("ALTER TABLE parted DETACH PARTITION t CONCURRENTLY", "is not a partition"),
        ("CREATE DATABASE postgres", "already exists"),
        ("DROP DATABASE misspelt", "does not exist"),
        ("DROP TABLESPACE misspelt", "does not exist"),
    ],
)
def test_a_refused_statement_is_refused_again(project_on: Project, statement: str, message: str) -> None:
    """A rerun must not take "it is gone" for "it was dropped", nor "it exists" for "it was created"."""
    project_on.write("0002_tables", TABLES)
    project_on.write_alone("0003_refused", statement + ";")
    for _ in range(3):
        outcome = project_on.migrate()
        assert outcome.code == 1, outcome
        assert message in outcome.errors
    with project_on.connect() as connection:
        assert applied(connection) == ["0001_table", "0002_tables"]


@pytest.mark.parametrize("verb", ["CREATE", "DROP"])
def test_a_database_that_was_made_or_dropped_and_not_noted_is_taken_for_done(project_on: Project, verb: str) -> None:
    """As if killed after the statement, before its journal row."""
    with project_on.connect() as connection:
        name = f"{value(connection, 'SELECT current_database()')}_other"
        known: list[int] = []
        if verb == "DROP":
            connection.execute(f"CREATE DATABASE {name}".encode())
            known = [value(connection, "SELECT oid::bigint FROM pg_database WHERE datname = %s", name)]
        statement = f"{verb} DATABASE {name}"
        connection.execute(statement.encode())
        try:
            project_on.write_alone("0002_database", statement + ";")
            connection.execute(
                "INSERT INTO _codezest_journal (migration_id, direction, number, statement, state, known_oids) "
                "VALUES ('0002_database', 'up', 1, %s, 'running', %s)",
                [statement, known],
            )
            outcome = project_on.migrate()
            assert outcome.code == 0, outcome
            assert applied(connection) == ["0001_table", "0002_database"]
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())


# --- the journal --------------------------------------------------------------------------------------------


def test_a_rerun_goes_on_at_the_statement_that_failed(project_on: Project) -> None:
    """What ran before it is kept and not run again."""
    project_on.write_alone(
        "0002_rows",
        "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n"
        "INSERT INTO missing VALUES (3);\nINSERT INTO t VALUES (4);",
    )
    failed = project_on.migrate()
    assert failed.code == 1, failed
    assert "0002_rows.sql:4:13" in failed.errors
    with project_on.connect() as connection:
        assert journal(connection) == [("0002_rows", 1, "done"), ("0002_rows", 2, "done")]
        connection.execute("CREATE TABLE missing (a int)")
        again = project_on.migrate()
        assert again.code == 0, again
        assert "continues at statement 3 of 4" in again.output
        assert value(connection, "SELECT array_agg(a ORDER BY a) FROM t") == [1, 2, 4]
        assert value(connection, "SELECT array_agg(a) FROM missing") == [3]
        assert journal(connection) == []


def test_what_the_file_had_set_is_set_again_on_resume(project_on: Project) -> None:
    """A setting goes away with its session; the statements after it rely on it."""
    project_on.write_alone(
        "0002_set",
        "CREATE SCHEMA other;\nSET search_path = other;\nCREATE TABLE here (a int);\n"
        "SELECT pg_catalog.set_config('my.word', 'kept', false);\n"
        "INSERT INTO missing VALUES (1);\n"
        "CREATE TABLE there AS SELECT current_setting('my.word') AS word;",
    )
    assert project_on.migrate().code == 1
    with project_on.connect() as connection:
        connection.execute("CREATE TABLE other.missing (a int)")
        outcome = project_on.migrate()
        assert outcome.code == 0, outcome
        assert value(connection, "SELECT word FROM other.there") == "kept"
        assert value(
            connection, "SELECT to_regclass('public.here') IS NULL AND to_regclass('other.here') IS NOT NULL"
        )


def test_a_role_that_the_file_set_does_not_write_the_ledger(project_on: Project) -> None:
    """Its rights need not cover the ledger; it owns what it makes, also after a resume."""
    with project_on.connect() as connection:
        role = str(value(connection, "SELECT current_database() || '_role'"))
        connection.execute(f'CREATE ROLE "{role}"'.encode())
        try:
            connection.execute(f'GRANT CREATE ON SCHEMA public TO "{role}"'.encode())
            project_on.write_alone(
                "0002_role",
                f'SET ROLE "{role}";\nCREATE TABLE first (a int);\nCREATE INDEX CONCURRENTLY ON first (a);\n'
                "INSERT INTO missing VALUES (1);\nCREATE TABLE second (a int);",
            )
            assert project_on.migrate().code == 1
            connection.execute("CREATE TABLE missing (a int)")
            connection.execute(f'GRANT INSERT ON missing TO "{role}"'.encode())
            outcome = project_on.migrate()
            assert outcome.code == 0, outcome
            owners = value(
                connection,
                "SELECT array_agg(DISTINCT tableowner) FROM pg_tables WHERE tablename IN ('first', 'second')",
            )
            assert owners == [role]
        finally:
            connection.execute(f'DROP OWNED BY "{role}"'.encode())
            connection.execute(f'DROP ROLE "{role}"'.encode())


def test_discard_all_does_not_take_the_locks_away(project_on: Project) -> None:
    """It frees advisory locks and resets lock_timeout: a killed run's last statement could continue unseen."""
    project_on.write_alone("0002_discard", "DISCARD ALL;\nRESET ALL;\nSELECT pg_sleep(3600);")
    with project_on.connect() as connection, project_on.start() as running:
        pid = wait_for_statement(connection, "pg_sleep(3600)", running)
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = %s"
        assert value(connection, held, pid) == 1
        running.process.kill()
        running.wait()
        wait_until_gone(connection)


def test_an_unfinished_statement_may_be_edited(project_on: Project) -> None:
    """That is how a failure is corrected; what is done may not change any more."""
    project_on.write_alone("0002_rows", "INSERT INTO t VALUES (1);\nINSERT INTO mispelt VALUES (2);")
    assert project_on.migrate().code == 1
    project_on.write_alone("0002_rows", "INSERT INTO t VALUES (10);\nINSERT INTO t VALUES (2);")
    refused = project_on.migrate()
    assert refused.code == 4, refused
    assert "0002_rows.sql:2:1" in refused.errors
    assert "statement 1 was edited after it had run" in refused.errors
    project_on.write_alone("0002_rows", "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);")
    assert project_on.migrate().code == 0
    with project_on.connect() as connection:
        assert value(connection, "SELECT array_agg(a ORDER BY a) FROM t") == [1, 2]


def test_a_finished_statement_may_not_be_removed(project_on: Project) -> None:
    """The file would tell another history than what happened."""
    project_on.write_alone("0002_rows", "INSERT INTO t VALUES (1);\nINSERT INTO mispelt VALUES (2);")
    assert project_on.migrate().code == 1
    project_on.write_alone("0002_rows", "")
    assert project_on.migrate().code == 4


def test_a_half_applied_migration_is_not_rolled_back(project_on: Project) -> None:
    """Its rollback file undoes the whole of it, which is not there; nothing else runs before it is finished."""
    project_on.write_alone(
        "0002_rows", "INSERT INTO t VALUES (1);\nINSERT INTO missing VALUES (2);", "DELETE FROM t;"
    )
    assert project_on.migrate().code == 1
    for arguments in (("down", "--yes"), ("up", "--to", "0001")):
        outcome = project_on.migrate(*arguments)
        assert outcome.code == 1, outcome
        assert "0002_rows is half applied" in outcome.errors
        assert "migrate up" in outcome.errors
    with project_on.connect() as connection:
        assert value(connection, "SELECT count(*) FROM t") == 1
    assert "half applied" in project_on.migrate("status").output


def test_a_rollback_that_stopped_half_way_is_finished_before_anything_is_applied(project_on: Project) -> None:
    """The journal knows the direction."""
    project_on.write_alone(
        "0002_rows",
        "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);",
        "DELETE FROM t WHERE a = 2;\nDELETE FROM missing;\nDELETE FROM t WHERE a = 1;",
    )
    assert project_on.migrate().code == 0
    assert project_on.migrate("down", "--yes").code == 1
    project_on.write("0003_more", "CREATE TABLE more (a int);")
    refused = project_on.migrate()
    assert refused.code == 1, refused
    assert "0002_rows is half rolled back" in refused.errors
    (project_on.folder / "0003_more.sql").unlink()
    with project_on.connect() as connection:
        connection.execute("CREATE TABLE missing (a int)")
        assert project_on.migrate("down", "--yes").code == 0
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT count(*) FROM t") == 0
        assert journal(connection) == []
