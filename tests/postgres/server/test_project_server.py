"""The project's own server: durable, shared, alive until it is stopped."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server import project_folder
from codezest_sql.postgres.server.processes import find_process
from codezest_sql.postgres.server.project_server import ProjectServer
from tests.patience import PATIENCE

START = "import sys; from pathlib import Path; from codezest_sql.postgres.server import ProjectServer\n"


def query(url: str, text: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(text.encode()).fetchone()
    assert row is not None
    return row[0]


def run(url: str, text: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


def start_elsewhere(root: Path, *, linger: bool = False) -> subprocess.Popen[str]:
    """Start the project's server from another process, which prints the URL."""
    wait = "; import time; time.sleep(60)" if linger else ""
    script = f"{START}print(ProjectServer(Path(sys.argv[1])).start(), flush=True){wait}"
    return subprocess.Popen(
        [sys.executable, "-c", script, str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_the_first_start_makes_a_database_of_the_superuser(project: Path) -> None:
    """It is called codezest, and belongs to postgres."""
    url = ProjectServer(project).start()
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert query(url, "SELECT current_database()") == "codezest"
    assert query(url, owner) == "postgres"


def test_the_data_are_durable(project: Path) -> None:
    """Unlike those of a temporary server."""
    url = ProjectServer(project).start()
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert query(url, f"SHOW {setting}") == "on"


@pytest.mark.every_postgres
def test_data_outlive_a_stop(project: Path, postgres_version: int) -> None:
    """Stop, start: the same URL, the same rows, the same version without being asked for."""
    server = ProjectServer(project)
    url = server.start(major=postgres_version)
    run(url, "CREATE TABLE kept AS SELECT 1")
    assert server.stop()
    assert server.start() == url
    assert query(url, "SELECT count(*) FROM kept") == 1
    assert server.status().major == postgres_version


def test_starting_and_stopping_twice_is_no_error(project: Path) -> None:
    """The second start joins, the second stop finds nothing."""
    server = ProjectServer(project)
    url = server.start()
    pid = server.status().pid
    assert ProjectServer(project).start() == url
    assert server.status().pid == pid
    assert server.stop()
    assert not server.stop()


def test_looking_at_a_project_touches_nothing(project: Path) -> None:
    """status, running_url, stop and reset of a project that never had a server."""
    server = ProjectServer(project)
    status = server.status()
    assert (status.running, status.url, status.pid, status.major) == (False, None, None, None)
    assert server.running_url() is None
    assert not server.stop()
    assert not server.reset()
    assert [*project.iterdir()] == []


def test_the_status_of_a_running_server_is_complete(project: Path) -> None:
    """Process, URL, version, start."""
    server = ProjectServer(project)
    url = server.start()
    status = server.status()
    assert status.running
    assert status.url == server.running_url() == url
    assert status.major == 18
    assert status.tcp_port is None
    assert status.pid is not None
    assert find_process(status.pid) is not None
    assert status.started is not None
    assert abs(status.started.timestamp() - time.time()) < PATIENCE


def test_a_server_that_has_lost_its_socket_is_started_anew(project: Path) -> None:
    """As when .codezest is deleted under a server: that takes the socket of its successor away when it ends."""
    server = ProjectServer(project)
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n integer)")
    before = server.status()
    assert before.url
    [directory] = parse_qs(urlsplit(before.url).query)["host"]
    Path(directory, ".s.PGSQL.5432").unlink()
    assert not server.status().running
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert server.status().running
    assert server.status().pid != before.pid


def test_git_does_not_see_the_folder(project: Path) -> None:
    """It brings its own .gitignore."""
    ProjectServer(project).start()
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True, timeout=PATIENCE)
    untracked = subprocess.run(
        ["git", "status", "--porcelain"], cwd=project, check=True, timeout=PATIENCE, capture_output=True, text=True
    ).stdout
    assert untracked == ""
    assert (project / ".codezest").stat().st_mode & 0o777 == 0o700


def test_the_server_survives_the_process_that_started_it(project: Path) -> None:
    """Its end, and a kill of its whole process group."""
    first = start_elsewhere(project)
    url = first.communicate(timeout=PATIENCE)[0].strip()
    assert query(url, "SELECT 1") == 1
    ProjectServer(project).stop()
    second = start_elsewhere(project, linger=True)
    assert second.stdout is not None
    assert second.stdout.readline().strip() == url
    os.killpg(second.pid, 9)
    second.communicate(timeout=PATIENCE)
    time.sleep(0.3)  # a parent-death signal would have arrived by now
    assert query(url, "SELECT 1") == 1


def test_processes_that_start_at_once_share_one_server(project: Path) -> None:
    """From nothing: one makes the data, all get the same URL, and none takes the server along when it ends."""
    started = [start_elsewhere(project) for _ in range(4)]
    results = [process.communicate(timeout=PATIENCE) for process in started]
    assert [process.returncode for process in started] == [0] * 4, results
    assert len({output for output, _ in results}) == 1
    assert query(results[0][0].strip(), "SELECT 1") == 1
    assert (project / ".codezest" / "server.log").read_text().count("ready to accept connections") == 1


def test_a_server_whose_starter_died_too_early_is_finished_by_the_next_one(project: Path) -> None:
    """Between the start of the server and CREATE DATABASE; nobody is sent to a database that does not exist."""
    server = ProjectServer(project)
    url = server.start()
    with psycopg.connect(url.replace("/codezest?", "/postgres?"), autocommit=True) as connection:
        connection.execute("DROP DATABASE codezest")
    (project / ".codezest" / "server.pid").unlink()
    assert server.running_url() is None
    assert server.start() == url
    assert server.running_url() == url
    assert query(url, "SELECT 1") == 1


def test_a_data_directory_that_was_never_finished_is_made_anew(project: Path) -> None:
    """Only a whole one ever gets the name "data"."""
    (project / ".codezest" / "data.new").mkdir(parents=True)
    (project / ".codezest" / "data.new" / "PG_VERSION").write_text("18\n")
    assert query(ProjectServer(project).start(), "SELECT 1") == 1
    assert not (project / ".codezest" / "data.new").exists()


def test_reset_deletes_the_data_for_good(project: Path) -> None:
    """Also while the server runs; the next start makes an empty one."""
    server = ProjectServer(project)
    url = server.start()
    run(url, "CREATE TABLE gone AS SELECT 1")
    assert server.reset()
    assert not server.status().running
    assert not [path for path in (project / ".codezest").iterdir() if path.name.startswith(("data", "deleted"))]
    assert query(server.start(), "SELECT to_regclass('gone') IS NULL") is True


def test_another_version_than_the_datas_is_refused(project: Path) -> None:
    """Running or not, with the hint."""
    server = ProjectServer(project)
    server.start(major=16)
    for _ in range(2):
        with pytest.raises(ServerError, match="were made by PostgreSQL 16; version 18 cannot read them") as caught:
            server.start(major=18)
        assert "db reset" in (caught.value.hint or "")
        server.stop()


def test_data_of_a_version_that_is_not_installed_are_named(project: Path) -> None:
    """As after a move to another machine."""
    server = ProjectServer(project)
    server.start()
    server.stop()
    (server.status().data / "PG_VERSION").write_text("99\n")
    with pytest.raises(ServerError, match="were made by PostgreSQL 99, which cannot be used") as caught:
        server.start()
    assert "install PostgreSQL 99" in (caught.value.hint or "")


def test_data_without_a_version_are_called_damaged(project: Path) -> None:
    """PostgreSQL would say "is not a valid data directory"."""
    server = ProjectServer(project)
    server.start()
    server.stop()
    (server.status().data / "PG_VERSION").unlink()
    with pytest.raises(ServerError, match="damaged: it has no readable PG_VERSION"):
        server.start()
    assert server.reset()


@pytest.mark.parametrize("victim", ["global/pg_control", "pg_wal"])
def test_damaged_data_give_an_error_with_the_servers_words(victim: str, project: Path) -> None:
    """A clear end within seconds, and the log's last lines."""
    server = ProjectServer(project)
    server.start()
    server.stop()
    (server.status().data / victim).rename(project / "elsewhere")
    with pytest.raises(ServerError, match=r"PostgreSQL 18\.\d+ \(.*\) did not start: ") as caught:
        server.start()
    assert victim in caught.value.message
    assert "its log ends with:" in caught.value.message
    assert not server.status().running


def test_tcp_needs_the_password_that_only_this_user_can_read(project: Path, unused_port: int) -> None:
    """And no password is needed, or possible, without --port."""
    server = ProjectServer(project)
    server.start(unused_port)
    url = server.tcp_url()
    assert query(url, "SELECT inet_server_addr()::text") == "127.0.0.1/32"
    password = project / ".codezest" / "password"
    assert password.stat().st_mode & 0o777 == 0o600
    secret = password.read_text()
    assert secret in url
    assert secret not in (project / ".codezest" / "server.log").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(secret, "guess"))
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(url.replace(f":{secret}", ""))
    assert query(server.start(), "SELECT 1") == 1  # over the socket, without one


def test_a_new_start_with_tcp_makes_a_new_password(project: Path, unused_port: int) -> None:
    """So a password that leaked is worth nothing after a restart."""
    server = ProjectServer(project)
    server.start(unused_port)
    first = server.tcp_url()
    server.stop()
    server.start(unused_port)
    assert server.tcp_url() != first
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(first)


def test_tcp_is_off_unless_asked_for(project: Path, unused_port: int) -> None:
    """A server in use is not restarted behind its users' backs: they are told how."""
    server = ProjectServer(project)
    with pytest.raises(ServerError, match="is not running"):
        server.tcp_url()
    assert query(server.start(), "SHOW listen_addresses") == ""
    with pytest.raises(ServerError, match="has no TCP port"):
        server.tcp_url()
    with pytest.raises(ServerError, match=f"running already, without the TCP port {unused_port}") as caught:
        server.start(unused_port)
    assert "db stop" in (caught.value.hint or "")


def test_a_taken_port_is_named(project: Path) -> None:
    """Whoever listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} of this machine is taken"):
            ProjectServer(project).start(port)


def test_a_server_that_cannot_be_seen_keeps_others_off_its_data(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container with the same folder, process ids and shared memory say nothing; the inherited lock does."""
    server = ProjectServer(project)
    server.start()
    monkeypatch.setattr(project_folder, "_LINGER_SECONDS", 0.2)
    server_lock = project / ".codezest" / "server.lock"
    with server_lock.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    pid_file = server.status().data / "postmaster.pid"
    hidden = pid_file.rename(pid_file.with_name("hidden"))
    try:
        with pytest.raises(ServerError, match="in use by a server that cannot be seen"):
            server.start()
    finally:
        hidden.rename(pid_file)
    assert query(server.start(), "SELECT 1") == 1


def test_a_big_log_is_put_aside_at_a_start(project: Path) -> None:
    """It would grow for ever."""
    server = ProjectServer(project)
    server.start()
    server.stop()
    with server.status().log.open("ab") as log:
        log.truncate(11 * 1024 * 1024)
    server.start()
    assert server.status().log.stat().st_size < 100_000
    assert (project / ".codezest" / "server.log.1").exists()


def test_a_project_folder_that_is_a_file_is_named(project: Path) -> None:
    """No traceback for what a user can do to a folder."""
    (project / ".codezest").touch()
    with pytest.raises(ServerError, match=r"\.codezest cannot be used"):
        ProjectServer(project).start()
    (project / ".codezest").unlink()
