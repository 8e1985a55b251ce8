"""`migrate new` leaves the hash of a file open, `hash` closes it; `up` takes an open file, `up --frozen` does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, applied

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with an applied migration and one that was just made and written."""
    made = Project(tmp_path, database)
    made.write_all({"0001_a.sql": "CREATE TABLE a (x int);", "0001_a.rollback.sql": "DROP TABLE a;"})
    made.succeed("hash")
    made.succeed("new", "b")
    made.write("0002_b.sql", "CREATE TABLE b (x int);")
    made.write("0002_b.rollback.sql", "DROP TABLE b;")
    return made


def sums(project: Project) -> list[str]:
    return [line.split(":")[0] for line in (project.migrations / "migrations.sum").read_text().splitlines()[2:]]


CLOSED = ["0001_a.sql sha256", "0001_a.rollback.sql sha256"]
OPEN = ["0002_b.sql open", "0002_b.rollback.sql open"]


def test_a_new_migration_is_written_applied_and_closed(project: Project, database: str) -> None:
    assert sums(project) == [*CLOSED, *OPEN]
    note = (
        "note: migrations/migrations.sum: not finished: 0002_b.sql, 0002_b.rollback.sql; "
        'when that is written, run "codezest-sql migrate hash"\n'
    )
    assert note in project.succeed().out
    assert note in project.succeed("status").out
    assert applied(database) == ["0001_a", "0002_b"]
    project.succeed("hash")
    assert sums(project) == [*CLOSED, "0002_b.sql sha256", "0002_b.rollback.sql sha256"]
    assert "note" not in project.succeed("status", "--frozen").out


@pytest.mark.parametrize("command", ["up", "plan", "status", "test"])
def test_frozen_refuses_an_open_file(project: Project, database: str, command: str) -> None:
    told = project.fail(4, command, "--frozen")
    assert (
        "migrations/0002_b.sql: error: is not finished: its line in migrations.sum is open, and --frozen was given"
        in told
    )
    assert 'hint: when that is written, run "codezest-sql migrate hash"' in told
    assert applied(database) == []


def test_another_new_migration_leaves_the_first_one_open(project: Project) -> None:
    project.succeed("new", "c")
    assert sums(project) == [*CLOSED, *OPEN, "0003_c.sql open", "0003_c.rollback.sql open"]


def test_a_file_that_is_closed_is_held_to_its_hash_and_the_hint_leads_with_writing_it(project: Project) -> None:
    project.write("0001_a.sql", "CREATE TABLE a (y int);")
    told = project.fail(4)
    assert "0001_a.sql: error: differs from its hash in migrations.sum: edited [checksum-mismatch]" in told
    assert 'hint: if you are still writing it, run "codezest-sql migrate hash"; if a database has it, restore' in told


def test_an_open_file_that_is_gone_or_renamed_is_an_error(project: Project) -> None:
    (project.migrations / "0002_b.sql").rename(project.migrations / "0002_c.sql")
    (project.migrations / "0002_b.rollback.sql").unlink()
    told = project.fail(4)
    assert "0002_b.sql: error: is in migrations.sum, but there is no such file: deleted" in told
    assert "0002_c.sql: error: is not in migrations.sum: added" in told


@pytest.mark.parametrize("line", ["0002_b.sql opened", "0002_b.sql open sha256:0", "0002_b.sql OPEN"])
def test_a_line_that_only_looks_open_is_refused(project: Project, line: str) -> None:
    file = project.migrations / "migrations.sum"
    file.write_text(file.read_text().replace("0002_b.sql open", line))
    assert "[checksum-file]" in project.fail(7)


def test_a_line_opened_by_hand_does_not_fit_the_total(project: Project) -> None:
    """Else anybody could edit an applied file silently in the review."""
    file = project.migrations / "migrations.sum"
    lines = file.read_text().splitlines(keepends=True)
    lines[2] = "0001_a.sql open\n"
    file.write_text("".join(lines))
    assert "the total does not fit" in project.fail(7)


DECOMPOSED, COMPOSED = "0003_cafe\u0301", "0003_caf\u00e9"


@pytest.mark.parametrize(("first", "then"), [(DECOMPOSED, COMPOSED), (COMPOSED, DECOMPOSED)])
def test_a_name_is_the_same_composed_and_decomposed(project: Project, database: str, first: str, then: str) -> None:
    """MacOS writes a name decomposed where git and Linux have it composed."""
    files = {".sql": "CREATE TABLE cafe ();", ".rollback.sql": "DROP TABLE cafe;"}
    project.write_all({first + ending: text for ending, text in files.items()})
    project.succeed("hash")
    project.succeed()
    for ending in files:
        (project.migrations / (first + ending)).rename(project.migrations / (then + ending))
    assert "nothing to do" in project.succeed().out
    assert COMPOSED in project.succeed("status", "--check").out
    project.succeed("down", "--to", "0002", "--yes")
    assert applied(database) == ["0001_a", "0002_b"]
    project.succeed("up", "--to", first)


def test_a_name_that_yoyo_wrote_decomposed_is_undone(project: Project, database: str) -> None:
    """It keeps what the disk gives."""
    import psycopg  # noqa: PLC0415

    from codezest_sql.ledger import migration_hash  # noqa: PLC0415

    project.write_all({f"{COMPOSED}.sql": "CREATE TABLE c ();", f"{COMPOSED}.rollback.sql": "DROP TABLE c;"})
    project.succeed("hash")
    project.succeed()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE _yoyo_migration SET migration_id = %s, migration_hash = %s WHERE migration_id = %s",
            [DECOMPOSED, migration_hash(DECOMPOSED), COMPOSED],
        )
    assert "nothing to do" in project.succeed().out
    project.succeed("down", "--yes")
    assert applied(database) == ["0001_a", "0002_b"]
