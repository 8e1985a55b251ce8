"""Quizzes taken by the generated functions on real rows: begin, answer, finish, look back; limits and races."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from codezest_sql import Database
from codezest_sql.platform.models.learning import ProgressStatus
from codezest_sql.platform.queries.learning import attempts, quizzes
from tests.conftest import create_database, drop_database
from tests.postgres.platform.course import OPTIONS, QUESTIONS, QUIZ, RIGHT, SEEDS, at_once, learner
from tests.projects import execute, rows
from tests.runtime.auth.service import Sql, racing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Server, Servers

LIMIT = 2
POINTS = 4  # of the three questions: 1, 1 and 2; 60 % pass


@pytest.fixture(scope="module")
def course(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    name = f"attempts_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    execute(url, f"UPDATE learning.mcq_quizzes SET max_attempts = {LIMIT}")
    yield url
    drop_database(server, name)


@pytest.fixture
def url(course: str) -> Iterator[str]:
    yield course
    execute(
        course,
        "DELETE FROM auth.users; DELETE FROM learning.mcq_questions WHERE prompt = 'New?';"
        "UPDATE learning.mcq_questions SET deleted_at = NULL",
    )


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with Database.connect(url) as opened:
        yield opened


def start(db: Any, user_id: UUID, *, key: UUID | None = None) -> Any:
    ask = attempts.start_attempt(user_id=user_id, id=key or uuid4(), quiz_id=QUIZ)
    _, made = db.batch(attempts.lock_attempts(user_id=user_id, quiz_id=QUIZ), ask)
    return made


def answer(db: Database, attempt: Any, question: UUID, option: UUID, *, user_id: UUID | None = None) -> Any:
    return db.run(
        attempts.answer_question(
            user_id=user_id or attempt.user_id, attempt_id=attempt.id, question_id=question, option_id=option
        )
    )


def finish(db: Any, attempt: Any, *, user_id: UUID | None = None) -> Any:
    return db.run(attempts.finish_attempt(user_id=user_id or attempt.user_id, id=attempt.id))


def wrong(question: UUID) -> UUID:
    return next(option for option in OPTIONS[question] if option != RIGHT[question])


def test_a_quiz_is_taken_from_the_first_question_to_the_review(db: Database) -> None:
    ada = learner(db)
    attempt = start(db, ada)
    assert (attempt.attempt_number, attempt.max_score) == (1, POINTS)
    assert (attempt.ends_at - attempt.started_at).total_seconds() == 600
    paper = db.run(attempts.get_paper(user_id=ada, id=attempt.id))
    assert paper
    assert {each.id: {option.id for option in each.options} for each in paper.questions} == {
        question: set(options) for question, options in OPTIONS.items()
    }
    assert all(each.chosen_option_id is None for each in paper.questions)
    assert "is_correct" not in repr(paper)
    assert db.run(attempts.review_attempt(user_id=ada, id=attempt.id)) is None
    for question in (QUESTIONS[0], QUESTIONS[2]):
        assert answer(db, attempt, question, RIGHT[question]).option_id == RIGHT[question]
    seen = db.run(attempts.get_attempt(user_id=ada, id=attempt.id))
    assert seen
    assert seen.score is None  # nobody learns by it which answers are right
    done = finish(db, attempt)
    assert (done.score, done.max_score, done.passed) == (3, POINTS, True)
    review = db.run(attempts.review_attempt(user_id=ada, id=attempt.id))
    assert review
    assert [(each.id, each.is_correct, each.points_awarded) for each in review.questions] == [
        (QUESTIONS[0], True, 1),
        (QUESTIONS[1], False, 0),
        (QUESTIONS[2], True, 2),
    ]
    for each in review.questions:
        assert [option.id for option in each.options if option.is_correct] == [RIGHT[each.id]]
        assert each.explanation


def test_the_last_answer_counts_and_the_same_again_is_harmless(db: Database) -> None:
    attempt = start(db, learner(db))
    for option in (RIGHT[QUESTIONS[2]], wrong(QUESTIONS[2]), RIGHT[QUESTIONS[2]], RIGHT[QUESTIONS[2]]):
        assert answer(db, attempt, QUESTIONS[2], option)
    assert answer(db, attempt, QUESTIONS[0], RIGHT[QUESTIONS[0]])
    assert answer(db, attempt, QUESTIONS[0], wrong(QUESTIONS[0]))
    done = finish(db, attempt)
    assert (done.score, done.passed) == (2, False)


def test_answers_outside_the_quiz_change_nothing(db: Database, url: str) -> None:
    attempt = start(db, learner(db))
    other = learner(db)
    assert answer(db, attempt, QUESTIONS[0], RIGHT[QUESTIONS[1]]) is None
    assert answer(db, attempt, uuid4(), RIGHT[QUESTIONS[0]]) is None
    assert answer(db, attempt, QUESTIONS[0], uuid4()) is None
    assert answer(db, attempt, QUESTIONS[0], RIGHT[QUESTIONS[0]], user_id=other) is None
    assert finish(db, attempt, user_id=other) is None
    assert db.run(attempts.get_paper(user_id=other, id=attempt.id)) is None
    assert rows(url, "SELECT count(*) FROM learning.mcq_answers") == [(0,)]
    assert finish(db, attempt).score == 0


def test_a_finished_attempt_stays_as_it_is(db: Database) -> None:
    attempt = start(db, learner(db))
    answer(db, attempt, QUESTIONS[0], RIGHT[QUESTIONS[0]])
    assert finish(db, attempt).score == 1
    assert finish(db, attempt) is None
    assert answer(db, attempt, QUESTIONS[1], RIGHT[QUESTIONS[1]]) is None
    assert db.run(attempts.get_paper(user_id=attempt.user_id, id=attempt.id)) is None
    seen = db.run(attempts.get_attempt(user_id=attempt.user_id, id=attempt.id))
    assert seen
    assert (seen.status, seen.score) == (ProgressStatus.COMPLETED, 1)


def test_an_attempt_has_the_questions_of_its_beginning(db: Database, url: str) -> None:
    """Through to the review: what was added later was never asked, and what was removed since still was."""
    ada = learner(db)
    attempt = start(db, ada)
    added = uuid4()
    execute(
        url,
        f"UPDATE learning.mcq_questions SET deleted_at = now() WHERE id = '{QUESTIONS[0]}';"
        f"INSERT INTO learning.mcq_questions (id, quiz_id, prompt) VALUES ('{added}', '{QUIZ}', 'New?')",
    )
    paper = db.run(attempts.get_paper(user_id=ada, id=attempt.id))
    assert paper is not None
    assert {each.id for each in paper.questions} == set(QUESTIONS)
    assert finish(db, attempt).max_score == sum(each.points for each in paper.questions)
    review = db.run(attempts.review_attempt(user_id=ada, id=attempt.id))
    assert review is not None
    assert {each.id for each in review.questions} == set(QUESTIONS)


def test_the_next_attempt_waits_for_the_end_of_this_one_and_the_limit_holds(db: Database) -> None:
    ada = learner(db)
    first = start(db, ada)
    assert start(db, ada) is None
    assert start(db, ada, key=first.id).attempt_number == 1
    allowed = db.run(attempts.get_allowance(user_id=ada, quiz_id=QUIZ))
    assert allowed
    assert allowed.unfinished
    assert (allowed.used, allowed.remaining, allowed.unfinished.id) == (1, 1, first.id)
    finish(db, first)
    second = start(db, ada)
    assert second.attempt_number == 2
    finish(db, second)
    assert start(db, ada) is None
    assert start(db, uuid4()) is None


def test_after_its_time_an_attempt_takes_no_answer_and_is_swept(db: Database, url: str) -> None:
    late, early = start(db, learner(db)), start(db, learner(db))
    answer(db, late, QUESTIONS[2], RIGHT[QUESTIONS[2]])
    execute(
        url,
        f"UPDATE learning.mcq_attempts SET started_at = started_at - interval '601 seconds' WHERE id = '{late.id}'",
    )
    assert answer(db, late, QUESTIONS[2], wrong(QUESTIONS[2])) is None
    [swept] = db.run(attempts.finish_overdue_attempts(limit=10))
    assert (swept.id, swept.score, swept.passed) == (late.id, 2, False)
    assert (swept.completed_at - swept.started_at).total_seconds() == 600
    assert db.run(attempts.finish_overdue_attempts(limit=10)) == []
    assert answer(db, early, QUESTIONS[0], RIGHT[QUESTIONS[0]])


def test_many_clients_begin_one_attempt(db: Database, url: str) -> None:
    ada = learner(db)
    made = [each for each in at_once(url, [lambda other: start(other, ada)] * 8) if each]
    assert [each.attempt_number for each in made] == [1]


def test_many_answers_at_once_are_all_counted(db: Database, url: str) -> None:
    for _ in range(5):
        attempt = start(db, learner(db))
        calls = [
            lambda other, q=question, a=attempt: answer(other, a, q, RIGHT[q])
            for question in QUESTIONS
            for _ in range(3)
        ]
        assert all(at_once(url, calls))
        assert finish(db, attempt).score == POINTS


def test_many_who_finish_at_once_get_one_result_and_it_has_every_accepted_answer(db: Database, url: str) -> None:
    for _ in range(5):
        attempt = start(db, learner(db))
        calls: list[Any] = [
            *(
                lambda other, q=question, a=attempt: ("answer", q, answer(other, a, q, RIGHT[q]))
                for question in QUESTIONS
            ),
            *[lambda other, a=attempt: ("finish", None, finish(other, a))] * 4,
        ]
        found = at_once(url, calls)
        [result] = [each for kind, _, each in found if kind == "finish" and each]
        worth = dict(zip(QUESTIONS, (1, 1, 2), strict=True))
        assert result.score == sum(worth[q] for kind, q, each in found if kind == "answer" and each)


def test_the_history_and_the_best_attempt(db: Database) -> None:
    ada = learner(db)
    for question in (QUESTIONS[2], QUESTIONS[0]):
        attempt = start(db, ada)
        answer(db, attempt, question, RIGHT[question])
        finish(db, attempt)
    newest, oldest = db.run(attempts.list_attempts(user_id=ada, limit=9))
    assert (newest.attempt_number, newest.score, oldest.score) == (2, 1, 2)
    page = attempts.list_attempts(user_id=ada, limit=9, before=newest.started_at, id_before=newest.id)
    assert [each.id for each in db.run(page)] == [oldest.id]
    best = db.run(attempts.find_best_attempt(user_id=ada, quiz_id=QUIZ))
    assert best
    assert (best.attempt_number, best.score) == (1, 2)
    assert db.run(attempts.list_attempts(user_id=learner(db), limit=9)) == []


def ask_new(db: Any) -> UUID:
    """Add a question of three points."""
    key = uuid4()
    made = db.run(
        quizzes.add_question(
            id=key, quiz_id=QUIZ, prompt="New?", code_snippet=None, explanation=None, points=3,
            options=["yes", "no"], right=1,
        )
    )  # fmt: skip
    assert made
    return key


def take_out(db: Any) -> None:
    assert db.run(quizzes.remove_question(id=QUESTIONS[2])) == 1


def paper_of(db: Database, attempt: Any) -> int:
    """Return the points of an attempt's questions, which its max_score must be."""
    paper = db.run(attempts.get_paper(user_id=attempt.user_id, id=attempt.id))
    assert paper
    points = sum(each.points for each in paper.questions)
    assert attempt.max_score == points
    return points


@pytest.mark.every_postgres
@pytest.mark.parametrize(("edit", "after"), [(ask_new, POINTS + 3), (take_out, POINTS - 2)])
def test_an_attempt_is_worth_what_is_on_its_paper_whoever_edits_the_quiz_meanwhile(
    db: Database, url: str, edit: Callable[[Any], object], after: int
) -> None:
    with psycopg.connect(url, autocommit=True) as connection, Database.connect(url) as other:
        looking = Sql(connection)
        first, second, third = (learner(db) for _ in range(3))
        # The transaction that begins the attempt is older than the edit, which it sees.
        with other.transaction() as slow:
            slow.run(attempts.get_allowance(user_id=first, quiz_id=QUIZ))
            with racing(looking, db, partial(start, slow, second)) as (editing, results):
                edit(editing)
        assert paper_of(db, results[0]) == after
        # The edit is older than the attempt, for which it waits: the attempt is without it.
        execute(
            url,
            "DELETE FROM learning.mcq_questions WHERE prompt = 'New?';"
            "UPDATE learning.mcq_questions SET deleted_at = NULL",
        )
        with other.transaction() as slow:
            slow.run(attempts.get_allowance(user_id=first, quiz_id=QUIZ))
            with racing(looking, db, partial(edit, slow)) as (beginning, _):
                attempt = start(beginning, third)
        assert paper_of(db, attempt) == POINTS
        done = finish(db, attempt)
        assert done.completed_at >= done.started_at


def test_an_attempt_is_begun_and_ended_in_one_transaction(db: Database) -> None:
    ada = learner(db)
    with db.transaction() as one:
        attempt = start(one, ada)
        done = finish(one, attempt)
    assert done.completed_at == done.started_at
