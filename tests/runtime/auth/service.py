"""The steps of the auth service that several tests take, each by generated functions alone."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from codezest_sql.platform.queries.auth import email_verifications, oauth, password_resets, sessions, users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from codezest_sql import Database, Query
    from tests.runtime.faces import Face

HOUR = timedelta(hours=1)
ADDRESS = IPv4Address("10.0.0.1")
OAUTH: dict[str, Any] = {
    "provider": "GITHUB",
    "provider_account_id": "4711",
    "scopes": ["user"],
    "access_token_ciphertext": b"a",
    "refresh_token_ciphertext": b"r",
    "token_expires_at": None,
}


@dataclass(frozen=True, slots=True)
class Sql:
    """What the service has no query for: to look, and to set up what takes time otherwise."""

    connection: psycopg.Connection[Any]

    def run(self, text: str, *arguments: object) -> None:
        """Run a statement."""
        self.connection.execute(text.encode(), arguments or None)

    def value(self, text: str, *arguments: object) -> Any:
        """Return the first value of the first row."""
        row = self.connection.execute(text.encode(), arguments or None).fetchone()
        assert row is not None
        return row[0]

    def expire(self, table: str) -> None:
        """Let everything in a table have ended an hour ago."""
        past = "created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'"
        self.run(f"UPDATE auth.{table} SET {past}")

    def somebody_waits(self) -> bool:
        """Return whether a session of this database waits for another one's lock."""
        waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database()"
        found: bool = self.value(f"SELECT EXISTS ({waiting} AND cardinality(pg_blocking_pids(pid)) > 0)")
        return found


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def register(db: Face, email: str = "ada@example.com", name: str = "Ada", password_hash: str | None = "hash") -> UUID:
    user_id = uuid4()
    made = db.run(users.register_user(id=user_id, email=email, name=name, password_hash=password_hash))
    assert made is not None
    return user_id


def sign_in(db: Face, user_id: UUID, token: str = "token", session_id: UUID | None = None, **checked: str) -> Any:
    return db.run(
        sessions.create_session(
            id=session_id or uuid4(),
            user_id=user_id,
            token_hash=hashed(token),
            ip_address=ADDRESS,
            user_agent="test",
            lifetime=HOUR,
            **checked,
        )
    )


def is_signed_in(db: Face, user_id: UUID, token: str = "token") -> bool:
    return db.run(sessions.find_live_session(user_id=user_id, token_hash=hashed(token))) is not None


def ask_for_reset(db: Face, token: str, email: str = "ada@example.com") -> Any:
    return db.run(
        password_resets.request_password_reset(id=uuid4(), email=email, token_hash=hashed(token), lifetime=HOUR)
    )


def use_reset(db: Face, user_id: UUID, token: str, password_hash: str | None) -> Any:
    return db.run(
        password_resets.use_password_reset(user_id=user_id, token_hash=hashed(token), password_hash=password_hash)
    )


def behind_lock(db: Face, user_id: UUID, query: Query[Any]) -> Any:
    """Return what a query gives that goes behind lock_user."""
    return db.batch(users.lock_user(id=user_id), query)[1]


def ask_to_verify(db: Face, user_id: UUID, token: str, email: str | None = None) -> Any:
    if email is None:
        return db.run(
            email_verifications.request_email_verification(
                id=uuid4(), user_id=user_id, token_hash=hashed(token), lifetime=HOUR
            )
        )
    return db.run(
        email_verifications.request_email_change(
            id=uuid4(), user_id=user_id, email=email, token_hash=hashed(token), lifetime=HOUR
        )
    )


def confirm(db: Face, user_id: UUID, token: str) -> Any:
    return db.run(email_verifications.confirm_email(user_id=user_id, token_hash=hashed(token)))


def link(db: Face, user_id: UUID, **changes: object) -> Any:
    """Link an account at a provider."""
    arguments: dict[str, Any] = {"id": uuid4(), "user_id": user_id, **OAUTH, **changes}
    return db.run(oauth.link_oauth_account(**arguments))


@contextmanager
def racing(sql: Sql, db: Face | Database, second: Callable[[], Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Give a transaction, and the second call's result after it.

    The second call starts in a thread at the end of the block, and the transaction commits once that call waits.
    """
    results: list[Any] = []
    with ThreadPoolExecutor(1) as thread:
        with db.transaction() as tx:
            yield tx, results
            running = thread.submit(second)
            while not sql.somebody_waits():
                assert not running.done(), "the second call did not wait"
        results.append(running.result())
