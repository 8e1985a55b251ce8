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

    ``repr`` tells the statement's name and never an argument. Two queries are equal only when they are one object.
    """

    __slots__ = ("arguments", "order", "statement")
    kind = ""

    def __init__(self, statement: Statement, arguments: tuple[Any, ...] = (), *, order: str | None = None) -> None:
        self.statement = statement
        self.arguments = arguments
        self.order = order

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.statement.name}>"


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
