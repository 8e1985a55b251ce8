"""What each kind of query gives, on every face, way and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.errors import ArgumentError, NoRowFound, QueryError, TooManyRows
from codezest_sql.runtime import Column, Exec, ExecRows, First, Many, Model, One, Opt, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

pytestmark = pytest.mark.every_postgres


class NumberRow(Model):
    n: int


NUMBERS = Statement(
    "numbers",
    "SELECT n FROM generate_series(1, $1) AS n",
    (Parameter("upto", "integer"),),
    (Column("n", "integer", nullable=False),),
    NumberRow,
)
MAKE = Statement("make", "CREATE TABLE t (n int4 PRIMARY KEY)")
ADD = Statement("add", "INSERT INTO t SELECT generate_series(1, $1)", (Parameter("upto", "integer"),))


def test_one_gives_its_row_and_refuses_none_and_several(db: Face) -> None:
    assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)
    with pytest.raises(NoRowFound, match="numbers: no row"):
        db.run(One(NUMBERS, (0,)))
    with pytest.raises(TooManyRows, match="numbers"):
        db.run(One(NUMBERS, (2,)))


def test_opt_gives_a_row_or_none_and_refuses_several(db: Face) -> None:
    assert db.run(Opt(NUMBERS, (1,))) == NumberRow(n=1)
    assert db.run(Opt(NUMBERS, (0,))) is None
    with pytest.raises(TooManyRows):
        db.run(Opt(NUMBERS, (2,)))


def test_first_takes_the_first_of_several_rows(db: Face) -> None:
    """Sqlc's ``:one``."""
    assert db.run(First(NUMBERS, (3,))) == NumberRow(n=1)
    with pytest.raises(NoRowFound):
        db.run(First(NUMBERS, (0,)))


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1000])
def test_many_gives_all_rows(db: Face, count: int) -> None:
    """Whatever the number, also where rows come in chunks of 100."""
    assert db.run(Many(NUMBERS, (count,))) == [NumberRow(n=n) for n in range(1, count + 1)]


def test_exec_gives_nothing_and_execrows_the_number_of_rows(db: Face) -> None:
    assert db.run(Exec(MAKE)) is None
    assert db.run(ExecRows(ADD, (3,))) == 3
    assert db.run(ExecRows(ADD, (0,))) == 0


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_a_stream_gives_the_same_rows_as_many(db: Face, size: int) -> None:
    assert db.stream(Many(NUMBERS, (1000,)), size=size) == db.run(Many(NUMBERS, (1000,)))


def test_a_stream_that_is_left_early_leaves_the_database_usable(db: Face) -> None:
    """Its query is ended, however much is left of it."""
    assert db.stream(Many(NUMBERS, (1_000_000,)), leave_after=3) == [NumberRow(n=n) for n in (1, 2, 3)]
    assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)


def test_a_transaction_outlives_a_stream_that_was_left_early(db: Face) -> None:
    with db.transaction() as tx:
        assert len(tx.stream(Many(NUMBERS, (5000,)), leave_after=3)) == 3
        assert tx.run(One(NUMBERS, (1,))) == NumberRow(n=1)


def test_an_error_after_many_rows_is_raised_and_the_database_stays_usable(db: Face) -> None:
    broken = Statement(
        "broken", "SELECT 10 / (1000 - n) AS n FROM generate_series(1, 2000) AS n", (), NUMBERS.columns, NumberRow
    )
    with pytest.raises(QueryError, match="broken: division by zero"):
        db.run(Many(broken))
    with pytest.raises(QueryError, match="broken: division by zero"):
        db.stream(Many(broken), size=10)
    assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)


def test_a_batch_gives_what_each_of_its_queries_gives(db: Face) -> None:
    db.run(Exec(MAKE))
    assert db.batch(ExecRows(ADD, (2,)), Many(NUMBERS, (2,)), Opt(NUMBERS, (0,))) == (
        2,
        [NumberRow(n=1), NumberRow(n=2)],
        None,
    )
    assert db.batch() == ()


def test_a_batch_after_a_stream_gives_all_rows(db: Face) -> None:
    """Libpq continues giving chunks to the first query of a pipeline, once they were asked for."""
    db.stream(Many(NUMBERS, (300,)))
    first, second = db.batch(Many(NUMBERS, (300,)), Many(NUMBERS, (2,)))
    assert [row.n for row in first] == list(range(1, 301))
    assert [row.n for row in second] == [1, 2]


def test_of_a_batch_all_takes_effect_or_nothing(db: Face, execute: Callable[[str], None]) -> None:
    execute("CREATE TABLE t (n int4 PRIMARY KEY)")
    with pytest.raises(QueryError, match="add: duplicate key"):
        db.batch(ExecRows(ADD, (1,)), ExecRows(ADD, (1,)))
    count = Statement("count", "SELECT count(*)::int4 AS n FROM t", (), NUMBERS.columns, NumberRow)
    assert db.run(One(count)) == NumberRow(n=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "numbers: the arguments upto are missing"),
        ((1, 2), "numbers: 2 arguments were given instead of 1"),
        (("1",), "numbers: upto is integer and takes int, not str"),
        ((True,), "numbers: upto is integer and takes int, not bool"),
        ((None,), "numbers: upto is integer and takes int, not None"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_expected(
    db: Face, arguments: tuple[object, ...], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        db.run(Many(NUMBERS, arguments))
    assert db.run(One(NUMBERS, (1,))) == NumberRow(n=1)


def test_the_repr_of_a_query_shows_no_argument() -> None:
    assert repr(Many(NUMBERS, (4711,))) == "<Many numbers>"
