"""Verify every rollback file: up, down, up on a temporary database, comparing the catalog after each step."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from codezest_sql.actions.migrations.sources import MigrationSources
from codezest_sql.actions.migrations.temporary_run import run_step
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.schema_findings import schema_findings, wanted_rules
from codezest_sql.core.lint.settings import Severities
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan import Step, resolve, unusable_rollback
from codezest_sql.core.migrations.run_report import RunReport, StepReport
from codezest_sql.core.migrations.superuser_needed import note_of_roles
from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.objects import Ignored
from codezest_sql.errors import (
    CatalogDifferenceError,
    CodezestError,
    IntegrityErrors,
    MigrationFailedError,
    ProjectErrors,
    SchemaRuleError,
    UsageError,
)
from codezest_sql.executor.deployer import Deployer
from codezest_sql.executor.observer import Silent
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.place import Place
from codezest_sql.postgres.catalog.reader import SchemaReader
from codezest_sql.postgres.catalog.rule_facts import read_catalog
from codezest_sql.postgres.connection import connect
from codezest_sql.postgres.server.extensions import choose_binaries
from codezest_sql.postgres.server.shadow_database import database_beside, own_database
from codezest_sql.postgres.url import describe_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from codezest_sql.actions.project.target import Target
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.schema.objects import Schema
    from codezest_sql.executor.observer import Observer
    from codezest_sql.postgres.connection import Connection
    from codezest_sql.postgres.server.temporary_database import TemporaryDatabase


@dataclass(frozen=True, slots=True)
class ProofRange:
    """Which migrations are proved: those of the folder from ``first`` to ``last``, by id; None is its end."""

    first: str | None = None
    last: str | None = None


def prove_rollbacks(
    target: Target, *, observer: Observer, only: ProofRange | None = None, keep_going: bool = False
) -> RunReport:
    """Run every migration up, down and up again, then all of them down and up, and return what was run.

    Those before the range ``only`` are applied first. Nothing is rolled back past an irreversible one.
    With ``keep_going`` a wrong rollback does not end the run: the database is made again for those that follow.

    Only an explicit ``--database-url`` is used as the server; DATABASE_URL of the environment may be
    production. Raises ``ProjectErrors`` where a rollback file is missing, ``CatalogDifferenceError`` where one
    does not restore the catalog or what it makes breaks a rule of the schema, and what ``Deployer.run`` raises;
    ``IntegrityErrors`` of several with ``keep_going``; ``UsageError`` for an unknown id.
    """
    sources = MigrationSources(target.settings)
    folder = sources.folder
    before, proved = _chosen(folder, only or ProofRange())
    missing = [
        error
        for each in proved
        if each.down is None and (each.irreversible is None or each.down_errors)
        for error in unusable_rollback(each)
    ]
    if missing or folder.down_errors:
        raise ProjectErrors([*missing, *folder.down_errors])
    given = target.choice.url if target.choice.source == "--database-url" else None
    with _Workbench(target, given, observer, sources.extensions) as bench:
        bench.renew(before)
        proof = _Proof(bench)
        wrong = proof.each(before, proved, keep_going=keep_going)
        if wrong:
            raise wrong[0] if len(wrong) == 1 else IntegrityErrors(wrong)
        proof.all(proved)
        notes = _schema_notes(bench.connection, folder, target) if proved[-1] == folder.migrations[-1] else ()
        where = f"a temporary database of {describe_url(given)}" if given else "a temporary server"
        reasons = [
            f"{each.up.file}: not rolled back: irreversible: {each.irreversible}"
            for each in proved
            if each.irreversible
        ]
        return RunReport(
            where, tuple(proof.steps), (*folder.notes, *reasons, *notes, *note_of_roles(bench.database.made_roles()))
        )


def _chosen(folder: MigrationFolder, only: ProofRange) -> tuple[list[Migration], list[Migration]]:
    """Return the migrations before the range, and those of the range."""
    migrations = list(folder.migrations)
    first = migrations.index(resolve(folder, only.first)) if only.first else 0
    last = migrations.index(resolve(folder, only.last)) if only.last else len(migrations) - 1
    if last < first:
        raise UsageError(
            f"{migrations[last].id} comes before {migrations[first].id}", hint="give --from the earlier of the two"
        )
    return migrations[:first], migrations[first : last + 1]


def _schema_notes(connection: Connection, folder: MigrationFolder, target: Target) -> tuple[str, ...]:
    """Return what breaks a rule of the schema a little, in words; raises ``ProjectErrors`` for what is an error."""
    severities = Severities(target.settings.lint)
    if not wanted_rules(severities):
        return ()
    catalog = read_catalog(connection, ignore=target.settings.ignore_schemas, ignore_tables=LEDGER_TABLES)
    findings = schema_findings(catalog, folder, severities)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        raise ProjectErrors(
            SchemaRuleError(
                f"{each.message} ({each.code})", place=each.place, hint=each.hint, source=each.shown or None
            )
            for each in errors
        )
    return tuple(f"{each.place}: {each.message} ({each.code})" for each in findings)


class _Workbench:
    """A database to prove on, that can be replaced by a new one."""

    def __init__(self, target: Target, given: str | None, observer: Observer, extensions: frozenset[str]) -> None:
        self._target = target
        self._extensions = extensions
        self._given = given
        self._observer = observer
        self._stack = ExitStack()
        self.database: TemporaryDatabase
        self.deployer: Deployer
        self.connection: Connection
        self.reader: SchemaReader

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _new_database(self) -> AbstractContextManager[TemporaryDatabase]:
        if self._given is not None:
            return database_beside(self._given, option="--database-url")
        settings = self._target.settings
        choice = choose_binaries(self._extensions)
        return own_database(choice, confined=not settings.trust_migrations)

    def renew(self, applied: Sequence[Migration]) -> None:
        """Make a new database in the place of the one there is, with these migrations applied."""
        self._stack.close()
        self.database = self._stack.enter_context(self._new_database())
        url = self.database.url
        if applied:
            with Deployer(url, self._target.settings, observer=Silent(), purpose="test") as deployer:
                for migration in applied:
                    run_step(deployer, Step(migration, Direction.UP), self.database)
        self.deployer = self._stack.enter_context(
            Deployer(url, self._target.settings, observer=self._observer, purpose="test")
        )
        self.connection = self._stack.enter_context(closing(connect(url, purpose="test")))
        self.reader = SchemaReader(self.connection, ignore=Ignored(tables=LEDGER_TABLES), partitions=False)


class _Proof:
    """Runs steps and compares snapshots of the catalog."""

    def __init__(self, bench: _Workbench) -> None:
        self._bench = bench
        self._first = self._full = self._snapshot()
        self.steps: list[StepReport] = []

    def each(
        self, before: Sequence[Migration], proved: Sequence[Migration], *, keep_going: bool
    ) -> list[CodezestError]:
        """Verify each migration alone, right after the ones before it, and return the errors.

        Without ``keep_going`` the first mistake is raised.
        """
        wrong: list[CodezestError] = []
        for number, migration in enumerate(proved, start=1):
            try:
                self._each(migration)
            except (CatalogDifferenceError, MigrationFailedError) as error:
                if not keep_going:
                    raise
                wrong.append(error)
                try:
                    self._bench.renew([*before, *proved[:number]])
                except MigrationFailedError:
                    # It does not even go up: nothing after it can be tried.
                    rest = ", ".join(each.id for each in proved[number:])
                    if rest:
                        wrong.append(CatalogDifferenceError(f"not proved, since {migration.id} fails: {rest}"))
                    break
                self._full = self._snapshot()
        return wrong

    def _each(self, migration: Migration) -> None:
        before = self._full
        self._run(migration, Direction.UP)
        after = self._snapshot()
        if migration.irreversible is None:
            self._run(migration, Direction.DOWN)
            self._compare(before, self._snapshot(), migration, "rolling it back leaves a difference")
            self._run(migration, Direction.UP)
            self._compare(after, self._snapshot(), migration, "applying it again gives something else")
        self._full = after
        if migration.irreversible is not None:
            self._first = after

    def all(self, proved: Sequence[Migration]) -> None:
        """Prove all of them together: down to the first, or to the last irreversible one, and up again."""
        last_stop = max((n for n, each in enumerate(proved, start=1) if each.irreversible is not None), default=0)
        together = proved[last_stop:]
        if not together:
            return
        for migration in reversed(together):
            self._run(migration, Direction.DOWN)
        first, last = together[0], together[-1]
        self._compare(self._first, self._snapshot(), first, "rolling back everything leaves a difference")
        for migration in together:
            self._run(migration, Direction.UP)
        self._compare(self._full, self._snapshot(), last, "applying everything again gives something else")

    def _run(self, migration: Migration, direction: Direction) -> None:
        began = time.perf_counter()
        run_step(self._bench.deployer, Step(migration, direction), self._bench.database)
        self.steps.append(StepReport(migration.id, direction, time.perf_counter() - began))

    def _snapshot(self) -> Schema:
        return self._bench.reader.read()

    def _compare(self, expected: Schema, found: Schema, migration: Migration, what: str) -> None:
        # PostgreSQL cannot put a column back where it was: one that comes back at the end is restored.
        difference = diff(expected, found, column_order=False)
        if difference:
            script = migration.down or migration.up
            raise CatalogDifferenceError(
                f"{what}:\n{render_text(difference)}",
                place=Place(script.file),
                hint="undo in the rollback file exactly what the migration does, in reverse order",
            )
