"""What ``codezest-sql seed`` did, as a value, for a person and for programs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeededFile:
    """A seed file, and how many rows it added or changed: 0 where all of it was there."""

    file: str
    rows: int


@dataclass(frozen=True, slots=True)
class SeededTable:
    """A table as ``schema.table``, and how many rows of demo data it got."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class SeedReport:
    """A run of ``seconds``; ``tables`` are those of the demo data, in the order in which they were filled."""

    database: str
    files: tuple[SeededFile, ...]
    tables: tuple[SeededTable, ...] = ()
    seconds: float = 0.0

    @property
    def demo_rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables)


def seed_text(report: SeedReport) -> str:
    """Return the report for a person."""
    lines = [f"  ✓ {file.file}: {_rows(file.rows) if file.rows else 'all there'}" for file in report.files]
    if report.tables:
        width = max(len(table.name) for table in report.tables)
        lines += [f"  {table.name:<{width}} {table.rows:>12,}" for table in report.tables]
        lines.append(f"{_rows(report.demo_rows)} of demo data in {report.seconds:.1f} s, on {report.database}")
    else:
        lines.append(f"{_rows(sum(file.rows for file in report.files))} of reference data new, on {report.database}")
    return "\n".join(lines)


def seed_json(report: SeedReport) -> dict[str, object]:
    """Return the report for programs."""
    return {
        "database": report.database,
        "files": [{"file": file.file, "rows": file.rows} for file in report.files],
        "tables": [{"name": table.name, "rows": table.rows} for table in report.tables],
        "demo_rows": report.demo_rows,
        "seconds": round(report.seconds, 3),
    }


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
