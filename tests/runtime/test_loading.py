"""Queries of .sql files without generated code: types are learnt from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.errors import ArgumentError, ProjectErrors, QueryError, SchemaMismatchError
from codezest_sql.runtime import load_queries
from codezest_sql.runtime.loading import LoadedQuery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.runtime.faces import Face

USERS = """\
-- name: add_user :one
-- Adds a user.
INSERT INTO users (name) VALUES (:name) RETURNING id, name;

-- name: find_user :opt
SELECT id, name, name AS "class", 1 AS "?column?" FROM users WHERE name = :name;

-- name: list_users :many
SELECT id FROM users
WHERE true
  -- :if name
  AND name = :name
  -- :end
  -- :if named
  AND name IS NOT NULL
  -- :end
-- :order up
ORDER BY id
-- :order down
-- ORDER BY id DESC
-- :end
;

-- name: nested :many
SELECT id, name AS "inner.name" FROM users;
"""


@pytest.fixture
def folder(tmp_path: Path, execute: Callable[[str], None]) -> Path:
    execute("CREATE TABLE users (id int4 GENERATED ALWAYS AS IDENTITY, name text)")
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "users.sql").write_text(USERS, "utf-8")
    return tmp_path


def test_a_folders_queries_run_with_rows_that_have_the_columns_as_fields(db: Face, folder: Path) -> None:
    users = load_queries(folder).auth.users
    row = db.run(users.add_user(name="Ada"))
    assert (row.id, row.name, type(row).__name__) == (1, "Ada", "AddUserRow")
    assert db.run(users.add_user(name=None)).name is None
    found = db.run(users.find_user(name="Ada"))
    assert found.model_dump() == {"id": 1, "name": "Ada", "class_": "Ada", "column": 1}
    assert db.run(users.find_user(name="Bob")) is None
    assert users.add_user.__doc__ == "Adds a user."


def test_parts_and_orders_are_there_too(db: Face, folder: Path) -> None:
    users = load_queries(folder / "auth").users
    db.run(users.add_user(name="Ada"))
    db.run(users.add_user(name=None))
    assert [row.id for row in db.run(users.list_users())] == [1, 2]
    assert [row.id for row in db.run(users.list_users(order="down"))] == [2, 1]
    assert [row.id for row in db.run(users.list_users(name="Ada"))] == [1]
    assert [row.id for row in db.run(users.list_users(named=True))] == [1]


def test_wrong_arguments_are_named(db: Face, folder: Path) -> None:
    users = load_queries(folder).auth.users
    with pytest.raises(ArgumentError, match="the argument name is missing"):
        users.add_user()
    with pytest.raises(ArgumentError, match="there is no parameter nome"):
        users.add_user(name="x", nome="y")
    with pytest.raises(ArgumentError, match="name is text and takes str or None, not int"):
        db.run(users.add_user(name=5))


def test_what_cannot_be_done_without_generated_code_is_said(db: Face, folder: Path) -> None:
    with pytest.raises(QueryError, match="nested results need generated code"):
        db.run(load_queries(folder).auth.users.nested())


def test_a_table_that_is_not_there_is_named(db: Face, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("-- name: gone :many\nSELECT a FROM gone;", "utf-8")
    with pytest.raises(SchemaMismatchError, match=r'q\.gone: relation "gone" does not exist'):
        db.run(load_queries(tmp_path / "q.sql").gone())


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- name: x :wrong\nSELECT 1;", "utf-8")
    (tmp_path / "b.sql").write_text("SELECT 1;", "utf-8")
    with pytest.raises(ProjectErrors) as caught:
        load_queries(tmp_path)
    assert len(caught.value.errors) == 2
    with pytest.raises(ProjectErrors):
        load_queries(tmp_path / "gone.sql")


def test_sqlc_files_load_in_their_dialect(db: Face, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text(
        "-- name: GetTwo :one\nSELECT g AS n FROM generate_series(@low::int, 9) AS g;", "utf-8"
    )
    queries = load_queries(tmp_path / "q.sql", dialect="sqlc")
    assert [*queries] == ["get_two"]
    assert isinstance(queries.get_two, LoadedQuery)
    assert db.run(queries.get_two(low=3)).n == 3
