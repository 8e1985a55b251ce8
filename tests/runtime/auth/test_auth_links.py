"""Links that are sent by mail, to reset a password and to prove an address: good once, whoever else comes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from codezest_sql import UniqueViolation
from codezest_sql.queries.auth import password_resets, users
from tests.runtime.auth.service import (
    HOUR,
    ask_for_reset,
    ask_to_verify,
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
    assert ask_to_verify(db, user_id, "three") is None  # it is proven
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
