"""What callers do wrong or late: each is one clear error, and the database stays usable."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql import Database
from codezest_sql.errors import (
    ArgumentError,
    ConnectionUnusableError,
    InvalidValue,
    QueryError,
    UnreadableValueError,
)
from codezest_sql.runtime import Column, CopyFrom, Many, Model, One, Parameter, Statement
from codezest_sql.runtime.read_only import only_reads
from codezest_sql.runtime.server_url import database_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.runtime.faces import Face


class NumberRow(Model):
    n: int


class Amount(Model):
    id: int
    amounts: list[list[Decimal | None]] | None


class WholeRow(Model):
    whole: Amount


NUMBERS = Statement(
    "numbers",
    "SELECT n FROM generate_series(1, $1::int4) AS n",
    (Parameter("most", "integer"),),
    (Column("n", "integer", nullable=False),),
    NumberRow,
)
WHOLE = Statement(
    "whole",
    "SELECT a AS whole FROM amounts AS a",
    (),
    (Column("whole", "public.amounts", Amount, nullable=False),),
    WholeRow,
)
ZONED = Statement(
    "zoned",
    "SELECT extract(year FROM timestamptz '2026-11-27 00:00Z' AT TIME ZONE $1::text)::int4 / $2::int4 AS n",
    (Parameter("zone", "text"), Parameter("by", "integer")),
    (Column("n", "integer", nullable=False),),
    NumberRow,
)
MAILS = Statement("mails", "", (Parameter("mail", "public.mail"),), copy=("public.mails", ("mail",)))


def test_rows_are_copied_into_columns_of_a_domain(db: Face, execute: Callable[[str], None]) -> None:
    """The server says of a column what is below its domain; the domain still checks."""
    execute("CREATE DOMAIN mail AS text CHECK (VALUE LIKE '%@%'); CREATE TABLE mails (mail mail)")
    assert db.copy(CopyFrom(MAILS, [("a@b",), ("c@d",)])) == 2
    with pytest.raises(QueryError, match="check constraint"):
        db.copy(CopyFrom(MAILS, [("nobody",)]))


@pytest.mark.parametrize(("zone", "by"), [("secret/zone", 1), ("", 1), ("UTC", 0)])
def test_a_value_that_the_server_cannot_work_with_is_named_and_never_shown(db: Face, zone: str, by: int) -> None:
    """So a service can answer that the request was wrong, and not that it is broken itself."""
    for run in (db.run, db.batch):
        with pytest.raises(InvalidValue) as refused:
            run(One(ZONED, (zone, by)))
        assert refused.value.query == "zoned"
        assert "secret" not in f"{refused.value} {refused.value.hint}"
        assert isinstance(refused.value.__cause__, psycopg.DataError)
    assert db.run(One(ZONED, ("UTC", 1))).n == 2026


@pytest.mark.parametrize("row", [5, "a@b", b"a@b"])
def test_a_row_to_copy_that_is_no_tuple_is_named(db: Face, execute: Callable[[str], None], row: object) -> None:
    execute("CREATE DOMAIN mail AS text; CREATE TABLE mails (mail mail)")
    with pytest.raises(ArgumentError, match=r"mails: row 2 is .* instead of a tuple"):
        db.copy(CopyFrom(MAILS, [("a@b",), row]))


def test_a_row_value_holds_infinite_numbers_and_arrays_of_two_dimensions(
    db: Face, execute: Callable[[str], None]
) -> None:
    execute("CREATE TABLE amounts (id int4 PRIMARY KEY, amounts numeric[][])")
    execute("INSERT INTO amounts VALUES (1, '{{1.50,Infinity},{NULL,-2}}')")
    whole = db.run(One(WHOLE)).whole
    assert whole.amounts == [[Decimal("1.50"), Decimal("Infinity")], [None, Decimal(-2)]]


def test_a_null_in_a_row_value_is_refused_where_its_table_has_none(db: Face, execute: Callable[[str], None]) -> None:
    execute("CREATE TABLE amounts (id int4 PRIMARY KEY, amounts numeric[])")
    made = Statement("made", "SELECT ROW(NULL, NULL)::amounts AS whole", (), WHOLE.columns, WholeRow)
    with pytest.raises(UnreadableValueError, match="made: the column whole"):
        db.run(One(made))


def test_a_number_of_rows_below_one_is_refused(db: Face) -> None:
    with pytest.raises(ArgumentError, match="at least 1, not 0"):
        db.stream(Many(NUMBERS, (3,)), size=0)


def test_a_batch_says_that_copy_is_not_for_it(db: Face) -> None:
    with pytest.raises(ArgumentError, match="COPY cannot be in a batch"):
        db.batch(Many(NUMBERS, (1,)), CopyFrom(MAILS, []))


@pytest.mark.parametrize("prepare", [True, False])
def test_a_transaction_ends_a_stream_that_its_caller_still_holds(database: str, prepare: bool) -> None:  # noqa: FBT001
    with Database.connect(database, prepare=prepare) as db:
        with db.transaction() as tx:
            stream = tx.stream(Many[NumberRow](NUMBERS, (10_000,)), size=2)
            assert next(stream) == NumberRow(n=1)
        assert next(stream) == NumberRow(n=2)  # it had come already
        with pytest.raises(QueryError, match="ended before them"):
            next(stream)
        assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)


@pytest.mark.parametrize("prepare", [True, False])
def test_a_transaction_is_refused_to_the_rows_that_are_copied_in_it(database: str, prepare: bool) -> None:  # noqa: FBT001
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE DOMAIN mail AS text; CREATE TABLE mails (mail mail)")
    with Database.connect(database, prepare=prepare) as db:

        def rows() -> Iterator[tuple[str]]:
            tx.run(One(NUMBERS, (1,)))
            yield ("a@b",)

        db.run(One(NUMBERS, (1,)))
        with pytest.raises(QueryError, match="rows are being copied"), db.transaction() as tx:
            tx.copy(CopyFrom(MAILS, rows()))
        assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)


@pytest.mark.parametrize("prepare", [True, False])
def test_streams_may_end_after_their_database(database: str, prepare: bool) -> None:  # noqa: FBT001
    """One has the connection that stays, the other one of the pool."""
    db = Database.connect(database, prepare=prepare)
    streams = [db.stream(Many[NumberRow](NUMBERS, (10_000,)), size=2) for _ in range(2)]
    for stream in streams:
        next(stream)
    db.close()
    for stream in streams:
        stream.close()


def test_a_stream_whose_connection_dies_in_a_transaction_ends_in_an_error_of_ours(database: str) -> None:
    pid = Statement("pid", "SELECT pg_backend_pid() AS n", (), NUMBERS.columns, NumberRow)
    with Database.connect(database) as db, psycopg.connect(database, autocommit=True) as other:

        def read() -> None:
            with db.transaction() as tx:
                number = tx.run(One[NumberRow](pid)).n
                for row in tx.stream(Many[NumberRow](NUMBERS, (2_000_000,)), size=10):
                    if row.n == 5:
                        other.execute("SELECT pg_terminate_backend(%s)", [number])

        with pytest.raises(Exception, match="numbers: the connection was lost"):
            read()
        assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)


def test_no_message_shows_a_value_that_the_server_could_not_read(db: Face) -> None:
    cast = Statement("cast", "SELECT $1::text::int4 AS n", (Parameter("t", "text"),), NUMBERS.columns, NumberRow)
    with pytest.raises(QueryError, match="invalid input syntax") as caught:
        db.run(One(cast, ('se"cret',)))
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("password", ["a@s3cret", "s3cret/b", "s3cret\0"])
def test_a_password_with_a_bare_separator_is_in_no_message(password: str) -> None:
    """Libpq would take part of it for the host or the port, and name that."""
    with pytest.raises(ConnectionUnusableError, match="cannot be read") as caught:
        database_url(f"postgresql://u:{password}@h/x")
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "WITH a AS (SELECT $$it's$$), b AS (DELETE FROM t WHERE x = 'y' RETURNING x) SELECT x FROM b",
        r"WITH a AS (SELECT E'\''), b AS (DELETE FROM t WHERE x = 'y' RETURNING x) SELECT x FROM b",
    ],
)
def test_no_quote_hides_that_a_statement_writes(text: str) -> None:
    assert not only_reads(text)
    assert only_reads("SELECT $$DELETE$$, E'\\'DELETE', 'DELETE'")
