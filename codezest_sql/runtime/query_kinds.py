"""A query with its arguments, one class for each kind: what ``run`` gives is in its type. Does no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from codezest_sql.runtime.values import Statement

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")


class Query(Generic[T_co]):
    """A statement and its arguments; ``T_co`` is what ``Database.run`` gives.

    ``repr`` shows the statement's name and never an argument. Queries of one kind are equal if their statements,
    arguments and orders are.
    """

    __slots__ = ("arguments", "order", "statement")
    kind = ""

    def __init__(self, statement: Statement, arguments: tuple[Any, ...] = (), *, order: str | None = None) -> None:
        self.statement = statement
        self.arguments = arguments
        self.order = order

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.statement.name}>"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Query):
            return NotImplemented
        mine, its = self.statement, other.statement
        same = mine is its or (mine.name, mine.text, mine.parts) == (its.name, its.text, its.parts)
        return same and self.arguments == other.arguments and self.order == other.order

    def __hash__(self) -> int:
        try:
            arguments = hash(self.arguments)
        except TypeError:  # a list or a dict: equal queries still hash equally
            arguments = 0
        return hash((type(self), self.statement.name, self.order, arguments))


class One(Query[R]):
    """Exactly one row: none is ``NoRowFound``, several are ``TooManyRows``."""

    __slots__ = ()
    kind = "one"


class First(Query[R]):
    """The first row of as many as there are, as sqlc's ``:one``; none is ``NoRowFound``."""

    __slots__ = ()
    kind = "first"


class Opt(Query[R | None], Generic[R]):
    """One row or None; several are ``TooManyRows``."""

    __slots__ = ()
    kind = "opt"


class Many(Query[list[R]], Generic[R]):
    """All rows, as a list."""

    __slots__ = ()
    kind = "many"


class Exec(Query[None]):
    """Nothing comes back."""

    __slots__ = ()
    kind = "exec"


class ExecRows(Query[int]):
    """The number of rows that were written."""

    __slots__ = ()
    kind = "execrows"


class CopyFrom(Query[int]):
    """Rows for COPY, tuples or models with fields in the order of the columns; gives their number."""

    __slots__ = ("rows",)
    kind = "copyfrom"

    def __init__(self, statement: Statement, rows: Iterable[Any] | AsyncIterable[Any]) -> None:
        super().__init__(statement)
        self.rows = rows

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CopyFrom):
            return NotImplemented
        return super().__eq__(other) is True and bool(self.rows == other.rows)

    def __hash__(self) -> int:
        return super().__hash__()
