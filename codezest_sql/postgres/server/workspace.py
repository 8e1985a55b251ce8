"""A private folder for data that is thrown away, in memory where the machine has room. It goes with its owner.

The owner holds a lock on the folder's file ``owner.lock``; the kernel frees it at the owner's death, however that
comes. The first workspace of a process clears away those of dead owners, with the servers in them.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.posix import fcntl, require_posix
from codezest_sql.postgres.server.postmaster import find_postmaster, forget_postmaster
from codezest_sql.postgres.server.processes import all_gone, kill_tree, wait_until
from codezest_sql.postgres.server.sockets import fits_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.postgres.server.run_as import Privileges

_PREFIX = "codezest-temporary-"
_LOCK = "owner.lock"
_ROOM_BYTES = 1 << 30
"""Free memory below which data goes to the disk: a fresh server takes 40 MB, its WAL up to 256 MB, tests the rest."""

# An owner takes its lock within microseconds of making the folder: one this old without a lock file has no owner.
_UNBORN_SECONDS = 60.0
_KILL_SECONDS = 10.0

_swept_by = 0


class Workspace:
    """A folder with mode 0700 (0711 where the server runs as another account) that only this process removes."""

    def __init__(self, privileges: Privileges) -> None:
        """Make the folder. Raises ``ServerError`` where there is no place for it."""
        self._privileges = privileges
        self._maker = os.getpid()
        _sweep_once()
        while True:
            self.path = _make_folder()
            descriptor = _lock(self.path, create=True)
            if descriptor is not None:
                break
            # Another process took the folder for abandoned, in the moment between making and locking it.
        self._descriptor: int | None = descriptor
        if privileges.user is not None:
            self.path.chmod(0o711)

    def folder(self, name: str) -> Path:
        """Make a folder for the server inside, mode 0700, owned by the account the server runs as."""
        path = self.path / name
        path.mkdir(mode=0o700)
        if self._privileges.user is not None:
            os.chown(path, self._privileges.user, self._privileges.group or 0)
        return path

    def remove(self) -> None:
        """Remove the folder. Does nothing the second time, and nothing in a forked child."""
        if self._descriptor is not None and self._maker == os.getpid():
            _remove_folder(self.path)
            os.close(self._descriptor)
            self._descriptor = None


def sweep() -> int:
    """Remove the workspaces of dead owners and end the servers in them; return how many there were."""
    removed = 0
    for base in _bases():
        for folder in _abandoned(base):
            descriptor = _lock(folder, create=False)
            if descriptor is not None:
                _end_servers(folder)
                _remove_folder(folder)
                os.close(descriptor)
                removed += 1
    return removed


def _sweep_once() -> None:
    global _swept_by  # noqa: PLW0603  # once per process; a forked child does it again
    if _swept_by != os.getpid():
        _swept_by = os.getpid()
        sweep()


def _bases() -> tuple[Path, ...]:
    places = [Path("/dev/shm")] if sys.platform == "linux" else []  # noqa: S108  # a private folder is made inside
    places += [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108  # likewise
    return tuple(dict.fromkeys(place for place in places if place.is_dir()))


def _make_folder() -> Path:
    for base in _bases():
        in_memory = base == Path("/dev/shm")  # noqa: S108  # see above
        if (in_memory and _free_bytes(base) < _ROOM_BYTES) or not fits_socket(base / f"{_PREFIX}12345678" / "run"):
            continue
        with suppress(OSError):
            return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    raise ServerError(
        "there is no folder for a temporary server: neither the temporary folder nor /tmp can be written",
        hint="set TMPDIR to a folder that can be written and whose path is short",
    )


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _abandoned(base: Path) -> Iterator[Path]:
    """Yield the workspaces in ``base`` that are ours and that no owner seems to hold."""
    try:
        entries = [entry for entry in os.scandir(base) if entry.name.startswith(_PREFIX)]
    except OSError:
        return
    for entry in entries:
        with suppress(OSError):
            found = entry.stat(follow_symlinks=False)
            # Never touch a folder of another user: its content is that user's word, not ours.
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
                locked = (Path(entry.path) / _LOCK).exists()
                if locked or time.time() - found.st_mtime > _UNBORN_SECONDS:
                    yield Path(entry.path)


def _remove_folder(folder: Path) -> None:
    """Remove a workspace, its lock's file last: what a killed removal leaves must be recognised as abandoned."""
    with suppress(OSError):
        for inside in [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]:
            shutil.rmtree(inside, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path, *, create: bool) -> int | None:
    """Take the owner's lock of a workspace; None where another process holds it or has removed the folder."""
    require_posix()
    path = folder / _LOCK
    try:
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_CREAT | (os.O_EXCL if create else 0)
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def _end_servers(folder: Path) -> None:
    """Kill the servers whose data directories are in an abandoned workspace."""
    for data in folder.iterdir():
        if data.is_dir():
            living = find_postmaster(data)
            if living is not None:
                with suppress(ServerError):
                    family = kill_tree(living.pid)
                    wait_until(partial(all_gone, family), _KILL_SECONDS)
            forget_postmaster(data)
