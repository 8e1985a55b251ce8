"""What a migration leaves behind, as findings at the statement that made it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.place import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.place import Place

_SAYS = {
    "invalid-index": (
        Severity.ERROR,
        "the index {name} of {table} is invalid: it costs every write and serves no query",
        "drop it with DROP INDEX CONCURRENTLY, and build it again",
    ),
    "not-validated": (
        Severity.NOTE,
        "{name} of {table} is not validated: existing rows may violate it",
        "ALTER TABLE … VALIDATE CONSTRAINT in a migration of its own",
    ),
    "unindexed-foreign-key": (
        Severity.WARNING,
        "no index of {table} begins with {other}: each DELETE of a referenced row scans the table for {name}",
        "create an index on {other}",
    ),
    "no-primary-key": (
        Severity.WARNING,
        "{table} has no primary key: logical replication cannot replicate its updates, and no key identifies a row",
        "give it a PRIMARY KEY",
    ),
    "redundant-index": (
        Severity.NOTE,
        "{other} covers the index {name} of {table}",
        "drop {name}, or do not make it",
    ),
}
LEFTOVERS = tuple(_SAYS)


def leftover_finding(script: Script, made: Place | None, leftover: tuple[str, str, str, str]) -> Finding:
    """Return the finding, of (code, name, table, other); ``made`` is the statement that made the object.

    Where no statement of the file made it, its place is the last that names it, else its table, else the first one.
    """
    code, name, table, other = leftover
    severity, message, hint = _SAYS[code]
    place = made or next(_places(script, name, table), script.place(0))
    words = {"name": name, "table": table, "other": other}
    shown = excerpt(script.text, place)
    return Finding(code, severity, place, message.format(**words), hint.format(**words), Source.MEASURED, shown)


def _places(script: Script, *names: str) -> Iterator[Place]:
    for name in names:
        word = re.compile(rf"(?<![\w$]){re.escape(name.rpartition('.')[2].strip(chr(34)))}(?![\w$])", re.IGNORECASE)
        for statement in reversed(script.statements):
            if word.search(script.statement_text(statement)):
                yield script.place(statement.start)
