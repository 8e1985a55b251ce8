"""Fixtures of the payments service: ``db`` has all migrations, ``sql`` runs what the service has no query for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.conftest import create_database, drop_database
from tests.runtime.auth.service import Sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

# Invoices before what settles them; everything else belongs to a user, and goes with them.
EMPTY = "; ".join(
    f"DELETE FROM {table}"
    for table in ("payments.invoices", "payments.transactions", "payments.subscriptions", "auth.users")
)


@pytest.fixture(params=["sync-fast", "async-cursor"])
def way(request: pytest.FixtureRequest) -> str:
    """Return a face and a way; that the four agree is verified by the tests of the auth service."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def paid_in(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    """Make the database of these tests, a copy of the migrated one."""
    name = f"payments_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    yield server.url(name)
    drop_database(server, name)


@pytest.fixture
def database(paid_in: str) -> Iterator[str]:
    """Return the URL of a migrated database without rows."""
    yield paid_in
    with psycopg.connect(paid_in, options="-c lock_timeout=600s") as connection:
        connection.execute(EMPTY.encode())


@pytest.fixture
def sql(database: str) -> Iterator[Sql]:
    """Give what runs SQL next to the service, each statement at once committed."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield Sql(connection)
