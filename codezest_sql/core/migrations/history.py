"""The history of a database as values: what was applied to it. Read by ``ledger.py``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Direction(StrEnum):
    """Which way a migration runs."""

    UP = "up"
    DOWN = "down"


class StatementState(StrEnum):
    """How far one statement of a non-transactional migration came."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Applied:
    """One migration of the ledger. ``sha256`` is None where yoyo itself applied it; times are UTC."""

    id: str
    sha256: str | None
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One statement of a non-transactional migration that is not finished as a whole.

    ``number`` counts from 1; ``statement`` is its text; ``known_oids`` are the OIDs of what was there before the
    statement began and shows afterwards whether it took effect (``executor/recovery.py``), None where nothing does.
    """

    migration_id: str
    direction: Direction
    number: int
    statement: str
    state: StatementState
    started_at: datetime
    known_oids: tuple[int, ...] | None = None

    @property
    def needs_decision(self) -> bool:
        """Whether the statement began, and only a person can decide whether it took effect."""
        from codezest_sql.core.migrations.interrupted import tells_its_end  # noqa: PLC0415  # start-up time: hardly ever asked

        return self.state is StatementState.RUNNING and not tells_its_end(self.statement)


@dataclass(frozen=True, slots=True)
class History:
    """The whole ledger of a database: in the order of application, and what is half run.

    ``schema`` is where its tables are, None where there is no ledger yet.
    """

    schema: str | None = None
    applied: tuple[Applied, ...] = ()
    journal: tuple[JournalEntry, ...] = ()

    def has(self, migration_id: str) -> bool:
        """Whether this migration is applied."""
        return any(entry.id == migration_id for entry in self.applied)

    def half_run(self, migration_id: str, direction: Direction) -> tuple[JournalEntry, ...]:
        """Return the journal of one migration in one direction, in the order of its statements."""
        entries = (e for e in self.journal if e.migration_id == migration_id and e.direction is direction)
        return tuple(sorted(entries, key=lambda entry: entry.number))
