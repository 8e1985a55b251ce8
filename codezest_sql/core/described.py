"""What the server says of a statement: the types of its parameters and columns, and what is proven of their NULLs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.statement_facts import StatementFacts

if TYPE_CHECKING:
    from codezest_sql.core.value_shape import ValueShape


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
class ResultColumn:
    """A column of a result. ``not_null`` is proven; without a proof it may be NULL.

    ``shape`` is that of a json, jsonb or array that the statement builds; None when nothing is proven of its inside.
    ``elements_not_null`` is proven of an array of SQL, which has one dimension then. ``dimensions`` are those that an
    array can have.
    """

    name: str
    type_oid: int
    type_name: str
    not_null: bool
    origin: Origin | None = None
    shape: ValueShape | None = None
    elements_not_null: bool = False
    dimensions: frozenset[int] = frozenset({1})


@dataclass(frozen=True, slots=True)
class StatementParameter:
    """A parameter of a statement, in the order of ``$1 … $n``.

    ``used_as`` names what it is compared with, assigned to or passed as, where that was asked for and is known.
    """

    type_oid: int
    type_name: str
    may_be_null: bool
    elements_may_be_null: bool = False
    used_as: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A statement that the server accepts."""

    columns: tuple[ResultColumn, ...]
    parameters: tuple[StatementParameter, ...]
    at_most_one_row: bool = False
    facts: StatementFacts = field(default_factory=StatementFacts)

    @property
    def returns_rows(self) -> bool:
        """Whether there are columns at all."""
        return bool(self.columns)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement that the server refuses, in its words. ``position`` counts characters of the text from 1."""

    message: str
    sqlstate: str
    position: int | None = None
    detail: str | None = None
    hint: str | None = None


Described: TypeAlias = Analysis | Refusal


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
