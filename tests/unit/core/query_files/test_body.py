"""The text that generated code carries of a query with parts is that query again, in either dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.query_files.body import query_body
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.reading import read_queries, read_query_file
from codezest_sql.core.query_files.variants import variants
from tests.paths import CASES

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.core.query_files.query import Query

FOLDER = CASES / "queries"
FILES = sorted([*(FOLDER / "good").glob("*.sql"), FOLDER / "sqlc" / "authors.sql"])


def again(query: Query) -> Query:
    (found,) = read_query_file(f"-- name: {query.name} :{query.kind}\n{query_body(query)}\n", file="again.sql")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_body_of_a_query_is_the_query(path: Path) -> None:
    dialect = Dialect.SQLC if path.parent.name == "sqlc" else Dialect.NATIVE
    read = read_queries(path.read_bytes(), file=path.name, dialect=dialect)
    assert read.queries
    for query in read.queries:
        found = again(query)
        assert {one.name for one in found.parameters} == {one.name for one in query.parameters}
        if dialect is Dialect.NATIVE:  # sqlc numbers its parameters in an order of its own
            assert [one.text for one in variants(found)] == [one.text for one in variants(query)]


def test_a_part_at_the_beginning_keeps_its_line() -> None:
    (query,) = read_query_file(
        "-- name: a :many\n-- What it is.\n  -- :if x\n  WITH b AS (SELECT :x::int)\n  -- :end\nSELECT 1; -- more\n",
        file="a.sql",
    )
    assert query_body(query) == "  -- :if x\n  WITH b AS (SELECT :x::int)\n  -- :end\nSELECT 1;"
