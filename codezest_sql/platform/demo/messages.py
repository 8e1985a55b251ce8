"""The messages of a dummy user: notifications, e-mail, and their preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.platform.demo.copy_text import NULL, new_id

if TYPE_CHECKING:
    from codezest_sql.platform.demo.copy_text import Clock
    from codezest_sql.platform.demo.person import Person
    from codezest_sql.platform.demo.tables import Rows

_WELCOME = ("ACCOUNT", "Welcome to CodeZest", "Choose a language to begin.")
_GRADED = ("GRADING", "Your submission was graded", "See what passed.")
_VERIFY = ("verify-email", "Confirm your address")
_DIGEST = ("weekly-digest", "Your week on CodeZest")
_MOST_GRADED = 10
"""For how many submissions they were notified."""


def add_messages(rows: Rows, person: Person, clock: Clock, *, graded: int) -> None:
    """Add the rows of the schema notifications; ``graded`` is how often a submission of theirs was."""
    _add_notification(rows, person, clock, _WELCOME, person.joined)
    for _ in range(min(graded, _MOST_GRADED)):
        moment = person.moment()
        _add_notification(rows, person, clock, _GRADED, moment)
    if person.random.random() < 0.2:
        _add_preference(rows, person, clock)
    _add_email(rows, person, clock, _VERIFY, person.joined)
    if graded:
        _add_email(rows, person, clock, _DIGEST, person.moment())


def _add_notification(rows: Rows, person: Person, clock: Clock, message: tuple[str, str, str], when: int) -> None:
    random = person.random
    kind, title, body = message
    made = clock(when)
    read = clock(min(when + random.randint(30, 90_000), person.until)) if random.random() < 0.7 else NULL
    rows["notifications.notifications"].append(
        f"{person.id}\t{new_id(random)}\t{kind}\tIN_APP\t{title}\t{body}\t{{}}\t{read}\t{made}\t"
        f"{made if read == NULL else read}"
    )


def _add_preference(rows: Rows, person: Person, clock: Clock) -> None:
    random = person.random
    when = clock(person.moment())
    for channel in random.sample(("IN_APP", "EMAIL", "PUSH"), random.randint(1, 2)):
        kind = random.choice(("LEARNING", "GRADING", "ANNOUNCEMENT"))
        quiet = random.random() < 0.3
        hours = "22:00\t07:00" if quiet else f"{NULL}\t{NULL}"
        enabled = "t" if quiet else "f"
        rows["notifications.notification_preferences"].append(
            f"{person.id}\t{new_id(random)}\t{channel}\t{kind}\t{enabled}\t{hours}\t{when}\t{when}"
        )


def _add_email(rows: Rows, person: Person, clock: Clock, letter: tuple[str, str], when: int) -> None:
    random = person.random
    template, subject = letter
    state = random.choices(("DELIVERED", "SENT", "BOUNCED", "FAILED"), (92, 5, 2, 1))[0]
    queued = clock(when)
    sent = NULL if state == "FAILED" else clock(when + 2)
    delivered = clock(when + 9) if state == "DELIVERED" else NULL
    error = {"BOUNCED": "550 no such mailbox", "FAILED": "the provider refused the address"}.get(state, NULL)
    email_id = new_id(random)
    message_id = NULL if state == "FAILED" else f"demo-{email_id}"
    rows["notifications.email_logs"].append(
        f"{person.id}\t{email_id}\t{person.email}\t{template}\t{subject}\t{state}\t{message_id}\t{error}\t{sent}\t"
        f"{delivered}\t{queued}\t{queued}"
    )
