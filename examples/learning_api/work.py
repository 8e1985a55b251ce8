"""Handing in code, and taking quizzes. The grader is a program of its own: examples/grader."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, Field

from codezest_sql.platform.queries.learning import attempts, submissions
from codezest_sql.platform.queries.learning.attempts import (
    AnswerQuestionRow,
    AttemptResult,
    GetPaperRow,
    ReviewAttemptRow,
    StartAttemptRow,
)
from codezest_sql.platform.queries.learning.submissions import GetSubmissionRow, SubmitRow
from examples.learning_api.context import Db, Signed
from examples.learning_api.journal import note
from examples.learning_api.problems import found, refuse

router = APIRouter()


class Code(BaseModel):
    """What is handed in; the client's id makes a second try harmless."""

    code: Annotated[str, Field(min_length=1, max_length=100_000)]
    id: UUID = Field(default_factory=uuid4)


class Attempt(BaseModel):
    """The client's id makes a second try harmless."""

    id: UUID = Field(default_factory=uuid4)


class Choice(BaseModel):
    """The option that somebody chose."""

    option_id: UUID


@router.post("/assignments/{assignment_id}/submissions", status_code=201)
async def submit(assignment_id: UUID, asked: Code, db: Db, live: Signed) -> SubmitRow:
    """Hand in code under the next number."""
    _, made = await db.batch(
        submissions.lock_submissions(user_id=live.user_id, assignment_id=assignment_id),
        submissions.submit(user_id=live.user_id, id=asked.id, assignment_id=assignment_id, code=asked.code),
    )
    if made is None:
        refuse(409, "not-accepted", "no such assignment, its attempts are used up, or the id is taken")
    await note(
        db, "submission.made", "learning.assignment_submissions",
        user_id=live.user_id, id=made.id, at=made.submitted_at,
    )  # fmt: skip
    return made


@router.get("/submissions/{submission_id}")
async def submission(submission_id: UUID, db: Db, live: Signed) -> GetSubmissionRow:
    """Return a submission of who is signed in."""
    return found(await db.run(submissions.get_submission(user_id=live.user_id, id=submission_id)), "submission")


@router.post("/quizzes/{quiz_id}/attempts", status_code=201)
async def start(quiz_id: UUID, asked: Attempt, db: Db, live: Signed) -> StartAttemptRow:
    """Begin a quiz."""
    _, begun = await db.batch(
        attempts.lock_attempts(user_id=live.user_id, quiz_id=quiz_id),
        attempts.start_attempt(id=asked.id, user_id=live.user_id, quiz_id=quiz_id),
    )
    if begun is None:
        refuse(409, "not-started", "no such quiz, another attempt is unfinished, all are used up, or the id is taken")
    return begun


@router.get("/attempts/{attempt_id}")
async def paper(attempt_id: UUID, db: Db, live: Signed) -> GetPaperRow:
    """Return the questions of an attempt."""
    return found(await db.run(attempts.get_paper(user_id=live.user_id, id=attempt_id)), "unfinished attempt")


@router.put("/attempts/{attempt_id}/answers/{question_id}")
async def answer(attempt_id: UUID, question_id: UUID, asked: Choice, db: Db, live: Signed) -> AnswerQuestionRow:
    """Answer a question."""
    given = await db.run(
        attempts.answer_question(
            user_id=live.user_id, attempt_id=attempt_id, question_id=question_id, option_id=asked.option_id
        )
    )
    if given is None:
        refuse(409, "not-answered", "the attempt is over, or the question or option is not of it")
    return given


@router.post("/attempts/{attempt_id}/finish")
async def finish(attempt_id: UUID, db: Db, live: Signed) -> AttemptResult:
    """End an attempt, and return its result."""
    result = await db.run(attempts.finish_attempt(user_id=live.user_id, id=attempt_id))
    if result is None:
        refuse(409, "finished", "there is no such attempt, or it is finished already")
    await note(
        db, "quiz.finished", "learning.mcq_attempts", user_id=live.user_id, id=result.id, at=result.completed_at
    )
    return result


@router.get("/attempts/{attempt_id}/review")
async def review(attempt_id: UUID, db: Db, live: Signed) -> ReviewAttemptRow:
    """Return what was right, once it is finished."""
    return found(await db.run(attempts.review_attempt(user_id=live.user_id, id=attempt_id)), "finished attempt")
