"""Files and history to the state of each migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.history import Direction, History
from codezest_sql.core.plan import check_history, out_of_order
from codezest_sql.core.report import MigrationStatus
from codezest_sql.errors import CodezestError, EditedMigrationError

if TYPE_CHECKING:
    from codezest_sql.core.migration_folder import MigrationFolder


def statuses(
    folder: MigrationFolder, history: History
) -> tuple[tuple[MigrationStatus, ...], tuple[CodezestError, ...]]:
    """Return the state of every migration that the folder or the ledger knows, and all disagreements.

    Migrations of the folder come first, in the order they run; those that only the ledger has come after,
    in the order of their application.
    """
    disagreements = check_history(folder, history)
    pending = [migration for migration in folder.migrations if not history.has(migration.id)]
    late = out_of_order(folder, history, pending)
    late_files = {error.place.file for error in late if error.place}
    edited_files = {e.place.file for e in disagreements if isinstance(e, EditedMigrationError) and e.place}
    applied = {entry.id: entry for entry in history.applied}
    lines: list[MigrationStatus] = []
    for migration in folder.migrations:
        entry = applied.get(migration.id)
        if entry is None:
            state = "out of order" if migration.up.file in late_files else "pending"
            if history.half_run(migration.id, Direction.UP):
                state = "half applied"
            lines.append(MigrationStatus(migration.id, state))
            continue
        state = "edited" if migration.up.file in edited_files else "applied"
        if history.half_run(migration.id, Direction.DOWN):
            state = "half rolled back"
        lines.append(MigrationStatus(migration.id, state, entry.applied_at, entry.sha256))
    lines.extend(
        MigrationStatus(entry.id, "missing", entry.applied_at, entry.sha256)
        for entry in history.applied
        if folder.find(entry.id) is None
    )
    return tuple(lines), (*disagreements, *late)
