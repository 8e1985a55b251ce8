"""Generates the code of a small project in a folder of its own, as ``generate`` does for one with migrations.

A case of tests/cases/generate is ``schema.sql``, ``queries/**.sql``, and ``settings.toml``, the lines of the table.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.checking import CheckedProject, Checker
from codezest_sql.actions.settings import load_settings

if TYPE_CHECKING:
    from codezest_sql.core.settings import Settings

CASES = Path(__file__).parent / "cases" / "generate"


def make_project(case: Path, root: Path) -> Path:
    """Make a project of a case in a folder, which is returned."""
    migrations = root / "sql" / "migrations"
    migrations.mkdir(parents=True)
    shutil.copyfile(case / "schema.sql", migrations / "0001_schema.sql")
    shutil.copytree(case / "queries", root / "sql" / "queries")
    lines = (case / "settings.toml").read_text("utf-8")
    folders = 'migrations = "sql/migrations"\nqueries = "sql/queries"\n'
    (root / "pyproject.toml").write_text(f"[tool.codezest-sql]\n{folders}{lines}", "utf-8")
    return root


def checked(root: Path, url: str) -> tuple[Settings, CheckedProject]:
    """Check the queries of a project on a server that runs already."""
    settings = replace(load_settings(start=root), shadow_url=url)
    with Checker(settings) as checker:
        return settings, checker.check()
