"""Which table of a database is a tool's ledger: by its name and by the columns that it must have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.adoption.tools import TOOLS, Tool
from codezest_sql.core.sql.identifiers import quoted, split_name, stored_name
from codezest_sql.errors import LexicalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as ``--ledger-table`` names it; ``schema`` is None where any will do."""

    schema: str | None
    name: str


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of the database that may be a ledger, and its columns."""

    schema: str
    name: str
    columns: frozenset[str]

    def __str__(self) -> str:
        return f"{_shown(self.schema)}.{_shown(self.name)}"


def parse_table_name(text: str) -> TableName:
    """Return the table that ``[SCHEMA.]NAME`` means, written as in SQL: quoted where it has capitals."""
    try:
        parts = split_name(text)
    except LexicalError:
        parts = ()
    if ".".join(parts) != text:  # something else than names and dots is in it
        parts = ()
    match parts:
        case (name,):
            return TableName(None, stored_name(name))
        case (schema, name):
            return TableName(stored_name(schema), stored_name(name))
        case _:
            raise UsageError(
                f"--ledger-table takes [SCHEMA.]NAME, not {text!r}",
                hint='write it as in SQL: app.schema_migrations, app."Migrations"',
            )


def choose_table(tool: Tool, found: Sequence[FoundTable], given: TableName | None) -> FoundTable:
    """Return the ledger of ``tool`` among the tables found.

    Raises ``UsageError`` where there is none, naming the ledgers of other tools, and where there are several.
    """
    name = given.name if given else tool.table
    named = [t for t in found if t.name == name and (given is None or given.schema in (None, t.schema))]
    fitting = [table for table in named if _fits(tool, table, exact=tool.exact and given is None)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(
            f"several tables may be the ledger of {tool.name}: {', '.join(str(table) for table in fitting)}",
            hint=f"name one: --ledger-table {fitting[0]}",
        )
    others = [(other.name, table) for other in TOOLS if other is not tool for table in ledgers_of(other, found)]
    hint = "; ".join(f"the database has a ledger of {other} ({table}): --from {other}" for other, table in others)
    if named:
        message = f"{named[0]} is no ledger of {tool.name}: its columns are {', '.join(sorted(named[0].columns))}"
    elif given:
        message = f"there is no table {_shown(given.schema) + '.' if given.schema else ''}{_shown(given.name)}"
    else:
        message = f"the database has no ledger of {tool.name}: no schema has a table {tool.table}"
    raise UsageError(message, hint=hint or "check the database URL; a table of another name: --ledger-table NAME")


def ledgers_of(tool: Tool, found: Sequence[FoundTable]) -> list[FoundTable]:
    """Return the tables that are a tool's ledger by its default name."""
    return [table for table in found if table.name == tool.table and _fits(tool, table, exact=tool.exact)]


def is_ledger(table: FoundTable) -> bool:
    """Whether a table has the name and the columns of some tool's ledger."""
    return any(tool.table == table.name and _fits(tool, table, exact=tool.exact) for tool in TOOLS)


def _fits(tool: Tool, table: FoundTable, *, exact: bool) -> bool:
    wanted = frozenset(tool.columns)
    return (table.columns == wanted if exact else table.columns >= wanted) and tool.without not in table.columns


def _shown(name: str) -> str:
    """Return a name as it is written in SQL: quoted only where that matters."""
    return name if stored_name(name) == name and split_name(name) == (name,) else quoted(name)
