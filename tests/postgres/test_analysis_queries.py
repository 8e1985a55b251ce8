"""What models and reviewers say about work, by the generated functions on real rows: order, rights, races, pages.

Each test that takes ``subject`` runs for submissions and for attempts: their queries are pairs that promise the same.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, Database
from codezest_sql.models.auth import Role
from codezest_sql.models.learning import AnalysisType, SubmissionStatus
from codezest_sql.queries.auth import users
from codezest_sql.queries.learning import analyses, attempts, submissions
from codezest_sql.types import AIResult
from tests.conftest import create_database, drop_database
from tests.postgres.course import ASSIGNMENT, MODULE, QUESTIONS, QUIZ, RIGHT, SEEDS, at_once, learner
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Server, Servers

GOOD = AIResult(summary="Right.", strengths=["names"], score=80)
BETTER = AIResult(summary="Right, and short.", score=90)
SILENT = AIResult(summary="No mark.")


@pytest.fixture(scope="module")
def course(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    name = f"analyses_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    yield url
    drop_database(server, name)


@pytest.fixture
def url(course: str) -> Iterator[str]:
    yield course
    execute(course, "DELETE FROM auth.users")


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with Database.connect(url) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Work:
    """Something to analyse: a learner's submission or attempt."""

    user_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """The queries about one kind of work; ``key`` is what they call its id, ``begin`` makes some unfinished."""

    name: str
    table: str
    begin: Callable[[Database], Work]
    finish: Callable[[Database, Work], None]
    record: Callable[..., Any]
    add: Callable[..., Any]
    revise: Callable[..., Any]
    get: Callable[..., Any]
    open: Callable[..., Any]
    waiting: Callable[..., Any]

    def of(self, work: Work) -> dict[str, UUID]:
        """The arguments that name the work."""
        return {"user_id": work.user_id, f"{self.name}_id": work.id}

    def done(self, db: Database) -> Work:
        """Make finished work of a new learner."""
        work = self.begin(db)
        self.finish(db, work)
        return work

    def analyse(self, db: Database, work: Work, result: AIResult = GOOD, model: str = "m-1") -> Any:
        """Let a model say something."""
        return db.run(self.record(**self.of(work), ai_model=model, ai_result=result))

    def review(
        self, db: Database, work: Work, by: UUID, notes: str = "Well done.", *, score: int | None = None
    ) -> Any:
        """Let a reviewer say something."""
        return db.run(self.add(**self.of(work), reviewer_id=by, reviewer_notes=notes, score=score))

    def rewrite(
        self, db: Database, work: Work, by: UUID, seen: Any, notes: str = "Better.", *, score: int | None = None
    ) -> Any:
        """Let a reviewer write the review anew that was seen."""
        ask = self.revise(
            **self.of(work), reviewer_id=by, reviewer_notes=notes, score=score, reviewed_at=seen.reviewed_at
        )
        return db.run(ask)

    def stored(self, url: str) -> list[Any]:
        """All that the table has, to see that nothing changed."""
        return rows(url, f"SELECT * FROM learning.{self.table} ORDER BY user_id, id")


def _submit(db: Database) -> Work:
    ask = submissions.submit(user_id=learner(db), id=uuid4(), assignment_id=ASSIGNMENT, code="print()")
    made = db.run(ask)
    assert made
    return Work(made.user_id, made.id)


def _grade(db: Database, work: Work) -> None:
    _end(db, work, SubmissionStatus.PASSED)


def _end(db: Database, work: Work, status: SubmissionStatus) -> None:
    [got] = db.run(submissions.claim_submissions(grader="one", limit=1, lease=timedelta(minutes=1)))
    assert got.id == work.id
    ask = submissions.record_result(
        user_id=got.user_id,
        id=got.id,
        grader="one",
        claim_expires_at=got.claim_expires_at,
        status=status,
        score=7,
        test_results=[],
        execution_ms=1,
        memory_kb=1,
        error_message=None,
    )
    assert db.run(ask)


def _start(db: Database) -> Work:
    made = db.run(attempts.start_attempt(user_id=learner(db), id=uuid4(), quiz_id=QUIZ))
    assert made
    return Work(made.user_id, made.id)


def _complete(db: Database, work: Work) -> None:
    ask = attempts.answer_question(
        user_id=work.user_id, attempt_id=work.id, question_id=QUESTIONS[2], option_id=RIGHT[QUESTIONS[2]]
    )
    assert db.run(ask)
    assert db.run(attempts.finish_attempt(user_id=work.user_id, id=work.id))


SUBMISSION = Subject(
    name="submission",
    table="assignment_analyses",
    begin=_submit,
    finish=_grade,
    record=analyses.record_submission_analysis,
    add=analyses.add_submission_review,
    revise=analyses.revise_submission_review,
    get=analyses.get_submission_analysis,
    open=analyses.get_submission_for_review,
    waiting=analyses.list_submissions_to_review,
)
ATTEMPT = Subject(
    name="attempt",
    table="quiz_analyses",
    begin=_start,
    finish=_complete,
    record=analyses.record_attempt_analysis,
    add=analyses.add_attempt_review,
    revise=analyses.revise_attempt_review,
    get=analyses.get_attempt_analysis,
    open=analyses.get_attempt_for_review,
    waiting=analyses.list_attempts_to_review,
)


@pytest.fixture(params=[SUBMISSION, ATTEMPT], ids=lambda each: each.name)
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.param
    return found


def staff(db: Database, role: Role = Role.INSTRUCTOR) -> UUID:
    """Register somebody who may review."""
    user_id = learner(db)
    assert db.run(users.change_role(id=user_id, role=role)) == 1
    return user_id
