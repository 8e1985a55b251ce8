"""What uses the columns of tables: views, rules, policies, triggers, generated columns and bodies of functions. Pure.

PostgreSQL keeps for each of them the columns that it uses, and refuses to drop these or to change their type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.uses import ALL, NATURAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codezest_sql.core.ddl.changes import Uses


@dataclass(slots=True)
class Dependent:
    """What uses columns: ``columns`` are pairs of table and column, ``tables`` all that it reads."""

    kind: str
    name: str
    tables: set[str]
    columns: set[tuple[str, str]]


@dataclass(slots=True)
class Dependents:
    """All that uses columns, by kind and name."""

    _all: dict[tuple[str, str], Dependent] = field(default_factory=dict[tuple[str, str], Dependent])

    def add(self, kind: str, name: str, uses: Uses, columns: Mapping[str, tuple[str, ...]]) -> None:
        """Take over what uses columns; ``columns`` are those of the tables that are known."""
        found = set(_resolved(uses, columns))
        self._all[kind, name] = Dependent(kind, name, {full for _, full, _ in uses.tables}, found)

    def drop(self, kind: str, name: str) -> None:
        """Forget one that is dropped."""
        self._all.pop((kind, name), None)

    def drop_table(self, table: str) -> None:
        """Forget what is gone with a table."""
        self._all = {key: each for key, each in self._all.items() if table not in each.tables}

    def drop_users(self, table: str, column: str) -> None:
        """Forget what CASCADE takes along with a column."""
        gone = {(each.kind, each.name) for each in self.users(table, column)}
        self._all = {key: each for key, each in self._all.items() if key not in gone}

    def forget(self, prefix: str) -> None:
        """Forget those whose names begin so."""
        self._all = {key: each for key, each in self._all.items() if not each.name.startswith(prefix)}

    def users(self, table: str, column: str) -> list[Dependent]:
        """Return what uses the column."""
        wanted = {(table, column), (table, ALL)}
        return [each for each in self._all.values() if wanted & each.columns]

    def of_table(self, table: str, kind: str) -> list[str]:
        """Return the names of those of a kind that read the table."""
        return [each.name for each in self._all.values() if each.kind == kind and table in each.tables]

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Follow a column to its new name, as the server does."""
        for each in self._all.values():
            each.columns = {(table, new) if pair == (table, old) else pair for pair in each.columns}

    def rename_table(self, old: str, new: str) -> None:
        """Follow a table or view to its new name."""
        for each in self._all.values():
            each.tables = {new if name == old else name for name in each.tables}
            each.columns = {(new if name == old else name, column) for name, column in each.columns}
        moved = self._all.pop(("view", old), None)
        if moved:
            moved.name = new
            self._all["view", new] = moved


def _resolved(uses: Uses, columns: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Give the columns by table; of tables that are not known, ALL for ``*``, and whatever is named so."""
    for qualifier, column, scope in uses.columns:
        for tables in _outwards(uses, qualifier, scope):
            if column == NATURAL:
                names = [each for table in tables for each in columns.get(table, ())]
                yield from ((table, each) for table in tables for each in names if names.count(each) > 1)
            elif column == ALL:
                yield from ((table, each) for table in tables for each in columns.get(table, (ALL,)))
            else:
                yield from ((table, column) for table in tables if column in columns.get(table, (column,)))
            if qualifier or column in {ALL, NATURAL} or any(column in columns.get(table, ()) for table in tables):
                break


def _outwards(uses: Uses, qualifier: str, scope: int) -> Iterator[set[str]]:
    """Give the tables that a name may be of, from its own scope outwards; scopes without any are left out."""
    while True:
        found = {full for alias, full, at in uses.tables if at == scope and qualifier in {"", alias}}
        if found:
            yield found
        if not scope:
            return
        scope = uses.parents[scope]
