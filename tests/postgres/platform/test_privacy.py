"""Export, erasure and anonymising of a user: every table with a ``user_id`` is reached, and no other user."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from codezest_sql import Database, ForeignKeyViolation
from codezest_sql.errors import ExitCode
from codezest_sql.platform.queries.auth import privacy, users
from tests.conftest import create_database, drop_database
from tests.paths import ROOT
from tests.postgres.platform.test_seed import demo, project, url_of
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import Server, Servers

OWNED = """
    SELECT n.nspname, c.relname
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE a.attname = 'user_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND n.nspname !~ '^pg_|^information_schema$'
"""
# Who has the most kinds of rows, with money and without.
RICHEST = """
    SELECT u.id FROM auth.users AS u JOIN auth.user_profiles AS p ON p.user_id = u.id
    WHERE u.deleted_at IS NULL AND {} (SELECT FROM payments.transactions AS t WHERE t.user_id = u.id)
        AND {} (SELECT FROM payments.invoices AS t WHERE t.user_id = u.id)
    ORDER BY
        (SELECT count(*) FROM learning.assignment_analyses AS t WHERE t.user_id = u.id)
        + (SELECT count(*) FROM learning.quiz_analyses AS t WHERE t.user_id = u.id) DESC, u.id
    LIMIT 1
"""
KEPT = {"payments.subscriptions", "payments.payment_methods", "payments.transactions", "payments.invoices"}
SECRETS = {"password_hash", "token_hash", "access_token_ciphertext", "refresh_token_ciphertext"}


@pytest.fixture(scope="module")
def demo_template(
    servers: Servers, server: Server, postgres_version: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Make a database with 150 users of a demo, to be copied."""
    name = f"privacy_{os.getpid()}_{postgres_version}"
    create_database(server, name, servers.template(postgres_version))
    made = project(tmp_path_factory.mktemp("privacy"), server.url(name))
    assert demo(made, users=150).code == ExitCode.DONE
    # The demo leaves nobody out of one table: this one has something in each.
    everyone = "SELECT DISTINCT user_id FROM payments.transactions"
    execute(
        url_of(made),
        f"""
        INSERT INTO notifications.notification_preferences (user_id, channel, kind, enabled)
        SELECT t.user_id, 'PUSH', 'ANNOUNCEMENT', TRUE FROM ({everyone}) AS t ON CONFLICT DO NOTHING;
        INSERT INTO auth.password_resets (user_id, token_hash, expires_at)
        SELECT t.user_id, sha256(t.user_id::text::bytea), now() + interval '1 hour' FROM ({everyone}) AS t
        """,
    )
    yield name
    drop_database(server, name)


@pytest.fixture
def url(server: Server, demo_template: str) -> Iterator[str]:
    name = f"{demo_template}_{uuid4().hex[:8]}"
    create_database(server, name, demo_template)
    yield server.url(name)
    drop_database(server, name)


def counts(url: str, user_id: UUID, *, others: bool = False) -> Mapping[str, int]:
    """Return how many rows each table has of a user, or of all others; tables without any are left out."""
    found: Counter[str] = Counter()
    with psycopg.connect(url) as connection:
        for schema, table in connection.execute(OWNED).fetchall():
            query = sql.SQL("SELECT count(*) FROM {} WHERE (user_id = %s) <> %s").format(
                sql.Identifier(schema, table)
            )
            row = connection.execute(query, [user_id, others]).fetchone()
            assert row
            found[f"{schema}.{table}"] = row[0]
    return +found


def richest(url: str, *, money: bool) -> UUID:
    exists = "EXISTS" if money else "NOT EXISTS"
    [(user_id,)] = rows(url, RICHEST.format(exists, exists))
    assert isinstance(user_id, UUID)
    return user_id


def stored(url: str, user_id: UUID) -> str:
    """Return all that is stored of a user, as text."""
    with Database.connect(url) as db:
        return "\n".join(str(row) for row in db.run(privacy.export_user(user_id=user_id)))


def test_the_export_has_every_row_of_every_table(url: str) -> None:
    user_id = richest(url, money=True)
    with Database.connect(url) as db:
        exported = list(db.stream(privacy.export_user(user_id=user_id)))
    found = Counter(row.source for row in exported)
    assert found.pop("auth.users") == 1
    assert found == counts(url, user_id)
    for row in exported:
        assert isinstance(row.document, dict)
        assert not SECRETS & set(row.document)
        assert str(user_id) in {row.document.get("user_id"), row.document.get("id")}


def test_the_export_names_every_table_with_a_user_id(url: str) -> None:
    text = (ROOT / "sql" / "queries" / "auth" / "privacy.sql").read_text("utf-8")
    text = text[: text.index("-- name: erase_user")]
    tables = {f"{schema}.{table}" for schema, table in rows(url, OWNED)}
    assert tables
    assert {table for table in tables if f"'{table}' AS source" not in text} == set()


def test_the_export_has_what_the_person_wrote_and_nothing_of_whom_it_is_about(url: str) -> None:
    """Reviews of the work of others, and modules: found by every column that names a user."""
    naming = rows(
        url,
        """
        SELECT n.nspname || '.' || c.relname, a.attname
        FROM pg_constraint AS k
        JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.confrelid = 'auth.users'::regclass AND k.conparentid = 0 AND a.attname <> 'user_id'
        """,
    )
    assert naming
    [(author,)] = rows(
        url, "SELECT reviewer_id FROM learning.assignment_analyses WHERE reviewer_id IS NOT NULL LIMIT 1"
    )
    execute(url, f"UPDATE learning.modules SET created_by = '{author}'")
    execute(url, f"UPDATE learning.quiz_analyses SET reviewer_id = '{author}' WHERE reviewer_id IS NOT NULL")
    with Database.connect(url) as db:
        found = Counter(row.source for row in db.run(privacy.export_user(user_id=author)))
        text = stored(url, author)
    expected = Counter(counts(url, author))
    for table, column in naming:
        [(wrote,)] = rows(url, f"SELECT count(*) FROM {table} WHERE {column} = '{author}'")
        assert wrote, f"{table}.{column}"
        expected[table] += wrote
    assert found == expected + Counter({"auth.users": 1})
    about = rows(url, f"SELECT user_id FROM learning.assignment_analyses WHERE reviewer_id = '{author}'")
    assert not [user_id for (user_id,) in about if str(user_id) in text]


def test_the_export_has_a_deleted_account_too_and_nothing_of_nobody(url: str) -> None:
    user_id = richest(url, money=False)
    with Database.connect(url) as db:
        before = len(db.run(privacy.export_user(user_id=user_id)))
        assert db.run(users.delete_user(id=user_id))
        # Links that were not used yet go with the soft delete.
        assert before - 10 < len(db.run(privacy.export_user(user_id=user_id))) <= before
        assert db.run(privacy.export_user(user_id=uuid4())) == []


def test_erasing_leaves_nothing_of_the_user_and_all_of_the_others(url: str) -> None:
    user_id = richest(url, money=False)
    others = counts(url, user_id, others=True)
    assert len(counts(url, user_id)) > 10
    with Database.connect(url) as db:
        assert db.run(privacy.erase_user(user_id=user_id)) == 1
        assert db.run(privacy.erase_user(user_id=user_id)) == 0
    assert counts(url, user_id) == {}
    assert rows(url, f"SELECT FROM auth.users WHERE id = '{user_id}'") == []
    assert counts(url, user_id, others=True) == others


def test_erasing_is_refused_while_there_is_money_and_changes_nothing(url: str) -> None:
    user_id = richest(url, money=True)
    before = counts(url, user_id)
    with Database.connect(url) as db, pytest.raises(ForeignKeyViolation) as refused:
        db.run(privacy.erase_user(user_id=user_id))
    assert refused.value.constraint in {"transactions_user_id_fk", "invoices_user_id_fk"}
    assert counts(url, user_id) == before


@pytest.mark.parametrize("money", [True, False])
def test_anonymising_keeps_the_money_and_nothing_of_the_person(url: str, *, money: bool) -> None:
    user_id = richest(url, money=money)
    before = counts(url, user_id)
    others = counts(url, user_id, others=True)
    [(email, name)] = rows(url, f"SELECT email, name FROM auth.users WHERE id = '{user_id}'")
    execute(
        url,
        f"""
        UPDATE payments.transactions SET metadata = '{{"name": "{name}"}}' WHERE user_id = '{user_id}';
        UPDATE payments.invoices SET pdf_url = 'https://example.org/{email}' WHERE user_id = '{user_id}';
        UPDATE payments.payment_methods SET last4 = '4711', brand = 'visa' WHERE user_id = '{user_id}';
        UPDATE payments.subscriptions SET stripe_customer_id = 'cus_{name}' WHERE user_id = '{user_id}'
        """,
    )
    money_before = rows(url, f"SELECT sum(amount_minor), count(*) FROM payments.invoices WHERE user_id = '{user_id}'")
    assert name in stored(url, user_id)
    with Database.connect(url) as db:
        for _ in range(2):
            assert db.run(privacy.anonymise_user(user_id=user_id)) == 1
    after = counts(url, user_id)
    assert after == {table: count for table, count in before.items() if table in KEPT}
    assert (
        rows(url, f"SELECT sum(amount_minor), count(*) FROM payments.invoices WHERE user_id = '{user_id}'")
        == money_before
    )
    left = stored(url, user_id)
    for word in (name, email, "4711", "visa", "cus_"):
        assert word not in left
    assert counts(url, user_id, others=True) == others
    with Database.connect(url) as db:
        assert db.run(users.find_user_by_email(email=email)) is None
        assert db.run(privacy.anonymise_user(user_id=uuid4())) == 0


def test_a_visitor_is_erased_and_a_user_of_the_same_call_is_not(url: str) -> None:
    user_id = richest(url, money=False)
    before = counts(url, user_id)
    [(visitor,)] = rows(url, "SELECT user_id FROM activity.analytics_events WHERE is_anonymous LIMIT 1")
    with Database.connect(url) as db:
        assert db.run(privacy.erase_visitor(user_id=visitor)) > 0
        assert db.run(privacy.erase_visitor(user_id=user_id)) == 0
    assert counts(url, visitor) == {}
    assert counts(url, user_id) == before


def test_the_last_administrator_is_neither_erased_nor_anonymised(url: str) -> None:
    [(admin,)] = rows(url, "SELECT id FROM auth.users WHERE role = 'ADMIN'")
    with Database.connect(url) as db:
        assert db.run(privacy.erase_user(user_id=admin)) == 0
        assert db.run(privacy.anonymise_user(user_id=admin)) == 0
    assert rows(url, f"SELECT role::text, deleted_at FROM auth.users WHERE id = '{admin}'") == [("ADMIN", None)]
