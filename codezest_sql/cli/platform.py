"""``codezest-sql partitions …``: the monthly partitions of the CodeZest schema."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli.options import BundledOption, DatabaseOption, JsonOption
from codezest_sql.cli.output import print_json
from codezest_sql.errors import ExitCode

app = typer.Typer(
    help="Make the monthly partitions of the activity schema ahead, and see how many are left.",
    epilog="Example: codezest-sql partitions status --check || codezest-sql partitions make",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command(epilog="Example: codezest-sql partitions status --check --at-least 2")
def status(
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 3 where fewer than --at-least months are left.")
    ] = False,
    at_least: Annotated[int, typer.Option("--at-least", min=1, help="How many months are enough.")] = 2,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    json: JsonOption = False,
) -> None:
    """Say for how many months, this one included, each partitioned table has a partition."""
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.platform import partitions as actions
    from codezest_sql.platform.partition_report import partitions_json, partitions_text

    report = actions.status(make_target(database_url=database_url, bundled=bundled))
    _print(partitions_json(report) if json else partitions_text(report))
    if check and report.months_left < at_least:
        raise typer.Exit(ExitCode.PENDING)


@app.command(epilog="Example: codezest-sql partitions make --from 2027-01 --to 2027-12")
def make(
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="First month. Default: this one, in UTC.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month. Default: three months ahead.")
    ] = None,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    json: JsonOption = False,
) -> None:
    """Make the partitions of a range of months. Those that exist are left alone, so it may run at any time."""
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.platform import partitions as actions
    from codezest_sql.platform.partition_report import partitions_json, partitions_text

    report = actions.make(make_target(database_url=database_url, bundled=bundled), first=first, last=last)
    _print(partitions_json(report) if json else partitions_text(report))


def _print(value: object) -> None:
    if isinstance(value, str):
        typer.echo(value)
    else:
        print_json(value)
