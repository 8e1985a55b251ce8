"""Transactional files: the script and its ledger rows in one transaction, tried again where a lock was not got."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import psycopg

from codezest_sql.errors import LockTimeoutError, MigrationFailedError
from codezest_sql.executor.failure import RETRYABLE, failure_in, is_lost, lost_in
from codezest_sql.executor.worker import ScriptError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.core.migrations.plan import Step
    from codezest_sql.executor.guard import Guard
    from codezest_sql.executor.observer import Observer
    from codezest_sql.executor.worker import Worker
    from codezest_sql.ledger import Recorder

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class CommitUnknownError(Exception):
    """The connection was lost within COMMIT: only the ledger shows whether it took effect."""

    def __init__(self, error: psycopg.Error) -> None:
        super().__init__(str(error))
        self.error = error


def run_transactional(step: Step, worker: Worker, guard: Guard, recorder: Recorder) -> None:
    """Run one script and write its ledger rows, in one transaction.

    Raises a ``RETRYABLE`` error's ``LockTimeoutError`` or a ``MigrationFailedError``, with nothing changed;
    ``CommitUnknownError`` where the connection was lost while it was being committed.
    """
    script = step.script
    connection = worker.connection
    began = time.perf_counter()
    offset = script.statements[0].start if script.statements else 0
    guard.check()
    try:
        connection.execute("BEGIN")
        if script.statements:
            worker.run(script.text)
        _require_transaction(script, worker)
        _record(step, worker, recorder, seconds=time.perf_counter() - began)
        guard.check()
    except ScriptError as failure:
        offset = script.statements[min(failure.finished, len(script.statements) - 1)].start
        raise _refused(script, worker, failure.error, offset) from None
    except psycopg.Error as error:
        raise _refused(script, worker, error, offset) from None
    except BaseException:
        worker.roll_back()
        raise
    try:
        connection.execute("COMMIT")
    except psycopg.Error as error:
        if is_lost(connection, error):
            raise CommitUnknownError(error) from None
        # A deferred constraint, for one, is checked only now.
        raise _refused(script, worker, error, script.statements[-1].start if script.statements else 0) from None


def _record(step: Step, worker: Worker, recorder: Recorder, *, seconds: float) -> None:
    """Write the ledger's rows; a refusal is the file's doing, but not that of any statement to point at."""
    try:
        worker.forget_role()
        recorder.record(step.migration, step.direction, seconds=seconds)
    except psycopg.Error as error:
        if is_lost(worker.connection, error) or isinstance(error, RETRYABLE):
            raise
        worker.roll_back()
        raise MigrationFailedError(
            f"the ledger cannot be written after this file ran: {error.diag.message_primary or error} "
            f"[{error.sqlstate}]",
            place=Place(step.script.file),
            hint="nothing of it was kept; a migration leaves the ledger's tables, their schema and the rights on "
            "them alone, and its transaction able to write",
        ) from None


def retrying(
    step: Step, attempt: Callable[[], None], *, patience: float, observer: Observer, explain: Callable[[], str | None]
) -> None:
    """Call ``attempt`` until it does not raise ``LockTimeoutError``, at most ``patience`` seconds long.

    The pause between two attempts doubles up to 5 s, with jitter: in it, those who queued behind the
    migration's lock request continue. ``explain`` returns who may hold the lock, for the last error's hint.
    """
    deadline = time.monotonic() + patience
    pause = _FIRST_PAUSE
    number = 0
    while True:
        try:
            attempt()
        except LockTimeoutError as error:
            number += 1
            if time.monotonic() + pause > deadline:
                error.message = f"{error.message}, {number} attempts in {patience:g} s"
                error.hint = explain() or error.hint
                raise
            wait = pause * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, not a secret
            observer.retrying(step, attempt=number, reason=error.message, pause=wait)
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


def _require_transaction(script: Script, worker: Worker) -> None:
    """Raise where the script's transaction is gone: then its ledger rows would not be in it."""
    if not worker.in_transaction:
        raise MigrationFailedError(
            "the script ended its own transaction",
            place=script.place(0),
            hint="put what ends it into a non-transactional file",
        )


def _refused(script: Script, worker: Worker, error: psycopg.Error, offset: int) -> Exception:
    """Undo the transaction and return what to raise."""
    if is_lost(worker.connection, error):
        return lost_in(script, error, offset=offset)
    worker.roll_back()
    return failure_in(script, error, offset=offset)
