"""Ends a temporary server together with its owner, where the kernel cannot: a script of its own, never imported.

Its input is a pipe whose other end only the owner holds. A byte means "all is well, go"; the end of the pipe means
that the owner is dead. Started as ``python -I -S watchdog.py WORKSPACE``; it uses the standard library only.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

_STOP_SECONDS = 10.0


def main(workspace: Path) -> None:
    """Wait for the owner; if it dies, stop the server of ``workspace`` and remove the folder."""
    if os.read(0, 1):
        return
    pid_file = workspace / "data" / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="ascii", errors="replace").splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
    except (OSError, ValueError, IndexError):
        pass
    deadline = time.monotonic() + _STOP_SECONDS
    # The server removes the file as the last thing it does.
    while pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    # The files last, the lock's among them: by it another process recognises an abandoned workspace if we are killed.
    for name in ("data", "run"):
        shutil.rmtree(workspace / name, ignore_errors=True)
    shutil.rmtree(workspace, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
