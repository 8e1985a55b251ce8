"""``codezest-sql seed``: reference data, and demo data for trying things."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from codezest_sql.cli.options import BundledOption, DatabaseOption, JsonOption, YesOption
from codezest_sql.cli.output import echo, print_json
from codezest_sql.errors import UsageError

if TYPE_CHECKING:
    from datetime import date


def seed(
    demo: Annotated[bool, typer.Option("--demo", help="Add made-up users and what they did as well.")] = False,
    users: Annotated[
        int | None, typer.Option("--users", min=1, max=10_000_000, help="How many of them. Default: 100.")
    ] = None,
    random_seed: Annotated[
        int | None, typer.Option("--random-seed", min=0, help="Another number, other data. Default: 1.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day on which the data ends. Default: today, in UTC."),
    ] = None,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Add the reference data of the project's sql/seeds that is not there yet.

    With --demo the CodeZest schema is filled with users and a year of their learning. The same options give the same
    rows on every machine.
    """
    from codezest_sql.actions.project.seed import seed as run
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.core.seed_report import seed_json, seed_text

    given = {"--users": users, "--random-seed": random_seed, "--as-of": as_of}
    named = [name for name, value in given.items() if value is not None]
    if named and not demo:
        raise UsageError(f"{named[0]} is for demo data", hint="add --demo")
    target = make_target(database_url=database_url, bundled=bundled)
    if demo:
        from codezest_sql.cli.progress_bar import progress_bar
        from codezest_sql.platform.demo.load import DemoWishes, seed_demo

        wishes = DemoWishes(
            users=users or 100, seed=1 if random_seed is None else random_seed, as_of=_day(as_of), among_others=yes
        )
        with progress_bar("users", length=wishes.users) as advance:
            report = seed_demo(target, wishes, advance=advance)
    else:
        report = run(target)
    if json:
        print_json(seed_json(report))
    else:
        echo(seed_text(report))


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise UsageError(f"--as-of: {text!r} is no day", hint="write --as-of 2026-01-31") from None
    if not 2000 <= day.year <= 2100:  # noqa: PLR2004  # a slip of the keyboard, for which partitions would be made
        raise UsageError(f"--as-of: {text} is too far from today", hint="a year from 2000 to 2100")
    return day
