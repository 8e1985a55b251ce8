"""``codezest-sql seed``: reference data."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.cli.options import BundledOption, DatabaseOption, JsonOption
from codezest_sql.cli.output import echo, print_json
from codezest_sql.cli.packaged import packaged_if
from codezest_sql.errors import UsageError


def seed(
    demo: Annotated[bool, typer.Option("--demo", hidden=True, help="Moved: codezest-sql platform demo.")] = False,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    json: JsonOption = False,
) -> None:
    """Insert the rows of the project's sql/seeds that are missing: reference data."""
    if demo:
        raise UsageError("seed --demo has moved", hint="run codezest-sql platform demo")
    from codezest_sql.actions.project.seed import seed as run
    from codezest_sql.actions.project.target import make_target
    from codezest_sql.core.seed_report import seed_json, seed_text

    report = run(make_target(database_url=database_url, packaged=packaged_if(bundled)))
    if json:
        print_json(seed_json(report))
    else:
        echo(seed_text(report))
