"""Several deployers on one database: each file runs once, and those who wait say for whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.faults.crowd import migrate_at_once, write_files
from tests.faults.deployments import (
    Project,
    applied,
    deployer_pids,
    until,
    value,
    wait_for_statement,
    wait_until_gone,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.faults

WAITING = re.compile(
    r"waiting for codezest-sql migrate guard \(.*\), held by pid (\d+) since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
)


@pytest.fixture
def project(database: str, tmp_path: Path) -> Project:
    """Make a project on a fresh database."""
    return Project(tmp_path, database)


@pytest.fixture
def sleeping(project: Project) -> Project:
    """Add a migration that takes as long as the row of the table ``pause`` says."""
    with project.connect() as connection:
        connection.execute("CREATE TABLE pause AS SELECT 3600 AS seconds")
    project.write("0001_sleep", "SELECT pg_sleep((SELECT seconds FROM pause));")
    return project


def test_ten_deployers_at_once_apply_each_file_once(project: Project) -> None:
    """All succeed, though CREATE INDEX CONCURRENTLY waits for every session that has a snapshot."""
    write_files(project)
    crowd = migrate_at_once(project, 10)
    assert crowd.problems == ()
    assert crowd.codes == (0,) * 10


def test_a_deployer_that_waits_says_for_whom(sleeping: Project) -> None:
    """The process id is the server's, so that a DBA can look at that session, or end it."""
    with sleeping.connect() as connection, sleeping.start() as first:
        wait_for_statement(connection, "pg_sleep", first)
        (guard,) = deployer_pids(connection, "guard")
        outcome = sleeping.migrate("up", "--wait", "500ms")
        assert outcome.code == 5, outcome
        told = WAITING.search(outcome.output)
        assert told is not None, outcome
        assert int(told[1]) == guard
        assert f"held by pid {guard}" in outcome.errors
        assert "--wait" in outcome.errors


def test_the_wait_for_another_deployer_is_bounded_by_the_setting(sleeping: Project, tmp_path: Path) -> None:
    """``deployer_timeout`` of pyproject.toml, where no --wait sets otherwise."""
    with sleeping.connect() as connection, sleeping.start() as first:
        wait_for_statement(connection, "pg_sleep", first)
        hasty = Project(tmp_path, sleeping.url, deployer_timeout="300ms")
        # Without the setting it would wait for longer than a test may take.
        assert hasty.migrate().code == 5


def test_the_next_deployer_takes_over_from_a_killed_one(sleeping: Project) -> None:
    """It waits already; the lock of the dead one frees itself."""
    with sleeping.connect() as connection, sleeping.start() as first:
        wait_for_statement(connection, "pg_sleep", first)
        with sleeping.start() as second:
            until(lambda: len(deployer_pids(connection, "guard")) == 2, "the second deployer")
            connection.execute("UPDATE pause SET seconds = 0")
            first.process.kill()
            outcome = second.wait()  # bench/deployers.py measures when: promised is 1 s
        assert outcome.code == 0, outcome
        assert "applied 0001_sleep" in outcome.output
        assert applied(connection) == ["0001_sleep"]


def test_a_deployer_that_waited_in_vain_finds_nothing_to_do(sleeping: Project) -> None:
    """It reads the ledger again once it has the lock."""
    with sleeping.connect() as connection:
        connection.execute("UPDATE pause SET seconds = 0.5")
        with sleeping.start() as first:
            wait_for_statement(connection, "pg_sleep", first)
            second = sleeping.migrate()
            assert first.wait().code == 0
        assert second.code == 0, second
        assert "nothing to do" in second.output
        assert value(connection, "SELECT count(*) FROM _yoyo_log WHERE migration_id IS NOT NULL") == 1


def test_a_dead_deployers_last_transaction_is_waited_for(sleeping: Project) -> None:
    """Its guard is gone, its worker still works: the ledger is not believed before that is over."""
    with sleeping.connect() as connection, sleeping.start() as first:
        worker = wait_for_statement(connection, "pg_sleep", first)
        (guard,) = deployer_pids(connection, "guard")
        connection.execute("SELECT pg_terminate_backend(%s)", [guard])
        until(lambda: deployer_pids(connection, "guard") == [], "the end of the guard")
        outcome = sleeping.migrate("up", "--wait", "500ms")
        assert outcome.code == 5, outcome
        assert f"held by pid {worker}" in outcome.errors
        first.process.kill()
        first.wait()
        wait_until_gone(connection)
        assert applied(connection) == []


def test_deployers_of_two_databases_do_not_wait_for_each_other(sleeping: Project, tmp_path: Path) -> None:
    """Advisory locks are per database."""
    with sleeping.connect() as connection, sleeping.start() as first:
        wait_for_statement(connection, "pg_sleep", first)
        name = f"{value(connection, 'SELECT current_database()')}_beside"
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            beside = Project(tmp_path / "next to", re.sub(r"/test_\w+", f"/{name}", sleeping.url))
            beside.write("0001_table", "CREATE TABLE t (a int);")
            assert beside.migrate("up", "--wait", "500ms").code == 0
        finally:
            connection.execute(f"DROP DATABASE {name}".encode())


def test_reading_commands_do_not_wait(sleeping: Project) -> None:
    """Neither status nor plan takes the lock."""
    with sleeping.connect() as connection, sleeping.start() as first:
        wait_for_statement(connection, "pg_sleep", first)
        for command in ("status", "plan", "repair"):
            outcome = sleeping.migrate(command)
            assert outcome.code == 0, outcome
            assert "waiting" not in outcome.output


def test_idle_timeouts_of_the_role_do_not_end_a_deployer_that_waits(sleeping: Project) -> None:
    """Its sessions idle for as long as another deployer works."""
    with sleeping.connect() as connection:
        name = value(connection, "SELECT current_database()")
        connection.execute(f"ALTER DATABASE {name} SET idle_session_timeout = '200ms'".encode())
        connection.execute("UPDATE pause SET seconds = 1.5")
        sleeping.write("0002_more", "CREATE TABLE more (a int);")
        with sleeping.start() as first:
            wait_for_statement(connection, "pg_sleep", first)
            second = sleeping.migrate()
            assert second.code == 0, second
            outcome = first.wait()
            assert outcome.code == 0, outcome
