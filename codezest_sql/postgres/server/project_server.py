"""The project's own server: durable, shared by every process on the project, alive until ``stop``.

All of it is in the project's folder ``.codezest``. Starting, stopping and resetting exclude each other by a lock
there; looking takes no lock.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.binaries import Binaries, find_binaries
from codezest_sql.postgres.server.known_servers import forget_server, remember_server
from codezest_sql.postgres.server.postmaster import (
    Launch,
    PidFile,
    find_postmaster,
    forget_postmaster,
    read_pid_file,
    start_postmaster,
    stop_postmaster,
)
from codezest_sql.postgres.server.processes import reap, wait_until
from codezest_sql.postgres.server.project_folder import LOCK_SECONDS, ProjectFolder
from codezest_sql.postgres.server.run_as import choose_privileges
from codezest_sql.postgres.server.sockets import (
    DEFAULT_PORT,
    SUPERUSER,
    remove_sockets,
    socket_directory,
    socket_url,
    tcp_url,
    usual_directory,
)

DATABASE = "codezest"
"""The database of the project, made at the first start; its owner is the superuser ``postgres``."""

_PREPARE_LOCK = 0x636F64657A657374  # "codezest"; advisory locks are per database, and this one is postgres
_TCP_ADDRESS = "127.0.0.1"
_LOG_BYTES = 10 * 1024 * 1024

# Set on the command line, so that no configuration file in the data directory can override it.
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of the project's server. ``major`` is None before the first start; ``started`` is in UTC."""

    running: bool
    data: Path
    log: Path
    major: int | None = None
    url: str | None = None
    pid: int | None = None
    tcp_port: int | None = None
    started: datetime | None = None


class ProjectServer:
    """The server of the project in ``root``; nothing is touched before one of the methods is called."""

    def __init__(self, root: Path) -> None:
        self._folder = ProjectFolder(root)

    def start(self, port: int | None = None, *, major: int | None = None) -> str:
        """Start the server unless it runs, and return the URL of the project's database over its socket.

        One that has lost its socket, and cannot be reached, is started again. ``port`` also opens this TCP port
        on
        127.0.0.1, with a password (see ``tcp_url``). ``major`` chooses the version of a new server; data that exist
        keep theirs. Raises ``ServerError``.
        """
        with self._folder.locked():
            living = find_postmaster(self._folder.data)
            if living is not None and living.ready and not _has_socket(living):
                # A server of before, whose data were deleted under it, takes the socket away when it ends.
                port = port or (living.port if living.listen_address else None)
                self._stop()
                living = None
            if living is None:
                binaries = self._binaries(major)
                self._ensure_data(binaries)
                self._launch(binaries, port)
            else:
                self._check_fits(living, port, major)
            living = self._wait_ready()
            if not self._folder.is_prepared(living):
                self._prepare(living)
            return _url(living)

    def stop(self) -> bool:
        """Stop the server in fast mode and wait for its end; its sessions are ended. False where none was running.

        Raises ``ServerError`` when it does not end in time, or belongs to another user.
        """
        self._folder.check_access()
        if find_postmaster(self._folder.data) is None:
            return False
        with self._folder.locked():
            return self._stop()

    def status(self) -> ServerStatus:
        """Return what is known of the server, touching nothing. Raises ``ServerError`` where it is another user's."""
        self._folder.check_access()
        living = find_postmaster(self._folder.data)
        running = living is not None and living.ready and _has_socket(living) and self._folder.is_prepared(living)
        status = ServerStatus(
            running=running, data=self._folder.data, log=self._folder.log, major=self._folder.major()
        )
        if living is None or not running:
            return status
        return ServerStatus(
            running=True,
            data=status.data,
            log=status.log,
            major=status.major,
            url=_url(living),
            pid=living.pid,
            tcp_port=living.port if living.listen_address else None,
            started=datetime.fromtimestamp(living.started, UTC),
        )

    def running_url(self) -> str | None:
        """Return the URL of the project's database if the server runs, without starting it."""
        return self.status().url

    def tcp_url(self) -> str:
        """Return the URL over TCP, password included. Raises ``ServerError`` where the server has no TCP port."""
        status = self.status()
        if status.tcp_port is None:
            raise ServerError(
                "the project's server has no TCP port" if status.running else "the project's server is not running",
                hint=("codezest-sql db stop, then " if status.running else "") + "codezest-sql db start --port 5432",
            )
        return tcp_url(self._folder.password(), DATABASE, status.tcp_port)

    def binaries(self) -> Binaries:
        """Return the programs that fit the server's data, for ``psql`` and its kind. Raises ``ServerError``."""
        return self._binaries(None)

    def reset(self) -> bool:
        """Stop the server and delete its data permanently; the next start makes an empty one. False where none were.

        Raises ``ServerError`` when they cannot be deleted.
        """
        folder = self._folder
        folder.check_access()
        if not folder.data.exists():
            return False
        forget_server(folder.path.parent)
        with folder.locked():
            self._stop()
            with folder.server_lock():
                forget_postmaster(folder.data)
                # Out of the way first: a reset that is killed must not leave half a data directory in place.
                doomed = folder.path / f"deleted-{os.getpid()}-{time.time_ns()}"
                folder.data.rename(doomed)
                folder.forget_password()
                for leftover in folder.path.glob("deleted-*"):
                    shutil.rmtree(leftover)
        return True

    def _stop(self) -> bool:
        before = read_pid_file(self._folder.data)
        stopped = stop_postmaster(self._folder.data, self._folder.log)
        # The folder may be outside the project, where no other session would remove it; it comes back at the next
        # start.
        remove_sockets(usual_directory(self._folder.sockets, self._folder.data.stat().st_uid))
        if before is not None and Path(before.socket_directory).is_absolute():
            remove_sockets(Path(before.socket_directory))
        return stopped

    def _check_fits(self, living: PidFile, port: int | None, major: int | None) -> None:
        """Raise ``ServerError`` where the server that runs is not the one asked for; it may be in use by others."""
        if major not in (None, self._folder.major()):
            raise self._other_version(major)
        if port is not None and (not living.listen_address or living.port != port):
            raise ServerError(
                f"the project's server is running already, without the TCP port {port}",
                hint=f"codezest-sql db stop, then codezest-sql db start --port {port}",
            )

    def _wait_ready(self) -> PidFile:
        found: list[PidFile] = []

        def settled() -> bool:
            living = find_postmaster(self._folder.data)
            if living is None or living.ready:
                found.extend([living] if living else [])
                return True
            return False

        # A server that runs and is not ready recovers, from a crash of a backend or of a starter that was killed.
        in_time = wait_until(settled, LOCK_SECONDS)
        if not found:
            state = "ended during its start" if in_time else f"was not ready after {LOCK_SECONDS:.0f} s"
            raise ServerError(f"the project's server {state}", hint=f"look into its log: {self._folder.log}")
        return found[0]

    def _binaries(self, major: int | None) -> Binaries:
        made_by = self._folder.major()
        if made_by is None:
            if self._folder.data.exists():
                raise ServerError(
                    f"{self._folder.data} is damaged: it has no readable PG_VERSION",
                    hint="restore it from a backup, or delete it with codezest-sql db reset",
                )
            return find_binaries(major)
        if major not in (None, made_by):
            raise self._other_version(major)
        try:
            return find_binaries(made_by)
        except ServerError as error:
            raise ServerError(
                f"the project's data were made by PostgreSQL {made_by}, which cannot be used: {error.message}",
                hint=f"install PostgreSQL {made_by}, or delete the data with codezest-sql db reset",
            ) from error

    def _other_version(self, major: int | None) -> ServerError:
        made_by = self._folder.major()
        return ServerError(
            f"the project's data were made by PostgreSQL {made_by}; version {major} cannot read them",
            hint="leave out --postgres-version; or save what you need with pg_dump, then run codezest-sql db reset",
        )

    def _ensure_data(self, binaries: Binaries) -> None:
        folder = self._folder
        if folder.data.exists():
            return
        from codezest_sql.postgres.server.data_directory import create_cluster, flush_cluster  # noqa: PLC0415  # 10 ms, once

        privileges = choose_privileges()
        if folder.unfinished.exists():
            shutil.rmtree(folder.unfinished)
        self._open_way(privileges.user)
        create_cluster(binaries, folder.unfinished, privileges)
        flush_cluster(binaries, folder.unfinished, privileges)
        # Only a whole data directory ever has the name "data".
        folder.unfinished.rename(folder.data)
        _flush_folder(folder.path)

    def _launch(self, binaries: Binaries, port: int | None) -> None:
        folder = self._folder
        owner = folder.data.stat()
        privileges = choose_privileges(owner.st_uid)
        self._open_way(privileges.user)
        if folder.log.exists() and folder.log.stat().st_size > _LOG_BYTES:
            folder.log.replace(folder.log.with_suffix(".log.1"))
        with folder.server_lock() as lock:
            sockets = socket_directory(folder.sockets, owner=owner.st_uid, group=owner.st_gid)
            launch = Launch(
                binaries=binaries,
                data=folder.data,
                sockets=sockets,
                log=folder.log,
                privileges=privileges,
                settings=_DURABLE,
                port=port or DEFAULT_PORT,
                listen=_TCP_ADDRESS if port else "",
                inherits=(lock,),
            )
            try:
                reap(start_postmaster(launch))
            except ServerError:
                remove_sockets(sockets)
                raise
        remember_server(folder.path.parent)

    def _open_way(self, user: int | None) -> None:
        """Let the account of the server, where it is not ours, through the folder to its data."""
        if user is not None:
            self._folder.path.chmod(0o711)

    def _prepare(self, living: PidFile) -> None:
        """Make the project's database if it is missing, set a password where there is a TCP port."""
        import psycopg  # noqa: PLC0415  # 0.1 s that joining a running server need not cost
        from psycopg import sql  # noqa: PLC0415

        # Without the empty hostaddr libpq would take PGHOSTADDR from the environment and leave the socket alone.
        role, database = sql.Identifier(SUPERUSER), sql.Identifier(DATABASE)
        try:
            with psycopg.connect(_url(living, SUPERUSER), hostaddr="", autocommit=True) as connection:
                # The backend of a starter that was killed may be at this very work still.
                connection.execute("SELECT pg_catalog.pg_advisory_lock(%s)", [_PREPARE_LOCK])
                query = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s"
                if connection.execute(query, [DATABASE]).fetchone() is None:
                    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
                if living.listen_address:
                    # Hashed on this side, so that the password never comes near the server's log.
                    secret = self._folder.new_password().encode()
                    verifier = connection.pgconn.encrypt_password(secret, SUPERUSER.encode(), b"scram-sha-256")
                    connection.execute(
                        sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier.decode()))
                    )
        except psycopg.Error as error:
            with suppress(ServerError):
                stop_postmaster(self._folder.data, self._folder.log)
            raise ServerError(
                f"the database {DATABASE} could not be prepared: {error}",
                hint=f"look into the server's log: {self._folder.log}",
            ) from error
        self._folder.mark_prepared(living)


def _has_socket(living: PidFile) -> bool:
    return os.path.lexists(Path(living.socket_directory, f".s.PGSQL.{living.port}"))


def _url(living: PidFile, dbname: str = DATABASE) -> str:
    return socket_url(living.socket_directory, dbname, living.port)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
