"""One server process over one data directory: start, wait until ready, look, stop. Makes and removes no data.

The state is read from ``postmaster.pid``, as pg_ctl does (src/include/utils/pidfile.h): it has "ready" at the moment
the server takes connections, and reading it costs less than trying to connect.
"""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError, UsageError
from codezest_sql.postgres.server.processes import all_gone, find_process, send_signal, spawn, wait_until
from codezest_sql.postgres.server.shared_memory import remove_segment
from codezest_sql.postgres.server.sockets import DEFAULT_PORT

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from codezest_sql.postgres.server.binaries import Binaries
    from codezest_sql.postgres.server.run_as import Privileges

START_SECONDS = 60.0
"""How long a start may take, crash recovery included; pg_ctl's default."""
STOP_SECONDS = 60.0

FAST = signal.SIGINT  # ends the sessions, writes a checkpoint
IMMEDIATE = signal.SIGQUIT  # ends at once, recovery at the next start

_TAIL_LINES = 20
_TAIL_BYTES = 16_384
_SETTING = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?", re.IGNORECASE)
_REASON = re.compile(r"(?:FATAL|PANIC):\s+(.*)")
# After the end of a killed postmaster its children live on for a moment; the next one must wait for them.
_STILL_IN_USE = "is still in use"


@dataclass(frozen=True, slots=True)
class PidFile:
    """The values of a server's ``postmaster.pid``."""

    pid: int
    started: int
    port: int
    socket_directory: str
    listen_address: str
    shared_memory: tuple[int, int] | None
    ready: bool


@dataclass(frozen=True, slots=True)
class Launch:
    """All that is needed to start a server over a data directory."""

    binaries: Binaries
    data: Path
    sockets: Path
    log: Path
    privileges: Privileges
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = DEFAULT_PORT
    listen: str = ""
    dies_with_us: bool = False
    inherits: tuple[int, ...] = ()

    def command(self) -> list[str | Path]:
        """Return the command line. Raises ``UsageError`` for a setting whose name is none."""
        settings = {
            "listen_addresses": self.listen,
            "port": str(self.port),
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            **self.settings,
        }
        words: list[str | Path] = [self.binaries.program("postgres"), "-D", self.data]
        for name, value in settings.items():
            if not _SETTING.fullmatch(name):
                raise UsageError(f"{name!r} is not the name of a PostgreSQL setting")
            words += ["-c", f"{name}={value}"]
        return words


def read_pid_file(data: Path) -> PidFile | None:
    """Return the values of ``postmaster.pid``; None if there is none, or it is incomplete."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        # Lines: pid, data directory, start time, port, socket folder, address, shared memory key and id, status.
        pid, started, port = int(lines[0]), int(lines[2]), int(lines[3] or 0)
    except (OSError, ValueError, IndexError):
        return None
    rest = [*lines[4:], "", "", "", ""]
    memory = rest[2].split()
    return PidFile(
        pid=pid,
        started=started,
        port=port,
        socket_directory=rest[0],
        listen_address=rest[1],
        shared_memory=(int(memory[0]), int(memory[1])) if len(memory) == 2 else None,  # noqa: PLR2004  # key and id
        ready=rest[3].strip() == "ready",
    )


def find_postmaster(data: Path) -> PidFile | None:
    """Return the pid file of the server that lives on ``data``; None where its process is gone or is another's.

    After a crash or a reboot the file stays behind, and its process id may belong to anything.
    """
    pid_file = read_pid_file(data)
    return pid_file if pid_file is not None and _serves(pid_file.pid, data) else None


def _serves(pid: int, data: Path) -> bool:
    process = find_process(pid)
    with suppress(OSError):
        if process is None or process.user != data.stat().st_uid:
            return False
        # The server works in its data directory, also after a rename of the project; where there is no /proc, its
        # command line names the directory.
        return (Path("/proc") / str(pid) / "cwd").samefile(data)
    return process is not None and any(str(data) in argument for argument in process.arguments)


def start_postmaster(launch: Launch, seconds: float = START_SECONDS) -> subprocess.Popen[bytes]:
    """Start a server and return its process as soon as it takes connections.

    The caller has made sure that none lives on the data. Raises ``ServerError`` with the end of the server's log.
    """
    deadline = time.monotonic() + seconds
    while True:
        if find_postmaster(launch.data) is None:
            _remove_stale_files(launch)
        size = launch.log.stat().st_size if launch.log.exists() else 0
        process = spawn(
            launch.command(),
            privileges=launch.privileges,
            log=launch.log,
            dies_with_us=launch.dies_with_us,
            inherits=launch.inherits,
        )
        if _wait_ready(process, launch.data, deadline):
            return process
        if process.poll() is None:
            process.kill()
            process.wait()
            raise _failure(launch, f"it was not ready after {seconds:g} s", size)
        if _STILL_IN_USE not in _read_log(launch.log, size) or time.monotonic() > deadline:
            raise _failure(launch, _reason(launch, size), size)
        time.sleep(0.02)


def _remove_stale_files(launch: Launch) -> None:
    """Remove what a killed server left behind that would keep the next one from starting.

    PostgreSQL refuses to start when the id in a lock file belongs to any living process of the same user, or to a
    zombie (src/backend/utils/init/miscinit.c, ``CreateLockFile``). The folder of the socket serves no other server.
    """
    forget_postmaster(launch.data)
    (launch.data / "postmaster.pid").unlink(missing_ok=True)
    for name in launch.sockets.glob(".s.PGSQL.*"):
        name.unlink(missing_ok=True)


def _wait_ready(process: subprocess.Popen[bytes], data: Path, deadline: float) -> bool:
    def settled() -> bool:
        if process.poll() is not None:
            return True
        pid_file = read_pid_file(data)
        return pid_file is not None and pid_file.ready and pid_file.pid == process.pid

    return wait_until(settled, deadline - time.monotonic()) and process.poll() is None


def stop_postmaster(data: Path, log: Path, how: signal.Signals = FAST, seconds: float = STOP_SECONDS) -> bool:
    """Stop the server on ``data`` and wait for its end. False where none was running.

    Raises ``ServerError`` when it has not ended after ``seconds``.
    """
    pid_file = find_postmaster(data)
    if pid_file is None:
        return False
    send_signal(pid_file.pid, how)
    if not wait_until(lambda: all_gone((pid_file.pid,)), seconds):
        raise ServerError(
            f"the server (process {pid_file.pid}) did not stop within {seconds:g} s{log_tail(log)}",
            hint="look for a session that does not end, or end the process by hand",
        )
    return True


def forget_postmaster(data: Path) -> None:
    """Free the shared memory that a killed server left behind. The server on ``data`` must be dead."""
    pid_file = read_pid_file(data)
    if pid_file is not None and pid_file.shared_memory is not None:
        remove_segment(*pid_file.shared_memory)


def log_tail(log: Path, offset: int = 0) -> str:
    """Return the last lines of a log as the end of an error message; empty for an empty log."""
    lines = _read_log(log, offset).splitlines()[-_TAIL_LINES:]
    return "".join(("\nits log ends with:", *(f"\n  {line}" for line in lines))) if lines else ""


def _failure(launch: Launch, reason: str, offset: int) -> ServerError:
    return ServerError(
        f"{launch.binaries} did not start: {reason}{log_tail(launch.log, offset)}",
        hint=f"the whole log: {launch.log}",
    )


def _reason(launch: Launch, offset: int) -> str:
    text = _read_log(launch.log, offset)
    if "Address already in use" in text:
        return f"port {launch.port} of this machine is taken"
    found = _REASON.search(text)
    return found[1].strip() if found else "it ended at once"


def _read_log(log: Path, offset: int) -> str:
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(offset, end - _TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
