"""``codezest-sql check``: every named query, against a real server."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli import shared_commands
from codezest_sql.cli.options import BundledOption, JsonOption, MigrationsOption, QueriesOption, TrustOption
from codezest_sql.errors import UsageError


def check(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server: compare the files with the committed snapshot.")
    ] = False,
    plans: Annotated[
        bool,
        typer.Option(
            "--plans", help="Explain every query on tables of a real size: sequential scans, missing indexes, costs."
        ),
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="With --plans: write costs and scans as they are into the budget.")
    ] = False,
    annotations: Annotated[
        bool,
        typer.Option(
            "--annotations",
            help="Print mistakes as annotations of GitHub too. Default: where GITHUB_ACTIONS is set.",
        ),
    ] = False,
    queries: QueriesOption = None,
    migrations: MigrationsOption = None,
    bundled: BundledOption = False,
    trust_migrations: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Check every query on a server with the schema of the migrations, and report all errors."""
    if accept and not plans:
        raise UsageError("--accept writes the budget of --plans", hint="add --plans")
    if offline and plans:
        raise UsageError("--plans asks a server, and --offline forbids it", hint="leave one of them out")
    if accept and bundled:
        raise UsageError(
            "--accept writes a file, and the CodeZest schema inside this package is only read",
            hint="leave out --accept",
        )
    raise typer.Exit(
        shared_commands.check(
            queries=queries,
            migrations=migrations,
            bundled=bundled,
            offline=offline,
            annotations=annotations,
            json=json,
            plans=plans,
            accept=accept,
            trust_migrations=trust_migrations,
        )
    )
