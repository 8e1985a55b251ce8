"""The comments between a query's name line and its SQL: its docstring and its directives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.python_types.identifiers import CLASS_NAME, hides_builtin, is_keyword
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.sql.lexer import TokenKind
from codezest_sql.core.text.suggestion import nearest
from codezest_sql.errors import CodezestError, QueryDirectiveError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.sql.lexer import Token
    from codezest_sql.core.text.source_text import SourceText

WITH_VALUE = ("row", "nullable")
ALONE = ("include-deleted", "across-users")
PARTS = ("if", "order", "end")
_VALUED_LINE = re.compile(r"--[ \t]*([A-Za-z][A-Za-z_-]*)[ \t]*:(?!:)[ \t]*([^\r\n]*?)[ \t]*(?=[\r\n]|\Z)")
_ALONE_LINE = re.compile(r"--[ \t]*([A-Za-z]+(?:[-_][A-Za-z]+)+)[ \t]*(?=[\r\n]|\Z)")
COLON_LINE = re.compile(r"--[ \t]*:([A-Za-z][A-Za-z0-9_-]*)[ \t]*([^\r\n]*?)[ \t]*(?=[\r\n]|\Z)")
_NAMES = re.compile(r"[^\s,]+")


@dataclass(slots=True)
class Header:
    """The values of a header; ``nullable`` has each name with its offset."""

    docstring: str = ""
    row: str | None = None
    row_at: int = 0
    nullable: dict[str, int] = field(default_factory=dict[str, int])
    include_deleted: bool = False
    across_users: bool = False


@dataclass(frozen=True, slots=True)
class _Directive:
    word: str
    at: int
    value: str
    value_at: int


def read_header(
    source: SourceText, comments: Iterable[Token], *, dialect: Dialect, errors: list[CodezestError]
) -> Header:
    """Return the values of these comments; an error is appended to ``errors``."""
    header = Header()
    lines: list[str] = []
    seen: set[str] = set()
    for comment in comments:
        if comment.kind is TokenKind.BLOCK_COMMENT:
            lines.extend(
                line.strip().removeprefix("*").strip() for line in comment.text(source.text)[2:-2].split("\n")
            )
            continue
        directive = _directive(source.text, comment)
        if directive:
            mistakes = _obey(source, header, directive, seen)
            if not mistakes or dialect is Dialect.NATIVE:
                errors.extend(mistakes)
                continue
        said = comment.text(source.text)[2:]
        if dialect is Dialect.SQLC and said.lstrip().startswith("@"):
            continue  # a remark for sqlc: -- @sqlc-vet-disable
        mistake = unknown_directive(source, comment) if dialect is Dialect.NATIVE else None
        if mistake:
            errors.append(mistake)
        lines.append(said.removeprefix(" ").rstrip())
    header.docstring = "\n".join(lines).strip("\n")
    return header


def lost_directive(source: SourceText, comment: Token) -> QueryDirectiveError | None:
    """Return the mistake of a comment below the header that is a directive, or a ``-- :word``; else None."""
    if COLON_LINE.match(source.text, comment.start):
        return unknown_directive(source, comment)
    return _misplaced(source, comment)


def _misplaced(source: SourceText, comment: Token) -> QueryDirectiveError | None:
    """Return the mistake of a directive that stands where none takes effect; None for any other comment."""
    directive = _directive(source.text, comment)
    if directive is None:
        return None
    return source.mistake(
        QueryDirectiveError,
        directive.at,
        f"{directive.word} has no effect here",
        "move it between the query's -- name: line and its SQL",
    )


def unknown_directive(source: SourceText, comment: Token) -> QueryDirectiveError | None:
    """Return the mistake of a comment that means to be a directive and is none; None for a plain comment.

    ``-- :word`` always means to be one. ``-- nulable: email`` and ``-- include-delete`` do by being near to one.
    """
    text = source.text
    if match := COLON_LINE.match(text, comment.start):
        spelt = {**{word: f":{word}" for word in PARTS}, **{word: f"{word}: …" for word in WITH_VALUE}}
        spelt |= {word: word for word in ALONE}
        meant = nearest(match[1].lower().replace("_", "-"), spelt)
        known = ", ".join(f":{word}" for word in PARTS)
        hint = f"did you mean -- {spelt[meant]}?" if meant else f"known are {known}; else leave out the colon"
        return source.mistake(QueryDirectiveError, match.start(1) - 1, f"unknown directive ':{match[1]}'", hint)
    if match := _VALUED_LINE.match(text, comment.start):
        meant = nearest(match[1].lower(), WITH_VALUE)
        is_value = (
            CLASS_NAME.fullmatch(match[2])
            if meant == "row"
            else re.fullmatch(r"[a-z]\w*(?:[ ,]+[a-z]\w*)*", match[2])
        )
        if meant and is_value:
            return source.mistake(
                QueryDirectiveError,
                match.start(1),
                f"unknown directive {match[1]!r}",
                f"did you mean -- {meant}: {match[2]}? A plain comment needs another word before the colon",
            )
    elif match := _ALONE_LINE.match(text, comment.start):
        meant = nearest(match[1].lower().replace("_", "-"), ALONE)
        if meant:
            return source.mistake(
                QueryDirectiveError, match.start(1), f"unknown directive {match[1]!r}", f"did you mean -- {meant}?"
            )
    return None


def _directive(text: str, comment: Token) -> _Directive | None:
    """Return the directive that a line comment is, exactly as it must be written."""
    if match := _VALUED_LINE.match(text, comment.start):
        if match[1] in WITH_VALUE:
            return _Directive(match[1], match.start(1), match[2], match.start(2))
    elif (match := _ALONE_LINE.match(text, comment.start)) and match[1] in ALONE:
        return _Directive(match[1], match.start(1), "", match.end(1))
    return None


def _obey(source: SourceText, header: Header, directive: _Directive, seen: set[str]) -> list[QueryDirectiveError]:
    """Apply a directive, or return why it cannot be applied; ``seen`` are the earlier directives."""
    mistakes: list[QueryDirectiveError] = []

    def refuse(offset: int, message: str, hint: str) -> None:
        mistakes.append(source.mistake(QueryDirectiveError, offset, message, hint))

    word, value = directive.word, directive.value
    if word in seen and word != "nullable":
        refuse(directive.at, f"{word} is given twice", "keep one of them")
    seen.add(word)
    if word == "row":
        if not CLASS_NAME.fullmatch(value):
            refuse(directive.value_at, f"{value!r} is no name of a model", "write -- row: UserSummary")
        elif is_keyword(value) or hides_builtin(value):
            refuse(directive.value_at, f"{value!r} is Python's own", f"write another name, such as {value}Row")
        else:
            header.row, header.row_at = value, directive.value_at
    elif word == "nullable":
        names = list(_NAMES.finditer(value))
        if not names:
            refuse(directive.value_at, "nullable names no parameter", "write -- nullable: email")
        for name in names:
            header.nullable.setdefault(name[0].removeprefix(":"), directive.value_at + name.start())
    elif word == "include-deleted":
        header.include_deleted = True
    else:
        header.across_users = True
    return mistakes
