"""What ``check`` says of queries that are wrong: one clear message for each, with its place, on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.check_project import CheckProject

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckProject:
    """One project for all: its schema is made once."""
    return CheckProject(tmp_path_factory.mktemp("mistakes"))


LONG = "a" * 64
# What is wrong: the file, the places of the mistakes and a part of what is said of each, and no others.
MISTAKES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "no query": ("", ("q.sql:1:1: error: the file holds no query",)),
    "only a comment": ("-- nothing yet\n", ("q.sql:1:1: error: the file holds no query",)),
    "not UTF-8": (b"-- name: a :one\nSELECT 'caf\xe9';\n", ("q.sql:2:12: error: byte 0xe9 is not valid UTF-8",)),
    "UTF-16": ("-- name: a :one\nSELECT 1;\n".encode("utf-16"), ("q.sql:1:1: error: the file is UTF-16",)),
    "a syntax error": (
        "-- name: a :many\nSELECT id FORM people;\n",
        ('q.sql:2:16: error: syntax error at or near "people"',),
    ),
    "two columns of one name above a text without an end": (
        "-- name: a :many\nSELECT id, id FROM people;\n-- name: b :many\nSELECT 'it;\n",
        (
            "q.sql:1:10: error: a: columns 1 and 2 are both called 'id'",
            "q.sql:4:8: error: this quoted string has no end",
        ),
    ),
    "two columns of one name, which the next query writes in quotes": (
        '-- name: a :many\nSELECT id, id FROM people;\n-- name: b :many\nSELECT id AS "id" FROM people;\n',
        ("q.sql:1:10: error: a: columns 1 and 2 are both called 'id'",),
    ),
    "an unknown column": (
        "-- name: a :many\nSELECT id,\n    emial\nFROM people;\n",
        ('q.sql:3:5: error: column "emial" does not exist',),
    ),
    "an unknown table": (
        "-- name: a :many\nSELECT id FROM peoples WHERE id = :id;\n",
        ('q.sql:2:16: error: relation "peoples" does not exist',),
    ),
    "a place after parameters with long names": (
        "-- name: a :many\nSELECT id FROM people WHERE id = :a_rather_long_name AND emial = :other;\n",
        ('q.sql:2:58: error: column "emial" does not exist',),
    ),
    "a place after letters of several bytes": (
        "-- name: a :many\nSELECT id FROM people WHERE email = 'é€😀' AND emial = 1;\n",
        ('q.sql:2:47: error: column "emial" does not exist',),
    ),
    "types that do not fit": (
        "-- name: a :many\nSELECT id FROM people WHERE id = true;\n",
        ("q.sql:2:32: error: operator does not exist: bigint = boolean",),
    ),
    "a parameter that is used as two types": (
        "-- name: a :many\nSELECT id FROM people WHERE id = :x AND email = :x;\n",
        ("q.sql:2:47: error: operator does not exist: text = bigint",),
    ),
    "a parameter of another type in a variant": (
        (
            "-- name: a :many\nSELECT id FROM people WHERE\n-- :if wide\nid = :x AND\n-- :end\n"
            "quote_literal(:x) <> '';\n"
        ),
        ("q.sql:4:6: error: :x is bigint in one variant, text in another",),
    ),
    "a parameter without any type": (
        "-- name: a :many\nSELECT id FROM people WHERE :x IS NULL;\n",
        ("q.sql:2:29: error: could not determine data type of parameter :x",),
    ),
    "rows asked of a statement without": (
        "-- name: a :one\nUPDATE people SET nick = 'x' WHERE id = 1;\n",
        ("q.sql:1:10: error: a: :one names rows, and the statement returns none",),
    ),
    "two queries of one name": (
        "-- name: a :exec\nSELECT 1;\n-- name: a :exec\nSELECT 2;\n",
        ("q.sql:3:10: error: the name 'a' is taken already, at",),
    ),
    "an alias that clashes with a model": (
        '-- name: a :many\nSELECT id, email AS "author", nick AS "author.nick" FROM people;\n',
        ("q.sql:2:39: error: 'author' is a column and, by 'author.nick', a model too",),
    ),
    "one alias twice": (
        "-- name: a :many\nSELECT id, email AS id FROM people;\n",
        ("q.sql:1:10: error: a: columns 1 and 2 are both called 'id'",),
    ),
    "two lists side by side": (
        (
            '-- name: a :many\nSELECT p.id, t.id AS "tags[].id", o.id AS "posts[].id"\nFROM people AS p\n'
            "JOIN posts AS o ON o.author = p.id\nJOIN tags AS t ON t.post = o.id;\n"
        ),
        ("q.sql:2:43: error: the lists 'tags' and 'posts' stand side by side",),
    ),
    "a list without the parent's key": (
        (
            '-- name: a :many\nSELECT p.email, o.id AS "posts[].id"\nFROM people AS p\n'
            "JOIN posts AS o ON o.author = p.id;\n"
        ),
        ("q.sql:1:10: error: a: the primary key of the rows is not selected",),
    ),
    "a list without its own key": (
        (
            '-- name: a :many\nSELECT p.id, o.title AS "posts[].title"\nFROM people AS p\n'
            "JOIN posts AS o ON o.author = p.id;\n"
        ),
        ("q.sql:2:25: error: the primary key of the list 'posts' is not selected",),
    ),
    "an alias that the server would cut": (
        f'-- name: a :many\nSELECT id AS "{LONG}" FROM people;\n',
        ("q.sql:2:14: error: this name has 64 bytes",),
    ),
    "an alias that is long in bytes alone": (
        f'-- name: a :many\nSELECT id AS "{"é" * 32}" FROM people;\n',
        ("q.sql:2:14: error: this name has 64 bytes",),
    ),
    "an alias without quotes that the server would cut": (
        f"-- name: a :many\nSELECT id AS {LONG} FROM people;\n",
        ("q.sql:2:14: error: this name has 64 bytes",),
    ),
    "a nested alias that the server would cut": (
        f'-- name: a :many\nSELECT id, nick AS "author.{LONG[:57]}" FROM people;\n',
        ("q.sql:2:20: error: this name has 64 bytes",),
    ),
    "a part without its end": (
        "-- name: a :many\nSELECT id FROM people\n-- :if nick\nWHERE nick = :nick;\n",
        ("q.sql:3:4: error: this :if is not closed",),
    ),
    "a part with half of a parenthesis": (
        "-- name: a :many\nSELECT id FROM people WHERE (id = 1\n-- :if nick\nOR nick = :nick)\n-- :end\n;\n",
        ("q.sql:4:16: error: this ) closes one that was opened outside of the part",),
    ),
    "an unknown directive": (
        "-- name: a :many\nSELECT id FROM people\n-- :fi nick\nWHERE nick = :nick;\n",
        ("q.sql:3:4: error: unknown directive ':fi'",),
    ),
    "a name that is Python's": (
        "-- name: class :many\nSELECT id FROM people;\n",
        ("q.sql:1:10: error: 'class' is a keyword of Python",),
    ),
    "a model that is called as Python's own": (
        "-- name: a :many\n-- row: None\nSELECT id FROM people;\n",
        ("q.sql:2:9: error: 'None' is Python's own",),
    ),
    "a statement too many": (
        "-- name: a :many\nSELECT 1;\nSELECT 2;\n",
        ("q.sql:3:1: error: a second statement in one query",),
    ),
    "a variant that alone is wrong": (
        (
            "-- name: a :many\nSELECT id FROM people\n-- :if wide\nORDER BY id\n-- :end\n"
            "-- :if late\n, nick\n-- :end\n;\n"
        ),
        ('q.sql:7:3: error: relation "nick" does not exist, without :if wide',),
    ),
    "an order that is wrong": (
        (
            "-- name: a :many\nSELECT id FROM people\n-- :order one\nORDER BY id\n-- :order two\n-- ORDER BY emial\n"
            "-- :end\n;\n"
        ),
        ('q.sql:6:13: error: column "emial" does not exist',),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_one_message_at_its_place(project: CheckProject, name: str) -> None:
    text, said = MISTAKES[name]
    err = project.refused(text)
    found = [line for line in err.splitlines() if " error: " in line]
    assert len(found) == len(said), err
    for line, part in zip(found, said, strict=True):
        assert part in line, err
    assert "hint: " in err


def test_all_mistakes_are_told_in_one_run_in_the_order_of_their_places(project: CheckProject) -> None:
    err = project.refused(
        "-- name: a :many\nSELECT emial FROM people;\n-- name: Bad :many\nSELECT 1;\n-- name: c :one\nSELECT nope;\n"
    )
    assert [line.split(" ")[0] for line in err.splitlines() if " error: " in line] == [
        "queries/q.sql:2:8:",
        "queries/q.sql:3:10:",
        "queries/q.sql:6:8:",
    ]


def test_a_mistake_shows_its_line_with_a_caret_and_what_was_meant(project: CheckProject) -> None:
    err = project.refused("-- name: a :many\nSELECT p.emial\nFROM people AS p WHERE p.id = :id;\n")
    assert "  2 | SELECT p.emial\n    |        ^\n  hint: did you mean " in err
    assert "email" in err


def test_a_mistake_in_every_variant_is_told_once(project: CheckProject) -> None:
    err = project.refused(
        "-- name: a :many\nSELECT emial FROM people WHERE true\n-- :if x\nAND id = :x\n-- :end\n-- :if y\n"
        "AND nick = :y\n-- :end\n;\n"
    )
    assert err.count(" error: ") == 1


def test_a_good_query_beside_a_wrong_one_is_typed(project: CheckProject) -> None:
    text = "-- name: a :many\nSELECT emial FROM people;\n-- name: b :one\nSELECT 1 AS n;\n"
    outcome = project.check("--json", q=text)
    assert outcome.code == 7
    assert [query["name"] for query in outcome.json["queries"]] == ["b"]
    (error,) = outcome.json["errors"]
    assert (error["file"], error["line"], error["column"]) == ("queries/q.sql", 2, 8)
    assert error["severity"] == "error"


def test_one_row_of_many_is_a_broken_policy_where_the_project_says_so(tmp_path: Path) -> None:
    project = CheckProject(tmp_path, 'policies = { one-row = "error" }')
    err = project.refused("-- name: a :one\nSELECT id FROM people WHERE nick = :nick;\n")
    assert "[one-row]" in err
    assert "queries/q.sql:1:10" in err
    assert project.check(q="-- name: a :one\nSELECT id FROM people WHERE email = :email;\n").code == 0
