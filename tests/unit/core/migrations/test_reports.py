"""Results and errors as people and as tools read them."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime

import pytest

from codezest_sql import errors as errors_module
from codezest_sql.core.error_report import error_json, error_text, flatten
from codezest_sql.core.migrations.files.folder import assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.migrations.history import Direction, History, JournalEntry, StatementState
from codezest_sql.core.migrations.plan import plan_up
from codezest_sql.core.migrations.plan_report import PlanReport, plan_json, plan_text
from codezest_sql.core.migrations.repair_report import RepairReport, repair_json, repair_text
from codezest_sql.core.migrations.run_report import RunReport, StepReport, run_json, run_text
from codezest_sql.core.migrations.status import MigrationStatus, StatusReport, status_json, status_text
from codezest_sql.core.text.table_text import table
from codezest_sql.errors import (
    CodezestError,
    DirectiveError,
    EditedMigrationError,
    FolderError,
    IntegrityErrors,
    ProjectErrors,
)
from codezest_sql.place import Place, cells

WHEN = datetime(2026, 1, 31, 9, 30, 15, tzinfo=UTC)
CLASSES = [
    found
    for _, found in inspect.getmembers(errors_module, inspect.isclass)
    if issubclass(found, CodezestError) and found not in {ProjectErrors, IntegrityErrors}
]


def plan_report(text: str = "SELECT 1;\n") -> PlanReport:
    files = [FoundFile("a.sql", "m/a.sql", text.encode()), FoundFile("b.sql", "m/b.sql", b"SELECT 2;")]
    return PlanReport("app on localhost", plan_up(assemble(files, folder="m"), History()), ("take care",))


# --- errors ----------------------------------------------------------------------------------------------------


def test_an_error_has_its_place_its_line_and_its_way_out() -> None:
    error = DirectiveError(
        "is wrong", place=Place("f.sql", 3, 4), hint="write it right", source="  3 | -- x\n    |    ^"
    )
    assert error_text(error) == (
        "f.sql:3:4: error: is wrong [directive]\n  3 | -- x\n    |    ^\n  hint: write it right"
    )
    assert str(error) == "f.sql:3:4: is wrong (write it right)"


def test_an_error_without_a_place_begins_with_the_word_error() -> None:
    assert error_text(FolderError("is missing")) == "error: is missing [folder]"


def test_a_group_is_told_one_by_one() -> None:
    inner = ProjectErrors([FolderError("one"), FolderError("two")])
    group = ProjectErrors([inner, EditedMigrationError("three")])
    assert [error.message for error in flatten(group)] == ["one", "two", "three"]
    assert error_text(group).splitlines() == [
        "error: one [folder]",
        "error: two [folder]",
        "error: three [edited-migration]",
    ]


def test_a_group_counts_its_members_in_words() -> None:
    assert str(ProjectErrors([FolderError("x")])) == "1 error in the project's files"
    assert str(ProjectErrors([FolderError("x")] * 2)) == "2 errors in the project's files"
    assert str(IntegrityErrors([FolderError("x")])) == "1 disagreement between the files and what was applied"


def test_an_error_as_json_has_every_key() -> None:
    error = DirectiveError("is wrong", place=Place("f.sql", 3, 4), hint="write it right", source="…")
    assert error_json(error) == {
        "exit_code": 7,
        "errors": [
            {
                "code": "directive",
                "message": "is wrong",
                "file": "f.sql",
                "line": 3,
                "column": 4,
                "hint": "write it right",
            }
        ],
    }


def test_what_is_not_known_is_null() -> None:
    assert error_json(FolderError("x")) == {
        "exit_code": 7,
        "errors": [{"code": "folder", "message": "x", "file": None, "line": None, "column": None, "hint": None}],
    }
    assert "'line': None" in str(error_json(FolderError("x", place=Place("f.sql"))))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_rendered_with_its_code(kind: type[CodezestError]) -> None:
    error = kind("what is wrong", place=Place("f.sql", 1, 2), hint="the hint")
    assert error_text(error) == f"f.sql:1:2: error: what is wrong [{kind.code}]\n  hint: the hint"
    assert json.loads(json.dumps(error_json(error)))["exit_code"] == kind.exit_code


# --- status ----------------------------------------------------------------------------------------------------

STATUS = StatusReport(
    "app on localhost (DATABASE_URL)",
    (
        MigrationStatus("0001_a", "applied", WHEN, "ab"),
        MigrationStatus("0002_日本", "edited", WHEN, "cd"),
        MigrationStatus("0003_c", "pending"),
    ),
    ("mind the gap",),
    (IntegrityErrors([EditedMigrationError("was edited", place=Place("m/0002_日本.sql"), hint="restore it")]),),
)


def test_the_status_is_a_table_with_its_sum_and_notes() -> None:
    assert status_text(STATUS).splitlines() == [
        "migration  state    applied at",
        "─────────  ───────  ───────────────────────",
        "0001_a     applied  2026-01-31 09:30:15 UTC",
        "0002_日本  edited   2026-01-31 09:30:15 UTC",
        "0003_c     pending",
        "1 applied, 1 pending: app on localhost (DATABASE_URL)",
        "note: mind the gap",
    ]


def test_the_status_as_json_has_every_key() -> None:
    assert status_json(STATUS) == {
        "database": "app on localhost (DATABASE_URL)",
        "pending": 1,
        "migrations": [
            {"id": "0001_a", "state": "applied", "applied_at": "2026-01-31T09:30:15+00:00", "sha256": "ab"},
            {"id": "0002_日本", "state": "edited", "applied_at": "2026-01-31T09:30:15+00:00", "sha256": "cd"},
            {"id": "0003_c", "state": "pending", "applied_at": None, "sha256": None},
        ],
        "notes": ["mind the gap"],
        "errors": [
            {
                "code": "edited-migration",
                "message": "was edited",
                "file": "m/0002_日本.sql",
                "line": None,
                "column": None,
                "hint": "restore it",
            }
        ],
    }


def test_the_columns_of_a_table_line_up_for_wide_characters() -> None:
    lines = table(("a", "b"), [("日本", "x"), ("abc", "y"), ("e\u0301", "z")]).splitlines()
    assert {cells(line[: line.index(mark)]) for line, mark in zip(lines[2:], "xyz", strict=True)} == {6}
    assert table(("name",), []) == "name\n────"


# --- runs ------------------------------------------------------------------------------------------------------


def test_a_run_is_a_sentence() -> None:
    up = StepReport("a", Direction.UP, 0.5)
    down = StepReport("a", Direction.DOWN, 0.25)
    assert run_text(RunReport("db", (up,))) == "applied 1 migration in 500 ms: db"
    assert run_text(RunReport("db", (up, up))) == "applied 2 migrations in 1.0 s: db"
    assert run_text(RunReport("db", (down,))) == "rolled back 1 migration in 250 ms: db"
    assert run_text(RunReport("db", (), ("a note",))) == "note: a note\nnothing to do: db"


def test_a_dry_run_says_that_nothing_was_run() -> None:
    report = plan_report()
    text = run_text(RunReport(report.database, (), report.notes, report.plan))
    assert text == f"{plan_text(report)}\nnothing was run (--dry-run)"


def test_a_run_as_json_has_its_steps() -> None:
    report = RunReport("db", (StepReport("a", Direction.UP, 0.01234),), ("note",))
    assert run_json(report) == {
        "database": "db",
        "steps": [{"id": "a", "direction": "up", "duration_ms": 12.3}],
        "notes": ["note"],
    }


def test_a_dry_run_as_json_has_its_plan() -> None:
    report = plan_report()
    value = run_json(RunReport("db", (), (), report.plan))
    assert isinstance(value, dict)
    assert value["plan"] == {
        key: part for key, part in json.loads(json.dumps(plan_json(report))).items() if key in {"sha256", "steps"}
    }


# --- plans -----------------------------------------------------------------------------------------------------


def test_a_plan_prints_the_exact_sql_with_its_name() -> None:
    report = plan_report("-- transactional: false\nVACUUM;\n")
    assert plan_text(report).splitlines() == [
        "-- up a, statement by statement, without a transaction (m/a.sql)",
        "-- transactional: false",
        "VACUUM;",
        "",
        "-- up b, in one transaction (m/b.sql)",
        "SELECT 2;",
        "",
        "note: take care",
        f"-- plan {report.plan.sha256[:12]}: 2 to run on app on localhost",
    ]


def test_a_plan_as_json_holds_the_exact_sql() -> None:
    text = "SELECT 'é\t\"\\ \u2028';\n\n"
    value = json.loads(json.dumps(plan_json(plan_report(text))))
    assert value["steps"][0]["sql"] == text
    assert value["steps"][0] == {
        "id": "a",
        "direction": "up",
        "file": "m/a.sql",
        "sha256": plan_report(text).plan.steps[0].script.sha256,
        "transactional": True,
        "sql": text,
    }
    assert value["sha256"] == plan_report(text).plan.sha256
    assert value["notes"] == ["take care"]
    assert value["database"] == "app on localhost"


def test_an_empty_plan_is_nothing_to_do() -> None:
    report = PlanReport("db", plan_report().plan.__class__())
    assert plan_text(report) == "nothing to do: db"


# --- repair ----------------------------------------------------------------------------------------------------


def entry(statement: str, state: StatementState, direction: Direction = Direction.UP) -> JournalEntry:
    return JournalEntry("a", direction, 2, statement, state, WHEN)


def test_where_nothing_is_half_run_that_is_said() -> None:
    assert repair_text(RepairReport("db", ())) == "nothing is half run: db"


def test_what_waits_for_a_person_is_shown_with_its_statement() -> None:
    text = repair_text(RepairReport("db", (entry("CALL\n work()", StatementState.RUNNING),)))
    assert text.splitlines() == [
        "a, applying, statement 2: running since 2026-01-31 09:30:15 UTC",
        "    CALL",
        "     work()",
        "    Look at the database. If it took effect: migrate repair --done, else: --again.",
        "then run: codezest-sql migrate up",
    ]


def test_what_the_next_run_finds_out_by_itself_needs_nobody() -> None:
    text = repair_text(RepairReport("db", (entry("VACUUM", StatementState.RUNNING, Direction.DOWN),)))
    assert "    The next run finds out on its own what became of it." in text
    assert text.endswith("then run: codezest-sql migrate down")


def test_a_repair_says_what_it_noted() -> None:
    noted = entry("CALL work()", StatementState.RUNNING)
    text = repair_text(RepairReport("db", (), repaired=(noted,)))
    assert text.splitlines() == ["noted: statement 2 of a", "nothing is half run: db"]


def test_a_repair_as_json_has_every_key() -> None:
    noted = entry("CALL work()", StatementState.RUNNING)
    value = json.loads(json.dumps(repair_json(RepairReport("db", (noted,), repaired=(noted,)))))
    expected = {
        "id": "a",
        "direction": "up",
        "number": 2,
        "state": "running",
        "needs_decision": True,
        "started_at": "2026-01-31T09:30:15+00:00",
        "statement": "CALL work()",
    }
    assert value == {"database": "db", "journal": [expected], "repaired": [expected]}
