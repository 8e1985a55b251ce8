"""All of a demo: its staff and catalogue first, then people by the thousand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codezest_sql.platform.demo.catalogue import make_catalogue
from codezest_sql.platform.demo.copy_text import DAY, Clock
from codezest_sql.platform.demo.learning import Learning
from codezest_sql.platform.demo.messages import add_messages
from codezest_sql.platform.demo.money import add_money
from codezest_sql.platform.demo.person import YEAR, add_account, add_staff, make_person, staff
from codezest_sql.platform.demo.tables import USER_TABLES, Rows, new_rows
from codezest_sql.platform.demo.visitors import add_visits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

USERS_FOR_ONE_INSTRUCTOR: Final = 500
BATCH: Final = 1000
"""People whose rows are in memory at a time: some 10 MB."""


class DemoData:
    """A demo that ends at ``until``, in seconds since 1970.

    ``languages`` are the ids, as 32 hexadecimal digits, and the slugs of those that are taught.
    """

    def __init__(self, *, users: int, seed: int, until: int, languages: Sequence[tuple[str, str]]) -> None:
        self.users = users
        self.seed = seed
        self.until = until
        self.first_day = until - YEAR - 2 * DAY
        self._clock = Clock(self.first_day, until + 60 * DAY)
        self.staff = tuple(staff(number, seed=seed) for number in range(2 + users // USERS_FOR_ONE_INSTRUCTOR))
        instructors = self.staff[1:]
        self._instructors = instructors
        self.catalogue = make_catalogue(
            languages, seed=seed, authors=instructors, clock=self._clock, made_at=self.first_day + DAY
        )

    def staff_rows(self) -> Rows:
        """Return the accounts of those who teach."""
        rows: Rows = {"auth.users": []}
        for number, user_id in enumerate(self.staff):
            add_staff(rows, number, user_id, seed=self.seed, clock=self._clock, joined=self.first_day)
        return rows

    def batches(self) -> Iterator[tuple[int, Rows]]:
        """Give how many people, and all their rows, batch by batch."""
        for first in range(1, self.users + 1, BATCH):
            rows = new_rows(USER_TABLES)
            last = min(first + BATCH - 1, self.users)
            for number in range(first, last + 1):
                self._add(rows, number)
            yield last - first + 1, rows

    def _add(self, rows: Rows, number: int) -> None:
        person = make_person(number, seed=self.seed, until=self.until)
        add_account(rows, person, self._clock)
        add_visits(rows, person, self._clock)
        learning = Learning(rows, person, self._clock, self._instructors)
        learning.run(self.catalogue.languages)
        add_money(rows, person, self._clock, seed=self.seed)
        add_messages(rows, person, self._clock, graded=learning.graded)
