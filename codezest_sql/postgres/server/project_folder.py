"""The folder ``.codezest`` of a project: its names, its locks, its secrets. Starts no server.

Two locks, both freed by the kernel at the death of their holders. ``lock`` makes starting, stopping and deleting
exclude each other. ``server.lock`` is inherited by the server itself and held by all its processes to the last: it
shows a server that is not visible from here, such as one in another container that has the same folder mounted.
PostgreSQL's own guards, a process id and shared memory, end at such borders, and two servers on one directory
destroy it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.posix import fcntl, require_posix
from codezest_sql.postgres.server.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from codezest_sql.postgres.server.postmaster import PidFile


FOLDER = ".codezest"

LOCK_SECONDS = 120.0
"""How long to wait for another process that starts or stops the server: initdb and a crash recovery fit in."""

_LINGER_SECONDS = 30.0


class ProjectFolder:
    """Where the server of the project in ``root`` keeps everything. Nothing is made before a lock is taken."""

    def __init__(self, root: Path) -> None:
        self.path = root.resolve() / FOLDER
        self.data = self.path / "data"
        self.unfinished = self.path / "data.new"
        self.sockets = self.path / "run"
        self.log = self.path / "server.log"
        self._password = self.path / "password"
        self._prepared = self.path / "server.pid"

    def check_access(self) -> None:
        """Raise ``ServerError`` where the folder exists and this user cannot look into it."""
        if self.path.exists() and not os.access(self.path, os.R_OK | os.X_OK):
            raise ServerError(
                f"{self.path} belongs to another user", hint="run the command as the user who started the server"
            )

    def major(self) -> int | None:
        """Return the major version that made the data; None where there are none or none that can be read."""
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the lock of those who start, stop or delete; an ``OSError`` inside becomes a ``ServerError``."""
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            ignore = self.path / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
            descriptor = self._open_lock("lock")
            try:
                if not wait_until(lambda: _try_lock(descriptor), LOCK_SECONDS):
                    raise ServerError(
                        f"another process has been busy with the project's server for {LOCK_SECONDS:.0f} s",
                        hint=f"find who holds {self.path / 'lock'}, or look into {self.log}",
                    )
                yield
            finally:
                os.close(descriptor)
        except OSError as error:
            raise ServerError(
                f"{error.filename or self.path} cannot be used: {error.strerror or error}",
                hint="run the command as the user who owns the project, with room on its disk",
            ) from error

    @contextmanager
    def server_lock(self) -> Generator[int]:
        """Hold the lock that the server is to inherit. Raises ``ServerError`` where another server holds it."""
        descriptor = self._open_lock("server.lock")
        try:
            # After the end of a killed server its children may still be on their way out.
            if not wait_until(lambda: _try_lock(descriptor), _LINGER_SECONDS):
                raise ServerError(
                    f"{self.data} is in use by a server that cannot be seen from here",
                    hint="stop it in the container where it runs; after kill -9, end its remaining processes",
                )
            yield descriptor
        finally:
            os.close(descriptor)

    def mark_prepared(self, living: PidFile) -> None:
        """Note that the project's database exists on the server that now runs."""
        self._prepared.write_text(_identity(living), encoding="ascii")

    def is_prepared(self, living: PidFile) -> bool:
        """Whether the server that now runs was noted; not so where its starter was killed, or is not done yet."""
        try:
            return self._prepared.read_text(encoding="ascii") == _identity(living)
        except OSError:
            return False

    def new_password(self) -> str:
        """Make a password, keep it in a file that only this user can read, and return it."""
        import secrets  # noqa: PLC0415  # 4 ms, and hardly ever needed

        password = secrets.token_urlsafe(24)
        self.forget_password()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(self._password, flags, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123  # for the mode
            file.write(password)
        return password

    def password(self) -> str:
        """Return the password that was kept. Raises ``ServerError`` where it cannot be read."""
        try:
            return self._password.read_text(encoding="ascii")
        except OSError as error:
            raise ServerError(
                f"the password in {self._password} cannot be read: {error.strerror}",
                hint="codezest-sql db stop, then codezest-sql db start --port makes a new one",
            ) from error

    def forget_password(self) -> None:
        """Remove the password, if there is one."""
        self._password.unlink(missing_ok=True)

    def _open_lock(self, name: str) -> int:
        return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _identity(living: PidFile) -> str:
    return f"{living.pid} {living.started}\n"


def _try_lock(descriptor: int) -> bool:
    require_posix()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
