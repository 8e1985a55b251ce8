"""Visitors who never signed up: what the funnels of the analytics begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.platform.demo.copy_text import NULL, new_id

if TYPE_CHECKING:
    from codezest_sql.platform.demo.copy_text import Clock
    from codezest_sql.platform.demo.person import Person
    from codezest_sql.platform.demo.tables import Rows

_FUNNEL = ("landing_viewed", "catalogue_viewed", "language_viewed", "sign_up_opened")
_REFERRERS = ("https://search.example", "https://news.example", "https://video.example")
_GOES_ON = 0.55


def add_visits(rows: Rows, person: Person, clock: Clock) -> None:
    """Add the events of the person's own first visit, which ends in signing up, and of one or two other visitors."""
    random = person.random
    events = rows["activity.analytics_events"]
    for stranger in range(random.choice((1, 2))):
        visitor = new_id(random)
        visit = new_id(random)
        when = max(person.joined - 7200 * (stranger + 1), 0)
        referrer = random.choice(_REFERRERS) if random.random() < 0.6 else NULL
        for name in _FUNNEL:
            events.append(
                f"{visitor}\t{clock(when)}\t{new_id(random)}\t{name}\tt\t{visit}\t{{}}\thttps://codezest.example/\t"
                f"{referrer}"
            )
            if random.random() > _GOES_ON:
                break
            when += random.randint(4, 90)
    events.append(
        f"{person.id}\t{clock(person.joined)}\t{new_id(random)}\tsigned_up\tf\t{new_id(random)}\t{{}}\t"
        f"https://codezest.example/welcome\t{NULL}"
    )
