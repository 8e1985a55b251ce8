"""What to write where the server finds a parameter in a place that takes none: ``IN :ids``, ``INTERVAL :n``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.sql.lexer import COMMENTS, TokenKind, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

# Types that SQL writes before a constant: DATE '2026-01-01'.
_TYPES = frozenset(
    {
        *("INTERVAL", "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "UUID", "JSON", "JSONB", "XML", "BYTEA"),
        *("TEXT", "VARCHAR", "CHAR", "NAME", "BOOLEAN", "BOOL", "SMALLINT", "INT", "INTEGER", "BIGINT", "NUMERIC"),
        *("DECIMAL", "REAL", "FLOAT", "INT2", "INT4", "INT8", "FLOAT4", "FLOAT8", "INET", "CIDR", "MACADDR", "BIT"),
        *("JSONPATH", "REGCLASS", "TSVECTOR", "TSQUERY", "POINT", "MONEY", "LTREE", "CITEXT", "VECTOR", "OID"),
    }
)
_LONG_TYPES = {
    ("TIMESTAMP", "WITH", "TIME", "ZONE"): "timestamptz",
    ("TIMESTAMP", "WITHOUT", "TIME", "ZONE"): "timestamp",
    ("TIME", "WITH", "TIME", "ZONE"): "timetz",
    ("TIME", "WITHOUT", "TIME", "ZONE"): "time",
    ("DOUBLE", "PRECISION"): "float8",
    ("CHARACTER", "VARYING"): "varchar",
}
_UNITS = {"YEAR": "years", "MONTH": "months", "DAY": "days", "HOUR": "hours", "MINUTE": "mins", "SECOND": "secs"}
_RELATIONS = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ONLY", "USING", "CALL", "SCHEMA"})


def misplaced_parameter(text: str, position: int, shown: str) -> str | None:
    """Return what to write for the parameter at ``text[position]``; None where there is none.

    ``shown`` is the parameter as the query's file writes it.
    """
    every = [token for token in tokens(text) if token.kind not in COMMENTS]
    index = next((place for place, token in enumerate(every) if token.start == position), None)
    if index is None or every[index].kind is not TokenKind.PARAMETER:
        return None
    before = [token.keyword(text) for token in every[max(index - 4, 0) : index]]
    after = every[index + 1].keyword(text) if index + 1 < len(every) else ""
    if every[0].keyword(text) == "SET":
        return f"SET takes no parameter: write SELECT set_config('name', {shown}, false)"
    return _as_an_array(before, shown) or _as_a_constant(before, after, shown) or _otherwise(before, shown)


def _as_an_array(before: Sequence[str], shown: str) -> str | None:
    match before[-1:]:
        case ["IN"]:
            return f"write <> ALL({shown})" if before[-2:-1] == ["NOT"] else f"write = ANY({shown})"
        case ["ANY" | "ALL" | "SOME" as word]:
            return f"write {word}({shown})"
        case ["ARRAY"]:
            return f"write {shown} alone: an array is one parameter"
        case ["VALUES"]:
            return f"write VALUES ({shown}); for rows of an array, SELECT unnest({shown})"
        case _:
            return None


def _as_a_constant(before: Sequence[str], after: str, shown: str) -> str | None:
    """Return what to write for ``INTERVAL :n``: a type is written before constants only."""
    written = next((name for words, name in _LONG_TYPES.items() if tuple(before[-len(words) :]) == words), "")
    if not written and before and before[-1] in _TYPES:
        written = before[-1].lower()
    if not written:
        return None
    hint = f"write {shown}::{written}"
    return (
        f"{hint}, or make_interval({_UNITS[after]} => {shown})" if written == "interval" and after in _UNITS else hint
    )


def _otherwise(before: Sequence[str], shown: str) -> str:
    if before and before[-1] in _RELATIONS:
        return f"{shown} means a value: write the name of the relation in the query"
    return f"{shown} means a value, not for a name, a keyword or an operator"
