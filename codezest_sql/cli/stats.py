"""``codezest-sql stats …``: how large the tables of a live database are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from codezest_sql.cli.options import DatabaseOption, JsonOption
from codezest_sql.cli.output import echo, print_json

app = typer.Typer(
    help="Statistics of a live database, for check --plans.",
    epilog="Example: codezest-sql stats dump --database-url postgresql://me@localhost/app",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_NAMED = 5


@app.callback()
def stats() -> None:
    """Statistics of a live database, for check --plans."""


@app.command(epilog="Example: codezest-sql stats dump --output statistics.json")
def dump(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to. Default: the setting statistics."),
    ] = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Write row counts and column statistics to a file to commit. No value of any row is read or written."""
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.actions.queries.dump_statistics import write_dump

    target = make_target(database_url=database_url, needs_project=output is None)
    report = write_dump(target, output or Path(target.settings.statistics))
    if json:
        print_json({"file": report.path, "tables": report.tables, "unanalysed": [*report.unanalysed]})
        return
    count = f"{report.tables} {'table' if report.tables == 1 else 'tables'}"
    echo(f"wrote {report.path}: {count}" if report.changed else f"{report.path} is up to date: {count}")
    if report.unanalysed:
        more = len(report.unanalysed) - _NAMED
        names = ", ".join(report.unanalysed[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        echo(f"note: no statistics of {names}: run ANALYZE, with a role that may read them")
