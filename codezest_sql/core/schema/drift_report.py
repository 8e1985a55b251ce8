"""What ``migrate verify`` found, to text and to JSON values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.error_report import errors_json
from codezest_sql.core.schema.diff import to_json
from codezest_sql.core.schema.diff_text import render_text

if TYPE_CHECKING:
    from codezest_sql.core.schema.diff import Diff
    from codezest_sql.core.text.json_value import Json
    from codezest_sql.errors import CodezestError


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Whether a database is what its applied files make.

    ``drift`` is None where it was not looked for, because the files are not those that were applied (``errors``).
    ``unknown`` are the ids of applied migrations whose content the ledger does not know.
    """

    database: str
    applied: int
    pending: int
    drift: Diff | None
    errors: tuple[CodezestError, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether nothing was found: neither tampering with files nor drift."""
        return not self.errors and not self.drift


def verify_text(report: VerifyReport) -> str:
    """Return the result for a person. The errors themselves are for stderr, and not in it."""
    lines = [f"note: {note}" for note in report.notes]
    applied = f"{report.applied} applied {'migration' if report.applied == 1 else 'migrations'}"
    if report.drift is None:
        lines.append(f"drift was not looked for, since the files are not those that were applied: {report.database}")
    elif report.drift:
        count = len(report.drift.roots())
        differences = "1 difference" if count == 1 else f"{count} differences"
        lines.append(f"drift: {differences} from what {applied} make: {report.database}")
        lines.extend(f"  {line}" for line in render_text(report.drift).split("\n"))
    else:
        pending = f", {report.pending} pending" if report.pending else ""
        lines.append(f"verified: {applied}{pending}, no drift: {report.database}")
    return "\n".join(lines)


def verify_json(report: VerifyReport) -> Json:
    """Return the result as JSON values; ``drift`` is null where it was not looked for."""
    return {
        "database": report.database,
        "verified": report.verified,
        "applied": report.applied,
        "pending": report.pending,
        "drift": None if report.drift is None else to_json(report.drift),
        "unknown": list(report.unknown),
        "notes": list(report.notes),
        "errors": errors_json(report.errors),
    }
