"""Handing in code and grading it, by the generated functions on real rows: limits, claims, results, races."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from codezest_sql import CheckViolation, Database
from codezest_sql.platform.models.learning import SubmissionStatus
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import submissions
from codezest_sql.platform.types import TestResult
from tests.conftest import create_database, drop_database
from tests.postgres.platform.course import ASSIGNMENT, MODULE, SEEDS, at_once, learner
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

MINUTE = timedelta(minutes=1)
LIMIT = 3


@pytest.fixture(scope="module")
def course(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    name = f"submissions_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    execute(url, f"UPDATE learning.assignments SET max_attempts = {LIMIT}, max_score = 10")
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


def hand_in(db: Database, user_id: UUID, *, code: str = "print()", key: UUID | None = None) -> Any:
    """Submit as a service does: the lock and the row in one round trip."""
    ask = submissions.submit(user_id=user_id, id=key or uuid4(), assignment_id=ASSIGNMENT, code=code)
    _, made = db.batch(submissions.lock_submissions(user_id=user_id, assignment_id=ASSIGNMENT), ask)
    return made


def claim(db: Database, grader: str = "one", *, limit: int = 1, lease: timedelta = MINUTE) -> list[Any]:
    return db.run(submissions.claim_submissions(grader=grader, limit=limit, lease=lease))


def record(db: Database, claimed: Any, *, grader: str = "one", score: int | None = 7, **change: Any) -> Any:
    result: dict[str, Any] = {
        "user_id": claimed.user_id,
        "id": claimed.id,
        "grader": grader,
        "claim_expires_at": claimed.claim_expires_at,
        "status": SubmissionStatus.PASSED,
        "score": score,
        "test_results": [TestResult(name="a", passed=True, duration_ms=3)],
        "execution_ms": 3,
        "memory_kb": 100,
        "error_message": None,
    }
    return db.run(submissions.record_result(**(result | change)))


def test_attempts_are_numbered_up_to_the_limit(db: Database) -> None:
    ada, bob = learner(db), learner(db)
    assert [hand_in(db, ada).attempt_number for _ in range(LIMIT)] == [1, 2, 3]
    assert hand_in(db, ada) is None
    assert hand_in(db, bob).attempt_number == 1
    allowed = db.run(submissions.get_allowance(user_id=bob, assignment_id=ASSIGNMENT))
    assert allowed
    assert (allowed.used, allowed.remaining) == (1, 2)


def test_the_same_id_again_is_the_same_submission_even_at_the_limit(db: Database) -> None:
    ada = learner(db)
    made = [hand_in(db, ada) for _ in range(LIMIT)][-1]
    assert hand_in(db, ada, key=made.id) == made
    assert hand_in(db, ada, key=made.id, code="other") is None


def test_nobody_hands_in_to_what_is_not_there(db: Database, url: str) -> None:
    ada = learner(db)
    assert hand_in(db, uuid4()) is None
    ask = submissions.submit(user_id=ada, id=uuid4(), assignment_id=uuid4(), code="")
    assert db.run(ask) is None
    execute(url, "UPDATE learning.modules SET is_published = FALSE")
    try:
        assert hand_in(db, ada) is None
    finally:
        execute(url, "UPDATE learning.modules SET is_published = TRUE")
    assert db.run(users.delete_user(id=ada))
    assert hand_in(db, ada) is None
    assert rows(url, "SELECT count(*) FROM learning.assignment_submissions") == [(0,)]


def test_many_clients_of_one_learner_get_numbers_without_gap_and_no_more_than_allowed(db: Database, url: str) -> None:
    ada = learner(db)
    made = at_once(url, [lambda each: hand_in(each, ada)] * 8)
    assert sorted(one.attempt_number for one in made if one) == [1, 2, 3]


def test_a_grader_claims_the_oldest_with_what_it_needs(db: Database) -> None:
    ada = learner(db)
    first, second = hand_in(db, ada), hand_in(db, ada)
    [got] = claim(db)
    assert (got.id, got.language, got.assignment.max_score) == (first.id, "python", 10)
    assert got.assignment.test_cases[0].expected_output
    assert [each.id for each in claim(db, limit=5)] == [second.id]
    assert claim(db) == []
    backlog = db.run(submissions.get_backlog())
    assert (backlog.waiting, backlog.running, backlog.expired) == (0, 2, 0)


def test_many_graders_get_each_submission_once(db: Database, url: str) -> None:
    made = {hand_in(db, learner(db)).id for _ in range(12)}
    got = at_once(url, [lambda each, name=str(n): claim(each, name, limit=3) for n in range(6)])  # type: ignore[misc]
    taken = [each.id for batch in got for each in batch]
    assert len(taken) == len(set(taken))
    rest = [each.id for each in claim(db, limit=20)]
    assert sorted([*taken, *rest]) == sorted(made)


def test_a_result_is_recorded_once_by_the_holder_of_the_claim(db: Database) -> None:
    ada = learner(db)
    hand_in(db, ada)
    [got] = claim(db)
    assert record(db, got, grader="two") is None
    assert record(db, got, claim_expires_at=got.claim_expires_at + MINUTE) is None
    assert record(db, got, user_id=learner(db)) is None
    assert record(db, got, score=11) is None
    with pytest.raises(CheckViolation):
        record(db, got, status=SubmissionStatus.PENDING)
    done = record(db, got)
    assert (done.status, done.score, done.max_score) == (SubmissionStatus.PASSED, 7, 10)
    assert record(db, got, score=1) is None
    seen = db.run(submissions.get_submission(user_id=ada, id=got.id))
    assert seen
    assert (seen.score, seen.test_results) == (7, [TestResult(name="a", passed=True, duration_ms=3)])
    assert db.run(submissions.get_submission(user_id=learner(db), id=got.id)) is None


def test_an_expired_claim_is_another_graders(db: Database, url: str) -> None:
    hand_in(db, learner(db))
    [late] = claim(db)
    execute(url, "UPDATE learning.assignment_submissions SET claim_expires_at = now() - interval '1 second'")
    assert record(db, late) is None
    [got] = claim(db, "two")
    assert got.id == late.id
    assert record(db, late) is None
    assert record(db, got, grader="two").score == 7


def test_a_claim_is_extended_and_given_back_by_its_holder_alone(db: Database) -> None:
    hand_in(db, learner(db))
    [got] = claim(db)
    key: dict[str, Any] = {"user_id": got.user_id, "id": got.id, "claim_expires_at": got.claim_expires_at}
    assert db.run(submissions.extend_claim(**key, grader="two", lease=MINUTE)) is None
    longer = db.run(submissions.extend_claim(**key, grader="one", lease=2 * MINUTE))
    assert longer
    assert longer.claim_expires_at > got.claim_expires_at
    assert db.run(submissions.release_claim(**key, grader="one")) == 0  # the claim of before the extension
    key["claim_expires_at"] = longer.claim_expires_at
    assert db.run(submissions.release_claim(**key, grader="one")) == 1
    assert [each.id for each in claim(db, "two")] == [got.id]


def test_the_history_goes_page_by_page_and_the_best_is_found(db: Database) -> None:
    ada = learner(db)
    made = [hand_in(db, ada).id for _ in range(LIMIT)]
    scores: dict[UUID, int] = {}
    for score, got in zip((4, 9, 6), claim(db, limit=LIMIT), strict=True):
        record(db, got, score=score)
        scores[got.id] = score
    first = db.run(submissions.list_submissions(user_id=ada, limit=2))
    second = db.run(
        submissions.list_submissions(user_id=ada, limit=2, before=first[-1].submitted_at, id_before=first[-1].id)
    )
    assert sorted(each.id for each in [*first, *second]) == sorted(made)
    best = db.run(submissions.find_best_submission(user_id=ada, assignment_id=ASSIGNMENT))
    assert best
    assert scores[best.id] == best.score == 9
    [row] = db.run(submissions.list_best_submissions(user_id=ada, module_id=MODULE))
    assert row.best
    assert (row.attempts, row.best.id) == (LIMIT, best.id)
    [row] = db.run(submissions.list_best_submissions(user_id=learner(db), module_id=MODULE))
    assert (row.attempts, row.best) == (0, None)


def test_a_graded_submission_goes_back_into_the_queue(db: Database) -> None:
    ada = learner(db)
    made = hand_in(db, ada)
    assert db.run(submissions.grade_again(user_id=ada, id=made.id)) == 0
    [got] = claim(db)
    record(db, got)
    assert db.run(submissions.grade_again(user_id=learner(db), id=made.id)) == 0
    assert db.run(submissions.grade_again(user_id=ada, id=made.id)) == 1
    assert [each.id for each in claim(db)] == [made.id]


def test_instructors_see_all_learners(db: Database) -> None:
    made = {hand_in(db, learner(db)).id for _ in range(3)}
    seen = db.run(submissions.list_submissions_to_assignment(assignment_id=ASSIGNMENT, limit=9))
    assert {each.id for each in seen} == made
    assert {each.learner.name for each in seen} == {"Ada"}


def test_foreign_rows_stay_as_they_are(db: Database, url: str) -> None:
    """Each statement that takes a user and an id, with another's id."""
    hand_in(db, learner(db))
    [got] = claim(db)
    other = learner(db)
    before = rows(url, "SELECT * FROM learning.assignment_submissions")
    key: dict[str, Any] = {"user_id": other, "id": got.id, "claim_expires_at": got.claim_expires_at, "grader": "one"}
    assert db.run(submissions.extend_claim(**key, lease=MINUTE)) is None
    assert db.run(submissions.release_claim(**key)) == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT * FROM learning.assignment_submissions").fetchall() == before
