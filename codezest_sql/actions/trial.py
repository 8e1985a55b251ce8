"""Runs the statements of a migration on tables with a row in each, as the tracer measures them.

What fails on any row is told. What fails only on the made-up one, such as a CHECK that it breaks, is tried again on
empty tables: the row is no reason to refuse a migration.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg

from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.source import excerpt
from codezest_sql.postgres.row_seeder import Seeded, remove_rows, seed_rows

if TYPE_CHECKING:
    from codezest_sql.core.migration_file import Script
    from codezest_sql.core.source import Place
    from codezest_sql.core.trace.measured import Measured
    from codezest_sql.postgres.tracer import Tracer

FAILS = "fails-with-rows"
_NOT_NULL_VIOLATION = "23502"
# SQLSTATE classes of what depends on rows: data exceptions and violated constraints.
_OF_ROWS = ("22", "23")
# These have nothing to do with rows; some of them must not stand within a savepoint.
_NO_ROWS = re.compile(
    r"(?:SET|RESET|SHOW|LOCK|DISCARD|COMMENT|GRANT|REVOKE|DROP|CREATE\s+(?:TABLE|TYPE|FUNCTION|VIEW|SCHEMA))\b",
    re.IGNORECASE,
)
_COLUMN = (
    "SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = pg_catalog.to_regclass(pg_catalog.format('%%I.%%I',"
    " %s::text, %s::text)) AND a.attname = %s AND NOT a.attisdropped"
)


class Trial:
    """Runs on ``connection``, which is of the role that migrates and in autocommit mode."""

    def __init__(self, connection: psycopg.Connection[Any], tracer: Tracer) -> None:
        self._connection, self._tracer = connection, tracer
        self._seeded = Seeded()
        self._failures: list[tuple[Place, str]] = []

    def begin(self) -> None:
        """Put a row into each empty table, and take what is there for what others see: before a transaction."""
        self._seeded = seed_rows(self._connection)
        self._tracer.begin()

    def run(self, place: Place, text: str) -> Measured:
        """Run a statement in the open transaction. Raises its ``psycopg.Error``."""
        if not self._seeded.tables or _NO_ROWS.match(text):
            return self._told(self._tracer.measure(place, text))
        self._connection.execute("SAVEPOINT codezest_row")
        try:
            found = self._tracer.measure(place, text)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in _OF_ROWS:
                raise
            self._connection.execute("ROLLBACK TO SAVEPOINT codezest_row")
            note = self._note(place, error)
            remove_rows(self._connection, self._seeded)
            self._seeded = Seeded()
            self._tracer.forget_locks()
            found = self._tracer.measure(place, text)
            found = replace(found, notes=(note,))
        self._connection.execute("RELEASE SAVEPOINT codezest_row")
        return self._told(found)

    def _told(self, found: Measured) -> Measured:
        """Add which of the tables that a statement locks took no row."""
        empty = sorted({each.relation for each in found.locks} & {*self._seeded.empty})
        notes = (f"no made-up row fits {name}: measured on none" for name in empty)
        return replace(found, notes=(*found.notes, *notes)) if empty else found

    def run_alone(self, place: Place, text: str, *, concurrently: bool) -> Measured:
        """Run a statement outside of a transaction. Raises its ``psycopg.Error``."""
        return self._tracer.measure_alone(place, text, concurrently=concurrently)

    def locked(self) -> frozenset[int]:
        """Return the tables that the open transaction keeps from somebody, by their OIDs."""
        return self._tracer.locked()

    def findings(self, script: Script) -> list[Finding]:
        """Return what failed on a row since the last call."""
        found = [
            Finding(
                FAILS,
                Severity.ERROR,
                place,
                f"fails where the table has a row: {said}",
                "give the column a DEFAULT, or add it without NOT NULL and fill it first",
                Source.MEASURED,
                excerpt(script.text, place),
            )
            for place, said in self._failures
        ]
        self._failures.clear()
        return found

    def _note(self, place: Place, error: psycopg.Error) -> str:
        """Say what the row met; remember it as a failure where it would meet every row: a column that is new."""
        diagnosis = error.diag
        said = diagnosis.message_primary or str(error)
        if error.sqlstate == _NOT_NULL_VIOLATION and not self._is_there(diagnosis):
            self._failures.append((place, said))
            return f"fails where the table has a row: {said}"
        return f"a made-up row was refused ({said}): measured on empty tables"

    def _is_there(self, diagnosis: psycopg.errors.Diagnostic) -> bool:
        values = [diagnosis.schema_name, diagnosis.table_name, diagnosis.column_name]
        return self._connection.execute(_COLUMN, values).fetchone() is not None
