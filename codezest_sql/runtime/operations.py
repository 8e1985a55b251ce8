"""What both APIs do, as steps: retries, timeouts, transactions, streams. ``database`` only drives it."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

from codezest_sql.errors import (
    ArgumentError,
    CodezestError,
    CommitUnknown,
    ConnectionLostError,
    NoRowFound,
    QueryError,
    SerializationConflict,
    TooManyRows,
    UnreadableValueError,
)
from codezest_sql.runtime import cursors, prepared
from codezest_sql.runtime.query_kinds import CopyFrom, Many, Query
from codezest_sql.runtime.redaction import scrub
from codezest_sql.runtime.session import MISSED
from codezest_sql.runtime.sync_async import drive, drive_async
from codezest_sql.runtime.variant import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.runtime.connections import OwnedHome, PooledHome
    from codezest_sql.runtime.session import Session
    from codezest_sql.runtime.sync_async import Steps

Isolation: TypeAlias = Literal["read committed", "repeatable read", "serializable"]
_IDLE = TransactionStatus.IDLE
_END = object()
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class DatabaseCore:
    """Runs each query on a connection that it takes and gives back."""

    def __init__(self, home: PooledHome | OwnedHome, *, attempts: int) -> None:
        self.home = home
        self.attempts = attempts

    def run(self, query: Query[Any], timeout: float | None = None, idempotent: bool | None = None) -> Steps[Any]:  # noqa: FBT001
        """Run a query, again after a fault where that cannot do anything twice."""
        attempt = 1
        while True:
            session = yield from self.home.take()
            try:
                if query.kind == "copyfrom":
                    return (yield from _copied(session, query))
                if timeout is None:
                    return (yield from session.run(query))
                return (yield from _timed(session, query, timeout))
            except (ConnectionLostError, SerializationConflict) as error:
                if attempt >= self.attempts or not self._may_repeat(session, query, error, idempotent):
                    raise
            finally:
                yield from self.home.give(session)
            yield self._pause(attempt)
            attempt += 1

    def run_now(self, query: Query[Any]) -> Any:
        """Run a query the shortest way, sync; ``MISSED`` if ``run`` must be called."""
        session = self.home.take_now()
        if session is None:
            return MISSED
        try:
            return session.run_now(query)
        except (ConnectionLostError, SerializationConflict) as error:
            if self.attempts > 1 and self._may_repeat(session, query, error, None):
                return MISSED
            raise
        finally:
            if not self.home.give_now(session):
                drive(self.home.give(session))

    async def run_now_async(self, query: Query[Any]) -> Any:
        """Run a query the shortest way, async; ``MISSED`` if ``run`` must be called."""
        session = self.home.take_now()
        if session is None:
            return MISSED
        try:
            return await session.run_now_async(query)
        except (ConnectionLostError, SerializationConflict) as error:
            if self.attempts > 1 and self._may_repeat(session, query, error, None):
                return MISSED
            raise
        finally:
            if not self.home.give_now(session):
                await drive_async(self.home.give(session))

    def batch(self, queries: Sequence[Query[Any]]) -> Steps[list[Any]]:
        """Run queries in one round trip, again after a fault as a single query is."""
        attempt = 1
        while True:
            session = yield from self.home.take()
            try:
                return (yield from session.batch(queries))
            except (ConnectionLostError, SerializationConflict) as error:
                again = all(self._may_repeat(session, query, error, None) for query in queries)
                if attempt >= self.attempts or not again:
                    raise
            finally:
                yield from self.home.give(session)
            yield self._pause(attempt)
            attempt += 1

    def scrub(self, error: CodezestError, outer: BaseException | None) -> None:
        """Take values out of what an error chains, unless the database shows arguments."""
        if not self.home.shared.show_arguments:
            scrub(error, outer)

    def take(self) -> Steps[Session]:
        """Take a connection for longer."""
        return (yield from self.home.take())

    def give(self, session: Session) -> Steps[None]:
        """Give it back."""
        yield from self.home.give(session)

    def _may_repeat(
        self,
        session: Session,
        query: Query[Any],
        error: Exception,
        idempotent: bool | None,  # noqa: FBT001
    ) -> bool:
        if idempotent is False or query.kind == "copyfrom":
            return False
        if isinstance(error, SerializationConflict):
            # The server undid it, unless it is part of a transaction of the caller's.
            return bool(session.connection.pgconn.transaction_status == _IDLE)
        if not self.home.renews:
            return False  # a lost connection of the caller's is not ours to replace
        if idempotent:
            return True
        from codezest_sql.runtime.read_only import only_reads  # noqa: PLC0415  # connections are seldom lost

        plan, _ = choose(query)
        return only_reads(plan.text.decode())

    def _pause(self, attempt: int) -> Any:
        import random  # noqa: PLC0415  # brings hashlib and OpenSSL

        # Full jitter: those who failed together do not come back together.
        seconds = random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))  # noqa: S311
        return asyncio.sleep(seconds) if self.home.is_async else time.sleep(seconds)


class TransactionCore:
    """A transaction, or a savepoint within one; on one connection."""

    def __init__(
        self,
        outer: DatabaseCore | TransactionCore,
        isolation: Isolation | None = None,
        read_only: bool | None = None,  # noqa: FBT001
        deferrable: bool | None = None,  # noqa: FBT001
        timeout: float | None = None,
    ) -> None:
        self._outer = outer
        self._begin = _begin(isolation, read_only=read_only, deferrable=deferrable)
        self._timeout = timeout
        self._savepoint = ""
        self._session: Session | None = None

    def begin(self) -> Steps[None]:
        """Take a connection and begin."""
        session = yield from self._outer.take()
        depth = session.depth
        began = False
        try:
            session.check_free("transaction")
            status = session.connection.pgconn.transaction_status
            if status == _IDLE:
                began = True
                yield from _command(session, session.begin_text(self._begin))
            elif self._begin != "BEGIN":
                raise ArgumentError(  # noqa: TRY301  # the connection is given back below
                    "isolation, read_only and deferrable are for the outermost transaction",
                    hint="give them to the first db.transaction()",
                )
            else:
                session.depth += 1
                self._savepoint = f"codezest_{session.depth}"
                yield from _command(session, f"SAVEPOINT {self._savepoint}")
            if self._timeout is not None:
                yield from _command(session, f"SET LOCAL statement_timeout = {_milliseconds(self._timeout)}")
        except BaseException:
            session.depth = depth
            if began:
                yield from session.end_transaction()
            yield from self._outer.give(session)
            raise
        self._session = session

    def end(self, error: BaseException | None) -> Steps[None]:
        """Commit, or after an error roll back, and give the connection back."""
        session = self.session
        try:
            if isinstance(session.stream, StreamCore):
                # One that was begun in this block: it holds the connection's lock, and its rows end with the block.
                yield from session.stream.close()
            self._session = None
            if error is None:
                yield from self._commit(session)
            else:
                yield from self._roll_back(session)
        finally:
            self._session = None
            if self._savepoint:
                session.depth -= 1
            else:
                yield from session.end_transaction()
            yield from self._outer.give(session)

    @property
    def session(self) -> Session:
        """The connection of the open transaction."""
        if self._session is None:
            raise ArgumentError("the transaction is over, or was not entered", hint="use it inside its with block")
        return self._session

    def run(self, query: Query[Any], timeout: float | None = None, idempotent: bool | None = None) -> Steps[Any]:  # noqa: FBT001
        """Run a query; never again, since what came before it in the transaction would be lost."""
        del idempotent
        if query.kind == "copyfrom":
            return (yield from _copied(self.session, query))
        if timeout is not None:
            yield from _command(self.session, f"SET LOCAL statement_timeout = {_milliseconds(timeout)}")
        result = yield from self.session.run(query)
        if timeout is not None:
            before = "DEFAULT" if self._timeout is None else str(_milliseconds(self._timeout))
            yield from _command(self.session, f"SET LOCAL statement_timeout = {before}")
        return result

    def run_now(self, query: Query[Any]) -> Any:
        """Run a query the shortest way, sync; ``MISSED`` if ``run`` must be called."""
        return self.session.run_now(query)

    async def run_now_async(self, query: Query[Any]) -> Any:
        """Run a query the shortest way, async; ``MISSED`` if ``run`` must be called."""
        return await self.session.run_now_async(query)

    def batch(self, queries: Sequence[Query[Any]]) -> Steps[list[Any]]:
        """Run queries in one round trip."""
        return (yield from self.session.batch(queries))

    def scrub(self, error: CodezestError, outer: BaseException | None) -> None:
        """Do as the database does."""
        self._outer.scrub(error, outer)

    def take(self) -> Steps[Session]:
        """Return the transaction's connection."""
        yield None
        return self.session

    def give(self, session: Session) -> Steps[None]:
        """Keep it: it is the transaction's."""
        del session
        yield None

    def _commit(self, session: Session) -> Steps[None]:
        if self._savepoint:
            yield from _command(session, f"RELEASE SAVEPOINT {self._savepoint}")
            return
        failed = session.connection.pgconn.transaction_status == TransactionStatus.INERROR
        try:
            yield from _command(session, "COMMIT")
        except ConnectionLostError as error:
            raise CommitUnknown(
                "the connection was lost during COMMIT: whether the transaction counts is not known",
                hint="look for what it wrote, by an id that you chose",
            ) from error.__cause__
        if failed:
            # The server answers COMMIT of a failed transaction with ROLLBACK and no error.
            raise ArgumentError(
                "the transaction was rolled back: an error within it was caught and not rolled back to",
                hint="put what may fail into a transaction() of its own, within this one",
            )

    def _roll_back(self, session: Session) -> Steps[None]:
        try:
            if not self._savepoint:
                yield from _command(session, "ROLLBACK")
            else:
                yield from _command(session, f"ROLLBACK TO SAVEPOINT {self._savepoint}")
                yield from _command(session, f"RELEASE SAVEPOINT {self._savepoint}")
        except (ConnectionLostError, psycopg.Error):
            return  # the server rolls back on its own, and the first error is the more useful one


class StreamCore:
    """The rows of a query in chunks. The connection is its own until it ends."""

    def __init__(self, outer: DatabaseCore | TransactionCore, query: Many[Any], size: int) -> None:
        if size < 1:
            raise ArgumentError(f"size is a number of rows, at least 1, not {size}", query=query.statement.name)
        self._outer = outer
        self._query = query
        self._size = size
        self._session: Session | None = None
        self._bound: prepared.Bound | None = None
        self._rows: Any = None
        self._grouper: Any = None
        self._open_group: dict[Any, Any] = {}
        self._done = self._cut = False
        self._in_transaction = False
        self._given = False
        self._attempt = 1
        self._begun = False  # a transaction, for the settings that the rows depend on

    def next(self) -> Steps[list[Any] | None]:
        """Return the next rows, at least one; None at the end."""
        if self._cut:
            name = self._query.statement.name
            raise QueryError(f"{name}: the transaction of these rows ended before them", query=name)
        if self._done:
            return None
        try:
            if self._session is None:
                yield from self._start()
            while True:
                rows = yield from self._chunk()
                if rows is None:
                    self._done = True
                    rest = self._grouper.rest(self._open_group) if self._grouper else None
                    return rest or None
                self._given = True  # rows came: nothing may run again
                if self._grouper:
                    rows = self._grouper.streamed(self._open_group, rows)
                if rows:
                    return rows
        except psycopg.Error as error:
            session, bound = self._session, self._bound
            if (
                session
                and bound
                and not self._in_transaction
                and not self._given
                and session.may_prepare_again(error, bound.proven.plan, self._attempt)
            ):
                self._attempt += 1
                yield from prepared.drain(session.connection)
                yield from self.close()
                self._bound, self._cut = None, False
                return (yield from self.next())
            self._done = True
            if self._session is None:
                raise
            self._session.fail(error, self._query.statement.name, choose(self._query)[0].text)

    def close(self) -> Steps[None]:
        """End the query if it still runs, and give the connection back."""
        session, self._session = self._session, None
        self._cut = not self._done
        if session is None:
            return
        connection = session.connection
        try:
            if self._bound is not None:
                yield from self._drain(connection)
            elif self._rows is not None:
                while self._in_transaction and not self._done:
                    self._done = (yield from self._chunk()) is None
                close = getattr(self._rows, "aclose", None) or self._rows.close
                yield close()
            yield from session.release(None, begun=self._begun, held=self._bound is not None)
        except psycopg.Error:
            return  # these rows have no reader; a transaction in which they failed reports it at its end
        finally:
            session.stream = None
            if self._bound is not None:
                prepared.close_if_active(connection)
                connection.lock.release()
            yield from self._outer.give(session)

    def _start(self) -> Steps[None]:
        session = yield from self._outer.take()
        try:
            query = self._query
            plan, arguments = choose(query)
            session.check_free(plan.name)
            connection = session.connection
            self._in_transaction = not connection.autocommit or connection.pgconn.transaction_status != _IDLE
            if not session.goes_fast():
                proven = yield from session.proven(plan)
                values = proven.encode(arguments)
                self._begun = yield from session.secure([(proven, values)])
                self._rows = cursors.stream(session.connection, session.shared.catalog, proven, values, self._size)
            else:
                proven = yield from self._send(session, plan, arguments)
            self._grouper = proven.grouper
        except psycopg.Error as error:
            yield from self._outer.give(session)
            session.fail(error, self._query.statement.name, choose(self._query)[0].text)
        except BaseException:
            yield from self._outer.give(session)
            raise
        session.stream = self
        session.chunked = True
        self._session = session

    def _send(self, session: Session, plan: Any, arguments: tuple[Any, ...]) -> Steps[Any]:
        connection = session.connection
        yield connection.lock.acquire()
        try:
            bound, values = yield from session.prepared(plan, arguments)
            self._begun = yield from session.secure([(bound.proven, values)], held=True)
            yield from prepared.send_stream(connection, bound, values, self._size)
        except BaseException:
            connection.lock.release()
            raise
        self._bound = bound
        return bound.proven

    def _chunk(self) -> Steps[list[Any] | None]:
        session = self._session
        if self._bound is not None and session is not None:
            return (yield from prepared.next_chunk(session.connection, self._bound))
        rows: list[Any] = []
        is_async = hasattr(self._rows, "__anext__")
        while len(rows) < self._size:
            row = (yield anext(self._rows, _END)) if is_async else next(self._rows, _END)
            if row is _END:
                break
            rows.append(row)
        return rows or None

    def _drain(self, connection: Any) -> Steps[None]:
        """Read what the server still sends. It is cancelled, except in a transaction, which that would end."""
        pgconn = connection.pgconn
        if connection.closed or pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        if not self._in_transaction:
            yield connection.cancel_safe(timeout=5.0)
        yield from prepared.drain(connection)


def _copied(session: Session, query: Query[Any]) -> Steps[int]:
    from codezest_sql.runtime.copying import copy_rows  # noqa: PLC0415  # most applications copy nothing

    if not isinstance(query, CopyFrom):
        raise ArgumentError(f"{query.statement.name} is no :copyfrom", query=query.statement.name)
    return (yield from copy_rows(session, query))


def _timed(session: Session, query: Query[Any], timeout: float) -> Steps[Any]:
    """Run a query with a timeout, in a transaction of its own: the setting is never left on a pooled session."""
    if session.connection.pgconn.transaction_status != _IDLE:
        yield from _command(session, f"SET LOCAL statement_timeout = {_milliseconds(timeout)}")
        return (yield from session.run(query))
    limit = f"SET LOCAL statement_timeout = {_milliseconds(timeout)}"
    try:
        commands = (b"BEGIN", limit.encode()), (b"COMMIT",)
        attempt = 1
        while session.goes_fast():
            try:
                return (yield from session.run_between(query, *commands))
            except CodezestError as error:
                if not session.may_prepare_again(error.__cause__, choose(query)[0], attempt):
                    raise
            yield from _command(session, "ROLLBACK")
            attempt += 1
        yield from _command(session, session.begin_text(f"BEGIN; {limit}"))
        try:
            result = yield from session.run(query)
        except (NoRowFound, TooManyRows, UnreadableValueError):
            yield from _command(session, "COMMIT")  # as without a timeout: the statement itself was done
            raise
        yield from _command(session, "COMMIT")
    except BaseException:
        if not session.connection.closed and session.connection.pgconn.transaction_status != _IDLE:
            yield from _command(session, "ROLLBACK")
        raise
    return result


def _milliseconds(seconds: float) -> int:
    if not 0 < seconds < 2_000_000:  # noqa: PLR2004  # statement_timeout is an int of milliseconds
        raise ArgumentError(f"a timeout is a positive number of seconds, not {seconds}")
    return max(1, round(seconds * 1000))


def _begin(isolation: Isolation | None, *, read_only: bool | None, deferrable: bool | None) -> str:
    words = ["BEGIN"]
    if isolation is not None:
        if not re.fullmatch("read committed|repeatable read|serializable", isolation):
            raise ArgumentError(f"there is no isolation level {isolation!r}")
        words.append(f"ISOLATION LEVEL {isolation.upper()}")
    if read_only is not None:
        words.append("READ ONLY" if read_only else "READ WRITE")
    if deferrable is not None:
        words.append("DEFERRABLE" if deferrable else "NOT DEFERRABLE")
    return " ".join(words)


def _command(session: Session, text: str) -> Steps[None]:
    """Run a command of ours, with errors in our words."""
    try:
        if session.connection.pgconn.pipeline_status != PipelineStatus.OFF:
            yield session.connection.execute(text)
        else:
            yield from session.command(text)
    except psycopg.Error as error:
        session.fail(error, text.split(maxsplit=1)[0].rstrip(";"), text.encode())
