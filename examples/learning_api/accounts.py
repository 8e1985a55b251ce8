"""Registration, sign-in and sign-out, and the plan that everybody gets."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from codezest_sql.platform.queries.auth import sessions, users
from codezest_sql.platform.queries.auth.sessions import FindLiveSessionUser
from codezest_sql.platform.queries.payments import subscriptions
from codezest_sql.platform.queries.payments.subscriptions import SubscriptionNow
from examples.learning_api.context import Db, Signed
from examples.learning_api.problems import found, refuse
from examples.learning_api.security import Token, hash_password, is_password

router = APIRouter()
_LIFETIME = timedelta(days=30)
_LONGEST = 254


def _is_short(address: str) -> str:
    if len(address) > _LONGEST:  # in lower case some letters are two
        raise ValueError(f"at most {_LONGEST} characters in lower case")
    return address


Address = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=_LONGEST, to_lower=True),
    AfterValidator(_is_short),
]
Password = Annotated[str, Field(min_length=8, max_length=200)]


class Registration(BaseModel):
    """Who somebody is."""

    email: Address
    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Password


class SignIn(BaseModel):
    """What proves it."""

    email: Address
    password: Annotated[str, Field(max_length=200)]


class SignedIn(BaseModel):
    """The token for the header ``Authorization: Bearer …``."""

    token: str
    user_id: str


@router.post("/register", status_code=201)
async def register(asked: Registration, db: Db) -> SignedIn:
    """Open an account with its plan, and sign it in: all of it, or nothing."""
    user_id, password_hash = uuid4(), await hash_password(asked.password)
    async with db.transaction() as transaction:
        await transaction.run(
            users.register_user(id=user_id, email=asked.email, name=asked.name, password_hash=password_hash)
        )
        await transaction.run(subscriptions.ensure_subscription(user_id=user_id))
    return await _sign_in(db, Token.new(user_id), password_hash)


@router.post("/login")
async def login(asked: SignIn, db: Db) -> SignedIn:
    """Sign in."""
    user = await db.run(users.find_user_for_login(email=asked.email))
    checked_hash = user.password_hash if user else None
    if not await is_password(asked.password, checked_hash) or user is None or checked_hash is None:
        refuse(401, "wrong-credentials", "the address or the password is wrong")
    # Not who was let in by a password that is another by now.
    return await _sign_in(db, Token.new(user.id), checked_hash)


async def _sign_in(db: Db, token: Token, checked_hash: str) -> SignedIn:
    found(
        await db.run(
            sessions.create_session(
                id=uuid4(), token_hash=token.hash, ip_address=None, user_agent=None, lifetime=_LIFETIME,
                user_id=token.user_id, checked_hash=checked_hash,
            )
        ),
        "account",
    )  # fmt: skip
    return SignedIn(token=str(token), user_id=str(token.user_id))


@router.post("/logout", status_code=204)
async def logout(db: Db, live: Signed) -> None:
    """End the session."""
    await db.run(sessions.revoke_session(user_id=live.user_id, id=live.id))


@router.get("/me")
async def me(live: Signed) -> FindLiveSessionUser:
    """Who is signed in."""
    return live.user


@router.get("/me/subscription")
async def subscription(db: Db, live: Signed) -> SubscriptionNow:
    """Return the plan of who is signed in."""
    return found(await db.run(subscriptions.ensure_subscription(user_id=live.user_id)), "account")
