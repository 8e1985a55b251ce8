"""Generated code and ``load_queries`` use the same names for rows, fields, modules and arguments."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.actions.project.settings import load_settings
from codezest_sql.actions.queries.check import check
from codezest_sql.core.python_code.names.module_names import module_parts
from codezest_sql.errors import ArgumentError, ProjectErrors, QueryError
from codezest_sql.runtime import Database, Model, load_queries
from codezest_sql.runtime.description import Described
from codezest_sql.runtime.loading import learnt_row
from codezest_sql.runtime.pg_types import Catalog
from tests.generated import CASES, generated_package

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

SCHEMA = 'CREATE TABLE things (id int, "class" int, "Some Value" text, _hidden int);'
COLUMNS = [
    *("id", "_id", "__id__", "class", "None", "def", "self", "cls", "return", "json", "copy", "model_config"),
    *("str", "list", "int", "object", "count 1", "2fa", "a b", "a_b", "a-b", "ü", "ﬁ", "日本", "²", "_", "__", "-"),
    *("validate", "schema", "date", "UUID", "Model", "One", "row", "HostileRow", "print", "match", "type"),
    *("values", "order", "rows", "mro", "register", "__class__", "__dict__", "x" * 63),
    *('a"b', "a\\b", "a'b", "{a}", "%s", "$1", ":a", "a\tb", "a;b"),
]  # fmt: skip
ARGUMENTS = [
    *("self", "cls", "rows", "order", "statement", "kind", "arguments", "query", "name", "type", "list", "str"),
    *("match", "case", "id", "print", "model", "row", "values", "absent", "final", "many", "opt", "db", "copy"),
]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


QUERIES = {
    "hostile.sql": f"""
-- name: hostile :one
SELECT {", ".join(f"{number} AS {quoted(column)}" for number, column in enumerate(COLUMNS))};
-- name: twice :one
SELECT 1 AS id, 2 AS _id, 3 AS "__id", 4 AS id_2;
-- name: nameless :one
SELECT 1;
-- name: marked :one
SELECT 1 AS "a!", 2 AS "b?";
-- name: get_api_keys :one
SELECT 1 AS id;
-- name: chosen :one
-- row: OtherName
SELECT 1 AS id;
-- name: arguments :one
SELECT {", ".join(f":{name}::int AS a{number}" for number, name in enumerate(ARGUMENTS))};
-- name: ordered :many
SELECT id FROM things
-- :order up
ORDER BY id
-- :order down
-- ORDER BY id DESC
-- :end
;
-- name: copy_things :copyfrom
INSERT INTO things (id, "class", "Some Value") VALUES (:self, :rows, :cls);
-- name: two_at_once :exec
SELECT 1, 2;
""",
    "log-in/2fa.sql": "-- name: get_one :one\nSELECT 1 AS one;",
    "class.sql": "-- name: get_one :one\nSELECT 1 AS one;",
}


@pytest.fixture
def both(server: Server, database: str, tmp_path: Path) -> Any:
    """Give the queries of both: generated code, and ``load_queries`` of the same files."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    with generated_package(tmp_path, server.url(), schema=SCHEMA, queries=QUERIES) as module:
        yield module, load_queries(tmp_path / "sql" / "queries")


def test_rows_fields_and_arguments_are_called_alike(both: Any, database: str) -> None:
    module, loaded = both
    generated = module("queries.hostile")
    with Database.connect(database) as db:
        for name in ("hostile", "twice", "nameless", "marked", "get_api_keys", "chosen"):
            one, other = db.run(getattr(generated, name)()), db.run(getattr(loaded.hostile, name)())
            assert one.model_dump() == other.model_dump()
            assert type(one).__name__ == type(other).__name__
        given = {name: number for number, name in enumerate(ARGUMENTS)}
        assert [*inspect.signature(generated.arguments).parameters] == ARGUMENTS
        for queries in (generated, loaded.hostile):
            assert [*db.run(queries.arguments(**given)).model_dump().values()] == [*range(len(ARGUMENTS))]
            assert db.run(queries.copy_things([(1, 2, "three"), (4, None, None)])) == 2
            assert db.run(queries.copy_things(rows=[(1, 2, "three")])) == 1
            assert db.run(queries.two_at_once()) is None
        orders = [
            [row.id for row in db.run(queries.ordered(order="down"))] for queries in (generated, loaded.hostile)
        ]
        assert orders[0] == orders[1] == [4, 4, 1, 1, 1, 1]


@pytest.mark.parametrize("name", ["shop", "sqlc", "tangled"])
def test_the_corpus_of_generated_code_is_loaded_under_the_same_names(
    server: Server, database: str, tmp_path: Path, name: str
) -> None:
    """Statements, arguments, rows and fields; but for nested results, which need generated code."""
    schema = (CASES / name / "schema.sql").read_text("utf-8")
    folder = CASES / name / "queries"
    queries = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.sql")}
    settings = (CASES / name / "settings.toml").read_text("utf-8")
    dialect = "sqlc" if "sqlc" in settings else "native"
    kept = "".join(line for line in settings.splitlines(keepends=True) if line.startswith(("dialect", "initialisms")))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(schema.encode())
    with (
        generated_package(tmp_path, server.url(), schema=schema, queries=queries, settings=kept) as module,
        Database.connect(database) as db,
    ):
        compared = 0
        # The names that sqlc only numbers are in the snapshot, which check writes.
        assert not check(replace(load_settings(start=tmp_path), shadow_url=server.url())).failed
        loaded = load_queries(tmp_path / "sql" / "queries", dialect=dialect)
        for path in queries:
            parts = module_parts(path.split("/"))
            generated, found = module(".".join(("queries", *parts))), loaded
            for part in parts:
                found = getattr(found, part)
            for query in found:
                compared += _compare(db, getattr(generated, query), getattr(found, query))
    assert compared > 1


def _compare(db: Database, generated: Any, loaded: Any) -> int:
    """Compare a query of both; return 1 where it had rows to compare."""
    parameters = inspect.signature(generated).parameters
    if [*parameters] == ["rows"]:
        assert repr(generated([])) == repr(loaded([]))
        return 0
    # A statement is described when it is first run: an argument is then refused, or there is no row.
    given = {
        name: object()
        for name in parameters
        if name != "order" and parameters[name].default is inspect.Parameter.empty
    }
    one, other = generated(**given), loaded(**given)
    assert repr(one) == repr(other)
    row = one.statement.row
    if not (isinstance(row, type) and issubclass(row, Model)):
        return 0
    names = tuple(column.name for column in one.statement.columns)
    catalog = Catalog()
    made = learnt_row(other.statement, Described((), names, (25,) * len(names)), catalog)[1]
    assert made is not None
    # A model of a table has another field for a column that is called as the class of its type.
    assert [*made.model_fields] == [name.replace("Status_", "Status") for name in row.model_fields]
    own = row.__module__.endswith(generated.__module__.rpartition(".")[2])
    assert not own or made.__name__ == row.__name__
    return 1


def test_modules_and_statements_are_called_alike(both: Any, database: str) -> None:
    module, loaded = both
    assert [*loaded] == ["class_", "hostile", "log_in"]
    for path in ("class_", "log_in.column_2fa"):
        generated = module(f"queries.{path}").get_one()
        found = loaded
        for part in path.split("."):
            found = getattr(found, part)
        assert repr(generated) == repr(found.get_one()) == f"<One {path}.get_one>"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"log-in.sql": "", "log_in.sql": ""}, "it would be the module queries.log_in, and so would"),
        ({"auth.sql": "", "auth/users.sql": ""}, "it would be the module queries.auth, which is the package of"),
    ],
)
def test_files_that_would_be_one_module_are_refused(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("-- name: get_one :one\nSELECT 1 AS one;", "utf-8")
    with pytest.raises(ProjectErrors) as caught:
        load_queries(tmp_path)
    assert message in caught.value.errors[0].message


def test_wrong_calls_are_refused_and_named(database: str, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text(
        "-- name: one :one\nSELECT :self::int AS a;\n-- name: copy_it :copyfrom\nINSERT INTO t (a) VALUES (:a);\n"
        "-- name: twice :one\nSELECT 1 AS a, 2 AS a;",
        "utf-8",
    )
    queries = load_queries(tmp_path / "q.sql")
    with pytest.raises(ArgumentError, match=r"q\.one takes its arguments by name"):
        queries.one(1)
    with pytest.raises(ArgumentError, match="there is no parameter order"):
        queries.one(self=1, order="up")
    for arguments, named in (((), {}), (([], []), {}), (([],), {"rows": []}), ((), {"a": []})):
        with pytest.raises(ArgumentError, match=r"q\.copy_it takes one argument, rows"):
            queries.copy_it(*arguments, **named)
    with Database.connect(database) as db, pytest.raises(QueryError, match="columns 1 and 2 are both called 'a'"):
        db.run(queries.twice())
