"""Accounts and profiles, lived through by the generated functions: what each changes and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from codezest_sql import CheckViolation, ForeignKeyViolation, InvalidValue, NoRowFound, UniqueViolation
from codezest_sql.platform.models.auth import Role, User, UserProfile
from codezest_sql.platform.queries.activity import events
from codezest_sql.platform.queries.auth import password_resets, privacy, profiles, users
from codezest_sql.platform.types import Preferences, SocialLinks
from tests.runtime.auth.service import (
    ask_for_reset,
    ask_to_verify,
    confirm,
    is_signed_in,
    racing,
    register,
    sign_in,
    use_reset,
)

if TYPE_CHECKING:
    from uuid import UUID

    from codezest_sql import Opt
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face


def profile(
    user_id: UUID, bio: str | None = "Counts.", locale: str = "en", timezone: str = "UTC"
) -> Opt[UserProfile]:
    return profiles.upsert_profile(
        user_id=user_id,
        bio=bio,
        avatar_url=None,
        location=None,
        timezone=timezone,
        locale=locale,
        social_links=SocialLinks(github="counts"),
    )


def test_a_person_registers_once_and_is_found_whatever_the_case(db: Face) -> None:
    user_id = uuid4()
    ask = users.register_user(id=user_id, email="Ada@Example.com", name="Ada", password_hash="hash")
    made = db.run(ask)
    assert made == users.UserSummary(id=user_id, email="ada@example.com", name="Ada", role=Role.STUDENT)
    assert db.run(ask) is None
    assert db.run(users.get_user(id=user_id)) == made
    assert db.run(users.find_user_by_email(email="ADA@example.com")) == made
    assert db.run(users.is_email_taken(email="aDa@example.com")).is_taken is True
    assert db.run(users.is_email_taken(email="bob@example.com")).is_taken is False
    found = db.run(users.find_user_for_login(email="ADA@EXAMPLE.COM"))
    assert type(found) is User
    assert (found.id, found.password_hash, found.role, found.deleted_at) == (user_id, "hash", Role.STUDENT, None)
    assert db.run(users.find_user_for_login(email="bob@example.com")) is None


def test_an_address_is_of_one_live_account(db: Face) -> None:
    register(db)
    with pytest.raises(UniqueViolation) as refused:
        register(db, "ADA@example.com")
    assert refused.value.constraint == "users_email_key"
    assert refused.value.table == "auth.users"
    assert refused.value.query == "auth.users.register_user"
    assert "ada@example.com" not in str(refused.value)


def test_an_address_without_an_at_sign_is_refused(db: Face) -> None:
    with pytest.raises(CheckViolation) as refused:
        register(db, "nowhere")
    assert refused.value.constraint == "users_email_check"
    assert db.run(users.count_users_by_role()) == []


def test_an_account_that_is_not_there_is_said_so(db: Face) -> None:
    for query in (users.get_user(id=uuid4()), users.get_account(id=uuid4())):
        with pytest.raises(NoRowFound) as missing:
            db.run(query)
        assert missing.value.query == query.statement.name


def test_an_account_has_its_profile_or_none(db: Face) -> None:
    user_id = register(db)
    account = db.run(users.get_account(id=user_id))
    assert (account.id, account.email, account.role) == (user_id, "ada@example.com", Role.STUDENT)
    assert account.profile is None
    assert db.run(profiles.get_public_profile(user_id=user_id)) is None
    for bio in ("Counts.", "Writes."):
        db.run(profile(user_id, bio))
    assert db.run(users.get_account(id=user_id)).profile == users.GetAccountProfile(
        user_id=user_id, bio="Writes.", avatar_url=None, location=None, timezone="UTC", locale="en"
    )
    public = db.run(profiles.get_public_profile(user_id=user_id))
    assert public.user == profiles.GetPublicProfileUser(id=user_id, name="Ada", role=Role.STUDENT)
    assert public.social_links == SocialLinks(github="counts")


def test_a_profile_whose_columns_are_null_is_a_profile(db: Face) -> None:
    """Only its key tells whether it is there."""
    user_id = register(db)
    db.run(profile(user_id, None))
    assert db.run(users.get_account(id=user_id)).profile.bio is None


@pytest.mark.parametrize("timezone", ["Nowhere/No", "", "Europe/", "Lisbon5", "<a>3", "-3"])
def test_a_time_zone_that_there_is_none_of_is_refused(db: Face, timezone: str) -> None:
    """Else what tells that user the time would fail from then on."""
    user_id = register(db)
    with pytest.raises(InvalidValue):
        db.run(profile(user_id, timezone=timezone))
    assert db.run(profiles.find_profile(user_id=user_id)) is None
    db.run(profile(user_id, timezone="Asia/Kathmandu"))
    with pytest.raises(InvalidValue):
        db.run(profiles.update_profile(user_id=user_id, timezone=timezone, bio="New."))
    kept = db.run(profiles.find_profile(user_id=user_id))
    assert (kept.timezone, kept.bio) == ("Asia/Kathmandu", "Counts.")
    assert db.run(profiles.update_profile(user_id=user_id, timezone="Europe/Lisbon")).timezone == "Europe/Lisbon"


def test_a_profile_keeps_its_rules(db: Face) -> None:
    user_id = register(db)
    with pytest.raises(CheckViolation) as refused:
        db.run(profile(user_id, locale="English"))
    assert refused.value.constraint == "user_profiles_locale_check"
    assert db.run(profile(uuid4())) is None  # of nobody
    assert db.run(profiles.find_profile(user_id=user_id)) is None


def test_preferences_are_merged(db: Face) -> None:
    user_id = register(db)
    assert db.run(profiles.update_profile(user_id=user_id, bio="Counts.")) is None
    newer = Preferences.model_validate({"theme": "dark", "of_a_newer_release": 1})
    merged = db.run(profiles.merge_preferences(user_id=user_id, preferences=newer))
    assert (type(merged.preferences), merged.preferences) == (Preferences, newer)
    merged = db.run(profiles.merge_preferences(user_id=user_id, preferences=Preferences(editor_font_size=14)))
    assert merged.preferences.model_dump() == {"theme": "dark", "of_a_newer_release": 1, "editor_font_size": 14}
    found = db.run(profiles.find_profile(user_id=user_id))
    assert isinstance(found, UserProfile)
    assert (found.preferences, found.social_links) == (merged.preferences, SocialLinks())


def test_a_name_a_role_and_a_password_change(db: Face) -> None:
    user_id = register(db)
    kept = sign_in(db, user_id, "kept").id
    sign_in(db, user_id, "lost")
    ask_for_reset(db, "reset")
    assert db.run(users.rename_user(id=user_id, name="Ada L.")) == 1
    assert db.run(users.change_role(id=user_id, role=Role.INSTRUCTOR)) == 1
    assert db.run(users.rename_user(id=uuid4(), name="Nobody")) == 0
    assert db.run(users.rehash_password(id=user_id, checked_hash="hash", new_hash="newer")) == 1
    assert db.run(users.rehash_password(id=user_id, checked_hash="hash", new_hash="again")) == 0

    def change(new_hash: str | None) -> object:
        return db.run(
            users.change_password(id=user_id, checked_hash="newer", new_hash=new_hash, kept_session_id=kept)
        )

    assert change(None) is None
    assert change("newest") == users.ChangePasswordRow(id=user_id)
    assert change("late") is None
    assert (is_signed_in(db, user_id, "kept"), is_signed_in(db, user_id, "lost")) == (True, False)
    assert db.run(password_resets.void_password_resets(user_id=user_id)) == 0
    assert db.run(users.get_user(id=user_id)) == users.UserSummary(
        id=user_id, email="ada@example.com", name="Ada L.", role=Role.INSTRUCTOR
    )


def test_a_deleted_account_is_signed_out_and_comes_back(db: Face) -> None:
    user_id = register(db)
    sign_in(db, user_id)
    ask_for_reset(db, "reset")
    deleted = db.run(users.delete_user(id=user_id))
    assert deleted.id == user_id
    assert db.run(users.delete_user(id=user_id)) is None
    with pytest.raises(NoRowFound):
        db.run(users.get_user(id=user_id))
    assert not is_signed_in(db, user_id)
    assert sign_in(db, user_id, "again") is None
    assert ask_for_reset(db, "another") is None
    again = register(db)
    (old,) = db.run(users.list_deleted_users(email="ADA@example.com", limit=5))
    assert (old.id, old.deleted_at) == (user_id, deleted.deleted_at)
    with pytest.raises(UniqueViolation, match="users_email_key"):
        db.run(users.restore_user(id=user_id))
    db.run(users.delete_user(id=again))
    assert db.run(users.restore_user(id=user_id)).id == user_id
    assert db.run(users.restore_user(id=user_id)) is None
    assert not is_signed_in(db, user_id)  # what was ended stays ended


def test_what_was_being_made_when_an_account_was_deleted_does_not_come_back_with_it(
    db: Face, other: Face, sql: Sql
) -> None:
    user_id = register(db)
    with racing(sql, db, partial(other.run, users.delete_user(id=user_id))) as (tx, results):
        assert sign_in(tx, user_id) is not None
        assert ask_for_reset(tx, "reset") is not None
        assert ask_to_verify(tx, user_id, "proof") is not None
    assert results[0].id == user_id
    assert db.run(users.restore_user(id=user_id)).id == user_id
    assert not is_signed_in(db, user_id)
    assert use_reset(db, user_id, "reset", "stolen") is None
    assert confirm(db, user_id, "proof") is None


def test_an_anonymised_account_is_not_restored(db: Face) -> None:
    user_id = register(db)
    assert db.run(users.delete_user(id=user_id))
    assert db.run(privacy.anonymise_user(user_id=user_id)) == 1
    assert db.run(users.restore_user(id=user_id)) is None


def test_an_erased_account_leaves_nothing(db: Face, sql: Sql) -> None:
    user_id = register(db)
    sign_in(db, user_id)
    sql.run("INSERT INTO activity.analytics_events (user_id, name) VALUES (%s, 'signed up')", user_id)
    assert db.run(privacy.erase_user(user_id=user_id)) == 1
    for table in ("auth.users", "auth.sessions", "activity.analytics_events"):
        assert sql.value(f"SELECT count(*) FROM {table}") == 0
    assert db.run(privacy.erase_user(user_id=user_id)) == 0


def test_an_event_that_comes_after_the_end_goes_with_a_second_try(db: Face, other: Face, sql: Sql) -> None:
    """Events hang on no account, so that one may be written while the account is erased."""
    gone, here = register(db), register(db, "eve@example.com")

    def record(to: Face, user_id: UUID) -> object:
        return to.run(
            events.record_event(
                user_id=user_id,
                occurred_at=datetime.now(UTC),
                id=uuid4(),
                name="late",
                is_anonymous=False,
                session_id=None,
                properties={},
                url=None,
                referrer=None,
            )
        )

    assert record(db, here) is not None
    with other.transaction() as tx:
        assert record(tx, gone) is not None
        assert db.run(privacy.erase_user(user_id=gone)) == 1
    assert sql.value("SELECT count(*) FROM activity.analytics_events WHERE user_id = %s", gone) == 1
    assert db.run(privacy.erase_user(user_id=gone)) == 0
    assert sql.value("SELECT array_agg(user_id) FROM activity.analytics_events") == [here]
    assert record(db, gone) is None  # and then none comes any more


def test_an_account_with_money_is_not_erased(db: Face, sql: Sql) -> None:
    user_id = register(db)
    subscription = sql.value("INSERT INTO payments.subscriptions (user_id) VALUES (%s) RETURNING id", user_id)
    sql.run(
        "INSERT INTO payments.transactions (user_id, subscription_id, amount_minor, currency)"
        " VALUES (%s, %s, 100, 'EUR')",
        user_id,
        subscription,
    )
    with pytest.raises(ForeignKeyViolation) as refused:
        db.run(privacy.erase_user(user_id=user_id))
    assert refused.value.table == "payments.transactions"
    assert db.run(users.get_user(id=user_id)).id == user_id
