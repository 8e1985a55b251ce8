"""A query file's text, cut where its ``-- name:`` lines stand. Knows what a comment is, not what a query means.

A name line is a comment that has its line for itself, never a line within a string, a name or another comment. Where
something has no end, nothing after it can be trusted, and yet all errors of the file are reported in one run:
then each query is read on its own, from its name line to the next line that reads like one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.sql.lexer import COMMENTS, scan
from codezest_sql.errors import CodezestError, LexicalError, PsqlCommandError, QueryNameError, QueryStatementError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.sql.lexer import Token
    from codezest_sql.core.text.source_text import SourceText

NAME_LINE = re.compile(r"--[ \t]*name[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=[\r\n]|\Z)", re.IGNORECASE)
# sqlc has /* name: … */ as well.
_ANY_NAME_LINE = re.compile(rf"{NAME_LINE.pattern}|/\*[ \t]*name[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\*/", re.IGNORECASE)
_LOOKS_LIKE_A_NAME = re.compile(r"^[ \t]*--[ \t]*name[ \t]*:", re.MULTILINE | re.IGNORECASE)
_PSQL_LINE = re.compile(r"^[ \t]*(\\[A-Za-z!?])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A name line and what follows up to the next one.

    ``said`` is the text of the line after ``name:``, at ``said_at``; None in a block above the first name
    line. ``tokens`` are all that come after the line, comments too. ``above`` are the comments on the lines just
    above it, which sqlc reads as a part of the query.
    """

    start: int
    said: str | None
    said_at: int
    tokens: tuple[Token, ...]
    above: tuple[Token, ...] = ()


def is_alone(text: str, offset: int) -> bool:
    """Whether nothing but blanks is before ``offset`` on its line."""
    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return not text[line:offset].strip(" \t\f\v")


def split_blocks(source: SourceText, *, sqlc: bool, errors: list[CodezestError]) -> list[Block]:
    """Return the blocks of a file that could be read; mistakes are appended to ``errors``."""
    text = source.text
    nul = text.find("\0")
    if nul >= 0:
        errors.append(
            source.mistake(LexicalError, nul, "the text holds a NUL character", "remove it: PostgreSQL accepts none")
        )
        return []
    try:
        return _cut(source, tuple(scan(text, 0, len(text), file=source.file)), sqlc=sqlc)
    except LexicalError:
        pass
    starts = [0, *(match.start() for match in _LOOKS_LIKE_A_NAME.finditer(text))]
    blocks: list[Block] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        try:
            found = tuple(scan(text, start, end, file=source.file))
        except LexicalError as error:
            errors.append(_behind(source, start, end, error))
        else:
            blocks.extend(_cut(source, found, sqlc=sqlc))
    return blocks


def _behind(source: SourceText, start: int, end: int, error: LexicalError) -> CodezestError:
    r"""Return the mistake behind one of the lexer: psql's ``\echo it's`` need not have balanced quotes."""
    command = _PSQL_LINE.search(source.text, start, end)
    if command and error.place and source.place(command.start(1)) < error.place:
        return psql_command(source, command.start(1))
    return error


def psql_command(source: SourceText, offset: int) -> PsqlCommandError:
    """Return the mistake of a backslash outside of quotes, which is never SQL."""
    command = re.match(r"\\\S*", source.text[offset : offset + 40])
    written = command[0] if command else "\\"
    return source.mistake(
        PsqlCommandError, offset, f"{written} is a command of psql, not SQL", "write it in SQL, or remove it"
    )


def _cut(source: SourceText, tokens: Sequence[Token], *, sqlc: bool) -> list[Block]:
    text = source.text
    end = tokens[-1].end if tokens else 0
    begins = [token.start for token in tokens]
    marks: list[tuple[int, str, int]] = []
    for match in (_ANY_NAME_LINE if sqlc else NAME_LINE).finditer(text, begins[0] if begins else 0, end):
        index = bisect_left(begins, match.start())
        is_comment = index < len(begins) and begins[index] == match.start() and tokens[index].kind in COMMENTS
        if is_comment and is_alone(text, match.start()):
            group = match.lastindex or 1
            marks.append((index, match[group], match.start(group)))
    blocks = [Block(0, None, 0, tuple(tokens[: marks[0][0] if marks else len(tokens)]))]
    before = 0
    for (index, said, at), (end, _, _) in zip(marks, [*marks[1:], (len(tokens), "", 0)], strict=False):
        above = _comments_above(text, tokens, before, index) if sqlc else ()
        before = index + 1
        blocks.append(Block(tokens[index].start, said, at, tuple(tokens[index + 1 : end]), above))
    return blocks if blocks[0].tokens else blocks[1:]


def _comments_above(text: str, tokens: Sequence[Token], least: int, index: int) -> tuple[Token, ...]:
    """Return the comments from ``tokens[least]`` on that are on the lines above ``tokens[index]``, with no gap."""
    first = index
    while first > least and tokens[first - 1].kind in COMMENTS and is_alone(text, tokens[first - 1].start):
        if text.count("\n", tokens[first - 1].end, tokens[first].start) > 1:
            break
        first -= 1
    return tuple(tokens[first:index])


def refuse_nameless(source: SourceText, block: Block, errors: list[CodezestError]) -> None:
    """Append the mistake of SQL that stands above the first name line, if there is any."""
    first = next((token for token in block.tokens if token.kind not in COMMENTS), None)
    if first is not None:
        hint = "write -- name: find_user :opt above it, with a name and a kind"
        errors.append(source.mistake(QueryNameError, first.start, "this SQL has no name", hint))


def refuse_empty(source: SourceText, errors: list[CodezestError]) -> None:
    """Append the mistake of a file without any query."""
    hint = "write -- name: NAME :KIND and one statement below it, or remove the file"
    errors.append(source.mistake(QueryStatementError, 0, "the file holds no query", hint))
