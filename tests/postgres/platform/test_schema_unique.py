"""Every unique rule, verified with real rows: what it refuses, and among whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from psycopg import sql

from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.postgres.platform.schema_facts import CLASSES, GLOBAL_KEYS, key_of
from tests.postgres.platform.schema_rows import ADA, BOB, NOW, all_before, connect_with, insert, refusal, update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.schema.facts import Index
    from tests.postgres.platform.schema_rows import Connection, Row

pytestmark = pytest.mark.every_postgres


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database with Ada's world in it; a test adds of Bob's what it needs."""
    with connect_with(migrated, ADA) as opened:
        yield opened


def columns_of(index: Index) -> tuple[str, ...]:
    """Return the columns that an index is over, those inside an expression too."""
    return tuple(re.sub(r"^lower\((\w+)\)$", r"\1", key) for key in index.keys)


def stored(connection: Connection, table: str, names: tuple[str, ...]) -> Row:
    """Read values of Ada's row, those that the server chose too."""
    by = "id" if "id" in ADA.rows[table] else "user_id"
    query = sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(*table.split(".")),
        sql.Identifier(by),
        sql.Placeholder(),
    )
    found: tuple[Any, ...] | None = connection.execute(query, [ADA.rows[table][by]]).fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


def answer(connection: Connection, table: str, row: Row) -> str | None:
    """Return the name of the constraint that refuses a row; None if it is accepted."""
    said = refusal(connection, table, row)
    return said.constraint_name if said else None


def test_every_unique_rule_refuses_the_second_row(connection: Connection) -> None:
    """Bob's row with Ada's values in the columns of the rule: refused by it, or by one over fewer of them."""
    indexes = [index for index in read_catalog(connection).indexes if index.unique]
    assert len(indexes) > len(CLASSES)
    for index in indexes:
        row = BOB.row(index.table, **stored(connection, index.table, columns_of(index)))
        stricter = {
            other.name
            for other in indexes
            if other.table == index.table and {*columns_of(other)} <= {*columns_of(index)}
        }
        with all_before(connection, BOB, index.table):
            refused_by = answer(connection, index.table, row)
        assert refused_by is not None, index.name
        if CLASSES[index.table] == "T":  # the key of a partition has a name of its own
            refused_by = re.sub(r"_p\d{6}_pkey$", f"_{'_'.join(key_of(index.table))}_pk", refused_by)
        assert refused_by in stricter, index.name


def test_an_address_is_unique_among_live_users_whatever_its_case(connection: Connection) -> None:
    """A capital does not even get in; the address of a deleted account may sign up again."""
    row: Row = {"email": "ada@example.com", "name": "Other"}
    assert answer(connection, "auth.users", row) == "users_email_key"
    assert answer(connection, "auth.users", {**row, "email": "ADA@example.com"}) == "users_email_check"
    update(connection, "auth.users", ADA.rows["auth.users"], {"deleted_at": NOW})
    assert answer(connection, "auth.users", row) is None


def test_a_look_up_by_address_uses_the_index(connection: Connection) -> None:
    """The named queries compare lower(email), so the index is on that."""
    connection.execute("SET enable_seqscan = off")
    plan = connection.execute(
        "EXPLAIN SELECT id FROM auth.users WHERE lower(email) = lower('Ada@example.com') AND deleted_at IS NULL"
    ).fetchall()
    text = "\n".join(line for (line,) in plan)
    assert "users_email_key" in text
    assert "Index Cond: (lower(email) = " in text


@pytest.mark.parametrize("table", ["learning.programming_languages", "learning.modules", "payments.payment_methods"])
def test_what_was_soft_deleted_gives_its_name_free(connection: Connection, table: str) -> None:
    """Slugs, the default payment method and Stripe's id of it are unique among live rows."""
    row = ADA.row(table, id=uuid4())
    assert answer(connection, table, row) is not None
    update(connection, table, ADA.rows[table], {"deleted_at": NOW})
    assert answer(connection, table, row) is None


def test_the_same_slug_is_free_in_another_language(connection: Connection) -> None:
    with all_before(connection, BOB, "learning.modules"):
        insert(connection, "learning.modules", BOB.row("learning.modules", slug=ADA.rows["learning.modules"]["slug"]))


def test_a_user_has_one_live_default_payment_method_and_many_others(connection: Connection) -> None:
    row = ADA.row("payments.payment_methods", id=uuid4(), stripe_payment_method_id=None)
    table = "payments.payment_methods"
    assert answer(connection, table, row) == "payment_methods_user_id_is_default_key"
    assert answer(connection, table, {**row, "deleted_at": NOW}) is None
    assert answer(connection, table, {**row, "is_default": False}) is None


def test_a_question_has_one_right_option_and_many_wrong_ones(connection: Connection) -> None:
    row = ADA.row("learning.mcq_options", id=uuid4())
    assert answer(connection, "learning.mcq_options", row) == "mcq_options_question_id_is_correct_key"
    for _ in range(2):
        insert(connection, "learning.mcq_options", {**row, "id": uuid4(), "is_correct": False})


def test_a_global_key_is_unique_over_all_users(connection: Connection) -> None:
    """Bob may not have Ada's invoice number, nor her ids at Stripe and at the mail provider."""
    for table, columns in GLOBAL_KEYS.items():
        with all_before(connection, BOB, table):
            for column in columns:
                expected = f"{table.partition('.')[2]}_{column}_global_key"
                assert answer(connection, table, BOB.row(table, **{column: ADA.rows[table][column]})) == expected


def test_many_rows_may_lack_the_id_that_a_provider_gives_later(connection: Connection) -> None:
    for _ in range(2):
        email = ADA.row("notifications.email_logs", id=uuid4(), provider_message_id=None)
        insert(connection, "notifications.email_logs", email)


def test_a_token_is_unique_for_its_user_only(connection: Connection) -> None:
    """A bearer token carries its user, so a look-up always has both."""
    taken = {"token_hash": ADA.rows["auth.sessions"]["token_hash"]}
    with all_before(connection, BOB, "auth.sessions"):
        assert answer(connection, "auth.sessions", BOB.row("auth.sessions", **taken)) is None
    again = ADA.row("auth.sessions", id=uuid4())
    assert answer(connection, "auth.sessions", again) == "sessions_user_id_token_hash_key"


def test_an_id_from_the_client_makes_an_insert_repeatable(connection: Connection) -> None:
    """It is the idempotency key: ON CONFLICT DO NOTHING changes nothing the second time."""
    insert_or_nothing = "INSERT INTO auth.users (id, email, name) VALUES (%s, %s, 'New') ON CONFLICT (id) DO NOTHING"
    assert connection.execute(insert_or_nothing, [uuid4(), "new@example.com"]).rowcount == 1
    assert connection.execute(insert_or_nothing, [ADA.user_id, "other@example.com"]).rowcount == 0
