"""Many accounts at once by ``import_users``: all of them or none, and each value checked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from codezest_sql import ArgumentError, CheckViolation, UniqueViolation
from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.queries.auth import users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.runtime.faces import Face

AT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)


def row(number: int, **changes: Any) -> users.ImportUsersRow:
    made = users.ImportUsersRow(
        id=uuid4(),
        email=f"user{number}@example.com",
        name=f'A "b"\t\\N {number}\nÄ',
        password_hash=None if number % 2 else "hash",
        role=list(Role)[number % 3],
        email_verified_at=AT if number % 5 else None,
    )
    return made._replace(**changes)


def imported(db: Face) -> list[tuple[Any, ...]]:
    """Return what is there, as rows for the import."""
    found = db.run(users.list_users(limit=9999))
    hashes = {each.id: db.run(users.find_user_for_login(email=each.email)).password_hash for each in found}
    return [(each.id, each.email, each.name, hashes[each.id], each.role, each.email_verified_at) for each in found]


def test_rows_are_there_as_they_were_given(db: Face) -> None:
    rows = [row(number) for number in range(9)]
    assert db.copy(users.import_users(rows)) == 9
    assert imported(db) == rows
    assert db.run(users.import_users(iter([row(9)]))) == 1
    assert db.copy(users.import_users([])) == 0


def test_more_rows_than_a_block_are_copied_from_an_iterator(db: Face, way: str) -> None:
    def one_by_one() -> Iterator[users.ImportUsersRow]:
        for number in range(2000):
            yield row(number)

    async def slowly() -> AsyncIterator[users.ImportUsersRow]:
        for each in one_by_one():
            yield each

    assert db.copy(users.import_users(slowly() if way.startswith("async") else one_by_one())) == 2000
    assert sum(each.total for each in db.run(users.count_users_by_role())) == 2000


def test_one_bad_row_stops_them_all(db: Face) -> None:
    rows = [row(number) for number in range(3)]
    with pytest.raises(UniqueViolation) as twice:
        db.copy(users.import_users([*rows, row(4, email="user1@example.com")]))
    assert (twice.value.constraint, twice.value.query) == ("users_email_key", "auth.users.import_users")
    with pytest.raises(CheckViolation, match="users_email_check"):
        db.copy(users.import_users([*rows, row(4, email="User4@example.com")]))
    assert db.run(users.count_users_by_role()) == []
    assert db.copy(users.import_users(rows)) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "STUDENT"}, "role is auth.role and takes Role, not str, in row 2"),
        ({"id": "1"}, "id is uuid and takes UUID, not str, in row 2"),
        ({"name": None}, "name is text and takes str, not None, in row 2"),
        ({"email": "a\0@example.com"}, "email is text and takes str, not a text with a NUL character"),
        ({"email_verified_at": datetime(2026, 1, 1)}, "not a datetime without a time zone, in row 2"),  # noqa: DTZ001
    ],
)
def test_a_wrong_value_is_named_with_its_row(db: Face, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        db.copy(users.import_users([row(1), row(2, **changes), row(3)]))
    assert message in str(refused.value)
    assert refused.value.query == "auth.users.import_users"
    assert db.run(users.count_users_by_role()) == []


def test_a_row_of_another_width_is_refused(db: Face) -> None:
    short: Any = row(1)[:5]
    with pytest.raises(ArgumentError, match="row 1 has 5 values instead of 6"):
        db.copy(users.import_users([short]))


def test_an_import_is_part_of_its_transaction(db: Face) -> None:
    rows = [row(number) for number in range(3)]
    with db.transaction() as tx:
        with pytest.raises(UniqueViolation), tx.transaction() as inner:
            inner.copy(users.import_users([*rows, rows[0]]))
        assert tx.copy(users.import_users(rows[:2])) == 2
    assert len(imported(db)) == 2
