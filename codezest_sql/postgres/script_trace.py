"""Measures a migration statement by statement, in the transactions that the deployer would run it in.

Each table has a row meanwhile, so that what only rows refuse is found, too. A transactional file is measured and taken
back, then applied without these rows: what comes after it stands on what the files alone make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from codezest_sql.core.concurrently import read_concurrent
from codezest_sql.core.source import Place
from codezest_sql.core.statement_kind import needs_no_transaction
from codezest_sql.postgres.row_seeder import remove_rows, seed_rows
from codezest_sql.postgres.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codezest_sql.core.migration_file import Script
    from codezest_sql.core.trace.measured import Measured


class Refusal(NamedTuple):
    """A statement that the server refuses, with its words and its SQLSTATE."""

    place: Place
    message: str
    sqlstate: str


@dataclass(frozen=True, slots=True)
class ScriptTrace:
    """What was measured of a script's statements, in order.

    ``with_rows`` is what the server refuses only where the tables have rows: then the measurement is one on empty
    tables. ``refused`` is what it refuses in any case: nothing after it was measured. ``empty`` are tables that took
    no made-up row.
    """

    measured: tuple[Measured, ...] = ()
    with_rows: Refusal | None = None
    refused: Refusal | None = None
    empty: tuple[str, ...] = ()


class ScriptTracer:
    """Traces scripts one after the other; ``connect`` opens sessions of a superuser in autocommit mode."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._migrating = connect()
        self._tracer = Tracer(self._migrating, connect(), connect)
        self._place = Place("")
        self._measured: list[Measured] = []

    def trace(self, script: Script) -> ScriptTrace:
        """Run a script; its changes stay. Raises ``psycopg.Error`` where the server itself fails."""
        if script.transactional:
            found = self._trace_transaction(script)
        else:
            found = self._trace_each(script)
        self._migrating.execute("DISCARD ALL")
        return found

    def _trace_transaction(self, script: Script) -> ScriptTrace:
        seeded = seed_rows(self._migrating)
        with_rows = self._try(lambda: self._measure(script))
        self._migrating.execute("ROLLBACK")
        measured = tuple(self._measured)
        remove_rows(self._migrating, seeded)
        refused = self._try(lambda: self._measure(script) if with_rows else self._apply(script))
        if with_rows:
            measured = tuple(self._measured)
        refused = refused or self._try(lambda: self._migrating.execute("COMMIT"))
        if refused:
            self._migrating.execute("ROLLBACK")
            with_rows = None
        return ScriptTrace(measured, with_rows, refused, seeded.empty)

    def _trace_each(self, script: Script) -> ScriptTrace:
        """Run each statement on its own: it cannot be taken back."""
        seeded = seed_rows(self._migrating)
        refused = self._try(lambda: self._measure_each(script))
        if self._migrating.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
            self._migrating.execute("ROLLBACK")
        remove_rows(self._migrating, seeded)
        return ScriptTrace(tuple(self._measured), None, refused, seeded.empty)

    def _try(self, deed: Callable[[], object]) -> Refusal | None:
        try:
            deed()
        except psycopg.Error as error:
            if self._migrating.closed:
                raise
            return Refusal(self._place, error.diag.message_primary or str(error), error.sqlstate or "")
        return None

    def _statements(self, script: Script) -> Iterator[tuple[str, bool, bool]]:
        """Give each statement, whether it runs outside of transactions, and whether it works CONCURRENTLY."""
        for statement in script.statements:
            self._place = script.place(statement.start)
            alone = needs_no_transaction(script.text, statement) is not None
            yield script.statement_text(statement), alone, read_concurrent(script.text, statement) is not None

    def _measure(self, script: Script) -> None:
        self._measured.clear()
        self._migrating.execute("BEGIN")
        self._tracer.begin()
        for text, _, _ in self._statements(script):
            self._measured.append(self._tracer.measure(self._place, text))

    def _apply(self, script: Script) -> None:
        self._migrating.execute("BEGIN")
        for text, _, _ in self._statements(script):
            self._migrating.execute(text.encode())

    def _measure_each(self, script: Script) -> None:
        self._measured.clear()
        for text, alone, concurrently in self._statements(script):
            if alone:
                self._measured.append(self._tracer.measure_alone(self._place, text, concurrently=concurrently))
                continue
            self._migrating.execute("BEGIN")
            self._tracer.begin()
            self._measured.append(self._tracer.measure(self._place, text))
            self._migrating.execute("COMMIT")
