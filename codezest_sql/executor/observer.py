"""The events of a run. The command line prints them; tests record them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from codezest_sql.core.migrations.plan import Step


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who has the deployer lock: the server's process id, its application_name, and since when."""

    pid: int
    application: str
    since: datetime | None

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"{self.application or 'another deployer'}, held by pid {self.pid}{since}"


class Observer(Protocol):
    """Receives each event, in order, in the thread that runs the plan."""

    def waiting(self, holder: LockHolder | None) -> None:
        """Another deployer has the lock; called once for each holder, with None if it is unknown."""

    def started(self, step: Step) -> None:
        """A migration begins."""

    def retrying(self, step: Step, *, attempt: int, reason: str, pause: float) -> None:
        """A migration was undone by a lock that it did not get, and is tried again after ``pause`` seconds."""

    def resumed(self, step: Step, *, statement: int, total: int) -> None:
        """A half-run migration continues at statement ``statement`` (from 1) of ``total``."""

    def finished(self, step: Step, *, seconds: float) -> None:
        """A migration and its ledger rows are committed."""

    def notice(self, severity: str, message: str) -> None:
        """The server sent a notice, as by RAISE NOTICE."""


class Silent:
    """An observer that ignores all events."""

    def waiting(self, holder: LockHolder | None) -> None:
        """Do nothing."""

    def started(self, step: Step) -> None:
        """Do nothing."""

    def retrying(self, step: Step, *, attempt: int, reason: str, pause: float) -> None:
        """Do nothing."""

    def resumed(self, step: Step, *, statement: int, total: int) -> None:
        """Do nothing."""

    def finished(self, step: Step, *, seconds: float) -> None:
        """Do nothing."""

    def notice(self, severity: str, message: str) -> None:
        """Do nothing."""
