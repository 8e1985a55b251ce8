"""One database for a whole process: every part of it asks here, and all share one pool."""

from __future__ import annotations

import atexit
import os
import threading

from codezest_sql.runtime.database import Database

_lock = threading.Lock()
_opened: tuple[int, Database] | None = None


def get_database() -> Database:
    """Return the process's database, that of ``DATABASE_URL``, else the project's running server.

    It is made at the first call, by whichever thread that is, and closed when the process ends. A process that was
    forked has one of its own: connections cannot be shared. For other settings, or more than one database, keep one
    of ``Database.connect`` yourself. Raises ``ConnectionUnusableError``.
    """
    global _opened  # noqa: PLW0603  # that is what this module is for
    with _lock:
        if _opened is None or _opened[0] != os.getpid():
            _opened = (os.getpid(), Database.connect())
        return _opened[1]


@atexit.register
def _close() -> None:
    if _opened is not None and _opened[0] == os.getpid():
        _opened[1].close()


def _after_fork() -> None:
    global _lock  # noqa: PLW0603  # another thread may have held it, and is not here
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
