"""Files and history to the state of each migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.error_report import errors_json
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan_report import note_lines
from codezest_sql.core.text.table_text import table
from codezest_sql.errors import CodezestError

if TYPE_CHECKING:
    from datetime import datetime

    from codezest_sql.core.text.json_value import Json

from codezest_sql.core.migrations.history import History
from codezest_sql.core.migrations.plan import check_history, out_of_order
from codezest_sql.errors import EditedMigrationError

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.folder import MigrationFolder


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


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """One line of the status: a migration and what is known of it.

    ``state`` is ``applied``, ``pending``, ``half applied``, ``half rolled back``, ``edited``, ``missing`` or
    ``out of order``; ``sha256`` is of the applied content, None where unknown.
    """

    id: str
    state: str
    applied_at: datetime | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All migrations of a folder and of a database, in order; ``errors`` are their disagreements."""

    database: str
    migrations: tuple[MigrationStatus, ...]
    notes: tuple[str, ...] = ()
    errors: tuple[CodezestError, ...] = ()

    @property
    def pending(self) -> int:
        """How many migrations are not applied."""
        return sum(entry.state in ("pending", "half applied", "out of order") for entry in self.migrations)


def status_text(report: StatusReport) -> str:
    """Return the status as a table, its notes below it."""
    rows = [
        (entry.id, entry.state, f"{entry.applied_at:%Y-%m-%d %H:%M:%S} UTC" if entry.applied_at else "")
        for entry in report.migrations
    ]
    applied = sum(entry.state == "applied" for entry in report.migrations)
    summary = f"{applied} applied, {report.pending} pending: {report.database}"
    return "\n".join([table(("migration", "state", "applied at"), rows), summary, *note_lines(report.notes)])


def status_json(report: StatusReport) -> Json:
    """Return the status as JSON values."""
    return {
        "database": report.database,
        "pending": report.pending,
        "migrations": [
            {
                "id": entry.id,
                "state": entry.state,
                "applied_at": entry.applied_at.isoformat() if entry.applied_at else None,
                "sha256": entry.sha256,
            }
            for entry in report.migrations
        ],
        "notes": list(report.notes),
        "errors": errors_json(report.errors),
    }
