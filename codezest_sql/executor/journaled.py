"""Non-transactional files: statement by statement, with a journal that a crash cannot make lie.

Where PostgreSQL allows it, a statement and its journal row share a transaction. Where it does not (CREATE INDEX
CONCURRENTLY, VACUUM), the intent is written first, over the guard's connection, and a rerun decides by the
catalog what became of it (``recovery.py``). Nothing is undone automatically.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors as pg

from codezest_sql import ledger
from codezest_sql.core.migrations.history import Direction, History, JournalEntry, StatementState
from codezest_sql.core.migrations.interrupted import tells_its_end
from codezest_sql.core.sql.statement_kind import is_session_setting, needs_no_transaction
from codezest_sql.core.sql.statements import Statement, leading_words
from codezest_sql.errors import EditedMigrationError, HalfRunError, LockTimeoutError, MigrationFailedError
from codezest_sql.executor import recovery
from codezest_sql.executor.failure import failure_in, is_lost, lost_in
from codezest_sql.executor.recovery import Outcome
from codezest_sql.executor.transactional import retrying
from codezest_sql.executor.worker import ScriptError
from codezest_sql.place import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from codezest_sql.core.migrations.plan import Step
    from codezest_sql.core.settings import Settings
    from codezest_sql.executor.guard import Guard
    from codezest_sql.executor.observer import Observer
    from codezest_sql.executor.worker import Worker
    from codezest_sql.ledger import LedgerTables, Recorder

# "cannot run inside a transaction block", and a procedure that ends its caller's transaction: refused before
# anything was done, so that the statement can be run the other way.
_REFUSED_IN_TRANSACTION = (pg.ActiveSqlTransaction, pg.InvalidTransactionTermination)


class Journaled:
    """One run of one non-transactional script, from where an earlier run stopped."""

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
        self._current = Statement(0, 0)
        self._journal = {entry.number: entry for entry in history.half_run(step.migration.id, step.direction)}

    def run(self) -> None:
        """Run every statement that is not done, then record the migration and forget its journal.

        Raises a ``DatabaseError`` of a fitting kind, and ``EditedMigrationError``.
        """
        self._check_done_statements()
        try:
            self._run_statements()
            self._finish()
        except psycopg.Error as error:
            raise self._refused(self._current, error) from None

    def _run_statements(self) -> None:
        total = len(self._script.statements)
        if self._journal:
            first = next((n for n in range(1, total + 1) if not self._is_done(n)), total)
            self._observer.resumed(self._step, statement=first, total=total)
        for number, statement in enumerate(self._script.statements, start=1):
            self._current = statement
            if not self._is_done(number):
                self._guard.check()
                self._run_statement(number, statement)
            elif is_session_setting(self._script.text, statement):
                # What an earlier run SET went away with its session.
                self._send(statement)
            else:
                continue
            self._keep_session(statement)

    def _run_statement(self, number: int, statement: Statement) -> None:
        entry = self._entry(number, statement)
        earlier = self._journal.get(number)
        if earlier is not None and self._took_effect(earlier, statement):
            self._note(replace(entry, state=StatementState.DONE, known_oids=earlier.known_oids))
            return
        alone = needs_no_transaction(self._script.text, statement) is not None
        if alone or not self._in_transaction(entry, statement):
            self._with_intent(entry, statement)

    def _took_effect(self, earlier: JournalEntry, statement: Statement) -> bool:
        """Whether a statement that began in an earlier run is done; else what it left is removed."""
        found = Outcome.UNKNOWN

        def attempt() -> None:
            nonlocal found
            try:
                found = recovery.settle(self._worker.connection, earlier, self._script.statement_text(statement))
            except psycopg.Error as error:
                raise self._refused(statement, error) from None

        with self._patience(earlier.statement):
            self._retry(attempt)
        if found is Outcome.UNKNOWN:
            place = self._script.place(statement.start)
            raise HalfRunError(
                f"an earlier run stopped within this statement, which is not in a transaction "
                f"(statement {earlier.number} of {earlier.migration_id}): whether it took effect is unknown",
                place=place,
                hint='look at the database, then "codezest-sql migrate repair --done" or "--again"',
                source=excerpt(self._script.text, place),
            )
        return found is Outcome.DONE

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
                raise self._refused(statement, failure.error, sent=True) from None
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

    def _with_intent(self, entry: JournalEntry, statement: Statement) -> None:
        """Record that a statement begins, run it outside a transaction, check its result, record that it is done."""
        connection = self._worker.connection
        entry = replace(entry, known_oids=recovery.note_before(connection, entry.statement))
        self._note(entry)
        attempts = 0

        def attempt() -> None:
            nonlocal attempts
            attempts += 1
            try:
                if attempts == 1:
                    recovery.drop_leftovers(connection, entry)  # another tool's, of the same name
                elif recovery.settle(connection, entry, entry.statement) is Outcome.DONE:
                    return
                self._worker.run(entry.statement)
            except ScriptError as failure:
                raise self._refused(statement, failure.error, sent=True) from None
            except psycopg.Error as error:
                raise self._refused(statement, error) from None

        with self._patience(entry.statement):
            if tells_its_end(entry.statement):
                try:
                    self._retry(attempt)
                except LockTimeoutError as error:
                    self._clean_up(entry, error)
                    raise
            else:
                attempt()  # once: a CALL may have committed a part of its work before it met the lock
        self._require_valid_indexes(entry, statement)
        self._note(replace(entry, state=StatementState.DONE))

    def _require_valid_indexes(self, entry: JournalEntry, statement: Statement) -> None:
        invalid = recovery.leftovers(self._worker.connection, entry)
        if not invalid:
            return
        place = self._script.place(statement.start)
        someone = ", and another session is building it" if invalid[0].building else ""
        raise MigrationFailedError(
            f"the index {invalid[0].schema}.{invalid[0].name} is INVALID after the statement{someone}",
            place=place,
            hint="run the command again: it is dropped and rebuilt",
            source=excerpt(self._script.text, place),
        )

    def _clean_up(self, entry: JournalEntry, error: LockTimeoutError) -> None:
        """Drop what a statement left that did not get its locks.

        The session that holds them may block that as well: then the next run does it, and ``error`` notes it.
        """
        connection = self._worker.connection
        with suppress(psycopg.Error):
            self._worker.set_lock_timeout(self._settings.lock_timeout)
            try:
                recovery.drop_leftovers(connection, entry)
            except psycopg.errors.LockNotAvailable:
                names = ", ".join(f"{index.schema}.{index.name}" for index in recovery.leftovers(connection, entry))
                error.message = f"{error.message}; the INVALID index {names} stays until the next run drops it"

    @contextmanager
    def _patience(self, statement: str) -> Generator[None]:
        """Let a concurrent build wait for locks as long as it may.

        It waits for every older transaction, which lock_timeout bounds as well: two seconds would let no index be
        built on a busy server. It blocks no session meanwhile, so it may wait longer. A timeout that the file itself
        chose, by its header or by SET, is left alone.
        """
        ordinary = self._worker.lock_timeout()
        patient = (
            self._script.lock_timeout is None
            and ordinary == self._lock_timeout
            and recovery.blocks_nobody(self._worker.connection, statement)
        )
        if patient:
            self._worker.set_lock_timeout(self._settings.concurrent_timeout)
        yield
        # Not after an error: that ends the run, and the session may be gone.
        if patient:
            self._set_lock_timeout(ordinary)

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
            raise self._refused(statement, failure.error, sent=True) from None
        except psycopg.Error as error:
            raise self._refused(statement, error) from None

    def _refused(self, statement: Statement, error: psycopg.Error, *, sent: bool = False) -> Exception:
        """Return what to raise; ``sent`` where the server refused the statement itself, not what we write of it."""
        if is_lost(self._worker.connection, error):
            return lost_in(self._script, error, offset=statement.start, committed=True)
        self._worker.roll_back()
        return failure_in(self._script, error, offset=statement.start, start=statement.start if sent else None)

    def _finish(self) -> None:
        connection = self._worker.connection
        migration, direction = self._step.migration, self._step.direction

        def attempt() -> None:
            try:
                # The file may have SET it, and not to keep itself from being recorded.
                connection.execute("RESET default_transaction_read_only")
                connection.execute("BEGIN")
                self._worker.forget_role()
                self._recorder.record(migration, direction, seconds=self._seconds())
                ledger.clear_journal(connection, self._tables, migration.id, direction)
                connection.execute("COMMIT")
            except psycopg.Error as error:
                raise self._refused(self._current, error) from None
            except BaseException:
                self._worker.roll_back()
                raise

        self._guard.check()
        self._retry(attempt)

    def _keep_session(self, statement: Statement) -> None:
        """Give the session back what DISCARD ALL and RESET ALL take from it: the lock and the bounded waiting."""
        if leading_words(self._script.text, statement, 2) in (("DISCARD", "ALL"), ("RESET", "ALL")):
            self._worker.hold(wait=self._settings.deployer_timeout)
            self._set_lock_timeout(self._lock_timeout)

    def _set_lock_timeout(self, shown: str) -> None:
        self._worker.connection.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [shown])

    def _seconds(self) -> float:
        """Return how long it took from the first statement on, crashes and repairs included."""
        began = min((entry.started_at for entry in self._journal.values()), default=self._began)
        return (datetime.now(UTC) - began).total_seconds()

    def _note(self, entry: JournalEntry) -> None:
        """Write a journal row over the guard's connection: a role or setting of the file does not reach there."""

        def attempt() -> None:
            try:
                ledger.write_journal(self._guard.connection, self._tables, entry)
            except psycopg.Error as error:
                self._guard.check()
                raise failure_in(self._script, error, offset=self._current.start, start=None) from None

        self._retry(attempt)

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
