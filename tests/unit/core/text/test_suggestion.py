"""What was probably meant."""

from __future__ import annotations

import pytest

from codezest_sql.core.text.suggestion import did_you_mean, nearest

KNOWN = ("migrations", "queries", "lock_timeout", "lock_retry")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("migration", "migrations"),
        ("migratoins", "migrations"),
        ("lock-timeout", "lock_timeout"),
        ("locktimeout", "lock_timeout"),
        ("query", None),
        ("", None),
        ("zzz", None),
    ],
)
def test_a_word_is_near_where_most_of_it_agrees(word: str, meant: str | None) -> None:
    assert nearest(word, KNOWN) == meant


def test_a_suggestion_is_a_question() -> None:
    assert did_you_mean("migration", KNOWN) == "did you mean migrations?"
    assert did_you_mean("zzz", KNOWN) is None


def test_where_two_are_equally_near_the_answer_does_not_depend_on_their_order() -> None:
    assert nearest("0002_b", ["0002_a", "0002_c"]) == nearest("0002_b", ["0002_c", "0002_a"])
    assert nearest("0002_b", []) is None
