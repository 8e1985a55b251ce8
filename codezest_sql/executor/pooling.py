"""Is this a pooled connection? A session lock taken through a pooler in transaction mode guards nothing.

Such a pooler hands one server session to one client after the other, statement by statement. Seen through it, the
session's process id changes between two statements, or two connections have the same one, and both "get" the same
lock. The process ids are asked first: that leaves nothing behind in a session that others use too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.errors import PooledConnectionError
from codezest_sql.postgres.url import DIRECT_URL_HINT

if TYPE_CHECKING:
    from codezest_sql.postgres.connection import Connection

_PROBES = 3
# A process id that differs from the one at connection time is only a suspicion: Neon's proxy invents ids for
# direct connections too (migrations.md). It is worth a longer look.
_PROBES_IF_SUSPICIOUS = 25


def refuse_shared_sessions(guard: Connection, worker: Connection) -> None:
    """Raise ``PooledConnectionError`` where the two connections' sessions change, or are one and the same."""
    guard_pid, worker_pid = _backend_pid(guard), _backend_pid(worker)
    suspicious = (guard_pid, worker_pid) != (guard.info.backend_pid, worker.info.backend_pid)
    for _ in range(_PROBES_IF_SUSPICIOUS if suspicious else _PROBES):
        if guard_pid == worker_pid:
            raise _pooled("two connections are one session of the server")
        if (_backend_pid(guard), _backend_pid(worker)) != (guard_pid, worker_pid):
            raise _pooled("its session of the server changes between two statements")


def refuse_shared_lock(worker: Connection, key: int) -> None:
    """Raise ``PooledConnectionError`` where ``worker`` obtains the lock ``key`` that the guard holds."""
    row = worker.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", [key]).fetchone()
    if row and row[0]:
        worker.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", [key])
        raise _pooled("two connections obtained the same session lock")


def _pooled(reason: str) -> PooledConnectionError:
    return PooledConnectionError(f"the connection goes through a pooler: {reason}", hint=DIRECT_URL_HINT)


def _backend_pid(connection: Connection) -> object:
    row = connection.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    return row[0] if row else None
