"""``migrate baseline ID``: what is marked without being run, that yoyo agrees, and everything that is refused."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.executor.guard import deployer_key
from tests.patience import PATIENCE
from tests.postgres.migrations.test_yoyo_contract import listed, yoyo
from tests.projects import Outcome, Project, applied, execute, ledger_tables, objects, role_of, rows

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
    """Return a project with three migrations, on a database that somebody gave the tables of the first two."""
    found = Project(tmp_path, database)
    found.write_all(FILES)
    execute(database, "CREATE TABLE a (x int); CREATE TABLE b (x int)")
    return found


@pytest.mark.every_postgres
def test_all_up_to_an_id_is_marked_and_only_the_rest_runs(project: Project, database: str) -> None:
    outcome = project.succeed("baseline", "0002")
    lines = outcome.out.splitlines()
    assert lines[:3] == ["  ✓ marked 0001_a", "  ✓ marked 0002_b", "note: still pending: 0003_c"]
    assert lines[3].startswith("marked 2 migrations as applied, and ran none: ")
    assert not outcome.err
    assert applied(database) == ALL[:2]
    assert listed(project) == {"0001_a": "A", "0002_b": "A", "0003_c": "U"}
    assert objects(database) == {"public.a", "public.b"}
    project.succeed()
    assert applied(database) == ALL
    assert project.succeed("status", "--check").out.splitlines()[-1].startswith("3 applied, 0 pending")


def test_it_is_logged_as_yoyo_logs_its_own_mark(project: Project, database: str) -> None:
    project.succeed("baseline", "0001")
    yoyo(project, "mark", "--revision", "0002_b")
    query = "SELECT migration_id, operation FROM _yoyo_log ORDER BY created_at_utc"
    assert rows(database, query) == [("0001_a", "mark"), ("0002_b", "mark")]
    yoyo(project, "unmark", "--revision", "0001_a")
    assert applied(database) == ["0002_b"]


def test_an_edit_after_a_baseline_is_caught(project: Project) -> None:
    project.succeed("baseline", "0002")
    project.write("0001_a.sql", "CREATE TABLE a (x bigint);")
    assert "was edited after it was applied" in project.fail(4, "baseline", "0002")
    assert "was edited after it was applied" in project.fail(4)


def test_a_marked_migration_can_be_rolled_back(project: Project, database: str) -> None:
    project.succeed("baseline", "0002")
    project.succeed("down", "--yes")
    assert applied(database) == ALL[:1]
    assert objects(database) == {"public.a"}


def test_a_second_run_has_nothing_to_mark(project: Project, database: str) -> None:
    project.succeed("baseline", "0002")
    before = rows(database, "SELECT * FROM _yoyo_migration ORDER BY 1"), rows(database, "SELECT * FROM _yoyo_log")
    for number in ("0002", "0001"):
        assert project.succeed("baseline", number).out.splitlines()[-1].startswith("nothing to mark: ")
    after = rows(database, "SELECT * FROM _yoyo_migration ORDER BY 1"), rows(database, "SELECT * FROM _yoyo_log")
    assert before == after
    assert "  ✓ marked 0003_c\nmarked 1 migration as applied" in project.succeed("baseline", "0003_c").out


def test_a_dry_run_lists_and_writes_nothing(project: Project, database: str) -> None:
    outcome = project.succeed("baseline", "0002", "--dry-run")
    assert outcome.out.startswith("  would mark 0001_a\n  would mark 0002_b\n")
    assert "nothing was marked (--dry-run): " in outcome.out
    assert ledger_tables(database) == set()


def test_the_json_has_ids_and_hashes(project: Project) -> None:
    result = project.succeed("baseline", "0001", "--json").json
    assert [entry["id"] for entry in result["marked"]] == ["0001_a"]
    assert len(result["marked"][0]["sha256"]) == 64
    assert (result["hashed"], result["from"], result["ledger_table"]) == ([], None, None)
    assert (result["dry_run"], result["pending"]) == (False, 2)
    assert result["notes"] == ["still pending: 0002_b, 0003_c"]


def test_marking_on_a_database_without_tables_is_pointed_out(project: Project, database: str) -> None:
    execute(database, "DROP TABLE a, b")
    note = "note: the database has no tables: marking does not make them"
    assert note in project.succeed("baseline", "0002", "--dry-run").out
    assert note in project.succeed("baseline", "0002").out
    execute(database, "CREATE VIEW v AS SELECT 1")
    assert note not in project.succeed("baseline", "0003").out


# --- refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name what was applied already"),
        (("0004",), "there is no migration '0004'"),
        (("000",), "000 could mean 0001_a, 0002_b, 0003_c"),
        (("0001", "--ledger-table", "t"), "--ledger-table is for --from"),
        (("--from", "liquibase"), "--from: unknown tool 'liquibase'"),
        (("--from", "dbmate", "--ledger-table", "a.b.c"), "--ledger-table takes [SCHEMA.]NAME"),
        (("0001", "--wait", "soon"), "--wait: "),
    ],
)
def test_a_wrong_command_line_marks_nothing(
    project: Project, database: str, words: tuple[str, ...], message: str
) -> None:
    told = project.fail(2, "baseline", *words)
    assert message in told
    assert "  hint: " in told
    assert ledger_tables(database) == set()


def test_nothing_is_marked_beside_a_missing_file(project: Project, database: str) -> None:
    project.succeed("baseline", "0001")
    (project.migrations / "0001_a.sql").rename(project.migrations / "0001_z.sql")
    (project.migrations / "0001_a.rollback.sql").unlink()
    assert "0001_a was applied on" in project.fail(4, "baseline", "0002")
    assert applied(database) == ["0001_a"]


def test_nothing_is_marked_while_a_migration_is_half_run(project: Project, database: str) -> None:
    project.write("0003_c.sql", "-- transactional: false\nCREATE TABLE c (x int);\nSELECT 1 / 0;")
    project.fail(1)  # a exists already
    project.succeed("baseline", "0002")
    assert "division by zero" in project.fail(1)
    told = project.fail(1, "baseline", "0003")
    assert "migrations/0003_c.sql: error: 0003_c is half applied [half-run]" in told
    assert applied(database) == ALL[:2]


def test_it_waits_for_another_deployer_only_as_long_as_it_is_told(project: Project, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [deployer_key("public")])
        assert "[deployer-lock]" in project.fail(5, "baseline", "0002", "--wait", "50ms")
        project.succeed("baseline", "0002", "--dry-run")
    assert applied(database) == []


def test_a_role_that_may_not_write_is_refused_with_6(project: Project, database: str) -> None:
    with role_of(database, "reader", "GRANT USAGE ON SCHEMA public TO {role}") as url:
        assert "permission denied" in project.fail(6, "baseline", "0002", url=url)
    assert ledger_tables(database) == set()


def test_all_is_marked_or_nothing(project: Project, database: str) -> None:
    project.succeed("baseline", "0001")
    execute(
        database,
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not this one'; END$$;
        CREATE TRIGGER t BEFORE INSERT ON _yoyo_migration FOR EACH ROW
        WHEN (new.migration_id = '0003_c') EXECUTE FUNCTION refuse()
        """,
    )
    told = project.fail(1, "baseline", "0003")
    assert "error: cannot mark migrations as applied: not this one [database]" in told
    assert applied(database) == ALL[:1]
    assert rows(database, "SELECT count(*) FROM _yoyo_log") == [(1,)]
    assert rows(database, "SELECT migration_id FROM _codezest_migration") == [("0001_a",)]


def test_of_two_at_once_each_ends_well_and_each_migration_is_marked_once(project: Project, database: str) -> None:
    outcomes: list[Outcome] = []
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [deployer_key("public")])
        # Two processes, as this one's standard streams are shared by its threads.
        threads = [threading.Thread(target=lambda: outcomes.append(_in_a_process(project))) for _ in range(2)]
        for thread in threads:
            thread.start()
        _wait_until_both_wait(database)
    for thread in threads:
        thread.join()
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    ends = sorted(outcome.out.splitlines()[-1].split(":")[0] for outcome in outcomes)
    assert ends == ["marked 2 migrations as applied, and ran none", "nothing to mark"]
    assert rows(database, "SELECT count(*) FROM _yoyo_log") == [(2,)]


def _in_a_process(project: Project) -> Outcome:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    assert project.url
    words = ["migrate", "baseline", "0002", "--database-url", project.url]
    done = subprocess.run(
        [sys.executable, "-m", "codezest_sql", *words],
        cwd=project.root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def _wait_until_both_wait(database: str) -> None:
    import time  # noqa: PLC0415

    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'codezest-sql baseline guard%'"
    began = time.monotonic()
    while rows(database, query) != [(2,)]:
        assert time.monotonic() - began < PATIENCE, "the two never waited for the lock"
        time.sleep(0.05)
