"""A value of each type goes to the server and comes back the same, on every face, way and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range
from pydantic import AfterValidator, BaseModel, create_model

from codezest_sql.errors import ArgumentError, InvalidValue, SchemaMismatchError, UnreadableValueError
from codezest_sql.platform.types import Document
from codezest_sql.runtime import Column, Model, One, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

pytestmark = pytest.mark.every_postgres

UTC = dt.UTC
NOW = dt.datetime(2024, 2, 29, 12, 30, 15, 123456, UTC)


class Mood(StrEnum):
    SAD = "sad"
    NOT_SO_BAD = "not so bad"


class Scores(Document):
    """A document of ours, as a project declares one."""

    x: float


def _judge(value: str) -> str:
    raise ValueError(f"{value} is none")


class Judged(BaseModel):
    """A document with a rule of somebody's own, whose message repeats the value."""

    said: Annotated[str, AfterValidator(_judge)]


class Point(BaseModel):
    x: int
    y: Decimal


class Place(Model):
    street: str
    moods: list[Mood] | None
    at: dt.datetime | None
    extra: Any


SCHEMA = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'not so bad');
CREATE DOMAIN app.email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE app.place AS (street text, moods app.mood [], at timestamptz, extra jsonb);
CREATE TYPE app.span AS RANGE (subtype = timestamptz, multirange_type_name = app.spans);
CREATE TABLE app."Odd Name" (a int4);
"""
PLACE = Place(street='An "odd", \\ one', moods=[Mood.SAD, Mood.NOT_SO_BAD], at=NOW, extra={"a": [1, None]})
BARE = Place(street="", moods=None, at=None, extra=None)
TEXT = 'O\'Brien \\ "x" {1,2} (a,b)\n\t😀 NULL'

CASES: list[tuple[str, Any, Any]] = [
    ("smallint", -32768, None),
    ("integer", 2**31 - 1, None),
    ("bigint", -(2**63), None),
    ("oid", 2**32 - 1, None),
    ("real", 1.5, None),
    ("double precision", 0.1, None),
    ("double precision", math.inf, None),
    ("numeric", Decimal("12345678901234567890.1234567890"), None),
    ("numeric", Decimal("1E+20"), None),
    ("boolean", True, None),
    ("boolean", False, None),
    ("text", TEXT, None),
    ("text", "", None),
    ("character varying", TEXT, None),
    ("name", "a name", None),
    ('"char"', "x", None),
    ("bytea", bytes(range(256)), None),
    ("bytea", b"", None),
    ("uuid", UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), None),
    ("date", dt.date(1, 1, 1), None),
    ("time without time zone", dt.time(23, 59, 59, 999999), None),
    ("time with time zone", dt.time(1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))), None),
    ("timestamp without time zone", NOW.replace(tzinfo=None), None),
    ("timestamp with time zone", NOW, None),
    ("timestamp with time zone", dt.datetime(1900, 1, 1, tzinfo=UTC), None),
    ("interval", dt.timedelta(days=-3, seconds=5, microseconds=7), None),
    ("interval", dt.timedelta(seconds=-1), None),
    ("interval", dt.timedelta(0), None),
    ("interval", dt.timedelta(days=400, hours=30), None),
    ("json", {"b": [1, 2.5, "x", None, True]}, None),
    ("jsonb", 2**70, None),
    ("jsonb", "text", None),
    ("jsonb", [], None),
    ("jsonb", Point(x=1, y=Decimal("2.50")), Point),
    ("jsonb", [Point(x=1, y=Decimal(2))], list[Point]),
    ("inet", IPv4Interface("10.1.2.3/8"), None),
    ("inet", IPv6Address("::1"), None),
    ("inet", IPv4Address("10.1.2.3"), None),
    ("cidr", IPv4Network("10.0.0.0/8"), None),
    ("money", "$12.50", None),
    ("bit varying", "1011", None),
    ("macaddr", "08:00:2b:01:02:03", None),
    ("point", "(1,2)", None),
    ("tsvector", "'a' 'b'", None),
    ("pg_lsn", "16/B374D848", None),
    ("jsonpath", '$."a"', None),
    ("app.mood", Mood.NOT_SO_BAD, Mood),
    ("app.place", PLACE, Place),
    ("app.place", BARE, Place),
    ("integer[]", [1, None, 3], None),
    ("integer[]", [[1, 2], [3, 4]], None),
    ("integer[]", [], None),
    ("text[]", [TEXT, "", "NULL", None, '"', "\\", ","], None),
    ("bytea[]", [b"\x00\xff", b"", None], None),
    ("boolean[]", [True, False, None], None),
    ("numeric[]", [Decimal("1.50"), None], None),
    ("uuid[]", [UUID(int=1)], None),
    ("date[]", [dt.date(2024, 2, 29)], None),
    ("timestamp with time zone[]", [[NOW, None]], None),
    ("interval[]", [dt.timedelta(hours=1)], None),
    ("jsonb[]", [{"a": 1}, [1, 2], "x", None], None),
    ("jsonb[]", [Point(x=1, y=Decimal("0.1"))], Point),
    ("app.mood[]", [Mood.SAD, None, Mood.NOT_SO_BAD], Mood),
    ("app.place[]", [PLACE, None, BARE], Place),
    ("app.email[]", ["a@b"], None),
    ("int4range", Range(1, 5), None),
    ("int4range", Range(empty=True), None),
    ("int8range", Range(None, 5), None),
    ("numrange", Range(Decimal("1.5"), None, "(]".replace("]", ")")), None),
    ("daterange", Range(dt.date(2024, 1, 1), dt.date(2024, 2, 1)), None),
    ("tstzrange", Range(NOW, None), None),
    ("tstzrange[]", [Range(NOW, NOW + dt.timedelta(1), "[]")], None),
    ("int4multirange", Multirange([Range(1, 2), Range(5, 9)]), None),
    ("tstzmultirange", Multirange([Range(NOW, NOW + dt.timedelta(1))]), None),
    ("app.span", Range(NOW, NOW + dt.timedelta(1)), None),
    ("app.spans", Multirange([Range(NOW, NOW + dt.timedelta(1))]), None),
]


@pytest.fixture
def types(execute: Callable[[str], None]) -> None:
    execute(SCHEMA)


def echo(name: str, python: Any = None, *, nullable: bool = True) -> Statement:
    """Return a statement that gives its parameter back; the cast makes domains what the server sends for them."""
    row = create_model("EchoRow", __base__=Model, value=(Any, ...))
    return Statement(
        "echo",
        f"SELECT $1::{name} AS value",
        (Parameter("value", name, python, nullable),),
        (Column("value", name, python, nullable, dimensions=()),),
        row,
    )


def test_every_type_comes_back_as_it_went(db: Face, types: None) -> None:
    """In one test, since a database for each of them would take minutes."""
    for name, value, python in CASES:
        got = db.run(One(echo(name, python), (value,))).value
        assert got == value, name
        assert type(got) is type(value), name
        assert db.run(One(echo(name, python), (None,))).value is None, name


@pytest.mark.parametrize("python", [None, dict[str, Any], Scores])
def test_a_number_that_json_has_not_is_refused_and_does_not_become_null(db: Face, types: None, python: Any) -> None:
    document: Any = {"x": math.nan} if python is not Scores else Scores(x=math.nan)
    with pytest.raises(InvalidValue):
        db.run(One(echo("jsonb", python), (document,)))


def test_nothing_that_comes_is_lost_on_either_way(db: Face, types: None) -> None:
    """A timestamp keeps its zone, a number its scale."""
    row = db.run(One(echo("timestamp with time zone"), (NOW,)))
    assert row.value.tzinfo is not None
    assert str(db.run(One(echo("numeric"), (Decimal("1.500"),))).value) == "1.500"


@pytest.mark.parametrize(
    ("name", "python", "value", "message"),
    [
        ("integer", None, 1.5, "value is integer and takes int or None, not float"),
        ("text", None, 5, "value is text and takes str or None, not int"),
        ("text", None, b"x", "not bytes"),
        ("text", None, "a\0b", "NUL"),
        ("boolean", None, 1, "takes bool or None, not int"),
        ("uuid", None, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "takes UUID or None, not str"),
        ("numeric", None, 1.5, "takes Decimal or None, not float"),
        ("date", None, NOW, "takes date or None, not datetime"),
        ("timestamp with time zone", None, NOW.replace(tzinfo=None), "not a datetime without a time zone"),
        ("timestamp without time zone", None, NOW, "not a datetime with a time zone"),
        ("timestamp with time zone", None, dt.time(1, tzinfo=UTC), "not time"),
        ("app.mood", Mood, "sad", "takes Mood or None, not str"),
        ("integer[]", None, 5, r"takes list\[int\] or None, not int"),
        ("integer[]", None, [1, "2"], r"takes list\[int\] or None, not str"),
        ("app.place", Place, {"street": "x"}, "takes Place or None, not dict"),
        ("jsonb", Point, {"x": "y", "y": 1}, "takes Point or None, not dict: x: Input should be a valid integer"),
        ("jsonb", dict[str, int], {"a key": "a"}, r"takes dict\[str, int\] or None, not dict: …: Input should be"),
        ("jsonb", Judged, {"said": "secret"}, "takes Judged or None, not dict: said: refused$"),
        (
            "jsonb",
            None,
            {"x": object()},
            "takes JSON or None, not dict: a text with a lone surrogate, or what has no",
        ),
        ("jsonb", dict[str, str], {"x": "\ud800"}, "not dict: a text with a lone surrogate"),
        ("int4range", None, (1, 2), r"takes Range\[int\] or None, not tuple"),
        ("text", None, "\ud800", "value is text"),
    ],
)
def test_a_value_of_another_type_is_refused_before_anything_is_sent(
    db: Face, types: None, name: str, python: Any, value: Any, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        db.run(One(echo(name, python), (value,)))
    assert db.run(One(echo("integer"), (1,))).value == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timestamp with time zone", "infinity"),
        ("timestamp without time zone", "-infinity"),
        ("timestamp with time zone", "0044-03-15 12:00:00+00 BC"),
        ("timestamp with time zone", "10000-01-01 00:00:00+00"),
        ("date", "infinity"),
        ("date", "0044-03-15 BC"),
        ("interval", "9999999 years"),
        ("interval", "99999999 years"),
    ],
)
def test_a_value_that_python_cannot_hold_is_named_and_never_another_one(db: Face, name: str, text: str) -> None:
    statement = Statement("far", f"SELECT '{text}'::{name} AS value", (), (Column("value", name),), echo(name).row)
    with pytest.raises(UnreadableValueError, match="far"):
        db.run(One(statement))
    assert db.run(One(echo("integer"), (1,))).value == 1


def test_a_null_where_none_was_proven_is_a_schema_mismatch(db: Face) -> None:
    statement = Statement(
        "gone",
        "SELECT NULL::int4 AS value",
        (),
        (Column("value", "integer", None, nullable=False),),
        echo("integer").row,
    )
    with pytest.raises(SchemaMismatchError, match="the column value is NULL"):
        db.run(One(statement))


def test_a_label_that_the_code_does_not_know_is_a_schema_mismatch(
    db: Face, types: None, execute: Callable[[str], None]
) -> None:
    execute("ALTER TYPE app.mood ADD VALUE 'elated'")
    statement = Statement(
        "mood", "SELECT 'elated'::app.mood AS value", (), (Column("value", "app.mood", Mood),), echo("text").row
    )
    with pytest.raises(SchemaMismatchError, match="label that is unknown here: elated"):
        db.run(One(statement))


def test_an_anonymous_record_is_a_tuple_of_texts(db: Face) -> None:
    statement = Statement(
        "pair", "SELECT ROW(1, NULL, 'x y') AS value", (), (Column("value", "record"),), echo("text").row
    )
    assert db.run(One(statement)).value == ("1", None, "x y")


def test_validate_lets_pydantic_see_every_row(connect: Callable[..., Face], database: str) -> None:
    """Here it refuses what the promise of the types would have let through."""
    narrow = create_model("Narrow", __base__=Model, value=(str, ...))
    statement = Statement("narrow", "SELECT 1 AS value", (), (Column("value", "integer"),), narrow)
    with pytest.raises(UnreadableValueError, match="narrow"):
        connect(database, validate=True).run(One(statement))
