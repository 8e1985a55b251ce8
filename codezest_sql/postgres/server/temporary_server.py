"""A server for tests and shadow databases: made in 0.05 s, in memory, without any promise, gone with its owner."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server import watchdog
from codezest_sql.postgres.server.data_directory import create_cluster
from codezest_sql.postgres.server.migrator_role import ADMIN, server_settings, session_options
from codezest_sql.postgres.server.postmaster import (
    FAST,
    IMMEDIATE,
    STOP_SECONDS,
    Launch,
    find_postmaster,
    forget_postmaster,
    log_tail,
    start_postmaster,
    stop_postmaster,
)
from codezest_sql.postgres.server.processes import all_gone, kernel_watches, kill_tree, wait_until
from codezest_sql.postgres.server.run_as import choose_privileges
from codezest_sql.postgres.server.schema_cache import copy_kept, keep
from codezest_sql.postgres.server.sockets import DEFAULT_PORT, SUPERUSER, socket_url
from codezest_sql.postgres.server.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from codezest_sql.postgres.server.binaries import Binaries

# Nothing here has to survive the machine. With synchronous_commit=off a *killed* server may also lose its last
# commits; a fault test that counts acknowledged writes sets it to on, which costs next to nothing without fsync.
THROWAWAY_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    # The data may be in memory: keep the WAL small.
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    # In the data directory, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
}

_QUIT_SECONDS = 10.0
_WATCHDOG_SECONDS = 5.0


class TemporaryServer:
    """A running server that this process owns. Use it as a context manager, or call ``stop``.

    It ends with this process however that ends: by the kernel's parent-death signal or a watchdog process.
    """

    def __init__(
        self,
        binaries: Binaries,
        settings: Mapping[str, str],
        *,
        watch: bool | None = None,
        kept: str | None = None,
        confined: bool = False,
    ) -> None:
        """Start it. ``watch`` chooses the watchdog process (True) or the kernel (False); by default what works.

        ``kept`` is the key of a data directory that ``stop_and_keep`` kept; ``is_kept`` is whether there was one.
        On a ``confined`` server ``url`` is that of a role without SUPERUSER (see ``confined.py``).
        """
        privileges = choose_privileges()
        self._workspace = Workspace(privileges)
        self._finalizer = weakref.finalize(self, _end, self._workspace, os.getpid())
        watched = not kernel_watches() if watch is None else watch
        try:
            folder = self._workspace.folder
            self.binaries = binaries
            self.confined = confined
            own_settings = server_settings(binaries.major) if confined else {}
            self._launch = Launch(
                binaries=binaries,
                data=folder("data"),
                sockets=folder("run"),
                log=self._workspace.path / "log",
                privileges=privileges,
                settings={**THROWAWAY_SETTINGS, **own_settings, **settings},
                dies_with_us=not watched,
            )
            self.is_kept = kept is not None and copy_kept(kept, self._launch.data, privileges)
            if not self.is_kept:
                create_cluster(binaries, self._launch.data, privileges, confined=confined)
            self._watchdog = _start_watchdog(self._workspace) if watched else None
            self._process = start_postmaster(self._launch)
        except OSError as error:
            self.stop()
            raise ServerError(f"{error.filename or 'a temporary server'} cannot be used: {error.strerror}") from error
        except BaseException:
            self.stop()
            raise

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._launch.data

    @property
    def pid(self) -> int:
        """The process id of the postmaster, also after its end."""
        return self._process.pid

    def url(self, dbname: str = "postgres") -> str:
        """Return the URL of a database of this server, which need not exist yet, for the role ``postgres``.

        That is the superuser, unless the server is confined.
        """
        return socket_url(self._launch.sockets, dbname, DEFAULT_PORT)

    def superuser(self, dbname: str = "postgres") -> psycopg.Connection[Any]:
        """Open a session of the superuser, in autocommit mode, for the few statements that ``confined.py`` lists."""
        user = ADMIN if self.confined else SUPERUSER
        return psycopg.connect(
            socket_url(self._launch.sockets, dbname, DEFAULT_PORT, user=user),
            autocommit=True,
            prepare_threshold=None,
            hostaddr="",  # PGHOSTADDR of the environment would send it to another server
            options=session_options(self.binaries.major),
        )

    def log(self) -> str:
        """Return the last lines of the server's log, for a failing test to show."""
        return log_tail(self._launch.log)

    def stop(self) -> None:
        """End the server at once and remove its data. Does nothing the second time."""
        self._finalizer()
        process: subprocess.Popen[bytes] | None = getattr(self, "_process", None)
        if process is not None:
            process.wait()
        watching: subprocess.Popen[bytes] | None = getattr(self, "_watchdog", None)
        if watching is not None and watching.stdin is not None:
            _dismiss_watchdog(watching)
            self._watchdog = None

    def stop_and_keep(self, key: str) -> None:
        """End the server in order, and keep its data for another one."""
        stop_postmaster(self.data, self._launch.log, FAST)
        self._process.wait()
        keep(key, self.data)
        self.stop()

    def kill(self) -> None:
        """Kill the postmaster and all its children with SIGKILL, as a crash would; the data stays for ``restart``."""
        living = find_postmaster(self.data)
        if living is None:
            return
        family = kill_tree(living.pid)
        self._process.wait()
        if not wait_until(lambda: all_gone(family), STOP_SECONDS):
            raise ServerError(f"the processes {family} outlived SIGKILL for {STOP_SECONDS:.0f} s")

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Start the server again on the same data, after ``kill`` or instead of a running one; the URL stays.

        ``settings`` are added to those given before. A running server ends in fast mode: with its sessions.
        """
        stop_postmaster(self.data, self._launch.log, FAST)
        self._process.wait()
        if settings:
            self._launch = replace(self._launch, settings={**self._launch.settings, **settings})
        self._process = start_postmaster(self._launch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def temporary_server(binaries: Binaries, *, settings: Mapping[str, str] | None = None) -> TemporaryServer:
    """Start a temporary server; ``settings`` come on top of ``THROWAWAY_SETTINGS``.

    Raises ``ServerError`` where it does not start and ``UsageError`` for a setting whose name is none.
    """
    return TemporaryServer(binaries, settings or {})


def _end(workspace: Workspace, maker: int) -> None:
    """Stop the server of a workspace and remove it. A forked child of the owner leaves both alone."""
    if maker != os.getpid():
        return
    data = workspace.path / "data"
    living = find_postmaster(data)
    if living is not None:
        try:
            stop_postmaster(data, workspace.path / "log", IMMEDIATE, _QUIT_SECONDS)
        except ServerError:
            family = kill_tree(living.pid)
            wait_until(lambda: all_gone(family), _QUIT_SECONDS)
    forget_postmaster(data)
    workspace.remove()


def _start_watchdog(workspace: Workspace) -> subprocess.Popen[bytes]:
    script = Path(watchdog.__file__)
    return subprocess.Popen(  # noqa: S603  # our own script, no shell
        [sys.executable, "-I", "-S", script, workspace.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def _dismiss_watchdog(watching: subprocess.Popen[bytes]) -> None:
    try:
        watching.communicate(b"x", timeout=_WATCHDOG_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        watching.kill()
        watching.wait()
