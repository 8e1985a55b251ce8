"""What deleting does, with real rows: a user takes all that is theirs and nothing that is shared; money stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.postgres.platform.schema_facts import CLASSES, MONEY, TABLES, WITHOUT_FOREIGN_KEY
from tests.postgres.platform.schema_rows import (
    ADA,
    BOB,
    NOW,
    REFUSED_BY_FOREIGN_KEY,
    connect_with,
    count,
    delete,
    insert,
    insert_world,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.schema.facts import Catalog, Constraint
    from tests.postgres.platform.schema_rows import Connection

pytestmark = pytest.mark.every_postgres

OF_A_USER = tuple(table for table in TABLES if CLASSES[table] in "UT" or table == "auth.oauth_accounts")
SHARED = tuple(table for table in TABLES if CLASSES[table] == "R")


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database with Bob's world in it; a test adds of Ada's what it needs."""
    with connect_with(migrated, BOB) as opened:
        yield opened


def rows_of(connection: Connection, tables: tuple[str, ...], **where: object) -> dict[str, int]:
    """Count the rows of several tables."""
    return {table: count(connection, table, **where) for table in tables}


def test_deleting_a_user_without_money_removes_all_of_theirs_and_nothing_shared(connection: Connection) -> None:
    """Analytics have no foreign key, so erase_user deletes them by hand."""
    insert_world(connection, ADA, without=("payments.transactions", "payments.invoices"))
    theirs = tuple(table for table in OF_A_USER if table not in MONEY)
    assert set(rows_of(connection, theirs, user_id=ADA.user_id).values()) == {1}
    of_bob, shared = rows_of(connection, OF_A_USER, user_id=BOB.user_id), rows_of(connection, SHARED)
    assert set(of_bob.values()) == {1}
    assert set(shared.values()) == {2}

    assert delete(connection, "auth.users", id=ADA.user_id) == 1

    left = {table for table, number in rows_of(connection, OF_A_USER, user_id=ADA.user_id).items() if number}
    assert left == {WITHOUT_FOREIGN_KEY}
    assert rows_of(connection, OF_A_USER, user_id=BOB.user_id) == of_bob
    assert rows_of(connection, SHARED) == shared


@pytest.mark.parametrize("kept", sorted(MONEY))
def test_deleting_a_user_with_money_rows_is_refused(connection: Connection, kept: str) -> None:
    """A transaction alone, or an invoice alone, is enough; nothing of the user is lost by the attempt."""
    (other,) = MONEY - {kept}
    insert_world(connection, ADA, without=tuple(MONEY))
    row = ADA.row(kept, transaction_id=None) if kept == "payments.invoices" else ADA.row(kept)
    insert(connection, kept, row)
    before = rows_of(connection, OF_A_USER, user_id=ADA.user_id)
    assert (before[kept], before[other]) == (1, 0)
    with pytest.raises(REFUSED_BY_FOREIGN_KEY) as refused:
        delete(connection, "auth.users", id=ADA.user_id)
    assert refused.value.diag.constraint_name == f"{kept.partition('.')[2]}_user_id_fk"
    assert rows_of(connection, OF_A_USER, user_id=ADA.user_id) == before


def test_a_user_with_money_rows_can_be_anonymised_and_soft_deleted(connection: Connection) -> None:
    """That is the way then: the row stays, and with it the keys that the books refer to."""
    changes = {"email": f"{BOB.user_id}@anonymised.invalid", "name": "-", "password_hash": None, "deleted_at": NOW}
    update(connection, "auth.users", BOB.rows["auth.users"], changes)
    assert count(connection, "payments.transactions", user_id=BOB.user_id) == 1


def test_deleting_a_language_with_enrolments_is_refused_but_soft_deleting_is_not(connection: Connection) -> None:
    language = BOB.rows["learning.programming_languages"]
    with pytest.raises(REFUSED_BY_FOREIGN_KEY):
        delete(connection, "learning.programming_languages", id=language["id"])
    update(connection, "learning.programming_languages", language, {"deleted_at": NOW})
    assert count(connection, "learning.language_enrollments", language_id=language["id"]) == 1


def test_deleting_a_language_nobody_learns_takes_its_whole_catalog(connection: Connection) -> None:
    """Catalog child to catalog parent is CASCADE, all the way down to the options."""
    progress = tuple(table for table in OF_A_USER if table.startswith("learning."))
    insert_world(connection, ADA, without=progress)
    delete(connection, "learning.programming_languages", id=ADA.rows["learning.programming_languages"]["id"])
    assert set(rows_of(connection, SHARED).values()) == {1}


def test_each_foreign_key_does_on_delete_what_it_says(connection: Connection) -> None:
    """For each of them: only the child and what it cannot do without exist, then the parent is deleted."""
    catalog = read_catalog(connection)
    for key in catalog.foreign_keys():
        with connection.transaction(force_rollback=True):
            insert_only_for(connection, catalog, key)
            if key.on_delete in {"RESTRICT", "NO ACTION"}:
                with pytest.raises(REFUSED_BY_FOREIGN_KEY) as refused, connection.transaction():
                    delete_parent(connection, key)
                # Deleting a question takes its options first, so the answer's key to the option speaks up.
                assert refused.value.diag.table_name == key.table.partition(".")[2], key.name
                assert count_child(connection, key) == 1
            else:
                assert delete_parent(connection, key) == 1
                assert count_child(connection, key) == (1 if key.on_delete == "SET NULL" else 0), key.name
            if key.on_delete == "SET NULL":
                assert count(connection, key.table, **{key.columns[0]: ADA.author["id"]}) == 0


def insert_only_for(connection: Connection, catalog: Catalog, key: Constraint) -> None:
    """Insert Ada's row that has a foreign key, with as few others as the key and NOT NULL ask for."""
    optional = [
        each
        for each in catalog.foreign_keys()
        if each.name != key.name and not all(catalog.columns_of(each.table)[name].not_null for name in each.columns)
    ]
    needed = {key.table}
    while True:
        more = {
            each.parent
            for each in catalog.foreign_keys()
            if each.table in needed and each not in optional and each.parent is not None
        } - needed
        if not more:
            break
        needed |= more
    insert(connection, "auth.users", ADA.author)
    for table, row in ADA.rows.items():
        if table in needed:
            absent = {name for each in optional if each.table == table for name in each.columns} - {"user_id"}
            insert(connection, table, {name: value for name, value in row.items() if name not in absent})


def delete_parent(connection: Connection, key: Constraint) -> int:
    """Delete the row that Ada's row refers to by this foreign key."""
    assert key.parent is not None
    values = [ADA.rows[key.table][name] for name in key.columns]
    return delete(connection, key.parent, **dict(zip(key.parent_columns, values, strict=True)))


def count_child(connection: Connection, key: Constraint) -> int:
    """Count Ada's row of the table that has this foreign key: 1 or 0."""
    row = ADA.rows[key.table]
    by = "id" if "id" in row else "user_id"
    return count(connection, key.table, **{by: row[by]})
