"""Runs one new migration on the schema of the shop, beside the queries of its release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.actions.flight import Flight, fly
from codezest_sql.actions.query_folder import QueryFile
from codezest_sql.actions.released_queries import name_queries
from codezest_sql.core.migration_folder import FoundFile, assemble
from codezest_sql.core.settings import Settings
from tests.postgres.shop import QUERIES, SCHEMA

if TYPE_CHECKING:
    from pathlib import Path


def flown(folder: Path, change: str) -> Flight:
    settings = Settings(str(folder), str(folder), str(folder))
    files = [FoundFile("0001_shop.sql", "0001_shop.sql", SCHEMA.encode())]
    base = assemble(files, folder="migrations")
    all_of_it = assemble([*files, FoundFile("0002_new.sql", "0002_new.sql", change.encode())], folder="migrations")
    queries = name_queries([QueryFile("v1:q/items.sql", "items.sql", QUERIES.encode())], settings, "v1")
    return fly(settings, base, all_of_it.migrations[1:], queries, frozenset())
