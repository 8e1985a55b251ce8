"""Payments: each moves on and never back, whoever states so and how often."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, UniqueViolation
from codezest_sql.platform.models.payments import TransactionStatus
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.payments import payment_methods, transactions
from tests.runtime.auth.service import register
from tests.runtime.payments.service import (
    DAY,
    NOW,
    THREADS,
    add_card,
    locked,
    paid,
    pay,
    payment_event,
    subscribe,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.runtime import Database
    from codezest_sql.runtime.query_kinds import Query
    from tests.runtime.faces import Face

PENDING, PROCESSING, SUCCEEDED, FAILED, REFUNDED = TransactionStatus
MOVES: dict[TransactionStatus, Callable[[UUID, UUID], Query[Any]]] = {
    PROCESSING: lambda user_id, id_: transactions.begin_transaction(
        user_id=user_id, id=id_, stripe_payment_intent_id=f"pi_{id_}"
    ),
    SUCCEEDED: lambda user_id, id_: transactions.succeed_transaction(user_id=user_id, id=id_),
    FAILED: lambda user_id, id_: transactions.fail_transaction(user_id=user_id, id=id_, reason="declined"),
    REFUNDED: lambda user_id, id_: transactions.refund_transaction(user_id=user_id, id=id_),
}
WAYS_THERE: dict[TransactionStatus, list[TransactionStatus]] = {
    PENDING: [],
    PROCESSING: [PROCESSING],
    SUCCEEDED: [PROCESSING, SUCCEEDED],
    FAILED: [PROCESSING, FAILED],
    REFUNDED: [PROCESSING, SUCCEEDED, REFUNDED],
}
LEGAL = {
    (PENDING, PROCESSING),
    (PROCESSING, PROCESSING),  # again, with the same id at Stripe
    (PROCESSING, SUCCEEDED),
    (PROCESSING, FAILED),
    (SUCCEEDED, REFUNDED),
}
# A webhook may be the first that is heard of several moves.
LEGAL_FOR_STRIPE = {
    *LEGAL,
    (PENDING, SUCCEEDED),
    (PENDING, FAILED),
    (PENDING, REFUNDED),
    (PROCESSING, REFUNDED),
}


def payment(db: Face, user_id: UUID, id_: UUID) -> Any:
    return db.run(transactions.get_transaction(user_id=user_id, id=id_))


@pytest.mark.parametrize("state", WAYS_THERE)
def test_a_payment_moves_only_where_it_may(db: Face, state: TransactionStatus) -> None:
    user_id = subscribe(db)
    for target, move in MOVES.items():
        id_ = pay(db, user_id).id
        for step in WAYS_THERE[state]:
            assert db.run(MOVES[step](user_id, id_)) is not None
        before = payment(db, user_id, id_)
        assert before.status == state
        moved = db.run(move(user_id, id_))
        assert (moved is not None) == ((state, target) in LEGAL), f"{state} to {target}"
        after = payment(db, user_id, id_)
        assert after.status == (target if moved else state)
        assert (after.processed_at is not None) == (after.status in {SUCCEEDED, FAILED, REFUNDED})
        if before.processed_at:
            assert after.processed_at == before.processed_at


def test_a_payment_of_another_user_moves_nowhere(db: Face) -> None:
    ada, bob = subscribe(db), subscribe(db, "bob")
    id_ = pay(db, ada).id
    for move in MOVES.values():
        assert db.run(move(bob, id_)) is None
    assert payment(db, bob, id_) is None
    assert payment(db, ada, id_).status == PENDING


def test_a_second_try_makes_no_second_payment(db: Face) -> None:
    user_id, id_ = subscribe(db), uuid4()
    first = pay(db, user_id, id=id_, metadata={"order": [1, None]})
    assert pay(db, user_id, id=id_) == first
    assert pay(db, user_id, 9, id=id_) is None
    assert pay(db, user_id, id=id_, currency="USD") is None
    assert payment(db, user_id, id_).metadata == {"order": [1, None]}
    assert len(db.run(transactions.list_transactions(user_id=user_id, limit=9))) == 1


def test_bad_payments_are_refused(db: Face) -> None:
    user_id = subscribe(db)
    assert pay(db, register(db, "new@example.com")) is None  # no subscription
    gone = subscribe(db, "gone")
    db.run(users.delete_user(id=gone))
    assert pay(db, gone) is None
    bad: list[tuple[dict[str, Any], str]] = [
        ({"amount_minor": -1}, "transactions_amount_minor_check"),
        ({"currency": "eur"}, "transactions_currency_check"),
    ]
    for changes, constraint in bad:
        with pytest.raises(CheckViolation) as refused:
            pay(db, user_id, **changes)
        assert refused.value.constraint == constraint
    assert db.run(transactions.list_transactions(user_id=user_id, limit=9)) == []


def test_a_payment_takes_a_live_method_of_its_own_user(db: Face) -> None:
    ada, bob = subscribe(db), subscribe(db, "bob")
    card = add_card(db, ada).id
    id_ = pay(db, ada, payment_method_id=card).id
    assert pay(db, bob, payment_method_id=card) is None
    locked(db, ada, payment_methods.remove_payment_method(user_id=ada, id=card))
    assert pay(db, ada, payment_method_id=card) is None
    assert payment(db, ada, id_).payment_method.last4 == "4242"


def test_a_payment_has_one_id_at_stripe(db: Face) -> None:
    user_id = subscribe(db)
    one, other = pay(db, user_id).id, pay(db, user_id).id

    def begin(id_: UUID, intent: str | None) -> Any:
        return db.run(transactions.begin_transaction(user_id=user_id, id=id_, stripe_payment_intent_id=intent))

    assert begin(one, None).stripe_payment_intent_id is None
    assert begin(one, "pi_1").stripe_payment_intent_id == "pi_1"
    assert begin(one, None).stripe_payment_intent_id == "pi_1"
    assert begin(one, "pi_2") is None
    with pytest.raises(UniqueViolation) as refused:
        begin(other, "pi_1")
    assert refused.value.constraint == "transactions_stripe_payment_intent_id_global_key"


def test_a_failure_has_a_reason(db: Face) -> None:
    user_id = subscribe(db)
    id_ = pay(db, user_id).id
    db.run(MOVES[PROCESSING](user_id, id_))
    assert db.run(transactions.fail_transaction(user_id=user_id, id=id_, reason=" ")) is None
    assert (
        db.run(transactions.fail_transaction(user_id=user_id, id=id_, reason="declined")).failure_reason == "declined"
    )


@pytest.mark.parametrize("state", WAYS_THERE)
def test_a_webhook_moves_a_payment_only_where_it_may(db: Face, state: TransactionStatus) -> None:
    subscribe(db)
    for number, target in enumerate(TransactionStatus):
        intent = f"pi_{number}"
        made = db.run(payment_event(state, stripe_payment_intent_id=intent))
        assert made.status == state
        moved = db.run(payment_event(target, stripe_payment_intent_id=intent, occurred_at=NOW - DAY))
        assert (moved is not None) == ((state, target) in LEGAL_FOR_STRIPE and state != target), (
            f"{state} to {target}"
        )
        found = db.run(transactions.find_transaction_by_intent(stripe_payment_intent_id=intent))
        assert found == (moved or made)
        assert (found.failure_reason is not None) == (found.status == FAILED)
        assert (found.processed_at is not None) == (found.status not in {PENDING, PROCESSING})


@pytest.mark.parametrize("events", [*permutations([PENDING, PROCESSING, SUCCEEDED, REFUNDED])])
def test_a_payment_ends_the_same_in_whatever_order_its_events_come(
    db: Face, events: tuple[TransactionStatus, ...]
) -> None:
    user_id = subscribe(db)
    for event in events:
        db.run(payment_event(event))
        db.run(payment_event(event))
    (only,) = db.run(transactions.list_transactions(user_id=user_id, limit=9))
    assert only.status == REFUNDED


def test_a_webhook_moves_the_payment_that_we_began(db: Face) -> None:
    user_id = subscribe(db)
    id_ = pay(db, user_id).id
    db.run(transactions.begin_transaction(user_id=user_id, id=id_, stripe_payment_intent_id="pi_1"))
    assert db.run(payment_event(SUCCEEDED)).id == id_
    assert payment(db, user_id, id_).processed_at == NOW


def test_a_webhook_that_is_quicker_than_we_are_moves_the_payment_that_we_began(db: Face) -> None:
    """Stripe has told of its end before it answered us with its id: the metadata say which one it is."""
    user_id, bob = subscribe(db), subscribe(db, "bob")
    id_ = pay(db, user_id).id
    begin = transactions.begin_transaction(user_id=user_id, id=id_, stripe_payment_intent_id=None)
    assert db.run(begin).status == PROCESSING
    for changes in (
        {"amount_minor": 1},
        {"currency": "USD"},
        {"stripe_payment_intent_id": " "},
        {"stripe_customer_id": "cus_nobody"},
    ):
        assert db.run(payment_event(SUCCEEDED, transaction_id=id_, **changes)) is None
    assert db.run(payment_event(PENDING, transaction_id=id_)) is None  # it is behind that already
    moved = db.run(payment_event(SUCCEEDED, transaction_id=id_))
    assert (moved.id, moved.status, moved.stripe_payment_intent_id) == (id_, SUCCEEDED, "pi_1")
    assert db.run(payment_event(SUCCEEDED, transaction_id=id_)) is None
    noted = transactions.begin_transaction(user_id=user_id, id=id_, stripe_payment_intent_id="pi_1")
    assert db.run(noted) is None  # it has ended
    assert db.run(payment_event(REFUNDED, transaction_id=id_)).status == REFUNDED
    (only,) = db.run(transactions.list_transactions(user_id=user_id, limit=9))
    assert only.id == id_
    # The id of another user's payment is none of ours: it is a payment that Stripe made.
    theirs = pay(db, bob).id
    made = db.run(payment_event(SUCCEEDED, stripe_payment_intent_id="pi_2", transaction_id=theirs))
    assert (made.user_id, made.id != theirs) == (user_id, True)
    assert payment(db, bob, theirs).status == PENDING


def test_stripes_id_is_noted_where_the_event_is_no_news(db: Face) -> None:
    """So that a refund, whose event may not say our id, finds its payment."""
    user_id = subscribe(db)
    id_ = paid(db, user_id)
    assert db.run(payment_event(SUCCEEDED, transaction_id=id_, amount_minor=1)) is None
    assert payment(db, user_id, id_).stripe_payment_intent_id is None
    assert db.run(payment_event(SUCCEEDED, transaction_id=id_)) is None
    assert payment(db, user_id, id_).stripe_payment_intent_id == "pi_1"
    assert db.run(payment_event(REFUNDED)).id == id_
    (only,) = db.run(transactions.list_transactions(user_id=user_id, limit=9))
    assert only.status == REFUNDED


def test_a_payment_that_stripe_made_first_stays_the_one_of_its_id(db: Face) -> None:
    """Once an event came without our id, there are two; which one Stripe's id names does not change."""
    user_id = subscribe(db)
    id_ = pay(db, user_id).id
    made = db.run(payment_event(PROCESSING))
    assert made.id != id_
    assert db.run(payment_event(SUCCEEDED, transaction_id=id_)).id == made.id
    assert payment(db, user_id, id_).status == PENDING


def test_of_many_first_events_at_once_none_makes_a_second_payment(db: Face, database: str) -> None:
    user_id = subscribe(db)
    for turn in range(5):
        id_ = pay(db, user_id).id
        intent = {"stripe_payment_intent_id": f"pi_{turn}", "transaction_id": id_}
        events = [payment_event(status, **intent) for status in (PROCESSING, SUCCEEDED, REFUNDED)]
        together(database, lambda mine, number, events=events: mine.run(events[number % 3]))  # type: ignore[misc]
        assert payment(db, user_id, id_).status == REFUNDED
        assert len(db.run(transactions.list_transactions(user_id=user_id, limit=99))) == turn + 1


def test_a_webhook_that_fits_no_payment_of_ours_changes_nothing(db: Face) -> None:
    user_id = subscribe(db)
    subscribe(db, "bob")
    db.run(payment_event(PROCESSING))
    for changes in (
        {"stripe_customer_id": "cus_nobody"},
        {"stripe_customer_id": "cus_bob"},
        {"amount_minor": 1},
        {"currency": "USD"},
        {"stripe_payment_intent_id": ""},
    ):
        assert db.run(payment_event(SUCCEEDED, **changes)) is None
    with pytest.raises(CheckViolation) as refused:
        db.run(payment_event(FAILED, failure_reason=None))
    assert refused.value.constraint == "transactions_status_failure_reason_check"
    (only,) = db.run(transactions.list_transactions(user_id=user_id, limit=9))
    assert only.status == PROCESSING


def test_of_many_replays_at_once_each_move_is_made_once(db: Face, database: str) -> None:
    user_id = subscribe(db)
    events = [payment_event(status) for status in (PENDING, PROCESSING, SUCCEEDED, REFUNDED)]

    def replay(mine: Database, _: int) -> list[Any]:
        return [mine.run(event) for event in events]

    results = together(database, replay)
    for number, event in enumerate(events):
        made = [each[number] for each in results if each[number] is not None]
        assert len(made) == 1, event
    (only,) = db.run(transactions.list_transactions(user_id=user_id, limit=9))
    assert only.status == REFUNDED


def test_of_many_who_end_a_payment_at_once_one_does(db: Face, database: str) -> None:
    user_id = subscribe(db)
    id_ = pay(db, user_id).id
    db.run(MOVES[PROCESSING](user_id, id_))
    ends = together(database, lambda mine, number: mine.run(MOVES[FAILED if number % 2 else SUCCEEDED](user_id, id_)))
    assert ends.count(None) == THREADS - 1
    assert payment(db, user_id, id_).status == next(each for each in ends if each).status


def test_payments_are_listed_page_by_page_and_summed(db: Face) -> None:
    user_id, bob = subscribe(db), subscribe(db, "bob")
    made = [paid(db, user_id, amount) for amount in (100, 200, 300)]
    paid(db, user_id, 5, currency="USD")
    paid(db, bob, 7)
    pay(db, user_id, 400)
    db.run(transactions.refund_transaction(user_id=user_id, id=made[0]))
    seen: list[Any] = []
    page = db.run(transactions.list_transactions(user_id=user_id, limit=2))
    while page:
        seen += page
        last = page[-1]
        page = db.run(
            transactions.list_transactions(
                user_id=user_id, limit=2, created_before=last.created_at, id_before=last.id
            )
        )
    assert [each.amount_minor for each in seen] == [400, 5, 300, 200, 100]
    (refunded,) = db.run(transactions.list_transactions(user_id=user_id, limit=9, status=REFUNDED))
    assert refunded.id == made[0]
    sums = db.run(transactions.sum_payments(user_id=user_id))
    assert [(each.currency, each.paid_minor, each.refunded_minor) for each in sums] == [
        ("EUR", 600, 100),
        ("USD", 5, 0),
    ]
