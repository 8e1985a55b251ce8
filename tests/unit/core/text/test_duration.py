"""Durations, as PostgreSQL's settings are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.text.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("1ms", 0.001),
        ("2s", 2.0),
        ("2 s", 2.0),
        ("  2s  ", 2.0),
        ("1.5s", 1.5),
        ("0.5min", 30.0),
        ("10min", 600.0),
        ("24h", 86400.0),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "2", "s", "-2s", "+2s", "2 S", "2sec", "1d", "2s 3ms", "1e3s", ".5s", "1,5s", "∞", "٢s\n", "2s;"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: write a number and ms, s, min or h"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "0ms", "0.9ms", "24.1h", "1441min", "99999999999999999999h"])
def test_zero_and_more_than_a_day_are_refused(text: str) -> None:
    """PostgreSQL takes 0 for "wait for ever"."""
    with pytest.raises(ValueError, match="out of range: a duration is from 1ms to 24h"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 ms"),
        (0.0004, "0.4 ms"),
        (0.0351, "35 ms"),
        (0.9994, "999 ms"),
        (2.06, "2.1 s"),
        (59.94, "59.9 s"),
        (59.97, "1 min 0 s"),
        (0.9996, "1.0 s"),
        (185, "3 min 5 s"),
        (7322, "122 min 2 s"),
    ],
)
def test_a_person_reads_two_or_three_digits(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.floats(0, 10**6))
def test_every_time_has_a_text_that_carries(seconds: float) -> None:
    """Neither ``1000 ms`` nor ``60.0 s``, which the next unit is there for."""
    assert format_duration(seconds) not in {"10.0 ms", "1000 ms", "60.0 s"}
