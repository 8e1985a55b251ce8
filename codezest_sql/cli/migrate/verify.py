"""``codezest-sql migrate verify``: whether the database is what its files make."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli.migrate.commands import app
from codezest_sql.cli.migrate.target_options import TargetOptions, with_target_options
from codezest_sql.cli.options import (
    JsonOption,
    TrustOption,
)
from codezest_sql.cli.output import echo, print_json
from codezest_sql.errors import ExitCode


@app.command(epilog="Example: codezest-sql migrate verify --json > drift.json")
@with_target_options("migrations", "database_url", "bundled", "schema")
def verify(
    *,
    shadow_url: Annotated[
        str | None,
        typer.Option(
            "--shadow-url",
            metavar="URL",
            help="A server for the shadow database, where the role has CREATEDB. Default: the setting shadow_url, "
            "else a temporary server.",
        ),
    ] = None,
    options: TargetOptions,
    trust_migrations: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Compare the database with what its applied files make. Writes nothing; exits with 4 where they differ."""
    from codezest_sql.actions.migrations.verify import verify as action
    from codezest_sql.core.error_report import error_text
    from codezest_sql.core.schema.drift_report import verify_json, verify_text

    target = options.target(trust_migrations=trust_migrations)
    report = action(target, shadow_url=shadow_url)
    if json:
        print_json(verify_json(report))
    else:
        echo(verify_text(report))
    for error in report.errors:
        echo(error_text(error), err=True)
    if not report.verified:
        raise typer.Exit(ExitCode.DRIFT)
