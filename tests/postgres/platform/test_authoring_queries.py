"""The catalogue as authors write it: drafts, publishing, order, and who changes what at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from codezest_sql import CheckViolation, Database, UniqueViolation
from codezest_sql.platform.models.learning import Difficulty, MaterialType
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.learning import attempts, authoring, catalogue, quizzes
from codezest_sql.platform.types import TestCase
from tests.postgres.platform.course import at_once, learner
from tests.projects import rows
from tests.runtime.auth.service import Sql, racing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def db(migrated: str) -> Iterator[Database]:
    with Database.connect(migrated) as opened:
        yield opened


@pytest.fixture
def language(db: Database) -> UUID:
    return save_language(db, uuid4(), "ada").id  # type: ignore[no-any-return]


def save_language(db: Database, key: UUID, slug: str, **change: Any) -> Any:
    said: dict[str, Any] = {"name": slug.title(), "description": None, "icon_url": None, "is_active": True}
    return db.run(authoring.save_language(id=key, slug=slug, **(said | change)))


def create_module(db: Database, language: UUID, slug: str = "loops", **change: Any) -> Any:
    said: dict[str, Any] = {
        "id": uuid4(), "language_id": language, "slug": slug, "title": slug, "description": None,
        "difficulty": Difficulty.BEGINNER, "estimated_minutes": 20,
    }  # fmt: skip
    if "created_by" not in change:
        said["created_by"] = learner(db)
    return db.run(authoring.create_module(**(said | change)))


def save_material(db: Database, module: UUID, **change: Any) -> Any:
    said: dict[str, Any] = {
        "id": uuid4(), "module_id": module, "type": MaterialType.ARTICLE, "title": "Read", "body": "…", "url": None,
        "code": None, "duration_seconds": None,
    }  # fmt: skip
    return db.run(authoring.save_material(**(said | change)))


def save_assignment(db: Database, module: UUID, **change: Any) -> Any:
    said: dict[str, Any] = {
        "id": uuid4(), "module_id": module, "title": "Count", "description": "Count.",
        "difficulty": Difficulty.BEGINNER, "starter_code": None, "solution_code": "secret",
        "test_cases": [TestCase(name="a", input="1", expected_output="1")],
        "time_limit_ms": 1000, "memory_limit_mb": 64, "max_score": 10, "max_attempts": None,
    }  # fmt: skip
    return db.run(authoring.save_assignment(**(said | change)))


def save_quiz(db: Database, module: UUID, **change: Any) -> Any:
    said: dict[str, Any] = {
        "id": uuid4(), "module_id": module, "title": "Quiz", "description": None, "difficulty": Difficulty.BEGINNER,
        "time_limit_seconds": None, "passing_percent": 50, "max_attempts": None, "shuffle_questions": False,
    }  # fmt: skip
    return db.run(quizzes.save_quiz(**(said | change)))


def add_question(db: Database, quiz: UUID, options: list[str], right: int, key: UUID | None = None) -> Any:
    return db.run(
        quizzes.add_question(
            id=key or uuid4(), quiz_id=quiz, prompt="?", code_snippet=None, explanation=None, points=2,
            options=options, right=right,
        )
    )  # fmt: skip


def test_a_language_is_added_and_changed_under_its_id(db: Database) -> None:
    key = uuid4()
    assert save_language(db, key, "ada").is_active
    changed = save_language(db, key, "ada-2012", is_active=False)
    assert (changed.slug, changed.is_active) == ("ada-2012", False)
    with pytest.raises(UniqueViolation):
        save_language(db, uuid4(), "ada-2012")
    with pytest.raises(CheckViolation):
        save_language(db, uuid4(), "Not A Slug")


def test_modules_line_up_behind_each_other(db: Database, language: UUID) -> None:
    made = [create_module(db, language, slug) for slug in ("one", "two", "three")]
    assert [each.position for each in made] == [0, 1, 2]
    assert not made[0].is_published
    again = create_module(db, language, "one", id=made[0].id)
    assert again is None
    assert create_module(db, uuid4(), "four") is None
    assert create_module(db, language, "four", created_by=uuid4()) is None
    with pytest.raises(UniqueViolation):
        create_module(db, language, "one")


def test_of_two_who_edit_at_once_the_second_sees_that_it_is_late(db: Database, language: UUID) -> None:
    made = create_module(db, language)
    (listed,) = db.run(authoring.list_modules(language_id=language))
    said: dict[str, Any] = {
        "id": made.id, "slug": "loops", "description": None, "difficulty": Difficulty.ADVANCED,
        "estimated_minutes": 5, "updated_at": listed.updated_at,
    }  # fmt: skip
    first = db.run(authoring.edit_module(title="First", **said))
    assert first is not None
    assert db.run(authoring.edit_module(title="Second", **said)) is None
    assert db.run(authoring.list_modules(language_id=language))[0].title == "First"


def test_many_editors_at_once_lose_nothing(db: Database, migrated: str, language: UUID) -> None:
    made = create_module(db, language)
    (listed,) = db.run(authoring.list_modules(language_id=language))

    def edit(number: int) -> Any:
        return authoring.edit_module(
            id=made.id, slug="loops", title=str(number), description=None, difficulty=Difficulty.BEGINNER,
            estimated_minutes=None, updated_at=listed.updated_at,
        )  # fmt: skip

    calls = [edit(number) for number in range(8)]
    found = at_once(migrated, [lambda db, call=call: db.run(call) for call in calls])  # type: ignore[misc]
    (won,) = [each for each in found if each is not None]
    assert db.run(authoring.list_modules(language_id=language))[0].title == won.title


def test_a_module_is_published_once_there_is_something_in_it(db: Database, language: UUID) -> None:
    module = create_module(db, language).id
    assert db.run(authoring.publish_module(id=module)) is None
    material = save_material(db, module)
    assert db.run(authoring.publish_module(id=module)) is None  # a draft is nothing yet
    assert db.run(authoring.show_material(id=material.id, is_published=True)) == 1
    assert db.run(authoring.show_material(id=material.id, is_published=True)) == 0
    assert db.run(authoring.publish_module(id=module)) is not None
    assert db.run(authoring.publish_module(id=module)) is None
    assert db.run(catalogue.get_module(module_id=module)) is not None
    assert db.run(authoring.unpublish_module(id=module)) is not None
    assert db.run(authoring.unpublish_module(id=module)) is None
    assert db.run(catalogue.get_module(module_id=module)) is None
    assert db.run(authoring.delete_material(id=material.id)) == 1
    assert db.run(authoring.delete_material(id=material.id)) == 0
    save_assignment(db, module)
    assert db.run(authoring.publish_module(id=module)) is not None
    assert db.run(authoring.delete_module(id=module)) == 1
    assert db.run(authoring.delete_module(id=module)) == 0
    assert db.run(authoring.list_modules(language_id=language)) == []
    assert save_material(db, module) is None
    assert save_assignment(db, module) is None


def test_a_material_needs_what_its_type_is_made_of_and_stays_in_its_module(db: Database, language: UUID) -> None:
    module, other = create_module(db, language).id, create_module(db, language, "other").id
    made = save_material(db, module)
    assert save_material(db, module, id=made.id, title="Read again").title == "Read again"
    assert save_material(db, other, id=made.id) is None
    assert save_material(db, module).position == 1
    with pytest.raises(CheckViolation):
        save_material(db, module, type=MaterialType.VIDEO)
    assignment = save_assignment(db, module)
    assert save_assignment(db, other, id=assignment.id) is None
    assert save_assignment(db, module, id=assignment.id, title="Count more").title == "Count more"
    whole = db.run(authoring.get_assignment_to_edit(id=assignment.id))
    assert whole is not None
    assert (whole.solution_code, len(whole.test_cases)) == ("secret", 1)
    assert db.run(authoring.delete_assignment(id=assignment.id)) == 1
    assert db.run(authoring.get_assignment_to_edit(id=assignment.id)) is None


def test_a_list_of_ids_is_the_new_order(db: Database, migrated: str, language: UUID) -> None:
    modules = [create_module(db, language, slug).id for slug in ("one", "two", "three")]
    strange = create_module(db, save_language(db, uuid4(), "other").id).id
    order = [modules[2], strange, uuid4(), modules[0], modules[1]]
    assert db.run(authoring.reorder_modules(language_id=language, ids=order)) == 3
    assert [each.id for each in db.run(authoring.list_modules(language_id=language))] == [
        modules[2], modules[0], modules[1],
    ]  # fmt: skip
    materials = [save_material(db, modules[0]).id for _ in range(3)]
    assert db.run(authoring.reorder_materials(module_id=modules[0], ids=materials[::-1])) == 3
    assert db.run(authoring.reorder_materials(module_id=modules[1], ids=materials)) == 0
    assert rows(migrated, "SELECT id FROM learning.materials ORDER BY position") == [
        (each,) for each in materials[::-1]
    ]
    assignments = [save_assignment(db, modules[0]).id for _ in range(3)]
    assert db.run(authoring.reorder_assignments(module_id=modules[0], ids=assignments[::-1])) == 3
    assert db.run(authoring.reorder_assignments(module_id=modules[0], ids=[])) == 0


def test_languages_have_an_order_and_an_end(db: Database) -> None:
    made = [save_language(db, uuid4(), slug) for slug in ("ada", "basic", "cobol")]
    assert [each.position for each in made] == [0, 1, 2]
    ada, basic, cobol = (each.id for each in made)
    assert db.run(authoring.reorder_languages(ids=[cobol, uuid4(), ada, basic])) == 3
    assert [each.id for each in db.run(catalogue.list_languages())] == [cobol, ada, basic]
    assert save_language(db, ada, "ada", name="Ada 2022").position == 2  # it keeps its place
    assert db.run(authoring.delete_language(id=ada)) == 1
    assert db.run(authoring.delete_language(id=ada)) == 0
    assert [each.id for each in db.run(catalogue.list_languages())] == [cobol, basic]
    assert db.run(catalogue.get_language(language_id=ada)) is None
    assert save_language(db, ada, "ada") is None
    assert save_language(db, uuid4(), "ada").position == 4  # the slug is free again; behind the last one, at 3
    assert db.run(authoring.reorder_languages(ids=[ada])) == 0
    assert create_module(db, ada) is None


def test_a_language_with_a_published_module_stays_and_none_is_published_in_a_deleted_one(
    db: Database, language: UUID
) -> None:
    module, draft = create_module(db, language), create_module(db, language, "draft")
    for each in (module, draft):
        save_assignment(db, each.id)
    assert db.run(authoring.publish_module(id=module.id)) is not None
    assert db.run(authoring.delete_language(id=language)) == 0
    assert db.run(authoring.unpublish_module(id=module.id)) is not None
    assert db.run(authoring.delete_language(id=language)) == 1
    assert db.run(authoring.publish_module(id=draft.id)) is None


@pytest.mark.parametrize("first", ["publish", "delete"])
def test_a_module_is_published_or_its_language_deleted_and_never_both(
    db: Database, migrated: str, language: UUID, first: str
) -> None:
    module = create_module(db, language)
    save_assignment(db, module.id)
    publish = authoring.publish_module(id=module.id)
    delete = authoring.delete_language(id=language)
    early, late = (publish, delete) if first == "publish" else (delete, publish)
    with (
        psycopg.connect(migrated, autocommit=True) as connection,
        Database.connect(migrated) as other,
        racing(Sql(connection), db, partial(other.run, late)) as (tx, results),
    ):
        assert tx.run(early)
    assert not results[0]


def test_of_many_orders_at_once_one_stands_whole(db: Database, migrated: str, language: UUID) -> None:
    ids = [create_module(db, language, f"m-{number}").id for number in range(6)]
    orders = [ids[turn:] + ids[:turn] for turn in range(6)]
    calls = [authoring.reorder_modules(language_id=language, ids=order) for order in orders]
    found = at_once(migrated, [lambda db, call=call: db.run(call) for call in calls])  # type: ignore[misc]
    assert found == [6] * 6
    assert [each.id for each in db.run(authoring.list_modules(language_id=language))] in orders


def test_a_quiz_is_written_and_taken(db: Database, language: UUID) -> None:
    module = create_module(db, language).id
    quiz = save_quiz(db, module).id
    assert save_quiz(db, uuid4()) is None
    assert save_quiz(db, create_module(db, language, "other").id, id=quiz) is None
    assert save_quiz(db, module, id=quiz, title="Better").title == "Better"
    first, second = (add_question(db, quiz, ["a", "b", "c"], right) for right in (2, 3))
    assert (first.position, second.position, first.options) == (0, 1, 3)
    assert add_question(db, quiz, ["a", "b"], 1, first.id) is None  # the id is taken
    for options, right in ((["a"], 1), (["a", "b"], 3), (["a", "b"], 0)):
        assert add_question(db, quiz, options, right) is None
    assert add_question(db, uuid4(), ["a", "b"], 1) is None
    assert db.run(quizzes.reorder_questions(quiz_id=quiz, ids=[second.id, first.id])) == 2
    whole = db.run(quizzes.get_quiz_to_edit(id=quiz))
    assert whole is not None
    assert [each.id for each in whole.questions] == [second.id, first.id]
    assert [[option.is_correct for option in each.options] for each in whole.questions] == [
        [False, False, True], [False, True, False],
    ]  # fmt: skip
    save_assignment(db, module)
    db.run(authoring.publish_module(id=module))
    user_id, attempt = learner(db), uuid4()
    begun = db.run(attempts.start_attempt(user_id=user_id, id=attempt, quiz_id=quiz))
    assert begun is not None
    assert begun.max_score == 4
    assert db.run(quizzes.remove_question(id=first.id)) == 1
    assert db.run(quizzes.remove_question(id=first.id)) == 0
    paper = db.run(attempts.get_paper(user_id=user_id, id=attempt))
    assert paper is not None
    assert len(paper.questions) == 2  # the attempt keeps it
    whole = db.run(quizzes.get_quiz_to_edit(id=quiz))
    assert whole is not None
    assert len(whole.questions) == 1
    assert db.run(quizzes.delete_quiz(id=quiz)) == 1
    assert db.run(quizzes.delete_quiz(id=quiz)) == 0
    assert db.run(quizzes.get_quiz_to_edit(id=quiz)) is None
    assert add_question(db, quiz, ["a", "b"], 1) is None


def test_a_module_outlives_its_authors_account(db: Database, language: UUID) -> None:
    author = learner(db)
    create_module(db, language, created_by=author)
    db.run(users.delete_user(id=author))
    assert len(db.run(authoring.list_modules(language_id=language))) == 1
    assert create_module(db, language, "two", created_by=author) is None
