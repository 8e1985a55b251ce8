"""Signed-in devices and what expires, by the generated functions."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from codezest_sql import CheckViolation, UniqueViolation
from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.queries.auth import email_verifications, password_resets, sessions, users
from tests.runtime.auth.service import (
    ADDRESS,
    HOUR,
    ask_for_reset,
    ask_to_verify,
    hashed,
    is_signed_in,
    racing,
    register,
    sign_in,
)

if TYPE_CHECKING:
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face

LONG_UNSEEN = "UPDATE auth.sessions SET last_seen_at = now() - interval '2 minutes'"


def test_a_session_is_made_once_however_often_it_is_sent(db: Face) -> None:
    user_id, session_id = register(db), uuid4()
    assert sign_in(db, user_id, session_id=session_id) == sign_in(db, user_id, session_id=session_id)
    assert sign_in(db, user_id, "another", session_id) is None
    assert sign_in(db, uuid4()) is None
    found = db.run(sessions.find_live_session(user_id=user_id, token_hash=hashed("token")))
    assert found.id == session_id
    assert found.user == sessions.FindLiveSessionUser(
        id=user_id, email="ada@example.com", name="Ada", role=Role.STUDENT, email_verified_at=None
    )
    assert not is_signed_in(db, user_id, "guessed")


def test_a_token_is_of_one_session_and_is_a_hash(db: Face) -> None:
    user_id = register(db)
    sign_in(db, user_id)
    with pytest.raises(UniqueViolation) as taken:
        sign_in(db, user_id)
    assert taken.value.constraint == "sessions_user_id_token_hash_key"
    clear_text = sessions.create_session(
        id=uuid4(), user_id=user_id, token_hash=b"token", ip_address=None, user_agent=None, lifetime=HOUR
    )
    with pytest.raises(CheckViolation) as refused:
        db.run(clear_text)
    assert refused.value.constraint == "sessions_token_hash_check"


def test_a_session_is_touched_once_a_minute(db: Face, sql: Sql) -> None:
    user_id = register(db)
    session_id = sign_in(db, user_id).id
    listed = sessions.list_sessions(user_id=user_id, limit=9)
    elsewhere = IPv6Address("2001:db8::1")
    touch = sessions.touch_session(user_id=user_id, id=session_id, ip_address=elsewhere)
    longer = sessions.touch_session(user_id=user_id, id=session_id, ip_address=elsewhere, lifetime=2 * HOUR)
    assert db.run(touch) == 0
    (before,) = db.run(listed)
    assert before.ip_address == ADDRESS
    sql.run(LONG_UNSEEN)
    assert db.run(longer) == 1
    (after,) = db.run(listed)
    assert after.ip_address == elsewhere
    assert after.expires_at > before.expires_at
    sql.run(LONG_UNSEEN)
    assert db.run(touch) == 1
    assert db.run(listed)[0].expires_at == after.expires_at


def test_sessions_end_one_by_one_or_all_but_one(db: Face) -> None:
    user_id = register(db)
    ids = [sign_in(db, user_id, str(number)).id for number in range(4)]
    assert db.run(sessions.revoke_session(user_id=user_id, id=ids[0])) == 1
    assert db.run(sessions.revoke_session(user_id=user_id, id=ids[0])) == 0
    assert db.run(sessions.revoke_session(user_id=uuid4(), id=ids[1])) == 0
    assert db.run(sessions.revoke_sessions(user_id=user_id, kept_id=ids[3])) == 2
    live = db.run(sessions.list_sessions(user_id=user_id, live=True, limit=9, order="newest"))
    assert [each.id for each in live] == [ids[3]]
    assert len(db.run(sessions.list_sessions(user_id=user_id, live=False, limit=9))) == 4
    assert db.run(sessions.revoke_sessions(user_id=user_id)) == 1


def test_sessions_are_listed_in_both_orders(db: Face, sql: Sql) -> None:
    user_id = register(db)
    first, second = (sign_in(db, user_id, token).id for token in ("first", "second"))
    sql.run(LONG_UNSEEN)
    used = sessions.touch_session(user_id=user_id, id=first, ip_address=IPv4Address("10.0.0.2"))
    assert db.run(used) == 1
    for live in (True, False):
        by_use = db.run(sessions.list_sessions(user_id=user_id, live=live, limit=9))
        newest = db.run(sessions.list_sessions(user_id=user_id, live=live, limit=9, order="newest"))
        assert [each.id for each in by_use] == [first, second]
        assert [each.id for each in newest] == [second, first]


def test_a_rotated_token_takes_the_place_of_the_old_one(db: Face) -> None:
    user_id = register(db)
    session_id = sign_in(db, user_id).id
    rotate = sessions.rotate_session(user_id=user_id, token_hash=hashed("token"), new_token_hash=hashed("new"))
    assert db.run(rotate).id == session_id
    assert db.run(rotate) is None
    assert (is_signed_in(db, user_id, "new"), is_signed_in(db, user_id)) == (True, False)


def test_expired_rows_are_swept_in_bites_and_past_each_other(db: Face, other: Face, sql: Sql) -> None:
    user_id = register(db)
    for token in ("a", "b", "c"):
        sign_in(db, user_id, token)
        ask_for_reset(db, token)
        ask_to_verify(db, user_id, token)
    now = datetime.now(UTC)
    sweeps = {
        "sessions": sessions.delete_expired_sessions(ended_before=now, limit=2),
        "password_resets": password_resets.delete_expired_password_resets(ended_before=now, limit=2),
        "email_verifications": email_verifications.delete_expired_email_verifications(ended_before=now, limit=2),
    }
    for table, sweep in sweeps.items():
        assert db.run(sweep) == 0
        sql.expire(table)
        with db.transaction() as tx:
            assert tx.run(sweep) == 2
            assert other.run(sweep) == 1  # and does not wait
        assert db.run(sweep) == 0


@pytest.mark.parametrize("table", ["sessions", "password_resets", "email_verifications"])
def test_a_sweep_keeps_its_limit_whatever_the_planner_thinks(db: Face, sql: Sql, table: str) -> None:
    """Of a table of one row, as the statistics say, the planner joins what is expired by a loop."""
    user_id = register(db)
    email = ("email, ", "'ada@example.com', ") if table == "email_verifications" else ("", "")
    insert = (
        f"INSERT INTO auth.{table} (user_id, {email[0]}token_hash, expires_at) "
        f"SELECT %s, {email[1]}sha256(n::text::bytea), now() + interval '1 hour' "
        "FROM generate_series(%s::integer, %s) AS n"
    )
    sql.run(insert, user_id, 0, 0)
    sql.run(f"ANALYZE auth.{table}")
    sql.run(insert, user_id, 1, 50)
    sql.expire(table)
    now = datetime.now(UTC)
    sweep = {
        "sessions": sessions.delete_expired_sessions,
        "password_resets": password_resets.delete_expired_password_resets,
        "email_verifications": email_verifications.delete_expired_email_verifications,
    }[table](ended_before=now, limit=5)
    assert db.run(sweep) == 5


def test_a_password_that_was_changed_while_it_was_checked_signs_nobody_in(db: Face, other: Face, sql: Sql) -> None:
    user_id = register(db)
    change = users.change_password(id=user_id, checked_hash="hash", new_hash="new", kept_session_id=uuid4())
    with racing(sql, db, partial(sign_in, other, user_id, checked_hash="hash")) as (tx, results):
        assert tx.run(change) is not None
    assert results == [None]
    assert sign_in(db, user_id, checked_hash="hash") is None
    assert sign_in(db, user_id, checked_hash="new") is not None
    without = register(db, "eve@example.com", password_hash=None)
    assert sign_in(db, without, checked_hash="hash") is None
    assert sign_in(db, without) is not None


def test_a_session_that_has_ended_is_not_begun_again_by_a_second_try(db: Face, sql: Sql) -> None:
    user_id, revoked, expired = register(db), uuid4(), uuid4()
    for session_id, token in ((revoked, "revoked"), (expired, "expired")):
        assert sign_in(db, user_id, token, session_id) is not None
    sql.expire("sessions")
    assert sign_in(db, user_id, "expired", expired) is None
    db.run(sessions.revoke_session(user_id=user_id, id=revoked))
    sql.run("UPDATE auth.sessions SET expires_at = now() + interval '1 hour'")
    assert sign_in(db, user_id, "revoked", revoked) is None
