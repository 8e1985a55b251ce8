"""``codezest-sql platform …``: commands for the CodeZest schema, which other projects do not need."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from codezest_sql.cli.options import BundledOption, DatabaseOption, JsonOption, YesOption
from codezest_sql.cli.output import echo, print_json
from codezest_sql.cli.packaged import packaged_if
from codezest_sql.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from datetime import date

app = typer.Typer(
    help="Commands for the CodeZest schema: demo data and monthly partitions.",
    epilog="Example: codezest-sql platform partitions status",
    no_args_is_help=True,
    rich_markup_mode=None,
)
partitions = typer.Typer(
    help="Create the monthly partitions of the activity schema ahead of time, and count those that are left.",
    epilog="Example: codezest-sql platform partitions status --check || codezest-sql platform partitions make",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(partitions, name="partitions")


@app.command(epilog="Example: codezest-sql platform demo --users 100")
def demo(
    users: Annotated[int, typer.Option("--users", min=1, max=10_000_000, help="How many users.")] = 100,
    random_seed: Annotated[
        int, typer.Option("--random-seed", min=0, help="Seed of the random data: the same seed, the same rows.")
    ] = 1,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day on which the data ends. Default: today, in UTC."),
    ] = None,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Fill the CodeZest schema with users and a year of their learning, for demonstrations and load tests.

    Adds the reference data first. The same options give the same rows on every machine.
    """
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.cli.progress_bar import progress_bar
    from codezest_sql.core.seed_report import seed_json, seed_text
    from codezest_sql.platform.demo.load import DemoWishes, seed_demo

    target = make_target(database_url=database_url, packaged=packaged_if(bundled))
    wishes = DemoWishes(users=users, seed=random_seed, as_of=_day(as_of), among_others=yes)
    with progress_bar("users", length=wishes.users) as advance:
        report = seed_demo(target, wishes, advance=advance)
    if json:
        print_json(seed_json(report))
    else:
        echo(seed_text(report))


@partitions.command(epilog="Example: codezest-sql platform partitions status --check --at-least 2")
def status(
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 3 if fewer than --at-least months are left.")
    ] = False,
    at_least: Annotated[int, typer.Option("--at-least", min=1, help="How many months are enough.")] = 2,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    json: JsonOption = False,
) -> None:
    """Show for how many months, including this one, each partitioned table has a partition."""
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.platform import partitions as actions
    from codezest_sql.platform.partition_report import partitions_json, partitions_text

    report = actions.status(make_target(database_url=database_url, packaged=packaged_if(bundled)))
    _print(partitions_json(report) if json else partitions_text(report))
    if check and report.months_left < at_least:
        raise typer.Exit(ExitCode.PENDING)


@partitions.command(epilog="Example: codezest-sql platform partitions make --from 2027-01 --to 2027-12")
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
    """Create the partitions of a range of months. Existing ones stay as they are, so it is safe at any time."""
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.platform import partitions as actions
    from codezest_sql.platform.partition_report import partitions_json, partitions_text

    report = actions.make(
        make_target(database_url=database_url, packaged=packaged_if(bundled)), first=first, last=last
    )
    _print(partitions_json(report) if json else partitions_text(report))


def _print(value: object) -> None:
    if isinstance(value, str):
        typer.echo(value)
    else:
        print_json(value)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise UsageError(f"--as-of: {text!r} is not a date", hint="write --as-of 2026-01-31") from None
    if not 2000 <= day.year <= 2100:  # noqa: PLR2004  # a typing mistake, for which partitions would be created
        raise UsageError(f"--as-of: {text} is too far from today", hint="a year from 2000 to 2100")
    return day
