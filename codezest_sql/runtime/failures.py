"""Turns psycopg's errors into ours, by their SQLSTATE. Never shows an argument or a password."""

from __future__ import annotations

import re

import psycopg

from codezest_sql.errors import (
    CheckViolation,
    CodezestError,
    ConnectionLostError,
    ConstraintViolation,
    ExclusionViolation,
    ForeignKeyViolation,
    InvalidValue,
    NotNullViolation,
    QueryError,
    SchemaMismatchError,
    SerializationConflict,
    StatementTimeout,
    UniqueViolation,
    UnreadableValueError,
)
from codezest_sql.runtime.redaction import message_of, without_details, without_values

_VIOLATIONS = {
    "23505": UniqueViolation,
    "23503": ForeignKeyViolation,
    "23502": NotNullViolation,
    "23514": CheckViolation,
    "23P01": ExclusionViolation,
    "23000": ConstraintViolation,
    "23001": ForeignKeyViolation,  # restrict_violation, from PostgreSQL 18 on for ON DELETE RESTRICT
}

# The server does not know a name or a type of the query: classes 42P0x, 42703, 42704, 42883, 3F000 and 42804.
_MISMATCHES = frozenset({"42P01", "42703", "42704", "42883", "3F000", "42804", "42P18", "42846", "42702", "42725"})
_LOST = frozenset({"57P01", "57P02", "57P03", "08000", "08003", "08006", "25P03", "57P05"})
CONFLICTS = frozenset({"40001", "40P01"})
MISMATCH_HINT = "migrate the database, or run codezest-sql generate"


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone."""
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate:
        return error.sqlstate in _LOST
    return isinstance(error, psycopg.OperationalError)


def unreadable(query: str, error: Exception) -> UnreadableValueError:
    """Return our error for an error of a psycopg loader."""
    said = without_values(str(error).strip().split("\n")[0])
    return UnreadableValueError(
        f"{query}: a value cannot be held by its Python type: {said}", query=query, hint="select it as text"
    )


def translated(error: psycopg.Error, query: str, sql: str = "", *, show: bool = False) -> CodezestError:
    """Return our error for one of psycopg's; its cause is that one, without values unless ``show``."""
    made = _translated(error, query, sql)
    made.__cause__ = error if show else without_details(error, sql)
    return made


def _translated(error: psycopg.Error, query: str, sql: str) -> CodezestError:
    state = error.sqlstate or ""
    if isinstance(error, psycopg.DataError) and not state:  # it did not come from the server
        return unreadable(query, error)
    reason = message_of(error, sql)
    message = f"{query}: {reason}"
    if state in _VIOLATIONS:
        return _violation(error, query, message)
    if state in _MISMATCHES:
        return SchemaMismatchError(message, query=query, hint=MISMATCH_HINT)
    if state.startswith("22"):
        return InvalidValue(message, query=query)
    if state == "57014":
        return StatementTimeout(message, query=query)
    if state in CONFLICTS:
        return SerializationConflict(message, query=query, hint="run the transaction again")
    if is_lost(error):
        return ConnectionLostError(f"{query}: the connection was lost: {reason}")
    return QueryError(message, query=query)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _violation(error: psycopg.Error, query: str, message: str) -> ConstraintViolation:
    diagnostic = error.diag
    table = ".".join(name for name in (diagnostic.schema_name, diagnostic.table_name) if name)
    columns: tuple[str, ...] = (diagnostic.column_name,) if diagnostic.column_name else ()
    if not columns:
        # 'Key (email, tenant)=(…) already exists.': the values behind it may be private, so they are not shown.
        found = re.search(r"\(((?:[^()\"]|\"[^\"]*\")*(?:\([^()]*\)[^()]*)*)\)=\(", diagnostic.message_detail or "")
        columns = tuple(map(_unquoted, re.findall(r'"(?:[^"]|"")*"|[^\s,][^,]*', found[1]))) if found else ()
    kind: type[ConstraintViolation] = _VIOLATIONS[error.sqlstate or ""]
    return kind(message, query=query, constraint=diagnostic.constraint_name or "", table=table, columns=columns)
