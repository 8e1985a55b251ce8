"""New migrations up, down and up on the base's schema: whether the rollback restores it, and the diff in words."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.actions.schema_server import start_with_schema
from codezest_sql.core.catalog import Ignored
from codezest_sql.core.diff import diff
from codezest_sql.core.diff_text import render_text
from codezest_sql.core.history import Direction
from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.plan import Step
from codezest_sql.core.source import Place
from codezest_sql.errors import CodezestError
from codezest_sql.executor.deployer import Deployer
from codezest_sql.executor.observer import Silent
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.postgres.catalog import read_schema
from codezest_sql.postgres.connection import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.catalog import Schema
    from codezest_sql.core.migration_file import Migration
    from codezest_sql.core.migration_folder import MigrationFolder
    from codezest_sql.core.settings import Settings
    from codezest_sql.postgres.connection import Connection

PROVEN = "proven: down restores the catalogue, and up gives the same again"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a migration changes, in words, and what came of its rollback; a finding where that is not proven."""

    schema: str
    rollback: str
    finding: Finding | None = None


def prove_new(
    settings: Settings, base: MigrationFolder | None, new: Sequence[Migration], extensions: frozenset[str]
) -> dict[str, Verdict]:
    """Return a verdict for each new migration by its id; none for those after one that does not run, or not back."""
    with ExitStack() as stack:
        url = start_with_schema(stack, settings, base, extensions).url()
        deployer = stack.enter_context(Deployer(url, settings, observer=Silent(), purpose="review"))
        connection = stack.enter_context(closing(connect(url, purpose="review")))
        found: dict[str, Verdict] = {}
        before = _snapshot(connection)
        for migration in new:
            try:
                deployer.run(Step(migration, Direction.UP))
            except CodezestError:
                break  # which the flight has told already
            after = _snapshot(connection)
            found[migration.id], usable = _prove(deployer, connection, migration, before, after)
            if not usable:
                break
            before = after
        return found


def _prove(
    deployer: Deployer, connection: Connection, migration: Migration, before: Schema, after: Schema
) -> tuple[Verdict, bool]:
    """Return the verdict, and whether the database can be gone on with."""
    words = render_text(diff(before, after))
    if migration.down is None:
        return Verdict(words, "missing"), True  # which lint tells
    place = Place(migration.down.file, 1, 1)
    try:
        deployer.run(Step(migration, Direction.DOWN))
        back = diff(before, _snapshot(connection), column_order=False)
        if back:
            message = f"rolling it back leaves a difference:\n{render_text(back)}"
            hint = "undo in the rollback file exactly what the migration does, in reverse order"
            return Verdict(words, "wrong", _finding("rollback-wrong", place, message, hint)), False
        deployer.run(Step(migration, Direction.UP))
    except CodezestError as error:
        found = _finding("rollback-fails", error.place or place, error.message, error.hint or "")
        return Verdict(words, "fails", found), False
    again = diff(after, _snapshot(connection), column_order=False)
    if again:
        message = f"applying it again gives something else:\n{render_text(again)}"
        return Verdict(words, "wrong", _finding("rollback-wrong", place, message, "")), False
    return Verdict(words, PROVEN), True


def _finding(code: str, place: Place, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, severity, place, message, hint, Source.MEASURED)


def _snapshot(connection: Connection) -> Schema:
    return read_schema(connection, ignore=Ignored(tables=LEDGER_TABLES), partitions=False)
