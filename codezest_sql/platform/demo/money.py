"""What a dummy person pays: most nothing, some a plan by the month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.platform.demo.copy_text import DAY, NULL, document, new_id
from codezest_sql.platform.demo.words import DECLINED

if TYPE_CHECKING:
    from codezest_sql.platform.demo.copy_text import Clock
    from codezest_sql.platform.demo.person import Person
    from codezest_sql.platform.demo.tables import Rows

_MONTH = 30 * DAY
_PRICES = {"PRO": 1900, "ENTERPRISE": 9900}
"""A month, in minor units."""
_TAX_PERCENT = 19
_CURRENCIES = ("EUR", "USD", "GBP")


def add_money(rows: Rows, person: Person, clock: Clock, *, seed: int) -> None:
    """Add the rows of the schema payments."""
    random, user_id = person.random, person.id
    subscription_id = new_id(random)
    plan = random.choices(("FREE", "PRO", "ENTERPRISE"), (88, 10, 2))[0]
    joined = clock(person.joined)
    if plan == "FREE":
        rows["payments.subscriptions"].append(
            f"{user_id}\t{subscription_id}\tFREE\tACTIVE\t{NULL}\t{NULL}\t{NULL}\t{NULL}\tf\t{NULL}\t{joined}\t{joined}"
        )
        return
    began = person.moment()
    months = (person.until - began) // _MONTH + 1
    period = began + (months - 1) * _MONTH
    status, canceled, ends = "ACTIVE", NULL, "f"
    if random.random() < 0.12:
        canceled = clock(period + (person.until - period) // 2)
        status, ends = random.choice((("CANCELED", "t"), ("ACTIVE", "t")))
    rows["payments.subscriptions"].append(
        f"{user_id}\t{subscription_id}\t{plan}\t{status}\tcus_demo_{user_id}\tsub_demo_{subscription_id}\t"
        f"{clock(period)}\t{clock(period + _MONTH)}\t{ends}\t{canceled}\t{joined}\t{clock(period)}"
    )
    method_id = new_id(random)
    _add_method(rows, person, method_id, clock(began))
    currency, amount = random.choice(_CURRENCIES), _PRICES[plan]
    payments = _Payments(rows, person, f"{subscription_id}\t{method_id}", amount, currency)
    for month in range(months):
        when = began + month * _MONTH
        if random.random() < 0.04 and when + 2 * DAY < person.until:
            reason = random.choice(DECLINED)
            payments.add(clock(when), reason)
            when += 2 * DAY
        paid = clock(when)
        payment_id = payments.add(paid)
        tax = amount * _TAX_PERCENT // 100
        items = document(
            [
                {
                    "description": f"{plan} for a month",
                    "quantity": 1,
                    "unit_amount_minor": amount,
                    "amount_minor": amount,
                }
            ]
        )
        rows["payments.invoices"].append(
            f"{user_id}\t{new_id(random)}\t{subscription_id}\t{payment_id}\tDEMO-{seed}-{person.number}-{month + 1}\t"
            f"PAID\t{amount}\t{tax}\t{amount + tax}\t{currency}\t{items}\t{paid}\t{clock(when + 14 * DAY)}\t{paid}\t"
            f"{paid}\t{paid}"
        )


def _add_method(rows: Rows, person: Person, method_id: str, when: str) -> None:
    random = person.random
    brand, last4, month, year = NULL, NULL, NULL, NULL
    kind = random.choices(("CARD", "PAYPAL", "BANK_TRANSFER"), (80, 15, 5))[0]
    if kind == "CARD":
        brand, last4 = random.choice(("visa", "mastercard", "amex")), f"{random.randrange(10_000):04}"
        month, year = str(random.randint(1, 12)), str(random.randint(2027, 2032))
    rows["payments.payment_methods"].append(
        f"{person.id}\t{method_id}\t{kind}\tpm_demo_{method_id}\t{brand}\t{last4}\t{month}\t{year}\tt\t{when}\t{when}"
    )


@dataclass(slots=True)
class _Payments:
    rows: Rows
    person: Person
    of: str  # the subscription and the payment method, as two fields
    amount: int
    currency: str

    def add(self, when: str, reason: str | None = None) -> str:
        """Add a payment that failed for a ``reason`` or succeeded, and return its id."""
        payment_id = new_id(self.person.random)
        total = self.amount + self.amount * _TAX_PERCENT // 100
        status = "FAILED" if reason else "SUCCEEDED"
        self.rows["payments.transactions"].append(
            f"{self.person.id}\t{payment_id}\t{self.of}\t{total}\t{self.currency}\t{status}\tpi_demo_{payment_id}\t"
            f"{reason or NULL}\t{when}\t{when}\t{when}"
        )
        return payment_id
