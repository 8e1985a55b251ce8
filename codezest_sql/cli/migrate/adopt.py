"""``codezest-sql migrate baseline``: adopt a database that something else has migrated so far."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli.migrate.commands import app
from codezest_sql.cli.migrate.target_options import TargetOptions, with_target_options
from codezest_sql.cli.options import JsonOption
from codezest_sql.cli.output import echo, print_json


@app.command(epilog="Example: codezest-sql migrate baseline 0004 --dry-run")
@with_target_options("migrations", "database_url", "schema", "wait")
def baseline(
    *,
    migration: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The last migration that is applied already (its id, or a beginning)."),
    ] = None,
    tool: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TOOL",
            help="Read what was applied from the ledger of yoyo, dbmate, flyway, golang-migrate, sqlx, alembic, "
            "goose, diesel, prisma or sql-migrate.",
        ),
    ] = None,
    ledger_table: Annotated[
        str | None,
        typer.Option(
            "--ledger-table", metavar="[SCHEMA.]NAME", help="That tool's table, where it is not the usual one."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be marked, and mark nothing.")] = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """Adopt an existing database: mark migrations as applied without running them.

    Either all up to ID, or exactly those that are applied according to another tool's ledger in the same database,
    which is only read. Nothing is dropped or run, so it does not ask, and a second run finds nothing to mark.
    """
    from codezest_sql.actions.migrations.baseline import baseline as adopt
    from codezest_sql.cli.console import Progress
    from codezest_sql.core.adoption.report import baseline_json, baseline_text

    target = options.target()
    progress = Progress(to_stderr=json)
    try:
        report = adopt(
            target,
            migration_id=migration,
            tool_name=tool,
            ledger_table=ledger_table,
            dry_run=dry_run,
            observer=progress,
        )
    finally:
        progress.end()
    if json:
        print_json(baseline_json(report))
    else:
        echo(baseline_text(report))
