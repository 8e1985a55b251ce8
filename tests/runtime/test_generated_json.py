"""Every generated model has a JSON schema, and reads its own JSON back, whatever types its fields have."""

from __future__ import annotations

import asyncio
import json
import math
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from codezest_sql.runtime import Database, Model
from tests.generated import generated_package

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

# Two values of each type, as SQL writes them.
SAMPLES = {
    "aclitem": ("=r/postgres", "=w/postgres"),
    "bit": ("0", "1"),
    "bool": ("f", "t"),
    "box": ("(1,1),(0,0)", "(2,2),(0,0)"),
    "bpchar": ("a", "b"),
    "bytea": (r"\x00ff5c22", r"\xfffe"),
    "char": ("a", "b"),
    "cid": ("1", "2"),
    "cidr": ("10.0.0.0/8", "::/0"),
    "circle": ("<(0,0),1>", "<(0,0),2>"),
    "date": ("0001-01-01", "9999-12-31"),
    "float4": ("-Infinity", "NaN"),
    "float8": ("-Infinity", "NaN"),
    "inet": ("10.0.0.1", "::1/64"),
    "int2": ("-32768", "32767"),
    "int2vector": ("1 2", "3"),
    "int4": ("-2147483648", "2147483647"),
    "int8": ("-9223372036854775808", "9223372036854775807"),
    "interval": ("-1 year -0.000001 seconds", "178000000 days 3 seconds"),
    "json": ('{"a": [1, null, "\\u00e9"]}', "null"),
    "jsonb": ("null", '{"a": [1, null, "\\u00e9"]}'),
    "jsonpath": ("$.a", "$.b"),
    "line": ("{1,2,3}", "{2,2,3}"),
    "lseg": ("[(0,0),(1,1)]", "[(0,0),(2,2)]"),
    "macaddr": ("08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    "macaddr8": ("08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06"),
    "money": ("-1.50", "12345.67"),
    "name": ("a", "b"),
    "numeric": ("-1e300", "NaN"),
    "oid": ("0", "4294967295"),
    "oidvector": ("1 2", "3"),
    "path": ("((0,0),(1,1))", "[(0,0),(2,2)]"),
    "pg_lsn": ("0/0", "16/B374D848"),
    "pg_snapshot": ("10:20:10,14,15", "10:20:"),
    "point": ("(1,2)", "(3,4.5)"),
    "polygon": ("((0,0),(1,1))", "((0,0),(2,2))"),
    "refcursor": ("a", "b"),
    "regclass": ("pg_class", "pg_type"),
    "regcollation": ('"C"', '"POSIX"'),
    "regconfig": ("simple", "english"),
    "regdatabase": ("postgres", "template1"),
    "regdictionary": ("simple", "english_stem"),
    "regnamespace": ("pg_catalog", "public"),
    "regoper": ("||/", "|/"),
    "regoperator": ("+(integer,integer)", "-(integer,integer)"),
    "regproc": ("now", "pi"),
    "regprocedure": ("now()", "sum(integer)"),
    "regrole": ("pg_monitor", "pg_monitor"),
    "regtype": ("integer", "text"),
    "text": ('é "quoted" \\ ☃', "\U0001f600"),
    "tid": ("(0,1)", "(0,2)"),
    "time": ("00:00:00", "23:59:59.999999"),
    "timetz": ("01:02:03.000004-15:59", "23:59:59+05:30"),
    "timestamp": ("0001-01-01", "9999-12-31 23:59:59.999999"),
    "timestamptz": ("0001-01-02", "9999-12-30 23:59:59.999999"),
    "tsquery": ("'a' & 'b'", "'c'"),
    "tsvector": ("'a':1 'b':2", "'c'"),
    "txid_snapshot": ("10:20:10,14,15", "10:20:"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-8fff-ffffffffffff"),
    "varbit": ("0101", "11"),
    "varchar": ("a", "b"),
    "xid": ("1", "2"),
    "xid8": ("1", "2"),
    "xml": ("<a>1</a>", "<b/>"),
    **{f"int{bits}range": ("[1,5)", "empty") for bits in (4, 8)},
    "numrange": ("(1.5,NaN]", "(,)"),
    "daterange": ("[2020-01-01,2021-01-01)", "(,2020-01-01)"),
    "tsrange": ("[2020-01-01,2021-01-01)", "empty"),
    "tstzrange": ("[2020-01-01,2021-01-01)", "(2020-01-01,)"),
    **{f"int{bits}multirange": ("{[1,5),[7,9)}", "{}") for bits in (4, 8)},
    "nummultirange": ("{[1,5),[7,9]}", "{(,)}"),
    "datemultirange": ("{[2020-01-01,2021-01-01)}", "{}"),
    "tsmultirange": ("{[2020-01-01,2021-01-01)}", "{}"),
    "tstzmultirange": ("{[2020-01-01,2021-01-01)}", "{}"),
}  # fmt: skip
TYPES = """
SELECT t.typname, t.typarray <> 0, EXISTS (
    SELECT FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = o.opcmethod
    WHERE a.amname = 'btree' AND o.opcdefault AND o.opcintype = t.oid
)
FROM pg_type AS t
WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
    AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
ORDER BY t.typname
"""
# Their input functions refuse every value.
WITHOUT_VALUES = {
    *("gtsvector", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_dependencies", "pg_mcv_list"),
    *("pg_ndistinct", "pg_node_tree"),
}


def places(name: str, *, has_array: bool, is_ordered: bool) -> tuple[str, str]:
    """Return SQL that makes a table with a type in every place where it can stand, and SQL that adds a row."""
    pg, domain, pair, span = f'pg_catalog."{name}"', f"{name}_domain", f"{name}_pair", f"{name}_span"
    made = [f"CREATE DOMAIN {domain} AS {pg};", f"CREATE TYPE {pair} AS (a {pg}, b {domain});"]
    first, second = ("'{}'".format(value.replace("'", "''")) for value in SAMPLES.get(name) or ("", ""))
    both = f"ROW({first}, {second})::{pair}"
    cells = [
        ("plain", pg, second),
        ("in_domain", domain, first),
        ("in_pair", pair, both),
        ("pairs", f"{pair}[]", f"ARRAY[{both}, NULL]"),
    ]
    if has_array:
        cells.append(("many", f"{pg}[]", f"ARRAY[{first}, NULL, {second}]::{pg}[]"))
        cells.append(("domains", f"{domain}[]", f"ARRAY[{second}, {first}]::{domain}[]"))
    if is_ordered:
        made.append(f"CREATE TYPE {span} AS RANGE (subtype = {pg}, multirange_type_name = {name}_spans);")
        first, second = (f"{which}({first}::{pg}, {second}::{pg})" for which in ("least", "greatest"))
        cells.append(("span", span, f"{span}({first}, {second}, '[]')"))
        cells.append(("open", span, f"{span}(NULL, {second})"))
        cells.append(("spans", f"{name}_spans", f"{name}_spans({span}({first}, {second}, '[]'))"))
        cells.append(("many_spans", f"{span}[]", f"ARRAY[{span}({first}, NULL), 'empty', NULL]::{span}[]"))
    made.append(f"CREATE TABLE {name}_row ({', '.join(f'{column} {kind}' for column, kind, _ in cells)});")
    return "\n".join(made), f"INSERT INTO {name}_row VALUES ({', '.join(value for _, _, value in cells)});"


def alike(one: Any, other: Any) -> bool:
    """Whether two values are of one type and equal; NaN is equal to NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Model):
        return all(alike(getattr(one, name), getattr(other, name)) for name in type(one).model_fields)
    if isinstance(one, list | Multirange):
        return len(one) == len(other) and all(alike(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, Range):
        return one.bounds == other.bounds and alike(one.lower, other.lower) and alike(one.upper, other.upper)
    if isinstance(one, float | Decimal) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


@pytest.mark.every_postgres
def test_a_row_of_every_type_reads_its_own_json_back(server: Server, database: str, tmp_path: Path) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        found: list[tuple[str, bool, bool]] = connection.execute(TYPES).fetchall()
        made = [places(name, has_array=array, is_ordered=ordered) for name, array, ordered in found]
        names = [name for name, _, _ in found]
        schema = "\n".join(text for text, _ in made)
        connection.execute(schema.encode())
        for name, (_, insert) in zip(names, made, strict=True):
            if name in WITHOUT_VALUES:
                connection.execute(f"INSERT INTO {name}_row DEFAULT VALUES".encode())
                continue
            try:
                connection.execute(insert.encode())
            except psycopg.errors.FeatureNotSupported:
                assert name == "xml"  # a server can be built without it
    queries = "".join(
        f"-- name: get_{name} :many\nSELECT * FROM {name}_row;\n"
        f"-- name: nest_{name} :many\nSELECT t AS whole, ARRAY[t] AS many, t.plain FROM {name}_row AS t;\n"
        for name in names
    )
    with generated_package(tmp_path, server.url(), schema=schema, queries={"q.sql": queries}) as module:
        generated = module("queries.q")
        rows: list[Model] = []
        for validate in (False, True):
            with Database.connect(database, validate=validate) as db:
                for name in names:
                    one = db.run(getattr(generated, f"get_{name}")())
                    assert all(type(row) is getattr(module("models.public"), type(row).__name__) for row in one)
                    rows += [*one, *db.run(getattr(generated, f"nest_{name}")())]
        assert len(rows) > 2 * len(names)
        for row in rows:
            kind = type(row)
            text = row.model_dump_json()
            json.loads(text, parse_constant=pytest.fail)  # JSON has no NaN
            assert alike(kind.model_validate_json(text), row), text
            assert alike(kind.model_validate(row.model_dump()), row)
        asyncio.run(_serve([next(row for row in rows if type(row) is kind) for kind in {type(row) for row in rows}]))


async def _serve(rows: list[Model]) -> None:
    """Serve rows by FastAPI, and compare its description and its answers."""
    app = FastAPI()
    for number, row in enumerate(rows):
        app.get(f"/{number}", response_model=type(row))(partial(_same, row))
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        schemas = (await client.get("/openapi.json")).raise_for_status().json()["components"]["schemas"]
        for number, row in enumerate(rows):
            assert type(row).__name__ in schemas
            assert type(row).model_json_schema(mode="validation")
            answer = (await client.get(f"/{number}")).raise_for_status()
            assert alike(type(row).model_validate_json(answer.text), row), answer.text


def _same(row: Model, /) -> Model:
    return row
