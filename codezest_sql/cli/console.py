"""The progress of a run on the terminal: one line a migration, rewritten in place where a terminal can."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from codezest_sql.cli.output import echo
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.text.duration import format_duration

if TYPE_CHECKING:
    from codezest_sql.core.migrations.plan import Step
    from codezest_sql.executor.observer import LockHolder


class Progress:
    """Prints the progress of a run: plain lines in CI and files, a line rewritten in place on a terminal.

    With ``to_stderr``, all of it goes to stderr, so that stdout holds nothing but a JSON result.
    """

    def __init__(self, *, to_stderr: bool = False) -> None:
        self._err = to_stderr
        stream = sys.stderr if to_stderr else sys.stdout
        self._live = bool(stream and stream.isatty())  # None where the shell closed it (>&-)
        self._open = False
        self._deaf = False

    def waiting(self, holder: LockHolder | None) -> None:
        """Show which deployer holds the lock."""
        self._line(f"waiting for {holder or 'another deployer'}")

    def started(self, step: Step) -> None:
        """Show the migration that runs, where the line can be rewritten."""
        if self._live:
            self._clear()
            self._write(f"  … {step.direction.value:<4} {step.migration.id}")
            self._open = True

    def retrying(self, step: Step, *, attempt: int, reason: str, pause: float) -> None:
        """Show why a migration is retried."""
        why = f"attempt {attempt} timed out waiting for a lock; retrying in {pause:.1f} s ({reason})"
        self._line(f"  ↻ {step.migration.id}: {why}")

    def resumed(self, step: Step, *, statement: int, total: int) -> None:
        """Show at which statement a half-run migration continues."""
        self._line(f"  ↻ {step.migration.id}: continues at statement {statement} of {total}")

    def finished(self, step: Step, *, seconds: float) -> None:
        """Show that a migration is done."""
        verb = "applied" if step.direction is Direction.UP else "rolled back"
        self._line(f"  ✓ {verb} {step.migration.id} ({format_duration(seconds)})")

    def notice(self, severity: str, message: str) -> None:
        """Show a notice of the server."""
        self._line(f"  {severity.lower()}: {message}")

    def end(self) -> None:
        """Leave no half-written line behind."""
        self._clear()

    def _line(self, text: str) -> None:
        self._clear()
        self._write(f"{text}\n")

    def _clear(self) -> None:
        if self._open:
            self._write("\r\x1b[2K", ours=True)  # ECMA-48: erase the line
            self._open = False

    def _write(self, text: str, *, ours: bool = False) -> None:
        if self._deaf:
            return
        try:
            echo(text, nl=False, err=self._err, ours=ours)
        except OSError:
            # Who listened has gone (head), or its disk is full. That must not stop a run half way.
            self._deaf = True
