"""The catalogue as learners see it, enrolments and progress, on the course of the seeds."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, Database
from codezest_sql.platform.models.learning import EnrollmentStatus, ProgressStatus
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import catalogue, enrollments, progress
from tests.conftest import create_database, drop_database
from tests.postgres.platform.course import ASSIGNMENT, MODULE, PYTHON, QUIZ, SEEDS, at_once, learner
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

MATERIALS = [UUID(f"c0de0000-0000-4000-8002-{number:012}") for number in (1, 2, 3, 4)]
JAVA = UUID("c0de0000-0000-4000-8000-000000000004")
STATE = "SELECT status::text, completed_at IS NOT NULL FROM learning.language_enrollments"


@pytest.fixture(scope="module")
def course(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    name = f"progress_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    yield url
    drop_database(server, name)


@pytest.fixture
def url(course: str) -> Iterator[str]:
    yield course
    execute(
        course,
        "DELETE FROM auth.users; DELETE FROM learning.materials WHERE title LIKE 'Page %';"
        "DELETE FROM learning.modules WHERE slug = 'emptied';"
        "UPDATE learning.materials SET is_published = TRUE, deleted_at = NULL;"
        "UPDATE learning.modules SET is_published = TRUE, deleted_at = NULL;"
        "UPDATE learning.assignments SET deleted_at = NULL;"
        "UPDATE learning.programming_languages SET is_active = TRUE, deleted_at = NULL",
    )


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with Database.connect(url) as opened:
        yield opened


@pytest.fixture
def student(db: Database) -> UUID:
    """Return a learner who takes Python."""
    user_id = learner(db)
    assert db.run(enrollments.enroll(user_id=user_id, language_id=PYTHON))
    return user_id


def watch(db: Database, user_id: UUID, material_id: UUID, percent: int = 100, at: int = 0) -> Any:
    return db.run(
        progress.record_material_progress(
            user_id=user_id, material_id=material_id, percent=percent, position_seconds=at
        )
    )


def refresh(db: Database, user_id: UUID) -> Any:
    return db.run(progress.refresh_module_progress(user_id=user_id, module_id=MODULE))


def pass_the_assignment(url: str, user_id: UUID) -> None:
    execute(
        url,
        "INSERT INTO learning.assignment_submissions"
        " (user_id, assignment_id, attempt_number, code, status, score, graded_at)"
        f" VALUES ('{user_id}', '{ASSIGNMENT}', 1, 'x', 'PASSED', 10, now())",
    )


def test_learners_see_the_languages_that_are_open(db: Database, url: str) -> None:
    execute(
        url,
        "UPDATE learning.programming_languages SET is_active = FALSE WHERE slug = 'go';"
        "UPDATE learning.programming_languages SET deleted_at = now() WHERE slug = 'rust'",
    )
    found = {each.slug: each.modules for each in db.run(catalogue.list_languages())}
    assert list(found) == ["python", "javascript", "typescript", "java", "c-sharp", "sql"]
    assert found["python"] == 1
    assert found["java"] == 0
    closed = db.run(catalogue.find_language(slug="go"))
    assert closed is not None
    assert not closed.is_active
    assert db.run(catalogue.find_language(slug="rust")) is None
    assert db.run(catalogue.find_language(slug="nothing")) is None


def test_a_language_has_its_published_modules(db: Database, url: str) -> None:
    language = db.run(catalogue.get_language(language_id=PYTHON))
    assert language is not None
    assert [each.id for each in language.modules] == [MODULE]
    execute(url, "UPDATE learning.modules SET is_published = FALSE")
    language = db.run(catalogue.get_language(language_id=PYTHON))
    assert language is not None
    assert language.modules == []
    assert db.run(catalogue.get_language(language_id=uuid4())) is None


def test_a_module_has_all_that_is_in_it_and_nothing_that_learners_must_not_see(db: Database, url: str) -> None:
    module = db.run(catalogue.get_module(module_id=MODULE))
    assert module is not None
    assert module.language.slug == "python"
    assert [each.id for each in module.materials] == MATERIALS
    assert [each.id for each in module.assignments] == [ASSIGNMENT]
    assert [(each.id, each.questions) for each in module.quizzes] == [(QUIZ, 3)]
    assignment = db.run(catalogue.get_assignment(assignment_id=ASSIGNMENT))
    assert assignment is not None
    ((hidden, every),) = rows(
        url,
        "SELECT count(*) FILTER (WHERE (c ->> 'is_hidden')::boolean), count(*)"
        " FROM learning.assignments AS a, jsonb_array_elements(a.test_cases) AS c",
    )
    assert hidden > 0
    assert (assignment.test_cases, len(assignment.examples)) == (every, every - hidden)
    assert not {"solution_code", "is_correct"} & set(assignment.model_dump_json().split('"'))
    for change in (
        f"UPDATE learning.materials SET is_published = FALSE WHERE id = '{MATERIALS[0]}'",
        f"UPDATE learning.materials SET deleted_at = now() WHERE id = '{MATERIALS[1]}'",
        "UPDATE learning.assignments SET deleted_at = now()",
    ):
        execute(url, change)
    module = db.run(catalogue.get_module(module_id=MODULE))
    assert module is not None
    assert ([each.id for each in module.materials], module.assignments) == (MATERIALS[2:], [])
    assert db.run(catalogue.get_material(material_id=MATERIALS[0])) is None
    assert db.run(catalogue.get_material(material_id=MATERIALS[1])) is None
    assert db.run(catalogue.get_assignment(assignment_id=ASSIGNMENT)) is None
    code = db.run(catalogue.get_material(material_id=MATERIALS[2]))
    assert code is not None
    assert code.code is not None
    execute(url, "UPDATE learning.modules SET is_published = FALSE")
    assert db.run(catalogue.get_module(module_id=MODULE)) is None
    assert db.run(catalogue.get_material(material_id=MATERIALS[2])) is None


def test_enrolling_twice_gives_the_first_enrolment(db: Database, url: str) -> None:
    user_id = learner(db)
    first = db.run(enrollments.enroll(user_id=user_id, language_id=PYTHON))
    again = db.run(enrollments.enroll(user_id=user_id, language_id=PYTHON))
    assert first is not None
    assert again == first
    assert rows(url, STATE) == [("ACTIVE", False)]


def test_many_who_enrol_the_same_learner_at_once_make_one_enrolment(db: Database, url: str) -> None:
    user_id = learner(db)
    call = enrollments.enroll(user_id=user_id, language_id=PYTHON)
    found = at_once(url, [lambda db: db.run(call)] * 12)
    assert len({each.id for each in found if each}) == 1
    assert None not in found
    assert len(rows(url, STATE)) == 1


def test_nobody_enrols_in_what_is_not_open(db: Database, url: str, student: UUID) -> None:
    user_id = learner(db)
    execute(url, f"UPDATE learning.programming_languages SET is_active = FALSE WHERE id = '{PYTHON}'")
    assert db.run(enrollments.enroll(user_id=user_id, language_id=PYTHON)) is None
    assert db.run(enrollments.enroll(user_id=student, language_id=PYTHON)) is not None  # who is in, continues
    assert db.run(enrollments.drop_enrollment(user_id=student, language_id=PYTHON))
    assert db.run(enrollments.enroll(user_id=student, language_id=PYTHON)) is None
    execute(url, f"UPDATE learning.programming_languages SET deleted_at = now() WHERE id = '{JAVA}'")
    assert db.run(enrollments.enroll(user_id=user_id, language_id=JAVA)) is None
    assert db.run(enrollments.enroll(user_id=user_id, language_id=uuid4())) is None
    assert db.run(enrollments.enroll(user_id=uuid4(), language_id=PYTHON)) is None
    db.run(users.delete_user(id=user_id))
    execute(url, "UPDATE learning.programming_languages SET is_active = TRUE")
    assert db.run(enrollments.enroll(user_id=user_id, language_id=PYTHON)) is None


def test_an_enrolment_moves_only_where_that_is_a_move(db: Database, url: str, student: UUID) -> None:
    def move(query: Any, user_id: UUID = student) -> str | None:
        moved: Any = db.run(query(user_id=user_id, language_id=PYTHON))
        return moved.status if moved else None

    assert move(enrollments.resume_enrollment) is None
    assert move(enrollments.pause_enrollment) == EnrollmentStatus.PAUSED
    assert move(enrollments.pause_enrollment) is None
    assert db.run(enrollments.enroll(user_id=student, language_id=PYTHON)).status == "PAUSED"  # type: ignore[union-attr]
    assert move(enrollments.resume_enrollment) == EnrollmentStatus.ACTIVE
    assert move(enrollments.complete_enrollment) is None  # nothing is done yet
    assert move(enrollments.drop_enrollment, learner(db)) is None  # another session has none
    assert move(enrollments.drop_enrollment) == EnrollmentStatus.DROPPED
    for query in (
        enrollments.pause_enrollment,
        enrollments.resume_enrollment,
        enrollments.drop_enrollment,
        enrollments.complete_enrollment,
    ):
        assert move(query) is None
    assert rows(url, STATE) == [("DROPPED", False)]
    assert db.run(enrollments.list_enrollments(user_id=student)) == []
    again = db.run(enrollments.enroll(user_id=student, language_id=PYTHON))
    assert again is not None
    assert again.status == EnrollmentStatus.ACTIVE


def test_progress_in_a_material_never_goes_back(db: Database, student: UUID) -> None:
    assert watch(db, student, MATERIALS[1], 40, 90).status == ProgressStatus.IN_PROGRESS
    back = watch(db, student, MATERIALS[1], 10, 20)
    assert (back.percent, back.position_seconds) == (40, 20)
    done = watch(db, student, MATERIALS[1], 100, 300)
    assert (done.status, done.percent) == (ProgressStatus.COMPLETED, 100)
    again = watch(db, student, MATERIALS[1], 5, 7)
    assert (again.status, again.percent, again.completed_at) == (done.status, 100, done.completed_at)


def test_there_is_no_progress_without_an_enrolment_or_a_published_material(
    db: Database, url: str, student: UUID
) -> None:
    assert watch(db, learner(db), MATERIALS[0]) is None
    assert watch(db, student, uuid4()) is None
    execute(url, f"UPDATE learning.materials SET is_published = FALSE WHERE id = '{MATERIALS[0]}'")
    assert watch(db, student, MATERIALS[0]) is None
    execute(url, "UPDATE learning.modules SET is_published = FALSE")
    assert watch(db, student, MATERIALS[1]) is None
    assert refresh(db, student) is None
    execute(url, "UPDATE learning.modules SET is_published = TRUE")
    db.run(enrollments.drop_enrollment(user_id=student, language_id=PYTHON))
    assert watch(db, student, MATERIALS[1]) is None
    assert rows(url, "SELECT count(*) FROM learning.material_progress") == [(0,)]


@pytest.mark.parametrize(("percent", "at"), [(101, 0), (-1, 0), (50, -1)])
def test_a_percentage_or_place_that_is_none_is_refused(percent: int, at: int, db: Database, student: UUID) -> None:
    with pytest.raises(CheckViolation):
        watch(db, student, MATERIALS[0], percent, at)


def test_a_modules_percentage_is_derived_from_materials_and_assignments(
    db: Database, url: str, student: UUID
) -> None:
    untouched = refresh(db, student)
    assert (untouched.percent, untouched.status, untouched.started_at) == (0, ProgressStatus.NOT_STARTED, None)
    watch(db, student, MATERIALS[0])
    watch(db, student, MATERIALS[1], 50)
    one = refresh(db, student)
    assert (one.percent, one.status) == (20, ProgressStatus.IN_PROGRESS)  # one of four materials and an assignment
    for material_id in MATERIALS:
        watch(db, student, material_id)
    assert refresh(db, student).percent == 80
    pass_the_assignment(url, student)
    done = refresh(db, student)
    assert (done.percent, done.status) == (100, ProgressStatus.COMPLETED)
    assert done.started_at == one.started_at
    execute(url, f"UPDATE learning.materials SET deleted_at = now() WHERE id = '{MATERIALS[3]}'")
    assert refresh(db, student).percent == 100
    ended = db.run(enrollments.complete_enrollment(user_id=student, language_id=PYTHON))
    assert ended is not None
    assert ended.completed_at is not None
    assert db.run(enrollments.complete_enrollment(user_id=student, language_id=PYTHON)) is None


def test_a_module_is_not_complete_before_its_last_part(db: Database, url: str, student: UUID) -> None:
    """99.5 percent are 99: with two hundred parts, all but one of which are done."""
    execute(
        url,
        f"""
        INSERT INTO learning.materials (module_id, type, title, body, is_published)
        SELECT '{MODULE}', 'ARTICLE', 'Page ' || n, 'Text', TRUE FROM generate_series(1, 195) AS n;
        INSERT INTO learning.material_progress (user_id, material_id, status, percent, completed_at)
        SELECT '{student}', id, 'COMPLETED', 100, now() FROM learning.materials
        """,
    )
    almost = refresh(db, student)
    assert (almost.percent, almost.status) == (99, ProgressStatus.IN_PROGRESS)
    pass_the_assignment(url, student)
    assert refresh(db, student).status == ProgressStatus.COMPLETED


def test_of_many_parts_that_end_at_once_each_is_counted(url: str, student: UUID) -> None:
    for _ in range(10):
        execute(url, "DELETE FROM learning.module_progress; DELETE FROM learning.material_progress")
        ended = [partial(end_material, student, material_id) for material_id in MATERIALS]
        at_once(url, ended)
        assert rows(url, "SELECT percent FROM learning.module_progress") == [(80,)]


def test_who_waited_completes_what_another_began_later(db: Database, url: str, student: UUID) -> None:
    """Of two transactions the one that began first comes second, as when both wait for lock_module_progress."""
    execute(
        url,
        "UPDATE learning.assignments SET deleted_at = now();"
        f"UPDATE learning.materials SET is_published = FALSE WHERE id NOT IN ('{MATERIALS[0]}', '{MATERIALS[1]}')",
    )
    with Database.connect(url) as other, other.transaction() as early:
        early.run(enrollments.get_enrollment(user_id=student, language_id=PYTHON))
        end_material(student, MATERIALS[0], db)
        assert early.run(
            progress.record_material_progress(
                user_id=student, material_id=MATERIALS[1], percent=100, position_seconds=0
            )
        )
        done = early.run(progress.refresh_module_progress(user_id=student, module_id=MODULE))
    assert done is not None
    assert (done.status, done.percent) == (ProgressStatus.COMPLETED, 100)
    assert done.completed_at == done.started_at
    again = refresh(db, student)
    assert (again.completed_at, again.started_at) == (done.completed_at, done.started_at)


def test_a_module_with_nothing_left_to_do_in_it_keeps_no_language_open(db: Database, url: str, student: UUID) -> None:
    emptied = uuid4()
    execute(
        url,
        "INSERT INTO learning.modules (id, language_id, slug, title, difficulty, is_published)"
        f" VALUES ('{emptied}', '{PYTHON}', 'emptied', 'Emptied', 'BEGINNER', TRUE);"
        "INSERT INTO learning.materials (module_id, type, title, body)"
        f" VALUES ('{emptied}', 'ARTICLE', 'Page 1', 'Text')",
    )
    for material_id in MATERIALS:
        watch(db, student, material_id)
    pass_the_assignment(url, student)
    assert refresh(db, student).percent == 100
    execute(url, "UPDATE learning.materials SET is_published = TRUE WHERE title = 'Page 1'")
    (mine,) = db.run(enrollments.list_enrollments(user_id=student))
    assert (mine.modules, mine.completed_modules, mine.percent) == (2, 1, 50)
    assert db.run(enrollments.complete_enrollment(user_id=student, language_id=PYTHON)) is None
    execute(url, "UPDATE learning.materials SET deleted_at = now() WHERE title = 'Page 1'")
    (mine,) = db.run(enrollments.list_enrollments(user_id=student))
    assert (mine.modules, mine.completed_modules, mine.percent) == (1, 1, 100)
    assert db.run(enrollments.complete_enrollment(user_id=student, language_id=PYTHON)) is not None


def end_material(student: UUID, material_id: UUID, db: Database) -> None:
    db.batch(
        progress.lock_module_progress(user_id=student, module_id=MODULE),
        progress.record_material_progress(user_id=student, material_id=material_id, percent=100, position_seconds=0),
        progress.refresh_module_progress(user_id=student, module_id=MODULE),
    )


def test_what_is_published_later_lowers_the_percentage_and_undoes_no_completion(
    db: Database, url: str, student: UUID
) -> None:
    execute(url, f"UPDATE learning.materials SET is_published = FALSE WHERE id = '{MATERIALS[3]}'")
    for material_id in MATERIALS[:3]:
        watch(db, student, material_id)
    pass_the_assignment(url, student)
    assert refresh(db, student).percent == 100
    execute(url, "UPDATE learning.materials SET is_published = TRUE")
    later = refresh(db, student)
    assert (later.percent, later.status) == (80, ProgressStatus.COMPLETED)


def test_an_overview_shows_what_was_not_begun_as_such(db: Database, student: UUID) -> None:
    module = db.run(progress.get_module_progress(user_id=student, module_id=MODULE))
    assert module is not None
    assert module.progress is None
    watch(db, student, MATERIALS[1], 30, 12)
    refresh(db, student)
    module = db.run(progress.get_module_progress(user_id=student, module_id=MODULE))
    assert module is not None
    assert module.progress is not None
    assert module.progress.status == ProgressStatus.IN_PROGRESS
    assert [(each.id, each.percent) for each in module.materials] == list(zip(MATERIALS, (0, 30, 0, 0), strict=True))
    (of_language,) = db.run(progress.list_module_progress(user_id=student, language_id=PYTHON))
    assert (of_language.module_id, of_language.status) == (MODULE, ProgressStatus.IN_PROGRESS)
    (mine,) = db.run(enrollments.list_enrollments(user_id=student))
    assert (mine.language.slug, mine.modules, mine.completed_modules, mine.percent) == ("python", 1, 0, 0)
    other = learner(db)
    strange = db.run(progress.get_module_progress(user_id=other, module_id=MODULE))
    assert strange is not None
    assert strange.progress is None
    assert db.run(enrollments.get_enrollment(user_id=other, language_id=PYTHON)) is None
    assert db.run(enrollments.get_enrollment(user_id=student, language_id=PYTHON)) is not None


def test_many_players_at_once_lose_no_progress(url: str, student: UUID) -> None:
    calls = [
        progress.record_material_progress(
            user_id=student, material_id=MATERIALS[1], percent=percent, position_seconds=percent
        )
        for percent in range(5, 65, 5)
    ]
    at_once(url, [lambda db, call=call: db.run(call) for call in calls])  # type: ignore[misc]
    assert rows(url, "SELECT percent FROM learning.material_progress") == [(60,)]
