"""The server's description of a statement: the types of its parameters and columns, and which are not NULL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.query_tree.table_access import StatementFacts

if TYPE_CHECKING:
    from codezest_sql.core.describe.types import Origin
    from codezest_sql.core.describe.value_shape import ValueShape


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result. ``not_null`` is inferred; otherwise it may be NULL.

    ``shape`` is that of a json, jsonb or array that the statement builds; None when nothing is known of its
    inside.
    ``elements_not_null`` is inferred for an array of SQL, which has one dimension then. ``dimensions`` are those that
    an array can have.
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
