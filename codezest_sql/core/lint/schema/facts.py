"""What the rules of a schema speak of: tables, columns, constraints, indexes, enums, comments. It decides nothing.

Partitions are left out everywhere: they repeat their parents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# The suffix of a constraint's name, by pg_constraint.contype.
SUFFIX = {"p": "pk", "u": "key", "f": "fk", "c": "check"}
_CLASS = re.compile(r"^Class: ([A-Z])\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``default`` is the server's text of it."""

    table: str
    name: str
    type: str
    not_null: bool
    default: str | None
    identity: str
    generated: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A primary key, unique, foreign key or check constraint; ``columns`` in the order in which it names them."""

    table: str
    name: str
    kind: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    on_delete: str
    validated: bool
    deferrable: bool


@dataclass(frozen=True, slots=True)
class Index:
    """An index; an expression is in ``keys`` as its text. ``predicate_columns`` are those of WHERE."""

    table: str
    name: str
    keys: tuple[str, ...]
    predicate: str | None
    predicate_columns: tuple[str, ...]
    unique: bool
    valid: bool
    of_constraint: bool


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that the rules of a schema speak of; ``tables`` and the others with their comments by name."""

    tables: dict[str, str | None]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]
    schemas: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    types: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    triggers: tuple[tuple[str, str], ...] = ()  # (table, trigger or rule)

    def foreign_keys(self) -> tuple[Constraint, ...]:
        """Return the foreign keys, ordered by name."""
        return tuple(constraint for constraint in self.constraints if constraint.kind == "f")

    def primary_key(self, table: str) -> Constraint:
        """Return the primary key of a table; raises ValueError if it has none."""
        (key,) = (each for each in self.constraints if (each.kind, each.table) == ("p", table))
        return key

    def columns_of(self, table: str) -> dict[str, Column]:
        """Return the columns of a table by name."""
        return {column.name: column for column in self.columns if column.table == table}

    def class_of(self, table: str) -> str:
        """Return the value of the line ``Class: …`` of a table's comment; "" if there is none."""
        found = _CLASS.search(self.tables.get(table) or "")
        return found[1] if found else ""
