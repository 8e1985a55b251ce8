"""As whom a server runs: an ordinary user directly, root in a user namespace or as another account, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codezest_sql.postgres.server.binaries import all_binaries
from codezest_sql.postgres.server.run_as import choose_privileges
from tests.paths import ROOT
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another session")
needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or not choose_privileges().prefix, reason="needs root, and a kernel that allows user namespaces"
)
NOBODY = 65534

# A temporary server and the project's own, each with a query; then the user id that each ran as.
SCENARIO = """
import sys
from pathlib import Path
import psycopg
from codezest_sql.postgres.server.processes import find_process
from codezest_sql.postgres.server import ProjectServer, find_binaries, temporary_server

def answer(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 6 * 7").fetchone()[0]

major = int(sys.argv[2])
with temporary_server(find_binaries(major)) as server:
    print(answer(server.url()), find_process(server.pid).user)
    server.kill()
    server.restart()
    print(answer(server.url()), find_process(server.pid).user)
    workspace = server.data.parent
assert not workspace.exists()
project = ProjectServer(Path(sys.argv[1]))
print(answer(project.start(major=major)), find_process(project.status().pid).user)
assert project.stop()
print(answer(project.start()), project.status().data.stat().st_uid)
assert project.stop()
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that every user can reach and write, as a folder of a test is root's alone."""
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="users-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def play(folder: Path, major: int, *, prefix: tuple[str, ...] = (), path: str | None = None) -> list[list[int]]:
    """Run the scenario in a process of its own, and return the numbers it printed."""
    environment: Mapping[str, str] = {
        **os.environ,
        "HOME": str(folder / "home"),
        "XDG_CACHE_HOME": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": path or os.environ["PATH"],
    }
    done = subprocess.run(
        [*prefix, sys.executable, "-c", SCENARIO, str(folder / "project"), str(major)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [[int(word) for word in line.split()] for line in done.stdout.splitlines()]


def become(user: int) -> tuple[str, ...]:
    """Return the words that start a program as another user."""
    return ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--")


def prepare(folder: Path, user: int) -> None:
    for name in ("home", "project"):
        (folder / name).mkdir()
        os.chown(folder / name, user, user)


@pytest.fixture(scope="session")
def anyones_python() -> None:
    """Skip where other users cannot run this Python, as when it lives in root's home."""
    command = [*become(NOBODY), sys.executable, "-c", "import psycopg, codezest_sql"]
    probe = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if probe.returncode != 0:
        pytest.skip(f"other users cannot run {sys.executable}: {probe.stderr.strip()[-200:]}")


@as_root
@pytest.mark.usefixtures("anyones_python")
@pytest.mark.parametrize("major", sorted({binaries.major for binaries in all_binaries()}))
def test_an_ordinary_user_runs_servers_as_herself(major: int, open_folder: Path) -> None:
    """Without any right, with a home of her own."""
    prepare(open_folder, NOBODY)
    assert play(open_folder, major, prefix=become(NOBODY)) == [[42, NOBODY]] * 4
    assert (open_folder / "home" / ".cache" / "codezest-sql").stat().st_uid == NOBODY


@needs_namespaces
@pytest.mark.usefixtures("anyones_python")
def test_a_user_without_an_account_and_a_home_runs_servers_too(open_folder: Path) -> None:
    """A container's numeric user: initdb wants an account, and the template lasts as long as the process."""
    (open_folder / "home").touch()
    (open_folder / "project").mkdir()
    (open_folder / "project").chmod(0o777)
    assert play(open_folder, 18, prefix=become(54321)) == [[42, 54321]] * 4


@needs_namespaces
@pytest.mark.parametrize("major", sorted({binaries.major for binaries in all_binaries()}))
def test_root_runs_servers_in_a_user_namespace_and_stays_the_owner(major: int, tmp_path: Path) -> None:
    """In a folder that no other session can enter, with no account added."""
    prepare(tmp_path, 0)
    tmp_path.chmod(0o700)
    accounts = Path("/etc/passwd").read_text()
    assert play(tmp_path, major) == [[42, 0]] * 4
    assert Path("/etc/passwd").read_text() == accounts


@as_root
def test_root_without_namespaces_runs_servers_as_an_unprivileged_account(open_folder: Path) -> None:
    """As in most containers. The account must be able to reach the folder and the binaries."""
    prepare(open_folder, 0)
    account = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
    user = pwd.getpwnam(account).pw_uid
    played = play(open_folder, 18, path=make_path(open_folder, "setpriv"))
    assert played == [[42, user]] * 4
    # Where namespaces are allowed later, the same data are still served, as their owner.
    assert play(open_folder, 18)[2:] == [[42, user]] * 2


@as_root
def test_root_without_namespaces_and_without_setpriv_runs_servers_too(open_folder: Path) -> None:
    """A watchdog process takes the kernel's place."""
    prepare(open_folder, 0)
    played = play(open_folder, 18, path=make_path(open_folder))
    assert [answer for answer, _ in played] == [42] * 4


def make_path(folder: Path, *programs: str) -> str:
    """Make a folder for PATH with these programs alone."""
    (folder / "bin").mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found is not None
        (folder / "bin" / program).symlink_to(found)
    return str(folder / "bin")


@as_root
def test_roots_own_data_cannot_be_served_where_root_has_no_other_identity(tmp_path: Path) -> None:
    """Made in a namespace, then namespaces went away: an error with the hint, not PostgreSQL's refusal."""
    prepare(tmp_path, 0)
    if choose_privileges().prefix:
        play(tmp_path, 18)
    else:
        (tmp_path / "project" / ".codezest" / "data").mkdir(parents=True)
    script = (
        "import sys; from pathlib import Path; from codezest_sql.errors import ServerError\n"
        "from codezest_sql.postgres.server import ProjectServer\n"
        "try: ProjectServer(Path(sys.argv[1])).start()\n"
        "except ServerError as e: print(e.message, '|', e.hint)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "project")],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert "does not run as root" in done.stdout
    assert "ordinary user" in done.stdout


@as_root
@pytest.mark.usefixtures("anyones_python")
def test_another_users_project_is_refused_with_a_reason(open_folder: Path) -> None:
    """Started by root, looked at by another session."""
    prepare(open_folder, 0)
    play(open_folder, 18)
    script = (
        "import sys; from pathlib import Path; from codezest_sql.errors import ServerError\n"
        "from codezest_sql.postgres.server import ProjectServer\n"
        "server = ProjectServer(Path(sys.argv[1]))\n"
        "for action in (server.start, server.stop, server.status, server.reset):\n"
        "    try: action(); print('done')\n"
        "    except ServerError as e: print(e.message)"
    )
    done = subprocess.run(
        [*become(NOBODY), sys.executable, "-c", script, str(open_folder / "project")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all("cannot be used" in line or "belongs to another user" in line for line in lines), lines
