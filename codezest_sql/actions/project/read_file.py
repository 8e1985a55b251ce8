"""Read a file of a project, and name it as messages do."""

from __future__ import annotations

import errno
from pathlib import Path

from codezest_sql.errors import FileUnreadableError
from codezest_sql.place import Place


def show_path(path: Path) -> str:
    """Return a path as messages show it: relative to the working folder where it lies below it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def read_file(file: Path) -> bytes:
    """Return the bytes of a file. Raises ``FileUnreadableError`` with its path as messages show it."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileUnreadableError(
            f"cannot be read: {error.strerror}", place=Place(show_path(file)), hint="look at its permissions"
        ) from None


def read_regular(path: Path) -> bytes:
    """Return the bytes of a file. Raises ``OSError``, also for a named pipe or a device, which could block."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device, not a file")
    return path.read_bytes()
