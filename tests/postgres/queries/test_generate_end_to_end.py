"""Generated code runs as it is: rows go in and come out of a real server as the models and types say."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.actions.queries.generate import generate
from tests.generated import CASES, checked, make_project
from tests.postgres.queries.test_generate_cases import JSON_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

# In a process of its own, as a user's program is; it prints nothing when all is as it should be.
PROGRAM = """
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from codezest_sql import runtime
from psycopg.types.range import Range
from shop.db.models.auth import Role, User
from shop.db.models.shop import Colour, MCQQuiz, Size
from shop.db.queries import auth_users
from shop.db.queries.shop import json, quizzes
from shop.types import Setting

ADA = UUID("00000000-0000-4000-8000-000000000001")
since = datetime(2026, 1, 1, tzinfo=UTC)

with runtime.Database.connect(sys.argv[1]) as db:
    user = db.run(auth_users.get_user(id=ADA))
    assert type(user) is User and user.role is Role.IN_PROGRESS and user.name == "Ada", user
    quiz = db.run(quizzes.add_quiz(
        title="Loops", author_id=ADA, date=date(2026, 2, 3), tags=["a", "b"], settings=[Setting(name="x")],
        extra={"y": Setting(name="z")}, size=Size(width=3, colour=Colour.DARK_BLUE), colours=[Colour.RED],
        during=Range(since, None),
    ))
    assert type(quiz) is MCQQuiz and quiz.price is None, quiz
    assert quiz.settings == [Setting(name="x")] and quiz.extra == {"y": Setting(name="z")}
    assert quiz.size == Size(width=3, colour=Colour.DARK_BLUE) and quiz.colours == [Colour.RED]
    assert quiz.during == Range(since, None)
    rows = [quizzes.ImportOptionsRow(quiz.id, number, f"option {number}", number == 2) for number in (1, 2, 3)]
    assert db.run(quizzes.import_options(rows)) == 3
    nested = db.run(quizzes.get_quiz_with_options(id=quiz.id))
    assert nested is not None and nested.author is not None and nested.author.email == "ada@example.com"
    assert [one.body for one in nested.options] == ["option 1", "option 2", "option 3"]
    document = db.run(json.get_quiz_document(id=quiz.id))
    assert document is not None and document.author.class_ == "Ada" and document.author.role is Role.IN_PROGRESS
    assert document.author.since == user.created_at and document.details.inner.date == date(2026, 2, 3)
    assert document.options[1].right and document.options[1].row.body == "option 2"
    assert document.details.size == {"width": 3, "colour": "darkBlue"} and document.details.price is None
    assert sorted(document.bodies) == ["option 1", "option 2", "option 3"]
    assert [one.id for one in db.run(quizzes.list_quizzes(since=date(2026, 1, 1), limit=5))] == [quiz.id]
    assert db.run(quizzes.list_quizzes(
        since=since.date(), limit=5, author_id=ADA, priced=True, least=Decimal(1), most=Decimal(2), order="cheapest"
    )) == []
    assert db.run(auth_users.find_user_by_email(email="nobody@example.com")) is None
    assert db.run(auth_users.count_users(roles=[Role.ADMIN, Role.IN_PROGRESS])).count == 1
    db.run(auth_users.rename_user(id=ADA, name=None))
    assert db.run(auth_users.get_user(id=ADA)).name is None
    assert db.run(auth_users.list_ids()) == [auth_users.UserKey(id=ADA)]
    odd = db.run(quizzes.odd_columns())
    assert odd == [], odd
"""


@pytest.mark.every_postgres
def test_what_is_generated_runs(server: Server, database: str, tmp_path: Path) -> None:
    root = make_project(CASES / "shop", tmp_path)
    settings, project = checked(root, server.url())
    generate(settings, project)
    (root / "src" / "shop" / "types.py").write_text(JSON_TYPES, "utf-8")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((CASES / "shop" / "schema.sql").read_bytes())
        connection.execute(
            "INSERT INTO auth.users (id, email, role, name)"
            " VALUES ('00000000-0000-4000-8000-000000000001', 'ada@example.com', 'in progress', 'Ada')"
        )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, database],
        cwd=root / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
