"""Invoices: amounts that follow from the lines, a payment that fits, and no way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, UniqueViolation
from codezest_sql.platform.models.payments import InvoiceStatus, TransactionStatus
from codezest_sql.platform.queries.payments import invoices, transactions
from codezest_sql.platform.types import LineItem
from tests.runtime.auth.service import register
from tests.runtime.payments.service import (
    DAY,
    LINES,
    NOW,
    THREADS,
    draft,
    invoice_event,
    paid,
    pay,
    subscribe,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.runtime import Database
    from codezest_sql.runtime.query_kinds import Query
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face

DRAFT, SENT, PAID, OVERDUE, CANCELED = InvoiceStatus
WRONG_LINE = LineItem(description="Two of them", quantity=2, unit_amount_minor=10, amount_minor=10)
ACTIONS: list[Callable[[UUID, UUID, UUID], Query[Any]]] = [
    lambda user_id, id_, _: invoices.change_draft_invoice(user_id=user_id, id=id_, line_items=LINES, tax_minor=0),
    lambda user_id, id_, _: invoices.send_invoice(user_id=user_id, id=id_, due_in=DAY),
    lambda user_id, id_, payment: invoices.pay_invoice(user_id=user_id, id=id_, transaction_id=payment),
    lambda user_id, id_, _: invoices.cancel_invoice(user_id=user_id, id=id_),
]
CHANGE, SEND, PAY, CANCEL = range(4)


def invoice(db: Face, user_id: UUID, id_: UUID) -> Any:
    return db.run(invoices.get_invoice(user_id=user_id, id=id_))


def send(db: Face, user_id: UUID, id_: UUID) -> Any:
    return db.run(invoices.send_invoice(user_id=user_id, id=id_, due_in=DAY))


def pay_by(db: Face, user_id: UUID, id_: UUID, payment: UUID) -> Any:
    return db.run(invoices.pay_invoice(user_id=user_id, id=id_, transaction_id=payment))


def let_pass(sql: Sql, days: int) -> None:
    """Let every invoice have been issued and due so many days earlier."""
    sql.run(
        "UPDATE payments.invoices SET issued_at = issued_at - %s * interval '1 day',"
        " due_at = due_at - %s * interval '1 day'",
        days,
        days,
    )


def made(db: Face, sql: Sql, user_id: UUID, status: InvoiceStatus, number: str) -> UUID:
    """Make an invoice of a status, by the queries alone but for the time that passes."""
    id_: UUID = draft(db, user_id, number).id
    if status in {SENT, PAID, OVERDUE}:
        send(db, user_id, id_)
    if status == PAID:
        pay_by(db, user_id, id_, paid(db, user_id))
    if status == OVERDUE:
        let_pass(sql, 2)
        db.run(invoices.mark_overdue_invoices(due_before=NOW, limit=9))
    if status == CANCELED:
        db.run(invoices.cancel_invoice(user_id=user_id, id=id_))
    assert invoice(db, user_id, id_).status == status
    return id_


def test_amounts_follow_from_the_lines(db: Face) -> None:
    user_id = subscribe(db)
    first = draft(db, user_id, tax_minor=285)
    assert (first.status, first.amount_minor, first.tax_minor, first.total_minor) == (DRAFT, 1500, 285, 1785)
    assert invoice(db, user_id, first.id).line_items == LINES
    changed = db.run(invoices.change_draft_invoice(user_id=user_id, id=first.id, line_items=LINES[:1], tax_minor=380))
    assert (changed.amount_minor, changed.total_minor) == (2000, 2380)
    assert invoice(db, user_id, first.id).line_items == LINES[:1]


def test_lines_that_do_not_add_up_are_refused(db: Face) -> None:
    user_id = subscribe(db)
    assert draft(db, user_id, line_items=[*LINES, WRONG_LINE]) is None
    first = draft(db, user_id)
    before = invoice(db, user_id, first.id)
    change = invoices.change_draft_invoice(user_id=user_id, id=first.id, line_items=[WRONG_LINE], tax_minor=0)
    assert db.run(change) is None
    with pytest.raises(CheckViolation) as negative:
        draft(db, user_id, "2", line_items=LINES[1:])
    assert negative.value.constraint == "invoices_amount_minor_check"
    with pytest.raises(CheckViolation) as tax:
        draft(db, user_id, "3", tax_minor=-1)
    assert tax.value.constraint == "invoices_tax_minor_check"
    assert invoice(db, user_id, first.id) == before


def test_a_second_try_makes_no_second_invoice_and_a_number_is_given_once(db: Face) -> None:
    user_id, id_ = subscribe(db), uuid4()
    first = draft(db, user_id, id=id_)
    assert draft(db, user_id, id=id_) == first
    assert draft(db, register(db, "new@example.com"), "2") is None  # no subscription
    bob = subscribe(db, "bob")
    with pytest.raises(UniqueViolation) as refused:
        draft(db, bob)
    assert refused.value.constraint == "invoices_number_global_key"
    send(db, user_id, id_)
    with pytest.raises(UniqueViolation):
        draft(db, user_id)
    assert draft(db, user_id, id=id_) is None


LEGAL = {
    DRAFT: {CHANGE, SEND, CANCEL},
    SENT: {PAY, CANCEL},
    OVERDUE: {PAY, CANCEL},
    PAID: set[int](),
    CANCELED: set[int](),
}


@pytest.mark.parametrize("status", InvoiceStatus)
def test_an_invoice_moves_only_where_it_may(db: Face, sql: Sql, status: InvoiceStatus) -> None:
    user_id, bob = subscribe(db), subscribe(db, "bob")
    for number, action in enumerate(ACTIONS):
        id_ = made(db, sql, user_id, status, str(number))
        payment = paid(db, user_id)
        before = invoice(db, user_id, id_)
        assert db.run(action(bob, id_, payment)) is None  # not theirs
        assert invoice(db, user_id, id_) == before
        moved = db.run(action(user_id, id_, payment))
        assert (moved is not None) == (number in LEGAL[status]), f"action {number} on one that is {status}"
        if moved is None:
            assert invoice(db, user_id, id_) == before


def test_an_empty_draft_is_not_sent(db: Face) -> None:
    user_id = subscribe(db)
    empty = draft(db, user_id, line_items=[])
    assert empty.total_minor == 0
    assert send(db, user_id, empty.id) is None


def test_an_invoice_is_settled_by_a_payment_that_fits(db: Face) -> None:
    user_id, bob = subscribe(db), subscribe(db, "bob")
    id_ = draft(db, user_id).id
    send(db, user_id, id_)
    refunded = paid(db, user_id)
    db.run(transactions.refund_transaction(user_id=user_id, id=refunded))
    wrong = (
        paid(db, user_id, 1499),
        paid(db, user_id, currency="USD"),
        pay(db, user_id).id,
        paid(db, bob),
        refunded,
        uuid4(),
    )
    for payment in wrong:
        assert pay_by(db, user_id, id_, payment) is None
    payment = paid(db, user_id)
    settled = pay_by(db, user_id, id_, payment)
    assert settled.status == PAID
    when = db.run(transactions.get_transaction(user_id=user_id, id=payment)).processed_at
    assert (settled.paid_at, invoice(db, user_id, id_).transaction_id) == (when, payment)
    second = draft(db, user_id, "2").id
    send(db, user_id, second)
    with pytest.raises(UniqueViolation) as refused:
        pay_by(db, user_id, second, payment)
    assert refused.value.constraint == "invoices_user_id_transaction_id_key"


def test_of_many_payments_at_once_one_settles_the_invoice(db: Face, database: str) -> None:
    user_id = subscribe(db)
    id_ = draft(db, user_id).id
    send(db, user_id, id_)
    payments = [paid(db, user_id) for _ in range(THREADS)]
    settled = together(database, lambda mine, number: mine.run(ACTIONS[PAY](user_id, id_, payments[number])))
    assert settled.count(None) == THREADS - 1
    winner = next(number for number, each in enumerate(settled) if each)
    assert invoice(db, user_id, id_).transaction_id == payments[winner]


def test_one_payment_settles_one_of_many_invoices_at_once(db: Face, database: str) -> None:
    user_id = subscribe(db)
    payment = paid(db, user_id)
    ids = [draft(db, user_id, str(number)).id for number in range(THREADS)]
    for id_ in ids:
        send(db, user_id, id_)

    def settle(mine: Database, number: int) -> object:
        try:
            return mine.run(ACTIONS[PAY](user_id, ids[number], payment)).status
        except UniqueViolation as refused:
            return refused.constraint

    results = together(database, settle)
    assert results.count(PAID) == 1
    assert results.count("invoices_user_id_transaction_id_key") == THREADS - 1


def test_the_sweep_notes_what_is_overdue_once(db: Face, database: str, sql: Sql) -> None:
    user_id = subscribe(db)
    late = {made(db, sql, user_id, SENT, str(number)) for number in range(12)}
    assert db.run(invoices.mark_overdue_invoices(due_before=NOW + 99 * DAY, limit=99)) == []
    let_pass(sql, 2)
    on_time, unsent = made(db, sql, user_id, SENT, "on time"), made(db, sql, user_id, DRAFT, "unsent")

    def sweep(mine: Database, _: int) -> list[UUID]:
        noted: list[UUID] = []
        while batch := mine.run(invoices.mark_overdue_invoices(due_before=NOW, limit=2)):
            noted += [each.id for each in batch]
        return noted

    noted = [each for some in together(database, sweep) for each in some]
    assert sorted(noted) == sorted(late)
    assert [invoice(db, user_id, each).status for each in (on_time, unsent)] == [SENT, DRAFT]


# Where a webhook may move an invoice to.
ONWARDS = {
    DRAFT: {SENT, PAID, OVERDUE, CANCELED},
    SENT: {PAID, OVERDUE, CANCELED},
    OVERDUE: {PAID, CANCELED},
    PAID: set[InvoiceStatus](),
    CANCELED: set[InvoiceStatus](),
}


@pytest.mark.parametrize("status", InvoiceStatus)
def test_a_webhook_moves_an_invoice_only_onwards(db: Face, status: InvoiceStatus) -> None:
    user_id = subscribe(db)
    for number, target in enumerate(InvoiceStatus):
        ids = {"stripe_invoice_id": f"in_{number}", "number": f"S-{number}"}
        first = db.run(invoice_event(status, **ids))
        assert (first.status, first.total_minor) == (status, 1785)
        before = invoice(db, user_id, first.id)
        moved = db.run(invoice_event(target, line_items=LINES[:1], **ids))
        assert (moved is not None) == (target in ONWARDS[status]), f"{status} to {target}"
        if moved is None:
            assert invoice(db, user_id, first.id) == before
        else:
            # What was sent says what it said.
            assert (moved.id, moved.amount_minor) == (first.id, 2000 if status == DRAFT else 1500)
            assert (moved.paid_at is not None) == (target == PAID)


def test_a_webhook_that_fits_no_invoice_of_ours_changes_nothing(db: Face) -> None:
    user_id = subscribe(db)
    subscribe(db, "bob")
    before = db.run(invoice_event(SENT))
    bad: list[dict[str, object]] = [
        {"stripe_customer_id": "cus_nobody"},
        {"stripe_customer_id": "cus_bob"},
        {"currency": "USD"},
        {"line_items": [WRONG_LINE]},
        {"stripe_invoice_id": " "},
    ]
    for changes in bad:
        assert db.run(invoice_event(PAID, **changes)) is None
    with pytest.raises(CheckViolation) as refused:
        db.run(invoice_event(SENT, stripe_invoice_id="in_2", number="S-2", issued_at=None))
    assert refused.value.constraint == "invoices_status_issued_at_check"
    (only,) = db.run(invoices.list_invoices(user_id=user_id, limit=9))
    assert (only.id, only.status) == (before.id, SENT)


def test_events_of_new_invoices_at_once_do_not_meet_in_the_index_of_numbers(db: Face, database: str) -> None:
    """ON CONFLICT (stripe_invoice_id) does not look at the older index of numbers: one in hundreds met."""
    subscribe(db)
    events = [invoice_event(PAID, stripe_invoice_id=f"in_{number}", number=f"S-{number}") for number in range(200)]
    results = together(database, lambda mine, _: [mine.run(event) for event in events])
    for number in range(len(events)):
        assert sum(each[number] is not None for each in results) == 1


def test_of_many_replays_at_once_each_move_is_made_once(db: Face, database: str) -> None:
    user_id = subscribe(db)
    events = [invoice_event(status) for status in (DRAFT, SENT, OVERDUE, PAID)]
    results = together(database, lambda mine, _: [mine.run(event) for event in events])
    for number in range(len(events)):
        assert sum(each[number] is not None for each in results) == 1
    (only,) = db.run(invoices.list_invoices(user_id=user_id, limit=9))
    assert (only.status, only.paid_at) == (PAID, NOW)


def test_invoices_are_listed_page_by_page(db: Face, sql: Sql) -> None:
    user_id, bob = subscribe(db), subscribe(db, "bob")
    for number in range(3):
        draft(db, user_id, str(number))
    draft(db, bob, "bob")
    made(db, sql, user_id, PAID, "paid")
    (first, second) = db.run(invoices.list_invoices(user_id=user_id, limit=2))
    rest = db.run(
        invoices.list_invoices(user_id=user_id, limit=9, created_before=second.created_at, id_before=second.id)
    )
    assert [each.number for each in (first, second, *rest)] == ["paid", "2", "1", "0"]
    (settled,) = db.run(invoices.list_invoices(user_id=user_id, limit=9, status=PAID))
    assert settled.number == "paid"
    assert db.run(transactions.list_transactions(user_id=user_id, limit=9, status=TransactionStatus.SUCCEEDED))
