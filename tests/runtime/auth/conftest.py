"""Fixtures of the auth service: ``db`` has all migrations, ``other`` is another session, ``sql`` is neither's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.runtime.auth.service import Sql
from tests.runtime.faces import connecting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.faces import Face


@pytest.fixture
def database(migrated: str) -> str:
    """Return the URL of a copy of the migrated database: what ``db`` of the runtime's tests opens."""
    return migrated


@pytest.fixture
def other(way: str, database: str) -> Iterator[Face]:
    """Open another session of the same face and way; a thread of its own may use it."""
    with connecting(way) as connect:
        yield connect(database)


@pytest.fixture
def sql(database: str) -> Iterator[Sql]:
    """Give what runs SQL beside the service, each statement at once committed."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield Sql(connection)
