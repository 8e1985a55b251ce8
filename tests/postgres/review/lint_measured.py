"""Holds what lint predicts of a statement against what the review's tracer measures of it."""

from __future__ import annotations

import pickle
from contextlib import ExitStack, closing
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from codezest_sql.core.ddl.read import read_statement
from codezest_sql.core.ddl.schema_so_far import State
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.locks import Lock, locks
from codezest_sql.core.lint.rule import FileFacts, Look
from codezest_sql.core.lint.run import LintFile, lint_files
from codezest_sql.core.lint.settings import Severities
from codezest_sql.core.review.trace.judge import CLAIMS, TELL
from codezest_sql.core.review.trace.measured import LockMode
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.place import Place
from codezest_sql.postgres.trace.row_seeder import seed_rows
from codezest_sql.postgres.trace.tracer import SESSION, Tracer
from tests.postgres.review.lint_statements import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codezest_sql.core.review.trace.measured import Measured

_IN_USE = ("2BP01", "0A000")  # of what cannot be dropped, or get another type, since something uses it


class Difference(NamedTuple):
    """What lint and the server disagree about: ``kind`` is missed, false, lock, or view."""

    kind: str
    text: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}\n    {self.detail}"


class Foretold(NamedTuple):
    """What lint says of the last statement: codes of findings that are no notes, and the locks by table."""

    codes: frozenset[str]
    locks: dict[str, Lock]


def foretold(text: str) -> Foretold:
    """Return what the rules say of the last statement of a migration on the schema."""
    base = base_state()
    found = split_statements(text)
    file = LintFile(FileFacts("1.sql", text), found)
    source = SourceText.of("1.sql", text)
    start = source.place(found[-1].start)
    codes = frozenset(
        each.code
        for each in lint_files([file], Severities(), start=base_state())
        if each.severity is not Severity.NOTE and (each.place.line, each.place.column) >= (start.line, start.column)
    )
    for statement in found[:-1]:
        base.apply(read_statement(text, statement, base.schema).effect, "1.sql")
    look = Look(read_statement(text, found[-1], base.schema), file.facts, base)
    by_table: dict[str, Lock] = {}
    for table, lock in locks(look):
        by_table[table] = max(lock, by_table.get(table, lock))
    return Foretold(codes, by_table)


def base_state() -> State:
    """Return what the schema has made."""
    state: State = pickle.loads(_pickled())
    return state


@cache
def _pickled() -> bytes:
    state = State()
    for statement in split_statements(SCHEMA):
        state.apply(read_statement(SCHEMA, statement).effect, "0.sql")
    state.end_of_file()
    return pickle.dumps(state)


class Bench:
    """A database with the schema, a row in each table, and a tracer."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        def connect() -> psycopg.Connection[Any]:
            return stack.enter_context(closing(psycopg.connect(url, autocommit=True, options=SESSION)))

        self._migrating = connect()
        self._tracer = Tracer(self._migrating, connect(), connect)
        seed_rows(self._migrating)

    def measure(self, text: str) -> Measured | psycopg.Error:
        """Return what the last statement did, or the error of one; roll all of it back."""
        self._migrating.execute("BEGIN")
        try:
            self._tracer.begin()
            for statement in split_statements(text):
                found = self._tracer.measure(Place("1.sql", 1, 1), statement.text(text))
        except psycopg.Error as error:
            return error
        finally:
            self._migrating.execute("ROLLBACK")
            self._migrating.execute("RESET ALL")
        return found


def compare(text: str, told: Foretold, measured: Measured | psycopg.Error) -> Iterator[Difference]:
    """Give what differs; nothing for a statement that the server refuses for reasons that no rule is about."""
    blocked = "blocked-by-view" in told.codes
    if isinstance(measured, psycopg.Error):
        if blocked != (measured.sqlstate in _IN_USE and _is_blocked(measured)):
            yield Difference("view", text, f"lint: {blocked}, the server: {measured.diag.message_primary}")
        return
    if blocked:
        yield Difference("view", text, "lint: blocked, the server: not")
    dangerous = bool(measured.rewritten or measured.scanned or measured.rebuilt)
    seen = "; ".join(measured.words())
    if dangerous and not told.codes & TELL:
        yield Difference("missed", text, f"lint: {sorted(told.codes)}, the server: {seen}")
    if not dangerous and told.codes & CLAIMS:
        yield Difference("false", text, f"lint: {sorted(told.codes & CLAIMS)}, the server: {seen}")
    real, said = _measured_locks(measured), _strong(told.locks)
    # What earlier statements of the file hold is no news to the tracer.
    alone = len(split_statements(text)) == 1
    if real != said if alone else any(said.get(name) != mode for name, mode in real.items()):
        yield Difference("lock", text, f"lint: {_words(told.locks)}, the server: {_words(real)}")


def _is_blocked(error: psycopg.Error) -> bool:
    said = error.diag.message_primary or ""
    return "cannot alter type of a column used" in said or ("cannot drop column" in said and "because other" in said)


def _measured_locks(measured: Measured) -> dict[str, int]:
    return {
        each.relation.replace('"', ""): each.mode
        for each in measured.locks
        if each.mode >= LockMode.SHARE and each.relation.replace('"', "") in base_state().tables
    }


def _strong(foretold_locks: dict[str, Lock]) -> dict[str, int]:
    return {table: lock for table, lock in foretold_locks.items() if lock >= Lock.SHARE}


def _words(by_table: dict[str, Any]) -> str:
    return ", ".join(f"{LockMode(mode).words} on {table}" for table, mode in sorted(by_table.items())) or "none"


def differences(url: str, texts: Iterable[str]) -> Iterator[Difference]:
    """Give all that differs, on a database with the schema."""
    with ExitStack() as stack:
        bench = Bench(url, stack)
        for text in texts:
            yield from compare(text, foretold(text), bench.measure(text))
