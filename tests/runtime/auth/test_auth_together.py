"""Several queries of the auth service together: batches, streams, transactions and savepoints."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from codezest_sql import ArgumentError, NoRowFound, QueryError, UniqueViolation
from codezest_sql.platform.models.auth import Role, User
from codezest_sql.platform.queries.auth import oauth, sessions, users
from tests.runtime.auth.service import (
    ADDRESS,
    HOUR,
    ask_for_reset,
    hashed,
    is_signed_in,
    link,
    racing,
    register,
    sign_in,
)

if TYPE_CHECKING:
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face


def test_a_batch_gives_each_query_what_its_kind_gives(db: Face) -> None:
    user_id = register(db)
    link(db, user_id)
    session_id = uuid4()
    renamed, account, made, login, nobody, listed, methods, again = db.batch(
        users.rename_user(id=user_id, name="Ada L."),
        users.get_account(id=user_id),
        sessions.create_session(
            id=session_id,
            user_id=user_id,
            token_hash=hashed("token"),
            ip_address=ADDRESS,
            user_agent=None,
            lifetime=HOUR,
        ),
        users.find_user_for_login(email="ada@example.com"),
        users.find_user_by_email(email="nobody@example.com"),
        users.list_users(role=Role.STUDENT, limit=9, order="newest"),
        oauth.get_sign_in_methods(user_id=user_id),
        users.list_users(search="none of them", limit=9),
    )
    assert renamed == 1
    assert (account.name, account.profile) == ("Ada L.", None)
    assert made.id == session_id
    assert type(login) is User
    assert nobody is None
    assert [each.id for each in listed] == [user_id]
    assert [each.provider for each in methods.oauth_accounts] == ["GITHUB"]
    assert again == []
    assert is_signed_in(db, user_id)


def test_of_a_batch_that_fails_nothing_is_left(db: Face) -> None:
    """And the error is told of the query that the server refused, not of one before or behind it."""
    user_id = register(db)
    rename = users.rename_user(id=user_id, name="Another")
    taken = users.register_user(id=uuid4(), email="ada@example.com", name="Eve", password_hash=None)
    with pytest.raises(UniqueViolation) as refused:
        db.batch(rename, taken, users.get_user(id=user_id))
    assert (refused.value.query, refused.value.constraint) == ("auth.users.register_user", "users_email_key")
    with pytest.raises(QueryError, match="LIMIT must not be negative") as negative:
        db.batch(rename, users.list_users(limit=-1), rename)
    assert negative.value.query == "auth.users.list_users"
    with pytest.raises(ArgumentError, match="limit is bigint"):
        db.batch(rename, users.list_users(limit=2**63), rename)
    assert db.run(users.get_user(id=user_id)).name == "Ada"


def test_a_row_that_a_batch_misses_is_told_after_all_of_it_took_effect(db: Face) -> None:
    user_id = register(db)
    with pytest.raises(NoRowFound) as missing:
        db.batch(users.rename_user(id=user_id, name="Another"), users.get_user(id=uuid4()))
    assert missing.value.query == "auth.users.get_user"
    assert db.run(users.get_user(id=user_id)).name == "Another"
    with pytest.raises(NoRowFound), db.transaction() as tx:
        tx.batch(users.rename_user(id=user_id, name="Nobody"), users.get_user(id=uuid4()))
    assert db.run(users.get_user(id=user_id)).name == "Another"


def test_a_stream_has_the_rows_of_the_list(db: Face) -> None:
    rows = [
        users.ImportUsersRow(uuid4(), f"user{number:03}@example.com", str(number), None, Role.STUDENT, None)
        for number in range(250)
    ]
    db.copy(users.import_users(rows))
    for query in (
        users.list_users(limit=9999),
        users.list_users(limit=240, search="user1", order="newest"),
        users.get_users(ids=[each.id for each in rows[:7]]),
        users.list_users(limit=9, role=Role.ADMIN),
    ):
        expected = db.run(query)
        for size in (1, 7, 100, 1000):
            assert db.stream(query, size=size) == expected
    assert db.stream(users.list_users(limit=9999), size=10, leave_after=15) == db.run(users.list_users(limit=15))
    with db.transaction(read_only=True) as tx:
        assert tx.stream(users.list_users(limit=9999), leave_after=1) == tx.run(users.list_users(limit=1))


def test_a_transaction_takes_all_of_it_back(db: Face, other: Face) -> None:
    class ChangedMyMindError(Exception):
        pass

    with pytest.raises(ChangedMyMindError), db.transaction() as tx:
        user_id = register(tx)
        sign_in(tx, user_id)
        assert is_signed_in(tx, user_id)
        assert other.run(users.find_user_by_email(email="ada@example.com")) is None
        raise ChangedMyMindError
    assert db.run(users.find_user_by_email(email="ada@example.com")) is None
    assert db.run(users.count_users_by_role()) == []


def test_a_savepoint_keeps_what_was_done_before_it(db: Face) -> None:
    eve = register(db, "eve@example.com", "Eve")
    with db.transaction(isolation="repeatable read") as tx:
        user_id = register(tx)
        with pytest.raises(UniqueViolation), tx.transaction() as inner:
            sign_in(inner, user_id)
            register(inner, "eve@example.com")
        assert not is_signed_in(tx, user_id)
        with tx.transaction() as inner:
            sign_in(inner, user_id, "kept")
            with pytest.raises(UniqueViolation), inner.transaction() as innermost:
                innermost.run(users.rename_user(id=eve, name="Gone"))
                innermost.run(
                    users.register_user(id=uuid4(), email="ada@example.com", name="Ada", password_hash=None)
                )
    assert is_signed_in(db, user_id, "kept")
    assert not is_signed_in(db, user_id)
    assert db.run(users.get_user(id=eve)).name == "Eve"  # renamed only in what was rolled back


def test_an_error_without_a_savepoint_leaves_nothing_to_commit(db: Face) -> None:
    register(db)
    with pytest.raises(QueryError), db.transaction() as tx:
        register(tx, "bob@example.com")
        with pytest.raises(UniqueViolation):
            register(tx)
    assert db.run(users.is_email_taken(email="bob@example.com")).is_taken is False


def test_a_transaction_that_only_reads_writes_nothing(db: Face) -> None:
    user_id = register(db)
    with pytest.raises(QueryError, match="read-only"), db.transaction(read_only=True) as tx:
        assert tx.run(users.get_user(id=user_id)).name == "Ada"
        tx.run(users.rename_user(id=user_id, name="Eve"))
    assert db.run(users.get_user(id=user_id)).name == "Ada"


def test_of_two_who_register_one_address_at_once_one_wins(db: Face, other: Face, sql: Sql) -> None:
    def late() -> object:
        with pytest.raises(UniqueViolation) as refused:
            register(other)
        return refused.value.constraint

    with racing(sql, db, late) as (tx, results):
        user_id = register(tx)
        ask_for_reset(tx, "one")
    assert results == ["users_email_key"]
    assert db.run(users.find_user_by_email(email="ada@example.com")).id == user_id
