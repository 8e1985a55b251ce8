"""``up``, ``down`` and ``plan`` with their options: what runs, what is only told, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, applied, execute, ledger_tables, objects, rows

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    f"{number}_{letter}{suffix}": statement.format(letter)
    for number, letter in (("0001", "a"), ("0002", "b"), ("0003", "c"))
    for suffix, statement in ((".sql", "CREATE TABLE {} (x int);"), (".rollback.sql", "DROP TABLE {};"))
}
ALL = ["0001_a", "0002_b", "0003_c"]


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with three migrations, none applied."""
    found = Project(tmp_path, database)
    found.write_all(FILES)
    return found


def test_migrate_alone_applies_what_is_pending(project: Project, database: str) -> None:
    outcome = project.succeed()
    assert [line.split(" (")[0] for line in outcome.out.splitlines()[:3]] == [f"  ✓ applied {name}" for name in ALL]
    assert outcome.out.splitlines()[3].startswith("applied 3 migrations in ")
    assert not outcome.err
    assert applied(database) == ALL
    assert objects(database) == {"public.a", "public.b", "public.c"}
    assert project.succeed().out.startswith("nothing to do: ")


def test_up_stops_behind_the_migration_that_to_names(project: Project, database: str) -> None:
    project.succeed("up", "--to", "0002")
    assert applied(database) == ALL[:2]
    assert "nothing to do" in project.succeed("up", "--to", "0001_a").out
    assert "no migration '0004'" in project.fail(2, "up", "--to", "0004")
    assert "000 could mean 0001_a, 0002_b, 0003_c" in project.fail(2, "up", "--to", "000")
    assert applied(database) == ALL[:2]


def test_a_dry_run_prints_the_plan_and_runs_nothing(project: Project, database: str) -> None:
    outcome = project.succeed("up", "--dry-run", "--to", "0002")
    assert "CREATE TABLE a (x int);" in outcome.out
    assert "CREATE TABLE c" not in outcome.out
    assert outcome.out.endswith("nothing was run (--dry-run)\n")
    assert objects(database) == set()
    assert ledger_tables(database) == set()
    project.succeed()
    outcome = project.succeed("down", "--dry-run", "--steps", "2")
    assert "DROP TABLE c;" in outcome.out
    assert "-- down 0003_c, in one transaction (migrations/0003_c.rollback.sql)" in outcome.out
    assert applied(database) == ALL


def test_what_was_planned_is_what_runs(project: Project, database: str) -> None:
    """The reviewed plan, and nothing else."""
    plan = project.succeed("plan", "--json", "--to", "0002").json
    assert [step["sql"] for step in plan["steps"]] == [FILES["0001_a.sql"], FILES["0002_b.sql"]]
    short = plan["sha256"][:12]
    assert f"-- plan {short}: 2 to run on " in project.succeed("plan", "--to", "0002").out

    told = project.fail(4, "up", "--plan", short)
    assert f", not {short} [plan-changed]" in told
    assert 'hint: look at "codezest-sql migrate plan" again' in told
    project.write("0002_b.sql", FILES["0002_b.sql"] + "\n-- an edit")
    project.fail(4, "up", "--to", "0002", "--plan", plan["sha256"])
    assert objects(database) == set()

    project.write("0002_b.sql", FILES["0002_b.sql"])
    project.succeed("up", "--to", "0002", "--plan", plan["sha256"])
    assert applied(database) == ALL[:2]
    assert "nothing to do" in project.succeed("up", "--to", "0002", "--plan", short).out


def test_a_plan_is_refused_after_another_deployer_ran_a_part_of_it(project: Project, database: str) -> None:
    name = project.succeed("plan", "--json").json["sha256"]
    project.succeed("up", "--to", "0001")
    project.fail(4, "up", "--plan", name)
    assert applied(database) == ALL[:1]


def test_out_of_order_is_refused_unless_it_is_allowed(project: Project, database: str) -> None:
    project.succeed()
    project.write("0002_a.sql", "CREATE TABLE late (x int);")
    for command in ("up", "plan"):
        told = project.fail(4, command)
        assert "migrations/0002_a.sql: error: 0002_a comes before 0003_c, which is applied already" in told
        assert "hint: rename it so that it comes after 0003_c, or pass --allow-out-of-order" in told
    assert "0002_a     out of order" in project.migrate("status").out
    assert "CREATE TABLE late" in project.succeed("plan", "--allow-out-of-order").out
    project.succeed("up", "--allow-out-of-order")
    assert applied(database) == [*ALL, "0002_a"]
    assert "note: two migrations have the number 0002" in project.succeed("status").out
    project.succeed("down", "--yes", "--dry-run")


def test_down_undoes_the_last_one(project: Project, database: str) -> None:
    project.succeed()
    outcome = project.succeed("down", "--yes")
    assert outcome.out.startswith("  ✓ rolled back 0003_c (")
    assert "rolled back 1 migration in " in outcome.out
    assert applied(database) == ALL[:2]
    assert objects(database) == {"public.a", "public.b"}


@pytest.mark.parametrize(
    ("words", "left"), [(("--steps", "2"), 1), (("--steps", "99"), 0), (("--to", "0001"), 1), (("--to", "0003"), 3)]
)
def test_down_undoes_as_many_as_it_is_told(
    project: Project, database: str, words: tuple[str, ...], left: int
) -> None:
    project.succeed()
    project.succeed("down", *words, "--yes")
    assert applied(database) == ALL[:left]
    assert len(objects(database)) == left


def test_down_asks_and_without_a_terminal_refuses(project: Project, database: str) -> None:
    project.succeed()
    told = project.fail(2, "down", "--steps", "2")
    assert "error: Roll back 0003_c, 0002_b on " in told
    assert "? stdin is not a terminal [usage]" in told
    assert "hint: pass --yes" in told
    assert applied(database) == ALL
    project.succeed("up", "--to", "0003")


def test_down_with_a_missing_rollback_file_undoes_nothing(project: Project, database: str) -> None:
    """Not even those whose file is there."""
    project.succeed()
    (project.migrations / "0002_b.rollback.sql").unlink()
    told = project.fail(7, "down", "--steps", "3", "--yes")
    assert "migrations/0002_b.sql: error: 0002_b has no rollback file [rollback-missing]" in told
    assert "hint: write 0002_b.rollback.sql next to it; a file with only a comment undoes nothing" in told
    assert applied(database) == ALL
    project.succeed("down", "--yes")
    assert applied(database) == ALL[:2]


def test_up_after_down_applies_again(project: Project, database: str) -> None:
    project.succeed()
    project.succeed("down", "--steps", "3", "--yes")
    project.write("0002_b.sql", "CREATE TABLE b (x int, changed_while_it_was_undone int);")
    project.succeed()
    assert applied(database) == ALL
    assert rows(database, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'b'") == [(2,)]
    log = rows(database, "SELECT operation, count(*) FROM _yoyo_log GROUP BY 1 ORDER BY 1")
    assert log == [("apply", 6), ("rollback", 3)]


def test_dependencies_decide_the_order_of_up_and_of_down(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write_all(
        {
            "a.sql": "-- depends: b\nCREATE TABLE a (x int REFERENCES b);",
            "a.rollback.sql": "DROP TABLE a;",
            "b.sql": "CREATE TABLE b (x int PRIMARY KEY);",
            "b.rollback.sql": "DROP TABLE b;",
        }
    )
    project.succeed()
    assert applied(database) == ["b", "a"]
    project.succeed("down", "--steps", "2", "--yes")
    assert objects(database) == set()


def test_the_status_tells_when_each_was_applied(project: Project) -> None:
    project.succeed("up", "--to", "0002")
    lines = project.succeed("status").out.splitlines()
    assert lines[0].split() == ["migration", "state", "applied", "at"]
    assert [line.split()[:2] for line in lines[2:5]] == [
        ["0001_a", "applied"],
        ["0002_b", "applied"],
        ["0003_c", "pending"],
    ]
    assert lines[2].endswith(" UTC")
    assert lines[5].startswith("2 applied, 1 pending: ")


def test_files_that_yoyo_applied_are_noted_as_unchecked(project: Project, database: str) -> None:
    project.succeed()
    execute(database, "DELETE FROM _codezest_migration WHERE migration_id = '0002_b'")
    outcome = project.succeed("status")
    assert "note: applied by yoyo itself, so that their content cannot be checked: 0002_b" in outcome.out


# --- migrations.sum ------------------------------------------------------------------------------------------------


def test_a_sum_is_enforced_wherever_it_exists(project: Project, database: str) -> None:
    assert project.succeed("hash").out == "wrote migrations/migrations.sum\n"
    project.write("0002_b.rollback.sql", "DROP TABLE IF EXISTS b;")
    for command in ("up", "plan", "status", "test"):
        told = project.fail(4, command)
        assert "migrations/0002_b.rollback.sql: error: differs from its hash in migrations.sum: edited" in told
    assert ledger_tables(database) == set()
    project.succeed("hash")
    project.succeed()


def test_hash_writes_the_same_text_for_the_same_files(project: Project) -> None:
    project.succeed("hash")
    first = (project.migrations / "migrations.sum").read_bytes()
    project.succeed("hash")
    assert (project.migrations / "migrations.sum").read_bytes() == first
    assert b"\r" not in first
    assert not [path for path in project.migrations.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"hello\n", b""])
def test_a_sum_that_cannot_be_read_is_told_and_hash_repairs_it(project: Project, content: bytes) -> None:
    project.write("migrations.sum", content)
    assert "migrations/migrations.sum" in project.fail(7, "status")
    project.succeed("hash")
    project.succeed("status")


def test_a_sum_that_is_a_folder_or_leads_nowhere_is_told(project: Project) -> None:
    path = project.migrations / "migrations.sum"
    path.symlink_to("nowhere")
    assert "migrations/migrations.sum: error: cannot be read: No such file or directory" in project.fail(7, "status")
    path.unlink()
    path.mkdir()
    assert "migrations/migrations.sum: error: cannot be read: Is a directory" in project.fail(7, "status")
    assert "error: cannot write migrations/migrations.sum: " in project.fail(7, "hash")
    assert not [path for path in project.migrations.iterdir() if path.name.startswith(".")]


def test_hash_refuses_files_that_cannot_run(project: Project) -> None:
    project.write("0004_d.sql", "COMMIT;")
    project.fail(7, "hash")
    assert not (project.migrations / "migrations.sum").exists()
