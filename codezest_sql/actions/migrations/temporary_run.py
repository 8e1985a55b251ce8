"""Runs migrations on a temporary database, and reports what its server lacks when one is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.superuser_needed import Refused, hint_of
from codezest_sql.errors import MigrationFailedError, SuperuserNeededError
from codezest_sql.place import excerpt

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.core.migrations.plan import Step
    from codezest_sql.executor.deployer import Deployer
    from codezest_sql.place import Place
    from codezest_sql.postgres.server.temporary_database import TemporaryDatabase


def run_step(deployer: Deployer, step: Step, database: TemporaryDatabase) -> None:
    """Run a migration; again where its server could be given what it lacked.

    Raises what ``Deployer.run`` raises, ``SuperuserNeededError`` where a confined server refused a right.
    """
    while True:
        try:
            deployer.run(replace(step, migration=database.fit(step.migration)))
        except MigrationFailedError as error:
            refused = Refused(error.sqlstate, error.reason, statement_at(step.script, error.place))
            if error.place is not None:
                error.source = excerpt(step.script.text, error.place)  # as the file has it
            if not database.mend(refused):
                raise _explained(error, refused, database) from None
        else:
            return


def _explained(error: MigrationFailedError, refused: Refused, database: TemporaryDatabase) -> MigrationFailedError:
    hint = hint_of(refused, own=database.is_own, confined=database.confined)
    if hint is None:
        return error
    kind = SuperuserNeededError if database.confined and refused.needs_superuser else MigrationFailedError
    return kind(error.message, place=error.place, source=error.source, hint=hint)


def statement_at(script: Script, place: Place | None) -> str:
    """Return the text of the statement that a place is in; "" where it is in none."""
    if place is None:
        return ""
    for statement in reversed(script.statements):
        start = script.place(statement.start)
        if (start.line, start.column) <= (place.line, place.column):
            return script.statement_text(statement)
    return ""
