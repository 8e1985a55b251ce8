"""``migrate redo``: the last migrations once more, as their files are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, applied, objects

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with three migrations, all applied."""
    found = Project(tmp_path, database)
    for number, letter in enumerate("abc", start=1):
        found.write(f"000{number}_{letter}.sql", f"CREATE TABLE {letter} ();")
        found.write(f"000{number}_{letter}.rollback.sql", f"DROP TABLE {letter};")
    found.succeed()
    return found


def test_redo_undoes_the_last_one_and_applies_it_again(project: Project, database: str) -> None:
    outcome = project.succeed("redo", "--yes")
    assert [line.split(" (")[0] for line in outcome.out.splitlines()[:2]] == [
        "  ✓ rolled back 0003_c",
        "  ✓ applied 0003_c",
    ]
    assert outcome.out.splitlines()[2].startswith("redid 1 migration in ")
    assert applied(database) == ["0001_a", "0002_b", "0003_c"]


def test_redo_takes_several_in_their_order(project: Project) -> None:
    steps = project.succeed("redo", "--steps", "2", "--yes", "--json").json["steps"]
    assert [(step["direction"], step["id"]) for step in steps] == [
        ("down", "0003_c"),
        ("down", "0002_b"),
        ("up", "0002_b"),
        ("up", "0003_c"),
    ]


def test_a_file_that_was_edited_is_applied_as_it_is_now(project: Project, database: str) -> None:
    """That is what redo is for; what lies before it must still be what was applied."""
    project.write("0003_c.sql", "CREATE TABLE c (x int); CREATE TABLE d ();")
    project.write("0003_c.rollback.sql", "DROP TABLE IF EXISTS c, d;")
    outcome = project.succeed("redo", "--yes")
    assert "note: 0003_c was edited since it was applied" in outcome.out
    assert objects(database) == {"public.a", "public.b", "public.c", "public.d"}
    project.succeed("status")
    project.write("0002_b.sql", "CREATE TABLE b (x int);")
    assert "[edited-migration]" in project.fail(4, "redo", "--yes")
    project.succeed("redo", "--steps", "2", "--yes")


def test_redo_asks_first(project: Project, database: str) -> None:
    told = project.fail(2, "redo")
    assert "Roll back 0003_c on " in told
    assert "pass --yes" in told
    outcome = project.succeed("redo", "--dry-run")
    assert "-- down 0003_c" in outcome.out
    assert "-- up 0003_c" in outcome.out
    assert applied(database) == ["0001_a", "0002_b", "0003_c"]


def test_redo_needs_a_rollback_file(project: Project) -> None:
    (project.migrations / "0003_c.rollback.sql").unlink()
    assert "[rollback-missing]" in project.fail(7, "redo", "--yes")


def test_a_file_that_fails_now_stays_rolled_back(project: Project, database: str) -> None:
    project.write("0003_c.sql", "CREATE TABLE a ();")
    assert 'relation "a" already exists' in project.fail(1, "redo", "--yes")
    assert applied(database) == ["0001_a", "0002_b"]
    assert objects(database) == {"public.a", "public.b"}


def test_nothing_applied_is_nothing_to_do(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "CREATE TABLE a ();")
    assert "nothing to do" in project.succeed("redo", "--yes").out
