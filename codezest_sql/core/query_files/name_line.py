"""The values of a ``-- name: find_user :opt`` line, in both dialects, or its error."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codezest_sql.core.python_types.identifiers import SNAKE_CASE, freed, hides_builtin, is_keyword, snake_case
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.query import Query, QueryKind
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import CodezestError, QueryKindError, QueryNameError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from codezest_sql.core.text.source_text import SourceText
    from codezest_sql.place import Place

KINDS = ", ".join(f":{kind}" for kind in QueryKind)
_KINDS = frozenset(kind.value for kind in QueryKind)  # "word in QueryKind" is for Python 3.12
_SQLC_KINDS = {
    "execresult": QueryKind.EXECROWS,
    "batchone": QueryKind.ONE,
    "batchmany": QueryKind.MANY,
    "batchexec": QueryKind.EXEC,
}
# How aiosql and others mark a kind: find_user^, count_users$, add_user!, add_user<!
_MARKS = {"^": ":opt", "$": ":one", "!": ":execrows", "<!": ":one", "*!": ":execrows"}
_SAID = re.compile(r"(\S+)(?:[ \t]+(\S+))?(?:[ \t]+(\S.*))?")
_SQLC_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class NameLine:
    """A name and a kind; ``written`` is the name as the file has it, ``sqlc_kind`` the kind as the file has it."""

    name: str
    kind: QueryKind
    written: str
    sqlc_kind: str

    def apart_from(self, taken: Collection[str]) -> NameLine:
        """Return the line with a name that none of these is: ``GetUrl`` after ``GetURL`` is ``get_url_2``."""
        name, count = self.name, 1
        while name in taken:
            count += 1
            name = f"{self.name}_{count}"
        return replace(self, name=name)


def read_name_line(
    source: SourceText, said: str, at: int, *, dialect: Dialect, errors: list[CodezestError]
) -> NameLine | None:
    """Return the values of a name line, whose text ``said`` is at ``at``; None after an error, in ``errors``."""
    match = _SAID.fullmatch(said)
    if match is None:
        hint = "write -- name: find_user :opt"
        errors.append(source.mistake(QueryNameError, at, "the name line names nothing", hint))
        return None
    written, kind_written, rest = match[1], match[2] or "", match[3]
    sqlc = dialect is Dialect.SQLC
    name = _name(source, written, at, sqlc=sqlc, errors=errors)
    if written.startswith(":"):
        return None
    kind_at = at + match.start(2) if kind_written else at + len(said)
    kind = _kind(source, kind_written, kind_at, written, sqlc=sqlc, errors=errors)
    if rest:
        hint = "write nothing after the kind; a description goes into comment lines below"
        errors.append(source.mistake(QueryNameError, at + match.start(3), "the name line has too many words", hint))
        return None
    return NameLine(name, kind, written, kind_written.removeprefix(":")) if name and kind else None


def _name(source: SourceText, written: str, at: int, *, sqlc: bool, errors: list[CodezestError]) -> str | None:
    """Return the name of a query in snake_case, or None for one that cannot be."""
    if sqlc and _SQLC_NAME.fullmatch(written) and (name := freed(snake_case(written), builtins_too=True)):
        return name if SNAKE_CASE.fullmatch(name) else f"query_{name}"
    bare = written.rstrip("^$!<*#")
    if not SNAKE_CASE.fullmatch(written):
        meant = freed(snake_case(bare), builtins_too=True)
        hint = f"write {meant}" if SNAKE_CASE.fullmatch(meant) else "write it in snake_case, such as find_user"
        if written.startswith(":"):
            message, hint = "the name is missing before the kind", f"write -- name: find_user {written}"
        else:
            message = f"{written!r} is no name in snake_case"
    elif is_keyword(written):
        message, hint = f"{written!r} is a keyword of Python", f"write {written}_, or what it does: {written}_user"
    elif hides_builtin(written):
        message = f"a function {written!r} would hide Python's own"
        hint = f"write what it does, such as {written}_users"
    else:
        return written
    errors.append(source.mistake(QueryNameError, at, message, hint))
    return None


def _kind(
    source: SourceText, written: str, at: int, name: str, *, sqlc: bool, errors: list[CodezestError]
) -> QueryKind | None:
    word = written.removeprefix(":")
    if written.startswith(":") and word in _KINDS:
        return QueryKind(word)
    if sqlc and written.startswith(":") and word in _SQLC_KINDS:
        return _SQLC_KINDS[word]
    known = [*QueryKind, *(_SQLC_KINDS if sqlc else ())]
    mark = name[len(name.rstrip("^$!<*#")) :]
    if not written:
        message = "the kind is missing"
        hint = f"write {_MARKS[mark]} after the name" if mark in _MARKS else f"one of {KINDS}"
    elif word in known:
        message, hint = f"{written!r} is no kind", f"write :{word}"
    elif word == "execlastid":
        message, hint = "PostgreSQL has no :execlastid", "write :one, and RETURNING with the key"
    elif word in _SQLC_KINDS:
        message = f"{written} is a kind of sqlc's"
        hint = f'write :{_SQLC_KINDS[word]}, or set dialect = "sqlc" for the folder'
    else:
        message = f"{written!r} is no kind"
        hint = did_you_mean(f":{word.lower()}", [f":{kind}" for kind in known]) or f"one of {KINDS}"
    errors.append(source.mistake(QueryKindError, at, message, hint))
    return None


def duplicate_names(queries: Iterable[Query]) -> tuple[QueryNameError, ...]:
    """Return a mistake for each query whose name another one before it has, in the order given.

    For the queries of one module, from one file or several.
    """
    first: dict[str, Query] = {}
    errors: list[QueryNameError] = []
    for query in queries:
        before = first.setdefault(query.name, query)
        if before is not query:
            errors.append(duplicate(query.source, query.name, query.place, before.place, query.written_name))
    return tuple(errors)


def duplicate(source: SourceText, name: str, place: Place, before: Place, written: str) -> QueryNameError:
    """Return the mistake of a second query of a name, whose first one is at ``before``."""
    offset = source.line_starts[place.line - 1] + place.column - 1
    called = f"{name!r}" if written == name else f"{written!r}, here {name!r},"
    return source.mistake(
        QueryNameError, offset, f"the name {called} is taken already, at {before}", "give one of them another name"
    )
