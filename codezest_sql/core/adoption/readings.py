"""The rows of a tool's ledger to the migrations that it records. Refuses a ledger with a failed migration.

Rows hold the columns that ``Tool.columns`` names, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from codezest_sql.errors import LedgerDirtyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codezest_sql.core.adoption.tools import Key, Tool

Row: TypeAlias = "tuple[Any, ...]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One migration that a tool applied: its version, the file's name and checksum where the ledger has them."""

    version: str
    name: str | None = None
    checksum: str | None = None

    def __str__(self) -> str:
        return f"{self.version} ({self.name})" if self.name and self.name != self.version else self.version


@dataclass(frozen=True, slots=True)
class Reading:
    """The applied migrations of a ledger: each entry, and everything up to and including the version ``up_to``.

    With ``heads`` the entries are the last migrations only, and whatever comes before them was applied as well.
    """

    entries: tuple[Entry, ...] = ()
    up_to: str | None = None
    heads: bool = False
    notes: tuple[str, ...] = ()

    def describe(self, tool: Tool) -> str:
        """Return the state of the tool's ledger in a few words."""
        if not self.entries and self.up_to is None:
            return f"{tool.name} applied nothing"
        if self.heads or self.up_to is not None:
            at = [entry.version for entry in self.entries] or [str(self.up_to)]
            return f"{tool.name} is at {', '.join(at)}"
        return f"{tool.name} applied {len(self.entries)}, the last {self.entries[-1]}"


def read_rows(tool: Tool, rows: Sequence[Row]) -> Reading:
    """Return what the rows of a tool's ledger mean.

    Raises ``LedgerDirtyError`` where one states that a migration failed half way.
    """
    return _READERS.get(tool.name, _versions)(tool, rows)


def _versions(tool: Tool, rows: Sequence[Row]) -> Reading:
    """A row for each migration that is applied, removed when it is rolled back."""
    entries = sorted((Entry(str(row[0])) for row in rows), key=lambda entry: _order(tool.key(entry.version)))
    return Reading(tuple(entries))


def _golang_migrate(tool: Tool, rows: Sequence[Row]) -> Reading:
    """One row, the version that the database is at; none, or -1, before the first (``database.NilVersion``)."""
    if len(rows) > 1:
        raise UsageError(
            f"the table holds {len(rows)} rows, and {tool.name} keeps one",
            hint="it is another tool's, or was edited by hand",
        )
    if not rows:
        return Reading()
    version, dirty = int(rows[0][0]), rows[0][1]
    if dirty:
        raise LedgerDirtyError(
            f"the ledger of {tool.name} is dirty: its migration {version} failed half way",
            hint=f"finish or undo by hand what it did, then: migrate force {version} (or the version before it)",
        )
    return Reading() if version < 0 else Reading((Entry(str(version)),), up_to=str(version))


def _sqlx(tool: Tool, rows: Sequence[Row]) -> Reading:
    entries: list[Entry] = []
    for version, success, checksum in sorted(rows):
        if not success:
            raise LedgerDirtyError(
                f"the ledger of {tool.name} records that its migration {version} failed",
                hint="finish or undo by hand what it did, then set success, or delete the row",
            )
        entries.append(Entry(str(version), checksum=bytes(checksum).hex()))
    return Reading(tuple(entries))


def _alembic(_: Tool, rows: Sequence[Row]) -> Reading:
    """One row for each head of the branches: the last revision, not all that came before it."""
    return Reading(tuple(Entry(str(row[0])) for row in sorted(rows)), heads=True)


def _goose(_: Tool, rows: Sequence[Row]) -> Reading:
    """The latest row of a version counts: older gooses note a rollback as another row. 0 is the table's own."""
    latest: dict[int, bool] = {int(version): bool(applied) for _, version, applied in sorted(rows)}
    return Reading(tuple(Entry(str(version)) for version in sorted(latest) if version and latest[version]))


def _prisma(tool: Tool, rows: Sequence[Row]) -> Reading:
    """A row is an attempt. One rolled back (``migrate resolve``) does not count; one without an end failed."""
    entries: dict[str, Entry] = {}
    for name, checksum, finished, rolled_back in rows:
        if rolled_back is not None:
            continue
        if finished is None:
            raise LedgerDirtyError(
                f"the ledger of {tool.name} records that its migration {name} failed, or is still running",
                hint=f"prisma migrate resolve --applied {name}, or --rolled-back, whichever is so",
            )
        entries[str(name)] = Entry(str(name), checksum=str(checksum) if checksum else None)
    return Reading(tuple(entries[name] for name in sorted(entries)))


def _flyway(tool: Tool, rows: Sequence[Row]) -> Reading:
    """The rows are a log: a later UNDO or DELETE takes back what an earlier one applied.

    A BASELINE states that all up to its version was there already; SCHEMA rows are about Flyway's schema. What
    types do to one another is in ``MigrationInfoServiceImpl``. ``CoreMigrationType`` of the open edition lacks undo
    and baseline scripts in SQL: these are known by their names, UNDO_… and …_BASELINE, as its UNDO_SCRIPT suggests.
    """
    applied: dict[Key, Entry] = {}
    baseline: str | None = None
    repeatable: set[str] = set()
    for _, version, kind, script, checksum, success in sorted(rows, key=lambda row: int(row[0])):
        kind_name, name = str(kind), str(script).replace("\\", "/").rpartition("/")[2].removesuffix(".sql")
        if not success:
            raise LedgerDirtyError(
                f"the ledger of {tool.name} records that {script} failed",
                hint="finish or undo by hand what it did, then: flyway repair",
            )
        if version is None:
            if kind_name not in ("SCHEMA", "DELETE"):
                repeatable.add(name)
            continue
        key = tool.key(str(version)) or str(version)
        if kind_name == "DELETE" or kind_name.startswith("UNDO_"):
            applied.pop(key, None)
        elif kind_name == "BASELINE" or kind_name.endswith("_BASELINE"):
            if baseline is None or _order(key) > _order(tool.key(baseline)):
                baseline = str(version)
        elif kind_name != "SCHEMA":
            applied[key] = Entry(str(version), name, None if checksum is None else str(checksum))
    notes = [
        f"{tool.name}'s repeatable migration {name} is not marked: write it as a migration whenever it changes"
        for name in sorted(repeatable)
    ]
    return Reading(tuple(applied[key] for key in sorted(applied, key=_order)), up_to=baseline, notes=tuple(notes))


def _order(key: Key | None) -> tuple[tuple[int, ...], str]:
    return (key, "") if isinstance(key, tuple) else ((), key or "")


_READERS: Mapping[str, Callable[[Tool, Sequence[Row]], Reading]] = {
    "flyway": _flyway,
    "golang-migrate": _golang_migrate,
    "sqlx": _sqlx,
    "alembic": _alembic,
    "goose": _goose,
    "prisma": _prisma,
}
