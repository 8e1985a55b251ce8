"""Every exit code by a real command, and every JSON output with its documented keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.errors import ExitCode
from codezest_sql.executor.guard import deployer_key
from tests.projects import Project, applied, ledger_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "0001_a.sql": "CREATE TABLE a (x int);",
    "0001_a.rollback.sql": "DROP TABLE a;",
    "0002_b.sql": "CREATE TABLE b (x int);",
    "0002_b.rollback.sql": "DROP TABLE b;",
}
NOWHERE = "postgresql://127.0.0.1:1/nowhere"


@dataclass(frozen=True, slots=True)
class Case:
    """A command in a project with both files applied, after a change; and what it exits with."""

    words: tuple[str, ...]
    code: ExitCode
    error: str | None = None
    change: Callable[[Project], object] = lambda _: None


def edited(project: Project) -> None:
    project.write("0002_b.sql", "CREATE TABLE b (x bigint);")


def pending(project: Project) -> None:
    project.write("0003_c.sql", "SELECT 1;")


def failing(project: Project) -> None:
    project.write("0003_c.sql", "SELECT 1 / 0;")


def deleted(project: Project) -> None:
    (project.migrations / "0002_b.sql").unlink()
    (project.migrations / "0002_b.rollback.sql").unlink()


def renamed(project: Project) -> None:
    (project.migrations / "0002_b.sql").rename(project.migrations / "0002_z.sql")
    (project.migrations / "0002_b.rollback.sql").unlink()


def late(project: Project) -> None:
    project.write("0001_z.sql", "SELECT 1;")


def summed_then_edited(project: Project) -> None:
    project.succeed("hash")
    project.write("0001_a.rollback.sql", "DROP TABLE IF EXISTS a;")


def wrongly_rolled_back(project: Project) -> None:
    project.write("0002_b.rollback.sql", "SELECT 'forgotten';")


def without_rollback(project: Project) -> None:
    (project.migrations / "0002_b.rollback.sql").unlink()


def empty(project: Project) -> None:
    for path in project.migrations.iterdir():
        path.unlink()


CASES = {
    # 0: done.
    "up with nothing to do": Case(("up",), ExitCode.DONE),
    "migrate alone": Case((), ExitCode.DONE),
    "status": Case(("status",), ExitCode.DONE),
    "status with something pending": Case(("status",), ExitCode.DONE, change=pending),
    "status --check with nothing pending": Case(("status", "--check"), ExitCode.DONE),
    "plan": Case(("plan",), ExitCode.DONE, change=pending),
    "down": Case(("down", "--yes"), ExitCode.DONE),
    "down by nothing": Case(("down", "--to", "0002"), ExitCode.DONE),
    "hash": Case(("hash",), ExitCode.DONE),
    "new": Case(("new", "badges"), ExitCode.DONE),
    "repair": Case(("repair",), ExitCode.DONE),
    # 1: failed.
    "a failing statement": Case(("up",), ExitCode.FAILED, "migration-failed", failing),
    # 2: usage.
    "an unknown migration": Case(("up", "--to", "0009"), ExitCode.USAGE, "usage"),
    "a beginning of several": Case(("down", "--to", "000", "--yes"), ExitCode.USAGE, "usage"),
    "a question with nobody to answer": Case(("down",), ExitCode.USAGE, "usage"),
    "no name of a plan": Case(("up", "--plan", "abc"), ExitCode.USAGE, "usage", pending),
    "a wrong time": Case(("up", "--wait", "soon"), ExitCode.USAGE, "usage"),
    "a repair of nothing": Case(("repair", "--done"), ExitCode.USAGE, "usage"),
    "a title without letters": Case(("new", "!?"), ExitCode.USAGE, "usage"),
    # 3: pending.
    "status --check with something pending": Case(("status", "--check"), ExitCode.PENDING, change=pending),
    # 4: drift or tampering.
    "an edited file": Case(("up",), ExitCode.DRIFT, "edited-migration", edited),
    "an edited file and down": Case(("down", "--yes"), ExitCode.DRIFT, "edited-migration", edited),
    "an edited file and plan": Case(("plan",), ExitCode.DRIFT, "edited-migration", edited),
    "an edited file and status": Case(("status",), ExitCode.DRIFT, "edited-migration", edited),
    "an edited file and status --check": Case(("status", "--check"), ExitCode.DRIFT, "edited-migration", edited),
    "a database ahead": Case(("up",), ExitCode.DRIFT, "missing-migration", deleted),
    "a renamed file": Case(("up",), ExitCode.DRIFT, "renamed-migration", renamed),
    "a late file": Case(("up",), ExitCode.DRIFT, "out-of-order", late),
    "a file that is not the sum's": Case(("up",), ExitCode.DRIFT, "checksum-mismatch", summed_then_edited),
    "a file that is not the sum's, and new": Case(
        ("new", "x"), ExitCode.DRIFT, "checksum-mismatch", summed_then_edited
    ),
    "another plan": Case(("up", "--plan", "0" * 12), ExitCode.DRIFT, "plan-changed", pending),
    # 6: unusable connection.
    "an unreachable server": Case(("up", "--database-url", NOWHERE), ExitCode.CONNECTION, "connection-unusable"),
    "an unreadable URL": Case(("status", "--database-url", "x"), ExitCode.CONNECTION, "connection-unusable"),
    "a pooler": Case(
        ("up", "--database-url", "postgresql://ep-x-pooler.invalid/db"),
        ExitCode.CONNECTION,
        "pooled-connection",
        pending,
    ),
    # 7: invalid project files.
    "a missing folder": Case(("up", "--migrations", "nowhere"), ExitCode.PROJECT, "folder"),
    "an empty folder": Case(("status",), ExitCode.PROJECT, "folder", empty),
    "a hostile file": Case(
        ("plan",), ExitCode.PROJECT, "lexical", lambda project: project.write("0003_c.sql", "SELECT 'it")
    ),
    "a missing rollback file": Case(("down", "--yes"), ExitCode.PROJECT, "rollback-missing", without_rollback),
    "a sum that is none": Case(
        ("up",), ExitCode.PROJECT, "checksum-file", lambda project: project.write("migrations.sum", "x")
    ),
    "wrong settings": Case(
        ("up",),
        ExitCode.PROJECT,
        "settings",
        lambda project: project.write("../pyproject.toml", "[tool.codezest-sql]\nx=1"),
    ),
}


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project whose two migrations are applied."""
    found = Project(tmp_path, database)
    found.write_all(FILES)
    found.succeed()
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_command_exits_with_its_code(project: Project, name: str) -> None:
    case = CASES[name]
    case.change(project)
    outcome = project.migrate(*case.words)
    assert outcome.code == case.code, outcome.out + outcome.err
    if case.error is None:
        assert "error:" not in outcome.err
    else:
        assert f"[{case.error}]" in outcome.err
        assert "hint: " in outcome.err or case.error == "migration-failed"


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.error and case.words[:1] not in {("new",), ("hash",)}]
)
def test_a_failing_command_says_the_same_as_json(project: Project, name: str) -> None:
    case = CASES[name]
    case.change(project)
    outcome = project.migrate(*case.words, "--json")
    assert outcome.code == case.code
    value = outcome.json
    errors = value["errors"]
    assert case.error in {error["code"] for error in errors}
    assert all(set(error) == {"code", "message", "file", "line", "column", "hint"} for error in errors)
    if "migrations" not in value:  # status has more to say than its errors
        assert value["exit_code"] == case.code
    assert f"[{case.error}]" in outcome.err


def test_a_lock_that_another_deployer_holds_exits_with_5(project: Project, database: str) -> None:
    pending(project)
    with psycopg.connect(database, autocommit=True, application_name="another deployer") as other:
        other.execute("SELECT pg_advisory_lock(%s)", [deployer_key("public")])
        outcome = project.migrate("up", "--wait", "50ms", "--json")
        assert outcome.code == ExitCode.LOCKED
        (error,) = outcome.json["errors"]
        assert error["code"] == "deployer-lock"
        assert f"another deployer, held by pid {other.info.backend_pid} since " in error["message"]
        assert "--wait" in error["hint"]
        assert "waiting for another deployer, held by pid " in outcome.err
        # Who only looks needs no lock.
        assert project.migrate("status", "--check").code == ExitCode.PENDING
        assert project.succeed("plan").code == ExitCode.DONE
    assert applied(database) == ["0001_a", "0002_b"]
    project.succeed("up")


def test_a_table_that_another_session_holds_exits_with_5(project: Project, database: str) -> None:
    """After all attempts, with the word of who may hold it."""
    project.write("../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\nlock_retry = "300ms"\n')
    project.write("0003_c.sql", "-- lock-timeout: 20ms\nALTER TABLE a ADD y int;")
    with psycopg.connect(database, application_name="a report") as reader:
        reader.execute("SELECT * FROM a")
        outcome = project.migrate("up", "--json")
        assert outcome.code == ExitCode.LOCKED
        (error,) = outcome.json["errors"]
        assert error["code"] == "lock-timeout"
        assert (error["file"], error["line"], error["column"]) == ("migrations/0003_c.sql", 2, 1)
        assert "attempts in 0.3 s" in error["message"]
        assert f"the oldest open transaction is of pid {reader.info.backend_pid} " in error["hint"]
        assert "a report" in error["hint"]
    project.succeed("up")


def test_a_rollback_that_restores_nothing_exits_with_4(project: Project) -> None:
    wrongly_rolled_back(project)
    outcome = project.migrate("test", "--json", url=None)
    assert outcome.code == ExitCode.DRIFT
    assert outcome.json["errors"][0]["code"] == "catalog-difference"


def test_every_exit_code_has_a_case() -> None:
    """5 needs a second session, 70 a bug; 130 and 143 need signals and are tested with the faults."""
    elsewhere = {ExitCode.LOCKED, ExitCode.BUG, ExitCode.INTERRUPTED, ExitCode.TERMINATED}
    assert {case.code for case in CASES.values()} == set(ExitCode) - elsewhere


# --- JSON ----------------------------------------------------------------------------------------------------------


def keys(value: Any) -> set[str]:
    return set(value)


def test_the_json_of_up_and_down(project: Project, database: str) -> None:
    down = project.succeed("down", "--steps", "2", "--yes", "--json").json
    assert keys(down) == {"database", "steps", "notes"}
    assert [(step["id"], step["direction"]) for step in down["steps"]] == [("0002_b", "down"), ("0001_a", "down")]
    up = project.succeed("--json").json
    assert keys(up) == keys(down)
    assert [(step["id"], step["direction"]) for step in up["steps"]] == [("0001_a", "up"), ("0002_b", "up")]
    assert all(keys(step) == {"id", "direction", "duration_ms"} for step in up["steps"] + down["steps"])
    assert all(0 < step["duration_ms"] < 60_000 for step in up["steps"])
    assert up["database"].endswith(" (DATABASE_URL)")
    assert project.succeed("up", "--json").json == {**up, "steps": []}
    assert applied(database) == ["0001_a", "0002_b"]


def test_the_json_of_a_dry_run_and_of_plan(project: Project) -> None:
    pending(project)
    plan = project.succeed("plan", "--json").json
    assert keys(plan) == {"database", "sha256", "steps", "notes"}
    (step,) = plan["steps"]
    assert keys(step) == {"id", "direction", "file", "sha256", "transactional", "sql"}
    assert step["sql"] == "SELECT 1;"
    dry = project.succeed("up", "--dry-run", "--json").json
    assert keys(dry) == {"database", "steps", "notes", "plan"}
    assert dry["plan"] == {"sha256": plan["sha256"], "steps": plan["steps"]}
    assert dry["steps"] == []


def test_the_json_of_status(project: Project) -> None:
    pending(project)
    edited(project)
    outcome = project.migrate("status", "--json")
    assert outcome.code == ExitCode.DRIFT
    assert keys(outcome.json) == {"database", "pending", "migrations", "notes", "errors"}
    assert outcome.json["pending"] == 1
    assert [(line["id"], line["state"]) for line in outcome.json["migrations"]] == [
        ("0001_a", "applied"),
        ("0002_b", "edited"),
        ("0003_c", "pending"),
    ]
    assert all(keys(line) == {"id", "state", "applied_at", "sha256"} for line in outcome.json["migrations"])
    assert [error["code"] for error in outcome.json["errors"]] == ["edited-migration"]


def test_the_json_of_repair(project: Project) -> None:
    assert project.succeed("repair", "--json").json == {
        "database": project.succeed("status", "--json").json["database"],
        "journal": [],
        "repaired": [],
    }
    project.write("0003_c.sql", "-- transactional: false\nSELECT 1;\nSELECT 1 / 0;")
    project.fail(1)
    (entry,) = project.succeed("repair", "--json").json["journal"]
    assert keys(entry) == {"id", "direction", "number", "state", "needs_decision", "started_at", "statement"}
    assert (entry["id"], entry["number"], entry["state"], entry["statement"]) == ("0003_c", 1, "done", "SELECT 1")


def test_the_json_of_test(project: Project) -> None:
    value = project.succeed("test", "--json", url=None).json
    assert keys(value) == {"database", "steps", "notes"}
    assert value["database"] == "a temporary server"


def test_reading_makes_no_ledger(tmp_path: Path, database: str) -> None:
    """On a database that nobody has migrated yet."""
    project = Project(tmp_path, database)
    project.write_all(FILES)
    for words in (("status",), ("plan",), ("up", "--dry-run"), ("down", "--yes"), ("repair",)):
        project.succeed(*words)
    assert project.migrate("status", "--check").code == ExitCode.PENDING
    assert ledger_tables(database) == set()
