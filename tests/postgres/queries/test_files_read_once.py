"""A command reads each file of the migrations once, and parses the folder at most once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from codezest_sql.errors import ExitCode
from tests.check_project import CheckProject
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "CREATE TABLE people (id bigint PRIMARY KEY, nick text NOT NULL);\n"
QUERY = "-- name: find_person :opt\n-- One person.\nSELECT id, nick FROM people WHERE id = :id;\n"
# Prints each file of the project that Python opens, and each parsing of the folder, while a command runs.
PROGRAM = """
import sys
root = sys.argv.pop(1)
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
        if not isinstance(arguments[1], str) or "r" in arguments[1]:
            print("opened", arguments[0].removeprefix(root + "/"), file=sys.stderr)
sys.addaudithook(note)
from codezest_sql.actions.migrations import folder
assemble = folder.assemble
def counted(*values, **named):
    print("opened PARSED", file=sys.stderr)
    return assemble(*values, **named)
folder.assemble = counted
from codezest_sql.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "words",
    [("check",), ("check", "--offline"), ("generate",), ("review",), ("migrate", "test"), ("lint",)],
    ids=" ".join,
)
def test_a_cold_command_reads_each_migration_once(tmp_path: Path, words: tuple[str, ...]) -> None:
    project = CheckProject(tmp_path / "project", 'output = "shop/db"', schema=SCHEMA, cache=tmp_path / "first")
    project.project.write("0001_schema.rollback.sql", "DROP TABLE people;\n")
    assert project.check(people=QUERY).code == ExitCode.DONE
    root = project.project.root
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(root), *words],
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "second")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    opened = Counter(line.removeprefix("opened ") for line in done.stderr.splitlines() if line.startswith("opened "))
    assert done.returncode in {ExitCode.DONE, ExitCode.DRIFT}, done.stderr
    assert {name: times for name, times in opened.items() if name.endswith(".sql") and times > 1} == {}
    assert opened["PARSED"] <= 1
