"""``-- irreversible: why``: `migrate test` and `review` accept it and print the reason, `migrate down` refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, applied

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

WHY = "PostgreSQL cannot remove a value of an enum"
ENUM = f"-- irreversible: {WHY}\nALTER TYPE mood ADD VALUE 'LATE';"
FILES = {
    "0001_mood.sql": "CREATE TYPE mood AS ENUM ('EARLY');",
    "0001_mood.rollback.sql": "DROP TYPE mood;",
    "0002_late.sql": ENUM,
    "0003_table.sql": "CREATE TABLE t (m mood DEFAULT 'LATE');",
    "0003_table.rollback.sql": "DROP TABLE t;",
    "0004_column.sql": "ALTER TABLE t ADD n int;",
    "0004_column.rollback.sql": "ALTER TABLE t DROP n;",
}


def test_migrate_test_rolls_back_to_it_and_prints_the_reason(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all(FILES)
    outcome = project.succeed("test", "--database-url", server.url())
    assert f"note: migrations/0002_late.sql: not rolled back: irreversible: {WHY}" in outcome.out
    assert "proved: 3 migrations go up, down and up again" in outcome.out
    steps = [(step["id"][:4], step["direction"]) for step in project.succeed("test", "--json").json["steps"]]
    assert [each for each in steps if each[0] == "0002"] == [("0002", "up")]
    assert steps[-4:] == [("0004", "down"), ("0003", "down"), ("0003", "up"), ("0004", "up")]


def test_a_folder_that_ends_with_one_passes(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all({name: text for name, text in FILES.items() if name < "0003"})
    assert "proved: 1 migration goes up" in project.succeed("test", "--database-url", server.url()).out


def test_migrate_down_refuses_and_leaves_everything_unless_it_stays_above(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write_all(FILES)
    project.succeed()
    everything = ["0001_mood", "0002_late", "0003_table", "0004_column"]
    for words in (["--steps", "3"], ["--to", "0001"], ["--steps", "4"]):
        told = project.fail(7, "down", "--yes", *words)
        assert f"migrations/0002_late.sql: error: 0002_late is irreversible: {WHY} [irreversible]" in told
        assert "migrate down --to 0002_late" in told
        assert applied(database) == everything
    project.succeed("down", "--to", "0002", "--yes")
    assert applied(database) == everything[:2]
    assert "[irreversible]" in project.fail(7, "down", "--yes")
    assert "[irreversible]" in project.fail(7, "redo", "--yes")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"0001_a.sql": "-- irreversible:\nSELECT 1;"},
            "0001_a.sql:1:17: error: irreversible: the reason is missing",
        ),
        (
            {"0001_a.sql": "-- irreversible: a\nSELECT 1;", "0001_a.rollback.sql": "SELECT 2;"},
            "0001_a.sql:1:4: error: the migration is irreversible, and migrations/0001_a.rollback.sql undoes it",
        ),
        (
            {"0001_a.sql": "SELECT 1;", "0001_a.rollback.sql": "-- irreversible: a\n"},
            "0001_a.rollback.sql:1:4: error: the directive 'irreversible' is in a rollback file",
        ),
        (
            {"0001_a.sql": "-- irreversible: a\n-- irreversible: b\nSELECT 1;"},
            "0001_a.sql:2:4: error: irreversible is given twice",
        ),
        ({"0001_a.sql": "SELECT 1;\n-- irreversible: a\n"}, "0001_a.sql:2:4: error: the directive 'irreversible'"),
        ({"0001_a.sql": "-- irreversable: data\nSELECT 1;"}, "did you mean -- irreversible: data?"),
    ],
)
def test_a_header_that_says_it_wrongly_is_refused(tmp_path: Path, files: dict[str, str], said: str) -> None:
    project = Project(tmp_path)
    project.write_all(files)
    assert said in project.fail(7, "test")


def test_a_rollback_without_a_statement_does_no_harm(tmp_path: Path, database: str) -> None:
    """`migrate new` writes one, and dbmate wants the section."""
    project = Project(tmp_path, database)
    project.write_all(
        {
            "0001_a.sql": "-- irreversible: data is gone\nSELECT 1;",
            "0001_a.rollback.sql": "-- nothing\n",
            "0002_b.sql": "-- irreversible: so is this\n-- migrate:up\nSELECT 1;\n-- migrate:down\n",
        }
    )
    project.succeed()
    told = project.fail(7, "down", "--steps", "2", "--yes")
    assert "0001_a is irreversible: data is gone" in told
    assert "0002_b is irreversible: so is this" in told
