"""Keeps values out of messages and chained errors: more people read a traceback than a row.

The server repeats values in DETAIL and CONTEXT, and in quotes in the message itself. What is quoted there stays only
if the query's own SQL has it, as the name of a table, or if the server states that it is a name. A message of RAISE
is a message of the application, and stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import DiagnosticField

from codezest_sql.errors import CodezestError

if TYPE_CHECKING:
    from collections.abc import Iterator

# As the languages of lc_messages quote.
_OPENING = "\"'\u00ab\u00bb\u201e\u201c\u2018\u201a\u2039\u300c\u300e"
_CLOSING = "\"'\u00bb\u00ab\u201c\u201d\u2019\u2018\u203a\u300d\u300f"
_QUOTED = re.compile(f"[{_OPENING}](.*?)[{_CLOSING}]", re.DOTALL)
_ALL_QUOTED = re.compile(f"(?<!\\w)[{_OPENING}].*[{_CLOSING}]", re.DOTALL)
_BYTES = re.compile(r"\b0x[0-9a-f]{2}\b(?: 0x[0-9a-f]{2}\b)*")
_HIDDEN = "(a value)"
_NAMES = (
    DiagnosticField.SCHEMA_NAME,
    DiagnosticField.TABLE_NAME,
    DiagnosticField.COLUMN_NAME,
    DiagnosticField.DATATYPE_NAME,
    DiagnosticField.CONSTRAINT_NAME,
)
_KEPT = (
    *_NAMES,
    DiagnosticField.SEVERITY,
    DiagnosticField.SEVERITY_NONLOCALIZED,
    DiagnosticField.SQLSTATE,
    DiagnosticField.STATEMENT_POSITION,
    DiagnosticField.SOURCE_FILE,
    DiagnosticField.SOURCE_LINE,
    DiagnosticField.SOURCE_FUNCTION,
)


def without_values(text: str, known: str = "") -> str:
    """Return a message without what it quotes, unless all of that is in ``known``."""
    quoted = _QUOTED.findall(text)
    bare = known.replace('"', "").casefold()
    if quoted and not all(each.replace('"', "").casefold() in bare for each in quoted):
        text = _ALL_QUOTED.sub(_HIDDEN, text)
    return _BYTES.sub(_HIDDEN, text)


def message_of(error: psycopg.Error, sql: str) -> str:
    """Return the message of the server or psycopg without values; ``sql`` is the query's."""
    diagnostic = error.diag
    said = diagnostic.message_primary
    if said is None:
        return without_values(str(error).strip().split("\n")[0], sql)
    state = error.sqlstate or ""
    if diagnostic.source_function == "exec_stmt_raise" or state.startswith("23"):
        return said
    names = (
        diagnostic.schema_name,
        diagnostic.table_name,
        diagnostic.column_name,
        diagnostic.datatype_name,
        diagnostic.constraint_name,
    )
    known = "" if state.startswith("22") else "\n".join([sql, *[name for name in names if name]])
    return without_values(said, known)


def without_details(error: psycopg.Error, sql: str) -> psycopg.Error:
    """Return psycopg's error again, with nothing in it that can hold a value."""
    message = message_of(error, sql)
    diagnostic = error.diag
    if diagnostic.sqlstate is None:
        return type(error)(message)
    info: dict[int, bytes | None] = dict.fromkeys(DiagnosticField)
    for each in _KEPT:
        value: str | None = getattr(diagnostic, each.name.lower())
        info[each] = None if value is None else value.encode()
    info[DiagnosticField.MESSAGE_PRIMARY] = message.encode()
    return type(error)(message, info=info)


def scrub(error: CodezestError, outer: BaseException | None) -> None:
    """Take out of an error's chain what may hold values; ``outer`` is what was handled when the call began."""
    for each in _ours(error):
        cause = each.__cause__
        if cause is not None and not isinstance(cause, CodezestError | psycopg.Error):
            each.__cause__ = None
        each.__context__ = None
        each.__suppress_context__ = False
    if outer is not error:
        error.__context__ = outer


def _ours(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: Any = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__
