"""A migrator killed at any moment: the ledger equals the schema, and the next run continues with no manual step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.migrations.history import Direction
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
from tests.faults.killing import Kill, KillRange
from tests.faults.workload import PREPARATION, mismatches, write_folder
from tests.patience import PATIENCE
from tests.randomised import random_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from codezest_sql.postgres.server.temporary_server import TemporaryServer

pytestmark = pytest.mark.faults

WANTED_KILLS = 50
FEWEST_KILLS = 12
LONGEST = 60.0
"""Seconds after which a slow machine may stop with the fewest kills: bench/kills.py does the rest."""


@pytest.mark.seeded
def test_kills_at_random_moments_leave_ledger_and_schema_equal(
    new_server: Callable[[Mapping[str, str]], TemporaryServer], tmp_path: Path
) -> None:
    """SIGKILL, SIGTERM, terminated sessions and killed servers; up and down; the seed is printed on failure."""
    seed = random_seed()
    server = new_server({"synchronous_commit": "on"})
    kills = KillRange(tmp_path, server, seed, own=server)
    began = time.monotonic()
    while kills.tally.killed < WANTED_KILLS:
        enough = kills.tally.killed >= FEWEST_KILLS and kills.tally.half_run
        if enough and time.monotonic() - began > LONGEST:
            break
        kills.round(tuple(Kill))
        problems = [*kills.tally.mismatches, *kills.tally.refused]
        assert not problems, f"seed {seed}, round {kills.tally.rounds}:\n" + "\n".join(problems)
    assert kills.tally.hits > kills.tally.killed / 4, "the kills miss: the moments no longer fit the runs"
    assert kills.tally.half_run, "no kill hit a non-transactional file"


def test_the_check_of_a_kill_sees_what_is_wrong(database: str, tmp_path: Path) -> None:
    """A row too many or too few, a missing object, an INVALID index: else the test above proves nothing."""
    project = Project(tmp_path, database)
    write_folder(project)
    with project.connect() as connection:
        connection.execute(PREPARATION)
        assert mismatches(connection, Direction.UP) == ()
        assert project.migrate().code == 0
        assert mismatches(connection, Direction.UP) == ()
        for change, expected in {
            "DELETE FROM _yoyo_migration WHERE migration_id = '0008_table'": "0008_table: statement 1 is not applied",
            "DELETE FROM _yoyo_migration WHERE migration_id = '0004_table'": "not a beginning of the folder",
            "DROP TABLE first": "0002_table: statement 1 is applied, effect 0",
            "INSERT INTO probe.effect VALUES ('0003_indexes', 2)": "0003_indexes: statement 2 is applied, effect 2",
            "DROP INDEX busy_once": "0003_indexes: statement 3 is applied, effect 0",
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'busy_slow'::regclass": "INVALID and nothing",
            "UPDATE _codezest_migration SET sha256 = 'x'": "0001_base: the ledger has the content hash",
            "DELETE FROM _yoyo_log WHERE migration_id = '0001_base'": "yoyo's log",
            "INSERT INTO _codezest_journal VALUES ('0003_indexes', 'up', 1, 'x', 'done')": "while applied",
        }.items():
            with connection.transaction(force_rollback=True):
                connection.execute(change.encode())
                found = mismatches(connection, Direction.UP)
                assert any(expected in text for text in found), (change, found)


@pytest.fixture
def project(database: str, tmp_path: Path) -> Project:
    """Make a project on a fresh database, with one table applied."""
    made = Project(tmp_path, database)
    made.write("0001_table", "CREATE TABLE t (a int);")
    assert made.migrate().code == 0
    return made


def test_a_kill_within_a_transactional_file_leaves_nothing_of_it(project: Project) -> None:
    """The backend notices that its client is gone; the next run starts the file from its beginning."""
    project.write("0002_more", "CREATE TABLE more (a int);\nSELECT pg_sleep(3600);\nCREATE TABLE most (a int);")
    with project.connect() as connection:
        with project.start() as running:
            wait_for_statement(connection, "pg_sleep", running)
            running.process.kill()
            assert running.wait().code == -9
        wait_until_gone(connection)  # promised: 1 s, measured by bench/kills.py
        assert value(connection, "SELECT to_regclass('more') IS NULL")
        assert applied(connection) == ["0001_table"]
        project.write("0002_more", "CREATE TABLE more (a int);")
        assert project.migrate().code == 0
        assert applied(connection) == ["0001_table", "0002_more"]


@pytest.mark.every_postgres
def test_a_kill_within_create_index_concurrently_leaves_an_index_that_the_next_run_replaces(project: Project) -> None:
    """An older transaction makes it wait; killed there, it leaves an INVALID index behind."""
    project.write_alone("0002_index", "INSERT INTO t VALUES (1);\nCREATE INDEX CONCURRENTLY i ON t (a);")
    with project.connect() as connection, project.connect() as older:
        with older.transaction():
            older.execute("INSERT INTO t VALUES (2)")
            with project.start() as running:
                wait_for_statement(connection, "CREATE INDEX", running)
                until(lambda: invalid_indexes(connection) == ["i"], "the INVALID index")
                running.process.kill()
                running.wait()
            wait_until_gone(connection)  # promised: 1 s, measured by bench/kills.py
            assert invalid_indexes(connection) == ["i"]
            assert journal(connection) == [("0002_index", 1, "done"), ("0002_index", 2, "running")]
            assert applied(connection) == ["0001_table"]
        outcome = project.migrate()
        assert outcome.code == 0, outcome
        assert "continues at statement 2 of 2" in outcome.output
        assert invalid_indexes(connection) == []
        assert value(connection, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 1
        assert value(connection, "SELECT array_agg(a ORDER BY a) FROM t") == [1, 2]
        assert applied(connection) == ["0001_table", "0002_index"]
        assert value(connection, "SELECT count(*) FROM _yoyo_log WHERE migration_id = '0002_index'") == 1


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")]
)
@pytest.mark.parametrize("file", ["transactional", "journaled"])
def test_a_signal_ends_the_run_with_its_own_exit_code(
    project: Project, number: signal.Signals, code: int, word: str, file: str
) -> None:
    """The running statement is cancelled, nothing of it is kept, and the message says how to continue."""
    write = project.write if file == "transactional" else project.write_alone
    write("0002_more", "CREATE TABLE more (a int);\nINSERT INTO more SELECT 1 FROM pg_sleep(3600);")
    with project.connect() as connection:
        with project.start() as running:
            wait_for_statement(connection, "pg_sleep", running)
            running.process.send_signal(number)
            outcome = running.wait()
        assert outcome.code == code, outcome
        assert outcome.errors.strip() == f"{word}: what was finished stays done; run the command again for the rest"
        wait_until_gone(connection)
        assert applied(connection) == ["0001_table"]
        assert value(connection, "SELECT to_regclass('more') IS NULL") is (file == "transactional")


def test_a_signal_that_python_would_swallow_is_not_lost() -> None:
    """Within a finaliser or a weak reference's callback no exception gets out, and Python prints a traceback."""
    script = (
        "import os, signal, time\n"
        "from codezest_sql.cli import main\n"
        "class Dying:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        time.sleep(0.1)\n"
        "main._catch_signals()\n"
        "dying = Dying()\n"
        "try:\n"
        "    del dying\n"
        "    time.sleep(3600)\n"
        "except main.Stopped as stopped:\n"
        "    print(stopped.word, stopped.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.stdout.strip(), done.stderr) == ("terminated 143", "")


def test_a_second_ctrl_c_ends_a_run_whose_server_does_not_answer(own_server: TemporaryServer, tmp_path: Path) -> None:
    """The first waits until the server has cancelled the statement; a person may not want to."""
    project = Project(tmp_path, own_server.url())
    project.write("0001_sleep", "SELECT pg_sleep(3600);")
    with project.connect() as connection, project.start() as running:
        backend = wait_for_statement(connection, "pg_sleep", running)
        os.kill(backend, signal.SIGSTOP)
        try:
            running.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert not running.ended
            running.process.send_signal(signal.SIGINT)
            outcome = running.wait()  # the backend is still stopped: it has not answered
        finally:
            os.kill(backend, signal.SIGCONT)
        assert outcome.code == 130, outcome
        assert "Traceback" not in outcome.errors


def test_a_machine_that_vanishes_does_not_keep_its_locks_for_hours(
    new_server: Callable[[Mapping[str, str]], TemporaryServer], tmp_path: Path, unused_port: int
) -> None:
    """It closes no socket: the server's keepalives find out, after half a minute instead of Linux's two hours.

    Seen with a network namespace whose link was taken down: both sessions were gone after 30 s.
    """
    server = new_server({"listen_addresses": "127.0.0.1", "port": str(unused_port)})
    (server.data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
    server.restart()
    project = Project(tmp_path, f"postgresql://postgres@127.0.0.1:{unused_port}/postgres")
    settings = "SELECT name, setting::int FROM pg_settings WHERE name LIKE 'tcp_%'"
    project.write("0001_settings", f"CREATE TABLE seen AS {settings};")
    project.write("0002_reset_session", f"CREATE TABLE seen_later AS {settings};")
    assert project.migrate().code == 0
    with project.connect() as connection:
        for table in ("seen", "seen_later"):
            rows = connection.execute(f"SELECT name, setting FROM {table}".encode()).fetchall()
            found = {str(name): int(setting) for name, setting in rows}
            silent = found["tcp_keepalives_idle"]
            silent += found["tcp_keepalives_interval"] * found["tcp_keepalives_count"]
            assert 0 < silent <= 30
            assert 0 < found["tcp_user_timeout"] <= 30_000
