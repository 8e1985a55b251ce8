"""Where connections come from: a resident one, a pool for when that one is busy, or one the caller owns.

The connection that stays costs no checkout, which is a third of the time of a short query. The pool is made when two
queries are first to run at once.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
import time
import warnings
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ConnStatus, PipelineStatus, TransactionStatus

from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.runtime.pool import Pool, exhausted
from codezest_sql.runtime.prepared import close_if_active
from codezest_sql.runtime.session import Session, Shared
from codezest_sql.runtime.waiting import WatchedConnection, close_now

if TYPE_CHECKING:
    from codezest_sql.runtime.sync_async import Steps

_OK = int(ConnStatus.OK)
_IDLE = int(TransactionStatus.IDLE)
_OPEN_TRANSACTION = frozenset({int(TransactionStatus.INTRANS), int(TransactionStatus.INERROR)})
_KEPT_AS = "_codezest_session"
_log = logging.getLogger("codezest_sql")
_making = threading.Lock()
_unclosed: weakref.WeakSet[PooledHome] = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How many connections there may be, and for how long (seconds).

    ``max_size`` counts all; ``timeout`` is how long a query waits for one, in a queue of at most ``max_waiting``.
    ``max_idle`` is under the 5 minutes after which Neon stops an idle database. A connection that was idle for
    ``check_after`` is asked for a sign of life before it is used.
    """

    max_size: int = 10
    timeout: float = 10.0
    max_waiting: int = 100
    max_idle: float = 240.0
    max_lifetime: float = 3600.0
    check_after: float = 30.0
    connect_timeout: int = 15


@dataclass(frozen=True, slots=True)
class Hooks:
    """What an application does to connections: to a new one, and to each that is given back; awaited if async."""

    configure: Any = None
    reset: Any = None


def session_of(connection: Any, shared: Shared, *, own: bool = False) -> Session:
    """Return the session that is kept with a connection."""
    kept: Session | None = getattr(connection, _KEPT_AS, None)
    if kept is None or kept.shared is not shared:
        kept = Session(connection, shared, own=own)
        setattr(connection, _KEPT_AS, kept)
    return kept


class OwnedHome:
    """One connection that the caller opened and will close; its settings are left as they are."""

    renews = False

    def __init__(self, connection: Any, shared: Shared) -> None:
        self.shared = shared
        self.is_async = isinstance(connection, psycopg.AsyncConnection)
        self.settings: tuple[Any, ...] = ()
        self._session = session_of(connection, shared)

    def take(self) -> Steps[Session]:
        """Return the session."""
        yield None
        return self._session

    def take_now(self) -> Session | None:
        """Return the session."""
        return self._session

    def give_now(self, session: Session) -> bool:
        """There is nothing to return."""
        del session
        return True

    def give(self, session: Session) -> Steps[None]:
        """Close the connection if it was left in the midst of something: what comes next would read its results."""
        connection = session.connection
        if connection.pgconn.pipeline_status == PipelineStatus.OFF:
            close_if_active(connection)
        yield None

    def close(self) -> Steps[None]:
        """Leave the connection open: it is the caller's."""
        yield None


class PooledHome:
    """The connections of a ``Database`` that was made with ``connect``."""

    renews = True  # a connection that was lost is replaced

    _closed = True  # until it is made

    def __init__(
        self, url: str, settings: PoolSettings, shared: Shared, hooks: Hooks | None = None, *, is_async: bool
    ) -> None:
        self.shared = shared
        self._hooks = hooks or Hooks()
        self.is_async = is_async
        self._url = url
        self._settings = settings
        self._resident: Session | None = None
        self._busy = asyncio.Lock() if is_async else threading.Lock()
        self._born = self._used = 0.0
        self._pool: Pool | None = None
        self._closed = False

    def take(self) -> Steps[Session]:
        """Return a session that no other session has. Raises ``ConnectionUnusableError`` and ``PoolExhausted``."""
        if self._closed:
            raise ConnectionUnusableError("the Database is closed", hint="open another one")
        if self._settings.max_size == 1:
            yield from self._wait()
        elif not self._take_resident():
            return (yield from self._take_pooled())
        elif self.is_async:
            yield self._busy.acquire()  # free, so this does not wait
        try:
            session = self._resident
            if session is None or (yield from self._is_worn(session)):
                session = yield from self._connect()
        except BaseException:
            self._busy.release()
            raise
        return session

    def take_now(self) -> Session | None:
        """Return the connection that stays where it is free and fresh, else None."""
        session = self._resident
        now = time.monotonic()
        if (
            session is None
            or now - self._used > self._settings.check_after
            or now - self._born > self._settings.max_lifetime
            or not self._lock_now()
        ):
            return None
        if session is not self._resident or session.connection.pgconn.status != _OK:
            self._busy.release()
            return None
        return session

    def give_now(self, session: Session) -> bool:
        """Take it back; False where there is more to do, which ``give`` does."""
        if session.connection.pgconn.transaction_status != _IDLE:
            return False
        self._used = time.monotonic()
        self._busy.release()
        return True

    def give(self, session: Session) -> Steps[None]:
        """Take a session back. Nothing that happens here, or is interrupted here, keeps it from the next caller."""
        session.used = self._used = time.monotonic()
        try:
            yield from self._clean(session)
        except Exception as error:  # noqa: BLE001  # psycopg's, or whatever a hook raises
            close_now(session.connection)
            if not isinstance(error, psycopg.Error):
                _log.warning("the reset hook failed, and its connection was closed: %s", type(error).__name__)
        except BaseException:
            close_now(session.connection)
            raise
        finally:
            if session.pool is not None:
                session.pool.give(session)  # also after close: the pool then closes it
            else:
                self._busy.release()

    def _clean(self, session: Session) -> Steps[None]:
        """End an open transaction, and call the reset hook."""
        connection = session.connection
        status = connection.pgconn.transaction_status
        if connection.closed:
            return
        if status in _OPEN_TRANSACTION:
            yield from session.command("ROLLBACK")
            status = connection.pgconn.transaction_status
        if status != _IDLE or connection.pgconn.pipeline_status != PipelineStatus.OFF:
            close_now(connection)  # in the midst of something: the next caller would read its results
            return
        if self._hooks.reset is not None:
            yield self._hooks.reset(connection)
            _check_hook(connection, "reset")
            yield from session.settle(again=True)

    def close(self) -> Steps[None]:
        """Close all connections."""
        yield None
        self.close_now()

    def close_now(self) -> None:
        """Close all connections, from any thread or task."""
        self._closed = True
        _unclosed.discard(self)
        if self._pool is not None:
            self._pool.close()
        session, self._resident = self._resident, None
        if session is not None:
            close_now(session.connection)

    @property
    def is_open(self) -> bool:
        """Whether there is anything to close."""
        return not self._closed and (self._resident is not None or self._pool is not None)

    def __del__(self) -> None:
        if self.is_open:
            _warn(self)
            self.close_now()

    def _lock_now(self) -> bool:
        if not isinstance(self._busy, asyncio.Lock):
            return self._busy.acquire(blocking=False)
        if self._busy.locked():
            return False
        # An asyncio.Lock that is free is taken at the first step of acquire, without waiting.
        try:
            self._busy.acquire().send(None)
        except StopIteration:
            return True
        return False

    def _take_resident(self) -> bool:
        if isinstance(self._busy, asyncio.Lock):
            return not self._busy.locked()
        return self._busy.acquire(blocking=False)

    def _wait(self) -> Steps[None]:
        seconds = self._settings.timeout
        if isinstance(self._busy, asyncio.Lock):
            try:
                yield asyncio.wait_for(self._busy.acquire(), seconds)
            except TimeoutError:
                raise exhausted(seconds) from None
        elif not self._busy.acquire(timeout=seconds):
            raise exhausted(seconds)

    def _is_worn(self, session: Session) -> Steps[bool]:
        """Whether the resident connection must be replaced: it is closed, old, or was idle and gives no answer."""
        now = time.monotonic()
        pgconn = session.connection.pgconn
        if (
            pgconn.status != _OK
            or pgconn.transaction_status != _IDLE
            or now - self._born > self._settings.max_lifetime
        ):
            self._drop()
            return True
        if now - self._used > self._settings.check_after:
            try:
                yield from session.command("")
            except psycopg.Error:
                self._drop()
                return True
        return False

    def _drop(self) -> None:
        session, self._resident = self._resident, None
        if session is not None:
            close_now(session.connection)

    def _arguments(self) -> dict[str, Any]:
        given = conninfo_to_dict(self._url)
        defaults: dict[str, Any] = {
            "connect_timeout": self._settings.connect_timeout,
            "application_name": "codezest-sql",
            "client_encoding": "UTF8",
        }
        made = {key: value for key, value in defaults.items() if key not in given or key == "client_encoding"}
        return made | {"autocommit": True, "prepare_threshold": None}

    def _connect(self) -> Steps[Session]:
        """Open the connection that stays."""
        session = yield from self._open()
        self._born = self._used = session.born
        self._resident = session
        return session

    def _open(self) -> Steps[Session]:
        face: Any = WatchedConnection if self.is_async else psycopg.Connection
        try:
            connection = yield face.connect(self._url, **self._arguments())
        except psycopg.Error as error:
            raise _unreachable(error) from None
        try:
            if self._hooks.configure is not None:
                yield self._hooks.configure(connection)
                _check_hook(connection, "configure")
            session = session_of(connection, self.shared, own=True)
            try:
                yield from session.settle()
            except psycopg.Error as error:
                raise _unreachable(error) from None
        except BaseException:
            close_now(connection)
            raise
        _unclosed.add(self)
        return session

    def _take_pooled(self) -> Steps[Session]:
        if self._pool is None:
            with _making:
                if self._pool is None:
                    self._pool = Pool(self._open, self._settings, is_async=self.is_async)
        session: Session = yield from self._pool.take()
        return session


def _unreachable(error: psycopg.Error) -> ConnectionUnusableError:
    reason = str(error).strip().split("\n")[0]
    return ConnectionUnusableError(
        f"the database cannot be reached: {reason}", hint="check DATABASE_URL, and that the server runs"
    )


def _check_hook(connection: Any, name: str) -> None:
    """Raise ``ConnectionUnusableError`` where a hook left a connection unfit for the next caller."""
    pgconn = connection.pgconn
    if pgconn.status == _OK and (pgconn.transaction_status != _IDLE or not connection.autocommit):
        raise ConnectionUnusableError(
            f"the {name} hook left the connection in a transaction, or not in autocommit mode",
            hint=f"end each transaction in {name}, and leave autocommit as it is",
        )


def _warn(home: PooledHome) -> None:
    name = "AsyncDatabase" if home.is_async else "Database"
    warnings.warn(f"an {name} was not closed" if home.is_async else f"a {name} was not closed", ResourceWarning, 2)


@atexit.register
def _close_all() -> None:
    """Close what a program leaves open, so that nothing waits for it."""
    for home in list(_unclosed):
        if home.is_open:
            _warn(home)
            home.close_now()
