"""COPY of rows: every type, in order, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codezest_sql.errors import ArgumentError, SchemaMismatchError, UniqueViolation
from codezest_sql.runtime import Column, CopyFrom, Many, Model, Parameter, Statement
from tests.runtime.test_types import CASES, SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.runtime.faces import Face

pytestmark = pytest.mark.every_postgres


class PairRow(Model):
    n: int
    s: str | None


PAIRS = Statement(
    "pairs.copy",
    "",
    (Parameter("n", "integer"), Parameter("s", "text", nullable=True)),
    copy=('public."Pair"', ("n", '"S"')),
)
ALL = Statement(
    "pairs.all",
    'SELECT n, "S" FROM "Pair" ORDER BY n',
    (),
    (Column("n", "integer", None, nullable=False), Column("S", "text")),
    PairRow,
)


@pytest.fixture
def table(execute: Callable[[str], None]) -> None:
    execute('CREATE TABLE "Pair" (n int4 PRIMARY KEY, "S" text)')


def test_rows_are_copied_whether_tuples_or_models(db: Face, table: None) -> None:
    texts = ["", None, "\\N", "a\tb\nc\rd", "\\", "\\.", "ä😀"]
    rows: list[Any] = list(enumerate(texts))
    rows.append(PairRow(n=100, s="model"))
    assert db.copy(CopyFrom(PAIRS, rows)) == 8
    assert [row.s for row in db.run(Many(ALL))] == [*texts, "model"]
    assert db.copy(CopyFrom(PAIRS, [])) == 0


def test_rows_may_come_one_by_one(db: Face, table: None) -> None:
    def many() -> Iterator[tuple[int, str]]:
        for n in range(20_000):
            yield n, f"text {n}"

    assert db.copy(CopyFrom(PAIRS, many())) == 20_000
    assert db.run(Many(ALL))[-1] == PairRow(n=19_999, s="text 19999")


@pytest.mark.parametrize("way", ["async-fast"], indirect=True)
def test_an_async_database_takes_rows_that_come_asynchronously(db: Face, table: None) -> None:
    async def many() -> AsyncIterator[tuple[int, str]]:
        for n in range(10):
            yield n, "x"

    assert db.copy(CopyFrom(PAIRS, many())) == 10


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ((2, 5), "pairs.copy: s is text and takes str or None, not int, in row 3"),
        ((None, "x"), "n is integer and takes int, not None, in row 3"),
        ((2,), "row 3 has 1 values instead of 2"),
        ((2, "x", 3), "row 3 has 3 values instead of 2"),
        ((2**31, "x"), "n is integer and takes int, not an int out of range, in row 3"),
        ((True, "x"), "n is integer and takes int, not bool, in row 3"),
    ],
)
def test_a_wrong_row_is_named_by_its_number_and_nothing_is_written(
    db: Face, table: None, bad: Any, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        db.copy(CopyFrom(PAIRS, [(0, "a"), (1, "b"), bad]))
    assert db.run(Many(ALL)) == []


def test_an_error_of_the_rows_own_writes_nothing(db: Face, table: None) -> None:
    def broken() -> Iterator[tuple[int, str]]:
        yield 1, "a"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        db.copy(CopyFrom(PAIRS, broken()))
    assert db.run(Many(ALL)) == []


def test_a_row_that_the_server_refuses_is_named(db: Face, table: None) -> None:
    with pytest.raises(UniqueViolation, match=r"pairs\.copy"):
        db.copy(CopyFrom(PAIRS, [(1, "a"), (1, "b")]))
    assert db.run(Many(ALL)) == []


def test_a_table_that_changed_is_named(db: Face, execute: Callable[[str], None]) -> None:
    execute('CREATE TABLE "Pair" (n int4 PRIMARY KEY, "S" int4)')
    with pytest.raises(SchemaMismatchError, match="the parameter s was generated as text"):
        db.copy(CopyFrom(PAIRS, [(1, "a")]))


def test_copy_writes_the_same_values_as_an_insert(db: Face, execute: Callable[[str], None]) -> None:
    execute(SCHEMA)
    for number, (name, value, python) in enumerate(CASES):
        execute(f"CREATE TABLE t{number} (v {name})")
        copy = Statement("copy", "", (Parameter("v", name, python, nullable=True),), copy=(f"t{number}", ("v",)))
        assert db.copy(CopyFrom(copy, [(value,), (None,)])) == 2
        row = type("Row", (Model,), {"__annotations__": {"v": Any}})
        read = Statement("read", f"SELECT v FROM t{number}", (), (Column("v", name, python, dimensions=()),), row)
        assert [one.v for one in db.run(Many(read))] == [value, None], name
