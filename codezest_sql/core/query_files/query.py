"""What a query is before the server was asked about it: values, and the SQL of each of its variants.

A query with optional parts or orders is one text of several. ``Query.pieces`` is that text cut where a parameter
stands or a part begins or ends; a *choice* (which ``:if`` are on, which order) selects pieces, and these make the SQL
of a *variant*. No text of a caller ever comes into it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.text.source_map import SourceMap, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.text.source_text import SourceText
    from codezest_sql.place import Place


class QueryKind(StrEnum):
    """What a query gives back."""

    ONE = "one"
    OPT = "opt"
    MANY = "many"
    EXEC = "exec"
    EXECROWS = "execrows"
    COPYFROM = "copyfrom"

    @property
    def gives_rows(self) -> bool:
        """Whether rows come back."""
        return self in {QueryKind.ONE, QueryKind.OPT, QueryKind.MANY}


class Choice(NamedTuple):
    """The ``:if`` that are on, and the order; None where the query has none."""

    ifs: frozenset[str] = frozenset()
    order: str | None = None


class Condition(NamedTuple):
    """When a piece is part of the SQL: all of ``ifs`` are on, and ``order``, where not None, is the one chosen."""

    ifs: frozenset[str] = frozenset()
    order: str | None = None

    def holds(self, choice: Choice) -> bool:
        """Whether a choice takes the piece in."""
        return self.ifs <= choice.ifs and self.order in {None, choice.order}


ALWAYS = Condition()


class Piece(NamedTuple):
    """A stretch of a query: SQL, or with ``parameter`` the place of a ``$n``.

    It means ``width`` code points at ``start`` of the file; ``exact`` where those are the same ones.
    """

    text: str
    start: int
    width: int
    when: Condition = ALWAYS
    parameter: str | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query.

    ``when`` are the conditions under which the SQL contains it: any one of them; ``ALWAYS`` among them for one that
    is
    always needed. ``optional`` is one that an ``:if`` names: given or absent, which is not NULL. ``forced_nullable``
    has ``-- nullable:`` or ``sqlc.narg``. ``written`` is its name as the file spells it; ``is_list`` is for
    ``sqlc.slice``. ``number`` is the n of a ``$n`` of sqlc's, which the file gives no name.
    """

    name: str
    places: tuple[Place, ...]
    forced_nullable: bool = False
    optional: bool = False
    when: tuple[Condition, ...] = (ALWAYS,)
    written: str = ""
    is_list: bool = False
    number: int = 0

    @property
    def shown(self) -> str:
        """The parameter as a message shows it."""
        return f"${self.number}" if self.number else f":{self.written or self.name}"

    def is_in(self, choice: Choice) -> bool:
        """Whether the SQL of this choice holds the parameter."""
        return any(condition.holds(choice) for condition in self.when)


@dataclass(frozen=True, slots=True)
class Embed:
    """A ``sqlc.embed(table)``: the SQL has ``table.*`` there, as item ``item`` (from 0) of the list of columns."""

    table: str
    item: int
    place: Place


@dataclass(frozen=True, slots=True)
class Variant:
    """The SQL of one choice; ``parameters`` are the names of ``$1``, ``$2`` and so on."""

    choice: Choice
    text: str
    parameters: tuple[str, ...]
    source_map: SourceMap = field(repr=False)

    def place(self, position: int) -> Place:
        """Return where in the file an error position of the server is, which counts from 1."""
        return self.source_map.place(position)


@dataclass(frozen=True, slots=True)
class Query:
    """A named query of a file.

    ``full`` is the variant with every part on, in the first order; ``text`` is its SQL, which is all there is for a
    query without parts. ``parameters`` are those of all variants, in the order of their first appearance; that is the
    order of ``$n`` in each of them. ``flags`` are the ``:if`` that name no parameter: plain booleans.
    ``first_row`` is sqlc's ``:one``, which takes the first row of several. ``batch`` is sqlc's ``:batch…``.
    """

    name: str
    kind: QueryKind
    place: Place
    docstring: str
    parameters: tuple[Parameter, ...]
    pieces: tuple[Piece, ...] = field(repr=False)
    source: SourceText = field(repr=False)
    full: Variant = field(repr=False)
    ifs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    row: str | None = None
    row_place: Place | None = None
    include_deleted: bool = False
    across_users: bool = False
    dialect: Dialect = Dialect.NATIVE
    written_name: str = ""
    first_row: bool = False
    batch: bool = False
    embeds: tuple[Embed, ...] = ()

    @property
    def file(self) -> str:
        """The file that the query is in."""
        return self.source.file

    @property
    def text(self) -> str:
        """The SQL of the full variant, with ``$1``, ``$2``, … for the server."""
        return self.full.text

    @property
    def source_map(self) -> SourceMap:
        """Takes an offset in ``text`` back to the file."""
        return self.full.source_map

    def variant(self, choice: Choice) -> Variant:
        """Return the SQL of a choice; ``ValueError`` for a part or an order that the query does not have."""
        if unknown := choice.ifs.difference(self.ifs):
            raise ValueError(f"{self.name} has no optional part {min(unknown)!r}")
        if choice.order not in (self.orders or (None,)):
            raise ValueError(f"{self.name} has no order {choice.order!r}")
        return assemble(self.pieces, [parameter.name for parameter in self.parameters], choice, self.source)


def assemble(pieces: Iterable[Piece], order: Iterable[str], choice: Choice, source: SourceText) -> Variant:
    """Return the variant that ``choice`` makes of the pieces; parameters are numbered in the given order of names."""
    taken = [piece for piece in pieces if piece.when.holds(choice)]
    present = {piece.parameter for piece in taken}
    names = tuple(name for name in order if name in present)
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for piece in taken:
        text = numbers[piece.parameter] if piece.parameter is not None else piece.text
        spans.append(Span(length, piece.start, piece.width, piece.exact))
        parts.append(text)
        length += len(text)
    return Variant(choice, "".join(parts).rstrip(), names, SourceMap(source, tuple(spans)))
