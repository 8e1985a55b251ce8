"""A command line read without Typer and the same one read by Typer: they print, return and leave the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from codezest_sql.cli import main
from codezest_sql.cli.fast_arguments import read_plain
from tests.projects import Outcome, Project, applied, execute, objects

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "0001_a.sql": "CREATE TABLE a (x int);",
    "0001_a.rollback.sql": "DROP TABLE a;",
    "0002_b.sql": "BEGIN; CREATE TABLE b (x int); COMMIT;",
    "0003_c.sql": "DO $$ BEGIN RAISE NOTICE 'hear'; END $$;",
}
# What is applied already, what is edited or added after that, and the words of the command.
CASES: dict[str, tuple[int, dict[str, str], tuple[str, ...]]] = {
    "all pending": (0, {}, ()),
    "all pending, as JSON": (0, {}, ("up", "--json")),
    "up to one": (0, {}, ("up", "--to", "0002")),
    "nothing to do": (3, {}, ()),
    "nothing to do, as JSON": (3, {}, ("--json",)),
    "nothing to do in another folder": (3, {}, ("up", "--migrations=migrations")),
    "a dry run": (1, {}, ("up", "--dry-run")),
    "a dry run, as JSON": (1, {}, ("up", "--dry-run", "--json")),
    "an unknown target": (1, {}, ("up", "--to", "nope", "--json")),
    "another plan": (1, {}, ("up", "--plan", "0123456789ab")),
    "no plan's name": (1, {}, ("up", "--plan", "short")),
    "an edited file": (3, {"0001_a.sql": "SELECT 1;"}, ()),
    "an edited file, as JSON": (3, {"0001_a.sql": "SELECT 1;"}, ("--json",)),
    "an unusable file": (1, {"0002_b.sql": "SELECT 'open"}, ()),
    "a failing file": (1, {"0002_b.sql": "CREATE TABLE b (x nope);"}, ()),
    "a failing file, as JSON": (1, {"0002_b.sql": "CREATE TABLE b (x nope);"}, ("--json",)),
    "out of order": (3, {"0002_a.sql": "SELECT 1;"}, ("up",)),
    "out of order, allowed": (3, {"0002_a.sql": "SELECT 1;"}, ("up", "--allow-out-of-order")),
    "no folder": (0, {}, ("--migrations", "nowhere")),
    "no server": (0, {}, ("--database-url", "postgresql://x@localhost:1/x")),
    "no URL": (0, {}, ("status", "--database-url", "mysql://x")),
    "no duration": (0, {}, ("--wait", "soon")),
    "the status": (1, {}, ("status",)),
    "the status, checked": (1, {}, ("status", "--check", "--json")),
    "the status with an edit": (3, {"0001_a.sql": "SELECT 1;"}, ("status", "--json")),
}


@pytest.mark.parametrize("case", CASES)
def test_both_ways_print_return_and_leave_the_same(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    count, changes, words = CASES[case]
    assert read_plain(["migrate", *words]) is not None
    found: list[tuple[Outcome, list[str], set[str]]] = []
    for plain in (True, False):
        project = Project(tmp_path, database)
        for path in project.migrations.iterdir():
            path.unlink()
        project.write_all(FILES)
        if count:
            project.succeed("up", "--to", f"{count:04}")
        project.write_all(changes)
        with monkeypatch.context() as patch:
            if not plain:
                patch.setattr(main, "read_plain", lambda _: None)
            outcome = without_times(project.migrate(*words))
        found.append((outcome, applied(database), objects(database)))
        execute(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert found[0] == found[1]


def without_times(outcome: Outcome) -> Outcome:
    """Replace what differs from run to run: how long it took and when it was."""
    out, err = (
        re.sub(r'[0-9.]+ (ms|s)\b|"duration_ms": [0-9.]+|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?[0-9.]*', "…", text)
        for text in (outcome.out, outcome.err)
    )
    return Outcome(outcome.code, out, err)
