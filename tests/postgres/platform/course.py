"""A database with the small course of sql/seeds, and learners in it: for the tests of the learning queries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from codezest_sql import Database
from codezest_sql.platform.queries.auth import users
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEEDS = ROOT / "sql" / "seeds"
Result = TypeVar("Result")


def _id(kind: int, number: int) -> UUID:
    return UUID(f"c0de0000-0000-4000-{8000 + kind}-{number:012}")


PYTHON, MODULE, ASSIGNMENT, QUIZ = _id(0, 1), _id(1, 1), _id(3, 1), _id(4, 1)
QUESTIONS = [_id(5, number) for number in (1, 2, 3)]
OPTIONS = {question: [_id(6, 3 * at + number) for number in (1, 2, 3)] for at, question in enumerate(QUESTIONS)}
RIGHT = {QUESTIONS[0]: _id(6, 1), QUESTIONS[1]: _id(6, 5), QUESTIONS[2]: _id(6, 9)}


def learner(db: Database) -> UUID:
    """Register somebody."""
    user_id = uuid4()
    assert db.run(users.register_user(id=user_id, email=f"{user_id}@example.org", name="Ada", password_hash=None))
    return user_id


def at_once(url: str, calls: Sequence[Callable[[Database], Result]]) -> list[Result]:
    """Run each call on a connection and in a thread of its own, all at once; return what they return."""

    def one(call: Callable[[Database], Result]) -> Result:
        with Database.connect(url) as db:
            return call(db)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))
