"""Every relationship of the design, proven with real rows: how many children a parent may have, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from tests.postgres.schema_catalogue import read_catalogue
from tests.postgres.schema_facts import CLASSES, MONEY, ONE_TO_MANY, ONE_TO_ONE
from tests.postgres.schema_rows import ADA, BOB, count, insert, refusal, two_worlds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres.schema_catalogue import Catalogue, Constraint
    from tests.postgres.schema_rows import Connection, Row

pytestmark = pytest.mark.every_postgres

UNIQUE = psycopg.errors.UniqueViolation.sqlstate
FOREIGN_KEY = psycopg.errors.ForeignKeyViolation.sqlstate


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database with the worlds of Ada and Bob in it."""
    with two_worlds(migrated) as opened:
        yield opened


@pytest.fixture
def catalogue(connection: Connection) -> Catalogue:
    return read_catalogue(connection)


def relationship(catalogue: Catalogue, parent: str, child: str) -> Constraint:
    """Return the foreign key of a relationship; the second references to a user are not one."""
    (found,) = (
        foreign_key
        for foreign_key in catalogue.foreign_keys()
        if (foreign_key.parent, foreign_key.table) == (parent, child) and foreign_key.on_delete != "SET NULL"
    )
    return found


def sibling(catalogue: Catalogue, foreign_key: Constraint) -> Row:
    """Return Bob's row of a table, moved to Ada's parent: a second, different child of it.

    Moved to another owner, a row's other parents that belong to an owner must become hers too.
    """
    taken = {*foreign_key.columns}
    if "user_id" in taken:
        for other in catalogue.foreign_keys():
            if other.table == foreign_key.table and CLASSES[other.parent or ""] == "U":
                taken.update(other.columns)
    row = ADA.row(foreign_key.table)
    return BOB.row(foreign_key.table, **{name: row[name] for name in taken if name in row})


def test_one_to_one_means_that_a_second_row_is_refused(connection: Connection, catalogue: Catalogue) -> None:
    for parent, child in ONE_TO_ONE:
        foreign_key = relationship(catalogue, parent, child)
        assert count(connection, child, user_id=ADA.user_id) == 1
        delete_nothing_but_own_id = sibling(catalogue, foreign_key)
        said = refusal(connection, child, delete_nothing_but_own_id)
        assert said is not None, (parent, child)
        assert said.sqlstate == UNIQUE, (parent, child, said.constraint_name)


def test_one_to_many_means_that_a_second_row_is_accepted(connection: Connection, catalogue: Catalogue) -> None:
    for parent, child in ONE_TO_MANY:
        foreign_key = relationship(catalogue, parent, child)
        row = sibling(catalogue, foreign_key)
        shared = {name: row[name] for name in foreign_key.columns}
        changes: Row = {"id": uuid4()}
        # The rules that are not about this relationship stay kept.
        changes |= {"is_default": False} if "is_default" in row else {}
        changes |= {"is_correct": False} if "is_correct" in row else {}
        changes |= {name: f"{row[name]}-2" for name in row if name.startswith("stripe_") or name in {"slug", "number"}}
        if child == "auth.oauth_accounts":
            changes["provider_account_id"] = "another"
        before = count(connection, child, **shared)
        with connection.transaction(force_rollback=True):
            insert(connection, child, {**row, **changes})
            assert (before, count(connection, child, **shared)) == (1, 2), (parent, child)


def test_an_orphan_is_refused(connection: Connection, catalogue: Catalogue) -> None:
    """For each foreign key of the schema: a parent that does not exist is not accepted."""
    for foreign_key in catalogue.foreign_keys():
        orphan = ADA.row(foreign_key.table, **fresh_key(foreign_key.table))
        for name in foreign_key.columns:
            orphan[name] = uuid4()
        said = refusal(connection, foreign_key.table, orphan)
        assert said is not None, foreign_key.name
        assert said.sqlstate == FOREIGN_KEY, (foreign_key.name, said.constraint_name)


def test_a_parent_of_another_user_is_refused(connection: Connection, catalogue: Catalogue) -> None:
    """For each foreign key between two user-owned tables: Ada's row may not hang on Bob's."""
    found = [
        foreign_key
        for foreign_key in catalogue.foreign_keys()
        if CLASSES[foreign_key.table] == CLASSES[foreign_key.parent or ""] == "U"
    ]
    assert {foreign_key.table for foreign_key in found} >= MONEY
    for foreign_key in found:
        row = BOB.row(foreign_key.table, **fresh_key(foreign_key.table))
        for name in foreign_key.columns:
            row[name] = ADA.row(foreign_key.table)[name] if name == "user_id" else row[name]
        # Bob's subscription, attempt or submission, but Ada's row.
        for other in catalogue.foreign_keys():
            if other.table == foreign_key.table and other.name != foreign_key.name and other.parent != "auth.users":
                row |= {name: ADA.row(other.table)[name] for name in other.columns if name not in foreign_key.columns}
        said = refusal(connection, foreign_key.table, row)
        assert said is not None, foreign_key.name
        assert said.sqlstate == FOREIGN_KEY, (foreign_key.name, said.constraint_name)


def fresh_key(table: str) -> Row:
    """Return changes that keep a copy of a row from colliding with it; foreign keys are looked at after that."""
    changes: Row = {"id": uuid4()} if "id" in ADA.rows[table] else {}
    for name, value in ADA.rows[table].items():
        if name.startswith("stripe_") or name in {"slug", "number", "provider_message_id", "provider_account_id"}:
            changes[name] = f"{value}-2"
        elif name in {"is_default", "is_correct"}:
            changes[name] = False
        elif name == "attempt_number":
            changes[name] = value + 1
        elif name == "token_hash":
            changes[name] = bytes(32)
    return changes


def test_an_answer_stays_in_the_quiz_of_its_attempt(connection: Connection) -> None:
    """By composite keys: to the attempt with its quiz, to the question in that quiz, to the option of that question."""
    ada, bob = ADA.rows["learning.mcq_answers"], BOB.rows["learning.mcq_answers"]
    other_question = uuid4()
    insert(
        connection,
        "learning.mcq_questions",
        ADA.row("learning.mcq_questions", id=other_question),
    )
    cases = {
        "mcq_answers_user_id_attempt_id_quiz_id_fk": {
            "quiz_id": bob["quiz_id"],
            "question_id": bob["question_id"],
            "option_id": bob["option_id"],
        },
        "mcq_answers_quiz_id_question_id_fk": {"question_id": bob["question_id"], "option_id": bob["option_id"]},
        # A question of the right quiz, but the option is of the other question.
        "mcq_answers_question_id_option_id_fk": {"question_id": other_question},
    }
    for constraint, changes in cases.items():
        said = refusal(connection, "learning.mcq_answers", {**ada, "id": uuid4(), **changes})
        assert said is not None
        assert said.constraint_name == constraint


def test_a_question_is_answered_once_in_an_attempt(connection: Connection) -> None:
    """And again in the next attempt."""
    row = ADA.row("learning.mcq_answers", id=uuid4())
    said = refusal(connection, "learning.mcq_answers", row)
    assert said is not None
    assert said.constraint_name == "mcq_answers_user_id_attempt_id_quiz_id_question_id_key"
    attempt = uuid4()
    insert(connection, "learning.mcq_attempts", ADA.row("learning.mcq_attempts", id=attempt, attempt_number=2))
    assert refusal(connection, "learning.mcq_answers", {**row, "attempt_id": attempt}) is None
