"""Every variant of the queries with optional parts and orders, on real rows, next to what Python makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql.core.query_files.variants import variants
from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.queries.auth import profiles, users
from codezest_sql.platform.types import SocialLinks
from tests.postgres.platform.auth_queries import queries
from tests.runtime.auth.service import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codezest_sql.core.query_files.reading import Choice
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
# Name, role, whether the address is verified, days after START. Two share a moment: their ids tell.
PEOPLE = [
    ("ada", Role.STUDENT, True, 3),
    ("bob_", Role.ADMIN, False, 1),
    ("adam", Role.STUDENT, False, 5),
    ("cyd", Role.STUDENT, True, 3),
    ("eve%", Role.INSTRUCTOR, True, 0),
    ("grada", Role.STUDENT, False, 4),
    ("adele", Role.STUDENT, True, 2),
]
SEARCHED = "aDa"
AFTER = "ADA@example.com"
BEFORE = START + timedelta(days=3)

Filters = dict[str, "Callable[[users.UserListed], bool]"]


@pytest.fixture
def people(db: Face, sql: Sql) -> list[users.UserListed]:
    """Fill in the accounts, and a deleted one that no list may have."""
    made = []
    for name, role, verified, days in PEOPLE:
        user_id = register(db, f"{name}@example.com", name.title())
        at = START + timedelta(days=days)
        proven = at if verified else None
        sql.run(
            "UPDATE auth.users SET role = %s, email_verified_at = %s, created_at = %s WHERE id = %s",
            role,
            proven,
            at,
            user_id,
        )
        made.append(
            users.UserListed(
                id=user_id,
                email=f"{name}@example.com",
                name=name.title(),
                role=role,
                email_verified_at=proven,
                created_at=at,
            )
        )
    db.run(users.delete_user(id=register(db, "adagone@example.com", "Ada")))
    return made


def choices(query: str) -> Iterator[Choice]:
    for variant in variants(queries()[query]):
        yield variant.choice


def test_every_variant_of_a_list_has_the_rows_that_python_finds(db: Face, people: list[users.UserListed]) -> None:
    pivot = max((each for each in people if each.created_at == BEFORE), key=lambda each: each.id)
    arguments: dict[str, Any] = {
        "role": Role.STUDENT,
        "verified": True,
        "search": SEARCHED,
        "after_email": AFTER,
        "created_before": BEFORE,
    }
    keeps: Filters = {
        "role": lambda each: each.role == Role.STUDENT,
        "verified": lambda each: each.email_verified_at is not None,
        "search": lambda each: each.email.startswith("ada") or "ada" in each.name.lower(),
        "after_email": lambda each: each.email > AFTER.lower(),
        "created_before": lambda each: (each.created_at, each.id) < (BEFORE, pivot.id),
    }
    seen = set()
    for choice in choices("users.list_users"):
        given = {name: arguments[name] for name in choice.ifs}
        if "created_before" in given:
            given["id_before"] = pivot.id
        expected = [each for each in people if all(keeps[name](each) for name in choice.ifs)]
        if choice.order == "newest":
            expected.sort(key=lambda each: (each.created_at, each.id), reverse=True)
        else:
            expected.sort(key=lambda each: each.email)
        order: Any = choice.order
        for limit in (2, 99):
            assert db.run(users.list_users(**given, order=order, limit=limit)) == expected[:limit], choice
        seen.add((choice.ifs, choice.order, len(expected)))
    assert len(seen) == 2**5 * 2
    assert len({count for *_, count in seen}) > 3  # the filters tell these people apart


def test_each_filter_says_no_as_well_as_yes(db: Face, people: list[users.UserListed]) -> None:
    def names(**given: Any) -> list[str]:
        return [each.name for each in db.run(users.list_users(limit=99, **given))]

    for verified in (True, False):
        assert names(verified=verified) == sorted(
            each.name for each in people if (each.email_verified_at is not None) is verified
        )
    for role in Role:
        assert names(role=role) == sorted(each.name for each in people if each.role == role)
    assert names(search="_") == ["Bob_"]  # no wildcards
    assert names(search="%") == ["Eve%"]
    assert names(search="") == sorted(each.name for each in people)
    assert db.run(users.count_users_by_role()) == [
        users.CountUsersByRoleRow(role=role, total=sum(each.role == role for each in people)) for role in Role
    ]


def test_pages_have_each_account_once_in_every_order(db: Face, people: list[users.UserListed]) -> None:
    """Whatever the size of a page, and the next begins behind the last row."""
    for size in (1, 2, 3):
        by_email: list[users.UserListed] = []
        behind: dict[str, Any] = {}
        while page := db.run(users.list_users(limit=size, **behind)):
            by_email += page
            behind = {"after_email": page[-1].email}
        assert by_email == sorted(people, key=lambda each: each.email)
        newest: list[users.UserListed] = []
        behind = {}
        while page := db.run(users.list_users(limit=size, order="newest", **behind)):
            newest += page
            behind = {"created_before": page[-1].created_at, "id_before": page[-1].id}
        assert newest == sorted(people, key=lambda each: (each.created_at, each.id), reverse=True)


def test_accounts_are_found_by_a_list_of_ids(db: Face, people: list[users.UserListed]) -> None:
    ids = [each.id for each in people[:3]]
    assert [each.id for each in db.run(users.get_users(ids=[*ids, uuid4(), ids[0]]))] == sorted(ids)
    assert db.run(users.get_users(ids=())) == []


def test_of_a_profile_exactly_what_is_given_changes(db: Face) -> None:
    """All sixty-four ways, each from the same beginning."""
    user_id: UUID = register(db)
    before: dict[str, Any] = {
        "bio": "Counts.",
        "avatar_url": "https://example.com/a.png",
        "location": "London",
        "timezone": "UTC",
        "locale": "en",
        "social_links": SocialLinks.model_validate({"github": "counts", "a": ["b", 1, None]}),
    }
    changes: dict[str, Any] = {
        "bio": None,
        "avatar_url": "",
        "location": 'Paris, "Île" \'\\',
        "timezone": "Europe/Paris",
        "locale": "fr-FR",
        "social_links": SocialLinks(),
    }
    written = 0
    for count in range(len(changes) + 1):
        for names in combinations(changes, count):
            db.run(profiles.upsert_profile(user_id=user_id, **before))
            given = {name: changes[name] for name in names}
            changed = db.run(profiles.update_profile(user_id=user_id, **given))
            assert {name: getattr(changed, name) for name in before} == before | given
            assert db.run(profiles.find_profile(user_id=user_id)) == changed
            written += 1
    assert written == len(list(choices("profiles.update_profile"))) == 64
