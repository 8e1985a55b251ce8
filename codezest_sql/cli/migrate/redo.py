"""``codezest-sql migrate redo``: the last migration once more, as its file is now."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli.migrate.commands import DryRunOption, app, ask_before_rollback
from codezest_sql.cli.migrate.target_options import TargetOptions, with_target_options
from codezest_sql.cli.options import JsonOption, YesOption


@app.command(epilog="Example: codezest-sql migrate redo --yes")
@with_target_options("migrations", "database_url", "schema", "wait")
def redo(
    *,
    steps: Annotated[
        int, typer.Option("--steps", min=1, metavar="N", help="How many migrations to undo and apply again.")
    ] = 1,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """Undo the last migration, or several, and apply the files as they are now, edited ones too. It asks first."""
    from codezest_sql.actions.migrations import migrate as actions
    from codezest_sql.cli.console import Progress
    from codezest_sql.cli.shared_commands import print_run

    target = options.target()
    progress = Progress(to_stderr=json)
    try:
        report = actions.redo(
            target, steps=steps, dry_run=dry_run, confirm=ask_before_rollback(yes=yes), observer=progress
        )
    finally:
        progress.end()
    print_run(report, json=json)
