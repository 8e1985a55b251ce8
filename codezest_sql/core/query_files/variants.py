"""Which variants of a query are checked: all, or past a limit so many that every *pair* of settings occurs.

Two parts that break each other are what can go wrong; pairwise choice is known to find most of what all combinations
find (Kuhn, Kacker, Lei: "Practical Combinatorial Testing", NIST SP 800-142), and grows with the logarithm of their
number.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from codezest_sql.core.query_files.query import Choice

if TYPE_CHECKING:
    from codezest_sql.core.query_files.query import Query, Variant

MOST = 256
_Setting = tuple[int, int]  # a factor (an :if, or the orders) and its value


def variants(query: Query, *, most: int = MOST) -> tuple[Variant, ...]:
    """Return the variants to check, each text once; the one with every part on comes first, then the barest one."""
    found: dict[str, Variant] = {}
    for choice in choices(query, most=most):
        variant = query.full if choice == query.full.choice else query.variant(choice)
        found.setdefault(variant.text, variant)
    return tuple(found.values())


def choices(query: Query, *, most: int = MOST) -> tuple[Choice, ...]:
    """Return the choices of the variants to check: all where these are at most ``most``, else pairwise."""
    levels = [2] * len(query.ifs) + [max(len(query.orders), 1)]
    count = 1
    for level in levels:
        count *= level
    rows = product(*(range(level) for level in levels)) if count <= most else _pairwise(levels)
    ends = ([0] * len(levels), [1] * len(query.ifs) + [0])  # value 0 of an :if is on, of the orders the first
    named = [_choice(query, row) for row in (*ends, *rows)]
    return tuple(dict.fromkeys(named))


def _choice(query: Query, row: tuple[int, ...] | list[int]) -> Choice:
    ifs = frozenset(name for name, value in zip(query.ifs, row, strict=False) if value == 0)
    return Choice(ifs, query.orders[row[-1]] if query.orders else None)


def _pairwise(levels: list[int]) -> list[list[int]]:
    """Return rows in which every two settings of two factors occur together; greedy, and the same each time."""
    missing = {
        ((one, value), (other, with_value))
        for one, other in combinations(range(len(levels)), 2)
        for value, with_value in product(range(levels[one]), range(levels[other]))
    }
    rows: list[list[int]] = []
    while missing:
        row: dict[int, int] = dict(min(missing))
        for factor in range(len(levels)):
            if factor not in row:
                gains = [_gain(missing, row, (factor, value)) for value in range(levels[factor])]
                row[factor] = gains.index(max(gains))
        settings = sorted(row.items())
        missing.difference_update(combinations(settings, 2))
        rows.append([value for _, value in settings])
    return rows


def _gain(missing: set[tuple[_Setting, _Setting]], row: dict[int, int], setting: _Setting) -> int:
    """Return how many missing pairs the setting makes with those that are in the row."""
    return sum((min(setting, other), max(setting, other)) in missing for other in row.items())
