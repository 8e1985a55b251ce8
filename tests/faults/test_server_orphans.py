"""A temporary server never outlives its owner, however the owner ends, and its data do not pile up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.postgres.server.processes import find_process, kernel_watches, wait_until
from codezest_sql.postgres.server.workspace import sweep
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.faults

needs_kernel = pytest.mark.skipif(not kernel_watches(), reason="this machine has no setpriv --pdeathsig")
WATCHES = [pytest.param(False, id="kernel", marks=needs_kernel), pytest.param(True, id="watchdog")]

OWNER = """
import sys, time
from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import TemporaryServer
server = TemporaryServer(find_binaries({major}), {{}}, watch={watch})
watchdog = server._watchdog.pid if server._watchdog else 0
print(server.pid, watchdog, server.url(), server.data, flush=True)
{then}
"""


class Owner:
    """A process that owns a temporary server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert len(words) == 4, process.communicate()
        self.process = process
        self.server, self.watchdog = int(words[0]), int(words[1])
        self.url = words[2]
        self.workspace = Path(words[3]).parent

    def server_ends(self) -> bool:
        """Whether the server is gone within a few seconds."""
        return wait_until(lambda: find_process(self.server) is None, PATIENCE)


@contextmanager
def owner(*, watch: bool = False, then: str = "time.sleep(100)", major: int | None = None) -> Iterator[Owner]:
    script = OWNER.format(watch=watch, then=then, major=major)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            found = Owner(process)
            yield found
        finally:
            process.kill()
    assert found.server_ends()
    sweep()
    assert not found.workspace.exists()


@pytest.mark.every_postgres
@pytest.mark.parametrize("watch", WATCHES)
def test_a_killed_owner_takes_its_server_along(*, watch: bool, postgres_version: int) -> None:
    """SIGKILL leaves Python no moment to clean up."""
    with owner(watch=watch, major=postgres_version) as found, psycopg.connect(found.url) as connection:
        backend = connection.info.backend_pid
        found.process.kill()
        found.process.wait()
        assert found.server_ends()
        assert wait_until(lambda: find_process(backend) is None, PATIENCE)


@pytest.mark.parametrize("watch", WATCHES)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGABRT])
def test_an_owner_that_ends_by_a_signal_takes_its_server_along(*, watch: bool, number: signal.Signals) -> None:
    """A test run that is interrupted, a terminal that is closed, a crash."""
    with owner(watch=watch) as found:
        found.process.send_signal(number)
        assert found.server_ends()


@pytest.mark.parametrize("watch", WATCHES)
@pytest.mark.parametrize("end", ["pass", "sys.exit(3)", "raise RuntimeError", "import os; os._exit(0)"])
def test_an_owner_that_forgets_to_stop_takes_its_server_along(*, watch: bool, end: str) -> None:
    """The end of the program, an exception, and an exit that runs no handlers."""
    with owner(watch=watch, then=end) as found:
        assert found.server_ends()
        found.process.wait(PATIENCE)


@pytest.mark.parametrize("watch", WATCHES)
def test_an_owner_that_forgets_several_servers_takes_all_along(*, watch: bool) -> None:
    """The order in which exit handlers run must not matter."""
    more = f"others = [TemporaryServer(find_binaries(), {{}}, watch={watch}) for _ in range(2)]\n"
    with owner(watch=watch, then=more + "print(*(s.pid for s in others), *(s.data.parent for s in others))") as found:
        output, errors = found.process.communicate(timeout=PATIENCE)
        words = output.split()
        assert len(words) == 4, errors
        assert found.server_ends()
        assert wait_until(lambda: find_process(int(words[0])) is None, PATIENCE)
        assert wait_until(lambda: find_process(int(words[1])) is None, PATIENCE)
        assert not any(Path(word).exists() for word in words[2:])


def test_the_watchdog_removes_the_data_at_once() -> None:
    """With no later start needed."""
    with owner(watch=True) as found:
        found.process.kill()
        assert found.server_ends()
        assert wait_until(lambda: not found.workspace.exists(), PATIENCE)


def test_an_orphan_of_an_owner_and_a_watchdog_that_were_both_killed_is_found_by_the_next_start() -> None:
    """The next server of this user ends it, whoever starts that one."""
    with owner(watch=True) as found:
        os.kill(found.watchdog, signal.SIGKILL)
        found.process.kill()
        found.process.wait()
        time.sleep(0.2)
        assert find_process(found.server) is not None
        with owner() as next_owner:
            assert not found.workspace.exists()
            assert find_process(found.server) is None
            assert next_owner.workspace.exists()


def test_the_data_of_a_living_owner_are_left_alone() -> None:
    """A start clears away what is abandoned, and nothing else."""
    with owner() as first, owner() as second:
        sweep()
        for living in (first, second):
            with psycopg.connect(living.url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_forked_child_does_not_end_its_parents_server() -> None:
    """As multiprocessing forks: the child's exit handlers must leave the parent's server alone."""
    fork = (
        "import os\n"
        "child = os.fork()\n"
        "if child == 0: sys.exit(0)\n"
        "os.waitpid(child, 0)\n"
        "import psycopg; psycopg.connect(server.url()).close(); print('alive')\n"
        "server.stop()"
    )
    with owner(then=fork) as found:
        output, errors = found.process.communicate(timeout=PATIENCE)
        assert output.strip() == "alive", errors


def test_a_forked_child_can_start_a_server_of_its_own() -> None:
    """The thread that starts servers does not exist in the child; a new one takes its place."""
    fork = (
        "import os\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    with TemporaryServer(find_binaries(), {}) as own: print('own', own.pid != server.pid, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "server.stop()"
    )
    with owner(then=fork) as found:
        output, errors = found.process.communicate(timeout=PATIENCE)
        assert output.strip() == "own True", errors
