"""Names of sqlc's ``$1``: tests/cases/parameter_names has a statement for each place where a parameter can stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql import load_queries
from codezest_sql.core.describe.description import Analysis
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.parameter_names import name_parameters
from codezest_sql.core.query_files.reading import read_query_file
from codezest_sql.postgres.describe.describe import Analyst, Asked
from tests.check_project import CheckProject
from tests.paths import CASES
from tests.postgres.catalog.catalog_cases import database_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server

FOLDER = CASES / "parameter_names"


@pytest.fixture
def analyst(server: Server) -> Iterator[Analyst]:
    """Analyse statements on the tables of the cases."""
    with (
        database_with(server, FOLDER.joinpath("schema.sql").read_bytes()) as url,
        psycopg.connect(url, autocommit=True) as connection,
        Analyst(connection) as found,
    ):
        yield found


def names(analyst: Analyst, statement: str) -> str:
    """Return the names of a statement's parameters, in the order of their numbers."""
    (query,) = read_query_file(f"-- name: Q :exec\n{statement};", file="q.sql", dialect=Dialect.SQLC)
    (found,) = analyst.analyse_all([Asked(query.text, named=True)])
    assert isinstance(found, Analysis), found
    named, ((variant, _),) = name_parameters(query, [(query.full, found)])
    assert variant.parameters == named.full.parameters
    assert {piece.parameter for piece in named.pieces} - {None} == {*variant.parameters}
    return " ".join(each.name for each in named.parameters)


@pytest.mark.every_postgres
def test_a_parameter_is_named_as_what_it_is_compared_with_assigned_to_or_passed_as(analyst: Analyst) -> None:
    blocks = FOLDER.joinpath("cases.sql").read_text("utf-8").strip().split("\n\n")
    cases = [block.split(";\n-- ") for block in blocks]
    wrong = {statement: found for statement, expected in cases if (found := names(analyst, statement)) != expected}
    assert wrong == {}


def test_arguments_of_call_and_parameters_of_an_explained_query_are_named(analyst: Analyst) -> None:
    """From 16 on; 15 does not print the trees of such statements, so that these stay ``arg_1``."""
    assert names(analyst, "CALL proc($1, $2)") == "x y"
    assert names(analyst, "CALL proc(y => $2, x => $1)") == "x y"
    assert names(analyst, "EXPLAIN SELECT 1 FROM people WHERE email = $1") == "email"


FILE = """-- name: NextPage :many
SELECT id FROM posts WHERE (author, id) > ($1, $2) ORDER BY author, id LIMIT $3;
-- name: Find :many
SELECT id FROM posts WHERE title = @title AND author = $2;
"""


def test_a_file_that_is_loaded_at_run_time_has_the_names_of_its_snapshot(tmp_path: Path) -> None:
    project = CheckProject(tmp_path, 'dialect = "sqlc"')
    assert project.check(q=FILE).code == 0
    queries = load_queries(project.queries / "q.sql", dialect="sqlc")
    assert repr(queries.next_page) == "<query q.next_page(author, id, limit)>"
    assert repr(queries.find) == "<query q.find(title, author)>"
    queries = load_queries(project.queries, dialect="sqlc")
    assert "(author, id, limit)" in repr(queries.q.next_page)


def test_without_a_snapshot_of_this_very_text_numbers_are_numbers(tmp_path: Path) -> None:
    project = CheckProject(tmp_path, 'dialect = "sqlc"')
    assert project.check(q=FILE).code == 0
    project.write({"q.sql": FILE.replace("(author, id)", "(id, author)")})
    queries = load_queries(project.queries / "q.sql", dialect="sqlc")
    assert repr(queries.next_page) == "<query q.next_page(arg_1, arg_2, arg_3)>"
    assert repr(queries.find) == "<query q.find(title, arg_2)>"
    (project.queries / "snapshot.json").write_text("{}", "utf-8")
    assert "(arg_1, arg_2, arg_3)" in repr(load_queries(project.queries / "q.sql", dialect="sqlc").next_page)


@pytest.mark.parametrize(
    ("statement", "message", "hint"),
    [
        ("SELECT 1 FROM people WHERE id = $1 AND email = $3", "2:48: error: could not determine", "write $2 for $3"),
        ("SELECT $2::int", "2:8: error: could not determine data type of parameter $1", "write $1 for $2"),
        (
            "SELECT $4::int, @x::int, $1::int",
            "2:8: error: could not determine data type of parameter $3",
            "$3 for $4",
        ),
    ],
)
def test_a_gap_in_the_numbers_is_refused_as_the_server_does(
    tmp_path: Path, statement: str, message: str, hint: str
) -> None:
    err = CheckProject(tmp_path, 'dialect = "sqlc"').refused(f"-- name: Q :exec\n{statement};\n")
    assert message in err
    assert hint in err


HINTS = {
    "SELECT id FROM people WHERE id IN :p": "write = ANY(:p)",
    "SELECT id FROM people WHERE id NOT IN :p": "write <> ALL(:p)",
    "SELECT id FROM people WHERE id = ANY :p": "write ANY(:p)",
    "SELECT now() - INTERVAL :p": "write :p::interval",
    "SELECT now() - INTERVAL :p DAY": "write :p::interval, or make_interval(days => :p)",
    "SELECT DATE :p": "write :p::date",
    "SELECT timestamp with time zone :p": "write :p::timestamptz",
    "SELECT TIME /* of day */ :p": "write :p::time",
    "SELECT uuid :p": "write :p::uuid",
    "SELECT double precision :p": "write :p::float8",
    "INSERT INTO people (email) VALUES :p": "write VALUES (:p)",
    "SELECT ARRAY :p": "write :p alone",
    "SELECT id FROM :p": ":p means a value: write the name of the relation",
    "UPDATE people SET :p = 'a'": ":p means a value, not for a name",
    "SELECT id FROM people ORDER BY id :p": ":p means a value, not for a name, a keyword",
    "SET work_mem = :p": "set_config('name', :p, false)",
}


def test_a_parameter_where_none_can_be_has_a_hint_that_names_what_to_write(tmp_path: Path) -> None:
    names = [f"q_{number}" for number in range(len(HINTS))]
    text = "\n".join(f"-- name: {name} :exec\n{sql};" for name, sql in zip(names, HINTS, strict=True))
    err = CheckProject(tmp_path).refused(f"{text}\n")
    blocks = err.split("q.sql")[1:]
    assert len(blocks) == len(HINTS)
    wrong = [hint for hint, block in zip(HINTS.values(), blocks, strict=True) if hint not in block]
    assert wrong == []


def test_messages_show_a_parameter_as_the_file_writes_it(tmp_path: Path) -> None:
    project = CheckProject(tmp_path, 'dialect = "sqlc"')
    err = project.refused("-- name: Q :exec\nSELECT $1;\n-- name: R :exec\nSELECT 1 WHERE 1 IN $1;\n")
    assert "write = ANY($1)" in err
    assert "arg_1" not in err
