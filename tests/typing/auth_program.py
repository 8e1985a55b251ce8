"""A program that uses the queries of auth: what type checkers know of each result is asserted line by line."""

from __future__ import annotations

from contextlib import aclosing
from datetime import datetime
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import TYPE_CHECKING, assert_type
from uuid import UUID, uuid4

import psycopg

from codezest_sql import AsyncDatabase, Database, Many, Opt, UniqueViolation, run
from codezest_sql.platform.models.auth import Role, User, UserProfile
from codezest_sql.platform.queries.auth import oauth, profiles, sessions, users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


def sign_up(db: Database, email: str, name: str) -> UUID | None:
    """Open an account; None where the address is taken."""
    user_id = uuid4()
    try:
        with db.transaction(isolation="serializable") as tx:
            made = tx.run(users.register_user(id=user_id, email=email, name=name, password_hash=None))
            assert_type(made, users.UserSummary | None)
            with tx.transaction() as inner:
                renamed = inner.run(users.rename_user(id=user_id, name=name.title()))
                assert_type(renamed, int)
    except UniqueViolation as error:
        assert_type(error.constraint, str)
        return None
    return made.id if made else None


def show(db: Database, user_id: UUID) -> str:
    """Tell of an account."""
    account = db.run(users.get_account(id=user_id))
    assert_type(account, users.GetAccountRow)
    assert_type(account.role, Role)
    assert_type(account.email_verified_at, datetime | None)
    assert_type(account.profile, users.GetAccountProfile | None)
    profile = db.run(profiles.update_profile(user_id=user_id, bio=None), timeout=2.5)
    assert_type(profile, UserProfile | None)
    methods = db.run(oauth.get_sign_in_methods(user_id=user_id))
    assert_type(methods.oauth_accounts, list[oauth.GetSignInMethodsOAuthAccount])
    providers = ", ".join(each.provider for each in methods.oauth_accounts)
    return f"{account.name} ({account.profile.timezone if account.profile else 'UTC'}): {providers}"


def page(db: Database, after: users.UserListed | None) -> list[users.UserListed]:
    """Return the next accounts."""
    query = users.list_users(limit=20, role=Role.STUDENT, order="by_email")
    assert_type(query, Many[users.UserListed])
    if after:
        query = users.list_users(limit=20, order="newest", created_before=after.created_at, id_before=after.id)
    found = db.run(query)
    assert_type(found, list[users.UserListed])
    return found


def together(db: Database, user_id: UUID) -> int:
    """Ask several things at once."""
    login = users.find_user_for_login(email="ada@example.com")
    assert_type(login, Opt[User])
    found, seen, total = db.batch(
        login, sessions.list_sessions(user_id=user_id, live=True, limit=9), users.count_users_by_role()
    )
    assert_type(found, User | None)
    assert_type(seen, list[sessions.ListSessionsRow])
    for each in seen:
        assert_type(each.ip_address, IPv4Address | IPv6Address | IPv4Interface | IPv6Interface | None)
    return sum(each.total for each in total)


def rows() -> Iterator[users.ImportUsersRow]:
    """Give accounts to import."""
    yield users.ImportUsersRow(uuid4(), "ada@example.com", "Ada", None, Role.STUDENT, email_verified_at=None)


async def arows() -> AsyncIterator[users.ImportUsersRow]:
    """Give the same, asynchronously."""
    for each in rows():
        yield each


def many(db: Database) -> None:
    """Copy in, and read one by one."""
    assert_type(db.copy(users.import_users(rows())), int)
    for each in db.stream(users.list_users(limit=9999), size=500):
        assert_type(each, users.UserListed)


async def same(db: AsyncDatabase, user_id: UUID) -> str:
    """Do the same, asynchronously."""
    user = await db.run(users.get_user(id=user_id))
    assert_type(user, users.UserSummary)
    async with db.transaction(read_only=True) as tx:
        account, listed = await tx.batch(users.get_account(id=user_id), users.list_users(limit=1))
        assert_type(account, users.GetAccountRow)
        assert_type(listed, list[users.UserListed])
        async with aclosing(tx.stream(users.list_users(limit=9999))) as stream:
            async for each in stream:
                assert_type(each, users.UserListed)
    assert_type(await db.copy(users.import_users(arows())), int)
    return user.name


def on_my_own(url: str, user_id: UUID) -> str:
    """Use a connection of psycopg's."""
    with psycopg.connect(url) as connection:
        user = run(connection, users.get_user(id=user_id))
        assert_type(user, users.UserSummary)
    return user.name
