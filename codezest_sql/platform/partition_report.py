"""The partitions of the platform's tables as text and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from codezest_sql.core.text.table_text import table

if TYPE_CHECKING:
    from datetime import datetime

    from codezest_sql.core.text.json_value import Json


@dataclass(frozen=True, slots=True)
class PartitionedTable:
    """How far a table's monthly partitions reach: without a gap until an instant, None where now has none."""

    name: str
    covered_until: datetime | None
    months_left: int


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """The partitioned tables of a database."""

    database: str
    tables: tuple[PartitionedTable, ...]

    @property
    def months_left(self) -> int:
        """The months, this one included, for which every table has a partition."""
        return min((table.months_left for table in self.tables), default=0)


def partitions_text(report: PartitionReport) -> str:
    """Return the partitioned tables as a table."""
    rows = [
        (
            entry.name,
            str(entry.months_left),
            f"{entry.covered_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if entry.covered_until else "none",
        )
        for entry in report.tables
    ]
    lines = [table(("table", "months left", "covered until"), rows)]
    lines.append(f"{report.months_left} months left, this one included: {report.database}")
    return "\n".join(lines)


def partitions_json(report: PartitionReport) -> Json:
    """Return the partitioned tables as JSON values."""
    return {
        "database": report.database,
        "months_left": report.months_left,
        "tables": [
            {
                "name": entry.name,
                "months_left": entry.months_left,
                "covered_until": entry.covered_until.astimezone(UTC).isoformat() if entry.covered_until else None,
            }
            for entry in report.tables
        ],
    }
