"""Fixtures of the auth service: ``db`` has all migrations, ``other`` is another session, ``sql`` is neither's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.conftest import create_database, drop_database
from tests.runtime.auth.service import Sql
from tests.runtime.faces import connecting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers
    from tests.runtime.faces import Face

# Everything else belongs to a user, and goes with them.
EMPTY = "; ".join(
    f"DELETE FROM {table}"
    for table in ("payments.transactions", "payments.subscriptions", "activity.analytics_events", "auth.users")
)


@pytest.fixture(scope="session")
def lived_in(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    """Make the database of these tests, a copy of the migrated one: deleting rows is quicker than a database."""
    name = f"auth_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    yield server.url(name)
    drop_database(server, name)


@pytest.fixture
def database(lived_in: str) -> Iterator[str]:
    """Return the URL of a migrated database without rows: what ``db`` of the runtime's tests opens."""
    yield lived_in
    with psycopg.connect(lived_in, options="-c lock_timeout=600s") as connection:
        connection.execute(EMPTY.encode())


@pytest.fixture
def other(way: str, database: str) -> Iterator[Face]:
    """Open another session of the same face and way; a thread of its own may use it."""
    with connecting(way) as connect:
        yield connect(database)


@pytest.fixture
def sql(database: str) -> Iterator[Sql]:
    """Give what runs SQL next to the service, each statement at once committed."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield Sql(connection)
