"""What the statements read so far have made: tables with their columns, constraints and indexes, enums, views.

This is a model of what rules ask about, not of SQL: what it does not know (a table of a baseline, a function's doing)
counts as there before, with rows in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codezest_sql.core.lint.ddl import (
    Action,
    ActionKind,
    AlterEnum,
    AlterTable,
    Column,
    Comment,
    Constraint,
    ConstraintKind,
    CreateDomain,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateType,
    CreateView,
    Drop,
    Rename,
    Setting,
)

if TYPE_CHECKING:
    from codezest_sql.core.lint.ddl import Deed


@dataclass(slots=True)
class Table:
    """A table that a file made; ``file`` is which one."""

    name: str
    file: str
    columns: dict[str, Column] = field(default_factory=dict[str, Column])
    constraints: dict[str, Constraint] = field(default_factory=dict[str, Constraint])
    partitioned: bool = False
    parent: str | None = None

    def is_not_null(self, column: str) -> bool | None:
        """Tell whether a column refuses NULLs; None where the column is not known."""
        known = self.columns.get(column)
        if known is None:
            return None
        proven = re.compile(rf'"?{re.escape(column)}"?\s+is\s+not\s+null', re.IGNORECASE)
        return known.not_null or any(
            each.valid and each.kind is ConstraintKind.CHECK and proven.search(each.expression)
            for each in self.constraints.values()
        )

    def foreign_keys(self) -> list[Constraint]:
        """Return its foreign keys."""
        return [each for each in self.constraints.values() if each.kind is ConstraintKind.FOREIGN_KEY]


@dataclass(slots=True)
class State:
    """Everything that is known at one point of the folder."""

    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    indexes: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])  # → table, file
    enums: dict[str, str] = field(default_factory=dict[str, str])  # → file that made it
    labels: dict[str, str] = field(default_factory=dict[str, str])  # label added → file
    domains: dict[str, CreateDomain] = field(default_factory=dict[str, CreateDomain])
    views: dict[str, CreateView] = field(default_factory=dict[str, CreateView])
    schemas: dict[str, str] = field(default_factory=dict[str, str])
    comments: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    schema: str = "public"
    utc: bool = False  # the session's time zone, as far as the file sets it

    def is_new(self, table: str, file: str) -> bool:
        """Tell whether the file itself made the table: it has no rows that others wait for."""
        known = self.tables.get(table)
        return table.startswith("pg_temp.") or (known is not None and known.file == file)

    def column(self, table: str, column: str) -> Column | None:
        """Return a column as it is declared now."""
        known = self.tables.get(table)
        return known.columns.get(column) if known else None

    def children(self, table: str) -> list[Table]:
        """Return the tables with a foreign key to this one, itself left out."""
        return [
            each
            for each in self.tables.values()
            if each.name != table and any(key.references == table for key in each.foreign_keys())
        ]

    def views_of(self, table: str, column: str = "") -> list[str]:
        """Return the views that name the table, and the column where one is given."""
        wanted = {table.rpartition(".")[2], *([column] if column else [])}
        return [view.name for view in self.views.values() if wanted <= view.words]

    def end_of_file(self) -> None:
        """Forget what ends with a file: its settings."""
        self.schema = "public"
        self.utc = False

    def apply(self, deed: Deed | None, file: str) -> None:
        """Take over what a statement does."""
        if isinstance(deed, CreateTable):
            self._create_table(deed, file)
        elif isinstance(deed, AlterTable):
            for action in deed.actions:
                self._alter(deed, action)
        elif isinstance(deed, CreateIndex) and deed.name:
            self.indexes[deed.name] = (deed.table, file)
        elif isinstance(deed, Drop):
            self._drop(deed)
        elif isinstance(deed, CreateType):
            if deed.labels is not None:
                self.enums[deed.name] = file
        elif isinstance(deed, AlterEnum):
            if deed.old is None and self.enums.get(deed.name) != file:
                self.labels[deed.label] = file
        elif isinstance(deed, Setting):
            self._set(deed)
        else:
            self._rest(deed, file)

    def _set(self, deed: Setting) -> None:
        if deed.name == "search_path":
            self.schema = deed.value or "public"
        elif deed.name == "timezone":
            self.utc = deed.value.upper() in {"UTC", "ETC/UTC", "GMT", "Z"}

    def _rest(self, deed: Deed | None, file: str) -> None:
        if isinstance(deed, CreateDomain):
            self.domains[deed.name] = deed
        elif isinstance(deed, CreateView):
            self.views[deed.name] = deed
        elif isinstance(deed, CreateSchema):
            self.schemas[deed.name] = file
        elif isinstance(deed, Comment) and deed.present:
            self.comments.add((deed.what, deed.name))
        elif isinstance(deed, Rename) and deed.what == "SCHEMA":
            for name in [each for each in self.tables if each.startswith(f"{deed.name}.")]:
                self._move(name, f"{deed.new_name}.{name.rpartition('.')[2]}")

    def _create_table(self, deed: CreateTable, file: str) -> None:
        if deed.name in self.tables:  # IF NOT EXISTS
            return
        table = Table(deed.name, file, partitioned=deed.partitioned, parent=deed.partition_of)
        parent = self.tables.get(deed.partition_of or "")
        if parent:
            table.columns.update(parent.columns)
        for column in deed.columns:
            self._add_column(table, column)
        for constraint in deed.constraints:
            self._add_constraint(table, constraint)
        self.tables[deed.name] = table

    def _add_column(self, table: Table, column: Column) -> None:
        table.columns[column.name] = column
        for constraint in column.constraints:
            self._add_constraint(table, constraint)

    def _add_constraint(self, table: Table, constraint: Constraint) -> None:
        table.constraints[constraint.name or _made_up(table, constraint)] = constraint
        if constraint.kind is ConstraintKind.PRIMARY_KEY:
            for name in constraint.columns:
                if name in table.columns:
                    table.columns[name] = replace(table.columns[name], not_null=True)
        if constraint.kind is ConstraintKind.NOT_NULL and constraint.valid:
            for name in constraint.columns:
                if name in table.columns:
                    table.columns[name] = replace(table.columns[name], not_null=True)

    def _alter(self, deed: AlterTable, action: Action) -> None:
        kind = action.kind
        if deed.what != "TABLE":
            return
        if kind is ActionKind.RENAME_TABLE:
            self._move(deed.name, f"{deed.name.rpartition('.')[0]}.{action.new_name}")
            return
        if kind is ActionKind.SET_SCHEMA:
            self._move(deed.name, f"{action.new_name}.{deed.name.rpartition('.')[2]}")
            return
        table = self.tables.setdefault(deed.name, Table(deed.name, ""))
        if kind is ActionKind.ADD_COLUMN and action.column:
            self._add_column(table, action.column)
        elif kind is ActionKind.DROP_COLUMN:
            table.columns.pop(action.name, None)
        elif kind is ActionKind.ADD_CONSTRAINT and action.constraint:
            self._add_constraint(table, action.constraint)
        elif kind is ActionKind.DROP_CONSTRAINT:
            table.constraints.pop(action.name, None)
        elif kind is ActionKind.VALIDATE and action.name in table.constraints:
            table.constraints[action.name] = replace(table.constraints[action.name], valid=True)
        elif kind is ActionKind.RENAME_COLUMN and action.name in table.columns:
            column = table.columns.pop(action.name)
            table.columns[action.new_name] = replace(column, name=action.new_name)
        elif kind is ActionKind.ATTACH and action.name in self.tables:
            self.tables[action.name].parent = deed.name
        elif kind is ActionKind.DETACH and action.name in self.tables:
            self.tables[action.name].parent = None
        else:
            _alter_column(table, action)

    def _move(self, name: str, new_name: str) -> None:
        table = self.tables.pop(name, None)
        if table:
            table.name = new_name
            self.tables[new_name] = table

    def _drop(self, deed: Drop) -> None:
        for name in deed.names:
            if deed.what == "TABLE":
                self.tables.pop(name, None)
            elif deed.what == "INDEX":
                self.indexes.pop(name, None)
            elif deed.what == "DOMAIN":
                self.domains.pop(name, None)
            elif deed.what.endswith("VIEW"):
                self.views.pop(name, None)
            elif deed.what == "SCHEMA":
                self.schemas.pop(name, None)
                for table in [each for each in self.tables if each.startswith(f"{name}.")]:
                    del self.tables[table]


def _alter_column(table: Table, action: Action) -> None:
    column = table.columns.get(action.name)
    if column is None:
        return
    if action.kind is ActionKind.SET_NOT_NULL:
        table.columns[action.name] = replace(column, not_null=True)
    elif action.kind is ActionKind.DROP_NOT_NULL:
        table.columns[action.name] = replace(column, not_null=False)
    elif action.kind is ActionKind.TYPE:
        table.columns[action.name] = replace(column, type=action.type)


def _made_up(table: Table, constraint: Constraint) -> str:
    """Return the name that the server chooses (ChooseConstraintName), as far as rules need to know it."""
    bare = table.name.rpartition(".")[2]
    ending = {
        ConstraintKind.CHECK: "check",
        ConstraintKind.FOREIGN_KEY: "fkey",
        ConstraintKind.UNIQUE: "key",
        ConstraintKind.PRIMARY_KEY: "pkey",
        ConstraintKind.EXCLUDE: "excl",
        ConstraintKind.NOT_NULL: "not_null",
    }[constraint.kind]
    if constraint.using_index:
        return constraint.using_index
    columns = () if constraint.kind is ConstraintKind.PRIMARY_KEY else constraint.columns
    return "_".join((bare, *columns, ending))
