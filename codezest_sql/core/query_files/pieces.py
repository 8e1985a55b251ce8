"""A body and what was found in it → the pieces of a query and its parameters, under their names in Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.python_types.identifiers import SNAKE_CASE, freed, is_keyword, snake_case
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.found_parameter import FoundEmbed, FoundMistake, FoundParameter
from codezest_sql.core.query_files.native_parameters import find_native_parameters
from codezest_sql.core.query_files.query import Condition, Embed, Parameter, Piece
from codezest_sql.core.query_files.sqlc_parameters import find_sqlc_parameters
from codezest_sql.core.query_files.statement import check_lengths
from codezest_sql.core.sql.identifiers import split_name, stored_name
from codezest_sql.core.sql.lexer import IDENTIFIER_PART
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import CodezestError, QueryDirectiveError, QueryParameterError, QueryPartError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codezest_sql.core.query_files.optional_parts import Parts, Segment
    from codezest_sql.core.text.source_text import SourceText
    from codezest_sql.place import Place

Edit = FoundParameter | FoundEmbed | int  # an int is the offset of a semicolon that is not sent
_PART_OF_A_NAME = re.compile(IDENTIFIER_PART)


@dataclass(slots=True)
class Made:
    """What became of a body."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    parameters: list[Parameter] = field(default_factory=list[Parameter])
    embeds: list[Embed] = field(default_factory=list[Embed])


@dataclass(slots=True)
class _Use:
    """A parameter while its body is read."""

    written: str
    places: list[Place] = field(default_factory=list["Place"])
    when: dict[Condition, None] = field(default_factory=dict[Condition, None])
    nullable: bool = False
    is_list: bool = False
    number: int = 0


def make_pieces(
    source: SourceText,
    parts: Parts,
    ends: Iterable[int],
    nullable: Mapping[str, int],
    *,
    dialect: Dialect,
    errors: list[CodezestError],
) -> Made:
    """Return the pieces and parameters of a body without the semicolons ``ends``.

    ``nullable`` has the names of ``-- nullable:`` with their offsets. Mistakes are appended to ``errors``.
    """
    found: list[FoundParameter | FoundMistake | FoundEmbed] = []
    for tokens in (parts.tokens, *parts.arms):
        if dialect is Dialect.SQLC:
            found.extend(find_sqlc_parameters(parts.text, tokens))
        else:
            found.extend(find_native_parameters(parts.text, tokens))
            check_lengths(source, tokens, errors)
    errors.extend(
        source.mistake(QueryParameterError, one.start, one.message, one.hint)
        for one in found
        if isinstance(one, FoundMistake)
    )
    usable = [one for one in found if not isinstance(one, FoundMistake)]
    parameters = [one for one in usable if isinstance(one, FoundParameter)]
    if dialect is Dialect.SQLC:
        names = _sqlc_names(parameters)
        _check_numbers(source, parameters, errors)
    else:
        names = {one.start: one.name for one in parameters}
        _check_names(source, parameters, parts, errors)
    maker = _Maker(source, parts, names)
    edits: list[Edit] = sorted([*usable, *ends], key=_start)
    for segment in parts.segments:
        maker.add(segment, [edit for edit in edits if segment.start <= _start(edit) < segment.end])
    if dialect is Dialect.NATIVE:  # in a file for sqlc the line may be prose
        _check_nullable(source, maker.uses, nullable, errors)
    _check_optional(source, maker.uses, parts, errors)
    maker.made.parameters.extend(_ordered(maker.uses, parameters, names, parts, nullable))
    return maker.made


def _start(edit: Edit) -> int:
    return edit if isinstance(edit, int) else edit.start


class _Maker:
    """Cuts the text of each segment at its edits."""

    def __init__(self, source: SourceText, parts: Parts, names: Mapping[int, str]) -> None:
        self.made = Made()
        self.uses: dict[str, _Use] = {}
        self._source = source
        self._text = parts.text
        self._names = names

    def add(self, segment: Segment, edits: Sequence[Edit]) -> None:
        """Add the pieces of one segment."""
        cursor = segment.start
        for edit in edits:
            start = _start(edit)
            self._copy(cursor, start, segment.when)
            if isinstance(edit, int):
                cursor = start + 1
                continue
            cursor = edit.end
            if isinstance(edit, FoundEmbed):
                written = edit.table.strip("'")
                self._write(f"{written}.*", edit, segment.when)
                table = stored_name((split_name(written) or (written,))[-1])
                self.made.embeds.append(Embed(table, edit.item, self._source.place(start)))
            else:
                self._parameter(edit, segment.when)
        self._copy(cursor, segment.end, segment.when)

    def _copy(self, start: int, end: int, when: Condition) -> None:
        if start < end:
            self.made.pieces.append(Piece(self._text[start:end], start, end - start, when))

    def _write(self, written: str, edit: FoundParameter | FoundEmbed, when: Condition) -> None:
        if written:
            self.made.pieces.append(Piece(written, edit.start, edit.end - edit.start, when, exact=False))

    def _parameter(self, edit: FoundParameter, when: Condition) -> None:
        name = self._names[edit.start]
        use = self.uses.get(name)
        if use is None:
            use = self.uses[name] = _Use(edit.name, number=edit.number)
        use.places.append(self._source.place(edit.start))
        use.when[when] = None
        use.nullable |= edit.nullable
        use.is_list |= edit.is_list
        # LIMIT:n is LIMIT $1: a dollar sign would continue with the word.
        touches = not edit.before and edit.start and _PART_OF_A_NAME.match(self._text, edit.start - 1)
        self._write(edit.before or (" " if touches else ""), edit, when)
        self.made.pieces.append(Piece("", edit.start, edit.end - edit.start, when, name, exact=False))
        touches = not edit.after and _PART_OF_A_NAME.match(self._text, edit.end)
        self._write(edit.after or (" " if touches else ""), edit, when)


def _sqlc_names(found: Iterable[FoundParameter]) -> dict[int, str]:
    """Return the name in Python of each parameter by its offset; two of sqlc's names never become one of ours."""
    names: dict[int, str] = {}
    given: dict[str | int, str] = {}
    taken: set[str] = set()
    for one in sorted(found, key=lambda one: (bool(one.number), one.start)):
        known: str | int = one.number or one.name
        if known not in given:
            name = snake_case(one.name)
            name = freed(name if SNAKE_CASE.fullmatch(name) else f"arg_{name}".rstrip("_"))
            base, count = name, 1
            while name in taken:
                count += 1
                name = f"{base}_{count}"
            taken.add(name)
            given[known] = name
        names[one.start] = given[known]
    return names


def _check_numbers(source: SourceText, found: Iterable[FoundParameter], errors: list[CodezestError]) -> None:
    """Refuse a gap in the numbers, as the server does: it could not determine the type of an unused one."""
    every = [*found]
    numbers = {one.number for one in every if one.number}
    named = {one.name for one in every if not one.number}  # each takes the lowest number that is free
    free = [number for number in range(1, max(numbers, default=0)) if number not in numbers]
    for missing in free[len(named) : len(named) + 1]:
        first = min((one for one in every if one.number > missing), key=lambda one: one.start)
        message = (
            f"could not determine data type of parameter ${missing}: the query has ${first.number} and no ${missing}"
        )
        hint = f"number the parameters $1, $2 and so on without a gap: write ${missing} for ${first.number}"
        errors.append(source.mistake(QueryParameterError, first.start, message, hint))


def _check_names(
    source: SourceText, found: Iterable[FoundParameter], parts: Parts, errors: list[CodezestError]
) -> None:
    """Refuse names that are no names of arguments, each once."""
    told: set[str] = set()
    for one in found:
        name = one.name
        if name in told:
            continue
        told.add(name)
        if not SNAKE_CASE.fullmatch(name):
            meant = freed(snake_case(name)) if name.isascii() else ""
            hint = f"write :{meant}" if SNAKE_CASE.fullmatch(meant) else "write it like :email"
            message = f"':{name}' is no name in snake_case"
        elif is_keyword(name):
            message, hint = f"':{name}' is a keyword of Python", f"write :{name}_"
        elif name == "order" and parts.orders:
            message, hint = "':order' is the argument that chooses the order", "give the parameter another name"
        else:
            continue
        errors.append(source.mistake(QueryParameterError, one.start, message, hint))
    if parts.orders and "order" in parts.ifs:
        message, hint = "'order' is the argument that chooses the order", "give the :if another name"
        errors.append(source.mistake(QueryPartError, parts.ifs["order"], message, hint))


def _check_nullable(
    source: SourceText, uses: Mapping[str, _Use], nullable: Mapping[str, int], errors: list[CodezestError]
) -> None:
    known = {*uses, *(use.written for use in uses.values())}
    for name, offset in nullable.items():
        if name not in known:
            has = f"it has {', '.join(sorted(uses))}" if uses else "it has none"
            hint = did_you_mean(name, known) or has
            errors.append(source.mistake(QueryDirectiveError, offset, f"the query has no parameter {name!r}", hint))


def _check_optional(source: SourceText, uses: Mapping[str, _Use], parts: Parts, errors: list[CodezestError]) -> None:
    """Refuse a parameter that may be absent and is needed outside of its part."""
    for name in parts.ifs:
        use = uses.get(name)
        if use is None or all(name in when.ifs for when in use.when):
            continue
        hint = f"use it only between -- :if {name} and -- :end, or call the condition something else"
        message = f"':{name}' is used outside of its :if too, so that it cannot be absent"
        errors.append(source.mistake(QueryPartError, parts.ifs[name], message, hint))


def _ordered(
    uses: Mapping[str, _Use],
    found: Iterable[FoundParameter],
    names: Mapping[int, str],
    parts: Parts,
    nullable: Mapping[str, int],
) -> list[Parameter]:
    """Return the parameters in the order of their numbers: sqlc's own where it has them, else of appearance.

    sqlc gives a named parameter the lowest number that is free.
    """
    numbers = {names[one.start]: one.number for one in found if one.number}
    taken = set(numbers.values())
    free = (number for number in range(1, len(uses) + len(taken) + 1) if number not in taken)
    places = {name: numbers.get(name) or next(free) for name in uses}
    return [
        Parameter(
            name=name,
            places=tuple(use.places),
            forced_nullable=use.nullable or not nullable.keys().isdisjoint({name, use.written}),
            optional=name in parts.ifs,
            when=tuple(use.when),
            written=use.written,
            is_list=use.is_list,
            number=use.number,
        )
        for name, use in sorted(uses.items(), key=lambda item: places[item[0]])
    ]
