"""Prove every rollback file: up, down, up on a throw-away database, the catalogue compared after each step."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from codezest_sql.actions.migration_folder import read_folder
from codezest_sql.actions.schema_texts import read_schema_texts
from codezest_sql.actions.temporary_run import run_step
from codezest_sql.core.catalog import Ignored
from codezest_sql.core.diff import diff
from codezest_sql.core.diff_text import render_text
from codezest_sql.core.history import Direction
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.settings import Severities
from codezest_sql.core.plan import Step, rollback_missing
from codezest_sql.core.run_report import RunReport, StepReport
from codezest_sql.core.schema_findings import schema_findings, wanted_rules
from codezest_sql.core.source import Place
from codezest_sql.core.temporary_refusal import note_of_roles
from codezest_sql.errors import CatalogueDifferenceError, ProjectErrors, SchemaRuleError
from codezest_sql.executor.deployer import Deployer
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.postgres.catalog import SchemaReader
from codezest_sql.postgres.connection import connect
from codezest_sql.postgres.extensions import choose_binaries
from codezest_sql.postgres.schema_catalogue import read_catalogue
from codezest_sql.postgres.shadow import database_beside, own_database
from codezest_sql.postgres.url import describe_url

if TYPE_CHECKING:
    from codezest_sql.actions.target import Target
    from codezest_sql.core.catalog import Schema
    from codezest_sql.core.migration_file import Migration
    from codezest_sql.core.migration_folder import MigrationFolder
    from codezest_sql.executor.observer import Observer
    from codezest_sql.postgres.connection import Connection
    from codezest_sql.postgres.temporary import TemporaryDatabase


def prove_rollbacks(target: Target, *, observer: Observer) -> RunReport:
    """Run every migration up, down and up again, then all of them down and up, and return what was run.

    Only an explicit ``--database-url`` is used as the server; DATABASE_URL of the environment may be
    production. Raises ``ProjectErrors`` where a rollback file is missing, ``CatalogueDifferenceError`` where one
    does not restore the catalogue or what it makes breaks a rule of the schema, and what ``Deployer.run`` raises.
    """
    folder = read_folder(target.settings)
    missing = [rollback_missing(migration) for migration in folder.migrations if migration.down is None]
    if missing:
        raise ProjectErrors(missing)
    given = target.choice.url if target.choice.source == "--database-url" else None
    choice = choose_binaries(read_schema_texts(target.settings).extensions) if given is None else None
    with (
        own_database(choice, confined=not target.settings.trust_migrations)
        if choice is not None
        else database_beside(given or "", option="--database-url") as database,
        Deployer(database.url, target.settings, observer=observer, purpose="test") as deployer,
    ):
        connection = connect(database.url, purpose="test")
        try:
            proof = _Proof(deployer, connection, database)
            proof.each(folder)
            proof.all(folder)
            notes = _schema_notes(connection, folder, target)
        finally:
            connection.close()
        where = f"a throw-away database of {describe_url(given)}" if given else "a throw-away server"
        made = note_of_roles(database.made_roles())
        return RunReport(where, tuple(proof.steps), (*folder.notes, *notes, *made))


def _schema_notes(connection: Connection, folder: MigrationFolder, target: Target) -> tuple[str, ...]:
    """Return what breaks a rule of the schema a little, in words; raises ``ProjectErrors`` for what is an error."""
    severities = Severities(target.settings.lint)
    if not wanted_rules(severities):
        return ()
    catalogue = read_catalogue(connection, ignore=target.settings.ignore_schemas, ignore_tables=LEDGER_TABLES)
    findings = schema_findings(catalogue, folder, severities)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        raise ProjectErrors(
            SchemaRuleError(
                f"{each.message} ({each.code})", place=each.place, hint=each.hint, source=each.shown or None
            )
            for each in errors
        )
    return tuple(f"{each.place}: {each.message} ({each.code})" for each in findings)


class _Proof:
    """Runs steps and compares snapshots of the catalogue."""

    def __init__(self, deployer: Deployer, connection: Connection, database: TemporaryDatabase) -> None:
        self._deployer, self._database = deployer, database
        self._reader = SchemaReader(connection, ignore=Ignored(tables=LEDGER_TABLES), partitions=False)
        self._empty = self._snapshot()
        self.steps: list[StepReport] = []

    def each(self, folder: MigrationFolder) -> None:
        """Prove each migration by itself, right after those before it."""
        before = self._empty
        for migration in folder.migrations:
            self._run(migration, Direction.UP)
            after = self._snapshot()
            self._run(migration, Direction.DOWN)
            self._compare(before, self._snapshot(), migration, "rolling it back leaves a difference")
            self._run(migration, Direction.UP)
            self._compare(after, self._snapshot(), migration, "applying it again gives something else")
            before = after
        self._full = before

    def all(self, folder: MigrationFolder) -> None:
        """Prove all of them together: down to nothing, and up again."""
        for migration in reversed(folder.migrations):
            self._run(migration, Direction.DOWN)
        first, last = folder.migrations[0], folder.migrations[-1]
        self._compare(self._empty, self._snapshot(), first, "rolling back everything leaves a difference")
        for migration in folder.migrations:
            self._run(migration, Direction.UP)
        self._compare(self._full, self._snapshot(), last, "applying everything again gives something else")

    def _run(self, migration: Migration, direction: Direction) -> None:
        began = time.perf_counter()
        run_step(self._deployer, Step(migration, direction), self._database)
        self.steps.append(StepReport(migration.id, direction, time.perf_counter() - began))

    def _snapshot(self) -> Schema:
        return self._reader.read()

    def _compare(self, expected: Schema, found: Schema, migration: Migration, what: str) -> None:
        # PostgreSQL cannot put a column back where it was: one that comes back at the end is restored.
        difference = diff(expected, found, column_order=False)
        if difference:
            script = migration.down or migration.up
            raise CatalogueDifferenceError(
                f"{what}:\n{render_text(difference)}",
                place=Place(script.file),
                hint="undo in the rollback file exactly what the migration does, in reverse order",
            )
