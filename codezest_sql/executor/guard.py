"""The guard: a connection that only holds the deployer lock and reports whether it still does.

The lock is a session advisory lock, so that the server itself frees it when the deployer dies. It is *polled*:
a session that blocks in ``pg_advisory_lock`` holds a snapshot, for which another deployer's CREATE INDEX
CONCURRENTLY waits, while the first waits for that deployer: a deadlock.
"""

from __future__ import annotations

import hashlib
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg

from codezest_sql.errors import ConnectionLostError, DeployerLockError
from codezest_sql.executor.observer import LockHolder
from codezest_sql.postgres.connection import Connection, connect, live_with_client

if TYPE_CHECKING:
    from codezest_sql.executor.observer import Observer

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25


def deployer_key(schema: str) -> int:
    """Return the key of the lock that the deployer of the ledger in ``schema`` holds."""
    return _key(f"codezest-sql deployer {schema}")


def worker_key(schema: str) -> int:
    """Return the key of the lock that this deployer's worker holds."""
    return _key(f"codezest-sql worker {schema}")


def _key(words: str) -> int:
    """Return a key of this ledger alone. Advisory locks are per database; the key makes them per ledger."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big", signed=True)


class Guard:
    """Holds the deployer lock for as long as it is open."""

    def __init__(self, url: str, *, purpose: str) -> None:
        self.connection: Connection = connect(url, purpose=f"{purpose} guard")

    def acquire(self, key: int, *, timeout: float, observer: Observer) -> None:
        """Wait at most ``timeout`` seconds for the lock; raise ``DeployerLockError`` where it is not free by then."""
        live_with_client(self.connection)
        poll_lock(self.connection, key, timeout=timeout, observer=observer)

    def check(self) -> None:
        """Raise ``ConnectionLostError`` unless the lock is still held: nothing further may be started then."""
        try:
            self.connection.execute("SELECT 1")
        except psycopg.Error as error:
            reason = str(error).strip().split("\n")[0]
            raise ConnectionLostError(
                f"the connection that holds the deployer lock was lost: {reason}",
                hint="nothing further was started; run the command again: it continues where this one stopped",
            ) from None

    def release(self) -> None:
        """Free the lock and close the connection.

        A direct session's end would free it as well. A pooler's session lives on, and would keep it.
        """
        with suppress(psycopg.Error):  # where the session is gone, its locks are too
            self.connection.execute("SELECT pg_catalog.pg_advisory_unlock_all()")
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def poll_lock(connection: Connection, key: int, *, timeout: float, observer: Observer) -> None:
    """Try for a session advisory lock until it is obtained, at most ``timeout`` seconds long."""
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    told: int | None = 0
    while not _try_lock(connection, key):
        holder = _holder(connection, key)
        if (holder.pid if holder else None) != told:
            told = holder.pid if holder else None
            observer.waiting(holder)
        if time.monotonic() >= deadline:
            raise DeployerLockError(
                f"another deployer is running: {holder or 'which one is unknown'}",
                hint="wait for it, or raise deployer_timeout (--wait); a lock ends with its session: "
                "SELECT pg_terminate_backend(pid) frees it",
            )
        # Jitter, so that many deployers that wait do not ask in step.
        time.sleep(min(pause * random.uniform(0.5, 1.0), max(deadline - time.monotonic(), 0.001)))  # noqa: S311
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _try_lock(connection: Connection, key: int) -> bool:
    row = connection.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", [key]).fetchone()
    return bool(row and row[0])


def _holder(connection: Connection, key: int) -> LockHolder | None:
    """Ask who holds a lock. A bigint key is split into two unsigned halves (documentation, 54.12, pg_locks)."""
    high, low = (key >> 32) & 0xFFFFFFFF, key & 0xFFFFFFFF
    row = connection.execute(
        """
        SELECT l.pid, coalesce(a.application_name, ''), a.backend_start
        FROM pg_catalog.pg_locks AS l
        LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND l.classid = %s::oid AND l.objid = %s::oid
            AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
        """,
        [high, low],
    ).fetchone()
    if row is None:
        return None
    pid, application, since = row
    when = since.astimezone(UTC) if isinstance(since, datetime) else None
    return LockHolder(int(str(pid)), str(application), when)
