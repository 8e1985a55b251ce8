"""What the statements read so far have made: tables with their columns, constraints and indexes, enums, views.

This is a model of what rules ask about, not of SQL: what it does not know (a table of a baseline, a function's doing)
counts as there before, with rows in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import (
    Action,
    ActionKind,
    AlterDomain,
    AlterEnum,
    AlterFunction,
    AlterTable,
    Column,
    Comment,
    Constraint,
    ConstraintKind,
    CreateDomain,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateType,
    CreateView,
    DoBlock,
    Drop,
    OnTable,
    Rename,
    Setting,
    Write,
)
from codezest_sql.core.ddl.dependents import Dependents
from codezest_sql.core.ddl.type_changes import collation_of, without_collation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.ddl.changes import Effect, Uses

_OF_CONSTRAINTS = frozenset({
    ActionKind.ADD_CONSTRAINT, ActionKind.DROP_CONSTRAINT, ActionKind.RENAME_CONSTRAINT, ActionKind.VALIDATE,
    ActionKind.ENFORCE, ActionKind.UNENFORCE,
})  # fmt: skip


@dataclass(slots=True)
class Table:
    """A table that a file made; ``file`` is which one."""

    name: str
    file: str
    columns: dict[str, Column] = field(default_factory=dict[str, Column])
    constraints: dict[str, Constraint] = field(default_factory=dict[str, Constraint])
    partitioned: bool = False
    parent: str | None = None
    inherits: tuple[str, ...] = ()
    default: str | None = None  # the partition that takes the rest
    filled: bool = False  # rows were put into it
    indexes: dict[str, CreateIndex] = field(default_factory=dict[str, CreateIndex])

    def is_not_null(self, column: str) -> bool | None:
        """Return whether a column refuses NULLs; None where the column is not known."""
        known = self.columns.get(column)
        if known is None:
            return None
        return known.not_null or any(
            each.checks_rows and each.kind is ConstraintKind.CHECK and _proves(each.expression, column)
            for each in self.constraints.values()
        )

    def key_of(self, index: str) -> tuple[str, ...] | None:
        """Return the columns of an index of it; None where it is not known."""
        found = next((each for name, each in self.indexes.items() if name.rpartition(".")[2] == index), None)
        return found.columns if found else None

    def primary_key(self) -> tuple[str, ...]:
        """Return the columns of its primary key."""
        keys = [each for each in self.constraints.values() if each.kind is ConstraintKind.PRIMARY_KEY]
        return keys[0].columns if keys else ()

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
    domain_files: dict[str, str] = field(default_factory=dict[str, str])  # → file that made it
    views: dict[str, CreateView] = field(default_factory=dict[str, CreateView])
    functions: dict[str, CreateFunction] = field(default_factory=dict[str, CreateFunction])
    dependents: Dependents = field(default_factory=Dependents)
    schemas: dict[str, str] = field(default_factory=dict[str, str])
    comments: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    schema: str = "public"
    utc: bool = False  # the session's time zone, as far as the file sets it

    def is_new(self, table: str, file: str) -> bool:
        """Return whether the file itself made the table: it has no rows that others wait for."""
        known = self.table(table)
        return table.startswith("pg_temp.") or (known is not None and known.file == file)

    def table(self, name: str) -> Table | None:
        """Return a table by its name; a temporary one is found before any other where no schema was written."""
        schema, _, bare = name.rpartition(".")
        temporary = self.tables.get(f"pg_temp.{bare}") if schema == self.schema else None
        return temporary or self.tables.get(name)

    def column(self, table: str, column: str) -> Column | None:
        """Return a column as it is declared now."""
        known = self.table(table)
        return known.columns.get(column) if known else None

    def children(self, table: str) -> list[Table]:
        """Return the tables with a foreign key to this one, itself left out."""
        return [
            each
            for each in self.tables.values()
            if each.name != table and any(key.references == table for key in each.foreign_keys())
        ]

    def descendants(self, table: str) -> list[str]:
        """Return its partitions and the tables that inherit from it, and theirs."""
        own = [each.name for each in self.tables.values() if table == each.parent or table in each.inherits]
        return [name for each in own for name in (each, *self.descendants(each))]

    def tables_with(self, type_name: str) -> list[Table]:
        """Return the tables with a column of a domain, or of a domain over it."""
        names = {type_name}
        for domain in self.domains.values():
            if {domain.base, f"{self.schema}.{domain.base}"} & names:
                names.add(domain.name)
        return [
            table
            for table in self.tables.values()
            if any({column.type, f"{self.schema}.{column.type}"} & names for column in table.columns.values())
        ]

    def views_of(self, table: str) -> list[str]:
        """Return the views that read the table."""
        return self.dependents.of_table(table, "view")

    def end_of_file(self) -> None:
        """Forget what ends with a file: its settings and temporary tables."""
        self.schema = "public"
        self.utc = False
        for name in [each for each in self.tables if each.startswith("pg_temp.")]:
            del self.tables[name]
        self.dependents.forget("pg_temp.")

    def apply(self, effect: Effect | None, file: str) -> None:
        """Take over what a statement does."""
        if isinstance(effect, CreateTable):
            self._create_table(effect, file)
        elif isinstance(effect, AlterTable):
            for action in effect.actions:
                self._alter(effect, action)
        elif isinstance(effect, CreateIndex):
            self._create_index(effect, file)
        elif isinstance(effect, Drop):
            self._drop(effect)
        elif isinstance(effect, CreateType):
            if effect.labels is not None:
                self.enums[effect.name] = file
        elif isinstance(effect, AlterEnum):
            if effect.old is None and self.enums.get(effect.name) != file:
                self.labels[effect.label] = file
        elif isinstance(effect, Setting):
            self._set(effect)
        else:
            self._rest(effect, file)

    def _set(self, effect: Setting) -> None:
        if effect.name == "search_path":
            self.schema = effect.value or "public"
        elif effect.name == "timezone":
            self.utc = effect.value.upper() in {"UTC", "ETC/UTC", "GMT", "Z"}

    def _create_index(self, effect: CreateIndex, file: str) -> None:
        name = effect.name or f"{effect.table}_{'_'.join(effect.columns)}_idx"
        self.indexes[name] = (effect.table, file)
        table = self.table(effect.table)
        if table:
            table.indexes[name] = effect

    def _rest(self, effect: Effect | None, file: str) -> None:
        if isinstance(effect, CreateDomain):
            self.domains[effect.name] = effect
            self.domain_files[effect.name] = file
        elif isinstance(effect, AlterDomain) and effect.name in self.domains:
            checks = effect.action != "VALIDATE CONSTRAINT"
            known = self.domains[effect.name]
            self.domains[effect.name] = replace(known, constrained=known.constrained or checks)
        elif isinstance(effect, (CreateView, CreateFunction, AlterFunction, OnTable)):
            self._create_dependent(effect, file)
        elif isinstance(effect, DoBlock):
            self._make(effect.makes, file)
        elif isinstance(effect, Write):
            for table in filter(None, (self.table(each.table) for each in effect.every)):
                table.filled = True
        elif isinstance(effect, CreateSchema):
            self.schemas[effect.name] = file
            self._make(effect.makes, file)
        elif isinstance(effect, Comment) and effect.present:
            self.comments.add((effect.what, effect.name))
        elif isinstance(effect, Rename) and effect.what == "SCHEMA":
            for name in [each for each in self.tables if each.startswith(f"{effect.name}.")]:
                self._move(name, f"{effect.new_name}.{name.rpartition('.')[2]}")

    def _make(self, names: Iterable[str], file: str) -> None:
        """Take over tables of which only the names are known."""
        for name in names:
            self.tables.setdefault(name, Table(name, file))

    def _create_dependent(self, effect: CreateView | CreateFunction | AlterFunction | OnTable, file: str) -> None:
        if isinstance(effect, CreateView):
            self.views[effect.name] = effect
            self._depend("view", effect.name, effect.uses)
            if effect.materialized:
                self._make([effect.name], file)
        elif isinstance(effect, CreateFunction):
            self.functions[effect.name] = effect
            self._depend("function", effect.name, effect.uses)
        elif isinstance(effect, AlterFunction):
            known = self.functions.get(effect.name)
            if known:
                self.functions[effect.name] = replace(known, volatile=effect.volatile)
        elif effect.effect == "CREATE" or effect.uses:
            self._depend(effect.what.lower(), f"{effect.table}.{effect.name}", effect.uses)

    def _depend(self, kind: str, name: str, uses: Uses | None) -> None:
        if uses:
            tables = {full: (*found.columns,) for _, full, _ in uses.tables if (found := self.table(full))}
            self.dependents.add(kind, name, uses, tables)

    def _create_table(self, effect: CreateTable, file: str) -> None:
        if effect.name in self.tables:  # IF NOT EXISTS
            return
        table = Table(
            effect.name,
            file,
            partitioned=effect.partitioned,
            parent=effect.partition_of,
            filled=effect.fills,
            inherits=effect.inherits,
        )
        for source in (effect.partition_of or "", *effect.likes):
            parent = self.table(source)
            if parent:
                table.columns.update(parent.columns)
                parent.default = effect.name if effect.default_partition else parent.default
        for column in effect.columns:
            self._add_column(table, column)
        for constraint in effect.constraints:
            self._add_constraint(table, constraint)
        self.tables[effect.name] = table

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
        if constraint.kind in {ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE} and constraint.using_index:
            known = table.key_of(constraint.using_index)
            if known is not None:
                constraint = replace(constraint, columns=known)
                table.constraints[constraint.name or _made_up(table, constraint)] = constraint
                for name in known if constraint.kind is ConstraintKind.PRIMARY_KEY else ():
                    if name in table.columns:
                        table.columns[name] = replace(table.columns[name], not_null=True)
        if constraint.kind is ConstraintKind.NOT_NULL and constraint.checks_rows:
            for name in constraint.columns:
                if name in table.columns:
                    table.columns[name] = replace(table.columns[name], not_null=True)

    def _alter(self, effect: AlterTable, action: Action) -> None:
        kind = action.kind
        if effect.what != "TABLE":
            return
        if kind is ActionKind.RENAME_TABLE:
            self._move(effect.name, f"{effect.name.rpartition('.')[0]}.{action.new_name}")
            return
        if kind is ActionKind.SET_SCHEMA:
            self._move(effect.name, f"{action.new_name}.{effect.name.rpartition('.')[2]}")
            return
        table = self.table(effect.name) or self.tables.setdefault(effect.name, Table(effect.name, ""))
        if kind is ActionKind.ADD_COLUMN and action.column:
            if not (action.if_exists and action.name in table.columns):
                self._add_column(table, action.column)
        elif kind is ActionKind.DROP_COLUMN:
            self._drop_column(table, action)
        elif kind is ActionKind.RENAME_COLUMN:
            self.dependents.rename_column(effect.name, action.name, action.new_name)
            if action.name in table.columns:
                column = table.columns.pop(action.name)
                table.columns[action.new_name] = replace(column, name=action.new_name)
        elif kind in {ActionKind.ATTACH, ActionKind.DETACH}:
            self._attach(table, action)
        elif kind in _OF_CONSTRAINTS:
            self._alter_constraint(table, action)
        else:
            _alter_column(table, action)

    def _attach(self, table: Table, action: Action) -> None:
        attached = action.kind is ActionKind.ATTACH
        if action.name in self.tables:
            self.tables[action.name].parent = table.name if attached else None
        if action.default or table.default == action.name:
            table.default = action.name if attached else None

    def _drop_column(self, table: Table, action: Action) -> None:
        table.columns.pop(action.name, None)
        table.indexes = {name: each for name, each in table.indexes.items() if action.name not in each.words}
        table.constraints = {
            name: each
            for name, each in table.constraints.items()
            if action.name not in each.columns and action.name not in each.words
        }
        if action.cascade:
            self.dependents.drop_users(table.name, action.name)

    def _alter_constraint(self, table: Table, action: Action) -> None:
        known = table.constraints.get(action.name)
        if action.kind is ActionKind.ADD_CONSTRAINT and action.constraint:
            self._add_constraint(table, action.constraint)
        elif action.kind is ActionKind.DROP_CONSTRAINT:
            table.constraints.pop(action.name, None)
            table.indexes.pop(f"{table.name.rpartition('.')[0]}.{action.name}", None)
        elif action.kind is ActionKind.RENAME_CONSTRAINT and known:
            table.constraints[action.new_name] = table.constraints.pop(action.name)
        elif action.kind is ActionKind.VALIDATE and known:
            self._add_constraint(table, replace(known, valid=True, name=action.name))
        elif action.kind is ActionKind.UNENFORCE and known:
            table.constraints[action.name] = replace(known, enforced=False)
        elif action.kind is ActionKind.ENFORCE and known:
            self._add_constraint(table, replace(known, enforced=True, valid=True, name=action.name))

    def _move(self, name: str, new_name: str) -> None:
        table = self.tables.pop(name, None)
        self.dependents.rename_table(name, new_name)
        if table:
            table.name = new_name
            self.tables[new_name] = table

    def _drop(self, effect: Drop) -> None:
        for name in effect.names:
            if effect.what == "TABLE":
                table = self.table(name)
                self.tables.pop(table.name if table else name, None)
                self.dependents.drop_table(name)
            elif effect.what == "INDEX":
                owner = self.table(self.indexes.pop(name, ("", ""))[0])
                if owner:
                    owner.indexes.pop(name, None)
            elif effect.what in {"TRIGGER", "POLICY", "RULE"}:
                self.dependents.drop(effect.what.lower(), f"{effect.table}.{name}")
            elif effect.what in {"FUNCTION", "PROCEDURE", "ROUTINE"}:
                self.functions.pop(name, None)
                self.dependents.drop("function", name)
            elif effect.what == "DOMAIN":
                self.domains.pop(name, None)
            elif effect.what.endswith("VIEW"):
                self.views.pop(name, None)
                self.tables.pop(name, None)
                self.dependents.drop("view", name)
            elif effect.what == "SCHEMA":
                self.schemas.pop(name, None)
                for one in [each for each in self.tables if each.startswith(f"{name}.")]:
                    del self.tables[one]


def _alter_column(table: Table, action: Action) -> None:
    column = table.columns.get(action.name)
    if column is None:
        return
    if action.kind is ActionKind.SET_NOT_NULL:
        table.columns[action.name] = replace(column, not_null=True)
    elif action.kind is ActionKind.DROP_NOT_NULL:
        table.columns[action.name] = replace(column, not_null=False)
    elif action.kind is ActionKind.TYPE:
        table.columns[action.name] = replace(
            column, type=without_collation(action.type), collation=collation_of(action.type)
        )


def _proves(expression: str, column: str) -> bool:
    """Return whether a CHECK allows no NULL in the column: IS NOT NULL alone, or one of the parts that AND joins."""
    words = " ".join(expression.split())
    while words.startswith("(") and _closes_at_end(words):
        words = words[1:-1].strip()
    parts = _parts_of_and(words)
    if len(parts) > 1:
        return any(_proves(part, column) for part in parts)
    name = rf'(?:\w+\.)?(?:"{re.escape(column)}"|{re.escape(column)})'
    return re.fullmatch(rf"{name} (?:is not null|notnull)", words, re.IGNORECASE) is not None


def _closes_at_end(words: str) -> bool:
    depth = 0
    for offset, letter in enumerate(words):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if not depth:
            return offset == len(words) - 1
    return False


def _parts_of_and(words: str) -> list[str]:
    """Return what AND joins outside of parentheses; one part if OR or BETWEEN occur there too."""
    depth, start = 0, 0
    parts: list[str] = []
    for found in re.finditer(r"'(?:[^']|'')*'|[()]|\b(?:and|or|between)\b", words, re.IGNORECASE):
        word = found[0].lower()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth:
            continue
        if word in {"or", "between"}:
            return [words]
        if word == "and":
            parts.append(words[start : found.start()].strip())
            start = found.end()
    return [*parts, words[start:].strip()]


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
