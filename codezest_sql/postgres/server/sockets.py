"""Where a server's unix socket lives, and the URL that leads to it. The folder is private to the server's user.

A socket path holds at most 107 bytes on Linux and 103 on macOS (``sun_path`` of unix(7), less the final NUL).
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from codezest_sql.errors import ServerError

DEFAULT_PORT = 5432
SUPERUSER = "postgres"

_PATH_BYTES = 103
# The name holds the port, of up to five digits (libpq's UNIXSOCK_PATH).
_NAME_BYTES = len("/.s.PGSQL.65535")
# A comma separates hosts for libpq and folders for the server; a quote cannot be written in unix_socket_directories.
_FORBIDDEN = frozenset(',"')


def fits_socket(directory: Path) -> bool:
    """Whether a server can put its socket into ``directory`` and libpq can use it."""
    text = str(directory)
    if any(character in _FORBIDDEN or not character.isprintable() for character in text):
        return False
    return len(os.fsencode(text)) + _NAME_BYTES <= _PATH_BYTES


def socket_url(directory: str | Path, dbname: str, port: int = DEFAULT_PORT, *, user: str = SUPERUSER) -> str:
    """Return the URL of a database over the socket in ``directory``, by default as the role ``postgres``.

    The port is always named: without it libpq would take PGPORT from the environment.
    """
    place = quote(os.fsencode(directory), safe="/")
    return f"postgresql://{quote(user, safe='')}@/{quote(dbname, safe='')}?host={place}&port={port}"


def tcp_url(password: str, dbname: str, port: int) -> str:
    """Return the URL of a database over TCP on this machine. It holds the password."""
    return f"postgresql://{SUPERUSER}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(dbname, safe='')}"


def socket_directory(preferred: Path, *, owner: int, group: int) -> Path:
    """Make and return a folder for a socket: ``preferred``, or a short private one where that path does not fit.

    The folder belongs to ``owner`` and ``group`` and has mode 0700. A name that another session has taken is not
    used. Raises ``ServerError`` where there can be no such folder.
    """
    directory = usual_directory(preferred, owner)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        if directory != preferred and not _is_private(directory, owner):
            import tempfile  # noqa: PLC0415  # 1 ms, for an attack only

            directory = Path(tempfile.mkdtemp(prefix="codezest-sql-", dir="/tmp"))
    except OSError as error:
        if directory == preferred:
            raise
        raise ServerError(
            f"no folder for the server's socket can be made in /tmp: {error.strerror}",
            hint="move the project to a folder with a shorter path",
        ) from error
    _give(directory, owner, group)
    return directory


def usual_directory(preferred: Path, owner: int) -> Path:
    """Return ``preferred``, or where it does not fit a short path in /tmp, whose owner must be checked.

    It is derived from ``preferred``, so that the URL stays the same from start to start.
    """
    if fits_socket(preferred):
        return preferred
    import hashlib  # noqa: PLC0415  # 3 ms, for long paths only

    name = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
    return Path("/tmp") / f"codezest-sql-{owner}-{name}"  # noqa: S108  # its owner and mode are checked before use


def remove_sockets(directory: Path) -> None:
    """Remove what a dead server left in its socket folder, and the folder itself where it is empty then."""
    with suppress(OSError):
        for name in directory.glob(".s.PGSQL.*"):
            name.unlink(missing_ok=True)
        directory.rmdir()


def _is_private(directory: Path, owner: int) -> bool:
    found = directory.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not stat.S_IMODE(found.st_mode) & 0o077


def _give(directory: Path, owner: int, group: int) -> None:
    if directory.stat().st_uid != owner:
        os.chown(directory, owner, group, follow_symlinks=False)
    directory.chmod(0o700)
