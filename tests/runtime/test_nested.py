"""Models in models, from the rows of a join, on every face and way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.errors import TooManyRows
from codezest_sql.runtime import Column, Many, Model, Nested, One, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.runtime.faces import Face


class Author(Model):
    name: str


class Option(Model):
    id: int
    body: str


class Question(Model):
    id: int
    options: list[Option]


class Quiz(Model):
    id: int
    author: Author | None
    questions: list[Question]


COLUMNS = tuple(
    Column(name, kind)
    for name, kind in [
        ("id", "integer"),
        ("author.name", "text"),
        ("questions[].id", "integer"),
        ("questions[].options[].id", "integer"),
        ("questions[].options[].body", "text"),
    ]
)
SHAPE = Nested(
    Quiz,
    (
        0,
        Nested(Author, (1,), key=(1,), name="author", optional=True),
        Nested(
            Question,
            (2, Nested(Option, (3, 4), key=(3,), name="options", many=True)),
            key=(2,),
            name="questions",
            many=True,
        ),
    ),
    key=(0,),
)
ROWS = [
    (2, "Ada", 20, 200, "a"),
    (1, None, 10, 100, "b"),
    (2, "Ada", 20, 201, "c"),
    (2, "Ada", 21, None, None),
    (3, "Bob", None, None, None),
    (1, None, 10, 100, "b"),
    (2, "Ada", 20, 200, "a"),
]
QUIZZES = [
    Quiz(
        id=2,
        author=Author(name="Ada"),
        questions=[
            Question(id=20, options=[Option(id=200, body="a"), Option(id=201, body="c")]),
            Question(id=21, options=[]),
        ],
    ),
    Quiz(id=1, author=None, questions=[Question(id=10, options=[Option(id=100, body="b")])]),
    Quiz(id=3, author=Author(name="Bob"), questions=[]),
]


def quizzes(rows: Sequence[tuple[object, ...]], more: str = "") -> Statement:
    """Return a statement that gives these rows."""
    values = ", ".join(
        "(" + ", ".join("NULL" if value is None else f"'{value}'" for value in row) + ")" for row in rows
    )
    columns = 'a::int4 AS id, b AS "author.name", c::int4, d::int4, e'
    text = f"SELECT {columns} FROM (VALUES {values}) AS v (a, b, c, d, e) {more}"
    return Statement("quizzes", text, (), COLUMNS, SHAPE)


def test_rows_with_one_key_are_one_object_whatever_their_order(db: Face) -> None:
    assert db.run(Many(quizzes(ROWS))) == QUIZZES


def test_one_counts_parents_not_rows(db: Face) -> None:
    assert db.run(One(quizzes([row for row in ROWS if row[0] == 2]))) == QUIZZES[0]
    with pytest.raises(TooManyRows):
        db.run(One(quizzes(ROWS)))


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_stream_gives_each_parent_when_its_rows_are_over(db: Face, size: int) -> None:
    """Wherever a chunk ends."""
    ordered = sorted(QUIZZES, key=lambda quiz: quiz.id)
    assert db.stream(Many(quizzes(ROWS, "ORDER BY a")), size=size) == ordered
    assert db.stream(Many(quizzes(ROWS, "WHERE false")), size=size) == []


def test_nested_models_are_in_batches_too(db: Face) -> None:
    assert db.batch(Many(quizzes(ROWS)), One(quizzes(ROWS[1:2]))) == (QUIZZES, QUIZZES[1])
