"""What the most frequent commands do once their arguments are read, by Typer or by ``plain``. They need neither."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.cli.output import echo, print_json
from codezest_sql.cli.packaged import packaged_if
from codezest_sql.errors import ExitCode

if TYPE_CHECKING:
    from codezest_sql.core.migrations.run_report import RunReport


def up(
    *,
    migrations: str | Path | None,
    database_url: str | None,
    bundled: bool,
    to: str | None,
    plan: str | None,
    wait: str | None,
    schema: str | None,
    dry_run: bool,
    allow_out_of_order: bool,
    frozen: bool,
    json: bool,
) -> int:
    """Apply what is pending, print what was done, and return the exit code."""
    from codezest_sql.actions.migrations import migrate
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.cli.console import Progress

    target = make_target(
        migrations=_path(migrations),
        database_url=database_url,
        wait=wait,
        schema=schema,
        packaged=packaged_if(bundled),
        frozen=frozen,
    )
    progress = Progress(to_stderr=json)
    try:
        report = migrate.up(
            target,
            to=to,
            plan_sha256=plan,
            dry_run=dry_run,
            allow_out_of_order=allow_out_of_order,
            observer=progress,
        )
    finally:
        progress.end()
    print_run(report, json=json)
    return int(ExitCode.DONE)


def status(
    *,
    migrations: str | Path | None,
    database_url: str | None,
    schema: str | None,
    bundled: bool,
    check: bool,
    frozen: bool,
    json: bool,
) -> int:
    """Print all migrations and their state, and return the exit code."""
    from codezest_sql.actions.migrations import migrate
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.core.error_report import error_text
    from codezest_sql.core.migrations.status import status_json, status_text

    target = make_target(
        migrations=_path(migrations),
        database_url=database_url,
        schema=schema,
        packaged=packaged_if(bundled),
        frozen=frozen,
    )
    report = migrate.status(target)
    if json:
        print_json(status_json(report))
    else:
        echo(status_text(report))
    for error in report.errors:
        echo(error_text(error), err=True)
    if report.errors:
        return int(ExitCode.DRIFT)
    return int(ExitCode.PENDING if check and report.pending else ExitCode.DONE)


def check(
    *,
    queries: str | Path | None,
    migrations: str | Path | None,
    bundled: bool,
    offline: bool,
    annotations: bool,
    json: bool,
    plans: bool = False,
    accept: bool = False,
    trust_migrations: bool = False,
) -> int:
    """Check the queries, print what is found, and return the exit code."""
    from codezest_sql.actions.project.settings import load_settings
    from codezest_sql.actions.queries.check import check as action
    from codezest_sql.actions.queries.check import check_offline
    from codezest_sql.core.query_checks.report import check_json, check_text, problems_text

    settings = load_settings(
        migrations=_path(migrations),
        queries=_path(queries),
        packaged=packaged_if(bundled),
        needs_project=migrations is None or queries is None,
        trust_migrations=trust_migrations,
    )
    if plans:
        from codezest_sql.actions.queries.check_plans import check_plans

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
    return int(ExitCode.PROJECT if report.failed else ExitCode.DONE)


def print_run(report: RunReport, *, json: bool) -> None:
    """Print what a run did."""
    from codezest_sql.core.migrations.run_report import run_json, run_text

    if json:
        print_json(run_json(report))
    else:
        echo(run_text(report))


def _path(text: str | Path | None) -> Path | None:
    return None if text is None else Path(text)
