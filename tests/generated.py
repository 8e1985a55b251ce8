"""Generates the code of a small project in a folder of its own, as ``generate`` does for one with migrations.

A case of tests/cases/generate is ``schema.sql``, ``queries/**.sql``, and ``settings.toml``, the lines of the table.
"""

from __future__ import annotations

import importlib
import itertools
import shutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codezest_sql.actions.project.settings import load_settings
from codezest_sql.actions.queries.check_files import CheckedProject, Checker
from codezest_sql.actions.queries.generate import generate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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


def write_project(root: Path, *, schema: str, queries: Mapping[str, str], output: str, settings: str = "") -> Path:
    """Make a project of texts in a folder, which is returned; ``queries`` are by the name of their file."""
    (root / "sql" / "migrations").mkdir(parents=True)
    (root / "sql" / "migrations" / "0001_schema.sql").write_text(schema, "utf-8")
    for name, text in queries.items():
        path = root / "sql" / "queries" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    lines = [
        "[tool.codezest-sql]",
        'migrations = "sql/migrations"',
        'queries = "sql/queries"',
        f'output = "{output}"',
        'policies = { docstring = "off", select-star = "off", where = "off" }',
        settings,
    ]
    (root / "pyproject.toml").write_text("\n".join(lines), "utf-8")
    return root


_NUMBERS = itertools.count()


@contextmanager
def generated_package(
    root: Path, url: str, *, schema: str, queries: Mapping[str, str], settings: str = ""
) -> Iterator[Callable[[str], Any]]:
    """Generate a project's code and give what imports a module of it, such as ``queries.items``, in this process."""
    package = f"generated_for_test_{next(_NUMBERS)}"
    write_project(root, schema=schema, queries=queries, output=package, settings=settings)
    settings_read, project = checked(root, url)
    assert not project.errors, [str(error) for error in project.errors]
    generate(settings_read, project)
    sys.path.insert(0, str(root))
    try:
        yield lambda name: importlib.import_module(f"{package}.{name}")
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
