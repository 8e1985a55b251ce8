"""The last administrator stays: no other session could make another one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.queries.auth import privacy, users
from tests.runtime.auth.service import racing, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.runtime import Query
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face


def admin(db: Face, name: str) -> UUID:
    user_id = register(db, email=f"{name}@example.com")
    assert db.run(users.change_role(id=user_id, role=Role.ADMIN)) == 1
    return user_id


def demote(user_id: UUID) -> Query[int]:
    return users.change_role(id=user_id, role=Role.STUDENT)


def admins(sql: Sql) -> int:
    count: int = sql.value("SELECT count(*) FROM auth.users WHERE role = 'ADMIN' AND deleted_at IS NULL")
    return count


ENDS: dict[str, Callable[[UUID], Query[object]]] = {
    "demoted": demote,
    "deleted": lambda user_id: users.delete_user(id=user_id),
    "erased": lambda user_id: privacy.erase_user(user_id=user_id),
    "anonymised": lambda user_id: privacy.anonymise_user(user_id=user_id),
}


@pytest.mark.parametrize("end", ENDS)
def test_one_of_two_administrators_may_go_and_the_last_one_may_not(db: Face, sql: Sql, end: str) -> None:
    first, second = admin(db, "one"), admin(db, "two")
    assert db.run(ENDS[end](first))
    assert not db.run(ENDS[end](second))
    assert admins(sql) == 1
    assert db.run(users.get_user(id=second)).role is Role.ADMIN


def test_the_last_administrator_may_be_made_one_again(db: Face, sql: Sql) -> None:
    only = admin(db, "one")
    assert db.run(users.change_role(id=only, role=Role.ADMIN)) == 1
    assert db.run(users.change_role(id=uuid4(), role=Role.ADMIN)) == 0
    assert admins(sql) == 1


def test_a_deleted_administrator_does_not_count_and_may_be_erased(db: Face, sql: Sql) -> None:
    first, second = admin(db, "one"), admin(db, "two")
    assert db.run(users.delete_user(id=first))
    assert db.run(demote(second)) == 0
    assert db.run(privacy.erase_user(user_id=first)) == 1
    assert admins(sql) == 1


@pytest.mark.parametrize("late", ENDS)
@pytest.mark.parametrize("early", ENDS)
def test_two_who_end_each_other_at_once_leave_one(db: Face, other: Face, sql: Sql, early: str, late: str) -> None:
    first, second = admin(db, "one"), admin(db, "two")
    with racing(sql, db, partial(other.run, ENDS[late](second))) as (tx, results):
        assert tx.run(ENDS[early](first))
    assert admins(sql) == 1
    assert not results[0]


@pytest.mark.parametrize("late", [end for end in ENDS if end != "demoted"])
def test_who_becomes_the_last_administrator_at_that_moment_stays(db: Face, other: Face, sql: Sql, late: str) -> None:
    first, heir = admin(db, "one"), register(db, "heir@example.com")
    with racing(sql, db, partial(other.run, ENDS[late](heir))) as (tx, results):
        assert tx.run(users.change_role(id=heir, role=Role.ADMIN)) == 1
        assert tx.run(demote(first)) == 1
    assert not results[0]
    assert admins(sql) == 1
    assert db.run(users.get_user(id=heir)).role is Role.ADMIN
