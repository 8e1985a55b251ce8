"""Looks at processes and starts them; knows nothing of databases. A zombie counts as dead.

Linux is read through /proc, other systems through ``ps``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.run_as import Privileges, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import ThreadPoolExecutor

POLL_SECONDS = 0.001
"""How often a wait looks again. One look costs about 20 µs, so this is 2 % of a core, and only while waiting."""

_PS_SECONDS = 10.0
_PROC = Path("/proc")
_HAS_PROC = sys.platform == "linux"


@dataclass(frozen=True, slots=True)
class Process:
    """A living process: its id, the effective user id it runs as (as seen from here) and its command line."""

    pid: int
    user: int
    arguments: tuple[str, ...]


def find_process(pid: int) -> Process | None:
    """Return the living process ``pid``; None for none and for a zombie."""
    if pid <= 0:
        return None
    if _HAS_PROC:
        try:
            arguments = (_PROC / str(pid) / "cmdline").read_bytes()
            user = (_PROC / str(pid)).stat().st_uid
            # The command line is empty for a zombie, and also while a process that was killed gives back its memory:
            # it still is attached to shared memory then.
            if not arguments and _state(pid) in (b"Z", b"X"):
                return None
        except OSError:
            return None
        return Process(pid, user, _split_arguments(arguments))
    fields = _ps("-p", str(pid), "-o", "uid=,stat=,args=").split(None, 2)
    if len(fields) < 3 or fields[1].startswith("Z"):  # noqa: PLR2004  # three columns were asked for
        return None
    return Process(pid, int(fields[0]), (fields[2].strip(),))


def _state(pid: int) -> bytes:
    """Return the letter of a process's state; proc_pid_stat(5): it follows the name, which may hold anything."""
    return (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[0]


def _split_arguments(cmdline: bytes) -> tuple[str, ...]:
    return tuple(os.fsdecode(argument) for argument in cmdline.rstrip(b"\0").split(b"\0"))


def children_of(pid: int) -> tuple[int, ...]:
    """Return the ids of the direct children of ``pid``, zombies included."""
    if not _HAS_PROC:
        pairs = (line.split() for line in _ps("-A", "-o", "pid=,ppid=").splitlines())
        return tuple(int(pair[0]) for pair in pairs if len(pair) == 2 and int(pair[1]) == pid)  # noqa: PLR2004
    found: list[int] = []
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_bytes()
            except OSError:
                continue
            # proc_pid_stat(5): the name in parentheses may hold anything, so count fields after the last one.
            if int(stat.rpartition(b")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return tuple(found)


def send_signal(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone already is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise ServerError(
            f"process {pid} belongs to another user and cannot be stopped by this one",
            hint="run the command as the user who started the server, or as root",
        ) from error


def kill_tree(pid: int) -> tuple[int, ...]:
    """Send SIGKILL to a process and its direct children, and return their ids.

    The parent is stopped first, so that it can start no further child between the look and the kill.
    """
    send_signal(pid, signal.SIGSTOP)
    family = (pid, *children_of(pid))
    for member in family:
        send_signal(member, signal.SIGKILL)
    return family


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait until ``done()`` holds, looking every millisecond; False when ``seconds`` have passed without it."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def all_gone(pids: Iterable[int]) -> bool:
    """Whether none of the processes lives any more."""
    return all(find_process(pid) is None for pid in pids)


def clean_environment() -> dict[str, str]:
    """Return the environment for a server program: ours without the client's PG* variables, messages in English."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    environment.pop("LANGUAGE", None)
    # English, because we look for words in the log; macOS refuses to start a server without a valid LC_ALL.
    environment["LC_ALL"] = "C"
    return environment


def spawn(
    command: list[str | Path],
    *,
    privileges: Privileges,
    log: Path,
    dies_with_us: bool = False,
    inherits: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, with no input and its output appended to ``log``.

    With ``dies_with_us`` the kernel sends it SIGQUIT when this process ends in whatever way, if ``kernel_watches()``.
    It gets the file descriptors ``inherits``, and no others. Raises ``ServerError`` where it cannot be executed.
    """
    words = [*(_death_signal() if dies_with_us else ()), *privileges.prefix, *command]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return _spawner.run(
            lambda: subprocess.Popen(  # noqa: S603  # a list of words, no shell
                words,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in our terminal is not meant for the server
                user=privileges.user,
                group=privileges.group,
                extra_groups=None if privileges.user is None else [],
                pass_fds=inherits,
                env=clean_environment(),
                cwd="/",
            )
        )
    except OSError as error:
        hint = (
            None
            if privileges.user is None
            else f"it runs as the user id {privileges.user}, who must be able to read it"
        )
        raise ServerError(f"{command[0]} cannot be run: {error.strerror or error}", hint=hint) from error
    finally:
        os.close(descriptor)


def reap(process: subprocess.Popen[bytes]) -> None:
    """Let a thread collect the exit status of a process that we leave running, so that it never becomes a zombie."""
    threading.Thread(target=process.wait, name=f"codezest-sql-reaper-{process.pid}", daemon=True).start()


def kernel_watches() -> bool:
    """Whether the kernel can be asked to end a child together with its parent (Linux, util-linux's ``setpriv``)."""
    return bool(_death_signal())


@cache
def _death_signal() -> tuple[str, ...]:
    setpriv = shutil.which("setpriv") if _HAS_PROC else None
    # BusyBox has a setpriv without this option.
    command = (setpriv or "", "--pdeathsig", "SIGQUIT", "--")
    return command if setpriv and runs([*command, "true"]) else ()


class _Spawner:
    """Starts children from one thread that lives as long as the process.

    prctl(2), PR_SET_PDEATHSIG: the "parent" whose end sends the signal is the *thread* that forked. A server started
    from a short-lived worker thread would be killed with it.
    """

    def __init__(self) -> None:
        self._owner = 0
        self._thread: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def run(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        with self._lock:
            # After a fork the child has this object, but not the thread behind it.
            if self._thread is None or self._owner != os.getpid():
                from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # 3 ms, not to join a server

                self._thread = ThreadPoolExecutor(1, thread_name_prefix="codezest-sql-spawner")
                self._owner = os.getpid()
            thread = self._thread
        return thread.submit(start).result()


_spawner = _Spawner()


def _ps(*options: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # fixed words, no shell
            ["ps", "-ww", *options],  # noqa: S607  # in /bin or /usr/bin, by system
            capture_output=True,
            text=True,
            timeout=_PS_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout
