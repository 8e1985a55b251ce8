"""The project's server after a crash: nothing that a dead process left behind keeps the next start from working."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.postmaster import read_pid_file, stop_postmaster
from codezest_sql.postgres.server.processes import all_gone, find_process, kill_tree, wait_until
from codezest_sql.postgres.server.project_server import ProjectServer
from tests.patience import PATIENCE
from tests.randomised import random_seed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.faults


START = (
    "import sys, psycopg; from pathlib import Path; from codezest_sql.postgres.server import ProjectServer\n"
    "print('go', flush=True); print(ProjectServer(Path(sys.argv[1])).start())"
)


def execute(url: str, text: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def running_pid(server: ProjectServer) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid


@pytest.mark.every_postgres
def test_a_killed_postmaster_is_followed_by_one_with_the_same_data(project: Path, postgres_version: int) -> None:
    """Its children need a moment to notice; the start waits for them and recovers."""
    server = ProjectServer(project)
    url = server.start(major=postgres_version)
    execute(url, "CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    with psycopg.connect(url):
        pid = running_pid(server)
        os.kill(pid, signal.SIGKILL)
        # The signal is on its way when kill(2) returns; until it arrives the server is as alive as ever.
        assert wait_until(lambda: find_process(pid) is None, PATIENCE)
        assert server.start() == url
    assert count(url) == 1000


@pytest.mark.every_postgres
def test_a_server_killed_with_all_its_children_keeps_every_commit(project: Path, postgres_version: int) -> None:
    """As in a power failure, as far as PostgreSQL can tell."""
    server = ProjectServer(project)
    url = server.start(major=postgres_version)
    execute(url, "CREATE TABLE kept (n int)")
    committed = 0
    for _ in range(3):
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(20):
                connection.execute("INSERT INTO kept VALUES (1)")
                committed += 1
            family = kill_tree(running_pid(server))
        assert wait_until(lambda family=family: all_gone(family), PATIENCE)  # type: ignore[misc]
        assert not server.status().running
        assert server.start() == url
    assert count(url) == committed


def test_a_busy_backend_of_a_killed_postmaster_is_waited_for(project: Path) -> None:
    """It still writes to the data: PostgreSQL would refuse to start, so the start waits until it is gone."""
    server = ProjectServer(project)
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(running_pid(server), signal.SIGKILL)
        starter = subprocess.Popen([sys.executable, "-c", START, str(project)], stdout=subprocess.PIPE, text=True)
        time.sleep(1.0)
        assert starter.poll() is None
        os.kill(backend, signal.SIGCONT)
        assert starter.communicate(timeout=PATIENCE)[0].split() == ["go", url]
    execute(url, "SELECT 1")


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(project: Path) -> None:
    """After a reboot the id belongs to any process; PostgreSQL alone would refuse to start."""
    server = ProjectServer(project)
    url = server.start()
    pid_file = server.status().data / "postmaster.pid"
    kept = pid_file.read_text()
    socket_lock = project / ".codezest" / "run" / ".s.PGSQL.5432.lock"
    server.stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            pid_file.write_text(kept.replace(kept.split("\n")[0], str(stranger.pid), 1))
            socket_lock.parent.mkdir(exist_ok=True)
            socket_lock.write_text(pid_file.read_text())
            assert not server.status().running
            assert not server.stop()
            assert stranger.poll() is None
            assert server.start() == url
            execute(url, "SELECT 1")
        finally:
            stranger.kill()


@pytest.mark.parametrize("content", ["", "garbage", "\n\n\n", "-5\nx\n1\n5432\n", "1\n/x\n1\n5432\n/x\n\n\nready\n"])
def test_a_pid_file_of_any_content_is_no_obstacle(content: str, project: Path) -> None:
    """Empty after a full disk, half written, or that of process 1."""
    server = ProjectServer(project)
    url = server.start()
    server.stop()
    (server.status().data / "postmaster.pid").write_text(content)
    assert not server.status().running
    assert server.start() == url


def test_a_server_that_does_not_stop_in_time_is_reported(project: Path) -> None:
    """With its process id and its log; it is not killed, because it may be writing."""
    server = ProjectServer(project)
    server.start()
    pid = running_pid(server)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerError, match=rf"\(process {pid}\) did not stop within 0\.3 s"):
            stop_postmaster(server.status().data, server.status().log, seconds=0.3)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert wait_until(lambda: find_process(pid) is None, PATIENCE)  # it heard the request


@pytest.mark.seeded
def test_starters_killed_at_random_moments_never_spoil_the_project(project: Path) -> None:
    """From the first folder to CREATE DATABASE; the next start completes what is missing. The seed is printed."""
    seed = random_seed()
    print(f"seed {seed}")  # noqa: T201  # shown by pytest if the test fails
    moment = random.Random(seed)
    server = ProjectServer(project)
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", START, str(project)], stdout=subprocess.PIPE) as starter:
            assert starter.stdout is not None
            starter.stdout.readline()
            time.sleep(moment.uniform(0, 0.3))
            starter.kill()
        execute(server.start(), "SELECT 1")
        assert server.reset()


def test_a_pid_file_is_read_while_it_is_being_written(project: Path) -> None:
    """A server that starts writes it line by line: a part of it is not an error, and not "ready"."""
    server = ProjectServer(project)
    server.start()
    data = server.status().data
    whole = (data / "postmaster.pid").read_bytes()
    elsewhere = project / "parts"
    elsewhere.mkdir()
    for length in range(len(whole) - len(b"ready   \n")):
        (elsewhere / "postmaster.pid").write_bytes(whole[:length])
        found = read_pid_file(elsewhere)
        assert found is None or not found.ready
