"""The pool in addition to the resident connection: opened on demand, handed from one caller to the next.

Has no task and no thread of its own that a program could wait for at its end, and no state that an interrupted
caller leaves behind: a connection, or the right to open one, is always with a caller, among the idle ones, or free.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, cast

import psycopg

from codezest_sql.errors import ConnectionUnusableError, PoolExhausted
from codezest_sql.runtime.waiting import close_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.runtime.connections import PoolSettings
    from codezest_sql.runtime.session import Session
    from codezest_sql.runtime.sync_async import Steps

_OPEN = object()
"""What is handed to a caller that may open a connection."""
_CLOSED = object()


class _Waiter:
    """A caller that waits, and what it was handed."""

    def __init__(self, *, is_async: bool) -> None:
        self.got: Any = None
        self.told: Any = asyncio.get_running_loop().create_future() if is_async else threading.Event()

    def hand(self, what: Any) -> bool:
        """Hand it a session or ``_OPEN``; False if its event loop is gone."""
        if isinstance(self.told, threading.Event):
            self.got = what
            self.told.set()
            return True
        if self.told.done() or self.told.get_loop().is_closed():
            return False
        self.got = what
        self.told.set_result(None)
        return True


class Pool:
    """At most ``size`` sessions."""

    def __init__(self, connect: Callable[[], Steps[Session]], settings: PoolSettings, *, is_async: bool) -> None:
        self._connect = connect
        self._settings = settings
        self._size = settings.max_size - 1
        self._is_async = is_async
        self._lock = threading.Lock()  # held for a few statements, never while anything is waited for
        self._idle: list[Session] = []
        self._waiting: deque[_Waiter] = deque()
        self._count = 0  # sessions that are open or being opened
        self._closed = False
        self._timer: Any = None

    def take(self) -> Steps[Session]:
        """Return a session that no other session has. Raises ``PoolExhausted`` and ``ConnectionUnusableError``."""
        got = self._reserve()
        if isinstance(got, _Waiter):
            got = yield from self._wait(got)
        if got is _CLOSED:
            raise ConnectionUnusableError("the Database is closed", hint="open another one")
        kept = None if got is _OPEN else cast("Session", got)
        try:
            if kept is not None and not (yield from self._is_alive(kept)):
                close_now(kept.connection)
                kept = None
            session: Session = (yield from self._connect()) if kept is None else kept
        except BaseException:
            if kept is not None:
                close_now(kept.connection)
            self._free()
            raise
        session.pool = self
        return session

    def give(self, session: Session) -> None:
        """Take a session back, which is in no transaction or closed."""
        session.used = time.monotonic()
        if self._closed or session.connection.closed or self._is_old(session):
            close_now(session.connection)
            self._free()
            return
        with self._lock:
            while self._waiting:
                if self._waiting.popleft().hand(session):
                    return
            self._idle.append(session)
        self._watch_idle()

    def close(self) -> None:
        """Close the idle sessions; the others are closed when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            waiting, self._waiting = self._waiting, deque()
            self._count -= len(idle)
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        for waiter in waiting:
            waiter.hand(_CLOSED)
        for session in idle:
            close_now(session.connection)

    def _reserve(self) -> Any:
        """Return an idle session, ``_OPEN``, or a waiter."""
        with self._lock:
            if self._closed:
                return _CLOSED
            if self._idle:
                return self._idle.pop()  # the one that was used last: the others may be closed in time
            if self._count < self._size:
                self._count += 1
                return _OPEN
            if len(self._waiting) >= self._settings.max_waiting:
                raise PoolExhausted(
                    f"{self._settings.max_waiting} queries wait for a connection already",
                    hint="a larger max_size, or fewer queries at once",
                )
            waiter = _Waiter(is_async=self._is_async)
            self._waiting.append(waiter)
            return waiter

    def _wait(self, waiter: _Waiter) -> Steps[Any]:
        seconds = self._settings.timeout
        try:
            if self._is_async:
                yield asyncio.wait([waiter.told], timeout=seconds)
            else:
                waiter.told.wait(seconds)
        except BaseException:
            got = self._withdraw(waiter)
            if got is _OPEN:
                self._free()
            elif got is not None and got is not _CLOSED:
                self.give(got)
            raise
        got = self._withdraw(waiter)
        if got is None:
            raise exhausted(seconds)
        return got

    def _withdraw(self, waiter: _Waiter) -> Any:
        """Return what a waiter was handed; if nothing, nothing will be."""
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            return waiter.got

    def _free(self) -> None:
        """Let another caller open a session instead of one that is gone."""
        with self._lock:
            while self._waiting:
                if self._waiting.popleft().hand(_OPEN):
                    return
            self._count -= 1

    def _is_alive(self, session: Session) -> Steps[bool]:
        if session.connection.closed or self._is_old(session):
            return False
        if time.monotonic() - session.used > self._settings.check_after:
            try:
                yield from session.command("")
            except psycopg.Error:
                return False
        return True

    def _is_old(self, session: Session) -> bool:
        return time.monotonic() - session.born > self._settings.max_lifetime

    # --- closing what is idle for long -------------------------------------------------------------------

    def _watch_idle(self) -> None:
        with self._lock:
            if self._timer is None and self._idle and not self._closed:
                self._timer = _later(self._settings.max_idle, weakref.ref(self), is_async=self._is_async)

    def close_idle(self) -> None:
        """Close what was not used for long."""
        limit = time.monotonic() - self._settings.max_idle
        with self._lock:
            self._timer = None
            worn = [session for session in self._idle if session.used <= limit]
            self._idle = [session for session in self._idle if session.used > limit]
        for session in worn:
            close_now(session.connection)
            self._free()
        self._watch_idle()


def _later(seconds: float, pool: weakref.ref[Pool], *, is_async: bool) -> Any:
    """Close idle sessions later, if there is still the pool and, for async ones, the event loop."""

    def close() -> None:
        found = pool()
        if found is not None:
            found.close_idle()

    if is_async:
        return asyncio.get_running_loop().call_later(seconds, close)
    timer = threading.Timer(seconds, close)
    timer.daemon = True
    timer.start()
    return timer


def exhausted(seconds: float) -> PoolExhausted:
    """Return the error for a caller that waited for too long."""
    return PoolExhausted(
        f"no connection became free in {seconds:g} s", hint="a larger max_size, or shorter transactions"
    )
