"""``codezest-sql lint``: errors in the SQL of a project, found without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from codezest_sql.cli.options import MigrationsOption
from codezest_sql.cli.output import echo
from codezest_sql.core.lint.render import Format
from codezest_sql.errors import ExitCode


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATHS]...", help="Files and folders. Default: migrations, queries and seeds."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="REF", help="Only files that differ from where this branch left REF."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How findings are printed.")] = Format.TERMINAL,
    fix: Annotated[bool, typer.Option("--fix", help="First correct what sqlfluff can correct.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    migrations: MigrationsOption = None,
) -> None:
    """Look for style, unsafe statements and mistakes: our rules, squawk and sqlfluff in one report."""
    import codezest_sql
    from codezest_sql.actions.lint.lint import lint as action
    from codezest_sql.actions.project.settings import load_settings
    from codezest_sql.core.lint.finding import failed
    from codezest_sql.core.lint.render import RuleText, render, summary_line
    from codezest_sql.core.lint.rules import RULES

    settings = load_settings(migrations=migrations, needs_project=not paths and migrations is None)
    report = action(settings, paths or (), base=base, fix=fix)
    for file in report.fixed:
        echo(f"corrected {file}", err=True)
    for note in report.notes:
        echo(f"note: {note}", err=True)
    what = f"{report.files} file{'' if report.files == 1 else 's'}"
    rules = {rule.code: RuleText(rule.title, rule.meaning) for rule in RULES}
    summary = summary_line(report.findings, what)
    echo(render(report.findings, form, summary=summary, version=codezest_sql.__version__, rules=rules))
    raise typer.Exit(int(ExitCode.FAILED if failed(report.findings, strict=strict) else ExitCode.DONE))
