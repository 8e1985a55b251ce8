"""For how long a migration keeps tables from everybody, told from what was measured."""

from __future__ import annotations

from codezest_sql.core.review.trace.measured import Locked, LockMode, Measured
from codezest_sql.core.review.trace.window import Window, find_window
from codezest_sql.place import Place

ALL = LockMode.ACCESS_EXCLUSIVE


def at(line: int) -> Place:
    return Place("1.sql", line, 1)


def test_the_window_is_from_the_first_lock_to_commit() -> None:
    measured = [
        Measured(at(1), locks=(Locked("s.a", LockMode.SHARE),), scanned=("s.a",)),
        Measured(at(2), locks=(Locked("s.b", ALL),)),
        Measured(at(3), locks=(Locked("s.c", ALL),), held=("s.b",)),
        Measured(at(4), held=("s.b", "s.c"), scanned=("s.b",)),
    ]
    assert find_window(measured) == Window(at(2), ("s.b", "s.c"), (at(3), at(4)), (at(4),))


def test_one_statement_is_no_window() -> None:
    assert find_window([Measured(at(1), locks=(Locked("s.a", ALL),), rewritten=("s.a",))]) is None
    assert find_window([Measured(at(1)), Measured(at(2), locks=(Locked("s.a", ALL),))]) is None


def test_it_is_told_in_a_line() -> None:
    quick = Window(at(1), ("s.a",), (at(2), at(3)), ())
    assert quick.words == (
        "s.a: locked with ACCESS EXCLUSIVE from line 1 to COMMIT: 2 more statements, none of which takes time"
    )
    slow = Window(at(1), ("s.a", "s.b"), (at(2),), (at(2),))
    assert slow.words == (
        "s.a, s.b: locked with ACCESS EXCLUSIVE from line 1 to COMMIT: 1 more statement, of which take time: line 2"
    )
    assert slow.json() == {"line": 1, "tables": ["s.a", "s.b"], "inside": [2], "working": [2]}
