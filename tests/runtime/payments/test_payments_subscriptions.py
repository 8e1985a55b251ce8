"""The plan of a user: FREE from the start, changed, paused, ended, and what Stripe says of it in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import UniqueViolation
from codezest_sql.platform.models.payments import SubscriptionPlan, SubscriptionStatus
from codezest_sql.platform.queries.auth import users
from codezest_sql.platform.queries.payments import subscriptions
from tests.runtime.auth.service import register
from tests.runtime.payments.service import DAY, NOW, THREADS, change_plan, subscribe, subscription_event, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.runtime import Database
    from codezest_sql.runtime.query_kinds import Query
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face

FREE, PRO, ENTERPRISE = SubscriptionPlan
ACTIVE, CANCELED, EXPIRED, PAUSED = SubscriptionStatus

MOVES: dict[str, Callable[..., Query[Any]]] = {
    "cancel_at_period_end": subscriptions.cancel_at_period_end,
    "keep": subscriptions.keep_subscription,
    "cancel_now": subscriptions.cancel_now,
    "pause": subscriptions.pause_subscription,
    "resume": subscriptions.resume_subscription,
    "return_to_free": subscriptions.return_to_free,
}
# How a PRO subscription got where it is, and which moves are legal from there.
STATES: dict[str, tuple[str | None, set[str]]] = {
    "running": (None, {"cancel_at_period_end", "cancel_now", "pause", "return_to_free"}),
    "running out": ("cancel_at_period_end", {"cancel_at_period_end", "keep", "cancel_now", "return_to_free"}),
    "paused": ("pause", {"resume", "cancel_now"}),
    "canceled": ("cancel_now", {"return_to_free"}),
}


def now_of(db: Face, user_id: UUID) -> Any:
    return db.run(subscriptions.get_subscription(user_id=user_id))


def put_back(sql: Sql, days: int) -> None:
    """Let every period have begun and ended so many days earlier."""
    sql.run(
        "UPDATE payments.subscriptions SET current_period_start = current_period_start - %s * interval '1 day',"
        " current_period_end = current_period_end - %s * interval '1 day'",
        days,
        days,
    )


def test_a_new_user_gets_the_free_plan_once(db: Face) -> None:
    user_id = register(db)
    first = db.run(subscriptions.ensure_subscription(user_id=user_id))
    assert (first.user_id, first.plan, first.status, first.current_period_end) == (user_id, FREE, ACTIVE, None)
    change_plan(db, user_id, PRO)
    again = db.run(subscriptions.ensure_subscription(user_id=user_id))
    assert (again.id, again.plan) == (first.id, PRO)


def test_who_has_no_live_account_gets_no_subscription(db: Face) -> None:
    user_id = register(db)
    db.run(users.delete_user(id=user_id))
    assert db.run(subscriptions.ensure_subscription(user_id=user_id)) is None
    assert db.run(subscriptions.ensure_subscription(user_id=uuid4())) is None


def test_of_many_who_ensure_a_subscription_at_once_all_get_the_same_one(db: Face, database: str) -> None:
    user_id = register(db)

    def ensure(mine: Database, _: int) -> Any:
        made = mine.run(subscriptions.ensure_subscription(user_id=user_id))
        assert made is not None
        return made.id

    assert len(set(together(database, ensure))) == 1


@pytest.mark.parametrize("state", STATES)
def test_a_plan_moves_only_where_it_may(db: Face, state: str) -> None:
    way_there, legal = STATES[state]
    for number, (name, move) in enumerate(MOVES.items()):
        user_id = subscribe(db, f"user{number}")
        if way_there:
            assert db.run(MOVES[way_there](user_id=user_id)) is not None
        before = now_of(db, user_id)
        moved = db.run(move(user_id=user_id))
        assert (moved is not None) == (name in legal), f"{name} of one that is {state}"
        if moved is None:
            assert now_of(db, user_id) == before


def test_the_free_plan_can_neither_be_canceled_nor_paused(db: Face) -> None:
    user_id = subscribe(db, plan=None)
    for name, move in MOVES.items():
        assert (db.run(move(user_id=user_id)) is not None) == (name == "return_to_free")
    assert now_of(db, user_id).plan == FREE


def test_a_plan_changes_from_the_one_that_the_user_saw(db: Face) -> None:
    user_id = subscribe(db)
    assert change_plan(db, user_id, ENTERPRISE) is None  # it is not FREE any more
    assert change_plan(db, user_id, ENTERPRISE, PRO).plan == ENTERPRISE
    assert change_plan(db, user_id, FREE, ENTERPRISE) is None
    assert change_plan(db, user_id, PRO, ENTERPRISE, end=NOW - DAY / 2) is None
    assert change_plan(db, user_id, PRO, ENTERPRISE, start=NOW + 40 * DAY) is None
    assert change_plan(db, user_id, PRO, ENTERPRISE, start=None, end=None) is None
    assert now_of(db, user_id).plan == ENTERPRISE


def test_of_many_plan_changes_at_once_one_wins(db: Face, database: str) -> None:
    user_id = subscribe(db, plan=None)
    change = subscriptions.change_plan(
        user_id=user_id,
        plan=PRO,
        from_plan=FREE,
        current_period_start=NOW,
        current_period_end=NOW + DAY,
    )
    results = together(database, lambda mine, _: mine.run(change))
    assert results.count(None) == THREADS - 1


def test_a_canceled_plan_runs_to_the_end_of_its_period_and_can_be_kept(db: Face) -> None:
    user_id = subscribe(db)
    canceled = db.run(subscriptions.cancel_at_period_end(user_id=user_id))
    assert (canceled.status, canceled.cancel_at_period_end) == (ACTIVE, True)
    again = db.run(subscriptions.cancel_at_period_end(user_id=user_id))
    assert again.canceled_at == canceled.canceled_at
    assert db.run(subscriptions.get_plan_in_force(user_id=user_id)).plan == PRO
    kept = db.run(subscriptions.keep_subscription(user_id=user_id))
    assert (kept.cancel_at_period_end, kept.canceled_at) == (False, None)


def test_only_an_active_plan_is_in_force(db: Face) -> None:
    user_id = subscribe(db)
    db.run(subscriptions.pause_subscription(user_id=user_id))
    assert db.run(subscriptions.get_plan_in_force(user_id=user_id)).plan == FREE
    db.run(subscriptions.resume_subscription(user_id=user_id))
    assert db.run(subscriptions.get_plan_in_force(user_id=user_id)).plan == PRO
    db.run(subscriptions.cancel_now(user_id=user_id))
    assert db.run(subscriptions.get_plan_in_force(user_id=user_id)).plan == FREE
    assert db.run(subscriptions.get_plan_in_force(user_id=uuid4())) is None


def test_the_sweep_ends_what_is_over_and_nothing_else(db: Face, sql: Sql) -> None:
    expired, canceled, paused = (subscribe(db, name) for name in ("expired", "canceled", "paused"))
    db.run(subscriptions.cancel_at_period_end(user_id=canceled))
    db.run(subscriptions.pause_subscription(user_id=paused))
    put_back(sql, 30)
    running, free = subscribe(db, "running"), subscribe(db, "free", None)
    assert db.run(subscriptions.expire_subscriptions(ended_before=NOW - 3 * DAY, limit=9)) == []
    ended = db.run(subscriptions.expire_subscriptions(ended_before=NOW + 99 * DAY, limit=9))
    assert {each.user_id: each.status for each in ended} == {expired: EXPIRED, canceled: CANCELED, paused: EXPIRED}
    assert [now_of(db, each).status for each in (running, free)] == [ACTIVE, ACTIVE]
    assert now_of(db, canceled).canceled_at is not None
    assert db.run(subscriptions.expire_subscriptions(ended_before=NOW, limit=9)) == []
    assert db.run(subscriptions.return_to_free(user_id=expired)).plan == FREE


def test_a_period_that_is_over_can_be_neither_canceled_nor_resumed(db: Face, sql: Sql) -> None:
    user_id = subscribe(db)
    put_back(sql, 30)
    assert db.run(subscriptions.cancel_at_period_end(user_id=user_id)) is None
    db.run(subscriptions.pause_subscription(user_id=user_id))
    assert db.run(subscriptions.resume_subscription(user_id=user_id)) is None


def test_many_sweepers_end_each_plan_once(db: Face, database: str, sql: Sql) -> None:
    everybody = {subscribe(db, f"user{number}") for number in range(12)}
    put_back(sql, 30)

    def sweep(mine: Database, _: int) -> list[UUID]:
        ended: list[UUID] = []
        while batch := mine.run(subscriptions.expire_subscriptions(ended_before=NOW, limit=2)):
            ended += [each.user_id for each in batch]
        return ended

    ended = [each for some in together(database, sweep) for each in some]
    assert len(ended) == len(everybody)
    assert set(ended) == everybody


def test_a_customer_of_stripe_is_noted_once(db: Face) -> None:
    ada, bob = subscribe(db), subscribe(db, "bob")
    assert db.run(subscriptions.set_stripe_customer(user_id=ada, stripe_customer_id="cus_ada")) is not None
    assert db.run(subscriptions.set_stripe_customer(user_id=ada, stripe_customer_id="cus_other")) is None
    eve = register(db, "eve@example.com")
    db.run(subscriptions.ensure_subscription(user_id=eve))
    assert db.run(subscriptions.set_stripe_customer(user_id=eve, stripe_customer_id=" ")) is None
    with pytest.raises(UniqueViolation) as refused:
        db.run(subscriptions.set_stripe_customer(user_id=eve, stripe_customer_id="cus_bob"))
    assert refused.value.constraint == "subscriptions_stripe_customer_id_global_key"
    assert db.run(subscriptions.find_subscription_by_customer(stripe_customer_id="cus_bob")).user_id == bob


def test_a_webhook_puts_a_user_on_a_plan_and_a_replay_changes_nothing(db: Face) -> None:
    user_id = subscribe(db, plan=None)
    applied = db.run(subscription_event())
    assert (applied.user_id, applied.plan, applied.status) == (user_id, PRO, ACTIVE)
    before = now_of(db, user_id)
    assert db.run(subscription_event()) is None
    assert now_of(db, user_id) == before


NO_NEWS: dict[str, dict[str, object]] = {
    "an unknown customer": {"stripe_customer_id": "cus_nobody"},
    "an older event": {"occurred_at": NOW - 2 * DAY},
    "another event of the same second": {"status": PAUSED, "occurred_at": NOW - DAY},
    "another subscription that is paused": {"stripe_subscription_id": "sub_0", "status": PAUSED},
    "another subscription that has ended": {"stripe_subscription_id": "sub_0", "status": CANCELED},
    "the plan FREE": {"plan": FREE},
    "no period": {"current_period_start": None, "current_period_end": None},
    "a period that ends before it begins": {"current_period_end": NOW - 2 * DAY},
    "no id": {"stripe_subscription_id": ""},
}


@pytest.mark.parametrize("case", NO_NEWS)
def test_a_webhook_that_is_no_news_changes_nothing(db: Face, case: str) -> None:
    user_id = subscribe(db, plan=None)
    db.run(subscription_event())
    before = now_of(db, user_id)
    assert db.run(subscription_event(**{"occurred_at": NOW} | NO_NEWS[case])) is None
    assert now_of(db, user_id) == before


def test_what_has_ended_comes_back_only_as_another_subscription(db: Face) -> None:
    user_id = subscribe(db, plan=None)
    db.run(subscription_event())
    assert db.run(subscription_event(status=CANCELED)).status == CANCELED  # an end counts within the second
    assert now_of(db, user_id).canceled_at == NOW - DAY
    assert db.run(subscription_event(occurred_at=NOW)) is None
    back = db.run(subscription_event(occurred_at=NOW, stripe_subscription_id="sub_2", plan=ENTERPRISE))
    assert (back.plan, back.status, back.canceled_at) == (ENTERPRISE, ACTIVE, None)


@pytest.mark.parametrize("next_plan", ["free", "paid"])
def test_what_was_said_of_an_ended_subscription_does_not_bring_it_back(db: Face, next_plan: str) -> None:
    """Not even when its id is forgotten, because something else is in its place."""
    user_id = subscribe(db, plan=None)
    moment = datetime.now(UTC) - timedelta(minutes=1)
    assert db.run(subscription_event(occurred_at=moment)).plan == PRO
    assert db.run(subscriptions.cancel_now(user_id=user_id)) is not None
    late = subscription_event(occurred_at=moment + timedelta(seconds=30))
    assert db.run(late) is None
    if next_plan == "free":
        assert db.run(subscriptions.return_to_free(user_id=user_id)).plan == FREE
    else:
        assert change_plan(db, user_id, ENTERPRISE, PRO).plan == ENTERPRISE
    before = db.run(subscriptions.get_subscription(user_id=user_id))
    assert db.run(late) is None
    assert db.run(subscriptions.get_subscription(user_id=user_id)) == before
    anew = subscription_event(stripe_subscription_id="sub_2", occurred_at=datetime.now(UTC))
    assert db.run(anew).plan == PRO


def test_a_renewal_that_comes_after_the_sweep_brings_the_plan_back(db: Face, sql: Sql) -> None:
    """That it has EXPIRED was our guess; what was canceled stays so."""
    user_id = subscribe(db, plan=None)
    assert db.run(subscription_event(current_period_start=NOW - 31 * DAY, current_period_end=NOW + DAY)).plan == PRO
    put_back(sql, 2)
    assert len(db.run(subscriptions.expire_subscriptions(ended_before=NOW, limit=9))) == 1
    end = now_of(db, user_id).current_period_end
    for over in (end, end + timedelta(hours=1)):  # the same period, and a later one that is over too
        late = subscription_event(current_period_start=end - DAY, current_period_end=over, occurred_at=NOW)
        assert db.run(late) is None
    renewed = subscription_event(current_period_start=end, current_period_end=NOW + 29 * DAY, occurred_at=NOW)
    assert db.run(renewed).status == ACTIVE
    assert db.run(subscriptions.cancel_now(user_id=user_id)).status == CANCELED
    again = subscription_event(current_period_end=NOW + 59 * DAY, occurred_at=NOW + DAY)
    assert db.run(again) is None


def test_an_ended_subscription_does_not_come_back_by_a_late_event(db: Face, sql: Sql) -> None:
    """Of a period that is over, or of before its end, which was long after it was asked for."""
    user_id = subscribe(db, plan=None)
    assert db.run(subscription_event(current_period_start=NOW - 31 * DAY, current_period_end=NOW + DAY)).plan == PRO
    put_back(sql, 2)
    db.run(subscriptions.expire_subscriptions(ended_before=NOW, limit=9))
    assert db.run(subscriptions.return_to_free(user_id=user_id)).plan == FREE
    over = {"current_period_start": NOW - 33 * DAY, "current_period_end": NOW - DAY}
    assert db.run(subscription_event(occurred_at=NOW, **over)) is None
    assert db.run(subscription_event(stripe_subscription_id="sub_2", occurred_at=NOW)).plan == PRO
    assert db.run(subscriptions.cancel_at_period_end(user_id=user_id)) is not None
    sql.run("UPDATE payments.subscriptions SET canceled_at = now() - interval '20 days'")
    assert db.run(subscriptions.cancel_now(user_id=user_id)) is not None
    assert db.run(subscriptions.return_to_free(user_id=user_id)).plan == FREE
    before_the_end = datetime.now(UTC) - timedelta(seconds=10)
    assert db.run(subscription_event(stripe_subscription_id="sub_2", occurred_at=before_the_end)) is None
    assert now_of(db, user_id).plan == FREE


def test_an_event_of_the_future_does_not_keep_later_ones_out(db: Face) -> None:
    subscribe(db, plan=None)
    db.run(subscription_event(occurred_at=NOW + 99 * DAY))
    assert db.run(subscription_event(occurred_at=NOW + 99 * DAY, status=PAUSED)).status == PAUSED


def test_webhooks_in_any_order_and_many_times_leave_what_the_last_event_said(db: Face, database: str) -> None:
    user_id = subscribe(db, plan=None)
    events = [
        subscription_event(
            occurred_at=NOW - (20 - number) * DAY / 24,
            status=PAUSED if number % 2 else ACTIVE,
            current_period_end=NOW + number * DAY,
        )
        for number in range(1, 12)
    ]

    def replay(mine: Database, number: int) -> None:
        for event in events[number:] + events[:number]:
            mine.run(event)

    db.run(subscription_event(occurred_at=NOW - 2 * DAY))
    together(database, replay)
    last = now_of(db, user_id)
    assert (last.status, last.current_period_end) == (PAUSED, NOW + 11 * DAY)
