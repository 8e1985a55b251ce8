"""What a learner sees first, by the generated function on real rows: percentages, the next module, days in a row."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from codezest_sql import Database
from codezest_sql.errors import QueryError
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import attempts, dashboards, submissions
from tests.conftest import create_database, drop_database
from tests.postgres.platform.course import ASSIGNMENT, MODULE, PYTHON, QUIZ, SEEDS, learner
from tests.postgres.platform.work import ATTEMPT, Work, grade
from tests.projects import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

DAY = timedelta(days=1)
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
SECOND, THIRD, DRAFT, DELETED = (UUID(int=number) for number in (2, 3, 4, 5))


@pytest.fixture(scope="module")
def course(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    """Make the course of the seeds, with two more modules that count and two that do not."""
    name = f"learner_dashboard_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    for position, (key, is_published, deleted_at) in enumerate(
        [(SECOND, True, "NULL"), (THIRD, True, "NULL"), (DRAFT, False, "NULL"), (DELETED, True, "now()")], 1
    ):
        execute(
            url,
            "INSERT INTO learning.modules"
            " (id, language_id, slug, title, difficulty, position, is_published, deleted_at) VALUES"
            f" ('{key}', '{PYTHON}', 'm-{position}', 'm', 'BEGINNER', {position}, {is_published}, {deleted_at});"
            "INSERT INTO learning.materials (module_id, title, type, body, is_published)"
            f" VALUES ('{key}', 'Page', 'ARTICLE', '…', TRUE)",
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


def dashboard(db: Database, user_id: UUID, *, timezone: str = "UTC", limit: int = 5) -> Any:
    return db.run(dashboards.get_learner_dashboard(user_id=user_id, timezone=timezone, limit=limit))


def enrol(url: str, user_id: UUID, language_id: object = PYTHON, status: str = "ACTIVE") -> None:
    execute(
        url,
        "INSERT INTO learning.language_enrollments (user_id, language_id, status)"
        f" VALUES ('{user_id}', '{language_id}', '{status}')",
    )


def reach(url: str, user_id: UUID, module_id: UUID, percent: int, *, hours_ago: int = 0) -> None:
    """Let a learner be so far with a module; 100 completes it."""
    status = "COMPLETED" if percent == 100 else "IN_PROGRESS"
    completed = "now()" if percent == 100 else "NULL"
    execute(
        url,
        "INSERT INTO learning.module_progress"
        " (user_id, module_id, status, percent, started_at, completed_at, updated_at) VALUES"
        f" ('{user_id}', '{module_id}', '{status}', {percent}, now(), {completed},"
        f" now() - interval '{hours_ago} hours')",
    )


def hand_in(url: str, user_id: UUID, *moments: datetime) -> None:
    """Let submissions have been made at these moments."""
    with psycopg.connect(url, autocommit=True) as connection:
        for number, moment in enumerate(moments, 1):
            connection.execute(
                "INSERT INTO learning.assignment_submissions"
                " (user_id, assignment_id, attempt_number, code, submitted_at) VALUES (%s, %s, %s, '', %s)",
                (user_id, ASSIGNMENT, number, moment),
            )


def test_a_learner_without_anything_has_an_empty_dashboard(db: Database) -> None:
    ada = learner(db)
    seen = dashboard(db, ada)
    assert (seen.id, seen.name, seen.streak_days) == (ada, "Ada", 0)
    assert (seen.enrollments, seen.submissions, seen.quiz_results) == ([], [], [])


def test_what_others_do_is_on_no_dashboard_but_theirs(db: Database, url: str) -> None:
    ada, bob = learner(db), learner(db)
    enrol(url, bob)
    reach(url, bob, MODULE, 40)
    hand_in(url, bob, datetime.now(UTC))
    for _ in range(2):
        attempt = db.run(attempts.start_attempt(user_id=bob, id=uuid4(), quiz_id=QUIZ))
        assert attempt
        ATTEMPT.finish(db, Work(bob, attempt.id))
    seen = dashboard(db, ada)
    assert (seen.streak_days, seen.enrollments, seen.submissions, seen.quiz_results) == (0, [], [], [])
    theirs = dashboard(db, bob)
    assert (theirs.streak_days, len(theirs.enrollments), len(theirs.submissions), len(theirs.quiz_results)) == (
        1,
        1,
        1,
        2,
    )


def test_nobody_has_none(db: Database) -> None:
    ada = learner(db)
    assert dashboard(db, uuid4()) is None
    assert db.run(users.delete_user(id=ada))
    assert dashboard(db, ada) is None


def test_the_percentage_of_a_language_is_that_of_its_published_modules_rounded_down(db: Database, url: str) -> None:
    ada = learner(db)
    enrol(url, ada)
    [python] = dashboard(db, ada).enrollments
    assert (python.language, python.modules, python.completed_modules, python.percent) == ("python", 3, 0, 0)
    for module in (MODULE, SECOND, DRAFT, DELETED):
        reach(url, ada, module, 100)
    reach(url, ada, THIRD, 99)
    [python] = dashboard(db, ada).enrollments
    assert (python.modules, python.completed_modules, python.percent) == (3, 2, 99)


def test_the_module_to_go_on_with_was_worked_on_last_or_is_the_first_unfinished(db: Database, url: str) -> None:
    ada, bob, eve = learner(db), learner(db), learner(db)
    for user_id in (ada, bob, eve):
        enrol(url, user_id)
    [python] = dashboard(db, ada).enrollments
    assert (python.current_module.id, python.current_module.percent) == (MODULE, 0)
    reach(url, ada, SECOND, 40, hours_ago=2)
    reach(url, ada, THIRD, 10, hours_ago=1)
    [python] = dashboard(db, ada).enrollments
    assert (python.current_module.id, python.current_module.percent) == (THIRD, 10)
    reach(url, bob, MODULE, 100)
    [python] = dashboard(db, bob).enrollments
    assert python.current_module.id == SECOND
    for module in (MODULE, SECOND, THIRD):
        reach(url, eve, module, 100)
    [python] = dashboard(db, eve).enrollments
    assert (python.current_module, python.percent) == (None, 100)


def test_languages_that_were_dropped_or_deleted_are_left_out_and_one_without_modules_is_not(
    db: Database, url: str
) -> None:
    ada, empty, gone = learner(db), uuid4(), uuid4()
    enrol(url, ada, status="DROPPED")
    for key, deleted_at in ((empty, "NULL"), (gone, "now()")):
        execute(
            url,
            "INSERT INTO learning.programming_languages (id, slug, name, deleted_at)"
            f" VALUES ('{key}', 'l-{key.hex}', 'L', {deleted_at})",
        )
        enrol(url, ada, key)
    [found] = dashboard(db, ada).enrollments
    assert (found.language, found.modules, found.percent, found.current_module) == (f"l-{empty.hex}", 0, 0, None)


def test_the_last_work_is_there_the_newest_first_and_no_more_than_asked(db: Database, url: str) -> None:
    ada = learner(db)
    enrol(url, ada)  # rows of a join must not repeat what is next to it
    hand_in(url, learner(db), NOON - DAY)
    made = [db.run(submissions.submit(user_id=ada, id=uuid4(), assignment_id=ASSIGNMENT, code="")) for _ in range(3)]
    results = []
    for _ in range(4):
        attempt = db.run(attempts.start_attempt(user_id=ada, id=uuid4(), quiz_id=QUIZ))
        assert attempt
        results.append(attempt.id)
        if len(results) < 4:  # the last one is not finished
            ATTEMPT.finish(db, Work(ada, attempt.id))
    seen = dashboard(db, ada, limit=2)
    assert [each.id for each in seen.submissions] == [each.id for each in reversed(made) if each][:2]
    assert [(each.id, each.percent, each.passed) for each in seen.quiz_results] == [
        (results[2], 50, False),
        (results[1], 50, False),
    ]
    assert {each.id for each in dashboard(db, ada).submissions} == {each.id for each in made if each}


def test_a_graded_submission_shows_its_score(db: Database) -> None:
    ada = learner(db)
    made = db.run(submissions.submit(user_id=ada, id=uuid4(), assignment_id=ASSIGNMENT, code=""))
    assert made
    assert dashboard(db, ada).submissions[0].score is None
    grade(db, Work(ada, made.id))
    [seen] = dashboard(db, ada).submissions
    assert (seen.title, seen.status, seen.score, seen.max_score) == ("Count the vowels", "PASSED", 7, 100)


@pytest.mark.parametrize(
    ("days_ago", "streak"),
    [
        ([], 0),
        ([0], 1),
        ([1], 1),
        ([2], 0),
        ([0, 0, 1, 1], 2),
        ([1, 2, 3], 3),
        ([0, 1, 3, 4, 5], 2),
        ([2, 3, 4], 0),
        (list(range(400)), 366),
    ],
)
def test_days_in_a_row_end_today_or_yesterday(db: Database, url: str, days_ago: list[int], streak: int) -> None:
    ada = learner(db)
    # Not after now: the middle of today may be still to come.
    hand_in(url, ada, *(min(NOON, datetime.now(UTC)) - days * DAY for days in days_ago))
    assert dashboard(db, ada).streak_days == streak


def test_a_day_with_a_quiz_is_one_of_the_row(db: Database, url: str) -> None:
    ada = learner(db)
    hand_in(url, ada, datetime.now(UTC) - DAY)
    assert db.run(attempts.start_attempt(user_id=ada, id=uuid4(), quiz_id=QUIZ))
    assert dashboard(db, ada).streak_days == 2


def test_which_day_it_was_is_by_the_learners_clock(db: Database, url: str) -> None:
    """Half an hour after midnight of UTC is the day before, an hour further west."""
    ada = learner(db)
    midnight = NOON.replace(hour=0)
    hand_in(url, ada, midnight - timedelta(minutes=30), midnight - DAY + timedelta(minutes=30))
    assert dashboard(db, ada).streak_days == 1
    assert dashboard(db, ada, timezone="Etc/GMT+1").streak_days == 2


def test_a_time_zone_that_is_none_is_refused(db: Database) -> None:
    with pytest.raises(QueryError):
        dashboard(db, learner(db), timezone="Mars/Olympus")


def test_a_module_with_nothing_left_to_do_in_it_does_not_count(db: Database, url: str) -> None:
    ada = learner(db)
    enrol(url, ada)
    reach(url, ada, MODULE, 100)
    reach(url, ada, THIRD, 50)
    emptied = f"UPDATE learning.materials SET is_published = FALSE WHERE module_id = '{SECOND}'"
    execute(url, emptied)
    try:
        [python] = dashboard(db, ada).enrollments
        assert (python.modules, python.completed_modules, python.percent) == (2, 1, 75)
        assert python.current_module.id == THIRD
    finally:
        execute(url, emptied.replace("FALSE", "TRUE"))
