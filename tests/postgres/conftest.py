"""Databases with the library of ``trace_cases``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.conftest import create_database, drop_database
from tests.postgres.review.trace_cases import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server

_TEMPLATE, _SHARED, _OWN = (f"library_{name}_{os.getpid()}" for name in ("template", "shared", "own"))


@pytest.fixture(scope="session")
def _library_template(server: Server) -> Iterator[str]:
    create_database(server, _TEMPLATE)
    with psycopg.connect(server.url(_TEMPLATE), autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    yield _TEMPLATE
    drop_database(server, _TEMPLATE)


@pytest.fixture(scope="session")
def library(server: Server, _library_template: str) -> Iterator[str]:
    """Make a library for all tests that take back what they do."""
    create_database(server, _SHARED, _library_template)
    yield server.url(_SHARED)
    drop_database(server, _SHARED)


@pytest.fixture
def own_library(server: Server, _library_template: str) -> Iterator[str]:
    """Make a library of one test's own."""
    create_database(server, _OWN, _library_template)
    yield server.url(_OWN)
    drop_database(server, _OWN)
