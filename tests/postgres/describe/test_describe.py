"""What the server says of a statement arrives whole: types, names, origins, refusals; and nothing is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.describe.description import Analysis, Refusal
from codezest_sql.core.describe.types import Origin
from codezest_sql.errors import ConnectionLostError
from codezest_sql.postgres.catalog_cursor import catalog_cursor
from codezest_sql.postgres.describe.describe import Analyst

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE shop.colour AS ENUM ('red', 'green');
CREATE TYPE shop.place AS (street text, zip int);
CREATE DOMAIN shop.mail AS text NOT NULL;
CREATE DOMAIN shop.work_mail AS shop.mail;
CREATE TYPE shop.span AS RANGE (subtype = int);
CREATE TABLE shop.item (id bigint PRIMARY KEY, colour shop.colour NOT NULL, tags text[], "odd ""name" shop.place,
    during shop.span, owner shop.work_mail, price numeric(9, 2));
CREATE VIEW shop.red AS SELECT id, price FROM shop.item WHERE colour = 'red';
"""


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    """Connect to a database with one of each kind of type."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        yield connection


@pytest.fixture
def analyst(connection: psycopg.Connection) -> Analyst:
    """Analyse on this connection."""
    return Analyst(connection)


def accepted(analyst: Analyst, text: str) -> Analysis:
    """Return the analysis of a statement that the server accepts."""
    found = analyst.analyse(text)
    assert isinstance(found, Analysis), found
    return found


def refused(analyst: Analyst, text: str) -> Refusal:
    """Return why the server refuses a statement."""
    found = analyst.analyse(text)
    assert isinstance(found, Refusal), found
    return found


@pytest.mark.every_postgres
def test_a_column_has_its_name_its_type_and_its_origin(connection: psycopg.Connection, analyst: Analyst) -> None:
    row = connection.execute("SELECT 'shop.item'::regclass::oid::int").fetchone()
    assert row is not None
    columns = accepted(analyst, "SELECT *, id + 1 AS more FROM shop.item").columns
    assert [(column.name, column.type_name) for column in columns] == [
        ("id", "bigint"),
        ("colour", "shop.colour"),
        ("tags", "text[]"),
        ('odd "name', "shop.place"),
        ("during", "shop.span"),
        ("owner", "text"),
        ("price", "numeric"),
        ("more", "bigint"),
    ]
    assert columns[3].origin == Origin(row[0], 4, "shop", "item", 'odd "name', columns[3].type_oid)
    assert columns[7].origin is None
    declared = columns[5].origin
    assert declared is not None
    assert analyst.types[declared.type_oid].name == "shop.work_mail"
    assert [column.not_null for column in columns] == [True, True, *[False] * 5, True]


@pytest.mark.every_postgres
def test_types_are_known_by_their_parts(analyst: Analyst) -> None:
    types = {each.name: each for each in analyst.types.values()}
    assert types["shop.colour"].labels == ("red", "green")
    assert types["shop.colour[]"].element == types["shop.colour"].oid
    assert [(name, types["text"].oid == oid) for name, oid in types["shop.place"].attributes] == [
        ("street", True),
        ("zip", False),
    ]
    assert types["shop.span"].subtype == types["integer"].oid
    assert types["shop.work_mail"].base == types["shop.mail"].oid
    assert types["shop.mail"].not_null
    assert {types["shop.mail"].oid, types["shop.work_mail"].oid} <= analyst.facts.catalog.not_null_domains


def test_a_parameter_has_the_type_that_the_server_found(analyst: Analyst) -> None:
    found = accepted(analyst, "UPDATE shop.item SET colour = $1, tags = $2 WHERE id = $3 AND owner = $4")
    assert [each.type_name for each in found.parameters] == ["shop.colour", "text[]", "bigint", "text"]
    assert not found.returns_rows


def test_a_parameter_that_is_declared_nullable_makes_its_column_nullable(analyst: Analyst) -> None:
    statement = "SELECT $1::int AS one, $2::int AS two"
    found = analyst.analyse(statement, nullable=[2])
    assert isinstance(found, Analysis)
    assert [column.not_null for column in found.columns] == [True, False]
    assert [each.may_be_null for each in found.parameters] == [False, True]


def test_a_refusal_has_the_servers_words_and_the_place(analyst: Analyst) -> None:
    found = refused(analyst, "SELECT 'ä', pricee FROM shop.item")
    assert found.message == 'column "pricee" does not exist'
    assert found.sqlstate == "42703"
    assert found.position == 13
    assert found.hint is not None


@pytest.mark.parametrize("text", ["SELECT 1; SELECT 2", "SELEC", "SELECT $1 + $1::text::date::int", "SELECT '"])
def test_after_a_refusal_the_next_statement_is_analysed(analyst: Analyst, text: str) -> None:
    refused(analyst, text)
    assert accepted(analyst, "SELECT 1").columns[0].not_null


@pytest.mark.parametrize(
    "text", ["", "-- nothing", "SET work_mem = '1MB'", "CREATE TABLE t (id int)", "SHOW work_mem"]
)
def test_what_is_no_query_has_no_proof(analyst: Analyst, text: str) -> None:
    assert not any(column.not_null for column in accepted(analyst, text).columns)


def test_a_rule_that_makes_several_statements_proves_nothing(
    connection: psycopg.Connection, analyst: Analyst
) -> None:
    connection.execute(
        "CREATE VIEW both_tables AS SELECT 1 AS n; CREATE TABLE t (n int NOT NULL);"
        "CREATE RULE r AS ON INSERT TO both_tables "
        "DO INSTEAD (INSERT INTO t VALUES (new.n); INSERT INTO t VALUES (1))"
    )
    assert accepted(analyst, "INSERT INTO both_tables VALUES (1)").columns == ()


def test_a_changed_schema_is_read_again_when_told(connection: psycopg.Connection, analyst: Analyst) -> None:
    assert not accepted(analyst, "SELECT price FROM shop.red").columns[0].not_null
    connection.execute("ALTER TABLE shop.item ALTER price SET NOT NULL")
    analyst.forget()
    assert accepted(analyst, "SELECT price FROM shop.red").columns[0].not_null


def test_a_wide_name_that_breaks_the_printed_lines_is_still_found(analyst: Analyst) -> None:
    """The server breaks its lines at spaces, also at one within a name."""
    name = " ".join(["wide"] * 12)
    found = accepted(analyst, f'WITH "{name}" AS (SELECT id FROM shop.item) SELECT id AS "{name}" FROM "{name}"')
    assert found.columns[0].not_null


def test_a_name_full_of_brackets_is_no_bracket(analyst: Analyst) -> None:
    found = accepted(
        analyst, 'WITH "({:x" AS (SELECT id AS "})" FROM shop.item) SELECT "})" AS ":resjunk" FROM "({:x"'
    )
    assert found.columns[0].not_null


def test_the_session_is_left_as_it_was(connection: psycopg.Connection) -> None:
    settings = "SELECT current_setting('debug_print_rewritten'), current_setting('client_min_messages')"
    with Analyst(connection) as analyst:
        accepted(analyst, "SELECT 1")
    assert connection.execute(settings).fetchone() == ("off", "notice")


def test_reading_the_catalogs_leaves_the_search_path_of_an_open_transaction(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL search_path = lib, pg_catalog")
        with catalog_cursor(connection) as cursor:
            assert cursor.execute("SHOW search_path").fetchone() == ('""',)
        assert connection.execute("SHOW search_path").fetchone() == ("lib, pg_catalog",)


def test_a_statement_is_sent_as_it_is_whatever_the_session_speaks(connection: psycopg.Connection) -> None:
    connection.execute("SET client_encoding = 'LATIN1'")
    with Analyst(connection) as analyst:
        assert accepted(analyst, 'SELECT 1 AS "é€"').columns[0].name == "é€"


def test_a_session_that_ends_meanwhile_is_a_lost_connection(connection: psycopg.Connection, database: str) -> None:
    analyst = Analyst(connection)
    accepted(analyst, "SELECT 1")
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        wait = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        while other.execute(wait, [connection.info.backend_pid]).fetchone() != (0,):
            pass
    with pytest.raises(ConnectionLostError):
        analyst.analyse("SELECT 1")
