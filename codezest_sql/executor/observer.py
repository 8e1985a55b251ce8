"""What a run tells while it goes on. The command line prints it; tests listen to it."""

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
    """Told of each event, in order, in the thread that runs the plan."""

    def waiting(self, holder: LockHolder | None) -> None:
        """Another deployer has the lock; told once for each holder, None where it cannot be told who."""

    def started(self, step: Step) -> None:
        """A migration begins."""

    def retrying(self, step: Step, *, attempt: int, reason: str, pause: float) -> None:
        """A migration was undone by a lock that it did not get, and is tried again after ``pause`` seconds."""

    def resumed(self, step: Step, *, statement: int, total: int) -> None:
        """A half-run migration goes on at its statement number ``statement`` (from 1) of ``total``."""

    def finished(self, step: Step, *, seconds: float) -> None:
        """A migration and its ledger rows are committed."""

    def notice(self, severity: str, message: str) -> None:
        """The server said something, as by RAISE NOTICE."""


class Silent:
    """An observer that tells nobody."""

    def waiting(self, holder: LockHolder | None) -> None:
        """Say nothing."""

    def started(self, step: Step) -> None:
        """Say nothing."""

    def retrying(self, step: Step, *, attempt: int, reason: str, pause: float) -> None:
        """Say nothing."""

    def resumed(self, step: Step, *, statement: int, total: int) -> None:
        """Say nothing."""

    def finished(self, step: Step, *, seconds: float) -> None:
        """Say nothing."""

    def notice(self, severity: str, message: str) -> None:
        """Say nothing."""
