"""The shapes of JSON and of arrays: found as the corpus says, and true of what real rows give."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.types import TypeInfo

from codezest_sql.core.describe.description import Analysis
from codezest_sql.core.describe.value_shape import JsonArray, JsonObject, Scalar
from codezest_sql.postgres.describe.describe import Analyst
from tests.postgres.catalog.catalog_cases import database_with
from tests.postgres.describe.shape_cases import CORPUS, ShapeCase, fits, read_shape_cases, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres
CASES = read_shape_cases("cases.sql")
FROM_16 = read_shape_cases("from_16.sql")
FROM_18 = read_shape_cases("from_18.sql")


@pytest.fixture(scope="module")
def rows(server: Server) -> Iterator[str]:
    """Make a database with the tables of the cases."""
    with ExitStack() as stack:
        yield stack.enter_context(database_with(server, (CORPUS / "schema.sql").read_bytes()))


@pytest.fixture(scope="module")
def analyst(rows: str) -> Iterator[Analyst]:
    with psycopg.connect(rows, autocommit=True) as connection, Analyst(connection) as analyst:
        yield analyst


@pytest.fixture
def session(rows: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(rows) as connection:
        mood = TypeInfo.fetch(connection, "mood")
        assert mood is not None
        mood.register(connection)
        yield connection
        connection.rollback()


def accepted(analyst: Analyst, text: str) -> Analysis:
    found = analyst.analyse(text)
    assert isinstance(found, Analysis), found
    return found


def check(analyst: Analyst, session: psycopg.Connection, case: ShapeCase) -> None:
    columns = accepted(analyst, case.statement).columns
    assert [written(column.shape, analyst.types) for column in columns] == [*case.expected]
    for column in columns:
        assert column.shape is None or column.shape.not_null == column.not_null
    parameters = [1] if "$1" in case.statement else None
    cursor = psycopg.RawCursor(session)
    for row in cursor.execute(case.statement.encode(), parameters).fetchall():
        for value, column in zip(row, columns, strict=True):
            assert column.shape is None or fits(value, column.shape, analyst.types)
            assert not column.elements_not_null or value is None or None not in value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_a_value_has_the_shape_that_the_case_says(
    analyst: Analyst, session: psycopg.Connection, case: ShapeCase
) -> None:
    check(analyst, session, case)


@pytest.mark.parametrize("case", FROM_16, ids=lambda case: case.sentence)
def test_the_constructors_of_the_standard_have_shapes(
    analyst: Analyst, session: psycopg.Connection, case: ShapeCase
) -> None:
    if session.info.server_version < 160000:
        pytest.skip("syntax of PostgreSQL 16")
    check(analyst, session, case)


@pytest.mark.parametrize("case", FROM_18, ids=lambda case: case.sentence)
def test_rows_before_and_after_have_shapes(analyst: Analyst, session: psycopg.Connection, case: ShapeCase) -> None:
    if session.info.server_version < 180000:
        pytest.skip("syntax of PostgreSQL 18")
    check(analyst, session, case)


def test_a_leaf_knows_the_table_column_that_it_is(analyst: Analyst) -> None:
    statement = "WITH w AS (SELECT u.id AS x, u.name || '' AS y, u.prefs AS z FROM usr u) SELECT jsonb_agg(w) FROM w"
    shape = accepted(analyst, statement).columns[0].shape
    assert isinstance(shape, JsonArray)
    assert isinstance(shape.element, JsonObject)
    leaves = [each for _, each in shape.element.fields]
    origins = [each.origin for each in leaves if isinstance(each, Scalar)]
    assert [(each.table, each.column) if each else None for each in origins] == [
        ("usr", "id"),
        None,
        ("usr", "prefs"),
    ]


def test_a_key_in_another_encoding_is_not_guessed(server: Server) -> None:
    """The tree has texts as the bytes of the database, and names as those of the session."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS latin")
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    statement = (
        "SELECT jsonb_build_object('é', 1), jsonb_build_object('e', 1), to_jsonb(s) FROM (SELECT 1 AS \"é\") s"
    )
    with psycopg.connect(server.url("latin"), autocommit=True) as connection, Analyst(connection) as analyst:
        shapes = [written(each.shape, analyst.types) for each in accepted(analyst, statement).columns]
    assert shapes == ["-", "{e: integer!}!", "{é: integer!}!"]


def test_only_arrays_of_sql_have_elements_of_sql(analyst: Analyst) -> None:
    columns = accepted(
        analyst, "SELECT array_agg(id), jsonb_agg(id), tags, ARRAY[NULL] FROM usr GROUP BY tags"
    ).columns
    assert [column.elements_not_null for column in columns] == [True, False, False, False]
