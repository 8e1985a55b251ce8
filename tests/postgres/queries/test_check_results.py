"""What ``check`` finds of right queries: nested results, overrides, optional parts; and a Checker that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.actions.project.settings import load_settings
from codezest_sql.actions.queries.check_files import Checker
from tests.check_project import CheckProject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codezest_sql.core.query_types.typed_query import ResultModel, TypedQuery


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckProject:
    """One project for all: its schema is made once."""
    return CheckProject(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def checker(project: CheckProject) -> Iterator[Checker]:
    """Keep one Checker, as ``generate --watch`` does."""
    patch = pytest.MonkeyPatch()
    for name, value in project.project.environment.items():
        patch.setenv(name, value)
    with Checker(load_settings(start=project.project.root)) as made:
        yield made
    patch.undo()


def one(project: CheckProject, checker: Checker, sql: str) -> TypedQuery:
    """Return the one query of a file in which nothing is wrong."""
    project.write({"q.sql": sql})
    found = checker.check()
    assert not found.errors, [error.message for error in found.errors]
    (query,) = found.queries
    return query


def shape(query: TypedQuery, model: ResultModel) -> str:
    """Return a model as text: ``?`` for one that may be missing, ``[]`` for a list, ``| None`` for a column."""
    parts: list[str] = []
    for each in model.fields:
        if isinstance(each, int):
            column = query.columns[each]
            parts.append(column.name.rsplit(".", 1)[-1] + (" | None" if column.nullable else ""))
        else:
            mark = "[]" if each.many else "?" if each.optional else ""
            parts.append(f"{each.name}{mark}({shape(query, each)})")
    return ", ".join(parts)


NESTED = {
    "a model from an inner join is there": (
        (
            'SELECT p.id, a.id AS "author.id", a.nick AS "author.nick"\n'
            "FROM posts AS p JOIN people AS a ON a.id = p.author"
        ),
        "id, author(id, nick | None)",
    ),
    "a model from the nullable side may be missing, its columns are the table's": (
        (
            'SELECT p.id, e.id AS "editor.id", e.email AS "editor.email", e.nick AS "editor.nick"\n'
            "FROM posts AS p LEFT JOIN people AS e ON e.id = p.editor"
        ),
        "id, editor?(id, email, nick | None)",
    ),
    "a model without its key may be missing by a column that is never NULL": (
        (
            'SELECT p.id, e.nick AS "editor.nick", e.email AS "editor.email"\n'
            "FROM posts AS p LEFT JOIN people AS e ON e.id = p.editor"
        ),
        "id, editor?(nick | None, email)",
    ),
    "a model of nothing but nullable columns is indistinguishable from a missing one": (
        'SELECT p.id, e.nick AS "editor.nick" FROM posts AS p LEFT JOIN people AS e ON e.id = p.editor',
        "id, editor(nick | None)",
    ),
    "WHERE brings a model back": (
        (
            'SELECT p.id, e.id AS "editor.id" FROM posts AS p LEFT JOIN people AS e ON e.id = p.editor\n'
            "WHERE e.email = 'x'"
        ),
        "id, editor(id)",
    ),
    "a missing model within one that may be missing": (
        (
            'SELECT t.id, p.id AS "post.id", p.title AS "post.title", e.id AS "post.editor.id",\n'
            '    e.email AS "post.editor.email"\n'
            "FROM tags AS t LEFT JOIN posts AS p ON p.id = t.post AND p.title <> ''\n"
            "LEFT JOIN people AS e ON e.id = p.editor"
        ),
        "id, post?(id, title, editor?(id, email))",
    ),
    "a model that is there as soon as the one around it is": (
        (
            'SELECT t.id, p.id AS "post.id", a.id AS "post.author.id"\n'
            "FROM tags AS t LEFT JOIN (posts AS p JOIN people AS a ON a.id = p.author)\n"
            "ON p.id = t.post AND a.nick = 'x'"
        ),
        "id, post?(id, author?(id))",
    ),
    "a list": (
        (
            'SELECT p.id, p.email, o.id AS "posts[].id", o.title AS "posts[].title"\n'
            "FROM people AS p LEFT JOIN posts AS o ON o.author = p.id"
        ),
        "id, email, posts[](id, title)",
    ),
    "a list in a list": (
        (
            'SELECT p.id, o.id AS "posts[].id", t.id AS "posts[].tags[].id", t.word AS "posts[].tags[].word"\n'
            "FROM people AS p LEFT JOIN posts AS o ON o.author = p.id LEFT JOIN tags AS t ON t.post = o.id"
        ),
        "id, posts[](id, tags[](id, word))",
    ),
    "a model in a list": (
        (
            'SELECT p.id, o.id AS "posts[].id", e.id AS "posts[].editor.id"\n'
            "FROM people AS p LEFT JOIN posts AS o ON o.author = p.id LEFT JOIN people AS e ON e.id = o.editor"
        ),
        "id, posts[](id, editor?(id))",
    ),
    "overrides": (
        (
            'SELECT p.id AS "id?", p.nick AS "nick!", max(o.title) AS "newest!"\n'
            "FROM people AS p LEFT JOIN posts AS o ON o.author = p.id GROUP BY p.id"
        ),
        "id | None, nick, newest",
    ),
}


@pytest.mark.parametrize("name", NESTED)
def test_aliases_make_models(project: CheckProject, checker: Checker, name: str) -> None:
    text, expected = NESTED[name]
    query = one(project, checker, f"-- name: a :many\n{text};\n")
    assert query.result is not None
    assert shape(query, query.result) == expected


def parameters(project: CheckProject, checker: Checker, sql: str) -> list[tuple[str, str, bool, bool]]:
    query = one(project, checker, sql)
    return [(each.name, each.type_name, each.nullable, each.optional or each.flag) for each in query.parameters]


def test_parameters_may_be_null_where_the_statement_says_so(project: CheckProject, checker: Checker) -> None:
    sql = (
        "-- name: a :one\n-- nullable: forced\nUPDATE people SET nick = :nick, email = :email\n"
        "WHERE id = :id AND mood IS NOT DISTINCT FROM :mood AND (:since::date IS NULL OR updated_at > :since)\n"
        "AND email <> :forced RETURNING id;\n"
    )
    assert parameters(project, checker, sql) == [
        ("nick", "text", True, False),
        ("email", "text", False, False),
        ("id", "bigint", False, False),
        ("mood", "public.mood", True, False),
        ("since", "date", True, False),
        ("forced", "text", True, False),
    ]


def test_a_part_makes_its_parameter_optional_and_a_name_without_one_a_flag(
    project: CheckProject, checker: Checker
) -> None:
    sql = (
        "-- name: a :many\nSELECT id FROM people WHERE id > :least\n-- :if nick\nAND nick = :nick\n"
        "AND email <> :email\n-- :end\n-- :if glad\nAND mood = 'glad'\n-- :end\n;\n"
    )
    assert parameters(project, checker, sql) == [
        ("least", "bigint", False, False),
        ("nick", "text", False, True),
        ("email", "text", False, False),
        ("glad", "boolean", False, True),
    ]


def test_what_only_one_variant_allows_is_not_proven(project: CheckProject, checker: Checker) -> None:
    """The model has to hold the rows of every variant."""
    sql = "-- name: a :many\nSELECT nick FROM people\n-- :if known\nWHERE nick IS NOT NULL\n-- :end\n;\n"
    assert one(project, checker, sql).columns[0].nullable
    assert not one(project, checker, sql.replace("-- :if known\n", "").replace("-- :end\n", "")).columns[0].nullable


# A Checker that stays follows what is saved.


def test_an_edited_file_and_a_new_migration_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = CheckProject(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.write({"q.sql": "-- name: a :many\nSELECT nick FROM people;\n"})
    project.write({"r.sql": "-- name: b :one\nSELECT 1;\n"})

    def found() -> tuple[list[str], list[str]]:
        checked = kept.check()
        return [query.query.name for query in checked.queries], [error.message for error in checked.errors]

    with Checker(load_settings(start=tmp_path)) as kept:
        assert found() == (["a", "b"], [])
        project.write({"q.sql": "-- name: a :many\nSELECT age FROM people;\n"})
        assert found() == (["b"], ['column "age" does not exist'])
        project.project.write("0002_age.sql", "ALTER TABLE people ADD age int;\n")
        assert found() == (["a", "b"], [])
        (project.queries / "r.sql").unlink()
        assert found() == (["a"], [])


def test_equal_files_are_each_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = CheckProject(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.write({"q.sql": "-- name: a :one\nSELECT 1;\n", "r.sql": "-- name: a :one\nSELECT 1;\n"})
    with Checker(load_settings(start=tmp_path)) as kept:
        files = [query.query.place.file for query in kept.check().queries]
        assert [file.rsplit("/", 1)[-1] for file in files] == ["q.sql", "r.sql"]
