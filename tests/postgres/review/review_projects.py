"""Runs new migrations on the schema of the shop, next to the queries of its release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.actions.queries.folder import QueryFile
from codezest_sql.actions.review.broken_queries import Flight, fly
from codezest_sql.actions.review.release import name_queries
from codezest_sql.core.migrations.files.folder import assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.settings import Settings
from tests.postgres.queries.shop import QUERIES, SCHEMA

if TYPE_CHECKING:
    from pathlib import Path


def flown(folder: Path, *changes: str) -> Flight:
    settings = Settings(str(folder), str(folder), str(folder))
    first = FoundFile("0001_shop.sql", "0001_shop.sql", SCHEMA.encode())
    names = [f"{number:04}_new.sql" for number in range(2, len(changes) + 2)]
    new = [FoundFile(name, name, change.encode()) for name, change in zip(names, changes, strict=True)]
    base = assemble([first], folder="migrations")
    all_of_it = assemble([first, *new], folder="migrations")
    queries = name_queries([QueryFile("v1:q/items.sql", "items.sql", QUERIES.encode())], settings, "v1")
    return fly(settings, base, all_of_it.migrations[1:], queries, frozenset())
