"""The steps of the payments service that several tests take, each by generated functions alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from codezest_sql.platform.models.payments import (
    InvoiceStatus,
    PaymentMethodType,
    SubscriptionPlan,
    SubscriptionStatus,
    TransactionStatus,
)
from codezest_sql.platform.queries.payments import invoices, payment_methods, subscriptions, transactions
from codezest_sql.platform.types import LineItem
from codezest_sql.runtime import Database
from tests.patience import PATIENCE
from tests.runtime.auth.service import register

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

THREADS = 8
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
LINES = [
    LineItem(description="PRO, November", quantity=2, unit_amount_minor=1000, amount_minor=2000),
    LineItem(description="Discount", quantity=1, unit_amount_minor=-500, amount_minor=-500),
]


def subscribe(db: Face, name: str = "ada", plan: SubscriptionPlan | None = SubscriptionPlan.PRO) -> UUID:
    """Open an account with a subscription, whose customer at Stripe is called after it."""
    user_id = register(db, f"{name}@example.com", name)
    db.run(subscriptions.ensure_subscription(user_id=user_id))
    db.run(subscriptions.set_stripe_customer(user_id=user_id, stripe_customer_id=f"cus_{name}"))
    if plan is not None:
        assert change_plan(db, user_id, plan) is not None
    return user_id


def change_plan(
    db: Face,
    user_id: UUID,
    plan: SubscriptionPlan,
    from_plan: SubscriptionPlan = SubscriptionPlan.FREE,
    *,
    start: datetime | None = NOW - DAY,
    end: datetime | None = NOW + 29 * DAY,
) -> Any:
    return db.run(
        subscriptions.change_plan(
            user_id=user_id, plan=plan, from_plan=from_plan, current_period_start=start, current_period_end=end
        )
    )


def subscription_event(**changes: Any) -> Any:
    """Make what a webhook does with an event of a subscription at Stripe."""
    event: dict[str, Any] = {
        "stripe_customer_id": "cus_ada",
        "stripe_subscription_id": "sub_1",
        "plan": SubscriptionPlan.PRO,
        "status": SubscriptionStatus.ACTIVE,
        "current_period_start": NOW - DAY,
        "current_period_end": NOW + 29 * DAY,
        "cancel_at_period_end": False,
        "occurred_at": NOW - DAY,
    }
    return subscriptions.apply_stripe_subscription(**event | changes)


def pay(db: Face, user_id: UUID, amount_minor: int = 1500, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "id": uuid4(),
        "user_id": user_id,
        "payment_method_id": None,
        "amount_minor": amount_minor,
        "currency": "EUR",
        "metadata": {},
    }
    return db.run(transactions.create_transaction(**arguments | changes))


def paid(db: Face, user_id: UUID, amount_minor: int = 1500, **changes: Any) -> UUID:
    """Make a payment that SUCCEEDED."""
    payment_id: UUID = pay(db, user_id, amount_minor, **changes).id
    db.run(transactions.begin_transaction(user_id=user_id, id=payment_id, stripe_payment_intent_id=None))
    assert db.run(transactions.succeed_transaction(user_id=user_id, id=payment_id)) is not None
    return payment_id


def payment_event(status: TransactionStatus, **changes: Any) -> Any:
    """Make what a webhook does with an event of a payment at Stripe."""
    event: dict[str, Any] = {
        "stripe_customer_id": "cus_ada",
        "stripe_payment_intent_id": "pi_1",
        "amount_minor": 1500,
        "currency": "EUR",
        "status": status,
        "failure_reason": "declined",
        "occurred_at": NOW,
    }
    return transactions.apply_stripe_payment(**event | changes)


def draft(db: Face, user_id: UUID, number: str = "2026-0001", **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "id": uuid4(),
        "user_id": user_id,
        "number": number,
        "tax_minor": 0,
        "currency": "EUR",
        "line_items": LINES,
    }
    return db.run(invoices.create_invoice(**arguments | changes))


def invoice_event(status: InvoiceStatus, **changes: Any) -> Any:
    """Make what a webhook does with an event of an invoice at Stripe."""
    event: dict[str, Any] = {
        "stripe_customer_id": "cus_ada",
        "stripe_invoice_id": "in_1",
        "number": "S-1",
        "status": status,
        "tax_minor": 285,
        "currency": "EUR",
        "line_items": LINES,
        "issued_at": NOW - DAY,
        "due_at": NOW + DAY,
        "pdf_url": None,
        "occurred_at": NOW,
    }
    return invoices.apply_stripe_invoice(**event | changes)


def add_card(db: Any, user_id: UUID, stripe_id: str = "pm_1", **changes: Any) -> Any:
    """Add a card behind the lock."""
    arguments: dict[str, Any] = {
        "id": uuid4(),
        "user_id": user_id,
        "type": PaymentMethodType.CARD,
        "stripe_payment_method_id": stripe_id,
        "brand": "visa",
        "last4": "4242",
        "expiry_month": 12,
        "expiry_year": 2099,
    }
    return locked(db, user_id, payment_methods.add_payment_method(**arguments | changes))


def locked(db: Any, user_id: UUID, query: Any) -> Any:
    """Run a query of the payment methods as it is meant to be run."""
    return db.batch(payment_methods.lock_payment_methods(user_id=user_id), query)[1]


def together(url: str, work: Callable[[Database, int], Any]) -> list[Any]:
    """Run the work in eight threads at once, each with a connection of its own, and return what each gave."""
    start = Barrier(THREADS)

    def one(number: int) -> Any:
        with closing(Database.connect(url)) as database:
            start.wait(timeout=PATIENCE)
            return work(database, number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(THREADS)))
