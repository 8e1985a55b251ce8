"""What the server reports of a result column's origin and type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The table column that a column of a result is, unchanged."""

    table_oid: int
    number: int
    schema: str
    table: str
    column: str
    type_oid: int  # as it was declared: a result has the type below a domain


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """A type: ``kind`` is pg_type's typtype, ``name`` how SQL writes it, qualified unless it is built in."""

    oid: int
    name: str
    kind: str
    schema: str
    bare_name: str
    element: int = 0  # of an array
    base: int = 0  # of a domain
    subtype: int = 0  # of a range
    relation: int = 0  # of a composite
    not_null: bool = False  # of a domain
    labels: tuple[str, ...] = ()  # of an enum
    attributes: tuple[tuple[str, int], ...] = ()  # of a composite: names and types
