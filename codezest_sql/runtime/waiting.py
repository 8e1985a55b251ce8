"""An async connection that stays registered with the event loop between its queries.

psycopg registers the socket and removes it again for each wait, and starts a timer, which takes longer than the
server does for a short query. Here the loop watches the socket as long as the connection is in use, and what arrives
is read in the loop's callback; a wait is one future.

For connections that we open. All but the plain case goes to psycopg's own wait: writing, interruption, time limits.
"""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg.pq import ConnStatus
from psycopg.waiting import Ready, Wait

_READ = int(Wait.R)
_CAN_READ = Ready.R
_OK = int(ConnStatus.OK)
_PATIENCE = 3
"""How often the socket may be readable while no task waits; then something is wrong, and the loop must not spin."""


class WatchedConnection(psycopg.AsyncConnection[Any]):
    """An ``AsyncConnection`` whose waits are short."""

    _steps: Any = None  # the generator that waits for something to read
    _arrived: asyncio.Future[tuple[bool, Any]] | None = None
    _loop: asyncio.AbstractEventLoop | None = None  # that watches ``_watched``
    _watched = -1
    _idle = 0

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Run a generator of psycopg's that uses the connection."""
        if timeout is not None:
            self.stop_watching()
            return await super().wait(gen, interval, timeout)
        # Raises when the connection is lost, before the generator starts: half run, its cleanup would raise.
        socket = self.pgconn.socket
        rest: Any  # psycopg sends into it, and asks for nothing else of a generator
        try:
            state = next(gen)
        except StopIteration as stop:
            rest = _Resumed(gen, stop)  # psycopg gives way to other tasks after a while
            return await super().wait(rest, interval)
        if state == _READ:
            try:
                done, state = await self._read(gen, socket)
            except (asyncio.CancelledError, KeyboardInterrupt, SystemExit) as error:
                rest = _Resumed(gen, error)  # psycopg cancels the query, and raises this again
            else:
                if done:
                    return state
                rest = _Resumed(gen, state)
        else:
            rest = _Resumed(gen, state)
        self.stop_watching()
        return await super().wait(rest, interval)

    async def close(self) -> None:
        """Close the connection; a task that waits for it gets the error."""
        self.stop_watching()
        arrived = self._arrived
        if arrived is not None and not arrived.done():
            arrived.set_exception(psycopg.OperationalError("the connection was closed"))
        await super().close()

    async def _read(self, steps: Any, socket: int) -> tuple[bool, Any]:
        """Go on until the generator ends (True, and its value) or wants something else (False, and what)."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop or self._watched != socket:
            self.stop_watching()
            loop.add_reader(socket, self._on_readable)
            self._loop, self._watched = loop, socket
        self._idle = 0
        self._steps = steps
        self._arrived = loop.create_future()
        try:
            return await self._arrived
        finally:
            self._steps = self._arrived = None

    def _on_readable(self) -> None:
        arrived = self._arrived
        if arrived is None or arrived.done():
            self._idle += 1
            if self._idle > _PATIENCE:
                self.stop_watching()
            return
        try:
            state = self._steps.send(_CAN_READ)
        except StopIteration as stop:
            arrived.set_result((True, stop.value))
        except Exception as error:  # noqa: BLE001  # raised where the query is awaited
            if self.pgconn.status != _OK:
                self.stop_watching()  # libpq closed the socket, and its number may soon be another's
            arrived.set_exception(error)
        else:
            if state != _READ:
                arrived.set_result((False, state))

    def stop_watching(self) -> None:
        """Let the loop watch no longer."""
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._watched)


def close_now(connection: Any) -> None:
    """Close a connection of either kind without waiting for anything."""
    if isinstance(connection, WatchedConnection):
        connection.stop_watching()
    connection.pgconn.finish()


class _Resumed:
    """A generator that was begun: what it did last comes first, once more."""

    def __init__(self, steps: Any, first: Any) -> None:
        self._steps = steps
        self._first = first

    def __iter__(self) -> _Resumed:
        return self

    def __next__(self) -> Any:
        first, self._first = self._first, None
        if first is None:
            return next(self._steps)
        if isinstance(first, BaseException):
            raise first
        return first

    def send(self, value: Any) -> Any:
        """Go on."""
        return self._steps.send(value)
