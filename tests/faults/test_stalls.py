"""A migration that has to wait for a lock lets others pass: it waits briefly, gives way, and tries again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

import psycopg
import pytest

from tests.faults.deployments import (
    Project,
    applied,
    invalid_indexes,
    journal,
    until,
    value,
    wait_for_statement,
)

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.faults

LOCK_TIMEOUT = 0.2

READER_WAITS = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE application_name = 'reader' AND NOT granted
"""


class Reader:
    """Runs a statement in a loop, in a thread, and counts: bench/stalls.py measures how long each took."""

    def __init__(self, url: str, query: bytes) -> None:
        self.reads = 0
        self._url = url
        self._query = query
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reader")

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.reads, "the first read")
        return self

    def passes(self) -> None:
        """Wait until the statement has run again, while whoever holds the table still holds it."""
        before = self.reads
        until(lambda: self.reads > before, "the reader to continue")

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="reader") as connection:
            while not self._ended.is_set():
                connection.execute(self._query)
                self.reads += 1
                time.sleep(0.002)


@pytest.fixture
def project(database: str, tmp_path: Path) -> Project:
    """Make a project on a fresh database with one table, and small timeouts."""
    made = Project(tmp_path, database, lock_timeout="200ms", lock_retry="1500ms")
    made.write("0001_table", "CREATE TABLE t (a int);")
    assert made.migrate().code == 0
    return made


@pytest.mark.parametrize("setting", ["project", "header"])
def test_readers_pass_while_an_alter_waits_and_it_is_applied_in_the_end(
    project: Project, tmp_path: Path, setting: str
) -> None:
    """Each attempt stalls them for lock_timeout at most, of the project or of the file's header."""
    header = ""
    if setting == "header":
        project = Project(tmp_path, project.url, lock_timeout="60s", lock_retry="30s")
        header = "-- lock-timeout: 200ms\n"
    else:
        project = Project(tmp_path, project.url, lock_timeout="200ms", lock_retry="30s")
    project.write("0002_column", header + "ALTER TABLE t ADD COLUMN b int;")
    with project.connect() as connection, project.start() as running:
        with project.held_open("TABLE t"), Reader(project.url, b"SELECT count(*) FROM t") as reader:
            wait_for_statement(connection, "ALTER TABLE", running)
            for _ in range(3):  # three attempts
                until(lambda: value(connection, READER_WAITS), "the reader to queue behind the ALTER")
                reader.passes()
            assert not running.ended
        outcome = running.wait()
        assert outcome.code == 0, outcome
        assert "attempt 1 timed out" in outcome.output
        assert applied(connection) == ["0001_table", "0002_column"]


def test_a_lock_that_never_comes_ends_the_run_with_nothing_changed(project: Project) -> None:
    """The message names who is likely to hold it: the oldest open transaction."""
    project.write("0002_column", "CREATE TABLE before (a int);\nALTER TABLE t ADD COLUMN b int;")
    with project.connect() as connection, project.held_open("TABLE t") as holder:
        outcome = project.migrate()
        assert outcome.code == 5, outcome
        assert "0002_column.sql:2:1" in outcome.errors
        assert "lock timeout" in outcome.errors
        assert f"the oldest open transaction is of pid {holder.info.backend_pid}" in outcome.errors
        assert value(connection, "SELECT to_regclass('before') IS NULL")
        assert applied(connection) == ["0001_table"]


@pytest.mark.parametrize("table", ["_yoyo_log", "_yoyo_migration", "_codezest_journal"])
@pytest.mark.parametrize("mode", ["SHARE", "ACCESS EXCLUSIVE"])
def test_a_lock_on_the_ledger_is_waited_for_and_given_up(project: Project, table: str, mode: str) -> None:
    """Someone works on its tables, as VACUUM FULL does; reading it waits no longer than writing it."""
    project.write_alone("0002_more", "CREATE TABLE more (a int);\nVACUUM t;\nINSERT INTO more VALUES (1);")
    with project.connect() as connection:
        with project.held_open(f"LOCK TABLE {table} IN {mode} MODE"):
            outcome = project.migrate()
            assert outcome.code == 5, outcome
            assert "lock timeout" in outcome.errors
            assert "Traceback" not in outcome.errors
        outcome = project.migrate()
        assert outcome.code == 0, outcome
        assert applied(connection) == ["0001_table", "0002_more"]
        assert value(connection, "SELECT count(*) FROM more") == 1


def test_a_deadlock_is_tried_again(project: Project) -> None:
    """Undone whole by the server, the migration runs once more when the others are through."""
    project.write("0002_table", "CREATE TABLE u (a int);")
    assert project.migrate().code == 0
    # The session that looks for a deadlock first is its victim.
    project.write(
        "0003_locks",
        "-- lock-timeout: 10s\nSET LOCAL deadlock_timeout = '300ms';\nLOCK TABLE t;\nLOCK TABLE u;",
    )
    with project.connect() as connection, project.connect() as other:
        other.execute("SET deadlock_timeout = '30s'")
        with other.transaction():
            other.execute("LOCK TABLE u")
            with project.start() as running:
                until(lambda: value(connection, waits_for("u")), "the migration to wait for u")
                other.execute("LOCK TABLE t")  # until the migration gives way
                other.execute("COMMIT")
                outcome = running.wait()
        assert outcome.code == 0, outcome
        assert "deadlock detected" in outcome.output
        assert applied(connection)[-1] == "0003_locks"


def waits_for(table: str) -> str:
    """Return the query for how many sessions wait for a lock on the table."""
    return f"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND NOT granted"


def test_a_concurrent_build_that_gives_up_leaves_no_invalid_index(project: Project, tmp_path: Path) -> None:
    """An old transaction elsewhere keeps it from finishing; what it built is dropped again."""
    project = Project(tmp_path, project.url, concurrent_timeout="200ms", lock_retry="1s")
    project.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);")
    with project.connect() as connection:
        connection.execute("CREATE TABLE elsewhere (a int)")
        with project.held_open("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; TABLE elsewhere"):
            outcome = project.migrate()
            assert outcome.code == 5, outcome
            assert "attempt 1 timed out" in outcome.output
            assert invalid_indexes(connection) == []
            assert applied(connection) == ["0001_table"]
        assert project.migrate().code == 0
        assert journal(connection) == []


def test_a_remnant_that_cannot_be_dropped_yet_is_named(project: Project, tmp_path: Path) -> None:
    """Who holds the table keeps even DROP INDEX CONCURRENTLY waiting; the next run drops it."""
    project = Project(tmp_path, project.url, concurrent_timeout="200ms", lock_timeout="200ms", lock_retry="1s")
    project.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);")
    with project.connect() as connection:
        with project.held_open("INSERT INTO t VALUES (1)"):
            outcome = project.migrate()
            assert outcome.code == 5, outcome
            assert "the INVALID index public.i stays until the next run drops it" in outcome.errors
            assert invalid_indexes(connection) == ["i"]
        assert project.migrate().code == 0
        assert invalid_indexes(connection) == []


def test_a_concurrent_build_waits_longer_than_lock_timeout(project: Project) -> None:
    """It blocks no session meanwhile, and two seconds would let none finish on a busy server."""
    project.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);")
    with project.connect() as connection, project.start() as running:
        with (
            project.held_open("INSERT INTO t VALUES (1)"),
            Reader(project.url, b"INSERT INTO t VALUES (2)") as writer,
        ):
            wait_for_statement(connection, "CREATE INDEX", running)
            writer.passes()
            time.sleep(4 * LOCK_TIMEOUT)
            writer.passes()
        outcome = running.wait()
        assert outcome.code == 0, outcome
        assert "timed out" not in outcome.output


@pytest.mark.parametrize("statement", ["VACUUM FULL t", "REINDEX TABLE CONCURRENTLY parted"])
def test_a_statement_that_blocks_others_while_it_waits_does_not_wait_long(project: Project, statement: str) -> None:
    """It runs outside of a transaction as a concurrent build does, but stalls others as an ALTER does."""
    project.write("0002_parted", "CREATE TABLE parted (a int) PARTITION BY LIST (a);\nCREATE INDEX ON parted (a);")
    project.write("0003_part", "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);")
    assert project.migrate().code == 0
    project.write_alone("0004_alone", statement + ";")
    query = b"SELECT count(*) FROM t" if "FULL" in statement else b"INSERT INTO parted VALUES (1)"
    with project.connect() as connection, project.start() as running:
        with project.held_open("TABLE t; INSERT INTO parted VALUES (1)"), Reader(project.url, query) as other:
            until(lambda: value(connection, READER_WAITS), "the other to queue behind the statement")
            outcome = running.wait()
            other.passes()
        assert outcome.code == 5, outcome
        assert project.migrate().code == 0
        assert applied(connection)[-1] == "0004_alone"


def test_a_detach_that_gave_way_half_done_is_finished(project: Project, tmp_path: Path) -> None:
    """Its first transaction is committed; the server would refuse to begin again: it must be finalised."""
    project = Project(tmp_path, project.url, lock_timeout="200ms", lock_retry="30s")
    project.write(
        "0002_parted",
        "CREATE TABLE parted (a int) PARTITION BY LIST (a);\n"
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);",
    )
    assert project.migrate().code == 0
    project.write_alone("0003_detach", "ALTER TABLE parted DETACH PARTITION parted_1 CONCURRENTLY;")
    with project.connect() as connection, project.start() as running:
        with project.held_open("TABLE parted"):
            pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
            until(lambda: value(connection, pending), "a pending detach")
            time.sleep(3 * LOCK_TIMEOUT)
        outcome = running.wait()
        assert outcome.code == 0, outcome
        assert "attempt 1 timed out" in outcome.output
        assert value(connection, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'parted'::regclass") == 0
