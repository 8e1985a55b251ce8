"""Calls the functions that are said to return no NULL with what is odd of each type: infinite, empty, zero, NaN."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.nullability.total_functions import NULL_FOR_JSON_NULL, PARTS_OF_INTERVALS, TOTAL_FUNCTIONS

if TYPE_CHECKING:
    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres
_NUMBERS = ("0", "1.5", "-2", "NaN", "Infinity", "-Infinity")
_MOMENTS = ("2020-01-01", "infinity", "-infinity", "4713-01-01 BC")
_JSON = ("null", "{}", "[]", "1", '"a"', '{"a": null}', "[null, 1]")
_TEXTS = ("", "a", "%", "1", "2020-01-01", "{}", "UTC", "epoch", "month", "hex", "simple")
VALUES = {
    "smallint": ("0", "1", "-3", "32767", "-32768"),
    "integer": ("0", "1", "-1", "7", "2147483647", "-2147483648"),
    "bigint": ("0", "1", "-5", "9223372036854775807", "-9223372036854775808"),
    **dict.fromkeys(("numeric", "real", "double precision"), _NUMBERS),
    **dict.fromkeys(("text", "character varying", "character"), _TEXTS),
    **dict.fromkeys(("date", "timestamp without time zone", "timestamp with time zone"), _MOMENTS),
    "interval": ("0", "1 day", "-1 year 3 mons"),
    "time without time zone": ("00:00", "24:00"),
    "time with time zone": ("00:00+00", "24:00+00"),
    "boolean": ("true", "false"),
    "bytea": ("", "\\x00", "\\xdeadbeef"),
    "uuid": ("00000000-0000-0000-0000-000000000000",),
    **dict.fromkeys(("json", "jsonb"), _JSON),
    "jsonpath": ("$", "strict $.b", "$[0] == 1"),
    "text[]": ("{}", "{a}", "{a,NULL}", "{{a,b},{c,d}}"),
    "integer[]": ("{}", "{1}", "{1,NULL}", "{{1,2},{3,4}}"),
    "int4range": ("empty", "[1,5)", "(,)"),
    "int4multirange": ("{}", "{[1,3)}", "{(,)}"),
    "inet": ("1.2.3.4", "::1", "10.0.0.0/8"),
    "cidr": ("10.0.0.0/8", "::/0"),
    "money": ("0", "-1.5"),
    "bit": ("0", "1"),
    "bit varying": ("", "101"),
    "point": ("(0,0)", "(NaN,NaN)"),
    "box": ("((0,0),(1,1))", "((NaN,0),(1,1))"),
    "circle": ("<(0,0),1>", "<(0,0),0>"),
    "tsvector": ("", "a:1 b:2"),
    "tsquery": ("", "a & b", "!a"),
    "record": (),
}
POLYMORPHIC = {
    **dict.fromkeys(("anyelement", "anynonarray", "anycompatible", "anycompatiblenonarray"), "integer"),
    **dict.fromkeys(("anyarray", "anycompatiblearray"), "integer[]"),
    "anyrange": "int4range",
    "anymultirange": "int4multirange",
}
# What acts on the server, waits, or is a part of something else.
LEFT_OUT = re.compile(
    r"pg_|lo_|set_|ts_(stat|rewrite)|query_to|table_to|schema_to|database_to|cursor_to|.*(_in|_out|sel)$"
)
TRY = """
CREATE FUNCTION pg_temp.nulls(call text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE found int;
BEGIN
    EXECUTE 'SELECT num_nulls(' || call || ')' INTO found;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$
"""
FUNCTIONS = """
SELECT p.oid::int, p.proname, ARRAY(
    SELECT format_type(a.type, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, place)
    ORDER BY a.place
)
FROM pg_proc AS p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0
    AND p.oid = ANY(%s) AND p.prorettype <> 'void'::regtype
ORDER BY p.oid
"""


def calls(name: str, types: list[str], chance: random.Random) -> list[str]:
    """Return calls in which each value of each argument comes at least once; none where a type has no values here."""
    pools = [
        [f"'{value}'::{kind}" for value in VALUES.get(kind, ())]
        for kind in (POLYMORPHIC.get(each, each) for each in types)
    ]
    if not all(pools):
        return []
    for pool in pools:
        chance.shuffle(pool)
    count = 2 * max(map(len, pools), default=0) or 1
    rows = [[pool[(turn + turn // len(pool)) % len(pool)] for pool in pools] for turn in range(count)]
    return [f'pg_catalog."{name}"({", ".join(row)})' for row in rows]


def test_no_function_that_is_called_total_returns_null(server: Server) -> None:
    chance = random.Random(20261201)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        total = TOTAL_FUNCTIONS - NULL_FOR_JSON_NULL - PARTS_OF_INTERVALS
        found = connection.execute(FUNCTIONS, (sorted(total),)).fetchall()
        tried = [call for _, name, types in found if not LEFT_OUT.match(name) for call in calls(name, types, chance)]
        connection.execute(TRY)
        answers = connection.execute(
            "SELECT call, pg_temp.nulls(call) FROM unnest(%s::text[]) AS c (call)", (tried,)
        ).fetchall()
    assert [call for call, nulls in answers if nulls] == []
    assert sum(nulls == 0 for _, nulls in answers) > 5_000
