"""Files, history and what was applied to what is marked now, or why nothing may be. Never marks anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan import check_history
from codezest_sql.errors import HalfRunError, IntegrityErrors
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.migrations.history import History


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a baseline writes: migrations to mark as applied, and applied ones whose content hash is added."""

    marked: tuple[Migration, ...] = ()
    hashed: tuple[Migration, ...] = ()
    notes: tuple[str, ...] = ()
    pending: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.marked or self.hashed)


def decide(
    folder: MigrationFolder, history: History, applied: Sequence[Migration], *, add_hashes: bool = False
) -> Adoption:
    """Return the plan that records ``applied`` in the ledger; existing entries stay.

    With ``add_hashes``, those of them that have no content hash, since yoyo itself applied them, get one. Raises
    ``IntegrityErrors`` where files and history disagree, ``HalfRunError`` where a migration is half run.
    """
    errors = check_history(folder, history)
    if errors:
        raise IntegrityErrors(errors)
    _refuse_half_run(folder, history)
    hashes = {entry.id: entry.sha256 for entry in history.applied}
    marked = tuple(migration for migration in applied if migration.id not in hashes)
    hashed = tuple(m for m in applied if add_hashes and m.id in hashes and hashes[m.id] is None)
    done = {*hashes, *(migration.id for migration in marked)}
    pending = [migration for migration in folder.migrations if migration.id not in done]
    return Adoption(marked, hashed, _notes(folder, pending), len(pending))


def _notes(folder: MigrationFolder, pending: Sequence[Migration]) -> tuple[str, ...]:
    """Return notes on what stays pending, and on pending files before an applied one, which need an option."""
    if not pending:
        return ()
    beyond = 0
    for migration in reversed(folder.migrations):
        if migration not in pending:
            break
        beyond += 1
    gaps = pending[: len(pending) - beyond]
    notes: list[str] = []
    if gaps:
        notes.append(
            f"not applied, before others that are: {_listed(gaps)}; "
            '"codezest-sql migrate up --allow-out-of-order" runs them'
        )
    if beyond:
        notes.append(f"still pending: {_listed(pending[len(gaps) :])}")
    return tuple(notes)


def _listed(migrations: Sequence[Migration], most: int = 5) -> str:
    names = [migration.id for migration in migrations[:most]]
    more = len(migrations) - most
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _refuse_half_run(folder: MigrationFolder, history: History) -> None:
    """A half-run migration is finished first: marking it would hide what it did not do."""
    for entry in history.journal:
        half, way_out = ("applied", "up") if entry.direction is Direction.UP else ("rolled back", "down")
        migration = folder.find(entry.migration_id)
        raise HalfRunError(
            f"{entry.migration_id} is half {half}",
            place=Place(migration.up.file) if migration else None,
            hint=f'finish it with "codezest-sql migrate {way_out}", or see "codezest-sql migrate repair"',
        )
