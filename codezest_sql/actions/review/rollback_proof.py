"""New migrations up, down and up on the base's schema: whether the rollback restores it, and the diff in words."""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from codezest_sql.actions.migrations.temporary_run import run_step
from codezest_sql.actions.queries.schema_server import start_with_schema
from codezest_sql.actions.review.cache import next_key, recall, remember, root_key
from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan import Step
from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.objects import Ignored
from codezest_sql.errors import CodezestError
from codezest_sql.executor.deployer import Deployer
from codezest_sql.executor.observer import Silent
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.place import Place
from codezest_sql.postgres.catalog.reader import SchemaReader
from codezest_sql.postgres.connection import connect
from codezest_sql.postgres.server.extensions import choose_binaries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.schema.objects import Schema
    from codezest_sql.core.settings import Settings

PROVEN = "verified: down restores the catalog, and up creates the same again"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The changes of a migration as text, and the result of its rollback; a finding if it is not verified."""

    schema: str
    rollback: str
    finding: Finding | None = None


def prove_new(
    settings: Settings, base: MigrationFolder | None, new: Sequence[Migration], extensions: frozenset[str]
) -> dict[str, Verdict]:
    """Return a verdict for each new migration by its id; none for those after one that does not run, or not back."""
    found: dict[str, Verdict] = {}
    key = root_key(settings, base, choose_binaries(extensions).binaries)
    keys = [key := next_key(key, each) for each in new]
    for migration, each in zip(new, keys, strict=True):
        known = _recall(each)
        if known is None:
            break
        found[migration.id], usable = known
        if not usable:
            return found
    proven, open_ = new[: len(found)], new[len(found) :]
    if not open_:
        return found
    with ExitStack() as stack:
        _, database = start_with_schema(stack, settings, base, extensions)
        deployer = stack.enter_context(Deployer(database.url, settings, observer=Silent(), purpose="review"))
        connection = stack.enter_context(closing(connect(database.url, purpose="review")))
        run = partial(run_step, deployer, database=database)
        for migration in proven:
            run(Step(migration, Direction.UP))
        reader = SchemaReader(connection, ignore=Ignored(tables=LEDGER_TABLES), partitions=False)
        before = reader.read()
        for migration, each in zip(open_, keys[len(proven) :], strict=True):
            try:
                run(Step(migration, Direction.UP))
            except CodezestError:
                break  # which broken_queries has reported already
            after = reader.read()
            verdict, usable = _prove(run, reader, migration, before, after)
            found[migration.id] = verdict
            told = verdict.finding.write() if verdict.finding else None
            remember(each, [verdict.schema, verdict.rollback, told, usable])
            if not usable:
                break
            before = after
    return found


def _recall(key: str) -> tuple[Verdict, bool] | None:
    """Return the verdict of an earlier run on the same files, and whether the database could be gone on with."""
    said = recall(key)
    with suppress(ValueError, TypeError, KeyError):
        schema, rollback, finding, usable = said
        return Verdict(schema, rollback, Finding.read(finding) if finding else None), usable
    return None


def _prove(
    run: Callable[[Step], None], reader: SchemaReader, migration: Migration, before: Schema, after: Schema
) -> tuple[Verdict, bool]:
    """Return the verdict, and whether the database can be gone on with."""
    words = render_text(diff(before, after))
    if migration.irreversible:
        return Verdict(words, f"irreversible: {migration.irreversible}"), True
    if migration.down is None:
        return Verdict(words, "missing"), True  # which lint reports
    place = Place(migration.down.file, 1, 1)
    try:
        run(Step(migration, Direction.DOWN))
        back = diff(before, reader.read(), column_order=False)
        if back:
            message = f"rolling it back leaves a difference:\n{render_text(back)}"
            hint = "undo in the rollback file exactly what the migration does, in reverse order"
            return Verdict(words, "wrong", _finding("rollback-wrong", place, message, hint)), False
        run(Step(migration, Direction.UP))
    except CodezestError as error:
        found = _finding("rollback-fails", error.place or place, error.message, error.hint or "")
        return Verdict(words, "fails", found), False
    again = diff(after, reader.read(), column_order=False)
    if again:
        message = f"applying it again gives something else:\n{render_text(again)}"
        return Verdict(words, "wrong", _finding("rollback-wrong", place, message, "")), False
    return Verdict(words, PROVEN), True


def _finding(code: str, place: Place, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, severity, place, message, hint, Source.MEASURED)
