"""Connections and servers that go away while a migration runs: told what was kept, and the next run continues."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from codezest_sql.actions.migrations.folder import read_folder
from codezest_sql.actions.project.settings import load_settings
from codezest_sql.core.migrations.plan import plan_up
from codezest_sql.errors import DatabaseError
from codezest_sql.executor.deployer import Deployer
from codezest_sql.executor.observer import Silent
from tests.faults.cutting_proxy import Cut, CuttingProxy
from tests.faults.deployments import (
    Project,
    applied,
    deployer_pids,
    invalid_indexes,
    journal,
    until,
    value,
    wait_for_statement,
    wait_until_gone,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codezest_sql.postgres.server.temporary_server import TemporaryServer
    from tests.faults.deployments import Connection

pytestmark = pytest.mark.faults

SLEEPING = "CREATE TABLE more (a int);\nSELECT pg_sleep((SELECT seconds FROM pause));\nCREATE TABLE most (a int);"


@pytest.fixture
def project(database: str, tmp_path: Path) -> Project:
    """Make a project on a fresh database, with a table ``pause`` that says how long a migration sleeps."""
    made = Project(tmp_path, database)
    made.write("0001_table", "CREATE TABLE t (a int);")
    with made.connect() as connection:
        connection.execute("CREATE TABLE pause AS SELECT 3600 AS seconds")
    assert made.migrate().code == 0
    return made


def terminate(connection: Connection, *pids: int) -> None:
    for pid in pids:
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])


def finish(project: Project, expected: list[str]) -> None:
    """Let nothing sleep any more, run again, and require that all is applied."""
    with project.connect() as connection:
        wait_until_gone(connection)
        connection.execute("UPDATE pause SET seconds = 0")
        outcome = project.migrate()
        assert outcome.code == 0, outcome
        assert applied(connection) == expected
        assert journal(connection) == []
        assert invalid_indexes(connection) == []


# --- sessions that are terminated ----------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["worker", "both"])
def test_a_terminated_session_undoes_a_transactional_file(project: Project, whom: str) -> None:
    """By a DBA, or by a server that shuts down: nothing of the file is kept, and the message states so."""
    project.write("0002_more", SLEEPING)
    with project.connect() as connection:
        with project.start() as running:
            wait_for_statement(connection, "pg_sleep", running)
            terminate(connection, *deployer_pids(connection, "" if whom == "both" else whom))
            outcome = running.wait()
        assert outcome.code == 1, outcome
        assert "the connection was lost: terminating connection" in outcome.errors
        assert "0002_more.sql:2:1" in outcome.errors
        assert "nothing of this file was kept" in outcome.errors
        wait_until_gone(connection)
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT to_regclass('more') IS NULL")
    finish(project, ["0001_table", "0002_more"])


def test_a_lost_guard_keeps_the_transaction_from_being_committed(project: Project) -> None:
    """Another deployer may have the lock already."""
    project.write("0002_more", SLEEPING)
    project.write("0003_never", "CREATE TABLE never (a int);")
    with project.connect() as connection:
        connection.execute("UPDATE pause SET seconds = 1")
        with project.start() as running:
            wait_for_statement(connection, "pg_sleep", running)
            terminate(connection, *deployer_pids(connection, "guard"))
            outcome = running.wait()
        assert outcome.code == 1, outcome
        assert "the connection that holds the deployer lock was lost" in outcome.errors
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT to_regclass('more') IS NULL AND to_regclass('never') IS NULL")
    finish(project, ["0001_table", "0002_more", "0003_never"])


def test_a_lost_guard_keeps_the_next_statement_from_starting(project: Project) -> None:
    """What ran is in the journal, or is found out by the next run."""
    project.write_alone("0002_more", SLEEPING)
    with project.connect() as connection:
        connection.execute("UPDATE pause SET seconds = 1")
        with project.start() as running:
            wait_for_statement(connection, "pg_sleep", running)
            terminate(connection, *deployer_pids(connection, "guard"))
            outcome = running.wait()
        assert outcome.code == 1, outcome
        assert "the connection that holds the deployer lock was lost" in outcome.errors
        assert value(connection, "SELECT to_regclass('most') IS NULL")
        assert journal(connection) == [("0002_more", 1, "done"), ("0002_more", 2, "done")]
    finish(project, ["0001_table", "0002_more"])


@pytest.mark.parametrize("whom", ["worker", "guard"])
def test_a_terminated_concurrent_build_is_finished_by_the_next_run(project: Project, whom: str) -> None:
    """Without the guard, whose connection writes the journal, a finished index is found by the catalog."""
    project.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);")
    with project.connect() as connection:
        with project.connect() as older, older.transaction():
            older.execute("INSERT INTO t VALUES (1)")
            with project.start() as running:
                wait_for_statement(connection, "CREATE INDEX", running)
                until(lambda: invalid_indexes(connection) == ["i"], "the INVALID index")
                terminate(connection, *deployer_pids(connection, whom))
                if whom == "guard":
                    older.execute("COMMIT")
                outcome = running.wait()
        assert outcome.code == 1, outcome
        assert applied(connection) == ["0001_table"]
        assert journal(connection) == [("0002_index", 1, "running")]
        assert invalid_indexes(connection) == (["i"] if whom == "worker" else [])
    finish(project, ["0001_table", "0002_index"])


def test_a_deployer_whose_session_ends_while_it_waits_says_so(project: Project) -> None:
    """It has done nothing yet."""
    project.write("0002_more", SLEEPING)
    with project.connect() as connection, project.start() as first:
        wait_for_statement(connection, "pg_sleep", first)
        guards = deployer_pids(connection, "guard")
        with project.start() as second:
            until(lambda: len(deployer_pids(connection, "guard")) == 2, "the second deployer")
            time.sleep(0.1)
            terminate(connection, *(pid for pid in deployer_pids(connection, "guard") if pid not in guards))
            outcome = second.wait()
        assert outcome.code == 1, outcome
        # The server's last words reach the client unless its next question meets the closed socket first.
        assert re.search(
            "cannot take the deployer lock: (terminating connection|.*server closed the connection)", outcome.errors
        )
        assert not first.ended


def test_a_transaction_timeout_is_named(project: Project) -> None:
    """The server ends the session, not only the statement (from 17 on); the file can lift the limit for itself."""
    with project.connect() as connection:
        if connection.info.server_version < 170000:
            pytest.skip("no transaction_timeout before PostgreSQL 17")
        name = value(connection, "SELECT current_database()")
        connection.execute(f"ALTER DATABASE {name} SET transaction_timeout = '300ms'".encode())
        project.write("0002_more", SLEEPING)
        outcome = project.migrate()
        assert outcome.code == 1, outcome
        assert "0002_more.sql:2:1: error: terminating connection due to transaction timeout [25P04]" in outcome.errors
        assert "[migration-failed]" in outcome.errors
        assert "SET transaction_timeout = 0" in outcome.errors
        assert applied(connection) == ["0001_table"]
        connection.execute("UPDATE pause SET seconds = 0.5")
        project.write("0002_more", "SET LOCAL transaction_timeout = 0;\n" + SLEEPING)
    finish(project, ["0001_table", "0002_more"])


def test_a_statement_timeout_of_the_role_is_named(project: Project) -> None:
    """With the hint; the file can lift it for itself."""
    with project.connect() as connection:
        name = value(connection, "SELECT current_database()")
        connection.execute(f"ALTER DATABASE {name} SET statement_timeout = '200ms'".encode())
        connection.execute("UPDATE pause SET seconds = 0.5")
        project.write("0002_more", SLEEPING)
        outcome = project.migrate()
        assert outcome.code == 1, outcome
        assert "57014" in outcome.errors
        assert "0002_more.sql:" in outcome.errors
        assert "SET statement_timeout = 0" in outcome.errors
        assert applied(connection) == ["0001_table"]
        project.write("0002_more", "SET LOCAL statement_timeout = 0;\n" + SLEEPING)
        outcome = project.migrate()
        assert outcome.code == 0, outcome


# --- a connection that is lost within COMMIT -----------------------------------------------------------------

DEFERRED = """
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep((SELECT seconds FROM pause)); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION slowly();
INSERT INTO t VALUES (1);
"""


def test_a_session_terminated_within_commit_is_found_rolled_back(project: Project) -> None:
    """A deferred trigger sleeps there: the COMMIT was sent and never answered, and the ledger tells the outcome."""
    project.write("0002_deferred", DEFERRED)
    with project.connect() as connection:
        with project.start() as running:
            worker = wait_for_statement(connection, "COMMIT", running)
            terminate(connection, worker)
            outcome = running.wait()
        assert outcome.code == 1, outcome
        assert "nothing of this file was kept" in outcome.errors
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT to_regproc('slowly') IS NULL")
    finish(project, ["0001_table", "0002_deferred"])


@pytest.mark.parametrize("file", ["transactional", "journaled"])
def test_a_commit_that_took_effect_unheard_is_found_in_the_ledger(project: Project, file: str) -> None:
    """The answer is lost on its way; a transactional file's run continues with the next file."""
    write = project.write_alone if file == "journaled" else project.write
    write("0002_marked", "CREATE TABLE marked (a int);")
    project.write("0003_next", "CREATE TABLE next_one (a int);")
    with project.connect() as connection:
        with CuttingProxy(project.url, b"TABLE marked", Cut.AFTER) as proxy:
            outcome = project.migrate(url=proxy.url)
            assert proxy.cuts == 1
        assert outcome.code == (1 if file == "journaled" else 0), outcome
        wait_until_gone(connection)  # the proxy hangs up before it passes on the COMMIT, which may still be at work
        assert value(connection, "SELECT to_regclass('marked') IS NOT NULL")
        if file == "journaled":
            assert "its finished statements are kept in the journal" in outcome.errors
            assert journal(connection) == [("0002_marked", 1, "done")]
        else:
            assert applied(connection) == ["0001_table", "0002_marked", "0003_next"]
    finish(project, ["0001_table", "0002_marked", "0003_next"])


@pytest.mark.parametrize("file", ["transactional", "journaled"])
def test_a_commit_that_never_arrived_is_found_rolled_back(project: Project, file: str) -> None:
    """Nothing is recorded, and the next run does it."""
    write = project.write_alone if file == "journaled" else project.write
    write("0002_marked", "CREATE TABLE marked (a int);")
    with project.connect() as connection:
        with CuttingProxy(project.url, b"TABLE marked", Cut.BEFORE) as proxy:
            outcome = project.migrate(url=proxy.url)
            assert proxy.cuts == 1
        assert outcome.code == 1, outcome
        assert "the connection was lost" in outcome.errors
        wait_until_gone(connection)
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT to_regclass('marked') IS NULL")
    finish(project, ["0001_table", "0002_marked"])


def test_an_outcome_that_cannot_be_found_out_is_called_unknown(project: Project) -> None:
    """The server cannot be reached any more: nobody claims that the migration failed."""
    project.write("0002_marked", "CREATE TABLE marked (a int);")
    with CuttingProxy(project.url, b"TABLE marked", Cut.FOR_GOOD) as proxy:
        outcome = project.migrate(url=proxy.url)
        assert proxy.cuts == 1
    assert outcome.code == 1, outcome
    assert "whether its transaction was committed is unknown" in outcome.errors
    finish(project, ["0001_table", "0002_marked"])


def test_a_rollback_is_found_in_the_ledger_as_well(project: Project) -> None:
    """Undone means gone from it."""
    project.write("0002_marked", "CREATE TABLE marked (a int);", "DROP TABLE marked;")
    assert project.migrate().code == 0
    with CuttingProxy(project.url, b"TABLE marked", Cut.AFTER) as proxy:
        outcome = project.migrate("down", "--yes", url=proxy.url)
        assert proxy.cuts == 1
    assert outcome.code == 0, outcome
    with project.connect() as connection:
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT to_regclass('marked') IS NULL")


# --- the server ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["transactional", "journaled"])
@pytest.mark.parametrize("way", ["fast", "immediate", "kill"])
def test_a_server_that_goes_away_is_migrated_when_it_is_back(
    own_server: TemporaryServer, tmp_path: Path, way: str, file: str
) -> None:
    """A restart in fast mode, an immediate shutdown, a SIGKILL of all its processes."""
    project = Project(tmp_path, own_server.url())
    write = project.write_alone if file == "journaled" else project.write
    write("0001_more", SLEEPING)
    with project.connect() as connection:
        connection.execute("CREATE TABLE pause AS SELECT 3600 AS seconds")
        with project.start() as running:
            wait_for_statement(connection, "pg_sleep", running)
            if way == "immediate":
                os.kill(own_server.pid, signal.SIGQUIT)
            elif way == "kill":
                own_server.kill()
            else:
                own_server.restart()
            outcome = running.wait()
    assert outcome.code == 1, outcome
    assert "the connection was lost" in outcome.errors
    if way == "kill":
        refused = project.migrate()
        assert refused.code == 6, refused
    own_server.restart()
    with project.connect() as connection:
        assert applied(connection) == []
        assert value(connection, "SELECT to_regclass('more') IS NOT NULL") is (file == "journaled")
    finish(project, ["0001_more"])


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system in memory of 12 MB; skip where that is not allowed."""
    if not shutil.which("mount") or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("file", ["transactional", "journaled"])
def test_a_full_disk_changes_nothing_and_the_next_run_completes(
    own_server: TemporaryServer, tmp_path: Path, file: str
) -> None:
    """The server lives on, the error names the disk, and room is all that is needed."""
    with small_disk(own_server.data.parent / "small") as disk:
        filler = disk / "filler"
        (disk / "space").mkdir(mode=0o700)
        project = Project(tmp_path, own_server.url())
        with project.connect() as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}/space'".encode())
            connection.execute("CREATE TABLE pause AS SELECT 0 AS seconds")
            project.write("0001_table", "CREATE TABLE t AS SELECT i AS a FROM generate_series(1, 100000) AS i;")
            work = "CREATE TABLE more (a int);\n"
            if file == "journaled":
                project.write_alone("0002_more", work + "CREATE INDEX CONCURRENTLY i ON t (a) TABLESPACE small;")
            else:
                project.write("0002_more", work + "CREATE TABLE copy TABLESPACE small AS SELECT * FROM t;")
            filler.write_bytes(bytes(11 * 1024 * 1024))
            outcome = project.migrate()
            assert outcome.code == 1, outcome
            assert "53100" in outcome.errors
            assert "the server's disk is full" in outcome.errors
            assert applied(connection) == ["0001_table"]
            assert value(connection, "SELECT to_regclass('more') IS NULL") is (file == "transactional")
            filler.unlink()
            finish(project, ["0001_table", "0002_more"])
            connection.execute(("DROP INDEX i" if file == "journaled" else "DROP TABLE copy").encode())
            connection.execute("DROP TABLESPACE small")


def test_a_session_that_ends_between_two_statements_of_ours_is_no_bug(project: Project) -> None:
    """Found by a random kill: the journalled run asks for lock_timeout before its first statement."""
    project.write_alone("0002_alone", "SELECT 1;")
    settings = load_settings(start=project.root)
    with project.connect() as connection, Deployer(project.url, settings, observer=Silent()) as deployer:
        (step,) = plan_up(read_folder(settings), deployer.history()).steps
        ask = deployer._worker.lock_timeout

        def end_the_session_and_ask() -> str:
            terminate(connection, *deployer_pids(connection, "worker"))
            return ask()

        deployer._worker.lock_timeout = end_the_session_and_ask  # type: ignore[method-assign]
        with pytest.raises(DatabaseError, match=r"cannot run 0002_alone: .*continues where this one stopped"):
            deployer.run(step)
    assert project.migrate().code == 0
