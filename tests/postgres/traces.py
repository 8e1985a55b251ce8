"""Runs SQL as a migration of the library, traced."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import psycopg

from codezest_sql.actions.trial import Trial
from codezest_sql.core.concurrently import read_concurrent
from codezest_sql.core.migration_file import read_text
from codezest_sql.core.statement_kind import needs_no_transaction
from codezest_sql.postgres.tracer import SESSION, Tracer

if TYPE_CHECKING:
    from codezest_sql.core.migration_file import Script
    from codezest_sql.core.trace.measured import Measured


def is_outside(text: str) -> bool:
    """Tell whether the statements run each on its own, because one of them cannot run in a transaction."""
    return text.startswith("VACUUM") or "CONCURRENTLY" in text


def script_of(text: str) -> Script:
    """Return the text as a migration's way up."""
    return read_text(text, file="1.sql", transactional=not is_outside(text)).script


def traced(url: str, text: str) -> list[Measured]:
    """Run a text as a migration, and measure its statements; where it is one transaction, it is taken back."""
    script = script_of(text)
    with ExitStack() as stack:

        def connect() -> psycopg.Connection[Any]:
            return stack.enter_context(closing(psycopg.connect(url, autocommit=True, options=SESSION)))

        migrating = connect()
        trial = Trial(migrating, Tracer(migrating, connect(), connect))
        found: list[Measured] = []
        trial.begin()
        if script.transactional:
            migrating.execute("BEGIN")
        for statement in script.statements:
            place, sql = script.place(statement.start), script.statement_text(statement)
            if needs_no_transaction(script.text, statement):
                concurrently = read_concurrent(script.text, statement) is not None
                found.append(trial.run_alone(place, sql, concurrently=concurrently))
                continue
            if not script.transactional:
                trial.begin()
                migrating.execute("BEGIN")
            found.append(trial.run(place, sql))
            if not script.transactional:
                migrating.execute("COMMIT")
        return found
