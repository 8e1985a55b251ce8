"""What only a person can tell: a CALL that commits inside and was killed is explained, and never repeated unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.deployments import Project, applied, journal, value

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.faults

BATCHES = """
CREATE PROCEDURE batches() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO t VALUES (1);
    COMMIT;
    PERFORM pg_sleep((SELECT seconds FROM pause));
    INSERT INTO t VALUES (2);
END $$;
CREATE TABLE pause AS SELECT 30 AS seconds;
"""


@pytest.fixture
def project_on(database: str, tmp_path: Path) -> Project:
    """Make a project on a fresh database, with one table applied."""
    project = Project(tmp_path, database)
    project.write("0001_table", "CREATE TABLE t (a int);", "DROP TABLE t;")
    assert project.migrate().code == 0
    return project


@pytest.fixture
def killed_call(project_on: Project) -> Project:
    """Kill a deployer within a CALL that has committed a part of its work."""
    project_on.write("0002_batches", BATCHES)
    project_on.write_alone("0003_call", "INSERT INTO t VALUES (0);\nCALL batches();\nINSERT INTO t VALUES (3);", "")
    project_on.kill_within("CALL batches", when="SELECT count(*) = 2 FROM t")
    return project_on


def rows(project: Project) -> list[int]:
    with project.connect() as connection:
        found = value(connection, "SELECT array_agg(a ORDER BY a) FROM t")
    assert isinstance(found, list)
    return found


def test_a_call_that_commits_inside_runs_to_its_end(project_on: Project) -> None:
    """It refuses a transaction around it, so it runs on its own."""
    project_on.write("0002_batches", BATCHES.replace("30", "0"))
    project_on.write_alone("0003_call", "CALL batches();")
    outcome = project_on.migrate()
    assert outcome.code == 0, outcome
    assert rows(project_on) == [1, 2]


def test_a_call_that_was_killed_half_way_is_never_repeated_unasked(killed_call: Project) -> None:
    """Nothing tells how far it came, so the next run stops and has a hint."""
    for _ in range(2):
        outcome = killed_call.migrate()
        assert outcome.code == 1, outcome
        assert "0003_call.sql:3:1" in outcome.errors
        assert "an earlier run stopped within this statement" in outcome.errors
        assert "migrate repair --done" in outcome.errors
    assert rows(killed_call) == [0, 1]
    assert killed_call.migrate("down", "--yes").code == 1
    explained = killed_call.migrate("repair")
    assert explained.code == 0, explained
    assert "CALL batches()" in explained.output
    assert "--again" in explained.output
    assert rows(killed_call) == [0, 1]


@pytest.mark.parametrize(("word", "expected"), [("--done", [0, 1, 3]), ("--again", [0, 1, 1, 2, 3])])
def test_repair_says_what_became_of_it(killed_call: Project, word: str, expected: list[int]) -> None:
    """And the next run continues from there."""
    with killed_call.connect() as connection:
        connection.execute("UPDATE pause SET seconds = 0")
        repaired = killed_call.migrate("repair", word)
        assert repaired.code == 0, repaired
        outcome = killed_call.migrate()
        assert outcome.code == 0, outcome
        assert rows(killed_call) == expected
        assert applied(connection)[-1] == "0003_call"
        assert journal(connection) == []


def test_a_call_that_meets_a_lock_after_its_first_commit_is_not_tried_again(project_on: Project) -> None:
    """A second attempt would do the first part twice."""
    project_on.write("0002_batches", BATCHES.replace("PERFORM", "LOCK TABLE pause; PERFORM"))
    project_on.write_alone("0003_call", "SET lock_timeout = '100ms';\nCALL batches();")
    assert project_on.migrate("up", "--to", "0002").code == 0
    with project_on.held_open("SELECT count(*) FROM pause"):
        outcome = project_on.migrate()
        assert outcome.code == 5, outcome
    assert rows(project_on) == [1]
    assert "an earlier run stopped within this statement" in project_on.migrate().errors


def test_repair_does_not_let_an_invalid_index_be_called_done(project_on: Project) -> None:
    """The catalog tells what became of an index, so nobody is asked."""
    project_on.write_alone("0002_index", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);")
    with project_on.connect() as connection:
        connection.execute("INSERT INTO t VALUES (1), (1)")
        assert project_on.migrate().code == 1
        for word in ("--done", "--again"):
            outcome = project_on.migrate("repair", word)
            assert outcome.code == 2, outcome
        explained = project_on.migrate("repair")
        assert "The next run finds out on its own" in explained.output
        assert project_on.migrate().code == 1
        assert applied(connection) == ["0001_table"]
