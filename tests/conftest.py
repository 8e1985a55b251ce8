"""Gives every test the PostgreSQL it asks for: embedded, in a container, or one that another session started.

Fixtures, each the URL of a database: ``database`` is fresh and empty, ``migrated`` fresh with all of sql/migrations,
``migrated_shared`` the same for tests that only read. ``server`` is the server itself, ``own_server`` one that the
test may kill. A test marked ``every_postgres`` runs once for each version of ``--postgres-versions``, the others on
the newest.
"""

from __future__ import annotations

import gc
import itertools
import os
import socket
import threading
import warnings
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

import tests.randomised  # noqa: F401  # the profiles of Hypothesis
from codezest_sql.postgres.server.binaries import all_binaries, find_binaries
from codezest_sql.postgres.server.project_server import ProjectServer
from codezest_sql.postgres.server.temporary_server import temporary_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from codezest_sql.postgres.server.temporary_server import TemporaryServer

MIGRATIONS = Path(__file__).parent.parent / "sql" / "migrations"
WANTED_MAJORS = (18, 17, 16, 15)
# CI has all of these; a machine without one states so instead of passing silently. 17 is a bonus.
REQUIRED_MAJORS = frozenset({18, 16, 15})
TEMPLATE = "codezest_migrated"


class Server(Protocol):
    """What the fixtures need of a running server."""

    def url(self, dbname: str = "postgres") -> str:
        """Return the URL of one of its databases, for a user who may create databases."""
        ...


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that is not ours to start or stop."""

    address: str

    def url(self, dbname: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        return urlunsplit(urlsplit(self.address)._replace(path="/" + quote(dbname, safe="")))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("postgres", "the PostgreSQL that tests run on")
    group.addoption(
        "--postgres",
        default="embedded",
        metavar="embedded|container|URL",
        help="a server of our own (default), one in a container, or a running one where databases may be created",
    )
    group.addoption(
        "--postgres-versions",
        metavar="18,16,…",
        help="major versions for tests marked every_postgres (default: all of 15 to 18 that this machine has)",
    )
    parser.addoption(
        "--slowest-files",
        type=int,
        default=0,
        metavar="N",
        help="print the N files whose tests took most time, with it",
    )
    parser.addoption("--accept", action="store_true", help="write the expected texts of tests/cases again")


def pytest_configure(config: pytest.Config) -> None:
    # Nothing of the developer's own databases may reach a test.
    for name in [*os.environ]:
        if name in {"DATABASE_URL", "DIRECT_URL"} or name.startswith("PG"):
            del os.environ[name]
    del config


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    wanted: int = config.getoption("--slowest-files")
    if not wanted:
        return
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.location[0]] += report.duration  # type: ignore[assignment]  # seconds, not a count
    total = sum(seconds.values())
    terminalreporter.section(f"slowest {wanted} of {len(seconds)} files, {total:.0f} s in all")
    for file, spent in seconds.most_common(wanted):
        terminalreporter.write_line(f"{spent:7.1f} s  {file}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "postgres_version" in metafunc.fixturenames:
        every = metafunc.definition.get_closest_marker("every_postgres") is not None
        versions = _versions(metafunc.config)
        metafunc.parametrize(
            "postgres_version", versions if every else versions[:1], indirect=True, scope="session", ids=_version_id
        )


def _version_id(major: object) -> str:
    return f"postgres{major}" if major else "postgres"


def _versions(config: pytest.Config) -> list[object]:
    """Return the majors to run on, newest first; 0 means whatever version a given server has."""
    kind: str = config.getoption("--postgres")
    asked: str | None = config.getoption("--postgres-versions")
    majors = [int(text) for text in asked.split(",")] if asked else []
    if kind == "container":
        return list(majors or [18])
    if kind != "embedded":
        return [0]
    present = {binaries.major for binaries in all_binaries()}
    versions: list[object] = []
    for major in majors or WANTED_MAJORS:
        if major in present:
            versions.append(major)
        elif asked or major in REQUIRED_MAJORS:
            reason = f"no PostgreSQL {major} on this machine (install it, or name its folder in CODEZEST_PG_BINDIR)"
            versions.append(pytest.param(major, marks=pytest.mark.skip(reason=reason)))
    # A missing newest version must not take the tests for one version with it.
    return sorted(versions, key=lambda version: not isinstance(version, int))


class Servers:
    """The servers of this test process, each started when first asked for."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._running: dict[int, Server | str] = {}
        self._migrated: set[int] = set()
        self._stack = ExitStack()
        self._lock = threading.RLock()

    def get(self, major: int) -> Server:
        """Return the server of a major version; skip the test, with the reason, where there can be none."""
        with self._lock:
            if major not in self._running:
                self._running[major] = self._start(major)
            found = self._running[major]
        if isinstance(found, str):
            pytest.skip(found)
        return found

    def template(self, major: int) -> str:
        """Return the name of the database that holds all migrations, and to which nobody connects."""
        with self._lock:
            server = self.get(major)
            name = f"{TEMPLATE}_{_worker()}"
            if major not in self._migrated:
                drop_database(server, name)
                create_database(server, name)
                apply_all(server.url(name))
                self._migrated.add(major)
                self._stack.callback(drop_database, server, name)
            return name

    def close(self) -> None:
        """Stop what was started, remove what was made."""
        self._stack.close()

    def _start(self, major: int) -> Server | str:
        if self._kind == "embedded":
            return self._stack.enter_context(temporary_server(find_binaries(major)))
        if self._kind == "container":
            return self._start_container(major)
        return RunningServer(self._kind)

    def _start_container(self, major: int) -> Server | str:
        # Read at import: no helper container that removes the others, as it would have to be pulled from a registry.
        os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
        from docker.errors import DockerException  # type: ignore[import-untyped]  # noqa: PLC0415
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

        image = os.environ.get("CODEZEST_TEST_IMAGE", "postgres:{major}").replace("{major}", str(major))
        try:
            container = PostgresContainer(image, username="postgres", dbname="postgres", driver=None)
            self._stack.enter_context(container)
        except DockerException as error:
            reason = f"no container of {image} can be run: {error}"
        else:
            return RunningServer(container.get_connection_url())
        _forget_sockets()
        return reason


def _forget_sockets() -> None:
    """Collect the sockets that Docker's client leaves open when it finds no engine, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def apply_all(url: str) -> None:
    """Apply every migration of the repository to an empty database, in order, each in one transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        for path in sorted(MIGRATIONS.glob("[0-9]*_*.sql")):
            if not path.name.endswith(".rollback.sql"):
                # Without parameters psycopg sends the whole text as one simple query, which is one transaction.
                connection.execute(path.read_bytes())


def create_database(server: Server, name: str, template: str = "template1") -> None:
    """Create a database; on a server with its data in memory this takes about 6 ms."""
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(server: Server, name: str) -> None:
    """Drop a database and end the sessions in it."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


_numbers = itertools.count(1)


def _worker() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """All servers of this test process."""
    found = Servers(pytestconfig.getoption("--postgres"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def postgres_version(request: pytest.FixtureRequest) -> int:
    """Return the major version of the test's server; 0 for a given URL."""
    major: int = request.param
    return major


@pytest.fixture(scope="session")
def server(servers: Servers, postgres_version: int) -> Server:
    """Return the server that this test process shares: make databases on it, never stop it."""
    return servers.get(postgres_version)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """Make a fresh, empty database."""
    name = f"test_{_worker()}_{next(_numbers)}"
    create_database(server, name)
    yield server.url(name)
    drop_database(server, name)


@pytest.fixture
def migrated(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    """Make a fresh database with all migrations of the repository."""
    name = f"test_{_worker()}_{next(_numbers)}"
    create_database(server, name, servers.template(postgres_version))
    yield server.url(name)
    drop_database(server, name)


@pytest.fixture(scope="session")
def migrated_shared(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    """Make one database with all migrations, shared by the tests that only read."""
    name = f"shared_{_worker()}_{next(_numbers)}"
    create_database(server, name, servers.template(postgres_version))
    yield server.url(name)
    drop_database(server, name)


@pytest.fixture
def unused_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """Make an empty project folder; its embedded server, if the test starts one, is removed afterwards."""
    root = tmp_path / "project"
    root.mkdir()
    yield root
    ProjectServer(root).reset()


@pytest.fixture
def new_server(
    pytestconfig: pytest.Config, postgres_version: int
) -> Iterator[Callable[[Mapping[str, str]], TemporaryServer]]:
    """Start a temporary server of this test alone, with settings: for tests that kill or restart it."""
    if pytestconfig.getoption("--postgres") != "embedded":
        pytest.skip("this test kills its server, so it needs an embedded one")
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(
            temporary_server(find_binaries(postgres_version), settings=settings)
        )


@pytest.fixture
def own_server(new_server: Callable[[Mapping[str, str]], TemporaryServer]) -> TemporaryServer:
    """Start a temporary server of this test alone, which loses no commit when killed."""
    return new_server({"synchronous_commit": "on"})
