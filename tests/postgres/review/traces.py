"""Runs SQL as a migration of the library, traced."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import psycopg

from codezest_sql.actions.review.seeded_run import Trial
from codezest_sql.core.migrations.files.script import read_text
from codezest_sql.postgres.trace.row_seeder import remove_rows, seed_rows
from codezest_sql.postgres.trace.tracer import SESSION, Tracer

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.core.review.trace.measured import Measured
    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.place import Place


def is_outside(text: str) -> bool:
    """Return whether the statements run each on its own, because one of them cannot run in a transaction."""
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
        trial = Trial(migrating, Tracer(migrating, connect(), connect), Unwatched())
        if script.transactional:
            seeded = seed_rows(migrating)
            failure = trial.rehearse(script, script.statements, seeded)
            remove_rows(migrating, seeded)
            if failure:
                raise failure.error
        else:
            trial.migrate(script)
        return [*trial.measurements.values()]


class Unwatched:
    """Looks at nothing while a migration runs."""

    def transaction_begins(self) -> None:
        """Look at nothing."""

    def measured(self, place: Place) -> None:
        """Look at nothing."""

    def applied(self, place: Place, statement: Statement) -> None:
        """Look at nothing."""
