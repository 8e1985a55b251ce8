"""Whether a query's body is one statement that a query can be. The server is asked about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.query_files.copy_shape import copy_problem
from codezest_sql.core.query_files.query import QueryKind
from codezest_sql.core.sql.identifiers import MAXIMUM_LENGTH
from codezest_sql.core.sql.lexer import COMMENTS, TokenKind
from codezest_sql.core.sql.statement_kind import is_copy_from_stdin, is_copy_to_stdout, transaction_control
from codezest_sql.core.sql.statements import Statement, split_statements
from codezest_sql.errors import (
    CodezestError,
    ColumnAliasError,
    CopyFromStdinError,
    CopyToStdoutError,
    QueryKindError,
    QueryStatementError,
    TransactionControlError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.core.query_files.optional_parts import Parts
    from codezest_sql.core.sql.lexer import Token
    from codezest_sql.core.text.source_text import SourceText

_BYTES_AT_MOST = 4  # of a code point in UTF-8


def check_statement(
    source: SourceText, at: int, parts: Parts, kind: QueryKind | None, errors: list[CodezestError]
) -> frozenset[int]:
    """Return the offsets of the semicolons that end the statement, which are not sent.

    Mistakes are appended to ``errors``; ``at`` is where the name line is, for a query without a statement.
    """
    tokens = parts.tokens
    ends = _ends(parts.text, tokens)
    body = [token for token in tokens if token[1] not in ends]
    if not body:
        hint = "write its SQL below the name line, or remove the line"
        errors.append(source.mistake(QueryStatementError, at, "this query has no statement", hint))
        return ends
    first_end = min(ends, default=len(parts.text))
    second = next((token for token in body if token.start > first_end), None)
    if body[0].start > first_end:
        errors.append(source.mistake(QueryStatementError, first_end, "this semicolon ends nothing", "remove it"))
    elif second is not None and second.kind is not TokenKind.BACKSLASH:  # which is reported elsewhere
        hint = "give the second one a -- name: line of its own, or join them with WITH"
        errors.append(source.mistake(QueryStatementError, second.start, "a second statement in one query", hint))
    dropped = set(ends)
    for arm in parts.arms:
        closing = _ends(parts.text, arm)
        later = next((token for token in arm if closing and token.start > min(closing)), None)
        if later is not None:
            hint = "an order is a part of the query: remove the semicolon before it"
            errors.append(source.mistake(QueryStatementError, later.start, "a second statement in one query", hint))
        dropped |= closing
    first = [token for token in body if token.start < second.start] if second else body
    first = first or body
    _check_kind(source, parts.text, Statement(first[0].start, first[-1].end), kind, errors)
    return frozenset(dropped)


def first_statement(text: str, tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens up to the first semicolon: for sqlc a later statement without a name is no query."""
    first = min(_ends(text, [token for token in tokens if token.kind not in COMMENTS]), default=None)
    return tokens if first is None else [token for token in tokens if token.start <= first]


def check_lengths(source: SourceText, tokens: Iterable[Token], errors: list[CodezestError]) -> None:
    """Refuse names that the server would truncate, which it reports only in a notice."""
    long = MAXIMUM_LENGTH if source.text.isascii() else MAXIMUM_LENGTH // _BYTES_AT_MOST
    for kind, start, end in [token for token in tokens if token[2] - token[1] > long]:
        if kind is TokenKind.WORD or kind is TokenKind.QUOTED_IDENTIFIER:
            name = source.text[start:end].strip('"').replace('""', '"')
            length = len(name.encode("utf-8", "surrogatepass"))
            if length > MAXIMUM_LENGTH and not name.startswith(("U&", "u&")):
                hint = f"shorten it: the server would cut it to {MAXIMUM_LENGTH} bytes"
                errors.append(source.mistake(ColumnAliasError, start, f"this name has {length} bytes", hint))


def _ends(text: str, tokens: Sequence[Token]) -> frozenset[int]:
    """Return the offsets of the semicolons outside of parentheses and of bodies of functions."""
    if tokens and ";" not in text[tokens[0].start : tokens[-1].start]:  # as nearly always
        return frozenset({tokens[-1].start} if text[tokens[-1].start] == ";" else ())
    found: list[int] = []
    depth = 0
    for kind, start, end in tokens:
        if kind is TokenKind.PUNCTUATION:
            character = text[start]
            if character == "(":
                depth += 1
            elif character == ")":
                depth = max(depth - 1, 0)
            elif character == ";" and not depth:
                found.append(start)
        elif kind is TokenKind.WORD and end - start == len("ATOMIC") and text[start:end].upper() == "ATOMIC":
            return _ends_by_statements(text, tokens)
    return frozenset(found)


def _ends_by_statements(text: str, tokens: Sequence[Token]) -> frozenset[int]:
    """Return the same where a body of a function may hold semicolons."""
    begin = tokens[0].start
    within = [
        (begin + statement.start, begin + statement.end)
        for statement in split_statements(text[begin : tokens[-1].end])
    ]
    return frozenset(
        token.start
        for token in tokens
        if text[token.start : token.end] == ";" and not any(start <= token.start < end for start, end in within)
    )


def _check_kind(
    source: SourceText, text: str, statement: Statement, kind: QueryKind | None, errors: list[CodezestError]
) -> None:
    """Refuse what cannot be a query, and ``:copyfrom`` over what it cannot copy into."""

    def refuse(error: type[CodezestError], message: str, hint: str) -> None:
        errors.append(source.mistake(error, statement.start, message, hint))

    if control := transaction_control(text, statement):
        hint = "remove it: transactions are begun where queries are run, by db.transaction()"
        refuse(TransactionControlError, f"{control} is no query", hint)
    elif is_copy_from_stdin(text, statement):
        hint = "write INSERT INTO t (a, b) VALUES (:a, :b), with the kind :copyfrom"
        refuse(CopyFromStdinError, "COPY … FROM stdin waits for data that no query sends", hint)
    elif is_copy_to_stdout(text, statement):
        refuse(CopyToStdoutError, "COPY … TO stdout gives no rows to a query", "write SELECT, and stream its rows")
    elif kind is QueryKind.COPYFROM and (problem := copy_problem(text, statement)):
        hint = "write INSERT INTO t (a, b) VALUES (:a, :b)"
        refuse(QueryKindError, f":copyfrom needs a plain INSERT: {problem}", hint)
