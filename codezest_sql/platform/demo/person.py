"""A dummy person: their account, and all that is theirs alone."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from codezest_sql.platform.demo.copy_text import DAY, NULL, document, new_id
from codezest_sql.platform.demo.words import AGENTS, FIRST_NAMES, LAST_NAMES, PLACES

if TYPE_CHECKING:
    from codezest_sql.platform.demo.copy_text import Clock
    from codezest_sql.platform.demo.tables import Rows

PASSWORD_HASH: Final = (
    # scrypt of "codezest-demo" with the salt "codezest-demo": n$r$p$salt$key, as examples/learning_api writes it.
    "scrypt$16384$8$1$636f64657a6573742d64656d6f$e1d28d4b889f73867f4639dab8067ef8d3e0a838aa42e9195a430bb39e8f5792"  # noqa: S105
)
YEAR: Final = 365 * DAY
_NO_PREFERENCES = "{}"


@dataclass(slots=True)
class Person:
    """Who the rows of one user are about; times are seconds since 1970. ``keenness`` is how much they learn."""

    number: int
    id: str
    name: str
    email: str
    joined: int
    until: int
    keenness: float
    random: Random

    def moment(self) -> int:
        """Return a time between joining and the end."""
        return self.joined + int((self.until - self.joined) * self.random.random())


def make_person(number: int, *, seed: int, until: int) -> Person:
    """Return person ``number`` of a demo that ends at ``until``; the same whatever other people there are."""
    random = Random(f"{seed} {number}")  # noqa: S311  # to be repeatable
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    # The platform grows: the later a day, the more people joined on it.
    joined = until - 3 * 3600 - int((YEAR - DAY) * (1 - random.random() ** 0.5))
    # Most do little, a few do very much: Pareto's distribution, cut.
    keenness = min(random.paretovariate(1.2), 20.0)
    email = f"{first}.{last}.{seed}.{number}@example.org".lower()
    return Person(number, new_id(random), f"{first} {last}", email, joined, until, keenness, random)


def staff(number: int, *, seed: int) -> str:
    """Return the id of an instructor or administrator: they are there before the catalogue, which they wrote."""
    return new_id(Random(f"staff {seed} {number}"))  # noqa: S311  # to be repeatable


def add_staff(rows: Rows, number: int, user_id: str, *, seed: int, clock: Clock, joined: int) -> None:
    """Add the account of an administrator (the first) or instructor."""
    when = clock(joined)
    role, name = ("ADMIN", "Demo administrator") if number == 0 else ("INSTRUCTOR", f"Demo instructor {number}")
    email = f"{role.lower()}.{seed}.{number}@example.org"
    rows["auth.users"].append(f"{user_id}\t{email}\t{name}\t{PASSWORD_HASH}\t{role}\t{when}\t{when}\t{when}\t{NULL}")


def add_account(rows: Rows, person: Person, clock: Clock) -> None:
    """Add the rows of the schema auth."""
    random, user_id, joined = person.random, person.id, clock(person.joined)
    provider = random.choices(("", "GOOGLE", "GITHUB"), (65, 22, 13))[0]
    verified = clock(person.joined + random.randint(20, 500)) if provider or random.random() < 0.93 else NULL
    left = clock(person.moment()) if random.random() < 0.01 else NULL
    password = PASSWORD_HASH if not provider or random.random() < 0.3 else NULL
    rows["auth.users"].append(
        f"{user_id}\t{person.email}\t{person.name}\t{password}\tSTUDENT\t{verified}\t{joined}\t{joined}\t{left}"
    )
    if provider:
        rows["auth.oauth_accounts"].append(
            f"{new_id(random)}\t{user_id}\t{provider}\t{new_id(random)}\t{{openid,email}}\t{joined}\t{joined}"
        )
    else:
        proof = verified if verified != NULL else NULL
        rows["auth.email_verifications"].append(
            f"{user_id}\t{new_id(random)}\t{person.email}\t{_token(random)}\t{clock(person.joined + DAY)}\t{proof}\t"
            f"{joined}\t{joined}"
        )
    if random.random() < 0.85:
        _add_profile(rows, person, joined)
    if random.random() < 0.05:
        asked = person.moment()
        used = clock(asked + 240) if random.random() < 0.8 and asked + 240 < person.until else NULL
        rows["auth.password_resets"].append(
            f"{user_id}\t{new_id(random)}\t{_token(random)}\t{clock(asked + 3600)}\t{used}\t{clock(asked)}\t"
            f"{clock(asked)}"
        )
    for _ in range(random.choices((1, 2, 3), (60, 30, 10))[0]):
        _add_session(rows, person, clock)


def _add_profile(rows: Rows, person: Person, joined: str) -> None:
    random = person.random
    place, timezone, locale = random.choice(PLACES)
    bio = f"Learning to program in {place}." if random.random() < 0.4 else NULL
    links = (
        document({"github": f"https://github.com/{person.email.split('@')[0].replace('.', '-')}"})
        if random.random() < 0.25
        else "{}"
    )
    preferences = document({"theme": random.choice(("dark", "light"))}) if random.random() < 0.5 else _NO_PREFERENCES
    rows["auth.user_profiles"].append(
        f"{person.id}\t{bio}\t{place}\t{timezone}\t{locale}\t{links}\t{preferences}\t{joined}\t{joined}"
    )


def _add_session(rows: Rows, person: Person, clock: Clock) -> None:
    random = person.random
    began = person.moment()
    seen = min(began + random.randint(60, 20 * DAY), person.until)
    revoked = clock(seen) if random.random() < 0.2 else NULL
    address = f"203.0.113.{random.randint(1, 254)}"  # RFC 5737: for documentation
    rows["auth.sessions"].append(
        f"{person.id}\t{new_id(random)}\t{_token(random)}\t{address}\t{random.choice(AGENTS)}\t{clock(seen)}\t"
        f"{clock(began + 30 * DAY)}\t{revoked}\t{clock(began)}\t{clock(seen)}"
    )


def _token(random: Random) -> str:
    return f"\\\\x{random.getrandbits(256):064x}"
