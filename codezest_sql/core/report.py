"""Results and errors to text and to JSON values. Never prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from codezest_sql.core.history import Direction, StatementState
from codezest_sql.core.plan_report import note_lines
from codezest_sql.core.source import cells
from codezest_sql.errors import CodezestError, IntegrityErrors, ProjectErrors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from codezest_sql.core.history import JournalEntry
    from codezest_sql.core.json_value import Json


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


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The journal of what is half run, and the unfinished statements whose fate was just noted."""

    database: str
    journal: tuple[JournalEntry, ...]
    repaired: tuple[JournalEntry, ...] = ()


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


def flatten(error: CodezestError) -> tuple[CodezestError, ...]:
    """Return the single errors of a group; an error that is no group is its own only member."""
    if isinstance(error, ProjectErrors | IntegrityErrors):
        return tuple(member for group in error.errors for member in flatten(group))
    return (error,)


def error_text(error: CodezestError) -> str:
    """Return an error as a person reads it: place, message, source line with a caret, hint."""
    blocks: list[str] = []
    for single in flatten(error):
        where = f"{single.place}: " if single.place else ""
        lines = [f"{where}error: {single.message} [{single.code}]"]
        if single.source:
            lines.append(single.source)
        if single.hint:
            lines.append(f"  hint: {single.hint}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def error_json(error: CodezestError) -> Json:
    """Return ``{"exit_code": …, "errors": [{"code", "message", "file", "line", "column", "hint"}]}``."""
    return {"exit_code": int(error.exit_code), "errors": errors_json([error])}


def errors_json(errors: Iterable[CodezestError]) -> list[Json]:
    """Return every single error as an object."""
    return [
        {
            "code": single.code,
            "message": single.message,
            "file": single.place.file if single.place else None,
            "line": (single.place.line or None) if single.place else None,
            "column": (single.place.column or None) if single.place else None,
            "hint": single.hint,
        }
        for error in errors
        for single in flatten(error)
    ]


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


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text in columns as wide as their widest cell, the heading underlined."""
    widths = [max(cells(row[column]) for row in (heading, *rows)) for column in range(len(heading))]

    def line(row: Sequence[str]) -> str:
        padded = (cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True))
        return "  ".join(padded).rstrip()

    return "\n".join([line(heading), "  ".join("─" * width for width in widths), *(line(row) for row in rows)])


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
                else "    The next run finds out by itself what became of it."
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
