"""The exit of a command that a signal stopped."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from codezest_sql.errors import ExitCode

if TYPE_CHECKING:
    pass


class Stopped(SystemExit):
    """SIGINT or SIGTERM asks this process to end.

    For a ``SystemExit`` psycopg cancels the running statement, so that the server lets go at once, and Typer, which
    turns a ``KeyboardInterrupt`` into a mere exit code, lets it pass.
    """

    def __init__(self, number: int) -> None:
        super().__init__(int(ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED))
        self.number = number
        self.word = "terminated" if number == signal.SIGTERM else "interrupted"
