"""The worker: the session in which migrations run, as new for each file.

It holds a second advisory lock while it works. A deployer that is killed leaves its guard's lock at once, but
its worker's transaction may live for another moment, or be within its COMMIT: the next deployer must not
believe the ledger before that is over.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg import generators, sql
from psycopg.pq import ExecStatus, TransactionStatus

from codezest_sql.errors import Bug
from codezest_sql.executor.guard import poll_lock
from codezest_sql.postgres.connection import (
    Connection,
    bound_waiting,
    connect,
    live_with_client,
    server_errors,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.pq.abc import PGresult

    from codezest_sql.executor.observer import Observer


class ScriptError(Exception):
    """The server refused a text; ``finished`` statements of it had run (and are undone with the transaction)."""

    def __init__(self, error: psycopg.Error, finished: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.finished = finished


class Worker:
    """One connection, used for one file after the other."""

    def __init__(self, url: str, *, purpose: str, observer: Observer, key: int = 0) -> None:
        """Connect. ``key`` is that of the worker's lock, which depends on the ledger; it may be set later."""
        self.key = key
        self._observer = observer
        self.connection: Connection = connect(url, purpose=f"{purpose} worker")
        self.connection.add_notice_handler(self._notice)
        self._fresh = True
        with server_errors("open a session"):
            row = self.connection.execute("SELECT pg_catalog.current_setting('role')").fetchone()
        if row is None:  # pragma: no cover  # a SELECT without FROM gives one row
            raise Bug("no row")
        self._role = str(row[0])

    def enter(self, *, lock_timeout: float, wait: float) -> None:
        """Make the session as new, then hold the worker's lock.

        ``lock_timeout`` bounds, in seconds, how long a statement waits for a lock, and so how long others
        queue behind it; ``wait`` how long a dead deployer's last transaction is waited for.
        """
        if not self._fresh:
            self.connection.execute("DISCARD ALL")
        self._fresh = False
        live_with_client(self.connection, lock_timeout=lock_timeout)
        poll_lock(self.connection, self.key, timeout=wait, observer=self._observer)

    def hold(self, *, wait: float) -> None:
        """Make the session one that ends with this process and not before, and hold the worker's lock."""
        live_with_client(self.connection)
        poll_lock(self.connection, self.key, timeout=wait, observer=self._observer)

    def set_lock_timeout(self, seconds: float) -> None:
        """Set ``lock_timeout`` for the session."""
        bound_waiting(self.connection, seconds)

    def lock_timeout(self) -> str:
        """Return ``lock_timeout`` as the server shows it."""
        row = self.connection.execute("SELECT pg_catalog.current_setting('lock_timeout')").fetchone()
        return str(row[0]) if row else ""

    def run(self, text: str) -> None:
        """Send a text whole and unsplit, as psql does, and wait for all its statements.

        The simple query protocol takes any number of statements (documentation, 55.2.2). Sent below psycopg's
        cursor, which would forget how many statements of a failed text had finished. Raises ``ScriptError``.
        """
        connection = self.connection
        self._speak_utf8()
        with connection.lock:
            connection.pgconn.send_query(text.encode())
            results = connection.wait(generators.execute(connection.pgconn))
        self._raise_for(results)

    def forget_role(self) -> None:
        """Be the role again that logged in, until the transaction ends: a file may have SET another one."""
        self._speak_utf8()
        # ALTER ROLE … SET role gives a session another role from the start.
        role = sql.SQL("NONE") if self._role == "none" else sql.Identifier(self._role)
        self.connection.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE {}").format(role))

    def _speak_utf8(self) -> None:
        """Undo a file's SET client_encoding: text is sent in UTF-8, regardless of what the file sets."""
        if self.connection.pgconn.parameter_status(b"client_encoding") != b"UTF8":
            # Below psycopg's cursor, which cannot write SQL in an encoding that Python lacks (EUC_TW). Where the
            # connection is lost, the next statement reports it.
            self.connection.pgconn.exec_(b"SET client_encoding = 'UTF8'")

    @property
    def in_transaction(self) -> bool:
        """Whether the session is in a transaction that has not failed."""
        return self.connection.info.transaction_status is TransactionStatus.INTRANS

    def roll_back(self) -> None:
        """End a transaction that failed. Where the connection does not live any more, the server did."""
        if not self.connection.closed and self.connection.info.transaction_status is not TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _raise_for(self, results: Sequence[PGresult]) -> None:
        finished = 0
        for result in results:
            if result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY):
                finished += 1
                continue
            if result.status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH):
                # COPY … TO stdout has no reader. The connection is in the middle of it and is closed here.
                self.connection.close()
                raise ScriptError(psycopg.NotSupportedError("COPY to or from the client cannot run here"), finished)
            encoding = self.connection.info.encoding
            raise ScriptError(psycopg.errors.error_from_result(result, encoding=encoding), finished)

    def _notice(self, diagnosis: psycopg.errors.Diagnostic) -> None:
        self._observer.notice(diagnosis.severity_nonlocalized or "NOTICE", diagnosis.message_primary or "")
