"""The server prepares what query files are rewritten to, sees the parameters that were found, and no others.

And where it refuses a text, its position leads back to what it means in the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.query_files.reading import Dialect, Query, Variant, read_query_file
from codezest_sql.core.query_files.variants import variants
from tests.paths import CASES
from tests.postgres.queries.query_texts import FROM_16, NASTY, SQLC, WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.every_postgres

SCHEMA = """
CREATE SCHEMA auth;
CREATE TABLE auth.users (
    id bigint PRIMARY KEY, email text, name text, role text, note text, created_at timestamptz,
    updated_at timestamptz, deleted_at timestamptz
);
CREATE TABLE t (
    id int PRIMARY KEY, a int[], b int[][], n int, lo int, hi int, j jsonb, x text, d date, r int4range, "Tag" text,
    "t:a" text
);
CREATE FUNCTION named(days int, hours int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT days + hours';
"""


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        yield connection


def read(text: str, dialect: Dialect = Dialect.NATIVE) -> Query:
    (query,) = read_query_file(f"-- name: q :many\n{text}\n;\n", file="q.sql", dialect=dialect)
    return query


def described(connection: psycopg.Connection, variant: Variant) -> str:
    """Return the parameters and their types, as the server infers them when it prepares the text."""
    result = connection.pgconn.prepare(b"", variant.text.encode())
    assert not result.error_message, f"{variant.text}\n{result.error_message.decode()}"
    described = connection.pgconn.describe_prepared(b"")
    oids = [described.param_type(number) for number in range(described.nparams)]
    names = "SELECT format_type(oid, NULL) FROM unnest(%s::oid[]) WITH ORDINALITY AS o (oid, n) ORDER BY n"
    types = [row[0] for row in connection.execute(names, [oids])]
    assert len(types) == len(variant.parameters)
    return ", ".join(f"{name} {kind}" for name, kind in zip(variant.parameters, types, strict=True))


@pytest.mark.parametrize(("text", "types"), NASTY, ids=range(len(NASTY)))
def test_the_server_prepares_the_text_with_just_these_parameters(
    connection: psycopg.Connection, text: str, types: str
) -> None:
    assert described(connection, read(text).full) == types


@pytest.mark.parametrize(("text", "types"), FROM_16)
def test_the_colon_of_a_json_constructor_divides_a_key_from_its_value(
    connection: psycopg.Connection, text: str, types: str
) -> None:
    if connection.info.server_version < 160000:
        pytest.skip("SQL/JSON constructors came with PostgreSQL 16")
    assert described(connection, read(text).full) == types


@pytest.mark.parametrize(("text", "types"), SQLC, ids=range(len(SQLC)))
def test_the_server_prepares_what_was_written_for_sqlc(connection: psycopg.Connection, text: str, types: str) -> None:
    assert described(connection, read(text, Dialect.SQLC).full) == types


def test_the_server_prepares_every_variant_of_a_query_with_parts(connection: psycopg.Connection) -> None:
    query = read(
        """SELECT id FROM t WHERE true
        -- :if x
        AND x = :x
        -- :end
        -- :if n
        AND n BETWEEN :n AND :hi
            -- :if lo
            AND lo IN (SELECT :lo::int)
            -- :end
        -- :end
        -- :order newest
        ORDER BY id DESC
        -- :order nearest
        -- ORDER BY abs(n - :near), -- the nearest first
        --   id
        -- :end
        LIMIT :limit"""
    )
    found = variants(query)
    assert len(found) == 2 * 3 * 2
    for variant in found:
        described(connection, variant)
        assert list(variant.parameters) == [each.name for each in query.parameters if each.is_in(variant.choice)]


@pytest.mark.parametrize(("text", "meant"), WRONG)
def test_what_the_server_refuses_is_found_in_the_file(connection: psycopg.Connection, text: str, meant: str) -> None:
    query = read(text)
    file = query.source.text
    refused = [variant for variant in variants(query) if _position(connection, variant)]
    assert refused
    for variant in refused:
        place = variant.place(_position(connection, variant))
        assert file.split("\n")[place.line - 1][place.column - 1 :].startswith(meant)


def test_an_error_at_the_end_of_the_input_is_at_the_end_of_the_statement(connection: psycopg.Connection) -> None:
    query = read("SELECT id FROM t\nWHERE   -- nothing\n")
    place = query.full.place(_position(connection, query.full))
    assert (place.line, place.column) == (3, 6)


def _position(connection: psycopg.Connection, variant: Variant) -> int:
    """Return the position of the server's error, from 1; 0 where it prepares the text."""
    result = connection.pgconn.prepare(b"", variant.text.encode())
    position = re.search(rb"\d+", result.error_field(psycopg.pq.DiagnosticField.STATEMENT_POSITION) or b"")
    return int(position[0]) if position else 0


def test_the_good_queries_of_the_corpus_are_accepted_by_the_servers_parser(connection: psycopg.Connection) -> None:
    """Their tables do not exist: any error but one of syntax will do."""
    cases = CASES / "queries"
    for path in [*(cases / "good").glob("*.sql"), cases / "sqlc" / "authors.sql"]:
        dialect = Dialect.SQLC if path.parent.name == "sqlc" else Dialect.NATIVE
        for query in read_query_file(path.read_bytes(), file=path.name, dialect=dialect):
            if query.name == "json_constructors" and connection.info.server_version < 160000:
                continue
            for variant in variants(query):
                result = connection.pgconn.prepare(b"", variant.text.encode())
                state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)
                assert state != b"42601", f"{variant.text}\n{result.error_message.decode()}"
