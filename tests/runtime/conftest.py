"""Fixtures of the runtime: ``db`` is a database by every face and way, ``connect`` opens more of the same kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.runtime.faces import WAYS, Face, connecting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Return a face and a way, such as ``async-cursor``."""
    name: str = request.param
    return name


@pytest.fixture
def connect(way: str) -> Iterator[Callable[..., Face]]:
    """Give what opens databases of the test's face and way."""
    with connecting(way) as made:
        yield made


@pytest.fixture
def db(connect: Callable[..., Face], database: str) -> Face:
    """Open the test's own, empty database."""
    return connect(database)


@pytest.fixture
def execute(database: str) -> Iterator[Callable[[str], None]]:
    """Give what runs SQL next to the runtime, each at once committed."""
    with psycopg.connect(database, autocommit=True) as connection:

        def at_once(text: str) -> None:
            connection.execute(text.encode())

        yield at_once
