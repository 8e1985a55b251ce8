"""Where connections come from: one that stays, a pool beside it for when that one is busy, or one the caller owns.

The connection that stays costs no checkout, which is a third of the time of a short query. The pool is made, and
psycopg_pool imported, when two queries are first to run at once.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ConnStatus, TransactionStatus

from codezest_sql.errors import ConnectionUnusableError, PoolExhausted
from codezest_sql.runtime.session import Session, Shared
from codezest_sql.runtime.waiting import WatchedConnection

if TYPE_CHECKING:
    from codezest_sql.runtime.steps import Steps

_OK = int(ConnStatus.OK)
_IDLE = int(TransactionStatus.IDLE)
_KEPT_AS = "_codezest_session"


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
        """Nothing is to be given back."""
        del session
        return True

    def give(self, session: Session) -> Steps[None]:
        """Nothing is to be given back."""
        del session
        yield None

    def close(self) -> Steps[None]:
        """Leave the connection open: it is the caller's."""
        yield None


class PooledHome:
    """The connections of a ``Database`` that was made with ``connect``."""

    renews = True  # a connection that was lost is replaced

    def __init__(self, url: str, settings: PoolSettings, shared: Shared, *, is_async: bool) -> None:
        self.shared = shared
        self.is_async = is_async
        self._url = url
        self._settings = settings
        self._resident: Session | None = None
        self._busy = asyncio.Lock() if is_async else threading.Lock()
        self._born = self._used = 0.0
        self._pool: Any = None
        self._making = asyncio.Lock() if is_async else threading.Lock()
        self._closed = False

    def take(self) -> Steps[Session]:
        """Return a session that nobody else has. Raises ``ConnectionUnusableError`` and ``PoolExhausted``."""
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
        """Take a session back."""
        connection = session.connection
        if session.pool is not None:
            connection._codezest_used = time.monotonic()  # noqa: SLF001  # ours, kept with the connection
            yield session.pool.putconn(connection)  # also after close: the pool then closes it
            return
        self._used = time.monotonic()
        try:
            if connection.closed or connection.pgconn.transaction_status != 0:
                # A transaction that nobody ended: psycopg's pool would roll it back, and so do we.
                if not connection.closed:
                    yield connection.rollback()
                if connection.closed or connection.pgconn.transaction_status != 0:
                    yield from self._drop()
        except psycopg.Error:
            yield from self._drop()
        finally:
            self._busy.release()

    def close(self) -> Steps[None]:
        """Close all connections."""
        self._closed = True
        pool, self._pool = self._pool, None
        yield from self._drop()
        if pool is not None:
            yield pool.close()

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
                raise _exhausted(seconds) from None
        elif not self._busy.acquire(timeout=seconds):
            raise _exhausted(seconds)

    def _is_worn(self, session: Session) -> Steps[bool]:
        """Whether the resident connection is to be replaced: it is closed, old, or was idle and gives no answer."""
        now = time.monotonic()
        if session.connection.closed or now - self._born > self._settings.max_lifetime:
            yield from self._drop()
            return True
        if now - self._used > self._settings.check_after:
            try:
                yield from session.command("")
            except psycopg.Error:
                yield from self._drop()
                return True
        return False

    def _drop(self) -> Steps[None]:
        session, self._resident = self._resident, None
        if session is not None:
            yield session.connection.close()

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
        face: Any = WatchedConnection if self.is_async else psycopg.Connection
        try:
            connection = yield face.connect(self._url, **self._arguments())
        except psycopg.Error as error:
            reason = str(error).strip().split("\n")[0]
            raise ConnectionUnusableError(
                f"the database cannot be reached: {reason}", hint="check DATABASE_URL, and that the server runs"
            ) from None
        self._born = self._used = time.monotonic()
        session = self._resident = session_of(connection, self.shared, own=True)
        return session

    def _take_pooled(self) -> Steps[Session]:
        import psycopg_pool  # noqa: PLC0415  # 25 ms, for those who run queries at once

        if self._pool is None:
            yield self._making.acquire()
            try:
                if self._pool is None:
                    pool = self._make_pool()
                    yield pool.open()
                    self._pool = pool
            finally:
                self._making.release()
        try:
            connection = yield self._pool.getconn()
        except psycopg_pool.PoolTimeout:
            raise _exhausted(self._settings.timeout) from None
        except psycopg_pool.TooManyRequests:
            raise PoolExhausted(
                f"{self._settings.max_waiting} queries wait for a connection already",
                hint="a larger max_size, or fewer queries at once",
            ) from None
        session = session_of(connection, self.shared, own=True)
        session.pool = self._pool
        return session

    def _make_pool(self) -> Any:
        from psycopg_pool import AsyncConnectionPool, ConnectionPool  # noqa: PLC0415

        limits = self._settings
        face: Any = WatchedConnection if self.is_async else psycopg.Connection

        def check(connection: Any) -> None:
            if time.monotonic() - getattr(connection, "_codezest_used", 0.0) > limits.check_after:
                ConnectionPool.check_connection(connection)

        async def check_async(connection: Any) -> None:
            if time.monotonic() - getattr(connection, "_codezest_used", 0.0) > limits.check_after:
                await AsyncConnectionPool.check_connection(connection)

        made: Any = AsyncConnectionPool if self.is_async else ConnectionPool
        return made(
            self._url,
            connection_class=face,
            kwargs=self._arguments(),
            min_size=0,
            max_size=limits.max_size - 1,
            timeout=limits.timeout,
            max_waiting=limits.max_waiting,
            max_idle=limits.max_idle,
            max_lifetime=limits.max_lifetime,
            check=check_async if self.is_async else check,
            open=False,
            name="codezest-sql",
        )


def _exhausted(seconds: float) -> PoolExhausted:
    return PoolExhausted(
        f"no connection became free in {seconds:g} s", hint="a larger max_size, or shorter transactions"
    )
