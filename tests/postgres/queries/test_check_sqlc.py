"""Files that were written for sqlc: loaded as they are, checked and typed on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.check_project import CheckProject

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckProject:
    """One project for all tests that need no schema of their own."""
    return CheckProject(tmp_path_factory.mktemp("sqlc"), 'dialect = "sqlc"')


def parameters(query: dict[str, Any]) -> str:
    return ", ".join(f"{each['name']} {each['python']}" for each in query["parameters"])


def columns(query: dict[str, Any]) -> str:
    return ", ".join(f"{each['name']} {each['python']}" for each in query["columns"])


# A query, its kind here, its parameters and columns.
TYPED = {
    "numbers are named by what they are compared with": (
        "-- name: GetPerson :one\nSELECT id FROM people WHERE email = $1 AND nick = $2 LIMIT 1;",
        ("one", "email str, nick str", "id int"),
    ),
    "numbers in any order": (
        "-- name: Rename :exec\nUPDATE people SET nick = $2, email = $3 WHERE id = $1;",
        ("exec", "id int, nick str | None, email str", ""),
    ),
    "names, and one that is used twice": (
        "-- name: Search :many\nSELECT id FROM people WHERE nick = @name OR email = @name::text;",
        ("many", "name str", "id int"),
    ),
    "arg, narg and a blank before the parenthesis": (
        (
            "-- name: Change :execrows\nUPDATE people SET nick = COALESCE(sqlc.narg('nick'), nick)\n"
            "WHERE id = sqlc.arg (id);"
        ),
        ("execrows", "nick str | None, id int", ""),
    ),
    "a slice": (
        "-- name: ListSome :many\nSELECT id FROM people WHERE id IN (sqlc.slice('ids'));",
        ("many", "ids Sequence[int]", "id int"),
    ),
    "a slice that is left out": (
        "-- name: ListOthers :many\nSELECT id FROM people WHERE email NOT IN (sqlc.slice(mails));",
        ("many", "mails Sequence[str]", "id int"),
    ),
    "names in camel case": (
        "-- name: GetHTTPLogByID :one\nSELECT id FROM people WHERE id = @personID;",
        ("one", "person_id int", "id int"),
    ),
    "names that are Python's": (
        "-- name: List :many\nSELECT id FROM people WHERE nick = @class LIMIT @from;",
        ("many", "class_ str, from_ int", "id int"),
    ),
    "execresult": (
        "-- name: Remove :execresult\nDELETE FROM people WHERE id = $1;",
        ("execrows", "id int", ""),
    ),
    "batches": (
        "-- name: Add :batchone\nINSERT INTO people (email) VALUES ($1) RETURNING id;",
        ("one", "email str", "id int"),
    ),
    "copyfrom": (
        "-- name: Load :copyfrom\nINSERT INTO people (email, nick) VALUES ($1, $2);",
        ("copyfrom", "email str, nick str | None", ""),
    ),
    "copyfrom with casts": (
        (
            "-- name: Load :copyfrom\nINSERT INTO tags (id, post, word)\n"
            "VALUES (@id::int, CAST(sqlc.arg(post) AS bigint), $3::character varying);"
        ),
        ("copyfrom", "id int, post int, word str", ""),
    ),
    "names that differ in capitals only": (
        "-- name: GetURL :one\nSELECT 1 AS n WHERE 1 = @userID AND 2 = @userId;",
        ("one", "user_id int, user_id_2 int", "n int"),
    ),
    "two columns of one name": (
        "-- name: Pairs :many\nSELECT p.id, o.id FROM people AS p JOIN posts AS o ON o.author = p.id;",
        ("many", "", "id int, id int"),
    ),
    "columns without a name": ("-- name: Two :one\nSELECT 1, 'x'::text;", ("one", "", "?column? int, text str")),
    "operators of jsonb": (
        "-- name: Json :one\nSELECT '{}'::jsonb ? 'a', '{}'::jsonb @> @part, @whole::jsonb -> 'x' AS x;",
        (
            "one",
            "part JsonValue | JsonNull, whole JsonValue | JsonNull",
            "?column? bool, ?column? bool, x JsonValue | None",
        ),
    ),
    "a name in a block comment": ("/* name: Block :one */\nSELECT 1 AS n;", ("one", "", "n int")),
    "a name line without a blank": ("--name:Tight :one\nSELECT 1 AS n;", ("one", "", "n int")),
    "remarks above and below, a semicolon too few": (
        (
            "-- What it is for.\n--\n-- name: Remarks :one\n-- @sqlc-vet-disable\n-- More.\nSELECT -- here\n"
            " 1 AS n -- end"
        ),
        ("one", "", "n int"),
    ),
    "an embedded table": (
        "-- name: Embed :many\nSELECT sqlc.embed(t), t.word FROM tags AS t;",
        ("many", "", "t.id int, t.post int, t.word str, word str"),
    ),
    "an embedded table by its schema": (
        "-- name: Qualified :many\nSELECT sqlc.embed(public.tags) FROM public.tags;",
        ("many", "", "tags.id int, tags.post int, tags.word str"),
    ),
    "embedded tables around a column": (
        (
            "-- name: Around :many\nSELECT sqlc.embed(t), 1 AS one, sqlc.embed(p)\nFROM tags AS t\n"
            "JOIN posts AS p ON p.id = t.post;"
        ),
        (
            "many",
            "",
            "t.id int, t.post int, t.word str, one int, p.id int, p.author int, p.editor int | None, p.title str",
        ),
    ),
    "an embedded table with an odd name": (
        '-- name: Odd :many\nWITH "odd name" AS (SELECT * FROM tags) SELECT sqlc.embed("odd name") FROM "odd name";',
        ("many", "", "odd_name.id int, odd_name.post int, odd_name.word str"),
    ),
    "a statement that is no query": ("-- name: Lock :exec\nLOCK TABLE people IN SHARE MODE;", ("exec", "", "")),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_sqlc_accepts_is_typed(project: CheckProject, name: str) -> None:
    text, expected = TYPED[name]
    (query,) = project.typed(f"{text}\n")
    assert (query["kind"], parameters(query), columns(query)) == expected


def test_a_table_embedded_from_the_nullable_side_is_there_or_not_as_a_whole(project: CheckProject) -> None:
    """Its columns, as the row has them, may be NULL; within the model they are what the table says."""
    (query,) = project.typed(
        "-- name: Posts :many\nSELECT p.id, sqlc.embed(e) FROM posts AS p LEFT JOIN people AS e ON e.id = p.editor;\n"
    )
    assert columns(query).startswith("id int, e.id int, e.email str, e.nick str | None, ")
    assert [each["nullable"] for each in query["columns"]] == [False, True, True, True, True, True]


def test_sql_without_a_name_is_passed_over_as_sqlc_does(project: CheckProject) -> None:
    """Some keep the schema in the files of the queries: both tools are given the same files."""
    queries = project.typed(
        "CREATE TABLE elsewhere (id int);\nSELECT it's not read;\n".replace("it's", "its")
        + "-- name: One :one\nSELECT 1 AS n;\nCREATE INDEX ON elsewhere (id);\n-- name: Two :one\nSELECT 2 AS n;\n"
    )
    assert [query["name"] for query in queries] == ["one", "two"]


def test_a_file_of_nothing_but_the_schema_holds_no_query_and_no_mistake(project: CheckProject) -> None:
    assert project.typed("CREATE TABLE elsewhere (id int);\n") == []


def test_queries_whose_names_differ_in_capitals_only_are_two(project: CheckProject) -> None:
    queries = project.typed(
        "".join(f"-- name: {name} :one\nSELECT 1 AS n;\n" for name in ("GetURL", "GetUrl", "getUrl"))
    )
    assert [query["name"] for query in queries] == ["get_url", "get_url_2", "get_url_3"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("$1::bigint, $2::bigint, $3::varchar(3)", "one cast at most, and the cast without a length"),
        ("$1::bigint, $2::bigint, $3::char", "the cast without a length"),
        ("$1::text::bigint, $2, $3", "one cast at most"),
        ("$1, $2 + 1, $3", "each of its values is a parameter"),
        ("$1, $2, lower($3)", "each of its values is a parameter"),
        ("$1::numeric, $2, $3", "q.sql:2:43: error: COPY sends $1 as bigint, and the cast makes it numeric"),
        ("$1, $2, $3::date", "q.sql:2:51: error: COPY sends $3 as text, and the cast makes it date"),
    ],
)
def test_a_copy_with_a_cast_that_may_change_a_value_is_refused(
    project: CheckProject, values: str, message: str
) -> None:
    err = project.refused(f"-- name: Load :copyfrom\nINSERT INTO tags (id, post, word) VALUES ({values});\n")
    assert message in err


def test_execlastid_is_mysqls(project: CheckProject) -> None:
    err = project.refused("-- name: Add :execlastid\nINSERT INTO people (email) VALUES ($1);\n")
    assert "q.sql:1:14: error: PostgreSQL has no :execlastid" in err
    assert "RETURNING" in err


def test_natively_sql_without_a_name_is_a_mistake(tmp_path: Path) -> None:
    assert "this SQL has no name" in CheckProject(tmp_path).refused("SELECT 1;\n-- name: a :exec\nSELECT 2;\n")


SCHEMAS = {
    "golang-migrate": {
        "000001_a.up.sql": "CREATE TABLE a (id int PRIMARY KEY);",
        "000001_a.down.sql": "DROP TABLE a;",
        "000002_b.up.sql": "BEGIN; ALTER TABLE a ADD n text NOT NULL; COMMIT;",
    },
    "goose": {
        "00001_a.sql": "-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY, n text);\n-- +goose StatementBegin\n"
        "ALTER TABLE a ALTER n SET NOT NULL;\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;\n",
    },
    "dbmate": {
        "20260101000000_a.sql": "-- migrate:up\nCREATE TABLE a (id int PRIMARY KEY, n text NOT NULL);\n"
        "-- migrate:down\nDROP TABLE a;\n",
    },
    "sql-migrate": {
        "1_a.sql": "-- +migrate Up\nCREATE TABLE a (id int PRIMARY KEY, n text NOT NULL);\n-- +migrate Down\n"
        "DROP TABLE a;\n",
    },
    "files without numbers": {
        "a.sql": "CREATE TABLE a (id int PRIMARY KEY);",
        "b.sql": "ALTER TABLE a ADD n text NOT NULL;",
    },
    "one file": {"schema.sql": "CREATE TABLE a (id int PRIMARY KEY, n text NOT NULL);"},
    "extensions that the server lacks": {
        "schema.sql": 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"; CREATE EXTENSION pgcrypto;\n'
        "CREATE TABLE a (id int PRIMARY KEY, n text NOT NULL DEFAULT crypt('x', gen_salt('bf')),\n"
        "    token uuid NOT NULL DEFAULT uuid_generate_v4(), secret bytea DEFAULT digest('x', 'sha256'));\n",
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_read_as_its_tool_keeps_it(tmp_path: Path, name: str) -> None:
    project = CheckProject(tmp_path, 'dialect = "sqlc"')
    project.project.migrations.joinpath("0001_schema.sql").unlink()
    project.project.write_all(SCHEMAS[name])
    (query,) = project.typed("-- name: GetA :one\nSELECT n FROM a WHERE id = $1;\n")
    assert (parameters(query), columns(query)) == ("id int", "n str")


def test_schema_and_queries_may_be_one_file_each(tmp_path: Path) -> None:
    project = CheckProject(tmp_path)
    project.project.write(
        "../pyproject.toml",
        '[tool.codezest-sql]\nmigrations = "schema.sql"\nqueries = "query.sql"\ndialect = "sqlc"\n',
    )
    (tmp_path / "schema.sql").write_text("CREATE TABLE a (id int PRIMARY KEY);\n")
    (tmp_path / "query.sql").write_text("-- name: GetA :one\nSELECT id FROM a WHERE id = $1;\n")
    assert project.check("--json").json["queries"][0]["file"] == "query.sql"
    assert project.check("--offline").code == 0
    assert (tmp_path / "snapshot.json").exists()
