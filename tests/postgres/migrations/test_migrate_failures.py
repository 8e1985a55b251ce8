"""A statement that the server refuses: which one, where it stands, why, the hint, and that nothing was kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from codezest_sql.ledger import LEDGER_TABLES
from tests.projects import Project, applied, objects, role_of, rows

if TYPE_CHECKING:
    from pathlib import Path

ALONE = "-- transactional: false\n"
TWO = "CREATE TABLE x (a int PRIMARY KEY, b int CHECK (b > 0));\nINSERT INTO x VALUES (1, 1);\n"

# Name → (statements from line 3 on, line:column of the mistake, what is said, part of the hint).
FAILURES: dict[str, tuple[str, str, str, str | None]] = {
    # The server gives a position.
    "a syntax error": ("SELECT 1;\n  SELCT 2;", "4:3", 'syntax error at or near "SELCT" [42601]', None),
    "the end of the input": ("CREATE TABLE", "3:13", "syntax error at end of input [42601]", None),
    "an unknown column": (
        "SELECT 'é日本', aa FROM x;",
        "3:15",
        'column "aa" does not exist [42703]',
        'Perhaps you meant to reference the column "x.a"',
    ),
    "an unknown function": (
        "SELECT 1;\nSELECT nope(1);",
        "4:8",
        "function nope(integer) does not exist [42883]",
        "",
    ),
    "an unknown type": ("CREATE TABLE y (a int,\n  b colour);", "4:5", 'type "colour" does not exist [42704]', None),
    # It does not: then the place is that of the statement.
    "a duplicate key": (
        "-- why\nINSERT INTO x VALUES (1, 1);",
        "4:1",
        'duplicate key value violates unique constraint "x_pkey" (Key (a)=(1) already exists.) [23505]',
        None,
    ),
    "a check": (
        "/* a */ INSERT INTO x VALUES (2, -1);",
        "3:9",
        'new row for relation "x" violates check constraint "x_b_check" (Failing row contains (2, -1).) [23514]',
        None,
    ),
    "a division": ("SELECT 1;\nSELECT 1 / 0;", "4:1", "division by zero [22012]", None),
    "a raise": (
        "DO $$\nBEGIN\n  RAISE EXCEPTION 'no way' USING HINT = 'go round', DETAIL = 'it is blocked';\nEND $$;",
        "3:1",
        "no way (it is blocked; PL/pgSQL function inline_code_block line 3 at RAISE) [P0001]",
        "go round",
    ),
    "a mistake in a body": (
        "DO $$ BEGIN PERFORM nope; END $$;",
        "3:1",
        'column "nope" does not exist (PL/pgSQL function inline_code_block line 1 at PERFORM) [42703]',
        None,
    ),
    "a table that is there": ("CREATE TABLE x ();", "3:1", 'relation "x" already exists [42P07]', None),
    "text of the user with marks": (
        "SELECT 1;DO $$ BEGIN RAISE EXCEPTION '100%% {x} %%(a)s'; END $$;",
        "3:10",
        "100% {x} %(a)s (PL/pgSQL function inline_code_block line 1 at RAISE) [P0001]",
        None,
    ),
    "a timeout": ("SET statement_timeout = 50;\nSELECT pg_sleep(10);", "4:1", "[57014]", "SET statement_timeout = 0"),
}
# In a body, 15 says "SQL statement" first; in all versions the message itself is the same.
SKIP_CONTEXT = {"a mistake in a body"}


@pytest.mark.every_postgres
@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
def test_a_refused_statement_is_told_with_its_place(tmp_path: Path, database: str, case: str, header: str) -> None:
    statements, place, message, hint = FAILURES[case]
    project = Project(tmp_path, database)
    project.write_all({"0001_x.sql": f"{header}{TWO}{statements}"})
    told = project.fail(1)
    line, _, column = place.partition(":")
    line = str(int(line) + header.count("\n"))
    first, source, caret, *rest = told.splitlines()
    assert first.startswith(f"migrations/0001_x.sql:{line}:{column}: error: ")
    assert first.endswith("[migration-failed]")
    if case in SKIP_CONTEXT:
        message = message.partition(" (")[0]
    assert message in first
    assert source.startswith(f"  {line} | ")
    assert caret.endswith("^")
    if hint is None:
        assert not rest
    else:
        assert f"  hint: {hint}" in rest[0] or hint in rest[0]
    assert applied(database) == []
    assert objects(database) == ({"public.x", "public.x_pkey"} if header else set())


def test_what_ran_before_the_failing_file_stays(tmp_path: Path, database: str) -> None:
    """Each file is a unit; a corrected file continues from there."""
    project = Project(tmp_path, database)
    project.write_all(
        {
            "0001_a.sql": "CREATE TABLE a (x int);",
            "0002_b.sql": "CREATE TABLE b (x int); SELECT 1 / 0;",
            "0003_c.sql": "CREATE TABLE c (x int);",
        }
    )
    outcome = project.migrate("up")
    assert outcome.code == 1
    assert "✓ applied 0001_a" in outcome.out
    assert applied(database) == ["0001_a"]
    assert objects(database) == {"public.a"}
    project.write("0002_b.sql", "CREATE TABLE b (x int);")
    project.succeed("up")
    assert applied(database) == ["0001_a", "0002_b", "0003_c"]


def test_a_deferred_constraint_that_fails_at_commit_is_told(tmp_path: Path, database: str) -> None:
    """No statement is at fault alone; the last one is pointed at."""
    project = Project(tmp_path, database)
    project.write(
        "0001_x.sql",
        "CREATE TABLE x (a int PRIMARY KEY, b int REFERENCES x DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO x VALUES (1, 2);\nSELECT 'last';\n",
    )
    told = project.fail(1)
    assert told.startswith("migrations/0001_x.sql:3:1: error: insert or update on table ")
    assert "violates foreign key constraint" in told
    assert objects(database) == set()
    assert applied(database) == []


def test_a_procedure_that_commits_is_refused_in_a_transactional_file(tmp_path: Path, database: str) -> None:
    """Its COMMIT would end the transaction that holds the ledger's rows."""
    project = Project(tmp_path, database)
    project.write_all(
        {
            "0001_p.sql": "CREATE TABLE x (a int);\nCREATE PROCEDURE p() LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO x VALUES (1); COMMIT; INSERT INTO x VALUES (2); END $$;",
            "0002_call.sql": "CREATE TABLE y (a int);\nCALL p();",
        }
    )
    told = project.fail(1)
    assert told.startswith("migrations/0002_call.sql:2:1: error: invalid transaction termination ")
    assert "[2D000]" in told
    assert applied(database) == ["0001_p"]
    assert "public.y" not in objects(database)
    assert rows(database, "SELECT count(*) FROM x") == [(0,)]

    project.write("0002_call.sql", f"{ALONE}CREATE TABLE y (a int);\nCALL p();")
    project.succeed()
    assert applied(database) == ["0001_p", "0002_call"]
    assert rows(database, "SELECT count(*) FROM x") == [(2,)]


def test_a_new_enum_value_used_too_early_is_told_with_the_way_out(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write_all(
        {
            "0001_e.sql": "CREATE TYPE e AS ENUM ('a');",
            "0002_e.sql": "ALTER TYPE e ADD VALUE 'b';\nCREATE TABLE x (a e DEFAULT 'b');",
        }
    )
    told = project.fail(1)
    assert "[55P04]" in told
    assert "hint: " in told


def test_a_rule_that_sends_more_results_does_not_move_the_place(tmp_path: Path, database: str) -> None:
    """One statement that runs as several is still one: the place is counted by statements of the file."""
    project = Project(tmp_path, database)
    project.write(
        "0001_x.sql",
        "CREATE TABLE x (a int);\nCREATE TABLE log (a int);\n"
        "CREATE RULE r AS ON INSERT TO x DO ALSO (INSERT INTO log VALUES (new.a); SELECT 'logged');\n"
        "INSERT INTO x VALUES (1);\nINSERT INTO x VALUES (2);\nSELECT 1 / 0;\n",
    )
    assert project.fail(1).startswith("migrations/0001_x.sql:6:1: error: division by zero [22012]")


def test_notices_and_warnings_are_passed_on(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write(
        "0001_x.sql",
        "CREATE TABLE IF NOT EXISTS x (a int);\nCREATE TABLE IF NOT EXISTS x (a int);\n"
        "DO $$ BEGIN RAISE WARNING '100%% {sure} \"quoted\"'; END $$;",
    )
    out = project.succeed().out
    assert '  notice: relation "x" already exists, skipping' in out
    assert '  warning: 100% {sure} "quoted"' in out


def test_with_json_progress_and_notices_go_to_stderr(tmp_path: Path, database: str) -> None:
    """So that stdout is one JSON value."""
    project = Project(tmp_path, database)
    project.write("0001_x.sql", "DO $$ BEGIN RAISE NOTICE 'hello'; END $$;")
    outcome = project.succeed("--json")
    assert [step["id"] for step in outcome.json["steps"]] == ["0001_x"]
    assert "  notice: hello" in outcome.err
    assert "✓ applied 0001_x" in outcome.err


def test_a_failure_as_json_has_its_place(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_x.sql", "SELECT 1;\n SELECT 1 / 0;")
    outcome = project.migrate("--json")
    assert outcome.code == 1
    assert outcome.json == {
        "exit_code": 1,
        "errors": [
            {
                "code": "migration-failed",
                "message": "division by zero [22012]",
                "file": "migrations/0001_x.sql",
                "line": 2,
                "column": 2,
                "hint": None,
            }
        ],
    }
    assert "migrations/0001_x.sql:2:2: error: division by zero [22012] [migration-failed]" in outcome.err


def test_a_rollback_that_fails_undoes_nothing(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write_all(
        {"0001_x.sql": "CREATE TABLE x (a int);", "0001_x.rollback.sql": "DROP TABLE x;\nDROP TABLE nope;"}
    )
    project.succeed()
    assert project.fail(1, "down", "--yes").startswith(
        'migrations/0001_x.rollback.sql:2:1: error: table "nope" does '
    )
    assert objects(database) == {"public.x"}
    assert applied(database) == ["0001_x"]


# --- files that touch the ledger ---------------------------------------------------------------------------------

LEDGER_ENEMIES = {
    "drops the schema of the ledger": "DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
    "renames the schema of the ledger": "ALTER SCHEMA public RENAME TO app; CREATE SCHEMA public;",
    "drops a table of the ledger": "DROP TABLE public._yoyo_log;",
    "drops our table of the ledger": "DROP TABLE public._codezest_migration;",
    "renames a table of the ledger": "ALTER TABLE public._yoyo_migration RENAME TO something;",
    "changes a table of the ledger": "ALTER TABLE public._yoyo_migration DROP COLUMN migration_id;",
    "makes its transaction read-only": "SET TRANSACTION READ ONLY;",
    "makes its transaction read-only by a setting": "SELECT set_config('transaction_read_only', 'on', true);",
}


@pytest.mark.parametrize("case", LEDGER_ENEMIES)
def test_a_file_that_harms_the_ledger_is_undone_with_a_clear_word(tmp_path: Path, database: str, case: str) -> None:
    """The ledger is as before, and a corrected file continues."""
    project = Project(tmp_path, database)
    enemy = f"CREATE TABLE x (a int);\n{LEDGER_ENEMIES[case]}"
    project.write_all({"0001_a.sql": "SELECT 1;", "0002_enemy.sql": enemy, "0003_c.sql": "SELECT 3;"})
    told = project.fail(1)
    assert told.startswith("migrations/0002_enemy.sql: error: the ledger cannot be written after this file ran: ")
    assert "hint: nothing of it was kept; a migration leaves the ledger's tables" in told
    assert applied(database) == ["0001_a"]
    assert objects(database) == set()
    assert "0002_enemy" in project.succeed("status").out
    project.write("0002_enemy.sql", "CREATE TABLE x (a int);")
    project.succeed()
    assert applied(database) == ["0001_a", "0002_enemy", "0003_c"]


def test_a_file_that_revokes_the_rights_on_the_ledger_is_undone(tmp_path: Path, database: str) -> None:
    revoke = "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM CURRENT_USER;"
    with role_of(database, "owner", "GRANT CREATE ON SCHEMA public TO {role}") as url:
        project = Project(tmp_path, url)
        project.write_all({"0001_a.sql": "SELECT 1;", "0002_r.sql": revoke})
        told = project.fail(1)
        refused = re.search(
            r"the ledger cannot be written after this file ran: permission denied for table (\w+)", told
        )
        assert refused, told
        assert refused[1] in LEDGER_TABLES
        assert applied(database) == ["0001_a"]


def test_set_local_without_a_transaction_is_noted(tmp_path: Path, database: str) -> None:
    """Its effect is gone before the next statement; psql warns of it too."""
    project = Project(tmp_path, database)
    project.write("0001_x.sql", f"{ALONE}SET LOCAL work_mem = '1MB';\nSELECT 1;")
    assert (
        "note: migrations/0001_x.sql:2:1: in a non-transactional file SET LOCAL ends with its own statement: "
        "write SET, which ends with the file"
    ) in project.succeed().out
