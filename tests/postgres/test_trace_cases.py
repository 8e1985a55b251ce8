"""What the tracer sees of each kind of statement on a real server: all that is so, and nothing that is not."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.actions.trial import Trial
from codezest_sql.core.concurrently import read_concurrent
from codezest_sql.core.migration_file import read_text
from codezest_sql.core.statement_kind import needs_no_transaction
from codezest_sql.core.trace.judge import Span, judge
from codezest_sql.postgres.tracer import SESSION, Tracer
from tests.conftest import create_database, drop_database
from tests.postgres.trace_cases import CONCURRENT, DANGEROUS, SAFE, SCHEMA, Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.finding import Finding
    from codezest_sql.core.trace.measured import Measured
    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres


LIBRARY, CASE = f"library_{os.getpid()}", f"library_case_{os.getpid()}"


@pytest.fixture(scope="module")
def library(server: Server) -> Iterator[None]:
    """Make a database with the library's schema, to which nobody connects."""
    create_database(server, LIBRARY)
    with psycopg.connect(server.url(LIBRARY), autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    yield
    drop_database(server, LIBRARY)


@pytest.fixture
def url(server: Server, library: None) -> Iterator[str]:
    """Make a library of this test's own."""
    del library
    create_database(server, CASE, LIBRARY)
    yield server.url(CASE)
    drop_database(server, CASE)


def traced(url: str, text: str) -> list[Measured]:
    """Run a text as a migration, in one transaction or with each statement on its own, and measure its statements."""
    outside = text.startswith("VACUUM") or "CONCURRENTLY" in text
    script = read_text(text, file="1.sql", transactional=not outside).script
    with ExitStack() as stack:

        def connect() -> psycopg.Connection[Any]:
            return stack.enter_context(closing(psycopg.connect(url, autocommit=True, options=SESSION)))

        migrating = connect()
        trial = Trial(migrating, Tracer(migrating, connect(), connect))
        found: list[Measured] = []
        for number, statement in enumerate(script.statements):
            place, sql = script.place(statement.start), script.statement_text(statement)
            if needs_no_transaction(script.text, statement):
                concurrently = read_concurrent(script.text, statement) is not None
                found.append(trial.run_alone(place, sql, concurrently=concurrently))
                continue
            if number == 0 or outside:
                trial.begin()
                migrating.execute("BEGIN")
            found.append(trial.run(place, sql))
            if outside:
                migrating.execute("COMMIT")
        return found


def facts(measured: Measured) -> Iterator[str]:
    """Give what was seen, in the words of the cases."""
    for each in measured.blocked:
        deed = "locks out" if "SELECT" in each.deeds else "stops writes of"
        yield f"{deed} {each.relation}"
    yield from (f"rewrites {name}" for name in measured.rewritten)
    yield from (f"scans {name}" for name in measured.scanned)
    yield from (f"rebuilds {name}" for name in measured.rebuilt)
    yield from (f"reads {name}" for name in measured.read)
    if not measured.rewritten:
        yield from (f"changes rows of {name}" for name in measured.written)
    if measured.works_while_held:
        yield from (f"works while nobody can use {name}" for name in measured.held)
    if measured.stops:
        yield "waits for transactions"


def seen(trace: list[Measured]) -> set[str]:
    assert not [note for each in trace for note in each.notes if "made-up row" in note]
    return {fact.replace("lib.", "") for each in trace for fact in facts(each)}


def cases() -> list[object]:
    return [
        pytest.param(case, dangerous, id=case.name)
        for known, dangerous in ((DANGEROUS, True), (SAFE + CONCURRENT, False))
        for case in known
    ]


def judged(trace: list[Measured]) -> list[Finding]:
    """Return what is said of the statements where no rule foretold anything."""
    spans = [(Span(each.place, each.place), each) for each in trace]
    return list(judge([], spans, server="PostgreSQL", ignored=lambda *_: False))


@pytest.mark.parametrize(("case", "dangerous"), cases())
def test_all_that_a_statement_does_to_others_is_seen_and_nothing_else(
    url: str, case: Case, postgres_version: int, *, dangerous: bool
) -> None:
    if case.since > postgres_version:
        pytest.skip(f"PostgreSQL {postgres_version} has no such statement")
    trace = traced(url, case.sql)
    assert seen(trace) == {fact.strip() for fact in case.facts.split(",") if fact.strip()}
    assert bool(judged(trace)) is dangerous, judged(trace)
