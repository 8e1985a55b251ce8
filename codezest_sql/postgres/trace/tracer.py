"""Watches a session that runs a migration: which locks each statement takes, who waits, what it writes and reads.

Nothing is derived from the text of a statement. Locks come from ``pg_locks``; whether a query waits is tried by
planning
in another session, since the planner also locks every index; a table that is rewritten has another file; a table
that is scanned is counted by the server. What the transaction itself has made is left out: no other session sees
it.
"""

from __future__ import annotations

import re
import threading
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from codezest_sql.core.review.trace.measured import Blocked, Locked, LockMode, Measured
from codezest_sql.postgres.trace.quoted_name import quoted_name
from codezest_sql.postgres.trace.server_messages import Listener
from codezest_sql.postgres.trace.state import read_locks, read_relations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from codezest_sql.place import Place
    from codezest_sql.postgres.trace.state import Relation

_TABLES = frozenset({"r", "p", "m", "v", "f"})
_WITH_ROWS = frozenset({"r", "p", "m"})
_HOLD = {
    LockMode.ROW_EXCLUSIVE: sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE"),
    LockMode.ACCESS_SHARE: sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE"),
}
_PATIENCE = "1ms"  # whoever waits at all, waits for as long as the migration likes
_DEEDS = (
    ("SELECT", sql.SQL("EXPLAIN SELECT 1 FROM {}")),
    ("SELECT FOR UPDATE", sql.SQL("EXPLAIN SELECT 1 FROM {} FOR UPDATE")),
    ("writes", sql.SQL("EXPLAIN DELETE FROM {}")),
)
_COMMENT = re.compile(r"COMMENT\b", re.IGNORECASE)
# For sessions that migrate: what depends on the time zone shows where it is not UTC, unless a migration sets its own.
SESSION = "-c TimeZone=Etc/GMT-1"
_STOPS = 8  # more waits than any statement has
_POLL = 0.001
_SECONDS = 20.0  # a statement that waits for no session for so long is no longer observed


class Tracer:
    """Measures statements on ``migrating``; ``watching`` is another session, ``connect`` opens further ones.

    Both are in autocommit mode; the watching one has no setting of its own when a call begins or ends. ``admin`` is a
    superuser's session, needed for the making of the tracer alone; by default ``migrating`` is one.
    """

    def __init__(
        self,
        migrating: psycopg.Connection[Any],
        watching: psycopg.Connection[Any],
        connect: Callable[[], psycopg.Connection[Any]],
        *,
        admin: psycopg.Connection[Any] | None = None,
    ) -> None:
        self._migrating, self._watching, self._connect = migrating, watching, connect
        self._pid = migrating.info.backend_pid
        self._listener = Listener(migrating, admin=admin or migrating)
        self._there: Mapping[int, Relation] = {}
        self._last: Mapping[int, Relation] = {}
        self._locks: Mapping[int, LockMode] = {}

    def begin(self) -> None:
        """Take what is there now for what others see: call it before a transaction, or first in it."""
        # Counters of the session that are reported between this reading and the next would look like less work.
        self._migrating.execute("SELECT pg_catalog.pg_stat_force_next_flush()")
        self._there = self._last = read_relations(self._migrating)
        self._locks = {}

    def locked(self) -> frozenset[int]:
        """Return what was there before and is now kept from writers, or from all, until the transaction ends."""
        strong = [oid for oid, mode in self._locks.items() if mode.stops_writers and oid in self._there]
        return frozenset(self._there[oid].table or oid for oid in strong)

    def measure(self, place: Place, text: str) -> Measured:
        """Run a statement in the open transaction. Raises its ``psycopg.Error``."""
        before = self._locks
        if _COMMENT.match(text):  # half of all statements: a lock that only stops other DDL
            self._migrating.execute(text.encode())
            return Measured(place)
        self._listener.listen()
        self._migrating.execute(text.encode())
        self._locks, _ = read_locks(self._watching, self._pid)
        new = {oid: mode for oid, mode in self._locks.items() if mode > before.get(oid, LockMode.ACCESS_SHARE)}
        old = {oid for oid, mode in before.items() if mode > LockMode.ROW_EXCLUSIVE and oid in self._there}
        if not old and not any(oid in self._there for oid in new):
            if any(oid in self._there for oid in self._locks):
                self._last = read_relations(self._migrating)  # it may have read: the next one did not
            return Measured(place)
        held = tuple(sorted(self._tables(oid for oid in old if before[oid] is LockMode.ACCESS_EXCLUSIVE)))
        return self._compare(place, new, held=held, blocked=self._try(new))

    def measure_alone(self, place: Place, text: str, *, concurrently: bool) -> Measured:
        """Run a statement outside of a transaction, stopped at each of its waits. Raises its ``psycopg.Error``.

        Another session holds a weak lock on every table; so the statement stands still where it waits for the
        transactions of others, and its locks can be read; then the next such session takes over.
        """
        self.begin()
        self._listener.listen()
        mode = LockMode.ROW_EXCLUSIVE if concurrently else LockMode.ACCESS_SHARE
        seen: dict[int, LockMode] = {}
        asked: dict[int, LockMode] = {}
        blocked: dict[str, set[str]] = {}
        stops = 0
        with ExitStack() as stack:
            holder = stack.enter_context(ExitStack())
            holding = self._hold(holder, mode)
            running = _Running(self._migrating, text)
            stack.callback(running.end)
            quiet = time.monotonic()
            while running.wait(_POLL):
                granted, awaited = read_locks(self._watching, self._pid)
                self._note(seen, granted)
                self._note(asked, awaited)
                if holding is None:
                    continue
                if self._is_waiting_for(holding):
                    granted, awaited = read_locks(self._watching, self._pid)  # it stands still: this is exact
                    self._note(seen, granted)
                    self._note(asked, awaited)
                    for each in self._try({**seen, **asked}):
                        blocked.setdefault(each.relation, set()).update(each.effects)
                    stops += 1
                    following = ExitStack()
                    holding = self._hold(following, mode) if stops < _STOPS else None
                    holder.close()
                    stack.push(following)
                    holder, quiet = following, time.monotonic()
                elif time.monotonic() - quiet > _SECONDS:
                    holder.close()
                    holding = None
            holder.close()
        running.result()
        waits = [
            Blocked(name, tuple(effect for effect, _ in _DEEDS if effect in effects))
            for name, effects in blocked.items()
        ]
        modes = {oid: max(mode, asked.get(oid, mode)) for oid, mode in {**asked, **seen}.items()}
        found = self._compare(place, modes, held=(), blocked=tuple(waits), asked=asked)
        self.begin()
        return Measured(
            place, found.locks, found.blocked, found.rewritten, found.scanned, found.read, found.written,
            found.rebuilt, (), stops if concurrently else 0, found.notes, found.reasons,
        )  # fmt: skip

    def _note(self, found: dict[int, LockMode], locks: Mapping[int, LockMode]) -> None:
        for oid, mode in locks.items():
            if oid in self._there and mode > LockMode.ACCESS_SHARE:
                found[oid] = max(mode, found.get(oid, mode))

    def _is_waiting_for(self, holding: int) -> bool:
        """Whether the statement waits for the session that holds locks.

        It can wait for others as well: for the snapshot of a query of the watching session, or for another client.
        """
        row = self._watching.execute("SELECT pg_catalog.pg_blocking_pids(%s)", [self._pid]).fetchone()
        return row is not None and holding in row[0]

    def _hold(self, stack: ExitStack, mode: LockMode) -> int | None:
        """Open a transaction with a lock on every table. Return its process ID; None if that was not possible."""
        names = [each.name for each in self._there.values() if each.kind in {"r", "p"}]
        if not names:
            return None
        connection = stack.enter_context(closing(self._connect()))
        tables = sql.SQL(", ").join(map(quoted_name, names))
        statement = _HOLD[mode].format(tables)
        try:
            connection.execute("BEGIN")
            connection.execute("SET LOCAL lock_timeout = '60ms'")
            connection.execute(statement)
        except psycopg.errors.LockNotAvailable:
            stack.close()
            return None
        stack.callback(connection.rollback)  # at once: a session that is closed keeps its locks for a moment
        return connection.info.backend_pid

    def _compare(
        self,
        place: Place,
        new: Mapping[int, LockMode],
        *,
        held: tuple[str, ...],
        blocked: tuple[Blocked, ...],
        asked: Mapping[int, LockMode] | None = None,
    ) -> Measured:
        was, now = self._last, read_relations(self._migrating)
        self._last = now
        said = self._listener.heard({each.bare_name for each in self._there.values()})
        both = [(oid, was[oid], now[oid]) for oid in self._there if oid in was and oid in now]
        moved = [(oid, one) for oid, one, other in both if one.file != other.file]
        files = {oid for oid, one in moved if one.kind in {"r", "m"}}
        rewritten = {oid for oid in files if oid in said.rewrites or self._is_rewrite(oid, was[oid], now[oid])}
        # TRUNCATE gives a table an empty file, and builds its indexes of nothing.
        emptied = files - rewritten
        tables = [each for each in both if each[1].kind in _WITH_ROWS]
        scanned = {oid for oid, one, other in tables if other.scans > one.scans} - files
        written = {oid for oid, one, other in tables if other.written > one.written} | emptied
        locks = {**self._locks, **new}
        stopping = {oid for oid, mode in locks.items() if oid in self._there and self._stops(oid, mode)}
        rebuilt = [one for _, one in moved if one.is_index and one.table not in files]
        return Measured(
            place,
            tuple(
                Locked(self._there[oid].name, mode, granted=asked is None or mode > asked.get(oid, 0))
                for oid, mode in sorted(new.items(), key=lambda item: (-item[1], item[0]))
                if oid in self._there and locks.get(self._there[oid].table, 0) < mode
            ),
            blocked,
            self._names(rewritten),
            self._names(scanned & stopping),
            self._names(scanned - stopping),
            self._names(written),
            tuple(sorted(each.name for each in rebuilt)),
            held,
            notes=tuple(said.notes({self._there[oid].bare_name for oid in rewritten})),
            reasons=tuple((self._there[oid].name, why) for oid, why in said.rewrites.items() if oid in rewritten),
        )

    def _stops(self, oid: int, mode: LockMode) -> bool:
        """Return whether a lock blocks any session: only REFRESH writes to a materialized view."""
        return mode is LockMode.ACCESS_EXCLUSIVE if self._there[oid].kind == "m" else mode.stops_writers

    def _is_rewrite(self, oid: int, before: Relation, after: Relation) -> bool:
        """Distinguish a table rewritten without a trigger's message from one that TRUNCATE gave an empty file."""
        indexes = sum(each.table == oid for each in self._there.values())
        return bool(after.size) or after.scans - before.scans > indexes

    def _names(self, oids: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted(self._there[oid].name for oid in oids))

    def _tables(self, oids: Iterable[int]) -> Iterator[str]:
        for oid in oids:
            if self._there[oid].kind in _TABLES:
                yield self._there[oid].name

    def _try(self, locks: Mapping[int, LockMode]) -> tuple[Blocked, ...]:
        """Try on each locked table what others do; the lock on an index is one on those who plan with its table."""
        strong = [self._there[oid] for oid, mode in locks.items() if oid in self._there and self._stops(oid, mode)]
        names = {self._there[each.table].name if each.is_index else each.name for each in strong
                 if not each.is_index or each.table in self._there}  # fmt: skip
        if not names:
            return ()
        found: list[Blocked] = []
        self._watching.execute(f"SET lock_timeout = '{_PATIENCE}'")
        for name in sorted(names):
            effects: list[str] = []
            for effect, statement in _DEEDS:
                # Who may not even read may do nothing else.
                if "SELECT" in effects or self._waits(statement.format(quoted_name(name))):
                    effects.append(effect)
            if effects:
                found.append(Blocked(name, tuple(effects)))
        self._watching.execute("RESET lock_timeout")
        return tuple(found)

    def _waits(self, statement: sql.Composed) -> bool:
        try:
            self._watching.execute(statement)
        except psycopg.errors.LockNotAvailable:
            return True
        except psycopg.OperationalError:
            raise
        except psycopg.Error:
            return False  # such as a DELETE from a view that has none: not possible anyway
        return False


class _Running:
    """A statement that runs in a thread of its own."""

    def __init__(self, connection: psycopg.Connection[Any], text: str) -> None:
        self._connection, self._text = connection, text
        self._error: psycopg.Error | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._connection.execute(self._text.encode())
        except psycopg.Error as error:
            self._error = error

    def wait(self, seconds: float) -> bool:
        """Wait a while; return whether it still runs."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def end(self) -> None:
        """Cancel it where it still runs, since another session may hold it, and wait until it has ended."""
        if self._thread.is_alive():
            self._connection.cancel_safe(timeout=_SECONDS)
        self._thread.join(_SECONDS)

    def result(self) -> None:
        """Raise the error that it ended with, if any."""
        if self._error is not None:
            raise self._error
