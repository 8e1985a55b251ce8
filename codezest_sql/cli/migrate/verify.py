"""``codezest-sql migrate verify``: whether the database is what its files make."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli.migrate.commands import app, target_of
from codezest_sql.cli.options import (
    BundledOption,
    DatabaseOption,
    JsonOption,
    MigrationsOption,
    SchemaOption,
    TrustOption,
)
from codezest_sql.cli.output import echo, print_json
from codezest_sql.errors import ExitCode


@app.command(epilog="Example: codezest-sql migrate verify --json > drift.json")
def verify(
    context: typer.Context,
    shadow_url: Annotated[
        str | None,
        typer.Option(
            "--shadow-url",
            metavar="URL",
            help="A server for the shadow database, where the role has CREATEDB. Default: the setting shadow_url, "
            "else a temporary server of our own.",
        ),
    ] = None,
    migrations: MigrationsOption = None,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    schema: SchemaOption = None,
    trust_migrations: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Compare the database with what its applied files make. Writes nothing; exits with 4 where they differ."""
    from codezest_sql.actions.migrations.verify import verify as action
    from codezest_sql.core.error_report import error_text
    from codezest_sql.core.schema.drift_report import verify_json, verify_text

    target = target_of(
        context, migrations, database_url, schema=schema, bundled=bundled, trust_migrations=trust_migrations
    )
    report = action(target, shadow_url=shadow_url)
    if json:
        print_json(verify_json(report))
    else:
        echo(verify_text(report))
    for error in report.errors:
        echo(error_text(error), err=True)
    if not report.verified:
        raise typer.Exit(ExitCode.DRIFT)
