"""The result of ``migrate repair`` as text and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.history import Direction, StatementState

if TYPE_CHECKING:
    from codezest_sql.core.migrations.history import JournalEntry
    from codezest_sql.core.text.json_value import Json


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The journal of what is half run, and the unfinished statements whose fate was just noted."""

    database: str
    journal: tuple[JournalEntry, ...]
    repaired: tuple[JournalEntry, ...] = ()


def repair_text(report: RepairReport) -> str:
    """Return what is half run and what can be done, for a person."""
    lines = [f"noted: statement {entry.number} of {entry.migration_id}" for entry in report.repaired]
    if not report.journal:
        return "\n".join([*lines, f"nothing is half run: {report.database}"])
    for entry in report.journal:
        verb = "applying" if entry.direction is Direction.UP else "rolling back"
        when = f"{entry.started_at:%Y-%m-%d %H:%M:%S} UTC"
        lines.append(f"{entry.migration_id}, {verb}, statement {entry.number}: {entry.state.value} since {when}")
        if entry.state is StatementState.RUNNING:
            lines.extend(f"    {line}" for line in entry.statement.splitlines())
            lines.append(
                "    Look at the database. If it took effect: migrate repair --done, else: --again."
                if entry.needs_decision
                else "    The next run finds out on its own what became of it."
            )
    way_out = "up" if report.journal[0].direction is Direction.UP else "down"
    lines.append(f"then run: codezest-sql migrate {way_out}")
    return "\n".join(lines)


def repair_json(report: RepairReport) -> Json:
    """Return what is half run as JSON values."""

    def entry_json(entry: JournalEntry) -> Json:
        return {
            "id": entry.migration_id,
            "direction": entry.direction.value,
            "number": entry.number,
            "state": entry.state.value,
            "needs_decision": entry.needs_decision,
            "started_at": entry.started_at.isoformat(),
            "statement": entry.statement,
        }

    return {
        "database": report.database,
        "journal": [entry_json(entry) for entry in report.journal],
        "repaired": [entry_json(entry) for entry in report.repaired],
    }
