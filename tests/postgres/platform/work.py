"""Work of learners to be analysed: submissions and attempts, made and reviewed by the generated functions alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.models.learning import SubmissionStatus
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import analyses, attempts, submissions
from codezest_sql.platform.types import AIResult
from tests.postgres.platform.course import ASSIGNMENT, QUESTIONS, QUIZ, RIGHT, learner
from tests.projects import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql import Database

GOOD = AIResult(summary="Right.", strengths=["names"], score=80)


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
        """Let a reviewer write the review again that was seen."""
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


def grade(db: Database, work: Work) -> None:
    end_grading(db, work, SubmissionStatus.PASSED)


def end_grading(db: Database, work: Work, status: SubmissionStatus) -> None:
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
    finish=grade,
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


def staff(db: Database, role: Role = Role.INSTRUCTOR) -> UUID:
    """Register somebody who may review."""
    user_id = learner(db)
    assert db.run(users.change_role(id=user_id, role=role)) == 1
    return user_id
