"""Temporary servers: quick, private, gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.errors import ServerError, UsageError
from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.postmaster import read_pid_file
from codezest_sql.postgres.server.processes import children_of, find_process, wait_until
from codezest_sql.postgres.server.temporary_server import TemporaryServer, temporary_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="shared memory is listed in /proc")


def segments() -> set[int]:
    """Return the ids of all System V shared memory segments."""
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {int(row.split()[1]) for row in rows}


def show(url: str, setting: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.every_postgres
def test_a_server_of_the_version_asked_for_takes_queries(
    new_server: Callable[[Mapping[str, str]], TemporaryServer], postgres_version: int
) -> None:
    """And it is what the pid says it is."""
    server = new_server({})
    with psycopg.connect(server.url()) as connection:
        assert connection.info.server_version // 10_000 == postgres_version
    assert find_process(server.pid) is not None


@pytest.mark.every_postgres
def test_a_server_can_be_reached_over_its_private_socket_only(
    new_server: Callable[[Mapping[str, str]], TemporaryServer],
) -> None:
    """No TCP port; the socket's folder is closed to other users."""
    server = new_server({})
    assert show(server.url(), "listen_addresses") == ""
    pid_file = read_pid_file(server.data)
    assert pid_file is not None
    assert Path(pid_file.socket_directory).stat().st_mode & 0o777 == 0o700
    assert server.data.stat().st_mode & 0o777 == 0o700


def test_over_tcp_a_server_would_want_a_password_that_nobody_has(
    new_server: Callable[[Mapping[str, str]], TemporaryServer], unused_port: int
) -> None:
    """Even a setting that opens a port lets no stranger in."""
    server = new_server({"listen_addresses": "127.0.0.1", "port": str(unused_port)})
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{unused_port}/postgres", connect_timeout=10)
    assert find_process(server.pid) is not None


def test_settings_come_on_top_of_those_that_make_it_quick(
    new_server: Callable[[Mapping[str, str]], TemporaryServer],
) -> None:
    """The caller's word counts."""
    url = new_server({"synchronous_commit": "on", "max_connections": "17"}).url()
    assert {name: show(url, name) for name in ("fsync", "synchronous_commit", "max_connections")} == {
        "fsync": "off",
        "synchronous_commit": "on",
        "max_connections": "17",
    }


def test_a_name_that_is_no_setting_is_refused() -> None:
    """It would become a word of the command line."""
    with pytest.raises(UsageError, match="'--help' is not the name"):
        temporary_server(find_binaries(), settings={"--help": ""})


def test_a_server_that_does_not_start_says_why_with_the_end_of_its_log() -> None:
    """The reason first, the log after it, the data directory gone."""
    with pytest.raises(ServerError, match="did not start: ") as caught:
        temporary_server(find_binaries(), settings={"max_connections": "none"})
    assert 'invalid value for parameter "max_connections": "none"' in caught.value.message
    assert "its log ends with:" in caught.value.message


@on_linux
@pytest.mark.every_postgres
def test_stopping_leaves_nothing_behind(
    new_server: Callable[[Mapping[str, str]], TemporaryServer],
) -> None:
    """No folder, no process, no shared memory; a second stop is no error."""
    server = new_server({})
    workspace = server.data.parent
    pid_file = read_pid_file(server.data)
    assert pid_file is not None
    assert pid_file.shared_memory is not None
    server.stop()
    assert not workspace.exists()
    assert find_process(server.pid) is None
    assert pid_file.shared_memory[1] not in segments()
    server.stop()


@on_linux
@pytest.mark.every_postgres
def test_a_killed_server_leaves_nothing_behind_either(
    new_server: Callable[[Mapping[str, str]], TemporaryServer],
) -> None:
    """SIGKILL leaves a System V segment, which stop removes."""
    server = new_server({})
    pid_file = read_pid_file(server.data)
    assert pid_file is not None
    assert pid_file.shared_memory is not None
    server.kill()
    assert pid_file.shared_memory[1] in segments()
    server.stop()
    assert pid_file.shared_memory[1] not in segments()
    assert not server.data.exists()


def test_shared_memory_for_parallel_queries_is_kept_in_the_data_directory(own_server: TemporaryServer) -> None:
    """So that a killed server cannot leave it in /dev/shm."""
    assert show(own_server.url(), "dynamic_shared_memory_type") == "mmap"


@pytest.mark.every_postgres
def test_a_killed_server_comes_back_with_what_was_committed(own_server: TemporaryServer) -> None:
    """kill, then restart: the same URL, the same data."""
    with psycopg.connect(own_server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        own_server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    own_server.restart()
    with psycopg.connect(own_server.url()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_restart_may_change_settings(own_server: TemporaryServer) -> None:
    """And keeps those given before."""
    before = own_server.pid
    own_server.restart({"max_connections": "19"})
    assert own_server.pid != before
    assert show(own_server.url(), "max_connections") == "19"
    assert show(own_server.url(), "synchronous_commit") == "on"


def test_a_kill_ends_every_process_of_the_server(own_server: TemporaryServer) -> None:
    """The backends too, before kill returns."""
    with psycopg.connect(own_server.url()) as connection:
        backend = connection.info.backend_pid
        assert find_process(backend) is not None
        own_server.kill()
        assert find_process(backend) is None
        assert find_process(own_server.pid) is None
    own_server.kill()  # nothing is left to kill, and that is no error


@on_linux
def test_ps_tells_the_same_as_proc(own_server: TemporaryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems without /proc are looked at through ps: the same user, the same children, a zombie as dead."""
    by_proc = find_process(own_server.pid)
    assert children_of(own_server.pid)
    zombie = subprocess.Popen(["true"])
    assert wait_until(lambda: find_process(zombie.pid) is None, 10)
    monkeypatch.setattr("codezest_sql.postgres.server.processes._HAS_PROC", False)
    by_ps = find_process(own_server.pid)
    assert by_proc is not None
    assert by_ps is not None
    assert by_ps.user == by_proc.user == os.geteuid()
    assert str(own_server.data) in by_ps.arguments[0]

    def both_tell_the_same() -> bool:
        by_ps = set(children_of(own_server.pid))
        with monkeypatch.context() as patch:
            patch.setattr("codezest_sql.postgres.server.processes._HAS_PROC", True)
            return by_ps == set(children_of(own_server.pid))

    # A server that is ready still starts some of its helpers.
    assert wait_until(both_tell_the_same, 10)
    assert find_process(zombie.pid) is None
    zombie.wait()


def test_a_server_survives_the_thread_that_started_it() -> None:
    """The kernel's parent-death signal is about threads; a worker's end must not kill the server."""
    started: list[TemporaryServer] = []
    thread = threading.Thread(target=lambda: started.append(temporary_server(find_binaries())))
    thread.start()
    thread.join()
    with started[0] as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_servers_can_be_started_from_many_threads_at_once() -> None:
    """Each has its own folder."""
    started: list[TemporaryServer] = []
    threads = [threading.Thread(target=lambda: started.append(temporary_server(find_binaries()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({server.data for server in started}) == 3
    for server in started:
        server.stop()


def test_a_database_of_any_name_has_a_url(own_server: TemporaryServer) -> None:
    """Spaces, slashes and all."""
    name = "päth/to a?b&c=d"
    with psycopg.connect(own_server.url(), autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    with psycopg.connect(own_server.url(name)) as connection:
        assert connection.info.dbname == name


def test_the_servers_log_can_be_shown(own_server: TemporaryServer) -> None:
    """For a failing test to print."""
    assert "ready to accept connections" in own_server.log()


@pytest.mark.every_postgres
def test_the_text_settings_are_the_same_on_every_machine(
    new_server: Callable[[Mapping[str, str]], TemporaryServer],
) -> None:
    """UTF-8, ordered by code point, in UTC, whatever the locale of the developer."""
    with psycopg.connect(new_server({}).url()) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, current_setting('TimeZone'),"
            " current_setting('log_timezone') FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert row is not None
    assert row[:2] == ("UTF8", "C.UTF-8")
    assert set(row[2:]) <= {"UTC", "Etc/UTC"}
