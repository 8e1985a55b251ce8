"""``codezest-sql generate``: checked queries to typed Python."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codezest_sql.cli.options import JsonOption, MigrationsOption, QueriesOption, TrustOption
from codezest_sql.cli.output import echo, print_json
from codezest_sql.errors import CodezestError, UsageError

if TYPE_CHECKING:
    from codezest_sql.actions.queries.generate import GenerateReport
    from codezest_sql.core.settings import Settings


def generate(
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: compare, and fail with exit code 4 where a file differs."),
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Generate at each save, until Ctrl-C.")] = False,
    queries: QueriesOption = None,
    migrations: MigrationsOption = None,
    trust_migrations: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Check every query, then write models and typed functions into the package that the setting output names."""
    if watch and (check or json):
        raise UsageError(f"--watch and --{'check' if check else 'json'} exclude each other", hint="give one of them")
    if watch:
        _watch(migrations, queries, trust_migrations)
        return
    from codezest_sql.actions.project.settings import load_settings
    from codezest_sql.actions.queries.check_files import Checker
    from codezest_sql.actions.queries.generate import check_generated, output_of
    from codezest_sql.actions.queries.generate import generate as action
    from codezest_sql.core.migrations.superuser_needed import note_of_roles

    settings = load_settings(migrations=migrations, queries=queries, trust_migrations=trust_migrations)
    output_of(settings)
    with Checker(settings) as checker:
        project = checker.check()
        for note in note_of_roles(checker.made_roles):
            echo(f"note: {note}", err=True)
    report = check_generated(settings, project) if check else action(settings, project)
    if json:
        print_json(
            {
                "package": report.package,
                "written": list(report.written),
                "removed": list(report.removed),
                "unchanged": report.unchanged,
            }
        )
    else:
        _print(report)


def _print(report: GenerateReport) -> None:
    for path in report.written:
        echo(f"wrote    {path}")
    for path in report.removed:
        echo(f"removed  {path}")
    if not report.written and not report.removed:
        echo(f"up to date: {report.unchanged} files of {report.package}")


def _watch(migrations: Path | None, queries: Path | None, trust_migrations: bool) -> None:
    """Generate now and after each change; mistakes are printed, and the next save is waited for."""
    from codezest_sql.cli.stopped import Stopped

    try:
        _watch_on(migrations, queries, trust_migrations)
    except Stopped as stopped:
        if stopped.number != signal.SIGINT:
            raise
        echo("")  # behind the ^C of the terminal


def _watch_on(migrations: Path | None, queries: Path | None, trust_migrations: bool) -> None:
    from codezest_sql.actions.project.file_watch import look, wait_for_change
    from codezest_sql.actions.project.settings import load_settings
    from codezest_sql.actions.queries.check_files import Checker
    from codezest_sql.actions.queries.generate import generate as action
    from codezest_sql.actions.queries.generate import output_of
    from codezest_sql.core.error_report import error_text

    def load() -> Settings:
        return load_settings(migrations=migrations, queries=queries, trust_migrations=trust_migrations)

    settings = load()
    output_of(settings)
    checker = Checker(settings)
    try:
        while True:
            watched = (Path(settings.queries), Path(settings.migrations), Path(settings.file))
            before = look(watched)
            try:
                now = load()
                if now != settings:
                    checker.close()
                    settings, checker = now, Checker(now)
                    continue  # its folders may be others
                _print(action(settings, checker.check()))
            except CodezestError as error:
                echo(error_text(error), err=True)
            echo("watching: Ctrl-C ends it")
            wait_for_change(watched, before)
    finally:
        checker.close()
