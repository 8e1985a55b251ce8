"""``codezest-sql init``: the files of a new project."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codezest_sql.cli.options import JsonOption
from codezest_sql.cli.output import echo, print_json


class CiChoice(StrEnum):
    """For which service a CI file is written."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder of the project; made if needed.")] = Path(),
    ci: Annotated[
        CiChoice, typer.Option("--ci", help="Write a file that lints and proves the SQL in CI.")
    ] = CiChoice.GITHUB,
    json: JsonOption = False,
) -> None:
    """Set up a project: settings, a first migration and queries, style, CI. Existing files are kept as they are."""
    from codezest_sql.actions.project.init import init as action
    from codezest_sql.core.new_project import init_json, init_text

    report = action(folder, ci=ci.value)
    if json:
        print_json(init_json(report))
    else:
        echo(init_text(report))
