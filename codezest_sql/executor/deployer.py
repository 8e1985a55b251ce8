"""One run: lock, look again, run the steps, let go."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import psycopg

from codezest_sql import ledger
from codezest_sql.core.migrations.files.session_settings import outlasts_discard
from codezest_sql.core.migrations.history import Direction, StatementState
from codezest_sql.errors import DatabaseError
from codezest_sql.executor.failure import lost_in
from codezest_sql.executor.guard import Guard, deployer_key, worker_key
from codezest_sql.executor.journaled import Journaled
from codezest_sql.executor.pooling import refuse_shared_lock, refuse_shared_sessions
from codezest_sql.executor.transactional import CommitUnknownError, retrying, run_transactional
from codezest_sql.executor.worker import Worker
from codezest_sql.postgres.connection import bound_waiting, live_with_client, server_errors
from codezest_sql.postgres.url import normalise_url, refuse_pooler_host

if TYPE_CHECKING:
    from types import TracebackType

    from codezest_sql.core.adoption.decide import Adoption
    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.core.migrations.history import History, JournalEntry
    from codezest_sql.core.migrations.plan import Step
    from codezest_sql.core.settings import Settings
    from codezest_sql.executor.observer import Observer


class Deployer:
    """Holds the deployer lock of one ledger, and runs steps one after the other.

    Use it as a context manager. Opening it raises ``ConnectionUnusableError``, ``PooledConnectionError`` or
    ``DeployerLockError``; then nothing was changed.
    """

    def __init__(self, url: str, settings: Settings, *, observer: Observer, purpose: str = "migrate") -> None:
        self._url = normalise_url(url)
        refuse_pooler_host(self._url)
        self._settings = settings
        self._observer = observer
        self._purpose = purpose
        self._ran: Script | None = None  # the last script that ran in the worker's session
        self._guard = Guard(self._url, purpose=purpose)
        try:
            self._worker = Worker(self._url, purpose=purpose, observer=observer)
        except BaseException:
            self._guard.close()
            raise
        try:
            self._lock()
            # From here on no other session writes the ledger: neither a live deployer nor a dead one's transaction.
            with server_errors("prepare the ledger"):
                self._tables = ledger.prepare(self._worker.connection, self._find())
            self._recorder = ledger.Recorder(self._worker.connection, self._tables)
        except BaseException:
            self.close()
            raise

    def _find(self) -> ledger.LedgerTables:
        """Find the ledger again, under its lock: another deployer may have made it, or one elsewhere."""
        tables = ledger.find_tables(self._worker.connection)
        if tables.schema != self._schema:
            raise DatabaseError(
                f"another deployer made a ledger in {tables.schema} meanwhile", hint="run the command again"
            )
        return tables

    def _lock(self) -> None:
        with server_errors("take the deployer lock"):
            refuse_shared_sessions(self._guard.connection, self._worker.connection)
            self._schema = ledger.find_tables(self._worker.connection).schema
            self._worker.key = worker_key(self._schema)
            live_with_client(self._worker.connection)  # while the guard waits for another deployer
            bound_waiting(self._guard.connection, self._settings.lock_timeout)  # it writes the journal
            key = deployer_key(self._schema)
            self._guard.acquire(key, timeout=self._settings.deployer_timeout, observer=self._observer)
            refuse_shared_lock(self._worker.connection, key)
            self._enter()

    def history(self) -> History:
        """Return what is applied now, while no other session can change it."""
        with server_errors("read the ledger"):
            return ledger.read_history(self._worker.connection, self._tables)

    def run(self, step: Step) -> None:
        """Run one step and record it. Raises the matching ``DatabaseError``, whose hint states what was kept."""
        self._observer.started(step)
        began = time.perf_counter()
        with server_errors(f"begin {step.migration.id}"):
            if self._ran is not None:
                # Asked only now: the last file of a run, which may be a large one, leaves nothing to anybody.
                if outlasts_discard(self._ran.text):
                    self._reconnect()
                self._enter(step)
            elif step.script.lock_timeout is not None:
                self._worker.set_lock_timeout(step.script.lock_timeout)
        self._ran = step.script
        # A failure within a statement has its place. This is for a session that ends between two statements.
        with server_errors(
            f"run {step.migration.id}", way_out="run the command again: it continues where this one stopped"
        ):
            # The guard is checked first, by each attempt or here: a migration that waited until the deployer before
            # us was gone must not continue without its own.
            if step.script.transactional:
                self._run_transactional(step)
            else:
                self._guard.check()
                self._run_journaled(step)
        self._observer.finished(step, seconds=time.perf_counter() - began)

    def resolve(self, entry: JournalEntry, *, done: bool) -> None:
        """Note what became of an unfinished statement: it is done, or is to run again as if it never had."""
        connection = self._worker.connection
        with server_errors("write the journal"):
            if done:
                ledger.write_journal(connection, self._tables, replace(entry, state=StatementState.DONE))
            else:
                ledger.clear_journal(
                    connection, self._tables, entry.migration_id, entry.direction, number=entry.number
                )

    def adopt(self, adoption: Adoption) -> None:
        """Mark migrations as applied without running them, and add content hashes, in one transaction."""
        if adoption.is_nothing:
            return
        with server_errors("mark migrations as applied", way_out="run the command again: it marks what is missing"):
            self._guard.check()
            with self._worker.connection.transaction():
                for migration in adoption.marked:
                    self._recorder.mark(migration)
                for migration in adoption.hashed:
                    self._recorder.add_hash(migration)
                self._guard.check()

    def close(self) -> None:
        """Close both connections, the worker's first: its lock outlives the guard's never by much."""
        self._worker.close()
        self._guard.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _enter(self, step: Step | None = None) -> None:
        given = step.script.lock_timeout if step else None
        self._worker.enter(
            lock_timeout=self._settings.lock_timeout if given is None else given,
            wait=self._settings.deployer_timeout,
        )

    def _run_journaled(self, step: Step) -> None:
        journaled = Journaled(
            step,
            worker=self._worker,
            guard=self._guard,
            tables=self._tables,
            recorder=self._recorder,
            settings=self._settings,
            observer=self._observer,
            history=self.history(),
            explain=self._explain,
        )
        journaled.run()

    def _run_transactional(self, step: Step) -> None:
        def attempt() -> None:
            run_transactional(step, self._worker, self._guard, self._recorder)

        try:
            retrying(
                step,
                attempt,
                patience=self._settings.lock_retry,
                observer=self._observer,
                explain=self._explain,
            )
        except CommitUnknownError as unknown:
            self._resolve(step, unknown.error)

    def _resolve(self, step: Step, error: psycopg.Error) -> None:
        """Ask the ledger whether a transaction was committed whose COMMIT was never answered."""
        try:
            self._reconnect()
            self._enter()  # waits until the old session, and so its COMMIT, is over
            self._guard.check()
            applied = self.history().has(step.migration.id)
        except Exception:  # noqa: BLE001  # the first loss is what the user needs to know of
            raise lost_in(step.script, error, offset=0, committed=None) from None
        if applied is not (step.direction is Direction.UP):
            raise lost_in(step.script, error, offset=0)

    def _reconnect(self) -> None:
        """Work in a new session from here on: the old one is lost, or is unlike one that begins now."""
        self._worker.close()
        key = worker_key(self._schema)
        self._worker = Worker(self._url, purpose=self._purpose, observer=self._observer, key=key)
        self._recorder = ledger.Recorder(self._worker.connection, self._tables)

    def _explain(self) -> str | None:
        """Return which session has the oldest open transaction: most likely it holds the lock."""
        try:
            row = self._guard.connection.execute(
                """
                SELECT a.pid, a.usename, a.application_name, pg_catalog.now() - a.xact_start, a.state
                FROM pg_catalog.pg_stat_activity AS a
                WHERE a.datname = pg_catalog.current_database() AND a.xact_start IS NOT NULL
                    AND a.pid <> pg_catalog.pg_backend_pid() AND a.application_name NOT LIKE 'codezest-sql %'
                ORDER BY a.xact_start
                LIMIT 1
                """
            ).fetchone()
        except psycopg.Error:
            return None
        if row is None:
            return None
        pid, user, application, age, state = row
        return (
            f"the oldest open transaction is of pid {pid} ({user}, {application or 'no application_name'}, {state}), "
            f"open for {str(age).partition('.')[0]}; end it, or run again when it is over"
        )
