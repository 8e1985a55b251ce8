"""``migrate test``: catches every rollback file that does not undo its migration, and touches no other database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, ledger_tables, objects, role_of, rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

ALONE = "-- transactional: false\n"
BASE = {
    "0001_base.sql": "CREATE TABLE base (id int PRIMARY KEY, name text);\nCREATE INDEX base_name ON base (name);",
    "0001_base.rollback.sql": "DROP TABLE base;",
}

# Name → (migration, its rollback, what the difference shows).
WRONG: dict[str, tuple[str, str, str]] = {
    "a forgotten table": ("CREATE TABLE x (a int); CREATE TABLE y (a int);", "DROP TABLE x;", "y"),
    "a forgotten index": ("CREATE INDEX i ON base (id, name);", "SELECT 1;", "i"),
    "a forgotten column": ("ALTER TABLE base ADD a int, ADD b int;", "ALTER TABLE base DROP a;", "b"),
    "a forgotten type": ("CREATE TYPE mood AS ENUM ('fine');", "-- nothing\n", "mood"),
    "a forgotten function": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1;",
        "SELECT f();",
        "f()",
    ),
    "a forgotten comment": ("COMMENT ON TABLE base IS 'about';", "SELECT 1;", "about"),
    "a forgotten default": (
        "ALTER TABLE base ALTER name SET DEFAULT 'x';",
        "ALTER TABLE base ALTER name SET DEFAULT 'y';",
        "'y'",
    ),
    "one index too many": ("SELECT 1;", "DROP INDEX base_name;", "base_name"),
    "one column too many": ("ALTER TABLE base ADD a int;", "ALTER TABLE base DROP a, DROP name;", "name"),
    "a constraint that came back otherwise": (
        "ALTER TABLE base DROP CONSTRAINT base_pkey;",
        "ALTER TABLE base ADD UNIQUE (id);",
        "base_pkey",
    ),
    "a schema that stays": ("CREATE SCHEMA app;", "SELECT 1;", "app"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_rollback_that_does_not_restore_is_caught(tmp_path: Path, server: Server, case: str) -> None:
    """With the name of what differs, at the rollback file."""
    up, down, shown = WRONG[case]
    project = Project(tmp_path)
    project.write_all({**BASE, "0002_x.sql": up, "0002_x.rollback.sql": down})
    told = project.fail(4, "test", "--database-url", server.url())
    assert told.startswith("migrations/0002_x.rollback.sql: error: rolling it back leaves a difference:\n")
    assert shown in told.partition("difference:\n")[2].partition("\n  hint:")[0]
    assert "[catalog-difference]" in told
    assert "hint: undo in the rollback file exactly what the migration does, in reverse order" in told


def test_a_rollback_that_fails_is_told_at_its_place(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all({**BASE, "0002_x.sql": "SELECT 1;", "0002_x.rollback.sql": "SELECT 1;\nDROP TABLE nothing;"})
    told = project.fail(1, "test", "--database-url", server.url())
    assert told.startswith('migrations/0002_x.rollback.sql:2:1: error: table "nothing" does not exist [42P01]')


def test_a_migration_that_gives_something_else_the_second_time_is_caught(tmp_path: Path, server: Server) -> None:
    """What its rollback leaves next to the catalog, it may trip over: here a row."""
    project = Project(tmp_path)
    project.write_all(
        {
            **BASE,
            "0002_x.sql": "DO $$ BEGIN\n"
            "  EXECUTE format('CREATE TABLE x%s (a int)', (SELECT count(*) FROM base));\n"
            "END $$;\n"
            "INSERT INTO base SELECT count(*) FROM base;",
            "0002_x.rollback.sql": "DROP TABLE IF EXISTS x0, x1;",
        }
    )
    told = project.fail(4, "test", "--database-url", server.url())
    assert told.startswith("migrations/0002_x.rollback.sql: error: applying it again gives something else:\n")


def test_a_missing_rollback_file_is_told_before_anything_runs(tmp_path: Path) -> None:
    """Each of them, and no server is started for that."""
    project = Project(tmp_path)
    project.write_all({"0001_a.sql": "SELECT 1;", "0002_b.sql": "SELECT 1;", "0002_b.rollback.sql": "SELECT 1;"})
    project.write("0003_c.sql", "SELECT 1;")
    told = project.fail(7, "test")
    assert "migrations/0001_a.sql: error: 0001_a has no rollback file [rollback-missing]" in told
    assert "migrations/0003_c.sql: error: 0003_c has no rollback file [rollback-missing]" in told
    assert "0002_b" not in told


def test_good_rollbacks_are_proved_each_alone_and_all_together(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all(
        {
            **BASE,
            "0002_x.sql": "ALTER TABLE base ADD a int;\nCREATE TABLE child (base_id int REFERENCES base);",
            "0002_x.rollback.sql": "DROP TABLE child;\nALTER TABLE base DROP a;",
            "0003_y.sql": f"{ALONE}CREATE INDEX CONCURRENTLY i ON child (base_id);\nVACUUM child;",
            "0003_y.rollback.sql": "DROP INDEX CONCURRENTLY i;",
        }
    )
    outcome = project.succeed("test", "--json", "--database-url", server.url())
    steps = [(step["id"][:4], step["direction"]) for step in outcome.json["steps"]]
    each = [(name, way) for name in ("0001", "0002", "0003") for way in ("up", "down", "up")]
    down = [(name, "down") for name in ("0003", "0002", "0001")]
    up = [(name, "up") for name in ("0001", "0002", "0003")]
    assert steps == [*each, *down, *up]
    assert outcome.json["database"].startswith("a temporary database of ")


def test_a_dropped_column_that_comes_back_at_the_end_is_restored(tmp_path: Path, server: Server) -> None:
    """PostgreSQL cannot put it back where it was."""
    project = Project(tmp_path)
    project.write_all(
        {
            **BASE,
            "0002_x.sql": "ALTER TABLE base DROP COLUMN id CASCADE;",
            "0002_x.rollback.sql": "ALTER TABLE base ADD id int;\nALTER TABLE base ADD PRIMARY KEY (id);",
        }
    )
    project.succeed("test", "--database-url", server.url())


def test_the_database_of_the_environment_is_never_touched(tmp_path: Path, database: str) -> None:
    """It may be production: a temporary server of our own is used."""
    project = Project(tmp_path, database, {"DIRECT_URL": database})
    (tmp_path / ".env").write_text(f"DATABASE_URL={database}\n")
    project.write_all(BASE)
    before = rows(database, "SELECT datname FROM pg_database ORDER BY 1")
    outcome = project.succeed("test")
    assert "proved: 1 migration goes up, down and up again on a temporary server" in outcome.out
    assert objects(database) == set()
    assert ledger_tables(database) == set()
    assert rows(database, "SELECT datname FROM pg_database ORDER BY 1") == before


def test_a_given_server_keeps_nothing(tmp_path: Path, database: str) -> None:
    """Its database is left alone; the temporary one next to it is dropped, after a failure too."""
    project = Project(tmp_path)
    project.write_all(BASE)
    outcome = project.succeed("test", "--database-url", database)
    assert "on a temporary database of " in outcome.out
    project.write("0001_base.rollback.sql", "SELECT 1;")
    project.fail(4, "test", "--database-url", database)
    project.write("0001_base.rollback.sql", "SELECT 1 / 0;")
    project.fail(1, "test", "--database-url", database)
    assert objects(database) == set()
    assert ledger_tables(database) == set()
    assert rows(database, "SELECT datname FROM pg_database WHERE datname LIKE 'codezest_test_%'") == []


def test_a_role_that_may_make_no_database_is_told(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path)
    project.write_all(BASE)
    with role_of(database, "poor") as url:
        told = project.fail(1, "test", "--database-url", url)
    assert "error: cannot make a temporary database: permission denied to create database" in told
    assert "hint: give the role CREATEDB, or leave out --database-url" in told


def test_what_breaks_a_rule_of_the_schema_is_caught_where_it_is_made(tmp_path: Path, server: Server) -> None:
    """A warning is a note, an error refuses, and a comment with a reason next to the statement ignores it."""
    project = Project(tmp_path)
    settings = '[tool.codezest-sql]\nmigrations = "migrations"\n[tool.codezest-sql.lint]\n'
    made = "CREATE SCHEMA app;\nCREATE TABLE app.t (id uuid);\n"
    project.write_all({"0001_t.sql": made, "0001_t.rollback.sql": "DROP TABLE app.t; DROP SCHEMA app;"})
    project.succeed("test", "--database-url", server.url())
    project.write("../pyproject.toml", f'{settings}schema-key = "error"\nschema-comment = "warning"\n')
    told = project.fail(7, "test", "--database-url", server.url())
    assert told.startswith("migrations/0001_t.sql:2:1: error: app.t has no primary key (schema-key) [schema-rule]\n")
    assert told.count("error:") == 1
    reason = "-- lint: ignore schema-key, schema-comment: it goes tomorrow\n"
    project.write("0001_t.sql", made.replace("CREATE TABLE", f"{reason}CREATE TABLE"))
    project.succeed("test", "--database-url", server.url())


WRONG_TWICE = {
    "0001_a.sql": "CREATE TABLE a (x int);",
    "0001_a.rollback.sql": "DROP TABLE a;",
    "0002_b.sql": "CREATE TABLE b (x int); CREATE TABLE bb (x int);",
    "0002_b.rollback.sql": "DROP TABLE b;",
    "0003_c.sql": "CREATE TABLE c (x int);",
    "0003_c.rollback.sql": "DROP TABLE missing;",
    "0004_d.sql": "CREATE TABLE d (x int);",
    "0004_d.rollback.sql": "DROP TABLE d;",
    "0005_e.sql": "CREATE INDEX i ON d (x);",
    "0005_e.rollback.sql": "SELECT 1;",
}


def test_with_keep_going_every_wrong_rollback_is_reported(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all(WRONG_TWICE)
    told = project.fail(4, "test", "--keep-going", "--database-url", server.url())
    assert [line.split(":")[0] for line in told.splitlines() if ": error: " in line] == [
        "migrations/0002_b.rollback.sql",
        "migrations/0003_c.rollback.sql",
        "migrations/0005_e.rollback.sql",
    ]
    assert "0003_c" not in project.fail(4, "test", "--database-url", server.url())


def test_with_keep_going_what_cannot_be_tried_is_named(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all({**WRONG_TWICE, "0003_c.sql": "SELECT 1 / 0;"})
    told = project.fail(4, "test", "--keep-going", "--database-url", server.url())
    assert "division by zero" in told
    assert "not proved, since 0003_c fails: 0004_d, 0005_e" in told


def test_a_range_proves_those_alone(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path)
    project.write_all(WRONG_TWICE)
    url = ("--database-url", server.url())
    steps = project.succeed("test", "--from", "0004", "--to", "0004", "--json", *url).json["steps"]
    assert {step["id"] for step in steps} == {"0004_d"}
    assert "proved: 1 migration" in project.succeed("test", "--to", "0001", *url).out
    assert "0005_e.rollback.sql" in project.fail(4, "test", "--from", "0005", *url)
    assert "0004_d comes after" not in project.fail(2, "test", "--from", "0004", "--to", "0001", *url)
    assert "there is no migration '0009'" in project.fail(2, "test", "--from", "0009", *url)
