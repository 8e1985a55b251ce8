"""Session settings that change the text of a value, or how the text of an argument or of a query is read.

The runtime reads and writes text as PostgreSQL does by default. Connections that it opens get these settings
(``wanted``). On any other connection they are checked: those that the server reports before each query and before its
rows are read, the others by ``CHECK`` before a query that depends on them. A wrong one is an error that names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.runtime.pg_types import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.runtime.pg_types import Type

_UTF8 = frozenset({b"UTF8", b"UTF-8"})
# Settings that the server reports when they change, with the values that will do.
Reported: TypeAlias = tuple[bytes, frozenset[bytes]]
DATE_STYLE: Reported = (b"DateStyle", frozenset({b"ISO", b"ISO, MDY", b"ISO, DMY", b"ISO, YMD"}))
INTERVAL_STYLE: Reported = (b"IntervalStyle", frozenset({b"postgres"}))
STRINGS: Reported = (b"standard_conforming_strings", frozenset({b"on"}))

# Settings that the server does not report, with the value that is needed.
NEEDED = {
    "extra_float_digits": "1",
    "array_nulls": "on",
    "xmloption": "content",
    "quote_all_identifiers": "off",
}
CHECK = b"""
SELECT
    pg_catalog.pg_backend_pid()::pg_catalog.text,
    pg_catalog.current_setting('extra_float_digits'),
    pg_catalog.current_setting('array_nulls'),
    pg_catalog.current_setting('xmloption'),
    pg_catalog.current_setting('quote_all_identifiers')
"""
PREPARED = b"SELECT name FROM pg_catalog.pg_prepared_statements"
SETTINGS = {
    "DateStyle": "SET DateStyle = 'ISO'",
    "IntervalStyle": "SET IntervalStyle = 'postgres'",
    "standard_conforming_strings": "SET standard_conforming_strings = on",
    "extra_float_digits": "SET extra_float_digits = 1",
    "array_nulls": "SET array_nulls = on",
    "xmloption": "SET xmloption = 'content'",
    "quote_all_identifiers": "SET quote_all_identifiers = off",
}
LOCALLY = "; ".join(text.replace("SET ", "SET LOCAL ", 1) for text in SETTINGS.values())
"""For a session that belongs to another session after the transaction, as behind a pooler."""

CHANGES_SETTINGS = frozenset({b"SET", b"RESET", b"DISCARD ALL", b"DO", b"CALL"})
"""Command tags of statements that may change a setting of the session."""
DROPS_STATEMENTS = frozenset({b"DEALLOCATE", b"DEALLOCATE ALL", b"DISCARD ALL"})
"""Command tags of statements after which prepared ones are gone."""

_DATES = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})
_FLOATS = frozenset({"real", "double precision"})


class Needs(NamedTuple):
    """The settings that a query depends on: reported ones with their values, and the names of others.

    ``nulls`` marks a query that depends on ``array_nulls`` when an argument has a NULL in an array.
    """

    reported: tuple[Reported, ...] = ()
    others: frozenset[str] = frozenset()
    nulls: bool = False


def needs_of(parameters: Iterable[Type], columns: Iterable[Type], *, binary: bool) -> Needs:
    """Return the settings that the values of these types depend on."""
    shown: set[str] = set() if binary else {name for kind in columns for name in _names(kind)}
    given = list(parameters)
    reported = tuple(
        setting for setting, on in ((DATE_STYLE, bool(shown & _DATES)), (INTERVAL_STYLE, "interval" in shown)) if on
    )
    others = {"extra_float_digits"} if shown & _FLOATS else set[str]()
    if any("xml" in _names(kind) for kind in given):
        others.add("xmloption")
    return Needs(reported, frozenset(others), any("[]" in _names(kind) for kind in given))


def _names(kind: Type) -> set[str]:
    """Return the names of the types in a type; ``[]`` for an array."""
    return {"[]" if one.kind == "a" else one.name for one in parts_of(kind)}


def check_encoding(pgconn: Any) -> None:
    """Raise ``ConnectionUnusableError`` where texts would be read in another encoding than they are sent in."""
    if pgconn.parameter_status(b"client_encoding") not in _UTF8:
        raise wrong("client_encoding", "UTF8")


def check_reported(pgconn: Any, settings: Sequence[Reported]) -> None:
    """Raise ``ConnectionUnusableError`` where a reported setting is not as needed."""
    for name, values in settings:
        if pgconn.parameter_status(name) not in values:
            raise wrong(name.decode(), min(values, key=len).decode())


def check_strings(pgconn: Any, text: bytes) -> None:
    """Raise ``ConnectionUnusableError`` where the backslashes of a query would be read as escapes."""
    if b"\\" in text:
        check_reported(pgconn, (STRINGS,))


def is_as_needed(name: str, value: str) -> bool:
    """Whether a setting that the server does not report is as needed; three digits more are as good as one."""
    if name == "extra_float_digits":
        return value.isdigit() and int(value) > 0
    return value == NEEDED[name]


def check_needed(name: str, value: str) -> None:
    """Raise ``ConnectionUnusableError`` where such a setting is not as needed."""
    if not is_as_needed(name, value):
        raise wrong(name, NEEDED[name])


def wrong(name: str, value: str) -> ConnectionUnusableError:
    """Return the error for a setting."""
    return ConnectionUnusableError(
        f"this query needs {name} = {value} in its session",
        hint=f"SET {name} = {value}, or RESET {name} if the role, the database and the URL do not change it",
    )
