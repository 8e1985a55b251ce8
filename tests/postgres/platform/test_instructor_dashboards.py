"""What instructors see first, by the generated functions on real rows: a module in figures, and what waits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from codezest_sql import Database
from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import attempts, dashboards, submissions
from tests.conftest import create_database, drop_database
from tests.postgres.platform.course import ASSIGNMENT, MODULE, PYTHON, QUESTIONS, QUIZ, RIGHT, SEEDS, learner
from tests.postgres.platform.work import ATTEMPT, SUBMISSION, Subject, Work, staff
from tests.projects import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

HARD, EMPTY, DELETED, NEW_QUESTION = (UUID(int=number) for number in (2, 3, 4, 5))


@pytest.fixture(scope="module")
def course(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    """Make the course of the seeds, with one more assignment, a module without anything and a deleted one."""
    name = f"instructors_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    execute(
        url,
        "INSERT INTO learning.assignments (id, module_id, title, description, difficulty, max_score)"
        f" VALUES ('{HARD}', '{MODULE}', 'Hard', '', 'ADVANCED', 10);"
        "INSERT INTO learning.modules (id, language_id, slug, title, difficulty, deleted_at)"
        f" VALUES ('{EMPTY}', '{PYTHON}', 'empty', 'Empty', 'BEGINNER', NULL),"
        f" ('{DELETED}', '{PYTHON}', 'deleted', 'Deleted', 'BEGINNER', now())",
    )
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


def dashboard(db: Database, module_id: UUID = MODULE, *, limit: int = 5) -> Any:
    return db.run(dashboards.get_module_dashboard(module_id=module_id, limit=limit))


def reach(url: str, user_id: UUID, status: str, percent: int) -> None:
    completed = "now()" if status == "COMPLETED" else "NULL"
    execute(
        url,
        "INSERT INTO learning.module_progress (user_id, module_id, status, percent, completed_at)"
        f" VALUES ('{user_id}', '{MODULE}', '{status}', {percent}, {completed})",
    )


def graded(url: str, user_id: UUID, assignment_id: UUID, *scores: int, passed: bool = False) -> None:
    """Let a learner have handed in for these scores; only the last one may have passed."""
    with psycopg.connect(url, autocommit=True) as connection:
        for number, score in enumerate(scores, 1):
            status = "PASSED" if passed and number == len(scores) else "FAILED"
            connection.execute(
                "INSERT INTO learning.assignment_submissions"
                " (user_id, assignment_id, attempt_number, code, status, score, graded_at)"
                " VALUES (%s, %s, %s, '', %s, %s, now())",
                (user_id, assignment_id, number, status, score),
            )


def take_quiz(db: Database, user_id: UUID, *right: UUID, finish: bool = True) -> Work:
    """Answer these questions of the quiz right, and no other."""
    made = db.run(attempts.start_attempt(user_id=user_id, id=uuid4(), quiz_id=QUIZ))
    assert made
    for question in right:
        ask = attempts.answer_question(
            user_id=user_id, attempt_id=made.id, question_id=question, option_id=RIGHT[question]
        )
        assert db.run(ask)
    if finish:
        assert db.run(attempts.finish_attempt(user_id=user_id, id=made.id))
    return Work(user_id, made.id)


def test_a_module_without_learners_has_no_percentages(db: Database) -> None:
    seen = dashboard(db, EMPTY)
    assert (seen.title, seen.is_published, seen.learners, seen.completed) == ("Empty", False, 0, 0)
    assert (seen.completed_percent, seen.average_percent) == (None, None)
    assert (seen.assignments_score_percent, seen.quizzes_score_percent) == (None, None)
    assert (seen.hardest_assignments, seen.hardest_questions) == ([], [])


def test_a_module_that_is_not_there_has_no_dashboard(db: Database) -> None:
    assert dashboard(db, uuid4()) is None
    assert dashboard(db, DELETED) is None


def test_learners_count_once_they_began_and_while_their_account_is_live(db: Database, url: str) -> None:
    states = [("COMPLETED", 100), ("IN_PROGRESS", 50), ("IN_PROGRESS", 51), ("NOT_STARTED", 0), ("COMPLETED", 100)]
    *_, gone = people = [learner(db) for _ in states]
    for user_id, (status, percent) in zip(people, states, strict=True):
        reach(url, user_id, status, percent)
    assert db.run(users.delete_user(id=gone))
    seen = dashboard(db)
    assert (seen.learners, seen.completed) == (3, 1)
    assert (seen.completed_percent, seen.average_percent) == (33, 67)  # of 33.3 and 67


def test_the_hardest_assignment_is_the_one_that_fewest_pass(db: Database, url: str) -> None:
    ada, bob, gone = learner(db), learner(db), learner(db)
    graded(url, ada, ASSIGNMENT, 20, 90, passed=True)
    graded(url, bob, ASSIGNMENT, 60, 40)
    graded(url, ada, HARD, 5)
    graded(url, gone, HARD, 10, passed=True)
    assert db.run(users.delete_user(id=gone))
    SUBMISSION.begin(db)  # waits for its grader, and so counts nowhere
    seen = dashboard(db)
    assert [
        (each.id, each.learners, each.passed_percent, each.average_score_percent) for each in seen.hardest_assignments
    ] == [(HARD, 1, 0, 50), (ASSIGNMENT, 2, 50, 75)]
    assert seen.assignments_score_percent == 66  # of 90, 60 and 50
    assert [each.id for each in dashboard(db, limit=1).hardest_assignments] == [HARD]


def test_a_pass_counts_before_a_higher_score_that_failed_and_no_score_is_over_all(db: Database, url: str) -> None:
    graded(url, learner(db), HARD, 9, 6, passed=True)
    graded(url, learner(db), HARD, 15, passed=True)  # as after max_score was lowered
    [hard] = dashboard(db).hardest_assignments
    assert (hard.passed_percent, hard.average_score_percent) == (100, 80)


def test_the_hardest_question_is_the_one_that_fewest_answer_right(db: Database, url: str) -> None:
    take_quiz(db, learner(db), *QUESTIONS)
    take_quiz(db, learner(db), QUESTIONS[0])  # no answer is a wrong one
    take_quiz(db, learner(db), QUESTIONS[0], QUESTIONS[2])
    take_quiz(db, learner(db), finish=False)
    gone = learner(db)
    take_quiz(db, gone, QUESTIONS[1])
    assert db.run(users.delete_user(id=gone))
    execute(
        url,
        "INSERT INTO learning.mcq_questions (id, quiz_id, prompt, position)"
        f" VALUES ('{NEW_QUESTION}', '{QUIZ}', 'new', 9)",
    )
    try:
        seen = dashboard(db)
    finally:
        execute(url, f"DELETE FROM learning.mcq_questions WHERE id = '{NEW_QUESTION}'")
    assert [(each.id, each.asked, each.right_percent) for each in seen.hardest_questions] == [
        (QUESTIONS[1], 3, 33),
        (QUESTIONS[2], 3, 66),
        (QUESTIONS[0], 3, 100),
    ]
    assert seen.quizzes_score_percent == 66  # of 100, 25 and 75
    assert [each.id for each in dashboard(db, limit=1).hardest_questions] == [QUESTIONS[1]]


def teach(db: Database, url: str, role: Role = Role.INSTRUCTOR) -> UUID:
    """Register the one who made the module."""
    user_id = staff(db, role)
    execute(url, f"UPDATE learning.modules SET created_by = '{user_id}' WHERE id = '{MODULE}'")
    return user_id


def queue(db: Database, instructor_id: UUID, *, limit: int = 9, **after: Any) -> list[Any]:
    return db.run(dashboards.list_review_queue(instructor_id=instructor_id, limit=limit, **after))


def test_submissions_and_attempts_wait_in_one_queue_page_by_page(db: Database, url: str) -> None:
    grace = teach(db, url)
    kinds = [SUBMISSION, ATTEMPT, ATTEMPT, SUBMISSION, SUBMISSION, ATTEMPT]
    made = [(kind, work := kind.done(db), kind.analyse(db, work).id) for kind in kinds]
    # The first submission and attempt are of one moment: the id decides between them.
    for kind in (SUBMISSION, ATTEMPT):
        first = next(key for each, _, key in made if each is kind)
        execute(url, f"UPDATE learning.{kind.table} SET created_at = '2026-01-01' WHERE id = '{first}'")
    expected = [*sorted(made[:2], key=lambda each: each[2]), *made[2:]]
    found: list[Any] = []
    sizes = []
    while page := queue(
        db, grace, limit=4, **({"after": found[-1].waits_since, "id_after": found[-1].analysis_id} if found else {})
    ):
        found += page
        sizes.append(len(page))
    assert sizes == [4, 2]
    assert [each.analysis_id for each in found] == [key for *_, key in expected]
    for row, (kind, work, _) in zip(found, expected, strict=True):
        ids = (work.id, None) if kind is SUBMISSION else (None, work.id)
        assert (row.submission_id, row.attempt_id) == ids
        assert (row.learner.id, row.module.id, row.score) == (work.user_id, MODULE, 80)


@pytest.mark.parametrize("subject", [SUBMISSION, ATTEMPT], ids=lambda each: each.name)
def test_what_is_reviewed_or_of_the_gone_or_the_instructors_own_does_not_wait(
    db: Database, url: str, subject: Subject
) -> None:
    reviewed, left, own, waits = (subject.done(db) for _ in range(4))
    subject.done(db)  # nobody said anything about it
    for work in (reviewed, left, own, waits):
        subject.analyse(db, work)
    assert db.run(users.change_role(id=own.user_id, role=Role.ADMIN)) == 1
    execute(url, f"UPDATE learning.modules SET created_by = '{own.user_id}' WHERE id = '{MODULE}'")
    assert subject.review(db, reviewed, own.user_id)
    assert db.run(users.delete_user(id=left.user_id))
    assert [each.learner.id for each in queue(db, own.user_id)] == [waits.user_id]


def test_a_submission_that_is_graded_again_waits_for_its_result_first(db: Database, url: str) -> None:
    grace, work = teach(db, url), SUBMISSION.done(db)
    SUBMISSION.analyse(db, work)
    assert db.run(submissions.grade_again(user_id=work.user_id, id=work.id)) == 1
    assert queue(db, grace) == []
    SUBMISSION.finish(db, work)
    assert len(queue(db, grace)) == 1


@pytest.mark.parametrize("subject", [SUBMISSION, ATTEMPT], ids=lambda each: each.name)
def test_only_who_made_the_module_and_may_teach_has_its_queue(db: Database, url: str, subject: Subject) -> None:
    grace, other = teach(db, url), staff(db, Role.ADMIN)
    subject.analyse(db, subject.done(db))
    assert len(queue(db, grace)) == 1
    assert queue(db, other) == queue(db, uuid4()) == []
    assert db.run(users.change_role(id=grace, role=Role.STUDENT)) == 1
    assert queue(db, grace) == []
    assert db.run(users.change_role(id=grace, role=Role.INSTRUCTOR)) == 1
    assert db.run(users.delete_user(id=grace))
    assert queue(db, grace) == []
