"""The two APIs of a database, sync and async, side by side: all they do is to drive the steps of ``core``.

A test compares their methods and signatures.
"""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from codezest_sql.errors import CodezestError
from codezest_sql.runtime.connections import Hooks, OwnedHome, PooledHome, PoolSettings
from codezest_sql.runtime.operations import DatabaseCore, Isolation, StreamCore, TransactionCore
from codezest_sql.runtime.server_url import database_url, may_prepare
from codezest_sql.runtime.session import MISSED, QueryEvent, Shared
from codezest_sql.runtime.sync_async import drive, drive_async

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from types import TracebackType
    from typing import Self

    import psycopg

    from codezest_sql.runtime.query_kinds import CopyFrom, Many, Query
    from codezest_sql.runtime.sync_async import Steps

T = TypeVar("T")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")
T5 = TypeVar("T5")
T6 = TypeVar("T6")
T7 = TypeVar("T7")
T8 = TypeVar("T8")
CoreT = TypeVar("CoreT", bound="DatabaseCore | TransactionCore")


class _Runner(Generic[CoreT]):
    """What runs queries, sync: a database or a transaction."""

    def __init__(self, core: CoreT) -> None:
        self._core = core

    def _drive(self, steps: Steps[T]) -> T:
        outer = sys.exception()
        try:
            return drive(steps)
        except CodezestError as error:
            self._core.scrub(error, outer)
            raise

    def run(self, query: Query[T], *, timeout: float | None = None, idempotent: bool | None = None) -> T:
        """Run a query and return what its kind gives.

        ``timeout`` is in seconds. After a lost connection a query that only reads runs again, one that writes only
        with ``idempotent=True``; ``idempotent=False`` forbids it. Raises ``QueryError`` and its kinds.
        """
        outer = sys.exception()
        try:
            if timeout is None and idempotent is None:
                done: Any = self._core.run_now(query)
                if done is not MISSED:
                    return cast("T", done)
            return cast("T", drive(self._core.run(query, timeout, idempotent)))
        except CodezestError as error:
            self._core.scrub(error, outer)
            raise

    def stream(self, query: Many[T], *, size: int = 100) -> Generator[T]:
        """Give the rows one by one, in constant memory; ``size`` of them are fetched at a time.

        Until the iterator ends or is closed it has the connection for itself.
        """
        stream = StreamCore(self._core, query, size)
        try:
            while (rows := self._drive(stream.next())) is not None:
                yield from rows
        finally:
            self._drive(stream.close())

    @overload
    def batch(self, q1: Query[T1], /) -> tuple[T1]: ...
    @overload
    def batch(self, q1: Query[T1], q2: Query[T2], /) -> tuple[T1, T2]: ...
    @overload
    def batch(self, q1: Query[T1], q2: Query[T2], q3: Query[T3], /) -> tuple[T1, T2, T3]: ...
    @overload
    def batch(self, q1: Query[T1], q2: Query[T2], q3: Query[T3], q4: Query[T4], /) -> tuple[T1, T2, T3, T4]: ...
    @overload
    def batch(
        self, q1: Query[T1], q2: Query[T2], q3: Query[T3], q4: Query[T4], q5: Query[T5], /
    ) -> tuple[T1, T2, T3, T4, T5]: ...
    @overload
    def batch(
        self, q1: Query[T1], q2: Query[T2], q3: Query[T3], q4: Query[T4], q5: Query[T5], q6: Query[T6], /
    ) -> tuple[T1, T2, T3, T4, T5, T6]: ...
    @overload
    def batch(
        self,
        q1: Query[T1],
        q2: Query[T2],
        q3: Query[T3],
        q4: Query[T4],
        q5: Query[T5],
        q6: Query[T6],
        q7: Query[T7],
        /,
    ) -> tuple[T1, T2, T3, T4, T5, T6, T7]: ...
    @overload
    def batch(
        self,
        q1: Query[T1],
        q2: Query[T2],
        q3: Query[T3],
        q4: Query[T4],
        q5: Query[T5],
        q6: Query[T6],
        q7: Query[T7],
        q8: Query[T8],
        /,
    ) -> tuple[T1, T2, T3, T4, T5, T6, T7, T8]: ...
    @overload
    def batch(self, *queries: Query[T]) -> tuple[T, ...]: ...
    def batch(self, *queries: Query[Any]) -> tuple[Any, ...]:
        """Run queries in one round trip and return what each gives.

        All take effect, or none does when the server refuses one. ``NoRowFound`` and the like come after that.
        """
        return tuple(self._drive(self._core.batch(queries)))

    def copy(self, query: CopyFrom) -> int:
        """Write the rows of a ``:copyfrom`` query by COPY and return their number; all of them or none."""
        return self.run(query)

    @contextmanager
    def transaction(
        self,
        *,
        isolation: Isolation | None = None,
        read_only: bool | None = None,
        deferrable: bool | None = None,
        timeout: float | None = None,
    ) -> Generator[Transaction]:
        """Begin a transaction, or within one a savepoint; commit at the block's end, roll back after an error.

        ``timeout`` (seconds) is for each of its statements.
        """
        core = TransactionCore(self._core, isolation, read_only, deferrable, timeout)
        self._drive(core.begin())
        try:
            yield Transaction(core)
        except BaseException as error:
            self._drive(core.end(error))
            raise
        self._drive(core.end(None))


class _AsyncRunner(Generic[CoreT]):
    """What runs queries, async: a database or a transaction."""

    def __init__(self, core: CoreT) -> None:
        self._core = core

    async def _drive(self, steps: Steps[T]) -> T:
        outer = sys.exception()
        try:
            return await drive_async(steps)
        except CodezestError as error:
            self._core.scrub(error, outer)
            raise

    async def run(self, query: Query[T], *, timeout: float | None = None, idempotent: bool | None = None) -> T:  # noqa: ASYNC109
        """Run a query and return what its kind gives.

        ``timeout`` is in seconds. After a lost connection a query that only reads runs again, one that writes only
        with ``idempotent=True``; ``idempotent=False`` forbids it. Raises ``QueryError`` and its kinds.
        """
        outer = sys.exception()
        try:
            if timeout is None and idempotent is None:
                done: Any = await self._core.run_now_async(query)
                if done is not MISSED:
                    return cast("T", done)
            return cast("T", await drive_async(self._core.run(query, timeout, idempotent)))
        except CodezestError as error:
            self._core.scrub(error, outer)
            raise

    async def stream(self, query: Many[T], *, size: int = 100) -> AsyncGenerator[T]:
        """Give the rows one by one, in constant memory; ``size`` of them are fetched at a time.

        Until the iterator ends or is closed it has the connection for itself: leave it early only inside
        ``contextlib.aclosing``.
        """
        stream = StreamCore(self._core, query, size)
        try:
            while (rows := await self._drive(stream.next())) is not None:
                for row in rows:
                    yield row
        finally:
            await self._drive(stream.close())

    @overload
    async def batch(self, q1: Query[T1], /) -> tuple[T1]: ...
    @overload
    async def batch(self, q1: Query[T1], q2: Query[T2], /) -> tuple[T1, T2]: ...
    @overload
    async def batch(self, q1: Query[T1], q2: Query[T2], q3: Query[T3], /) -> tuple[T1, T2, T3]: ...
    @overload
    async def batch(self, q1: Query[T1], q2: Query[T2], q3: Query[T3], q4: Query[T4], /) -> tuple[T1, T2, T3, T4]: ...
    @overload
    async def batch(
        self, q1: Query[T1], q2: Query[T2], q3: Query[T3], q4: Query[T4], q5: Query[T5], /
    ) -> tuple[T1, T2, T3, T4, T5]: ...
    @overload
    async def batch(
        self, q1: Query[T1], q2: Query[T2], q3: Query[T3], q4: Query[T4], q5: Query[T5], q6: Query[T6], /
    ) -> tuple[T1, T2, T3, T4, T5, T6]: ...
    @overload
    async def batch(
        self,
        q1: Query[T1],
        q2: Query[T2],
        q3: Query[T3],
        q4: Query[T4],
        q5: Query[T5],
        q6: Query[T6],
        q7: Query[T7],
        /,
    ) -> tuple[T1, T2, T3, T4, T5, T6, T7]: ...
    @overload
    async def batch(
        self,
        q1: Query[T1],
        q2: Query[T2],
        q3: Query[T3],
        q4: Query[T4],
        q5: Query[T5],
        q6: Query[T6],
        q7: Query[T7],
        q8: Query[T8],
        /,
    ) -> tuple[T1, T2, T3, T4, T5, T6, T7, T8]: ...
    @overload
    async def batch(self, *queries: Query[T]) -> tuple[T, ...]: ...
    async def batch(self, *queries: Query[Any]) -> tuple[Any, ...]:
        """Run queries in one round trip and return what each gives.

        All take effect, or none does when the server refuses one. ``NoRowFound`` and the like come after that.
        """
        return tuple(await self._drive(self._core.batch(queries)))

    async def copy(self, query: CopyFrom) -> int:
        """Write the rows of a ``:copyfrom`` query by COPY and return their number; all of them or none."""
        return await self.run(query)

    @asynccontextmanager
    async def transaction(
        self,
        *,
        isolation: Isolation | None = None,
        read_only: bool | None = None,
        deferrable: bool | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncGenerator[AsyncTransaction]:
        """Begin a transaction, or within one a savepoint; commit at the block's end, roll back after an error.

        ``timeout`` (seconds) is for each of its statements.
        """
        core = TransactionCore(self._core, isolation, read_only, deferrable, timeout)
        await self._drive(core.begin())
        try:
            yield AsyncTransaction(core)
        except BaseException as error:
            await self._drive(core.end(error))
            raise
        await self._drive(core.end(None))


class Transaction(_Runner[TransactionCore]):
    """An open transaction."""


class AsyncTransaction(_AsyncRunner[TransactionCore]):
    """An open transaction."""


class Database(_Runner[DatabaseCore]):
    """A PostgreSQL database to run queries on; safe to share between threads."""

    @classmethod
    def connect(
        cls,
        url: str | None = None,
        *,
        pool: PoolSettings | None = None,
        prepare: bool | None = None,
        validate: bool = False,
        attempts: int = 3,
        on_query: Callable[[QueryEvent], None] | None = None,
        show_arguments: bool = False,
        configure: Callable[[psycopg.Connection[Any]], None] | None = None,
        reset: Callable[[psycopg.Connection[Any]], None] | None = None,
    ) -> Self:
        """Return a database; ``url`` is ``DATABASE_URL`` if None, else the project's running server.

        Connects at the first query. ``prepare`` is for statements prepared by name: by default on, but off behind
        a pooler. ``validate`` lets Pydantic validate every row. ``attempts`` is how often a query runs at most.
        ``on_query`` is called after each query, with its arguments only if ``show_arguments``, which also leaves
        values of the server's errors in ours. ``configure`` is called with each new connection, ``reset`` with
        each that is given back. Raises ``ConnectionUnusableError``.
        """
        address, settings, hooks = database_url(url), pool or PoolSettings(), Hooks(configure, reset)
        shared = _shared(address, prepare, validate, on_query, show_arguments)
        return cls(DatabaseCore(PooledHome(address, settings, shared, hooks, is_async=False), attempts=attempts))

    @classmethod
    def on(
        cls,
        connection: psycopg.Connection[Any],
        *,
        prepare: bool = False,
        validate: bool = False,
        on_query: Callable[[QueryEvent], None] | None = None,
        show_arguments: bool = False,
    ) -> Self:
        """Return a database on a connection that the caller owns and closes, within whatever transaction it has.

        ``prepare`` allows the faster way, which sets the connection's ``prepare_threshold`` to None.
        """
        return cls(DatabaseCore(_owned(connection, prepare, validate, on_query, show_arguments), attempts=1))

    def close(self) -> None:
        """Close all its connections; one that the caller owns stays open."""
        drive(self._core.home.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncDatabase(_AsyncRunner[DatabaseCore]):
    """A PostgreSQL database to run queries on; safe to share between the tasks of one event loop."""

    @classmethod
    def connect(
        cls,
        url: str | None = None,
        *,
        pool: PoolSettings | None = None,
        prepare: bool | None = None,
        validate: bool = False,
        attempts: int = 3,
        on_query: Callable[[QueryEvent], None] | None = None,
        show_arguments: bool = False,
        configure: Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]] | None = None,
        reset: Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]] | None = None,
    ) -> Self:
        """Return a database; ``url`` is ``DATABASE_URL`` if None, else the project's running server.

        Connects at the first query. ``prepare`` is for statements prepared by name: by default on, but off behind
        a pooler. ``validate`` lets Pydantic validate every row. ``attempts`` is how often a query runs at most.
        ``on_query`` is called after each query, with its arguments only if ``show_arguments``, which also leaves
        values of the server's errors in ours. ``configure`` is called with each new connection, ``reset`` with
        each that is given back. Raises ``ConnectionUnusableError``.
        """
        address, settings, hooks = database_url(url), pool or PoolSettings(), Hooks(configure, reset)
        shared = _shared(address, prepare, validate, on_query, show_arguments)
        return cls(DatabaseCore(PooledHome(address, settings, shared, hooks, is_async=True), attempts=attempts))

    @classmethod
    def on(
        cls,
        connection: psycopg.AsyncConnection[Any],
        *,
        prepare: bool = False,
        validate: bool = False,
        on_query: Callable[[QueryEvent], None] | None = None,
        show_arguments: bool = False,
    ) -> Self:
        """Return a database on a connection that the caller owns and closes, within whatever transaction it has.

        ``prepare`` allows the faster way, which sets the connection's ``prepare_threshold`` to None.
        """
        return cls(DatabaseCore(_owned(connection, prepare, validate, on_query, show_arguments), attempts=1))

    async def close(self) -> None:
        """Close all its connections; one that the caller owns stays open."""
        await drive_async(self._core.home.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _shared(
    url: str,
    prepare: bool | None,  # noqa: FBT001
    validate: bool,  # noqa: FBT001
    on_query: Callable[[QueryEvent], None] | None,
    show_arguments: bool,  # noqa: FBT001
) -> Shared:
    direct = may_prepare(url)
    return Shared(
        direct if prepare is None else prepare,
        validate,
        on_query,
        show_arguments,
        forced=prepare is True,
        direct=direct,
    )


def _owned(connection: Any, *settings: Any) -> OwnedHome:
    """Return our state of a caller's connection; type checks are kept with it."""
    kept: OwnedHome | None = getattr(connection, "_codezest_home", None)
    if kept is None or kept.settings != settings:
        kept = OwnedHome(connection, Shared(*settings))
        kept.settings = settings
        connection._codezest_home = kept  # noqa: SLF001  # ours, kept with the connection
    return kept


def run(connection: psycopg.Connection[Any], query: Query[T]) -> T:
    """Run a query on a connection that the caller owns."""
    return Database.on(connection).run(query)


async def run_async(connection: psycopg.AsyncConnection[Any], query: Query[T]) -> T:
    """Run a query on an async connection that the caller owns."""
    return await AsyncDatabase.on(connection).run(query)
