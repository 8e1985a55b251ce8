"""``codezest-sql review``: what a DBA wants to know before new migrations run."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

import codezest_sql
from codezest_sql.cli.options import MigrationsOption, QueriesOption, TrustOption
from codezest_sql.cli.output import echo, print_json
from codezest_sql.errors import ExitCode, FolderError


class ReviewFormat(StrEnum):
    """How the report is printed."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def review(
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="REF",
            help="Review what is new since this revision of git, against its queries. Default: all migrations.",
        ),
    ] = None,
    form: Annotated[ReviewFormat, typer.Option("--format", help="How to print the report.")] = ReviewFormat.TERMINAL,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail the command too.")] = False,
    queries: QueriesOption = None,
    migrations: MigrationsOption = None,
    trust_migrations: TrustOption = False,
) -> None:
    """Run new migrations against the last release's queries: which break, which wait, what a rollback restores."""
    from codezest_sql.actions.project.settings import load_settings
    from codezest_sql.actions.review.review import review as action
    from codezest_sql.core.lint.finding import failed
    from codezest_sql.core.lint.render import Format, render
    from codezest_sql.core.review.report import review_json, review_markdown, review_text

    if queries is not None and not queries.exists():  # without them it would find nothing that breaks
        raise FolderError(f"there is no {queries}", hint="name the folder of the queries with --queries")
    settings = load_settings(
        migrations=migrations,
        queries=queries,
        needs_project=migrations is None or queries is None,
        trust_migrations=trust_migrations,
    )
    report = action(settings, base=base)
    for note in report.notes:
        echo(f"note: {note}", err=True)
    if form is ReviewFormat.JSON:
        print_json(review_json(report))
    elif form is ReviewFormat.TERMINAL:
        echo(review_text(report))
    elif form is ReviewFormat.MARKDOWN:
        echo(review_markdown(report))
    else:
        version = codezest_sql.__version__
        echo(render(report.findings, Format(form.value), summary=report.summary, version=version))
    raise typer.Exit(int(ExitCode.FAILED if failed(report.findings, strict=strict) else ExitCode.DONE))
