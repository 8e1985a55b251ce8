"""What a user pays with: one live default wherever there is any, whoever adds, chooses and removes at once."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, UniqueViolation
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.payments import payment_methods
from codezest_sql.runtime import Database
from tests.runtime.auth.service import racing
from tests.runtime.payments.service import add_card, locked, subscribe, together

if TYPE_CHECKING:
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face


def cards(db: Face, user_id: UUID) -> list[Any]:
    found: list[Any] = db.run(payment_methods.list_payment_methods(user_id=user_id))
    return found


def default_of(db: Face, user_id: UUID) -> UUID | None:
    found = db.run(payment_methods.get_default_payment_method(user_id=user_id))
    return found.id if found else None


def choose(db: Any, user_id: UUID, id_: UUID) -> Any:
    return locked(db, user_id, payment_methods.set_default_payment_method(user_id=user_id, id=id_))


def remove(db: Any, user_id: UUID, id_: UUID) -> Any:
    return locked(db, user_id, payment_methods.remove_payment_method(user_id=user_id, id=id_))


def test_the_first_payment_method_is_the_default_and_another_is_chosen(db: Face) -> None:
    user_id = subscribe(db)
    assert default_of(db, user_id) is None
    first, second = add_card(db, user_id), add_card(db, user_id, "pm_2")
    assert (first.is_default, second.is_default) == (True, False)
    assert choose(db, user_id, second.id).is_default
    assert choose(db, user_id, second.id).is_default  # again: nothing changes
    assert [(each.id, each.is_default) for each in cards(db, user_id)] == [(second.id, True), (first.id, False)]


def test_a_removed_default_is_handed_to_the_newest_that_is_valid(db: Face) -> None:
    user_id = subscribe(db)
    first, valid = add_card(db, user_id).id, add_card(db, user_id, "pm_2").id
    expired = add_card(db, user_id, "pm_3", expiry_year=2020).id
    removed = remove(db, user_id, first)
    assert (removed.id, removed.default_id) == (first, valid)
    assert default_of(db, user_id) == valid
    assert remove(db, user_id, valid).default_id == expired
    assert remove(db, user_id, expired).default_id is None
    assert remove(db, user_id, expired) is None
    assert cards(db, user_id) == []
    assert add_card(db, user_id, "pm_4").is_default


def test_removing_another_leaves_the_default(db: Face) -> None:
    user_id = subscribe(db)
    first, second = add_card(db, user_id).id, add_card(db, user_id, "pm_2").id
    assert remove(db, user_id, second).default_id == first
    assert default_of(db, user_id) == first


def test_a_replay_adds_nothing_and_brings_nothing_back(db: Face) -> None:
    user_id = subscribe(db)
    first = add_card(db, user_id)
    again = add_card(db, user_id, brand="mastercard", last4="0001")
    assert (again.id, again.brand, again.last4, again.is_default) == (first.id, "mastercard", "0001", True)
    remove(db, user_id, first.id)
    assert add_card(db, user_id) is None
    assert cards(db, user_id) == []


def test_what_belongs_to_another_user_stays_theirs(db: Face) -> None:
    ada, bob = subscribe(db), subscribe(db, "bob")
    card = add_card(db, ada).id
    add_card(db, bob, "pm_bob")
    before = cards(db, ada), cards(db, bob)
    assert add_card(db, bob) is None
    assert choose(db, bob, card) is None
    assert remove(db, bob, card) is None
    assert (cards(db, ada), cards(db, bob)) == before


def test_an_unknown_one_takes_the_default_from_nobody(db: Face) -> None:
    user_id = subscribe(db)
    card, removed = add_card(db, user_id).id, add_card(db, user_id, "pm_2").id
    remove(db, user_id, removed)
    assert choose(db, user_id, uuid4()) is None
    assert choose(db, user_id, removed) is None
    assert remove(db, user_id, uuid4()) is None
    assert default_of(db, user_id) == card


def test_bad_payment_methods_are_refused(db: Face) -> None:
    user_id = subscribe(db)
    bad: list[tuple[dict[str, Any], str]] = [
        ({"last4": "42"}, "payment_methods_last4_check"),
        ({"expiry_month": 13}, "payment_methods_expiry_month_check"),
        ({"expiry_month": None}, "payment_methods_expiry_month_expiry_year_check"),
    ]
    for changes, constraint in bad:
        with pytest.raises(CheckViolation) as refused:
            add_card(db, user_id, **changes)
        assert refused.value.constraint == constraint
    assert add_card(db, user_id, " ") is None
    assert add_card(db, uuid4()) is None
    gone = subscribe(db, "gone")
    db.run(users.delete_user(id=gone))
    assert add_card(db, gone, "pm_gone") is None
    card = add_card(db, user_id).id
    with pytest.raises(UniqueViolation) as taken:
        add_card(db, user_id, "pm_2", id=card)
    assert taken.value.constraint == "payment_methods_user_id_id_pk"


def test_a_webhook_updates_and_finds_the_live_one(db: Face) -> None:
    user_id = subscribe(db)
    card = add_card(db, user_id).id
    update = payment_methods.update_stripe_payment_method(
        stripe_payment_method_id="pm_1", brand="visa", last4="9999", expiry_month=1, expiry_year=2098
    )
    assert db.run(update) == 1
    (shown,) = cards(db, user_id)
    assert (shown.last4, shown.expiry_month, shown.expiry_year) == ("9999", 1, 2098)
    found = db.run(payment_methods.find_stripe_payment_method(stripe_payment_method_id="pm_1"))
    assert (found.user_id, found.id) == (user_id, card)
    remove(db, user_id, card)
    assert db.run(update) == 0
    assert db.run(payment_methods.find_stripe_payment_method(stripe_payment_method_id="pm_1")) is None


def test_a_deleted_account_can_be_locked_and_nobody_cannot(db: Face) -> None:
    user_id = subscribe(db)
    card = add_card(db, user_id).id
    db.run(users.delete_user(id=user_id))
    assert remove(db, user_id, card).id == card  # Stripe detached it
    assert db.run(payment_methods.lock_payment_methods(user_id=uuid4())) is None


def test_of_many_who_add_the_first_one_at_once_one_is_the_default(db: Face, database: str) -> None:
    user_id = subscribe(db)
    added = together(database, lambda mine, number: add_card(mine, user_id, f"pm_{number}"))
    assert [each.is_default for each in added].count(True) == 1
    assert len(cards(db, user_id)) == len(added)


def test_of_many_replays_at_once_one_adds(db: Face, database: str) -> None:
    user_id = subscribe(db)
    added = together(database, lambda mine, _: add_card(mine, user_id))
    (only,) = cards(db, user_id)
    assert {each.id for each in added} == {only.id}
    assert only.is_default


def test_there_is_one_default_whoever_adds_chooses_and_removes_at_once(db: Face, database: str, sql: Sql) -> None:
    user_id = subscribe(db)
    ids = [add_card(db, user_id, f"pm_{number}").id for number in range(24)]

    def work(mine: Database, number: int) -> None:
        for turn in range(3):
            mine_now = ids[3 * number + turn]
            choose(mine, user_id, mine_now)
            add_card(mine, user_id, f"pm_{number}_{turn}")
            remove(mine, user_id, mine_now)

    together(database, work)
    assert len(cards(db, user_id)) == 24
    live_defaults = "SELECT count(*) FROM payments.payment_methods WHERE is_default AND deleted_at IS NULL"
    assert sql.value(live_defaults) == 1


def test_without_the_lock_one_of_two_is_refused_and_changes_nothing(db: Face, database: str, sql: Sql) -> None:
    user_id = subscribe(db)
    first, second, third = (add_card(db, user_id, f"pm_{number}").id for number in range(3))

    def late() -> object:
        with closing(Database.connect(database)) as mine, pytest.raises(UniqueViolation) as refused:
            mine.run(payment_methods.set_default_payment_method(user_id=user_id, id=third))
        return refused.value.constraint

    with racing(sql, db, late) as (tx, results):
        tx.run(payment_methods.set_default_payment_method(user_id=user_id, id=second))
    assert results == ["payment_methods_user_id_is_default_key"]
    assert default_of(db, user_id) == second
    assert {each.id for each in cards(db, user_id)} == {first, second, third}
