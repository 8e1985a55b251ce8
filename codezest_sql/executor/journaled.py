"""Non-transactional files: statement by statement, with a journal that a crash cannot make lie.

Where PostgreSQL allows it, a statement and its journal row share a transaction. Where it does not (CREATE INDEX
CONCURRENTLY, VACUUM), the intent is written first, over the guard's connection, and a rerun decides by the
catalogue what became of it (``recovery.py``). Nothing is undone automatically.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors as pg

from codezest_sql import ledger
from codezest_sql.core.history import Direction, History, JournalEntry, StatementState
from codezest_sql.core.source import excerpt
from codezest_sql.core.statement_kind import is_session_setting, needs_no_transaction
from codezest_sql.core.statements import Statement
from codezest_sql.errors import EditedMigrationError, LockTimeoutError, MigrationFailedError
from codezest_sql.executor import recovery
from codezest_sql.executor.failure import failure_in, is_lost, lost_in
from codezest_sql.executor.transactional import retrying
from codezest_sql.executor.worker import ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.core.plan import Step
    from codezest_sql.core.settings import Settings
    from codezest_sql.executor.guard import Guard
    from codezest_sql.executor.observer import Observer
    from codezest_sql.executor.worker import Worker
    from codezest_sql.ledger import LedgerTables, Recorder

# "cannot run inside a transaction block", and a procedure that ends its caller's transaction: refused before
# anything was done, so that the statement can be run the other way.
_REFUSED_IN_TRANSACTION = (pg.ActiveSqlTransaction, pg.InvalidTransactionTermination)


class Journaled:
    """One run of one non-transactional script, from wherever an earlier run left it."""

    def __init__(
        self,
        step: Step,
        *,
        worker: Worker,
        guard: Guard,
        tables: LedgerTables,
        recorder: Recorder,
        settings: Settings,
        observer: Observer,
        history: History,
        explain: Callable[[], str | None],
    ) -> None:
        self._step = step
        self._script = step.script
        self._worker = worker
        self._guard = guard
        self._tables = tables
        self._recorder = recorder
        self._settings = settings
        self._observer = observer
        self._explain = explain
        self._began = datetime.now(UTC)
        self._lock_timeout = worker.lock_timeout()
        self._journal = {entry.number: entry for entry in history.half_run(step.migration.id, step.direction)}

    def run(self) -> None:
        """Run every statement that is not done, then record the migration and forget its journal."""
        self._check_done_statements()
        total = len(self._script.statements)
        if self._journal:
            first = next((n for n in range(1, total + 1) if not self._is_done(n)), total)
            self._observer.resumed(self._step, statement=first, total=total)
        for number, statement in enumerate(self._script.statements, start=1):
            if self._is_done(number):
                if is_session_setting(self._script.text, statement):
                    # What an earlier run SET went away with its session.
                    self._send(statement)
                continue
            self._guard.check()
            self._run_statement(number, statement)
        self._finish()

    def _run_statement(self, number: int, statement: Statement) -> None:
        entry = self._entry(number, statement)
        earlier = self._journal.get(number)
        place = self._script.place(statement.start)
        if earlier is not None and recovery.is_done(self._worker.connection, earlier, entry, place=place):
            self._note(replace(entry, state=StatementState.DONE, known_indexes=earlier.known_indexes))
            return
        alone = needs_no_transaction(self._script.text, statement) is not None
        if alone or not self._in_transaction(entry, statement):
            self._with_intent(entry, statement, recovering=earlier is not None)

    def _in_transaction(self, entry: JournalEntry, statement: Statement) -> bool:
        """Run a statement and its journal row in one transaction; False where the statement refuses one."""

        def attempt() -> None:
            connection = self._worker.connection
            try:
                connection.execute("BEGIN")
                self._worker.run(self._script.statement_text(statement))
                self._worker.forget_role()
                ledger.write_journal(connection, self._tables, replace(entry, state=StatementState.DONE))
                connection.execute("COMMIT")
            except ScriptError as failure:
                if isinstance(failure.error, _REFUSED_IN_TRANSACTION):
                    raise
                raise self._refused(statement, failure.error) from None
            except psycopg.Error as error:
                raise self._refused(statement, error) from None
            except BaseException:
                self._worker.roll_back()
                raise

        try:
            self._retry(attempt)
        except ScriptError:
            self._worker.roll_back()
            return False
        return True

    def _with_intent(self, entry: JournalEntry, statement: Statement, *, recovering: bool) -> None:
        """Write that a statement begins, run it by itself, check what it left, write that it is done."""
        connection = self._worker.connection
        text = self._script.text
        recovery.drop_invalid_namesake(connection, entry.statement)
        entry = replace(entry, known_indexes=recovery.known_indexes(connection, entry.statement))
        self._note(entry)
        ordinary = self._worker.lock_timeout()

        def attempt() -> None:
            try:
                self._worker.run(entry.statement)
            except ScriptError as failure:
                if recovering and recovery.means_done(entry.statement, failure.error):
                    return
                refused = self._refused(statement, failure.error)
                if isinstance(refused, LockTimeoutError):
                    recovery.drop_leftovers(connection, entry)
                raise refused from None
            except psycopg.Error as error:
                raise self._refused(statement, error) from None

        # A concurrent build waits for every older transaction, which lock_timeout bounds as well: two seconds
        # would let no index be built on a busy server. It blocks nobody meanwhile, so it may wait longer.
        # A timeout that the file itself chose, by its header or by SET, is left alone.
        patient = self._script.lock_timeout is None and ordinary == self._lock_timeout
        if patient:
            self._worker.set_lock_timeout(self._settings.concurrent_timeout)
        self._retry(attempt)
        invalid = recovery.leftovers(connection, entry)
        if invalid:
            place = self._script.place(statement.start)
            raise MigrationFailedError(
                f"the index {invalid[0].schema}.{invalid[0].name} is INVALID after the statement",
                place=place,
                hint="run the command again: it is dropped and built anew",
                source=excerpt(text, place),
            )
        if patient:
            connection.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [ordinary])
        self._note(replace(entry, state=StatementState.DONE))

    def _retry(self, attempt: Callable[[], None]) -> None:
        retrying(
            self._step,
            attempt,
            patience=self._settings.lock_retry,
            observer=self._observer,
            explain=self._explain,
        )

    def _send(self, statement: Statement) -> None:
        """Run a statement outside of any transaction of ours."""
        try:
            self._worker.run(self._script.statement_text(statement))
        except ScriptError as failure:
            raise self._refused(statement, failure.error) from None
        except psycopg.Error as error:
            raise self._refused(statement, error) from None

    def _refused(self, statement: Statement, error: psycopg.Error) -> Exception:
        if is_lost(self._worker.connection, error):
            return lost_in(self._script, error, offset=statement.start, committed=True)
        self._worker.roll_back()
        return failure_in(self._script, error, offset=statement.start, start=statement.start)

    def _finish(self) -> None:
        connection = self._worker.connection
        migration, direction = self._step.migration, self._step.direction
        self._guard.check()
        try:
            connection.execute("BEGIN")
            self._worker.forget_role()
            self._recorder.record(migration, direction, seconds=self._seconds())
            ledger.clear_journal(connection, self._tables, migration.id, direction)
            connection.execute("COMMIT")
        except psycopg.Error as error:
            last = self._script.statements[-1] if self._script.statements else Statement(0, 0)
            raise self._refused(last, error) from None

    def _seconds(self) -> float:
        """Return how long it took from the first statement on, crashes and repairs included."""
        began = min((entry.started_at for entry in self._journal.values()), default=self._began)
        return (datetime.now(UTC) - began).total_seconds()

    def _note(self, entry: JournalEntry) -> None:
        """Write a journal row over the guard's connection: a role or setting of the file does not reach there."""
        try:
            ledger.write_journal(self._guard.connection, self._tables, entry)
        except psycopg.Error:
            self._guard.check()
            raise

    def _entry(self, number: int, statement: Statement) -> JournalEntry:
        return JournalEntry(
            migration_id=self._step.migration.id,
            direction=self._step.direction,
            number=number,
            statement=self._script.statement_text(statement),
            state=StatementState.RUNNING,
            started_at=datetime.now(UTC),
        )

    def _is_done(self, number: int) -> bool:
        entry = self._journal.get(number)
        return entry is not None and entry.state is StatementState.DONE

    def _check_done_statements(self) -> None:
        """Raise ``EditedMigrationError`` where a statement that is done already reads otherwise now."""
        statements = self._script.statements
        for number, entry in self._journal.items():
            if entry.state is not StatementState.DONE:
                continue
            now = self._script.statement_text(statements[number - 1]) if number <= len(statements) else None
            if now == entry.statement:
                continue
            place = self._script.place(statements[number - 1].start if now is not None else 0)
            raise EditedMigrationError(
                f"statement {number} was edited after it had run, while the migration is half "
                f"{'applied' if self._step.direction is Direction.UP else 'rolled back'}",
                place=place,
                hint="restore it; only statements that have not run may change",
                source=excerpt(self._script.text, place),
            )
