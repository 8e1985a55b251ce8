"""Hears of what others NOTIFY: a connection of its own that waits, and gives each payload as a Pydantic model.

The connection must be a direct one. Behind a pooler that lends connections for a transaction, such as PgBouncer in
its usual mode, LISTEN is accepted and nothing is ever heard.
"""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import psycopg
from psycopg import sql
from pydantic import BaseModel, ValidationError

from codezest_sql.errors import ConnectionLostError, UnreadableValueError
from codezest_sql.runtime.failures import translated
from codezest_sql.runtime.server_url import database_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

NoticeT = TypeVar("NoticeT", bound=BaseModel)

_CONNECT_SECONDS = 15
_LOST = "the connection that listens is gone: what was told since then is not heard"
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

    Raises ``ConnectionUnusableError`` for an address that is none, ``ConnectionLostError`` where nobody answers.
    """
    address = database_url(url)
    try:
        connection = psycopg.connect(address, autocommit=True, connect_timeout=_CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        raise translated(error, "listen") from error
    with connection:
        connection.execute(_listen(channel))
        yield Listener(connection, _Heard(channel, model))


@asynccontextmanager
async def listen_async(
    channel: str, model: type[NoticeT], *, url: str | None = None
) -> AsyncGenerator[AsyncListener[NoticeT]]:
    """Listen on a channel, from now on; ``url`` as for ``Database.connect``, but never a pooler's.

    Raises ``ConnectionUnusableError`` for an address that is none, ``ConnectionLostError`` where nobody answers.
    """
    address = database_url(url)
    try:
        connection = await psycopg.AsyncConnection.connect(address, autocommit=True, connect_timeout=_CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        raise translated(error, "listen") from error
    async with connection:
        await connection.execute(_listen(channel))
        yield AsyncListener(connection, _Heard(channel, model))


def _listen(channel: str) -> sql.Composed:
    return sql.SQL("LISTEN {}").format(sql.Identifier(channel))
