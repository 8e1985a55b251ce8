"""What the tracer sees of each kind of statement on a real server: all that is so, and nothing that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.lint.finding import Finding, Severity
from codezest_sql.core.lint.rule import FileFacts
from codezest_sql.core.lint.run import LintFile, lint_files
from codezest_sql.core.lint.settings import Severities
from codezest_sql.core.review.trace.judge import CLAIMS, TELL, Span, judge
from codezest_sql.core.sql.statements import split_statements
from tests.postgres.review.trace_cases import CONCURRENT, DANGEROUS, SAFE, SCHEMA, Case
from tests.postgres.review.traces import is_outside, script_of, traced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codezest_sql.core.review.trace.measured import Measured

pytestmark = pytest.mark.every_postgres


def facts(measured: Measured) -> Iterator[str]:
    """Give what was seen, in the words of the cases."""
    for each in measured.blocked:
        effect = "locks out" if "SELECT" in each.effects else "stops writes of"
        yield f"{effect} {each.relation}"
    yield from (f"rewrites {name}" for name in measured.rewritten)
    yield from (f"scans {name}" for name in measured.scanned)
    yield from (f"rebuilds {name}" for name in measured.rebuilt)
    yield from (f"reads {name}" for name in measured.read)
    if not measured.rewritten:
        yield from (f"changes rows of {name}" for name in measured.written)
    if measured.works_while_held:
        yield from (f"works while no session can use {name}" for name in measured.held)
    if measured.stops:
        yield "waits for transactions"


def seen(trace: list[Measured]) -> set[str]:
    assert not [note for each in trace for note in each.notes if "dummy row" in note]
    return {fact.replace("lib.", "") for each in trace for fact in facts(each)}


def static(text: str) -> list[Finding]:
    """Return what the rules predict."""
    base = LintFile(FileFacts("0.sql", SCHEMA), split_statements(SCHEMA), wanted=False)
    new = LintFile(FileFacts("1.sql", text, transactional=not is_outside(text)), split_statements(text))
    return list(lint_files([base, new], Severities()))


def judged(text: str, trace: Sequence[Measured], foretold: Sequence[Finding]) -> list[Finding]:
    """Return what counts of it, and what the measurement adds: whatever tells of rewrites, of scans, or of work."""
    script = script_of(text)
    ends = [Span(script.place(each.start), script.place(each.end)) for each in script.statements]
    spans = list(zip(ends, trace, strict=True))
    found = judge(foretold, spans, server="PostgreSQL", ignored=lambda *_: False)
    return [each for each in found if each.code in TELL and each.severity is not Severity.NOTE]


def check(url: str, case: Case, version: int, *, dangerous: bool) -> None:
    if case.since > version:
        pytest.skip(f"PostgreSQL {version} has no such statement")
    trace = traced(url, case.sql)
    assert seen(trace) == {fact.strip() for fact in case.facts.split(",") if fact.strip()}
    alone = judged(case.sql, trace, [])
    assert bool(alone) is dangerous, alone
    beside = judged(case.sql, trace, static(case.sql))
    if dangerous:
        assert beside
    else:
        assert [each for each in beside if each.code in CLAIMS] == []


ALL = [(case, True) for case in DANGEROUS] + [(case, False) for case in (*SAFE, *CONCURRENT)]


@pytest.mark.parametrize(
    ("case", "dangerous"), [pytest.param(*each, id=each[0].name) for each in ALL if not is_outside(each[0].sql)]
)
def test_all_that_a_statement_does_to_others_is_seen_and_nothing_else(
    library: str, case: Case, postgres_version: int, *, dangerous: bool
) -> None:
    check(library, case, postgres_version, dangerous=dangerous)


@pytest.mark.parametrize(
    ("case", "dangerous"), [pytest.param(*each, id=each[0].name) for each in ALL if is_outside(each[0].sql)]
)
def test_so_it_is_where_each_statement_runs_on_its_own(
    own_library: str, case: Case, postgres_version: int, *, dangerous: bool
) -> None:
    check(own_library, case, postgres_version, dangerous=dangerous)


def test_there_are_cases_of_every_kind() -> None:
    assert len(DANGEROUS) >= 36
    assert len(ALL) >= 120
    assert len({case.name for case, _ in ALL}) == len(ALL)
