"""The auth service lived through on real rows: what each query changes, what it refuses, and who wins a race."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.postgres.auth_queries import Auth, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)
OAUTH: Row = {
    "provider": "GITHUB",
    "provider_account_id": "4711",
    "scopes": ["user"],
    "access_token_ciphertext": b"a",
    "refresh_token_ciphertext": b"r",
    "token_expires_at": None,
}


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@pytest.fixture
def auth(migrated: str) -> Iterator[Auth]:
    with psycopg.connect(migrated, autocommit=True) as connection:
        yield Auth(connection)


@pytest.fixture
def other(migrated: str) -> Iterator[Auth]:
    """Another session of the same service."""
    with psycopg.connect(migrated, autocommit=True) as connection:
        yield Auth(connection)


def register(auth: Auth, email: str = "ada@example.com", name: str = "Ada", password: str = "hash") -> UUID:
    made = auth.row("users.register_user", id=uuid4(), email=email, name=name, password_hash=password)
    assert made is not None
    user_id: UUID = made["id"]
    return user_id


def sign_in(auth: Auth, user_id: UUID, token: str = "token", **changes: object) -> Row | None:
    arguments: Row = {"id": uuid4(), "ip_address": "10.0.0.1", "user_agent": "test", "lifetime": HOUR, **changes}
    return auth.row("sessions.create_session", user_id=user_id, token_hash=hashed(token), **arguments)


def is_signed_in(auth: Auth, user_id: UUID, token: str = "token") -> bool:
    return auth.row("sessions.find_live_session", user_id=user_id, token_hash=hashed(token)) is not None


def ask_for_reset(auth: Auth, token: str, email: str = "ada@example.com", lifetime: timedelta = HOUR) -> Row | None:
    arguments: Row = {"id": uuid4(), "token_hash": hashed(token), "lifetime": lifetime}
    return auth.row("password_resets.request_password_reset", email=email, **arguments)


def expire(auth: Auth, table: str) -> None:
    """Let everything in a table have ended an hour ago."""
    statement = (
        f"UPDATE auth.{table} SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'"
    )
    auth.connection.execute(statement.encode())


def test_a_person_registers_once_and_is_found_whatever_the_case(auth: Auth) -> None:
    arguments: Row = {"id": uuid4(), "email": "Ada@Example.com", "name": "Ada", "password_hash": "hash"}
    made = auth.row("users.register_user", **arguments)
    assert made == {"id": arguments["id"], "email": "ada@example.com", "name": "Ada", "role": "STUDENT"}
    assert auth.row("users.register_user", **arguments) is None
    assert auth.row("users.get_user", id=arguments["id"]) == made
    assert auth.row("users.find_user_by_email", email="ADA@example.com") == made
    assert auth.row("users.is_email_taken", email="aDa@example.com") == {"is_taken": True}
    found = auth.row("users.find_user_for_login", email="ADA@EXAMPLE.COM")
    assert found is not None
    assert found["password_hash"] == "hash"
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        register(auth, "ADA@example.com")
    assert refused.value.diag.constraint_name == "users_email_key"


def test_an_account_has_its_profile_or_none(auth: Auth) -> None:
    user_id = register(auth)
    account = auth.row("users.get_account", id=user_id)
    assert account is not None
    assert account["profile.user_id"] is None
    assert auth.row("profiles.get_public_profile", user_id=user_id) is None
    written: Row = {"bio": "Counts.", "avatar_url": None, "location": None, "timezone": "UTC", "locale": "en"}
    for bio in ("Counts.", "Writes."):
        auth.row(
            "profiles.upsert_profile", user_id=user_id, **{**written, "bio": bio}, social_links=Jsonb({"a": "b"})
        )
    account = auth.row("users.get_account", id=user_id)
    assert account is not None
    assert (account["profile.user_id"], account["profile.bio"]) == (user_id, "Writes.")
    public = auth.row("profiles.get_public_profile", user_id=user_id)
    assert public is not None
    assert (public["user.name"], public["social_links"]) == ("Ada", {"a": "b"})


def test_only_what_is_given_of_a_profile_changes(auth: Auth) -> None:
    user_id = register(auth)
    assert auth.row("profiles.update_profile", user_id=user_id, bio="Counts.") is None
    assert auth.row("profiles.merge_preferences", user_id=user_id, preferences=Jsonb({"theme": "dark", "a": 1})) == {
        "preferences": {"theme": "dark", "a": 1}
    }
    auth.row("profiles.update_profile", user_id=user_id, bio="Counts.", location="London")
    found = auth.row("profiles.update_profile", user_id=user_id, bio=None)
    assert found is not None
    assert (found["bio"], found["location"], found["timezone"]) == (None, "London", "UTC")
    assert auth.row("profiles.merge_preferences", user_id=user_id, preferences=Jsonb({"a": 2})) == {
        "preferences": {"theme": "dark", "a": 2}
    }
    assert auth.row("profiles.find_profile", user_id=user_id) == {
        **found,
        "preferences": {"theme": "dark", "a": 2},
        "updated_at": _updated(auth, "user_profiles"),
    }


def _updated(auth: Auth, table: str) -> datetime:
    row = auth.connection.execute(f"SELECT max(updated_at) FROM auth.{table}".encode()).fetchone()
    assert row is not None
    at: datetime = row[0]
    return at


def test_a_name_a_role_and_a_password_change(auth: Auth) -> None:
    user_id = register(auth)
    kept, lost = uuid4(), uuid4()
    sign_in(auth, user_id, "kept", id=kept)
    sign_in(auth, user_id, "lost", id=lost)
    ask_for_reset(auth, "reset")
    assert auth.count("users.rename_user", id=user_id, name="Ada L.") == 1
    assert auth.count("users.change_role", id=user_id, role="INSTRUCTOR") == 1
    assert auth.count("users.rename_user", id=uuid4(), name="Nobody") == 0
    assert auth.count("users.rehash_password", id=user_id, checked_hash="hash", new_hash="newer") == 1
    assert auth.count("users.rehash_password", id=user_id, checked_hash="hash", new_hash="again") == 0
    change: Row = {"id": user_id, "checked_hash": "newer", "kept_session_id": kept}
    assert auth.row("users.change_password", **change, new_hash=None) is None
    assert auth.row("users.change_password", **change, new_hash="newest") == {"id": user_id}
    assert auth.row("users.change_password", **change, new_hash="late") is None
    assert (is_signed_in(auth, user_id, "kept"), is_signed_in(auth, user_id, "lost")) == (True, False)
    assert auth.count("password_resets.void_password_resets", user_id=user_id) == 0
    assert auth.row("users.get_user", id=user_id) == {
        "id": user_id,
        "email": "ada@example.com",
        "name": "Ada L.",
        "role": "INSTRUCTOR",
    }


def test_pages_of_users_have_each_once_in_every_order(auth: Auth) -> None:
    names = ["ada", "bob", "cyd", "dot", "eve"]
    ids = [register(auth, f"{name}@example.com", name.title()) for name in names]
    auth.row("users.delete_user", id=ids[3])
    live = [each for each in ids if each != ids[3]]
    first = auth.rows("users.list_users", limit=3)
    rest = auth.rows("users.list_users", limit=3, after_email=first[-1]["email"])
    assert [each["id"] for each in [*first, *rest]] == live
    page = auth.rows("users.list_users", "newest", limit=3)
    behind: Row = {"created_before": page[-1]["created_at"], "id_before": page[-1]["id"]}
    rest = auth.rows("users.list_users", "newest", limit=3, **behind)
    assert [each["id"] for each in [*page, *rest]] == live[::-1]


def test_users_are_filtered_by_role_proof_and_words(auth: Auth) -> None:
    ada, bob = register(auth), register(auth, "bob%@example.com", "Bob_")
    auth.count("users.change_role", id=bob, role="ADMIN")
    auth.connection.execute("UPDATE auth.users SET email_verified_at = now() WHERE id = %s", [ada])

    def found(**filters: object) -> list[UUID]:
        return [each["id"] for each in auth.rows("users.list_users", limit=9, **filters)]

    assert found(role="ADMIN") == [bob]
    assert found(verified=True) == [ada]
    assert found(search="ADA") == [ada]
    assert found(search="b_") == [bob]
    assert found(search="%") == []
    assert found(role="STUDENT", search="b") == []
    assert [row["id"] for row in auth.rows("users.get_users", ids=[bob, ada, uuid4()])] == sorted([ada, bob])
    assert auth.rows("users.count_users_by_role") == [{"role": "ADMIN", "total": 1}, {"role": "STUDENT", "total": 1}]


def test_a_deleted_account_is_signed_out_and_comes_back(auth: Auth) -> None:
    user_id = register(auth)
    sign_in(auth, user_id)
    ask_for_reset(auth, "reset")
    deleted = auth.row("users.delete_user", id=user_id)
    assert deleted is not None
    assert auth.row("users.delete_user", id=user_id) is None
    assert auth.row("users.get_user", id=user_id) is None
    assert not is_signed_in(auth, user_id)
    assert sign_in(auth, user_id, "again") is None
    assert ask_for_reset(auth, "another") is None
    again = register(auth)
    (old,) = auth.rows("users.list_deleted_users", email="ADA@example.com", limit=5)
    assert (old["id"], old["deleted_at"]) == (user_id, deleted["deleted_at!"])
    with pytest.raises(psycopg.errors.UniqueViolation):
        auth.row("users.restore_user", id=user_id)
    auth.row("users.delete_user", id=again)
    restored = auth.row("users.restore_user", id=user_id)
    assert restored is not None
    assert auth.row("users.restore_user", id=user_id) is None
    assert not is_signed_in(auth, user_id)  # what was ended stays ended


def test_an_erased_account_leaves_nothing(auth: Auth) -> None:
    user_id = register(auth)
    sign_in(auth, user_id)
    auth.connection.execute(
        "INSERT INTO activity.analytics_events (user_id, name) VALUES (%s, 'signed up')", [user_id]
    )
    assert auth.count("users.erase_user", id=user_id) == 1
    for table in ("auth.users", "auth.sessions", "activity.analytics_events"):
        assert auth.connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
    assert auth.count("users.erase_user", id=user_id) == 0


def test_a_session_is_made_once_however_often_it_is_sent(auth: Auth) -> None:
    user_id, session = register(auth), uuid4()
    assert sign_in(auth, user_id, id=session) == sign_in(auth, user_id, id=session)
    assert sign_in(auth, user_id, "another", id=session) is None
    assert sign_in(auth, uuid4()) is None
    found = auth.row("sessions.find_live_session", user_id=user_id, token_hash=hashed("token"))
    assert found is not None
    assert (found["id"], found["user.id"], found["user.email"]) == (session, user_id, "ada@example.com")
    assert not is_signed_in(auth, user_id, "guessed")


def test_a_session_is_touched_once_a_minute(auth: Auth) -> None:
    user_id, session = register(auth), uuid4()
    sign_in(auth, user_id, id=session)
    touch: Row = {"user_id": user_id, "id": session, "ip_address": "10.0.0.2"}
    assert auth.count("sessions.touch_session", **touch) == 0
    auth.connection.execute("UPDATE auth.sessions SET last_seen_at = now() - interval '2 minutes'")
    before = auth.rows("sessions.list_sessions", user_id=user_id, limit=9)
    assert auth.count("sessions.touch_session", **touch, lifetime=2 * HOUR) == 1
    (after,) = auth.rows("sessions.list_sessions", user_id=user_id, limit=9)
    assert str(after["ip_address"]) == "10.0.0.2"
    assert after["expires_at"] > before[0]["expires_at"]
    auth.connection.execute("UPDATE auth.sessions SET last_seen_at = now() - interval '2 minutes'")
    assert auth.count("sessions.touch_session", **touch) == 1
    assert auth.rows("sessions.list_sessions", user_id=user_id, limit=9)[0]["expires_at"] == after["expires_at"]


def test_sessions_end_one_by_one_or_all_but_one(auth: Auth) -> None:
    user_id = register(auth)
    ids = [uuid4() for _ in range(4)]
    for number, each in enumerate(ids):
        sign_in(auth, user_id, str(number), id=each)
    assert auth.count("sessions.revoke_session", user_id=user_id, id=ids[0]) == 1
    assert auth.count("sessions.revoke_session", user_id=user_id, id=ids[0]) == 0
    assert auth.count("sessions.revoke_session", user_id=uuid4(), id=ids[1]) == 0
    assert auth.count("sessions.revoke_sessions", user_id=user_id, kept_id=ids[3]) == 2
    live = auth.rows("sessions.list_sessions", "newest", user_id=user_id, live=True, limit=9)
    assert [each["id"] for each in live] == [ids[3]]
    assert len(auth.rows("sessions.list_sessions", user_id=user_id, live=False, limit=9)) == 4
    assert auth.count("sessions.revoke_sessions", user_id=user_id) == 1


def test_a_rotated_token_takes_the_place_of_the_old_one(auth: Auth) -> None:
    user_id = register(auth)
    sign_in(auth, user_id)
    rotate: Row = {"user_id": user_id, "token_hash": hashed("token"), "new_token_hash": hashed("new")}
    assert auth.row("sessions.rotate_session", **rotate) is not None
    assert auth.row("sessions.rotate_session", **rotate) is None
    assert (is_signed_in(auth, user_id, "new"), is_signed_in(auth, user_id)) == (True, False)


def test_expired_rows_are_swept_in_bites_and_past_each_other(auth: Auth, other: Auth) -> None:
    user_id = register(auth)
    for number in range(3):
        sign_in(auth, user_id, str(number))
        ask_for_reset(auth, str(number))
        ask_to_verify(auth, user_id, str(number))
    sweep: Row = {"ended_before": datetime.now(UTC), "limit": 2}
    for table in ("sessions", "password_resets", "email_verifications"):
        query = f"{table}.delete_expired_{table}"
        assert auth.count(query, **sweep) == 0
        expire(auth, table)
        with auth.connection.transaction():
            assert auth.count(query, **sweep) == 2
            assert other.count(query, **sweep) == 1  # and does not wait
        assert auth.count(query, **sweep) == 0


def test_a_person_registers_by_a_provider_and_signs_in(auth: Auth) -> None:
    user_id = uuid4()
    new: Row = {
        "user_id": user_id,
        "id": uuid4(),
        "email": "Ada@example.com",
        "name": "Ada",
        "email_is_verified": True,
    }
    made = auth.row("oauth.register_oauth_user", **new, **OAUTH)
    assert made is not None
    assert made["email"] == "ada@example.com"
    assert auth.row("oauth.register_oauth_user", **new, **OAUTH) is None
    found = auth.row("oauth.find_oauth_login", provider="GITHUB", provider_account_id="4711")
    assert found is not None
    assert found["user.id"] == user_id
    assert found["user.email_verified_at"] is not None
    assert auth.row("oauth.find_oauth_login", provider="GOOGLE", provider_account_id="4711") is None
    (methods,) = auth.rows("oauth.get_sign_in_methods", user_id=user_id)
    assert (methods["has_password"], methods["oauth_accounts[].provider"]) == (False, "GITHUB")


def test_half_a_registration_is_never_left(auth: Auth) -> None:
    other_user = register(auth, "eve@example.com")
    auth.row("oauth.link_oauth_account", id=uuid4(), user_id=other_user, **OAUTH)
    new: Row = {
        "user_id": uuid4(),
        "id": uuid4(),
        "email": "ada@example.com",
        "name": "A",
        "email_is_verified": False,
    }
    with pytest.raises(psycopg.errors.UniqueViolation):
        auth.row("oauth.register_oauth_user", **new, **OAUTH)
    assert auth.row("users.find_user_by_email", email="ada@example.com") is None


def test_a_link_is_made_refreshed_and_taken_away(auth: Auth) -> None:
    user_id, eve = register(auth), register(auth, "eve@example.com")
    link: Row = {**OAUTH, "id": uuid4(), "user_id": user_id}
    made = auth.row("oauth.link_oauth_account", **link)
    assert made is not None
    again: Row = {**link, "id": uuid4(), "access_token_ciphertext": b"b", "refresh_token_ciphertext": None}
    assert auth.row("oauth.link_oauth_account", **again) == made
    assert auth.row("oauth.link_oauth_account", **{**link, "provider_account_id": "4712"}) is None
    assert auth.row("oauth.link_oauth_account", **{**link, "user_id": uuid4()}) is None
    with pytest.raises(psycopg.errors.UniqueViolation):
        auth.row("oauth.link_oauth_account", **{**link, "id": uuid4(), "user_id": eve})
    tokens: Row = {
        "user_id": user_id,
        "provider": "GITHUB",
        "access_token_ciphertext": b"c",
        "token_expires_at": None,
    }
    assert auth.count("oauth.refresh_oauth_tokens", **tokens) == 1
    stored = auth.row("oauth.get_oauth_account", user_id=user_id, provider="GITHUB")
    assert stored is not None
    assert (stored["access_token_ciphertext"], stored["refresh_token_ciphertext"]) == (b"c", b"r")
    assert auth.count("oauth.refresh_oauth_tokens", **tokens, scopes=["repo"], refresh_token_ciphertext=b"s") == 1
    (listed,) = auth.rows("oauth.list_oauth_accounts", user_id=user_id)
    assert listed["scopes"] == ["repo"]
    unlink: Row = {"user_id": user_id, "provider": "GITHUB"}
    assert auth.count("oauth.unlink_oauth_account", **unlink) == 1
    assert auth.count("oauth.unlink_oauth_account", **unlink) == 0


def test_the_last_way_to_sign_in_stays_whoever_takes_it_away(auth: Auth, other: Auth) -> None:
    """Two calls at once, each of which sees two links."""
    user_id = register(auth)
    auth.connection.execute("UPDATE auth.users SET password_hash = NULL")
    for provider in ("GITHUB", "GOOGLE"):
        auth.row("oauth.link_oauth_account", **{**OAUTH, "id": uuid4(), "user_id": user_id, "provider": provider})
    with ThreadPoolExecutor(1) as thread:
        with auth.connection.transaction():
            assert auth.count("oauth.unlink_oauth_account", user_id=user_id, provider="GITHUB") == 1
            second = thread.submit(other.count, "oauth.unlink_oauth_account", user_id=user_id, provider="GOOGLE")
            wait_for_a_lock(auth, other)
        assert second.result() == 0
    assert len(auth.rows("oauth.list_oauth_accounts", user_id=user_id)) == 1


def wait_for_a_lock(auth: Auth, waiting: Auth) -> None:
    """Wait until the other session waits."""
    question = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
    while auth.connection.execute(question, [waiting.connection.info.backend_pid]).fetchone() != (True,):
        pass


def test_a_reset_is_good_once_and_ends_all_sessions(auth: Auth) -> None:
    user_id = register(auth)
    sign_in(auth, user_id)
    assert ask_for_reset(auth, "x", "nobody@example.com") is None
    asked = ask_for_reset(auth, "one", "ADA@example.com")
    assert asked is not None
    assert (asked["user_id"], asked["email"], asked["name"]) == (user_id, "ada@example.com", "Ada")
    ask_for_reset(auth, "two")
    live: Row = {"user_id": user_id, "token_hash": hashed("one")}
    assert auth.row("password_resets.find_live_password_reset", **live) is not None
    for wrong in (None, ""):
        assert auth.row("password_resets.use_password_reset", **live, password_hash=wrong) is None
    used = auth.row("password_resets.use_password_reset", **live, password_hash="new")
    assert used is not None
    assert used["id"] == user_id
    for token in ("one", "two", "never"):
        again: Row = {"user_id": user_id, "token_hash": hashed(token), "password_hash": "late"}
        assert auth.row("password_resets.use_password_reset", **again) is None
    assert not is_signed_in(auth, user_id)
    found = auth.row("users.find_user_for_login", email="ada@example.com")
    assert found is not None
    assert found["password_hash"] == "new"


def test_a_request_that_is_sent_twice_is_one_link(auth: Auth) -> None:
    register(auth)
    arguments: Row = {"id": uuid4(), "token_hash": hashed("one"), "lifetime": HOUR, "email": "ada@example.com"}
    assert auth.row("password_resets.request_password_reset", **arguments) == auth.row(
        "password_resets.request_password_reset", **arguments
    )
    other_token: Row = {**arguments, "token_hash": hashed("two")}
    assert auth.row("password_resets.request_password_reset", **other_token) is None


def test_an_expired_reset_is_not_good(auth: Auth) -> None:
    user_id = register(auth)
    ask_for_reset(auth, "one")
    expire(auth, "password_resets")
    late: Row = {"user_id": user_id, "token_hash": hashed("one")}
    assert auth.row("password_resets.find_live_password_reset", **late) is None
    assert auth.row("password_resets.use_password_reset", **late, password_hash="new") is None


@pytest.mark.every_postgres
@pytest.mark.parametrize("second_token", ["one", "two"])
def test_of_two_resets_at_once_one_wins_and_none_deadlocks(auth: Auth, other: Auth, second_token: str) -> None:
    user_id = register(auth)
    for token in ("one", "two"):
        ask_for_reset(auth, token)

    def use(session: Auth, token: str) -> Row | None:
        arguments: Row = {"user_id": user_id, "token_hash": hashed(token), "password_hash": f"by {token}"}
        return session.row("password_resets.use_password_reset", **arguments)

    with ThreadPoolExecutor(1) as thread:
        with auth.connection.transaction():
            assert use(auth, "one") is not None
            second = thread.submit(use, other, second_token)
            wait_for_a_lock(auth, other)
        assert second.result() is None
    found = auth.row("users.find_user_for_login", email="ada@example.com")
    assert found is not None
    assert found["password_hash"] == "by one"


def ask_to_verify(auth: Auth, user_id: UUID, token: str, email: str | None = None) -> Row | None:
    arguments: Row = {"user_id": user_id, "id": uuid4(), "token_hash": hashed(token), "lifetime": HOUR}
    if email is None:
        return auth.row("email_verifications.request_email_verification", **arguments)
    return auth.row("email_verifications.request_email_change", **arguments, email=email)


def confirm(auth: Auth, user_id: UUID, token: str) -> Row | None:
    return auth.row("email_verifications.confirm_email", user_id=user_id, token_hash=hashed(token))


def test_an_address_is_proven_by_a_link_that_is_good_once(auth: Auth) -> None:
    user_id = register(auth)
    asked = ask_to_verify(auth, user_id, "one")
    assert asked is not None
    assert asked["email"] == "ada@example.com"
    ask_to_verify(auth, user_id, "two")
    assert confirm(auth, user_id, "never") is None
    assert confirm(auth, user_id, "one") is not None
    assert confirm(auth, user_id, "one") is None
    assert confirm(auth, user_id, "two") is None
    assert ask_to_verify(auth, user_id, "three") is None  # it is proven
    account = auth.row("users.get_account", id=user_id)
    assert account is not None
    assert account["email_verified_at"] is not None


def test_another_address_counts_from_its_proof_on(auth: Auth) -> None:
    user_id = register(auth)
    ask_to_verify(auth, user_id, "old")
    ask_for_reset(auth, "reset")
    assert ask_to_verify(auth, user_id, "same", "ADA@example.com") is None
    asked = ask_to_verify(auth, user_id, "new", "Ada@work.example")
    assert asked is not None
    assert asked["email"] == "ada@work.example"
    assert auth.row("users.find_user_by_email", email="ada@work.example") is None
    confirmed = confirm(auth, user_id, "new")
    assert confirmed is not None
    assert confirmed["email"] == "ada@work.example"
    assert confirm(auth, user_id, "old") is None  # it would take the address back
    assert auth.count("password_resets.void_password_resets", user_id=user_id) == 0


def test_an_address_that_is_taken_meanwhile_leaves_the_link_good(auth: Auth) -> None:
    user_id = register(auth)
    ask_to_verify(auth, user_id, "new", "shared@example.com")
    rival = register(auth, "shared@example.com")
    with pytest.raises(psycopg.errors.UniqueViolation):
        confirm(auth, user_id, "new")
    assert ask_to_verify(auth, user_id, "late", "shared@example.com") is None
    auth.row("users.delete_user", id=rival)
    assert confirm(auth, user_id, "new") is not None


def test_of_two_confirmations_at_once_one_wins(auth: Auth, other: Auth) -> None:
    user_id = register(auth)
    for token in ("one", "two"):
        ask_to_verify(auth, user_id, token)
    with ThreadPoolExecutor(1) as thread:
        with auth.connection.transaction():
            assert confirm(auth, user_id, "one") is not None
            second = thread.submit(confirm, other, user_id, "two")
            wait_for_a_lock(auth, other)
        assert second.result() is None
