"""Frees the System V segment of a killed server. Every other end of a server frees it on its own.

A server holds one small segment as a lock on its data directory (src/backend/port/sysv_shmem.c). Killed with SIGKILL
it leaves the segment behind until the next start on the same data; for data that is thrown away there is no next
start, and the kernel has room for 4096 segments only (``kernel.shmmni``).
"""

from __future__ import annotations

import sys
from pathlib import Path

_IPC_RMID = 0  # sys/ipc.h, the same on Linux for every architecture
_TABLE = Path("/proc/sysvipc/shm")


def remove_segment(key: int, identifier: int) -> None:
    """Remove the segment if it still is the one with ``key`` and no process is attached. Does nothing off Linux."""
    if sys.platform != "linux" or not _is_abandoned(key, identifier):
        return
    import ctypes  # noqa: PLC0415  # 5 ms, and hardly ever needed

    ctypes.CDLL(None, use_errno=True).shmctl(identifier, _IPC_RMID, None)


def _is_abandoned(key: int, identifier: int) -> bool:
    try:
        rows = _TABLE.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return False
    for row in rows:
        # sysvipc(5): key shmid perms size cpid lpid nattch …; the key is printed as a signed number.
        fields = row.split()
        if int(fields[1]) == identifier:
            return int(fields[0]) % 2**32 == key % 2**32 and int(fields[6]) == 0
    return False
