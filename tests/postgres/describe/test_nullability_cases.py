"""Each case of tests/cases/nullability, on every version: nothing is called not NULL that is, nothing is missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import pq

from codezest_sql.core.describe.description import Analysis
from codezest_sql.postgres.describe.describe import Analyst
from tests.postgres.describe.nullability_cases import Case, database_of_cases, read_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres
COLUMNS = read_cases("columns.sql", "more_columns.sql")
PARAMETERS = read_cases("parameters.sql")
SINGLE_ROWS = read_cases("single_rows.sql")
# Keys for single_rows.sql, next to the tables of all cases.
MAIL = b"""
CREATE TABLE mail (id bigint PRIMARY KEY, address text NOT NULL, owner int, slot varchar(9), deleted_at timestamptz,
    later int UNIQUE DEFERRABLE, UNIQUE (owner, slot));
CREATE UNIQUE INDEX ON mail (lower(address)) WHERE deleted_at IS NULL;
CREATE PROCEDURE next_number(INOUT number int) LANGUAGE plpgsql AS 'BEGIN number := number + 1; END'
"""


@pytest.fixture(scope="module")
def database_url(server: Server) -> Iterator[str]:
    """Make the tables and rows of the cases."""
    with database_of_cases(server) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(MAIL)
        yield url


@pytest.fixture(scope="module")
def analyst(database_url: str) -> Iterator[Analyst]:
    """Analyse on a session of its own."""
    with psycopg.connect(database_url, autocommit=True) as connection, Analyst(connection) as analyst:
        yield analyst


@pytest.fixture(scope="module")
def session(database_url: str) -> Iterator[psycopg.Connection]:
    """Run statements, and roll back what they do."""
    with psycopg.connect(database_url) as connection:
        yield connection


def analysed(analyst: Analyst, case: Case) -> Analysis:
    """Return what is verified of a case."""
    if analyst.facts.catalog.version < case.since:
        pytest.skip(f"syntax of PostgreSQL {case.since}")
    found = analyst.analyse(case.statement, nullable=case.nullable)
    assert isinstance(found, Analysis), found
    return found


def nulls(session: psycopg.Connection, case: Case) -> tuple[bool, ...]:
    """Run a case and tell for each column whether a row has a NULL in it."""
    session.execute("SELECT 1")  # opens the transaction
    try:
        result = session.pgconn.exec_params(case.statement.encode(), case.texts())
        assert result.status == pq.ExecStatus.TUPLES_OK, result.error_message
        return tuple(
            any(result.get_value(row, column) is None for row in range(result.ntuples))
            for column in range(result.nfields)
        )
    finally:
        session.rollback()


@pytest.mark.parametrize("case", COLUMNS, ids=lambda case: case.sentence)
def test_a_column_is_not_null_exactly_when_the_case_says_so(
    analyst: Analyst, session: psycopg.Connection, case: Case
) -> None:
    found = [column.not_null for column in analysed(analyst, case).columns]
    pairs = [*zip(case.expected, found, strict=True)]
    unsound = [number for number, (word, proven) in enumerate(pairs) if proven and word in {"seen", "possible"}]
    missed = [number for number, (word, proven) in enumerate(pairs) if not proven and word == "never"]
    assert (unsound, missed) == ([], [])
    if case.runs:
        seen = nulls(session, case)
        assert [word == "seen" for word, _ in pairs if word != "possible"] == [
            is_null for (word, _), is_null in zip(pairs, seen, strict=True) if word != "possible"
        ]


@pytest.mark.parametrize("case", PARAMETERS, ids=lambda case: case.sentence)
def test_a_parameter_may_be_null_exactly_when_the_case_says_so(analyst: Analyst, case: Case) -> None:
    found = ["null" if each.may_be_null else "not" for each in analysed(analyst, case).parameters]
    assert found == [*case.expected]


@pytest.mark.parametrize("case", SINGLE_ROWS, ids=lambda case: case.sentence)
def test_a_statement_gives_one_row_at_most_exactly_when_the_case_says_so(analyst: Analyst, case: Case) -> None:
    assert ("one" if analysed(analyst, case).at_most_one_row else "many",) == case.expected


def test_every_case_has_a_sentence_of_its_own() -> None:
    for cases in (COLUMNS, PARAMETERS, SINGLE_ROWS):
        assert len({case.sentence for case in cases}) == len(cases)


def test_the_analysis_leaves_no_trace_in_the_database(analyst: Analyst, session: psycopg.Connection) -> None:
    """Nothing is executed: the rows are those of the schema after every case was analysed."""
    for case in COLUMNS:
        analyst.analyse(case.statement)
    assert session.execute("SELECT count(*), sum(w) FROM upd").fetchone() == (2, 3)
    session.rollback()
