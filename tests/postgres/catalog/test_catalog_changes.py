"""Whatever is changed by hand is named, and nothing else is: each kind of object, each fact of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.schema.diff import Action, Diff, diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.drift import as_every_version
from codezest_sql.core.schema.objects import ObjectKey, fingerprint
from codezest_sql.postgres.catalog.reader import read_schema
from tests.postgres.catalog.catalog_cases import EVERY_KIND, Case, database_with, read_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.schema.objects import Schema
    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres
CASES = read_cases()
SEED = 20240229


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[psycopg.Connection]:
    """Connect to a database that holds one of everything, shared by the tests: each rolls back what it does."""
    with database_with(server, EVERY_KIND) as url, psycopg.connect(url) as connected:
        yield connected


@pytest.fixture(scope="module")
def untouched(connection: psycopg.Connection) -> Schema:
    """Read the database before anything is changed."""
    return read_schema(connection)


def changed(connection: psycopg.Connection, *cases: Case) -> Schema:
    """Return the schema after these changes, and undo them."""
    me = connection.info.user
    try:
        for case in cases:
            connection.execute(case.statement.replace("{me}", me).encode())
        return read_schema(connection)
    finally:
        connection.rollback()


def facts(found: Diff) -> set[tuple[Action, ObjectKey, str]]:
    """Return the diff as a set: each added and removed object, each changed property."""
    return {
        (change.action, change.key, fact)
        for change in found.changes
        for fact in ([""] if change.action is not Action.CHANGED else [each.name for each in change.properties])
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_by_hand_is_named_and_nothing_else(
    connection: psycopg.Connection, untouched: Schema, case: Case
) -> None:
    """The whole text of the diff is the expected one, and the way back is a diff as well."""
    if connection.info.server_version < case.since * 10_000:
        pytest.skip(f"syntax of PostgreSQL {case.since}")
    after = changed(connection, case)
    sides = (untouched, after) if case.since >= 18 else (as_every_version(untouched), as_every_version(after))
    assert render_text(diff(*sides)) == case.words.replace("{me}", connection.info.user)
    assert len(diff(after, untouched).changes) == len(diff(untouched, after).changes)
    assert fingerprint(after) != fingerprint(untouched)


def test_an_untouched_database_has_no_difference(connection: psycopg.Connection, untouched: Schema) -> None:
    """Read again after every change of this file was made and rolled back."""
    again = read_schema(connection)
    assert not diff(untouched, again)
    assert fingerprint(untouched) == fingerprint(again)
    assert render_text(diff(untouched, again)) == ""


@pytest.mark.parametrize("seed", range(SEED, SEED + 8))
def test_several_changes_at_once_are_named_as_each_is_alone(
    connection: psycopg.Connection, untouched: Schema, seed: int
) -> None:
    """A random handful of changes gives exactly the union of their differences."""
    version = connection.info.server_version // 10_000
    possible = [case for case in CASES if not case.alone and version >= case.since]
    chosen = random.Random(seed).sample(possible, 12)
    together = facts(diff(untouched, changed(connection, *chosen)))
    one_by_one = [facts(diff(untouched, changed(connection, case))) for case in chosen]
    assert together == set[tuple[Action, ObjectKey, str]]().union(*one_by_one)
