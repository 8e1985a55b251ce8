"""Hears of what others NOTIFY: a connection of its own that waits, and gives each payload as a Pydantic model.

The connection must be a direct one. Behind a pooler that lends connections for a transaction, such as PgBouncer in
its usual mode, LISTEN is accepted and nothing is ever heard.
"""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import psycopg
from psycopg import sql
from pydantic import BaseModel, ValidationError

from codezest_sql.errors import ArgumentError, ConnectionLostError, UnreadableValueError
from codezest_sql.runtime.failures import translated
from codezest_sql.runtime.server_url import database_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

NoticeT = TypeVar("NoticeT", bound=BaseModel)

_SETTINGS: dict[str, Any] = {"autocommit": True, "connect_timeout": 15, "client_encoding": "UTF8"}
_LONGEST = 63  # bytes of a name: NAMEDATALEN - 1
_LOST = "the connection that listens is gone: notifications since then are lost"
_AGAIN = "listen again, and read what is new from the tables first"


class _Heard(Generic[NoticeT]):
    """What has arrived and was not asked for yet."""

    def __init__(self, channel: str, model: type[NoticeT]) -> None:
        self._channel, self._model = channel, model
        self._waiting: deque[str] = deque()

    def add(self, notify: psycopg.Notify) -> None:
        self._waiting.append(notify.payload)

    def take(self) -> NoticeT | None:
        if not self._waiting:
            return None
        payload = self._waiting.popleft()
        try:
            return self._model.model_validate_json(payload)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the payload"
            raise UnreadableValueError(
                f"a notification on {self._channel} is no {self._model.__name__}: {where}: {first['msg']}",
                hint="whoever notifies must send the JSON of that model",
            ) from None


class Listener(Generic[NoticeT]):
    """A session that listens on one channel. Only one thread may use it."""

    def __init__(self, connection: psycopg.Connection[Any], heard: _Heard[NoticeT]) -> None:
        self._connection, self._heard = connection, heard

    def wait(self, timeout: float) -> NoticeT | None:
        """Return the next notification; None where none comes within ``timeout`` seconds.

        Raises ``ConnectionLostError``, and ``UnreadableValueError`` for a payload that the model refuses; the ones
        after it are heard all the same.
        """
        found = self._heard.take()
        if found is not None:
            return found
        try:
            for notify in self._connection.notifies(timeout=timeout, stop_after=1):
                self._heard.add(notify)
        except psycopg.OperationalError:
            raise ConnectionLostError(_LOST, hint=_AGAIN) from None
        return self._heard.take()


class AsyncListener(Generic[NoticeT]):
    """A session that listens on one channel. Only one task may use it."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], heard: _Heard[NoticeT]) -> None:
        self._connection, self._heard = connection, heard

    async def wait(self, timeout: float) -> NoticeT | None:  # noqa: ASYNC109  # a wait that ends is no error here
        """Return the next notification; None where none comes within ``timeout`` seconds.

        Raises ``ConnectionLostError``, and ``UnreadableValueError`` for a payload that the model refuses; the ones
        after it are heard all the same.
        """
        found = self._heard.take()
        if found is not None:
            return found
        try:
            async for notify in self._connection.notifies(timeout=timeout, stop_after=1):
                self._heard.add(notify)
        except psycopg.OperationalError:
            raise ConnectionLostError(_LOST, hint=_AGAIN) from None
        return self._heard.take()


@contextmanager
def listen(channel: str, model: type[NoticeT], *, url: str | None = None) -> Generator[Listener[NoticeT]]:
    """Listen on a channel, from now on; ``url`` as for ``Database.connect``, but never a pooler's.

    Raises ``ArgumentError`` for a channel that cannot be one, ``ConnectionUnusableError`` for an address that is
    none, ``ConnectionLostError`` if no server answers.
    """
    statement = _listen(channel)
    address = database_url(url)
    try:
        connection = psycopg.connect(address, **_SETTINGS)
    except psycopg.OperationalError as error:
        _fail(error)
    with connection:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            _fail(error)
        yield Listener(connection, _Heard(channel, model))


@asynccontextmanager
async def listen_async(
    channel: str, model: type[NoticeT], *, url: str | None = None
) -> AsyncGenerator[AsyncListener[NoticeT]]:
    """Listen on a channel, from now on; ``url`` as for ``Database.connect``, but never a pooler's.

    Raises ``ArgumentError`` for a channel that cannot be one, ``ConnectionUnusableError`` for an address that is
    none, ``ConnectionLostError`` if no server answers.
    """
    statement = _listen(channel)
    address = database_url(url)
    try:
        connection = await psycopg.AsyncConnection.connect(address, **_SETTINGS)
    except psycopg.OperationalError as error:
        _fail(error)
    async with connection:
        try:
            await connection.execute(statement)
        except psycopg.Error as error:
            _fail(error)
        yield AsyncListener(connection, _Heard(channel, model))


def _fail(error: psycopg.Error) -> NoReturn:
    raise translated(error, "listen")


def _listen(channel: str) -> sql.Composed:
    problem = _problem(channel)
    if problem:
        raise ArgumentError(
            f"listen: the channel {problem}", hint=f"a channel is a name of 1 to {_LONGEST} bytes, as for pg_notify"
        )
    return sql.SQL("LISTEN {}").format(sql.Identifier(channel))


def _problem(channel: object) -> str | None:
    """Return what is wrong with a channel; PostgreSQL would cut a long one, which no NOTIFY can name."""
    if not isinstance(channel, str):
        return f"is {type(channel).__name__}, expected str"
    if not channel:
        return "is empty"
    if "\0" in channel:
        return "holds a NUL character"
    try:
        size = len(channel.encode())
    except UnicodeEncodeError:
        return "holds a lone surrogate, which UTF-8 cannot hold"
    return f"has {size} bytes" if size > _LONGEST else None
