"""What models and reviewers say about work, by the generated functions on real rows: order, rights, races, pages.

Each test that takes ``subject`` runs for submissions and for attempts: their queries are pairs that promise the same.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, Database
from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.models.learning import AnalysisType, SubmissionStatus
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import submissions
from codezest_sql.platform.types import AIResult
from tests.conftest import create_database, drop_database
from tests.postgres.platform.course import MODULE, QUESTIONS, SEEDS, at_once, learner
from tests.postgres.platform.work import ATTEMPT, GOOD, SUBMISSION, Subject, Work, end_grading, grade, staff
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

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


@pytest.fixture(params=[SUBMISSION, ATTEMPT], ids=lambda each: each.name)
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.param
    return found


def test_a_model_speaks_first_and_a_reviewer_after_it(db: Database, subject: Subject) -> None:
    work, grace = subject.done(db), staff(db)
    assert db.run(subject.get(**subject.of(work))) is None
    first = subject.analyse(db, work)
    assert (first.type, first.score) == (AnalysisType.AI, 80)
    said = db.run(subject.get(**subject.of(work)))
    assert (said.type, said.ai_result, said.reviewer, said.reviewer_notes) == (AnalysisType.AI, GOOD, None, None)
    review = subject.review(db, work, grace)
    assert (review.id, review.type, review.reviewer_id, review.score) == (first.id, AnalysisType.HYBRID, grace, 80)
    said = db.run(subject.get(**subject.of(work)))
    assert (said.ai_result, said.reviewer.id, said.reviewer_notes) == (GOOD, grace, "Well done.")
    assert said.reviewed_at == review.reviewed_at


def test_a_reviewer_alone_is_manual_and_a_model_has_nothing_to_add(db: Database, url: str, subject: Subject) -> None:
    work, grace = subject.done(db), staff(db, Role.ADMIN)
    review = subject.review(db, work, grace, score=60)
    assert (review.type, review.score) == (AnalysisType.MANUAL, 60)
    before = subject.stored(url)
    assert subject.analyse(db, work) is None
    assert subject.stored(url) == before
    assert subject.review(db, subject.done(db), grace).score is None


def test_a_model_may_repeat_and_correct_itself_until_somebody_reviewed(
    db: Database, url: str, subject: Subject
) -> None:
    work, grace = subject.done(db), staff(db)
    first = subject.analyse(db, work)
    assert subject.analyse(db, work) == first
    assert subject.analyse(db, work, BETTER, "m-2").id == first.id
    said = db.run(subject.get(**subject.of(work)))
    assert (said.ai_result, said.score) == (BETTER, 90)
    assert subject.analyse(db, work, SILENT).score is None
    assert subject.review(db, work, grace, score=75).score == 75
    before = subject.stored(url)
    assert subject.analyse(db, work, GOOD) is None
    assert subject.stored(url) == before


def test_unfinished_work_has_no_analysis(db: Database, url: str, subject: Subject) -> None:
    work, grace = subject.begin(db), staff(db)
    assert subject.analyse(db, work) is None
    assert subject.review(db, work, grace) is None
    assert db.run(subject.open(**subject.of(work), reviewer_id=grace)) is None
    assert subject.stored(url) == []


def test_a_submission_whose_grading_failed_has_no_analysis(db: Database) -> None:
    work, grace = SUBMISSION.begin(db), staff(db)
    end_grading(db, work, SubmissionStatus.ERROR)
    assert SUBMISSION.analyse(db, work) is None
    assert SUBMISSION.review(db, work, grace) is None


def test_a_submission_that_is_graded_again_waits_for_its_result_first(db: Database) -> None:
    work, grace = SUBMISSION.done(db), staff(db)
    SUBMISSION.analyse(db, work)
    assert db.run(submissions.grade_again(user_id=work.user_id, id=work.id)) == 1
    assert db.run(SUBMISSION.waiting(reviewer_id=grace, limit=9)) == []
    assert SUBMISSION.review(db, work, grace) is None
    grade(db, work)
    assert len(db.run(SUBMISSION.waiting(reviewer_id=grace, limit=9))) == 1
    assert SUBMISSION.review(db, work, grace).type is AnalysisType.HYBRID


def test_a_review_is_not_revised_while_its_submission_is_graded_again(db: Database) -> None:
    work, grace = SUBMISSION.done(db), staff(db)
    seen = SUBMISSION.review(db, work, grace)
    assert db.run(submissions.grade_again(user_id=work.user_id, id=work.id)) == 1
    assert SUBMISSION.rewrite(db, work, grace, seen) is None
    grade(db, work)
    assert SUBMISSION.rewrite(db, work, grace, seen).reviewer_notes == "Better."


def test_nobody_reviews_the_work_of_who_is_gone(db: Database, url: str, subject: Subject) -> None:
    work, other, grace = subject.done(db), subject.done(db), staff(db)
    seen = subject.review(db, work, grace)
    for each in (work, other):
        assert db.run(users.delete_user(id=each.user_id))
    before = subject.stored(url)
    assert subject.rewrite(db, work, grace, seen) is None
    assert subject.review(db, other, grace) is None
    assert subject.stored(url) == before
    assert db.run(users.restore_user(id=other.user_id))
    assert subject.review(db, other, grace) is not None


def test_only_live_instructors_and_admins_review_and_nobody_their_own(
    db: Database, url: str, subject: Subject
) -> None:
    work, gone = subject.done(db), staff(db)
    subject.analyse(db, work)
    assert db.run(users.delete_user(id=gone))
    before = subject.stored(url)
    student = learner(db)
    for role in (Role.INSTRUCTOR, Role.ADMIN):
        assert db.run(users.change_role(id=work.user_id, role=role)) == 1
        for nobody in (student, work.user_id, gone, uuid4()):
            assert subject.review(db, work, nobody) is None
            assert db.run(subject.open(**subject.of(work), reviewer_id=nobody)) is None
            assert db.run(subject.waiting(reviewer_id=nobody, limit=9)) == []
    assert subject.stored(url) == before


def test_work_of_another_learner_is_none(db: Database, url: str, subject: Subject) -> None:
    work, grace, other = subject.done(db), staff(db), learner(db)
    subject.analyse(db, work)
    review = subject.review(db, work, grace)
    before = subject.stored(url)
    for wrong in (Work(other, work.id), Work(work.user_id, uuid4())):
        assert subject.analyse(db, wrong) is None
        assert subject.review(db, wrong, grace) is None
        assert subject.rewrite(db, wrong, grace, review) is None
        assert db.run(subject.get(**subject.of(wrong))) is None
        assert db.run(subject.open(**subject.of(wrong), reviewer_id=grace)) is None
    assert subject.stored(url) == before


def test_bad_notes_and_scores_are_refused(db: Database, url: str, subject: Subject) -> None:
    work, grace = subject.done(db), staff(db)
    for empty in ("", " \n\t"):
        assert subject.review(db, work, grace, empty) is None
        assert subject.analyse(db, work, model=empty) is None
    with pytest.raises(CheckViolation):
        db.run(subject.record(**subject.of(work), ai_model="m-1", ai_result=None))
    for score in (-1, 101):
        with pytest.raises(CheckViolation):
            subject.review(db, work, grace, score=score)
    assert subject.stored(url) == []
    review = subject.review(db, work, grace)
    assert subject.rewrite(db, work, grace, review, " ") is None
    with pytest.raises(CheckViolation):
        subject.rewrite(db, work, grace, review, score=101)


def test_a_review_is_revised_by_its_reviewer_or_an_admin(db: Database, url: str, subject: Subject) -> None:
    work, grace, other, admin = subject.done(db), staff(db), staff(db), staff(db, Role.ADMIN)
    subject.analyse(db, work)
    first = subject.review(db, work, grace, score=10)
    before = subject.stored(url)
    for nobody in (other, learner(db), work.user_id, uuid4()):
        assert subject.rewrite(db, work, nobody, first) is None
    assert subject.stored(url) == before
    second = subject.rewrite(db, work, grace, first, score=20)
    assert (second.type, second.reviewer_notes, second.score) == (AnalysisType.HYBRID, "Better.", 20)
    third = subject.rewrite(db, work, admin, second, "Best.")
    assert (third.reviewer_id, third.score) == (admin, 80)  # without a score the model's counts again
    assert first.reviewed_at < second.reviewed_at < third.reviewed_at
    assert subject.rewrite(db, work, grace, third) is None  # it is the admin's now


def test_an_admin_does_not_revise_the_review_of_their_own_work(db: Database, url: str, subject: Subject) -> None:
    work, grace = subject.done(db), staff(db)
    review = subject.review(db, work, grace)
    assert db.run(users.change_role(id=work.user_id, role=Role.ADMIN)) == 1
    before = subject.stored(url)
    assert subject.rewrite(db, work, work.user_id, review) is None
    assert subject.stored(url) == before


def test_a_reviewer_without_the_role_revises_no_more(db: Database, subject: Subject) -> None:
    work, grace = subject.done(db), staff(db)
    review = subject.review(db, work, grace)
    assert db.run(users.change_role(id=grace, role=Role.STUDENT)) == 1
    assert subject.rewrite(db, work, grace, review) is None
    assert db.run(users.change_role(id=grace, role=Role.INSTRUCTOR)) == 1
    assert db.run(users.delete_user(id=grace))
    assert subject.rewrite(db, work, grace, review) is None
    said = db.run(subject.get(**subject.of(work)))
    assert (said.reviewer, said.reviewer_notes) == (None, "Well done.")


def test_what_only_a_model_said_is_no_review_to_revise(db: Database, url: str, subject: Subject) -> None:
    work, admin = subject.done(db), staff(db, Role.ADMIN)
    made = subject.analyse(db, work)
    ask = subject.revise(
        **subject.of(work), reviewer_id=admin, reviewer_notes="x", score=None, reviewed_at=made.created_at
    )
    assert db.run(ask) is None
    assert rows(url, f"SELECT type FROM learning.{subject.table}") == [("AI",)]


def test_of_many_reviewers_at_once_one_is_first_and_nothing_of_it_is_lost(
    db: Database, url: str, subject: Subject
) -> None:
    reviewers = [staff(db) for _ in range(6)]
    for round_ in range(4):
        work = subject.done(db)
        if round_ % 2:
            subject.analyse(db, work)
        calls = [
            lambda each, by=by, work=work: subject.review(each, work, by, f"by {by}", score=50) for by in reviewers
        ]
        [won] = [each for each in at_once(url, calls) if each]
        said = db.run(subject.get(**subject.of(work)))
        assert (said.type, said.reviewer.id, said.reviewer_notes) == (won.type, won.reviewer_id, won.reviewer_notes)
        assert won.reviewer_notes == f"by {won.reviewer_id}"
        assert won.type is (AnalysisType.HYBRID if round_ % 2 else AnalysisType.MANUAL)


def test_of_many_revisions_of_one_review_at_once_one_is_taken(db: Database, url: str, subject: Subject) -> None:
    grace, admins = staff(db), [staff(db, Role.ADMIN) for _ in range(5)]
    work = subject.done(db)
    seen = subject.review(db, work, grace)
    for _ in range(4):
        calls = [lambda each, by=by, seen=seen: subject.rewrite(each, work, by, seen, f"by {by}") for by in admins]
        [won] = [each for each in at_once(url, calls) if each]
        said = db.run(subject.get(**subject.of(work)))
        assert (said.reviewer.id, said.reviewer_notes) == (won.reviewer_id, f"by {won.reviewer_id}")
        seen = won


def test_a_review_outlives_a_model_that_speaks_at_once(db: Database, url: str, subject: Subject) -> None:
    grace = staff(db)
    for _ in range(5):
        work = subject.done(db)

        def speak(each: Database, who: UUID | None, work: Work = work) -> Any:
            return subject.review(each, work, who) if who else subject.analyse(each, work)

        review, *heard = at_once(url, [partial(speak, who=who) for who in (grace, None, None, None)])
        assert review.type is (AnalysisType.HYBRID if any(heard) else AnalysisType.MANUAL)
        said = db.run(subject.get(**subject.of(work)))
        assert (said.type, said.reviewer_notes) == (review.type, "Well done.")


def test_what_waits_for_review_is_read_page_by_page_the_oldest_first(
    db: Database, url: str, subject: Subject
) -> None:
    grace = staff(db)
    made = [subject.done(db) for _ in range(5)]
    ids = [subject.analyse(db, work).id for work in made]
    # Two of one moment: the id decides between them.
    execute(
        url, f"UPDATE learning.{subject.table} SET created_at = '2026-01-01' WHERE id IN ('{ids[3]}', '{ids[4]}')"
    )
    expected = [*sorted(ids[3:]), *ids[:3]]
    pages, last = [], None
    while page := db.run(
        subject.waiting(reviewer_id=grace, limit=2, after=last.waits_since, id_after=last.analysis_id)
        if last
        else subject.waiting(reviewer_id=grace, limit=2)
    ):
        pages.append([each.analysis_id for each in page])
        last = page[-1]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [each for page in pages for each in page] == expected
    of_module = db.run(subject.waiting(reviewer_id=grace, limit=9, module_id=MODULE))
    assert [each.analysis_id for each in of_module] == expected
    assert db.run(subject.waiting(reviewer_id=grace, limit=9, module_id=uuid4())) == []


def test_neither_reviewed_work_nor_that_of_the_gone_waits(db: Database, subject: Subject) -> None:
    grace = staff(db)
    reviewed, left, waits = subject.done(db), subject.done(db), subject.done(db)
    for work in (reviewed, left, waits):
        subject.analyse(db, work)
    subject.review(db, reviewed, grace)
    assert db.run(users.delete_user(id=left.user_id))
    [row] = db.run(subject.waiting(reviewer_id=grace, limit=9))
    assert row.learner.id == waits.user_id
    assert getattr(row, subject.name).id == waits.id
    assert (row.ai_model, row.score) == ("m-1", 80)
    assert db.run(subject.open(**subject.of(left), reviewer_id=grace)) is None


def test_a_reviewer_sees_code_task_and_what_was_said(db: Database) -> None:
    work, grace = SUBMISSION.done(db), staff(db)
    seen = db.run(SUBMISSION.open(**SUBMISSION.of(work), reviewer_id=grace))
    assert (seen.code, seen.learner.name, seen.score, seen.analysis) == ("print()", "Ada", 7, None)
    assert seen.assignment.solution_code
    SUBMISSION.analyse(db, work)
    seen = db.run(SUBMISSION.open(**SUBMISSION.of(work), reviewer_id=grace))
    assert (seen.analysis.type, seen.analysis.ai_model, seen.analysis.ai_result) == (AnalysisType.AI, "m-1", GOOD)


def test_a_reviewer_sees_each_question_with_what_was_chosen_and_what_is_right(db: Database) -> None:
    work, grace = ATTEMPT.done(db), staff(db)
    ATTEMPT.analyse(db, work)
    seen = db.run(ATTEMPT.open(**ATTEMPT.of(work), reviewer_id=grace))
    assert (seen.score, seen.max_score, seen.passed, seen.analysis.ai_result) == (2, 4, False, GOOD)
    assert [(each.id, each.chosen, each.right, each.points_awarded) for each in seen.questions] == [
        (QUESTIONS[0], None, "2", 0),
        (QUESTIONS[1], None, '"34"', 0),
        (QUESTIONS[2], "None", "None", 2),
    ]
