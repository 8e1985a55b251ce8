"""Values of generated code: what its types say is what comes, and what goes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql import JSON_NULL, JsonNull
from codezest_sql.errors import ArgumentError
from codezest_sql.runtime import Database, load_queries
from tests.generated import generated_package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres


@pytest.fixture
def projects(server: Server, database: str, tmp_path: Path) -> Iterator[Any]:
    """Give what makes a database of a schema, and the code that is generated for queries on it."""
    made: list[Any] = []

    def make(schema: str, queries: str, settings: str = "") -> Any:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(schema.encode())
        package = generated_package(
            tmp_path, server.url(), schema=schema, queries={"q.sql": queries}, settings=settings
        )
        made.append(package)
        return package.__enter__()

    yield make
    for one in made:
        one.__exit__(None, None, None)


VOID = """
-- name: call_it :one
SELECT f();
-- name: call_it_maybe :opt
SELECT f() AS done, 1 AS one WHERE :on::bool;
-- name: call_it_often :many
SELECT f(), n FROM generate_series(1, 2) AS n;
-- name: tell :one
SELECT pg_notify('channel', :payload);
-- name: in_a_record :one
SELECT ROW(f(), 1) AS pair, CASE WHEN :on::bool THEN f() END AS maybe;
-- name: strict :one
SELECT g(NULL);
"""


def test_a_void_function_gives_none(projects: Any, database: str, tmp_path: Path) -> None:
    module = projects(
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT';"
        "CREATE FUNCTION g(int) RETURNS void STRICT LANGUAGE sql AS 'SELECT';",
        VOID,
    )
    generated = module("queries.q")
    assert generated.CallItRow.model_fields["f"].annotation is type(None)
    for validate in (False, True):
        with Database.connect(database, validate=validate) as db:
            for queries in (generated, load_queries(tmp_path / "sql" / "queries" / "q.sql")):
                assert db.run(queries.call_it()).model_dump() == {"f": None}
                assert db.run(queries.call_it_maybe(on=True)).model_dump() == {"done": None, "one": 1}
                assert db.run(queries.call_it_maybe(on=False)) is None
                assert [row.model_dump() for row in db.run(queries.call_it_often())] == [
                    {"f": None, "n": 1},
                    {"f": None, "n": 2},
                ]
                assert db.run(queries.tell(payload="x")).model_dump() == {"pg_notify": None}
                assert db.run(queries.in_a_record(on=True)).model_dump() == {"pair": (None, "1"), "maybe": None}
                assert db.run(queries.strict()).model_dump() == {"g": None}


JSON = """
-- name: add :exec
INSERT INTO documents (plain, typed, many, maybe) VALUES (:plain, :typed, :many, :maybe);
-- name: copy_documents :copyfrom
INSERT INTO documents (plain, typed, many, maybe) VALUES (:plain, :typed, :many, :maybe);
-- name: kinds :many
SELECT jsonb_typeof(plain) AS plain, jsonb_typeof(typed) AS typed, json_typeof(many[1]) AS one,
    json_typeof(many[2]) AS two, jsonb_typeof(maybe) AS maybe
FROM documents;
-- name: documents :many
SELECT plain, typed, many, maybe FROM documents;
"""


def test_json_null_is_written_and_differs_from_null(projects: Any, database: str) -> None:
    module = projects(
        "CREATE TABLE documents (plain jsonb NOT NULL, typed jsonb NOT NULL, many json[], maybe jsonb)",
        JSON,
        '[tool.codezest-sql.json_types]\n"public.documents.typed" = "dict[str, int]"\n'
        '"public.documents.maybe" = "dict[str, int] | None"',
    )
    generated = module("queries.q")
    arguments = inspect.signature(generated.add, eval_str=True).parameters
    assert JsonNull in arguments["plain"].annotation.__args__
    assert arguments["maybe"].annotation == dict[str, int] | JsonNull | None
    assert arguments["typed"].annotation == dict[str, int]
    assert (repr(JSON_NULL), bool(JSON_NULL)) == ("JSON_NULL", False)
    row = {"plain": JSON_NULL, "typed": {"a": 1}, "many": [None, JSON_NULL], "maybe": JSON_NULL}
    with Database.connect(database) as db:
        db.run(generated.add(**row))
        db.run(generated.add(plain={"a": None}, typed={}, many=None, maybe=None))
        db.run(generated.copy_documents([generated.CopyDocumentsRow(**row)]))
        first, other, copied = db.run(generated.kinds())
        assert first == copied
        assert first.model_dump() == {"plain": "null", "typed": "object", "one": None, "two": "null", "maybe": "null"}
        assert (other.plain, other.maybe) == ("object", None)
        found = db.run(generated.documents())[0]
        assert (found.plain, found.many, found.maybe) == (None, [None, None], None)
        with pytest.raises(ArgumentError, match="typed is jsonb and takes"):
            db.run(generated.add(**(row | {"typed": JSON_NULL})))
