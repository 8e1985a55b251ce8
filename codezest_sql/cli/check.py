"""``codezest-sql check``: every named query, against a real server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from codezest_sql.cli.options import JsonOption, MigrationsOption
from codezest_sql.cli.output import echo, print_json
from codezest_sql.errors import ExitCode, UsageError


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
    queries: Annotated[
        Path | None,
        typer.Option("--queries", metavar="DIR", help="Folder of the queries. Default: the project's setting."),
    ] = None,
    migrations: MigrationsOption = None,
    json: JsonOption = False,
) -> None:
    """Prepare every query on a server with the schema of the migrations, and tell all mistakes at once."""
    from codezest_sql.actions.check import check as action
    from codezest_sql.actions.check import check_offline
    from codezest_sql.actions.settings import load_settings
    from codezest_sql.core.check_report import check_json, check_text, problems_text

    if accept and not plans:
        raise UsageError("--accept writes the budget of --plans", hint="add --plans")
    if offline and plans:
        raise UsageError("--plans asks a server, and --offline forbids it", hint="leave one of them out")
    settings = load_settings(migrations=migrations, queries=queries)
    if plans:
        from codezest_sql.actions.plans import check_plans

        report = check_plans(settings, accept=accept)
    else:
        report = check_offline(settings) if offline else action(settings)
    problems = report.all_problems
    if problems:
        echo(problems_text(problems), err=True)
    if json:
        print_json(check_json(report))
    else:
        echo(check_text(report))
    if annotations or (os.environ.get("GITHUB_ACTIONS") == "true" and not json):
        for problem in problems:
            echo(problem.annotation(), err=json)
    if report.failed:
        raise typer.Exit(ExitCode.PROJECT)
