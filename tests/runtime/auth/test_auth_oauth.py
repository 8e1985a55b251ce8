"""Signing in by a provider, by the generated functions: whole or not at all, and never without a way back in."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, UniqueViolation
from codezest_sql.platform.models.auth import OAuthAccount
from codezest_sql.platform.queries.auth import oauth, users
from tests.runtime.auth.service import OAUTH, link, racing, register

if TYPE_CHECKING:
    from typing import Any

    from codezest_sql import Opt
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face


def by_provider(user_id: UUID, email: str = "Ada@example.com", **changes: object) -> Opt[oauth.UserSummary]:
    arguments: dict[str, Any] = {"name": "Ada", "email_is_verified": True, **OAUTH, **changes}
    return oauth.register_oauth_user(user_id=user_id, id=uuid4(), email=email, **arguments)


def test_a_person_registers_by_a_provider_and_signs_in(db: Face) -> None:
    user_id = uuid4()
    assert db.run(by_provider(user_id)).email == "ada@example.com"
    assert db.run(by_provider(user_id)) is None
    found = db.run(oauth.find_oauth_login(provider="GITHUB", provider_account_id="4711"))
    assert found.user.id == user_id
    assert found.user.email_verified_at is not None
    assert db.run(oauth.find_oauth_login(provider="GOOGLE", provider_account_id="4711")) is None


def test_the_ways_to_sign_in_are_a_list(db: Face) -> None:
    """Of none, one or several, in the order of the query; each account with its own."""
    user_id, eve = register(db), register(db, "eve@example.com")
    methods = oauth.get_sign_in_methods(user_id=user_id)
    found = db.run(methods)
    assert (found.id, found.email, found.has_password, found.oauth_accounts) == (
        user_id,
        "ada@example.com",
        True,
        [],
    )
    google = link(db, user_id, provider="GOOGLE")
    github = link(db, user_id, provider="GITHUB")
    link(db, eve, provider_account_id="4712")
    assert db.run(methods).oauth_accounts == [
        oauth.GetSignInMethodsOAuthAccount(id=each.id, provider=each.provider, created_at=each.created_at)
        for each in (github, google)
    ]
    db.run(by_provider(only := uuid4(), "only@example.com", provider_account_id="4713"))
    found = db.run(oauth.get_sign_in_methods(user_id=only))
    assert (found.has_password, [each.provider for each in found.oauth_accounts]) == (False, ["GITHUB"])


def test_half_a_registration_is_never_left(db: Face) -> None:
    link(db, register(db, "eve@example.com"))
    with pytest.raises(UniqueViolation) as refused:
        db.run(by_provider(uuid4()))
    assert refused.value.constraint == "oauth_accounts_provider_provider_account_id_key"
    assert db.run(users.find_user_by_email(email="ada@example.com")) is None


def test_a_provider_that_is_not_ours_is_refused(db: Face) -> None:
    user_id = register(db)
    with pytest.raises(CheckViolation) as refused:
        link(db, user_id, provider="ACME")
    assert refused.value.constraint == "oauth_accounts_provider_check"


def test_a_link_is_made_refreshed_and_taken_away(db: Face) -> None:
    user_id, eve = register(db), register(db, "eve@example.com")
    made = link(db, user_id)
    assert link(db, user_id, access_token_ciphertext=b"b", refresh_token_ciphertext=None) == made
    assert link(db, user_id, provider_account_id="4712") is None
    assert link(db, uuid4()) is None
    with pytest.raises(UniqueViolation):
        link(db, eve)
    stored = db.run(oauth.get_oauth_account(user_id=user_id, provider="GITHUB"))
    assert type(stored) is OAuthAccount
    assert (stored.access_token_ciphertext, stored.refresh_token_ciphertext) == (b"b", b"r")
    unlink = oauth.unlink_oauth_account(user_id=user_id, provider="GITHUB")
    assert db.run(unlink) == 1
    assert db.run(unlink) == 0
    assert db.run(oauth.get_oauth_account(user_id=user_id, provider="GITHUB")) is None


def test_tokens_are_refreshed_and_only_what_is_given_changes(db: Face) -> None:
    user_id = register(db)
    link(db, user_id)
    expected = {"scopes": ["user"], "refresh_token_ciphertext": b"r"}
    for number, (scopes, token) in enumerate(product([None, ["repo", 'a "b", {c}'], []], [(), (b"\x00s",), (None,)])):
        given: dict[str, Any] = {}
        if scopes is not None:
            given["scopes"] = scopes
        if token:
            given["refresh_token_ciphertext"] = token[0]
        expected |= given
        access = bytes([number])
        refresh = oauth.refresh_oauth_tokens(
            user_id=user_id, provider="GITHUB", access_token_ciphertext=access, token_expires_at=None, **given
        )
        assert db.run(refresh) == 1
        stored = db.run(oauth.get_oauth_account(user_id=user_id, provider="GITHUB"))
        assert stored.access_token_ciphertext == access
        assert {name: getattr(stored, name) for name in expected} == expected
        assert db.run(oauth.list_oauth_accounts(user_id=user_id))[0].scopes == stored.scopes


def test_the_last_way_to_sign_in_stays_whoever_takes_it_away(db: Face, other: Face, sql: Sql) -> None:
    """Two calls at once, each of which sees two links."""
    user_id = register(db, password_hash=None)
    for provider in ("GITHUB", "GOOGLE"):
        link(db, user_id, provider=provider)
    second = oauth.unlink_oauth_account(user_id=user_id, provider="GOOGLE")
    with racing(sql, db, partial(other.run, second)) as (tx, results):
        assert tx.run(oauth.unlink_oauth_account(user_id=user_id, provider="GITHUB")) == 1
    assert results == [0]
    assert len(db.run(oauth.list_oauth_accounts(user_id=user_id))) == 1


def test_a_deleted_account_loses_its_link_to_a_new_one_and_a_live_one_does_not(db: Face, sql: Sql) -> None:
    old, again, eve = uuid4(), uuid4(), register(db, "eve@example.com")
    assert db.run(by_provider(old)) is not None
    with pytest.raises(UniqueViolation):
        db.run(by_provider(again, "again@example.com"))
    with pytest.raises(UniqueViolation):
        link(db, eve)
    assert db.run(users.delete_user(id=old)) is not None
    assert db.run(oauth.find_oauth_login(provider="GITHUB", provider_account_id="4711")) is None
    # Of what makes no account, or links none, nothing is left.
    assert db.run(by_provider(eve)) is None
    assert link(db, uuid4()) is None
    assert sql.value("SELECT user_id FROM auth.oauth_accounts") == old
    assert db.run(by_provider(again)).email == "ada@example.com"
    assert db.run(oauth.find_oauth_login(provider="GITHUB", provider_account_id="4711")).user.id == again
    assert db.run(users.delete_user(id=again)) is not None
    assert link(db, eve).user_id == eve
    assert db.run(oauth.find_oauth_login(provider="GITHUB", provider_account_id="4711")).user.id == eve
    assert sql.value("SELECT count(*) FROM auth.oauth_accounts") == 1


def test_a_link_that_is_refused_takes_nothing_from_a_deleted_account(db: Face) -> None:
    old, eve = uuid4(), register(db, "eve@example.com")
    assert db.run(by_provider(old)) is not None
    assert link(db, eve, provider_account_id="4712") is not None
    assert db.run(users.delete_user(id=old)) is not None
    assert link(db, eve) is None  # another account at the provider is linked: unlink that first
    assert db.run(users.restore_user(id=old)) is not None
    assert db.run(oauth.find_oauth_login(provider="GITHUB", provider_account_id="4711")).user.id == old


@pytest.mark.parametrize("taking", ["register", "link"])
def test_an_account_that_is_being_restored_keeps_its_link(db: Face, other: Face, sql: Sql, taking: str) -> None:
    old, eve = uuid4(), register(db, "eve@example.com")
    assert db.run(by_provider(old)) is not None
    assert db.run(users.delete_user(id=old)) is not None

    def take() -> object:
        with pytest.raises(UniqueViolation) as refused:
            other.run(by_provider(uuid4(), "new@example.com")) if taking == "register" else link(other, eve)
        return refused.value.constraint

    with racing(sql, db, take) as (tx, results):
        assert tx.run(users.restore_user(id=old)) is not None
    assert results == ["oauth_accounts_provider_provider_account_id_key"]
    assert db.run(oauth.find_oauth_login(provider="GITHUB", provider_account_id="4711")).user.id == old


def test_an_account_that_is_being_deleted_is_not_linked(db: Face, other: Face, sql: Sql) -> None:
    user_id = register(db)
    with racing(sql, db, partial(link, other, user_id)) as (tx, results):
        assert tx.run(users.delete_user(id=user_id)) is not None
    assert results == [None]
