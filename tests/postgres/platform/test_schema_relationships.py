"""Every relationship of the design, verified with real rows: how many children a parent may have, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.postgres.platform.schema_facts import CLASSES, MONEY, ONE_TO_MANY, ONE_TO_ONE
from tests.postgres.platform.schema_rows import ADA, BOB, all_before, connect_with, count, insert, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.schema.facts import Catalog, Constraint
    from tests.postgres.platform.schema_rows import Connection, Row

pytestmark = pytest.mark.every_postgres

UNIQUE = psycopg.errors.UniqueViolation.sqlstate
FOREIGN_KEY = psycopg.errors.ForeignKeyViolation.sqlstate
# Rules of their own within a parent, which a second child must keep.
AT_MOST_ONE: Row = {"is_default": False, "is_correct": False, "transaction_id": None}


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database with Ada's world in it; a test adds of Bob's what it needs."""
    with connect_with(migrated, ADA) as opened:
        yield opened


@pytest.fixture
def catalog(connection: Connection) -> Catalog:
    """Read the catalog."""
    return read_catalog(connection)


def foreign_keys_of(catalog: Catalog, table: str) -> list[Constraint]:
    """Return the foreign keys of a table."""
    return [foreign_key for foreign_key in catalog.foreign_keys() if foreign_key.table == table]


def is_owned(table: str | None) -> bool:
    """Return whether a table's rows belong to a user."""
    return table is not None and CLASSES[table] in "UT"


def second_child(catalog: Catalog, parent: str, child: str) -> tuple[Row, Row]:
    """Return Bob's row of a table, moved to Ada's parent, and the values by which the parent is found.

    A row that moves to another owner takes its other owned parents from there too.
    """
    keys = foreign_keys_of(catalog, child)
    (key,) = (each for each in keys if each.parent == parent and each.on_delete != "SET NULL")
    moved = {*key.columns}
    if "user_id" in moved:
        moved.update(name for each in keys if is_owned(each.parent) for name in each.columns)
    ada = ADA.rows[child]
    row = BOB.row(child, **{name: ada[name] for name in moved})
    row.update({name: value for name, value in AT_MOST_ONE.items() if name in row})
    return row, {name: ada[name] for name in key.columns}


def test_one_to_one_means_that_a_second_row_is_refused(connection: Connection, catalog: Catalog) -> None:
    for parent, child in ONE_TO_ONE:
        row, of_parent = second_child(catalog, parent, child)
        assert count(connection, child, **of_parent) == 1
        with all_before(connection, BOB, child):
            said = refusal(connection, child, row)
        assert said is not None, (parent, child)
        assert said.sqlstate == UNIQUE, (parent, child, said.constraint_name)


def test_one_to_many_means_that_a_second_row_is_accepted(connection: Connection, catalog: Catalog) -> None:
    for parent, child in ONE_TO_MANY:
        row, of_parent = second_child(catalog, parent, child)
        assert count(connection, child, **of_parent) == 1
        with all_before(connection, BOB, child):
            insert(connection, child, row)
            assert count(connection, child, **of_parent) == 2, (parent, child)


def test_an_orphan_is_refused(connection: Connection, catalog: Catalog) -> None:
    """For each foreign key of the schema: it answers when the parent does not exist."""
    keys = catalog.foreign_keys()
    for key in keys:
        lost = {*key.columns} - {"user_id"} or {"user_id"}
        may_answer = {each.name for each in keys if each.table == key.table and lost & {*each.columns}}
        with all_before(connection, BOB, key.table):
            said = refusal(connection, key.table, BOB.row(key.table, **{name: uuid4() for name in lost}))
        assert said is not None, key.name
        assert said.sqlstate == FOREIGN_KEY, key.name
        assert said.constraint_name in may_answer, key.name


def test_a_parent_of_another_user_is_refused(connection: Connection, catalog: Catalog) -> None:
    """For each foreign key between two owned tables: Bob's row may not hang on Ada's, though hers exists."""
    keys = [key for key in catalog.foreign_keys() if is_owned(key.table) and is_owned(key.parent)]
    assert {key.table for key in keys} >= MONEY
    for key in keys:
        # With the parents that nobody owns it agrees with Ada's row, so that this key alone can answer.
        taken = {*key.columns}.union(
            *(each.columns for each in foreign_keys_of(catalog, key.table) if not is_owned(each.parent))
        ) - {"user_id"}
        row = BOB.row(key.table, **{name: ADA.rows[key.table][name] for name in taken})
        with all_before(connection, BOB, key.table):
            said = refusal(connection, key.table, row)
        assert said is not None, key.name
        assert (said.sqlstate, said.constraint_name) == (FOREIGN_KEY, key.name)


def test_an_answer_stays_in_the_quiz_of_its_attempt(connection: Connection) -> None:
    """By composite keys: to the attempt and its quiz, to a question of that quiz, to an option of that question."""
    table = "learning.mcq_answers"
    ada = ADA.rows[table]
    second_question = uuid4()
    insert(connection, "learning.mcq_questions", ADA.row("learning.mcq_questions", id=second_question))
    cases = {
        # Bob's answer in Ada's attempt at her quiz: quiz, question and option agree, but not the attempt.
        "mcq_answers_user_id_attempt_id_quiz_id_fk": ("quiz_id", "question_id", "option_id"),
        # A question of another quiz, with an option of its own.
        "mcq_answers_quiz_id_question_id_fk": ("question_id", "option_id"),
        # The option of another question.
        "mcq_answers_question_id_option_id_fk": ("option_id",),
    }
    with all_before(connection, BOB, table):
        for constraint, taken in cases.items():
            bob = BOB.row(table, **{name: ada[name] for name in taken})
            said = refusal(connection, table, bob)
            assert said is not None, constraint
            assert said.constraint_name == constraint
        said = refusal(connection, table, {**ada, "id": uuid4(), "question_id": second_question})
        assert said is not None
        assert said.constraint_name == "mcq_answers_question_id_option_id_fk"


def test_a_question_is_answered_once_in_an_attempt(connection: Connection) -> None:
    """And again in the next attempt."""
    row = ADA.row("learning.mcq_answers", id=uuid4())
    said = refusal(connection, "learning.mcq_answers", row)
    assert said is not None
    assert said.constraint_name == "mcq_answers_user_id_attempt_id_quiz_id_question_id_key"
    attempt = uuid4()
    insert(connection, "learning.mcq_attempts", ADA.row("learning.mcq_attempts", id=attempt, attempt_number=2))
    assert refusal(connection, "learning.mcq_answers", {**row, "attempt_id": attempt}) is None
