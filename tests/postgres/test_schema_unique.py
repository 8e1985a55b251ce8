"""Every unique rule, proven with real rows: what it refuses, and among whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from psycopg import sql

from tests.postgres.schema_catalogue import read_catalogue
from tests.postgres.schema_facts import GLOBAL_KEYS, SOFT_DELETED
from tests.postgres.schema_rows import ADA, BOB, NOW, insert, refusal, token_hash, two_worlds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres.schema_catalogue import Index
    from tests.postgres.schema_rows import Connection, Row

pytestmark = pytest.mark.every_postgres


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database with the worlds of Ada and Bob in it."""
    with two_worlds(migrated) as opened:
        yield opened


def columns_of(index: Index) -> tuple[str, ...]:
    """Return the columns that an index is over, those inside an expression too."""
    return tuple(re.sub(r"^lower\((\w+)\)$", r"\1", key) for key in index.keys)


def stored(connection: Connection, table: str, of: Row, names: tuple[str, ...]) -> Row:
    """Read values of a row, defaults included, by its id or its user."""
    by = "id" if "id" in of else "user_id"
    query = sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(*table.split(".")),
        sql.Identifier(by),
        sql.Placeholder(),
    )
    found: tuple[Any, ...] | None = connection.execute(query, [of[by]]).fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


def test_every_unique_rule_refuses_the_second_row(connection: Connection) -> None:
    """Bob's row with Ada's values in the columns of the rule: refused by it, or by one that says more with less."""
    catalogue = read_catalogue(connection)
    columns_by_name = {index.name: columns_of(index) for index in catalogue.indexes}
    seen = 0
    for index in catalogue.indexes:
        if not index.unique:
            continue
        changes: Row = {} if "id" in index.keys or "id" not in BOB.rows[index.table] else {"id": uuid4()}
        changes |= stored(connection, index.table, ADA.rows[index.table], columns_of(index))
        # Of the two rows only Ada's stays, so that no other rule of Bob's has a say.
        said = refusal(connection, index.table, alone(index.table, changes))
        assert said is not None, index.name
        name = re.sub(r"_p\d{6}_pkey$", "_user_id_occurred_at_id_pk", said.constraint_name or "")
        assert {*columns_by_name[name]} <= {*columns_of(index)}, (index.name, said.constraint_name)
        seen += 1
    assert seen > len(catalogue.tables)


def alone(table: str, changes: Row) -> Row:
    """Return Bob's row with these changes and with fresh values for whatever else is unique in it."""
    row = BOB.row(table)
    for name, value in row.items():
        if name.startswith("stripe_") or name in {"slug", "number", "provider_message_id", "provider_account_id"}:
            row[name] = f"{value}-2"
        elif name == "email":
            row[name] = f"second-{value}"
        elif name == "token_hash":
            row[name] = token_hash("another")
    return {**row, **changes}


def test_an_address_is_unique_among_live_users_whatever_its_case(connection: Connection) -> None:
    """A capital does not even get in; the address of a deleted account may sign up again."""
    said = refusal(connection, "auth.users", {"email": "ada@example.com", "name": "Other"})
    assert said is not None
    assert said.constraint_name == "users_email_key"
    said = refusal(connection, "auth.users", {"email": "ADA@example.com", "name": "Other"})
    assert said is not None
    assert said.constraint_name == "users_email_check"
    connection.execute("UPDATE auth.users SET deleted_at = now(), updated_at = now() WHERE id = %s", [ADA.user_id])
    assert refusal(connection, "auth.users", {"email": "ada@example.com", "name": "Other"}) is None


def test_a_look_up_by_address_uses_the_index(connection: Connection) -> None:
    """The named queries compare lower(email), so the index is on that."""
    connection.execute("SET enable_seqscan = off")
    plan = connection.execute(
        "EXPLAIN SELECT id FROM auth.users WHERE lower(email) = lower('Ada@example.com') AND deleted_at IS NULL"
    ).fetchall()
    assert "users_email_key" in "\n".join(line for (line,) in plan)


def test_what_was_soft_deleted_gives_its_name_free(connection: Connection) -> None:
    """Slugs, the default payment method and Stripe's id of it: unique among live rows."""
    cases: tuple[tuple[str, Row], ...] = (
        ("learning.programming_languages", {}),
        ("learning.modules", {}),
        ("payments.payment_methods", {}),
    )
    assert {table for table, _ in cases} <= SOFT_DELETED
    for table, changes in cases:
        row = ADA.row(table, id=uuid4(), **changes)
        assert refusal(connection, table, row) is not None, table
        connection.execute(
            sql.SQL("UPDATE {} SET deleted_at = now(), updated_at = now() WHERE id = %s").format(
                sql.Identifier(*table.split("."))
            ),
            [ADA.rows[table]["id"]],
        )
        assert refusal(connection, table, row) is None, table


def test_the_same_slug_is_free_in_another_language(connection: Connection) -> None:
    row = BOB.row("learning.modules", id=uuid4(), slug=ADA.rows["learning.modules"]["slug"])
    assert refusal(connection, "learning.modules", row) is None


def test_a_user_has_one_default_payment_method_and_many_others(connection: Connection) -> None:
    for is_default, deleted_at, refused_by in (
        (True, None, "payment_methods_user_id_is_default_key"),
        (True, NOW, None),
        (False, None, None),
    ):
        row = ADA.row(
            "payments.payment_methods",
            id=uuid4(),
            stripe_payment_method_id=None,
            is_default=is_default,
            deleted_at=deleted_at,
        )
        said = refusal(connection, "payments.payment_methods", row)
        assert (said and said.constraint_name) == refused_by


def test_a_question_has_one_right_option_and_many_wrong_ones(connection: Connection) -> None:
    row = ADA.row("learning.mcq_options", id=uuid4())
    said = refusal(connection, "learning.mcq_options", row)
    assert said is not None
    assert said.constraint_name == "mcq_options_question_id_is_correct_key"
    for _ in range(2):
        insert(connection, "learning.mcq_options", {**row, "id": uuid4(), "is_correct": False})


def test_a_global_key_is_unique_over_all_users_but_may_be_missing(connection: Connection) -> None:
    """Bob may not have Ada's invoice number; two rows without a Stripe id are fine."""
    for table, columns in GLOBAL_KEYS.items():
        for column in columns:
            changes: Row = {"id": uuid4(), column: ADA.rows[table][column]}
            if table == "payments.subscriptions":
                changes["user_id"] = ADA.rows["learning.modules"]["created_by"]
            said = refusal(connection, table, alone(table, {**changes, "is_default": False} if "is_default" in
                                                        BOB.rows[table] else changes))
            assert said is not None
            assert said.constraint_name == f"{table.partition('.')[2]}_{column}_global_key"
    for _ in range(2):
        email = BOB.row("notifications.email_logs", id=uuid4(), provider_message_id=None)
        insert(connection, "notifications.email_logs", email)


def test_two_users_may_have_the_same_token(connection: Connection) -> None:
    """A bearer token carries its user, so it is unique for each user only; and twice for one user is refused."""
    row = BOB.row("auth.sessions", id=uuid4(), token_hash=ADA.rows["auth.sessions"]["token_hash"])
    assert refusal(connection, "auth.sessions", row) is None
    assert refusal(connection, "auth.sessions", {**row, "user_id": ADA.user_id}) is not None


def test_the_same_id_twice_is_refused_so_an_insert_can_be_repeated(connection: Connection) -> None:
    """A client-chosen id is the idempotency key: ON CONFLICT DO NOTHING then changes nothing."""
    repeated = connection.execute(
        "INSERT INTO auth.users (id, email, name) VALUES (%s, 'new@example.com', 'New') ON CONFLICT (id) DO NOTHING",
        [ADA.user_id],
    )
    assert repeated.rowcount == 0
    assert connection.execute("SELECT id FROM auth.users WHERE email = 'new@example.com'").fetchone() is None
