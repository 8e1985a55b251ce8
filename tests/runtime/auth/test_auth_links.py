"""Links that are sent by mail, to reset a password and to prove an address: good once, whoever else comes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from codezest_sql import UniqueViolation
from codezest_sql.platform.queries.auth import email_verifications, password_resets, users
from tests.runtime.auth.service import (
    HOUR,
    ask_for_reset,
    ask_to_verify,
    behind_lock,
    confirm,
    hashed,
    is_signed_in,
    racing,
    register,
    sign_in,
    use_reset,
)

if TYPE_CHECKING:
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face


def test_a_reset_is_good_once_and_ends_all_sessions(db: Face) -> None:
    user_id = register(db)
    sign_in(db, user_id)
    assert ask_for_reset(db, "x", "nobody@example.com") is None
    asked = ask_for_reset(db, "one", "ADA@example.com")
    assert (asked.user_id, asked.email, asked.name) == (user_id, "ada@example.com", "Ada")
    ask_for_reset(db, "two")
    live = db.run(password_resets.find_live_password_reset(user_id=user_id, token_hash=hashed("one")))
    assert (live.id, live.expires_at) == (asked.id, asked.expires_at)
    for wrong in (None, ""):
        assert use_reset(db, user_id, "one", wrong) is None
    assert use_reset(db, user_id, "one", "new").id == user_id
    for token in ("one", "two", "never"):
        assert use_reset(db, user_id, token, "late") is None
    assert not is_signed_in(db, user_id)
    assert db.run(users.find_user_for_login(email="ada@example.com")).password_hash == "new"


def test_a_request_that_is_sent_twice_is_one_link(db: Face) -> None:
    register(db)
    link_id = uuid4()

    def ask(token: str) -> object:
        return db.run(
            password_resets.request_password_reset(
                id=link_id, token_hash=hashed(token), lifetime=HOUR, email="ada@example.com"
            )
        )

    first = ask("one")
    assert first is not None
    assert ask("one") == first
    assert ask("two") is None


def test_an_expired_reset_is_not_good(db: Face, sql: Sql) -> None:
    user_id = register(db)
    ask_for_reset(db, "one")
    sql.expire("password_resets")
    late = password_resets.find_live_password_reset(user_id=user_id, token_hash=hashed("one"))
    assert db.run(late) is None
    assert use_reset(db, user_id, "one", "new") is None


@pytest.mark.every_postgres
@pytest.mark.parametrize("second_token", ["one", "two"])
def test_of_two_resets_at_once_one_wins_and_none_deadlocks(
    db: Face, other: Face, sql: Sql, second_token: str
) -> None:
    user_id = register(db)
    for token in ("one", "two"):
        ask_for_reset(db, token)
    late = partial(use_reset, other, user_id, second_token, f"by {second_token}, late")
    with racing(sql, db, late) as (tx, results):
        assert use_reset(tx, user_id, "one", "by one") is not None
    assert results == [None]
    assert db.run(users.find_user_for_login(email="ada@example.com")).password_hash == "by one"


def test_an_address_is_proven_by_a_link_that_is_good_once(db: Face) -> None:
    user_id = register(db)
    assert ask_to_verify(db, user_id, "one").email == "ada@example.com"
    ask_to_verify(db, user_id, "two")
    assert confirm(db, user_id, "never") is None
    assert confirm(db, user_id, "one").id == user_id
    assert confirm(db, user_id, "one") is None
    assert confirm(db, user_id, "two") is None
    assert ask_to_verify(db, user_id, "three") is None  # it is verified
    assert db.run(users.get_account(id=user_id)).email_verified_at is not None


def test_another_address_counts_from_its_proof_on(db: Face) -> None:
    user_id = register(db)
    ask_to_verify(db, user_id, "old")
    ask_for_reset(db, "reset")
    assert ask_to_verify(db, user_id, "same", "ADA@example.com") is None
    assert ask_to_verify(db, user_id, "new", "Ada@work.example").email == "ada@work.example"
    assert db.run(users.find_user_by_email(email="ada@work.example")) is None
    assert confirm(db, user_id, "new").email == "ada@work.example"
    assert confirm(db, user_id, "old") is None  # it would take the address back
    assert db.run(password_resets.void_password_resets(user_id=user_id)) == 0


def test_an_address_that_is_taken_meanwhile_leaves_the_link_good(db: Face) -> None:
    user_id = register(db)
    ask_to_verify(db, user_id, "new", "shared@example.com")
    rival = register(db, "shared@example.com")
    with pytest.raises(UniqueViolation) as refused:
        confirm(db, user_id, "new")
    assert refused.value.constraint == "users_email_key"
    assert ask_to_verify(db, user_id, "late", "shared@example.com") is None
    db.run(users.delete_user(id=rival))
    assert confirm(db, user_id, "new") is not None


def test_of_two_confirmations_at_once_one_wins(db: Face, other: Face, sql: Sql) -> None:
    user_id = register(db)
    for token in ("one", "two"):
        ask_to_verify(db, user_id, token)
    with racing(sql, db, partial(confirm, other, user_id, "two")) as (tx, results):
        assert confirm(tx, user_id, "one") is not None
    assert results == [None]


def test_a_link_of_before_is_not_given_anew(db: Face, sql: Sql) -> None:
    """A second try of a request whose link has ended meanwhile is told so, and not that a mail may go out."""
    user_id = register(db)
    link_id = uuid4()
    token: dict[str, Any] = {"id": link_id, "token_hash": hashed("one"), "lifetime": HOUR}
    for request in (
        password_resets.request_password_reset(email="ada@example.com", **token),
        email_verifications.request_email_verification(user_id=user_id, **token),
    ):
        assert db.run(request) is not None
        assert db.run(request) is not None
        sql.expire("password_resets")
        sql.expire("email_verifications")
        assert db.run(request) is None


@pytest.mark.every_postgres
def test_a_link_that_is_being_made_does_not_outlive_the_change_of_the_address(
    db: Face, other: Face, sql: Sql
) -> None:
    """A reset that goes to the old address, and a proof that would put the old address back."""
    user_id = register(db)
    ask_to_verify(db, user_id, "new", "ada@work.example")
    change = email_verifications.confirm_email(user_id=user_id, token_hash=hashed("new"))
    with racing(sql, db, partial(behind_lock, other, user_id, change)) as (tx, results):
        assert ask_for_reset(tx, "reset") is not None
        assert ask_to_verify(tx, user_id, "old") is not None
    assert results[0].email == "ada@work.example"
    assert use_reset(db, user_id, "reset", "stolen") is None
    assert confirm(db, user_id, "old") is None


def test_a_request_waits_for_the_change_of_the_address(db: Face, other: Face, sql: Sql) -> None:
    user_id = register(db)
    ask_to_verify(db, user_id, "new", "ada@work.example")
    with racing(sql, db, partial(ask_for_reset, other, "reset")) as (tx, results):
        assert confirm(tx, user_id, "new") is not None
    assert results == [None]  # the account has this address no longer


@pytest.mark.every_postgres
@pytest.mark.parametrize("change", ["password", "reset"])
def test_what_is_being_made_does_not_outlive_the_password(db: Face, other: Face, sql: Sql, change: str) -> None:
    user_id = register(db)
    ask_for_reset(db, "one")
    query = (
        users.change_password(id=user_id, checked_hash="hash", new_hash="new", kept_session_id=uuid4())
        if change == "password"
        else password_resets.use_password_reset(user_id=user_id, token_hash=hashed("one"), password_hash="new")
    )
    with racing(sql, db, partial(behind_lock, other, user_id, query)) as (tx, results):
        assert sign_in(tx, user_id, checked_hash="hash") is not None
        assert ask_for_reset(tx, "two") is not None
    assert results[0].id == user_id
    assert not is_signed_in(db, user_id)
    assert use_reset(db, user_id, "two", "stolen") is None


def test_nobody_is_locked_who_is_not_there(db: Face) -> None:
    user_id = register(db)
    assert db.run(users.lock_user(id=user_id)).id == user_id
    db.run(users.delete_user(id=user_id))
    for nobody in (user_id, uuid4()):
        assert db.run(users.lock_user(id=nobody)) is None
