"""Several schemas of one database with a ledger each: which one a command works on is never a guess."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.executor.guard import deployer_key
from tests.projects import Project, execute, objects, role_of, rows

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "0001_gates.sql": "CREATE TABLE gates (id int PRIMARY KEY);",
    "0001_gates.rollback.sql": "DROP TABLE gates;",
    "0002_doors.sql": "CREATE TABLE doors (id int REFERENCES gates);",
    "0002_doors.rollback.sql": "DROP TABLE doors;",
}
READING = (("status",), ("plan",), ("verify",), ("dump",), ("repair",))
WRITING = (("up",), ("down", "--yes"), ("redo", "--yes"), ("baseline", "0001"), ("up", "--dry-run"))


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with two migrations, applied in the schema t1 by the search path of the URL."""
    execute(database, 'CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE SCHEMA "T 3"')
    found = Project(tmp_path, database)
    found.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    found.write_all(FILES)
    found.succeed(url=path(database, "t1"))
    return found


def path(url: str, search_path: str) -> str:
    """Return the URL with a search path of its own."""
    return psycopg.conninfo.make_conninfo(url, options=f"-c search_path={search_path}")


@pytest.mark.every_postgres
@pytest.mark.parametrize("place", ["URL", "PGOPTIONS"])
def test_a_schema_without_a_ledger_is_refused_beside_one_that_has_it(
    project: Project, database: str, place: str
) -> None:
    """By every command, whether the path comes with the URL or by PGOPTIONS; nothing is made."""
    if place == "PGOPTIONS":
        project.environment["PGOPTIONS"] = "-c search_path=t2"
    url = database if place == "PGOPTIONS" else path(database, "t2")
    before = objects(database)
    for command in (*READING, *WRITING):
        told = project.fail(4, *command, url=url)
        assert "error: the first schema of the search path, t2, has no ledger, and a ledger is in t1" in told
        assert "[ledger-elsewhere]" in told
        assert "--schema t1 continues with the ledger there, --schema t2 begins one of its own" in told
    assert objects(database) == before


def test_a_named_schema_is_where_a_command_works(project: Project, database: str) -> None:
    """With a ledger of its own, which every command then finds; each leaves the other schema alone."""
    outcome = project.succeed("--schema", "t2", url=path(database, "t2"))
    assert ", schema t2 (DATABASE_URL)" in outcome.out
    assert {"t1.gates", "t2.gates", "t2.doors"} <= objects(database)
    execute(database, "ALTER TABLE t1.doors ADD changed int; CREATE TABLE outside ()")
    assert "2 applied, 0 pending" in project.succeed("status", "--schema", "t2").out
    told = project.migrate("verify", "--schema", "t2")
    assert "note: left out, as they hold a ledger of their own: t1" in told.out
    assert "table public.outside added" in told.out
    assert "t1.doors" not in told.out
    execute(database, 'DROP TABLE outside; DROP SCHEMA "T 3"')
    project.succeed("verify", "--schema", "t2")
    assert "column t1.doors.changed added" in project.migrate("verify", "--schema=t1").out
    dumped = project.succeed("dump", "--schema", "t2").out
    assert "CREATE TABLE t2.gates" in dumped
    assert "t1." not in dumped
    project.succeed("down", "--yes", "--schema", "t2", url=path(database, "t1"))
    project.succeed("redo", "--yes", "--schema", "t2")
    assert "t2.doors" not in objects(database)
    assert "t1.doors" in objects(database)
    execute(database, 'CREATE SCHEMA "T 3"')
    project.succeed("--schema", "T 3", "up")
    assert "T 3.doors" in objects(database)
    project.succeed("status", "--schema", "T 3", url=path(database, "t1,public"))


def test_a_name_that_one_schema_lacks_is_not_found_in_another(project: Project, database: str) -> None:
    """Other schemas with a ledger are taken off the path, those without stay: extensions are there."""
    project.succeed("up", "--schema", "t2")
    execute(database, "CREATE SCHEMA shared; CREATE TYPE shared.colour AS ENUM ('red')")
    project.write("0003_paint.sql", "ALTER TABLE gates ADD paint colour;")
    project.succeed("up", "--schema", "t2", url=path(database, "t1,shared"))
    execute(database, "DROP TABLE t2.doors, t2.gates")
    project.write("0004_more.sql", "ALTER TABLE gates ADD more int;")
    assert 'relation "gates" does not exist' in project.fail(1, "up", "--schema", "t2", url=path(database, "t1"))


def test_a_schema_that_is_not_there_is_told(project: Project) -> None:
    for command in ("up", "status"):
        assert "error: the database has no schema t9" in project.fail(6, command, "--schema", "t9")
    assert "--schema: the name is empty" in project.fail(2, "status", "--schema", "")


@pytest.mark.every_postgres
@pytest.mark.parametrize("whose", ["DATABASE {database}", "ROLE {role}", "ROLE {role} IN DATABASE {database}"])
def test_the_path_of_a_role_or_a_database_never_moves_a_ledger(tmp_path: Path, database: str, whose: str) -> None:
    """As databases of 1.0.0 have it: the ledger is in public, and app, which came later, is before it on the path."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    grants = (f'GRANT CREATE ON DATABASE "{name}" TO {{role}}', "GRANT CREATE ON SCHEMA public TO {role}")
    with role_of(database, "deployer", *grants) as url:
        role = psycopg.conninfo.conninfo_to_dict(url)["user"]
        alter = whose.format(role=f'"{role}"', database=f'"{name}"')
        execute(database, f"ALTER {alter} SET search_path = app, public")
        project = Project(tmp_path, url)
        project.write("0001_app.sql", "CREATE SCHEMA app; CREATE TABLE a ();")
        project.succeed()
        assert rows(database, "SELECT schemaname::text FROM pg_tables WHERE tablename = '_yoyo_migration'") == [
            ("public",)
        ]
        assert "nothing to do" in project.succeed().out
        project.write("0002_b.sql", "CREATE TABLE b ();")
        project.succeed()
        assert {"app.a", "app.b"} <= objects(database)
        assert "2 applied, 0 pending" in project.succeed("status").out
        execute(database, f"ALTER {alter} RESET search_path")


def test_a_first_run_that_failed_before_its_schema_was_made_can_go_on(tmp_path: Path, database: str) -> None:
    """The ledger is in public then, and empty: the first schema of the URL's path is still to be made."""
    project = Project(tmp_path, path(database, "app,public"))
    project.write("0001_app.sql", "CREATE SCHEMA app; SELECT 1 / 0;")
    project.fail(1)
    project.write("0001_app.sql", "CREATE SCHEMA app; CREATE TABLE a ();")
    project.succeed()
    assert "app.a" in objects(database)
    told = project.fail(4, "status")
    assert "the first schema of the search path, app, has no ledger, and a ledger is in public" in told


def test_a_missing_first_schema_is_refused_once_another_has_a_ledger(project: Project, database: str) -> None:
    told = project.fail(4, "up", url=path(database, "t7,t1"))
    assert "the first schema of the search path, t7, does not exist or may not be used, and a ledger is in t1" in told
    assert "nothing to do" in project.succeed(url=path(database, '"$user",t1')).out


@pytest.mark.every_postgres
def test_two_schemas_are_deployed_at_once_and_one_by_one_deployer(project: Project, database: str) -> None:
    """The lock is the ledger's."""
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [deployer_key("t2")])
        project.succeed("redo", "--yes", "--schema", "t1")
        assert "[deployer-lock]" in project.fail(5, "up", "--wait", "50ms", "--schema", "t2")
    execute(database, "".join(f"CREATE SCHEMA s{number};" for number in range(4)))
    with ThreadPoolExecutor(4) as pool:
        settings = project.environment
        runs = [
            pool.submit(_deploy, project.root, f"{database}&options=-csearch_path%3Ds{number}", number, settings)
            for number in range(4)
        ]
        assert [run.result() for run in runs] == [0, 0, 0, 0]
    assert {f"s{number}.doors" for number in range(4)} <= objects(database)


def _deploy(root: Path, url: str, number: int, settings: dict[str, str]) -> int:
    words = [sys.executable, "-m", "codezest_sql", "migrate", "--schema", f"s{number}", "--database-url", url]
    return subprocess.run(
        words, cwd=root, env={**os.environ, **settings}, capture_output=True, check=False
    ).returncode
