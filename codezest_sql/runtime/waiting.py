"""An async connection that stays registered with the event loop between its queries.

psycopg registers the socket and starts a task for each wait, which takes longer than a short query. Here the loop
watches the socket as long as the connection is in use, and a wait is one future.

Used for connections that we open. It relies on psycopg doing all its waiting by ``AsyncConnection.wait``, which
``tests/runtime/test_psycopg_contract.py`` holds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import ConnStatus
from psycopg.waiting import Ready, Wait

if TYPE_CHECKING:
    from collections.abc import Generator

_WRITE = int(Wait.W)
_READ = int(Wait.R)
_CAN_READ = Ready.R
_CAN_WRITE = Ready.W
_NOTHING = Ready.NONE
_OK = int(ConnStatus.OK)
_PATIENCE = 3
"""So often may the socket be readable while nobody waits: once is left over from the query before."""


class WatchedConnection(psycopg.AsyncConnection[Any]):
    """An ``AsyncConnection`` whose waits are short."""

    _loop: asyncio.AbstractEventLoop | None = None
    _socket = -1
    _future: asyncio.Future[Ready] | None = None
    _idle = 0

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Run a generator of psycopg's that uses the connection."""
        if timeout is not None or self._future is not None:
            self._leave()
            return await super().wait(gen, interval, timeout)
        wait = _Again(gen)
        try:
            state = next(gen)
        except StopIteration as stop:
            return stop.value
        ready = _NOTHING
        try:
            while True:
                ready = await self._ready(state, interval)
                state = gen.send(ready)
        except StopIteration as stop:
            return stop.value
        except (asyncio.CancelledError, KeyboardInterrupt):
            self._leave()
            raise
        except BaseException:
            if self.pgconn.status != _OK:
                self._leave()  # libpq closed the socket, and its number may be another's soon
            raise
