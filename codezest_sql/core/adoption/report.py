"""What a baseline did to text and to JSON values. Never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.adoption.decide import Adoption
    from codezest_sql.core.text.json_value import Json


@dataclass(frozen=True, slots=True)
class BaselineReport:
    """What was marked, or with ``dry_run`` would be; ``tool`` and ``table`` name the ledger that was read, if any."""

    database: str
    adoption: Adoption
    tool: str | None = None
    table: str | None = None
    notes: tuple[str, ...] = ()
    dry_run: bool = False


def baseline_text(report: BaselineReport) -> str:
    """Return a line for each migration, the notes, and a sentence at the end."""
    adoption = report.adoption
    mark = "  would mark" if report.dry_run else "  ✓ marked"
    add = "  would add the hash of" if report.dry_run else "  ✓ added the hash of"
    lines = [f"{mark} {migration.id}" for migration in adoption.marked]
    lines += [f"{add} {migration.id}" for migration in adoption.hashed]
    lines += [f"note: {note}" for note in report.notes]
    if adoption.is_nothing:
        return "\n".join([*lines, f"nothing to mark: {report.database}"])
    if report.dry_run:
        return "\n".join([*lines, f"nothing was marked (--dry-run): {report.database}"])
    done: list[str] = []
    if adoption.marked:
        done.append(f"marked {_counted(len(adoption.marked), 'migration')} as applied, and ran none")
    if adoption.hashed:
        done.append(f"added {_counted(len(adoption.hashed), 'content hash', 'content hashes')}")
    return "\n".join([*lines, f"{'; '.join(done)}: {report.database}"])


def baseline_json(report: BaselineReport) -> Json:
    """Return what was marked as JSON values."""
    return {
        "database": report.database,
        "from": report.tool,
        "ledger_table": report.table,
        "dry_run": report.dry_run,
        "marked": [{"id": m.id, "sha256": m.up.sha256} for m in report.adoption.marked],
        "hashed": [{"id": m.id, "sha256": m.up.sha256} for m in report.adoption.hashed],
        "pending": report.adoption.pending,
        "notes": list(report.notes),
    }


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
