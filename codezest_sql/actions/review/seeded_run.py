"""Runs the statements of a migration on tables with a row in each, as the tracer measures them, then applies them.

The measurement is rolled back and its dummy rows are removed before the migration is applied: what a migration leaves
is what it leaves on the base, and no later one takes a dummy row, or what was made of it, for a row of the base.

What fails on any row is reported. What fails only because of the dummy rows, such as a CHECK that one of them breaks,
is measured again on empty tables: the row is no reason to refuse a migration.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg import sql

from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.sql.concurrent_statements import read_concurrent
from codezest_sql.core.sql.statement_kind import needs_no_transaction
from codezest_sql.place import Place, excerpt
from codezest_sql.postgres.trace.leftovers import drop_invalid_indexes, read_invalid_indexes
from codezest_sql.postgres.trace.row_seeder import KnownRows, Seeded, remove_rows, seed_rows
from codezest_sql.postgres.trace.sequence_state import read_sequences, restore_sequences

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.core.review.trace.measured import Measured
    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.postgres.trace.tracer import Tracer

FAILS = "fails-with-rows"
_NOT_NULL_VIOLATION = "23502"
# A procedure or a block that commits: PostgreSQL refuses that in a transaction.
_ENDS_TRANSACTIONS = "2D000"
_COLUMN = (
    "SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = pg_catalog.to_regclass(pg_catalog.format('%%I.%%I',"
    " %s::text, %s::text)) AND a.attname = %s AND NOT a.attisdropped"
)


class Watcher(Protocol):
    """Who looks at the database while a migration runs."""

    def transaction_begins(self) -> None:
        """No lock is held."""

    def measured(self, place: Place) -> None:
        """A statement was measured; its transaction is open, and holds its locks."""

    def applied(self, place: Place, statement: Statement) -> None:
        """A statement was applied: what it changed is there to stay."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Which statement failed on the dummy rows; ``at_end`` where only the checks at COMMIT did."""

    place: Place
    error: psycopg.Error
    at_end: bool = False


class Trial:
    """Runs on ``connection``, which is of the role that migrates and in autocommit mode.

    ``place`` is the statement that runs, ``measurements`` is what was measured so far, also after an error.
    """

    def __init__(self, connection: psycopg.Connection[Any], tracer: Tracer, watcher: Watcher) -> None:
        self._connection, self._tracer, self._watcher = connection, tracer, watcher
        self._known = KnownRows()
        self._failures: list[tuple[Place, str]] = []
        self.measurements: dict[Place, Measured] = {}
        self.place = Place("")

    def migrate(self, script: Script) -> None:
        """Measure and apply a migration. Raises the ``psycopg.Error`` of what fails on empty tables as well."""
        self.place = Place(script.file)
        if script.transactional:
            self._transaction(script, script.statements)
            return
        for statement in script.statements:
            if needs_no_transaction(script.text, statement) is not None:
                self._alone(script, statement)
                continue
            try:
                self._transaction(script, [statement])
            except psycopg.Error as error:
                if error.sqlstate != _ENDS_TRANSACTIONS:
                    raise
                self._connection.execute("ROLLBACK")
                self._alone(script, statement, on_rows=False)

    def rehearse(self, script: Script, statements: Sequence[Statement], seeded: Seeded) -> _Failure | None:
        """Measure statements in one transaction on tables that got a row, and roll it back; return what failed."""
        self._watcher.transaction_begins()
        self._tracer.begin()
        self._connection.execute("BEGIN")
        try:
            for statement in statements:
                self._measure(script, statement, seeded)
            try:
                self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what COMMIT would check
            except psycopg.Error as error:
                return self._failure(error, at_end=True)
        except psycopg.Error as error:
            return self._failure(error)
        finally:
            if not self._connection.broken:
                self._connection.execute("ROLLBACK")
        return None

    def _failure(self, error: psycopg.Error, *, at_end: bool = False) -> _Failure:
        """Return the failure; raises the error where there is no server any more."""
        if self._connection.broken:
            raise error
        return _Failure(self.place, error, at_end)

    def _transaction(self, script: Script, statements: Sequence[Statement]) -> None:
        with self._login_role():
            sequences = read_sequences(self._connection)
            seeded = seed_rows(self._connection, self._known)
        failure = None
        if seeded.tables:
            failure = self.rehearse(script, statements, seeded)
            with self._login_role():
                remove_rows(self._connection, seeded)
                restore_sequences(self._connection, sequences)
        self._apply(script, statements, failure, measure=failure is not None or not seeded.tables, seeded=seeded)

    def _apply(
        self,
        script: Script,
        statements: Sequence[Statement],
        failure: _Failure | None,
        *,
        measure: bool,
        seeded: Seeded,
    ) -> None:
        """Run the statements to stay; with ``measure`` what was not measured yet is measured now, on empty tables."""
        if measure:
            if failure is None:
                self._watcher.transaction_begins()
            self._tracer.begin()
        self._connection.execute("BEGIN")
        reached = False  # what failed, from where on nothing was measured
        for statement in statements:
            place = self.place = script.place(statement.start)
            fails = failure is not None and place == failure.place
            reached = reached or fails
            if not measure:
                self._connection.execute(statement.text(script.text).encode())
            else:
                # Whether a column that holds a NULL is new is known only before the statement that adds it.
                note = self._note(place, failure.error) if failure and fails else ""
                known = self.measurements.get(place)
                self._measure(script, statement, seeded)
                if known and failure and (failure.at_end or not reached):
                    self.measurements[place] = known
                if note:
                    found = self.measurements[place]
                    self.measurements[place] = replace(found, notes=(note, *found.notes))
            self._watcher.applied(place, statement)
        self._connection.execute("COMMIT")

    def _measure(self, script: Script, statement: Statement, seeded: Seeded) -> None:
        self.place = script.place(statement.start)
        found = self._tracer.measure(self.place, statement.text(script.text))
        self.measurements[self.place] = self._with_empty(found, seeded)
        self._watcher.measured(self.place)

    def _with_empty(self, found: Measured, seeded: Seeded) -> Measured:
        """Add which of the tables that a statement locks took no row."""
        empty = sorted({each.relation for each in found.locks} & {*seeded.empty})
        notes = (f"no dummy row fits {name}: measured on an empty table" for name in empty)
        return replace(found, notes=(*found.notes, *notes)) if empty else found

    def _alone(self, script: Script, statement: Statement, *, on_rows: bool = True) -> None:
        """Run a statement outside of a transaction, which no rollback undoes: only the rows go afterwards.

        Where it may write rows of its own, such as a procedure that commits, it meets no dummy row.
        """
        place = self.place = script.place(statement.start)
        text = statement.text(script.text)
        concurrently = read_concurrent(script.text, statement) is not None
        with self._login_role():
            sequences = read_sequences(self._connection)
            seeded = seed_rows(self._connection, self._known) if on_rows else Seeded()
        invalid = read_invalid_indexes(self._connection)
        self._watcher.transaction_begins()
        try:
            found = self._tracer.measure_alone(place, text, concurrently=concurrently)
        except psycopg.Error as error:
            if self._connection.broken or not seeded.tables:
                raise
            with self._login_role():
                remove_rows(self._connection, seeded)
                drop_invalid_indexes(self._connection, read_invalid_indexes(self._connection) - invalid)
            seeded = Seeded()
            found = self._tracer.measure_alone(place, text, concurrently=concurrently)
            found = replace(found, notes=(self._note(place, error), *found.notes))
        self.measurements[place] = self._with_empty(found, seeded)
        with self._login_role():
            remove_rows(self._connection, seeded)
            restore_sequences(self._connection, sequences if on_rows else {})
        self._watcher.applied(place, statement)

    @contextmanager
    def _login_role(self) -> Generator[None]:
        """Act as the role that logged in, which may do what dummy rows need; a file may have SET another role."""
        row = self._connection.execute("SELECT pg_catalog.current_setting('role')").fetchone()
        role = row[0] if row else "none"
        if role == "none":
            yield
            return
        self._connection.execute("SET ROLE NONE")
        yield
        self._connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))

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
        """Describe what the row met; remember it as a failure where it would meet every row: a column that is new."""
        diagnosis = error.diag
        said = diagnosis.message_primary or str(error)
        if error.sqlstate == _NOT_NULL_VIOLATION and not self._is_there(diagnosis):
            self._failures.append((place, said))
            return f"fails where the table has a row: {said}"
        return f"the dummy rows do not fit ({said}): measured on empty tables"

    def _is_there(self, diagnosis: psycopg.errors.Diagnostic) -> bool:
        values = [diagnosis.schema_name, diagnosis.table_name, diagnosis.column_name]
        return self._connection.execute(_COLUMN, values).fetchone() is not None
