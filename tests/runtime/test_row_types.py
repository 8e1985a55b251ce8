"""A row type that changed is named, for every value that has one inside, and gives no value of another attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.range import Range

from codezest_sql.errors import SchemaMismatchError
from codezest_sql.runtime import Column, CopyFrom, Exec, Many, Model, One, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

pytestmark = pytest.mark.every_postgres


class Pt(Model):
    x: int | None
    y: int | None


class Line(Model):
    label: str | None
    ends: list[Pt | None] | None


class Row(Model):
    a: Any


SCHEMA = """
CREATE TYPE pt AS (x integer, y integer);
CREATE TYPE edge AS (label text, ends pt[]);
CREATE DOMAIN place AS pt;
CREATE TYPE span AS RANGE (subtype = pt);
CREATE TABLE t (p pt, l edge);
"""
PT = ("public.pt", (("x", "integer"), ("y", "integer")))
LINE = ("public.edge", (("label", "text"), ("ends", "public.pt[]")))
TABLE = ("public.t", (("p", "public.pt"), ("l", "public.edge")))
ONE, TWO = Pt(x=1, y=2), Pt(x=3, y=4)
EDGE = Line(label="e", ends=[ONE, TWO])
VALUES: list[tuple[str, str, Any, Any, tuple[Any, ...]]] = [
    ("pt", "public.pt", Pt, ONE, (PT,)),
    ("pt[]", "public.pt[]", Pt, [ONE, None], (PT,)),
    ("place", "public.place", Pt, ONE, (PT,)),
    ("edge", "public.edge", Line, EDGE, (LINE, PT)),
    ("edge[]", "public.edge[]", Line, [EDGE], (LINE, PT)),
    ("span", "public.span", Pt, Range(ONE, TWO, "[)"), (PT,)),
]
CHANGES = [
    "ALTER TYPE pt DROP ATTRIBUTE x CASCADE, ADD ATTRIBUTE x integer CASCADE",
    (
        "ALTER TYPE pt RENAME ATTRIBUTE x TO z CASCADE; ALTER TYPE pt RENAME ATTRIBUTE y TO x CASCADE;"
        "ALTER TYPE pt RENAME ATTRIBUTE z TO y CASCADE"
    ),
    "ALTER TYPE pt RENAME ATTRIBUTE x TO z CASCADE",
    "ALTER TYPE pt ADD ATTRIBUTE z integer CASCADE",
]


@pytest.fixture
def types(execute: Callable[[str], None]) -> None:
    execute(SCHEMA)


def statements(kind: str, name: str, python: Any, rows: tuple[Any, ...]) -> tuple[Statement, Statement]:
    """Return one with a parameter of a type, and one with a column of it."""
    base = "public.pt" if name == "public.place" else name
    written = Statement(
        f"write_{kind}", f"SELECT ($1::{kind} IS NULL)::text AS a", (Parameter("v", name, python),),
        (Column("a", "text"),), Row, row_types=rows,
    )  # fmt: skip
    read = Statement(
        f"read_{kind}", f"SELECT $1::text::{kind} AS a", (Parameter("v", "text"),), (Column("a", base, python),), Row,
        row_types=rows,
    )  # fmt: skip
    return written, read


TEXTS = {
    "pt": "(1,2)", "pt[]": '{"(1,2)",NULL}', "place": "(1,2)", "edge": '(e,"{""(1,2)"",""(3,4)""}")',
    "edge[]": '{"(e,\\"{\\"\\"(1,2)\\"\\",\\"\\"(3,4)\\"\\"}\\")"}', "span": '["(1,2)","(3,4)")',
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("known", [True, False])
def test_a_row_type_that_changed_is_named_for_every_value_that_has_one(
    db: Face,
    connect: Callable[..., Face],
    database: str,
    types: None,
    execute: Callable[[str], None],
    change: str,
    known: bool,  # noqa: FBT001
) -> None:
    """Before the first use, and after many; then in a transaction, a batch and a stream."""
    queries: list[tuple[Any, Any]] = []
    for kind, name, python, value, rows in VALUES:
        written, read = statements(kind, name, python, rows)
        if kind != "span":
            queries.append((Many(written, (value,)), "false"))
        queries.append((Many(read, (TEXTS[kind],)), value))
    if known:
        for query, value in queries:
            assert db.run(query)[0].a == value
            assert db.batch(query)[0][0].a == value
            assert db.stream(query)[0].a == value
    execute("DROP TABLE t")
    execute("DROP TYPE span; " + change if "ADD ATTRIBUTE z" not in change else change)
    fresh = connect(database)
    for query, _ in queries:
        if "span" in query.statement.name and "ADD ATTRIBUTE z" not in change:
            continue
        for runner in (db, fresh):
            for work in (runner.run, runner.batch, runner.stream):
                with pytest.raises(SchemaMismatchError, match="row type"):
                    work(query)
            with runner.transaction() as tx, pytest.raises(SchemaMismatchError, match="row type"):
                tx.run(query)


def test_whole_rows_and_copies_of_a_changed_table_are_named(
    db: Face, types: None, execute: Callable[[str], None]
) -> None:
    whole: One[Row] = One(
        Statement("whole", "SELECT t AS a FROM t", (), (Column("a", "public.t"),), Row, row_types=(TABLE, LINE, PT))
    )
    fill = Statement("fill", "", (Parameter("p", "public.pt", Pt),), copy=("public.t", ("p",)), row_types=(PT,))
    assert db.copy(CopyFrom(fill, [(ONE,)])) == 1
    assert db.run(whole).a == ((1, 2), None)
    execute("ALTER TABLE t DROP l; ALTER TABLE t ADD l edge")
    assert db.run(whole).a == ((1, 2), None)
    execute("ALTER TYPE pt RENAME ATTRIBUTE x TO z; ALTER TYPE pt RENAME ATTRIBUTE y TO x")
    with pytest.raises(SchemaMismatchError, match="row type"):
        db.run(whole)
    with pytest.raises(SchemaMismatchError, match="row type"):
        db.copy(CopyFrom(fill, [(ONE,)]))
    execute("ALTER TYPE pt RENAME ATTRIBUTE x TO y; ALTER TYPE pt RENAME ATTRIBUTE z TO x")
    assert db.run(whole).a == ((1, 2), None)
    assert db.copy(CopyFrom(fill, [(ONE,)])) == 1


def test_types_that_are_learnt_from_the_server_are_learnt_again(
    db: Face, types: None, execute: Callable[[str], None]
) -> None:
    """Without generated code there is nothing that a changed type contradicts."""
    query: Any = Many(Statement("learnt", "SELECT p AS a FROM t"))
    db.run(Exec(Statement("add", "INSERT INTO t (p) VALUES (ROW(1, 2))")))
    assert db.run(query)[0].a == (1, 2)
    execute("ALTER TYPE pt ADD ATTRIBUTE z text")
    assert db.run(query)[0].a == (1, 2, None)
