"""Text to queries: what a ``.sql`` file of named queries means, and why it cannot be used. Never opens a file.

The way of a file: bytes → text (``text_file``) → blocks, one for each name line (``query_block``) → for each the name
(``query_name``), the header (``query_header``), the parts (``query_parts``), the statement (``query_statement``) and
the parameters (``query_pieces``). Each of them reports its errors and continues, so one run reports all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.query_files.blocks import Block, psql_command, refuse_empty, refuse_nameless, split_blocks
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.header import lost_directive, read_header
from codezest_sql.core.query_files.name_line import NameLine, duplicate, read_name_line
from codezest_sql.core.query_files.optional_parts import is_part, read_parts
from codezest_sql.core.query_files.pieces import make_pieces
from codezest_sql.core.query_files.query import (
    Choice,
    Condition,
    Embed,
    Parameter,
    Piece,
    Query,
    QueryKind,
    Variant,
    assemble,
)
from codezest_sql.core.query_files.statement import check_statement, first_statement
from codezest_sql.core.sql.lexer import COMMENTS, TokenKind
from codezest_sql.core.text.decode import decode
from codezest_sql.core.text.source_map import SourceMap
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.errors import CodezestError, FileUnreadableError, ProjectErrors, QueryKindError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.sql.lexer import Token

__all__ = [
    "Choice",
    "Condition",
    "Dialect",
    "Embed",
    "Parameter",
    "Piece",
    "Query",
    "QueryKind",
    "ReadQueries",
    "SourceMap",
    "Variant",
    "read_queries",
    "read_query_file",
]


class ReadQueries(NamedTuple):
    """The queries of a file that can be used, in its order, and every mistake of the others, in order of place."""

    queries: tuple[Query, ...]
    errors: tuple[CodezestError, ...]


def read_query_file(data: bytes | str, *, file: str, dialect: Dialect = Dialect.NATIVE) -> tuple[Query, ...]:
    """Return the queries of a file; raise ``ProjectErrors`` with every mistake where there is one."""
    read = read_queries(data, file=file, dialect=dialect)
    if read.errors:
        raise ProjectErrors(read.errors)
    return read.queries


def read_queries(data: bytes | str, *, file: str, dialect: Dialect = Dialect.NATIVE) -> ReadQueries:
    """Return the queries of a file and its mistakes: so that one query's mistake does not hide those of another."""
    try:
        text = data if isinstance(data, str) else decode(data, file=file)
    except FileUnreadableError as error:
        return ReadQueries((), (error,))
    source = SourceText.of(file, text)
    errors: list[CodezestError] = []
    queries: list[Query] = []
    places: dict[str, Place] = {}
    taken: set[str] = set()
    passed_over = False
    blocks = split_blocks(source, sqlc=dialect is Dialect.SQLC, errors=errors)
    for block in blocks:
        if block.said is None:
            if dialect is Dialect.SQLC:  # which skips SQL without a name: the file may be the schema's too
                passed_over = any(token.kind not in COMMENTS for token in block.tokens)
                continue
            _refuse_psql(source, block.tokens, errors)
            refuse_nameless(source, block, errors)
            continue
        line = read_name_line(source, block.said, block.said_at, dialect=dialect, errors=errors)
        if line:
            place = source.place(block.said_at)
            before = places.setdefault(line.written, place)
            if before is not place:
                errors.append(duplicate(source, line.name, place, before, line.written))
            elif dialect is Dialect.SQLC:  # which takes names that differ in capitals only
                line = line.apart_from(taken)
                taken.add(line.name)
        query = _read(source, block, line, dialect=dialect, errors=errors)
        if query:
            queries.append(query)
    if not errors and not queries and not passed_over:
        refuse_empty(source, errors)
    return ReadQueries(tuple(queries), tuple(sorted(errors, key=lambda error: error.place or Place(file))))


def _refuse_psql(source: SourceText, tokens: Sequence[Token], errors: list[CodezestError]) -> None:
    if "\\" not in source.text:
        return
    line_end = -1
    for token in tokens:
        if token.kind is TokenKind.BACKSLASH and token.start >= line_end:  # one command, however many it has
            found = source.text.find("\n", token.start)
            line_end = len(source.text) if found < 0 else found
            errors.append(psql_command(source, token.start))


def _read(
    source: SourceText, block: Block, line: NameLine | None, *, dialect: Dialect, errors: list[CodezestError]
) -> Query | None:
    """Return the query of a block; None after a mistake, whether it is a new one or that of the name line."""
    before = len(errors)
    text = source.text
    _refuse_psql(source, block.tokens, errors)
    above, body, behind = divide_block(text, block)
    header = read_header(source, (*block.above, *above), dialect=dialect, errors=errors)
    native = dialect is Dialect.NATIVE
    if native:
        _refuse_directives(source, behind, errors)
    else:
        body = first_statement(text, body)
    parts = read_parts(source, body[0].start if body else block.said_at, body, errors, strict=native)
    kind = line.kind if line else None
    ends = check_statement(source, block.said_at, parts, kind, errors)
    if header.row and kind and not kind.gives_rows:
        hint = "remove it, or write :one, :opt or :many"
        errors.append(
            source.mistake(QueryKindError, header.row_at, f"-- row: names rows, and :{kind} gives none", hint)
        )
    made = make_pieces(source, parts, ends, header.nullable, dialect=dialect, errors=errors)
    if line is None or len(errors) > before:
        return None
    names = [parameter.name for parameter in made.parameters]
    full = Choice(frozenset(parts.ifs), next(iter(parts.orders), None))
    return Query(
        name=line.name,
        kind=line.kind,
        place=source.place(block.said_at),
        docstring=header.docstring,
        parameters=tuple(made.parameters),
        pieces=tuple(made.pieces),
        source=source,
        full=assemble(made.pieces, names, full, source),
        ifs=tuple(parts.ifs),
        flags=tuple(name for name in parts.ifs if name not in names),
        orders=tuple(parts.orders),
        row=header.row,
        row_place=source.place(header.row_at) if header.row else None,
        include_deleted=header.include_deleted,
        across_users=header.across_users,
        dialect=dialect,
        written_name=line.written,
        first_row=not native and line.kind is QueryKind.ONE,
        batch=line.sqlc_kind.startswith("batch"),
        embeds=tuple(made.embeds),
    )


def divide_block(text: str, block: Block) -> tuple[Sequence[Token], Sequence[Token], Sequence[Token]]:
    """Divide the tokens of a block: the comments of its header, its body, and the comments behind."""
    begins = next(
        (place for place, token in enumerate(block.tokens) if token.kind not in COMMENTS or is_part(text, token)),
        len(block.tokens),
    )
    return block.tokens[:begins], *_up_to_the_last(text, block.tokens[begins:])


def _up_to_the_last(text: str, tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """Divide tokens behind the last that is SQL or a directive of parts; comments are left."""
    end = len(tokens)
    while end and tokens[end - 1].kind in COMMENTS and not is_part(text, tokens[end - 1]):
        end -= 1
    return tokens[:end], tokens[end:]


def _refuse_directives(source: SourceText, comments: Sequence[Token], errors: list[CodezestError]) -> None:
    """Refuse directives behind the SQL of a query."""
    lines = (comment for comment in comments if comment.kind is TokenKind.LINE_COMMENT)
    errors.extend(mistake for line in lines if (mistake := lost_directive(source, line)))
