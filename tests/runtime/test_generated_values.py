"""Values of generated code: what its types say is what comes, and what goes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args, get_origin

import psycopg
import pytest

from codezest_sql import JSON_NULL, JsonNull
from codezest_sql.errors import ArgumentError, UnreadableValueError
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


ELEMENTS = """
CREATE DOMAIN filled AS int NOT NULL;
CREATE TABLE kept (id int PRIMARY KEY, must int NOT NULL, may int, texts text[], checked int[] NOT NULL DEFAULT '{}'
    CHECK (array_position(checked, NULL) IS NULL), filled filled[]);
"""
# Each statement has :vs once; whether its elements may be None.
TAKES_NONE = [
    ("INSERT INTO kept (id, must, may) SELECT i, i, v FROM unnest(:ids::int[], :vs::int[]) AS t(i, v)", True),
    ("INSERT INTO kept (id, must, may) SELECT 1, v, v FROM unnest(:vs::int[]) AS v", False),
    ("INSERT INTO kept (id, must) SELECT 1, unnest(:vs::int[])", False),
    ("INSERT INTO kept (id, must, may) SELECT 1, 1, unnest(:vs::int[])", True),
    ("INSERT INTO kept (id, must, may) WITH w AS (SELECT unnest(:vs::int[]) AS v) SELECT 1, 1, v FROM w", True),
    ("INSERT INTO kept (id, must, may) VALUES (1, 1, (:vs::int[])[1])", True),
    ("INSERT INTO kept (id, must, texts) VALUES (1, 1, :vs)", True),
    ("INSERT INTO kept (id, must, texts) VALUES (1, 1, coalesce(:vs::text[], '{}'))", True),
    ("INSERT INTO kept (id, must, checked) VALUES (1, 1, :vs)", False),
    ("INSERT INTO kept (id, must, filled) VALUES (1, 1, :vs)", False),
    ("INSERT INTO kept (id, must, filled) VALUES (1, 1, :vs::int[])", False),
    ("UPDATE kept SET texts = texts || :vs::text[]", True),
    ("UPDATE kept SET may = u.v FROM unnest(:ids::int[], :vs::int[]) AS u(i, v) WHERE kept.id = u.i", True),
    ("UPDATE kept SET must = u.v FROM unnest(:ids::int[], :vs::int[]) AS u(i, v) WHERE kept.id = u.i", False),
    ("UPDATE kept SET may = u.v FROM unnest(:vs::int[]) WITH ORDINALITY AS u(v, n) WHERE kept.id = u.n", True),
    ("MERGE INTO kept USING unnest(:vs::int[]) AS v ON kept.id = v WHEN MATCHED THEN UPDATE SET may = v", True),
    ("MERGE INTO kept USING unnest(:vs::int[]) AS v ON id = v WHEN NOT MATCHED THEN INSERT VALUES (v, 1)", False),
    ("DELETE FROM kept WHERE id = ANY(:vs)", False),
    ("DELETE FROM kept WHERE id IN (SELECT unnest(:vs::int[]))", False),
    ("DELETE FROM kept WHERE may IN (SELECT v FROM unnest(:vs::int[]) AS v WHERE v IS NOT NULL)", True),
    ("DELETE FROM kept USING unnest(:vs::int[]) AS v WHERE may IS NOT DISTINCT FROM v", True),
]  # fmt: skip


def test_elements_of_an_array_may_be_none_where_a_scalar_may(projects: Any, database: str) -> None:
    queries = "\n".join(f"-- name: q{number} :exec\n{text};" for number, (text, _) in enumerate(TAKES_NONE))
    generated = projects(ELEMENTS, queries)("queries.q")
    for number, (text, takes) in enumerate(TAKES_NONE):
        parameters = inspect.signature(getattr(generated, f"q{number}"), eval_str=True).parameters
        assert _element_takes_none(parameters["vs"].annotation) is takes, text
        assert "ids" not in parameters or not _element_takes_none(parameters["ids"].annotation)
    with Database.connect(database) as db:
        db.run(generated.q0(ids=[1, 2], vs=[None, 3]))
        db.run(generated.q17(vs=[1]))


def _element_takes_none(annotation: Any) -> bool:
    """Whether None may be in a Sequence, which may be None itself."""
    sequence = next(each for each in (annotation, *get_args(annotation)) if get_origin(each) is Sequence)
    return type(None) in get_args(get_args(sequence)[0])


ARRAYS = """
CREATE DOMAIN listed AS int[];
CREATE DOMAIN grid AS int[][];
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE board AS (line int[], cells int[][], moods mood[][]);
CREATE TABLE games (
    id int PRIMARY KEY, line int[], cells int[][], cube text[][][], moods mood[][], listed listed, lists listed[],
    grid grid, board board, documents jsonb[][], instants timestamptz[][]
);
CREATE VIEW seen AS SELECT id, cells FROM games;
CREATE FUNCTION many(deep bool) RETURNS int[] LANGUAGE sql AS
    'SELECT CASE WHEN deep THEN ARRAY[[1, 2]] ELSE ARRAY[1, 2] END';
INSERT INTO games VALUES (1, '[0:1]={1,2}', '{{1,NULL},{3,4}}', '{{{a}}}', '{{sad},{glad}}', '{1}',
    ARRAY['{1,2}', '{3}']::listed[], '{{1}}', ROW('{1}', '{{1,2}}', '{{sad}}'), ARRAY[['[1]', 'null']]::jsonb[],
    '{{2020-01-01}}'),
    (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', ROW('{}', '{}', '{}'), '{}', '{}');
"""
INT, LINE = "int | None", "list[int | None]"
# An expression, its type, its value for the board 1.
EXPRESSIONS: list[tuple[str, str, Any]] = [
    ("line", LINE, [1, 2]),
    ("cells", f"list[{LINE}]", [[1, None], [3, 4]]),
    ("cube", "list[list[list[str | None]]]", [[["a"]]]),
    ("grid", f"list[{LINE}]", [[1]]),
    ("lists", f"list[{LINE} | None]", [[1, 2], [3]]),
    ("cells[1:1]", f"list[{LINE}]", [[1, None]]),
    ("cells[1][1]", INT, 1),
    ("ARRAY[[1, 2], [3, 4]]", f"list[{LINE}]", [[1, 2], [3, 4]]),
    ("ARRAY[1, 2]", "list[int]", [1, 2]),
    ("ARRAY[line, line]", f"list[{LINE}]", [[1, 2], [1, 2]]),
    ("ARRAY[cells]", f"list[list[{LINE}]]", [[[1, None], [3, 4]]]),
    ("'{{1,2}}'::int[]", f"list[{LINE}]", [[1, 2]]),
    ("'{1,2}'::int[][]", "list[int]", [1, 2]),
    ("(SELECT array_agg(b.line) FROM games AS b WHERE b.id = 1)", f"list[{LINE}]", [[1, 2]]),
    ("(SELECT array_agg(b.id) FROM games AS b WHERE b.id = 1)", "list[int]", [1]),
    ("ARRAY(SELECT b.line FROM games AS b WHERE b.id = 1)", f"list[{LINE}]", [[1, 2]]),
    ("ARRAY(SELECT b.cells FROM games AS b WHERE b.id = 1)", f"list[list[{LINE}]]", [[[1, None], [3, 4]]]),
    ("ARRAY(SELECT unnest(b.cells) FROM games AS b WHERE b.id = 1)", LINE, [1, None, 3, 4]),
    ("(SELECT s.cells FROM seen AS s WHERE s.id = 1)", f"list[{LINE}]", [[1, None], [3, 4]]),
    ("(WITH w AS (SELECT b.cells FROM games AS b WHERE b.id = 1) SELECT w.cells FROM w)", f"list[{LINE}]",
     [[1, None], [3, 4]]),
    ("coalesce(cells, '{}')", f"list[{LINE}]", [[1, None], [3, 4]]),
    ("CASE WHEN id = 1 THEN line ELSE cells END", f"{LINE} | list[{LINE}]", [1, 2]),
    ("CASE WHEN id = 2 THEN line ELSE cells END", f"{LINE} | list[{LINE}]", [[1, None], [3, 4]]),
    ("cells || ARRAY[5, 6]", f"list[{LINE}]", [[1, None], [3, 4], [5, 6]]),
    ("line || 3", LINE, [1, 2, 3]),
    ("array_replace(cells, 1, 9)", f"list[{LINE}]", [[9, None], [3, 4]]),
    ("(SELECT max(b.cells) FROM games AS b)", f"list[{LINE}]", [[1, None], [3, 4]]),
    ("(SELECT b.cells FROM games AS b WHERE b.id = 1 UNION SELECT c.line FROM games AS c WHERE false)",
     f"{LINE} | list[{LINE}]", [[1, None], [3, 4]]),
    ("string_to_array('a,b', ',')", "list[str | None]", ["a", "b"]),
    ("many(false)", LINE, [1, 2]),
    ("documents", "list[list[JsonValue | None]]", [[[1], None]]),
]  # fmt: skip


def test_a_type_has_the_dimensions_that_an_array_has(projects: Any, database: str) -> None:
    queries = [
        f"-- name: q{number} :one\nSELECT {text} AS x FROM games WHERE id = 1;"
        for number, (text, _, _) in enumerate(EXPRESSIONS)
    ]
    more = """
-- name: whole :many
SELECT * FROM games ORDER BY id;
-- name: write :one
UPDATE games SET cells = :cells, line = :line, board = :board WHERE id = 1 RETURNING cells, line, board;
-- name: deep :one
SELECT many(:deep::bool) AS x;
-- name: in_a_board :one
SELECT ROW(:line::int[], NULL, NULL)::board AS board;
"""
    module = projects(ARRAYS, "\n".join([*queries, more]))
    generated = module("queries.q")
    for number, (text, python, _) in enumerate(EXPRESSIONS):
        annotation: str = getattr(generated, f"Q{number}Row").__annotations__["x"]
        assert annotation.removesuffix(" | None") == python.removesuffix(" | None"), text
    for validate in (False, True):
        with Database.connect(database, validate=validate) as db:
            for number, (text, _, value) in enumerate(EXPRESSIONS):
                assert db.run(getattr(generated, f"q{number}")()).x == value, text
            first, empty = db.run(generated.whole())
            assert type(first).model_validate_json(first.model_dump_json()) == first
            assert (empty.line, empty.cells, empty.board.cells) == ([], [], [])
            mood = module("models.public").Mood
            assert (first.moods, first.board.moods) == ([[mood.SAD], [mood.GLAD]], [[mood.SAD]])
            given = {"cells": [[5, None]], "line": [6], "board": first.board}
            assert db.run(generated.write(**given)).model_dump() == {**given, "board": first.board.model_dump()}
            db.run(generated.write(cells=first.cells, line=first.line, board=first.board))
            assert db.run(generated.deep(deep=False)).x == [1, 2]
            with pytest.raises(
                UnreadableValueError, match=r"column x of type integer.* an array of 2 dimensions"
            ) as caught:
                db.run(generated.deep(deep=True))
            assert "to_jsonb" in str(caught.value.hint)
            with pytest.raises(UnreadableValueError, match=r"the column board .* an array of 2 dimensions"):
                db.run(generated.in_a_board(line=[[1]]))
            with (
                pytest.raises(UnreadableValueError, match=r"the column line .* an array of 2 dimensions"),
                db.transaction() as tx,
            ):
                tx.run(generated.write(**(given | {"line": [[1]]})))
