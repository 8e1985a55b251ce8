"""The SQL of a query as its file has it, with its parts and orders: what generated code carries of such a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.query_files.blocks import split_blocks
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.header import lost_directive
from codezest_sql.core.query_files.optional_parts import is_part
from codezest_sql.core.query_files.reading import divide_block
from codezest_sql.core.sql.lexer import TokenKind

if TYPE_CHECKING:
    from codezest_sql.core.query_files.query import Query


def query_body(query: Query) -> str:
    """Return the text between the query's header and its end, its parameters spelt ``:name``.

    Read behind a ``-- name:`` line, in our own dialect, it is the same query again.
    """
    source = query.source
    said_at = source.line_starts[query.place.line - 1] + query.place.column - 1
    sqlc = query.dialect is Dialect.SQLC
    block = next(one for one in split_blocks(source, sqlc=sqlc, errors=[]) if one.said_at == said_at)
    _, body, _ = divide_block(source.text, block)
    start, end = body[0].start, body[-1].end
    # A directive has its line for itself, its indentation too.
    start -= len(source.text[:start]) - len(source.text[:start].rstrip(" \t"))
    if not sqlc:
        return source.text[start:end]
    written: dict[int, tuple[int, str]] = {}
    for piece in query.pieces:
        if not piece.exact:
            before = written.get(piece.start, (0, ""))[1]
            text = piece.text if piece.parameter is None else f":{piece.parameter}"
            written[piece.start] = (piece.start + piece.width, before + text)
    for token in body:
        if token.kind is TokenKind.LINE_COMMENT and not is_part(source.text, token) and lost_directive(source, token):
            written[token.start] = (token.end, "--")  # prose there, a directive here
    parts: list[str] = []
    for at, (behind, text) in sorted(written.items()):
        parts += [source.text[start:at], text]
        start = behind
    return "".join([*parts, source.text[start:end]])
