"""What rules predict is held against what was measured: confirmed, taken back to a note, or added."""

from __future__ import annotations

from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.review.trace.judge import Span, judge
from codezest_sql.core.review.trace.measured import Blocked, Measured
from codezest_sql.place import Place

START = Place("1.sql", 1, 1)
SPAN = Span(START, Place("1.sql", 3, 10))
WITHIN = Place("1.sql", 2, 5)
WAIT = (Blocked("s.a", ("SELECT", "SELECT FOR UPDATE", "writes")),)
REWRITE = Measured(START, blocked=WAIT, rewritten=("s.a",))


def foretold(code: str, place: Place = WITHIN) -> Finding:
    return Finding(code, Severity.ERROR, place, "rewrites the table", "do it in steps")


def judged(measured: Measured, *static: Finding, ignored: str = "") -> list[Finding]:
    return list(judge(static, [(SPAN, measured)], server="PostgreSQL 18.4", ignored=lambda code, _: code == ignored))


def test_what_is_measured_as_foretold_counts_as_measured_and_is_told_once() -> None:
    (found,) = judged(REWRITE, foretold("type-change-rewrite"))
    assert (found.code, found.severity, found.source) == ("type-change-rewrite", Severity.ERROR, Source.MEASURED)


def test_what_does_not_happen_becomes_a_note_that_says_so() -> None:
    (found,) = judged(Measured(START, blocked=WAIT), foretold("type-change-rewrite"))
    assert (found.severity, found.hint) == (Severity.NOTE, "")
    assert found.message == "rewrites the table; measured on PostgreSQL 18.4 it does not"


def test_what_nobody_foretold_is_added() -> None:
    (found,) = judged(REWRITE)
    assert (found.code, found.severity, found.place) == ("measured-rewrite", Severity.ERROR, START)
    assert found.message == "rewrites s.a while reads and writes of s.a wait"
    (found,) = judged(Measured(START, blocked=WAIT, scanned=("s.a",)))
    assert found.code == "measured-scan"
    (found,) = judged(Measured(START, held=("s.b",), read=("s.a",)))
    assert (found.code, found.severity) == ("measured-while-locked", Severity.WARNING)


def test_what_cannot_be_measured_stays_as_it_is() -> None:
    static = [foretold("drop-column"), foretold("type-change-rewrite", Place("2.sql", 2, 5))]
    assert judged(Measured(START), *static) == static


def test_work_beside_others_is_no_finding() -> None:
    assert judged(Measured(START, read=("s.a",), written=("s.a",), stops=2)) == []


def test_what_is_ignored_with_a_reason_is_no_news() -> None:
    assert judged(REWRITE, ignored="type-change-rewrite") == []
