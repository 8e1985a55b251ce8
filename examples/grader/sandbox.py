"""Runs what was handed in: in a process group of its own, with a time limit and little room for output.

It keeps the grader alive, whatever the code does, and hands it nothing of the grader's own environment, where the
password of the database is. As a process of the same user the code can still find that, and what it starts in a
session of its own lives on: a platform puts a real sandbox around it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

ROOM: Final = 64 * 1024
"""How many bytes of output are read; a program that needs more for its answer has a wrong one."""
_ISOLATED: Final = ("-I", "-X", "utf8")  # whatever the locale is
_UNITS: Final = 2 * ROOM // 512  # ulimit -f counts in 512 bytes (POSIX, ulimit)


class Ran(NamedTuple):
    """What became of a run: its output as text, its exit status (None when its time was up), its milliseconds."""

    output: str
    status: int | None
    milliseconds: int


def run(code: str, given: str, seconds: float) -> Ran:
    """Run a Python program on an input.

    Files take the place of pipes: a pipe would have to be read to its end, which a child that the program leaves
    behind can keep open for ever, and a file has an end that the system sets.

    Raises:
        OSError: It could not be started.

    """
    began = time.monotonic()
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "main.py").write_text(code, "utf-8")
        (folder / "in").write_text(given, "utf-8")
        with (folder / "in").open("rb") as stdin, (folder / "out").open("w+b") as stdout:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f'ulimit -f {_UNITS}; exec "$@"', "sh", sys.executable, *_ISOLATED, "main.py"],
                cwd=folder,
                env={"PATH": os.defpath, "HOME": name},
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                status: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                with suppress(ProcessLookupError, PermissionError):  # whoever is left of the group
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            stdout.seek(0)
            said = stdout.read(ROOM)
    # PostgreSQL has no place for NUL characters in a text.
    output = said.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Ran(output, status, int(1000 * (time.monotonic() - began)))
