"""``migrate dump``: what it writes is the schema, loads, and is the same bytes each time; and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.objects import Ignored, ObjectKind, Schema
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.postgres.catalog.reader import read_schema
from codezest_sql.postgres.connection import connect
from codezest_sql.postgres.server.binaries import find_binaries
from tests.conftest import MIGRATIONS
from tests.postgres.catalog.catalog_cases import EVERY_KIND, database_with
from tests.projects import Project, applied, execute, objects, role_of, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server

# pg_dump itself cannot dump a language whose handler is the server's own: it writes CREATE LANGUAGE without one.
_LANGUAGE = EVERY_KIND.index(b"CREATE TRUSTED LANGUAGE"), EVERY_KIND.index(b"-- rights --")
EVERY_DUMPABLE_KIND = (EVERY_KIND[: _LANGUAGE[0]] + EVERY_KIND[_LANGUAGE[1] :]).replace(
    b"REVOKE USAGE ON LANGUAGE mumble FROM PUBLIC;", b""
)
# What only the order of work tells apart: the same rights granted in another order, tables made in another order.
ONE_ORDER = """
CREATE TABLE a (x int PRIMARY KEY, y int);
CREATE TABLE b (x int PRIMARY KEY, y int REFERENCES a);
ALTER TABLE a ADD CONSTRAINT a_y_fk FOREIGN KEY (y) REFERENCES b;
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON a TO pg_monitor;
GRANT INSERT ON a TO pg_read_all_data;
GRANT SELECT (x) ON b TO pg_read_all_stats;
GRANT SELECT (x) ON b TO pg_monitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO pg_monitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO pg_read_all_data;
"""
OTHER_ORDER = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO pg_read_all_data;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO pg_monitor;
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE b (x int PRIMARY KEY, y int);
CREATE TABLE a (x int PRIMARY KEY, y int REFERENCES b CONSTRAINT a_y_other REFERENCES b);
ALTER TABLE a DROP CONSTRAINT a_y_other;
ALTER TABLE a RENAME CONSTRAINT a_y_fkey TO a_y_fk;
ALTER TABLE b ADD FOREIGN KEY (y) REFERENCES a;
REVOKE ALL ON a, b FROM pg_monitor, pg_read_all_data;
GRANT SELECT (x) ON b TO pg_monitor;
GRANT SELECT (x) ON b TO pg_read_all_stats;
GRANT INSERT ON a TO pg_read_all_data;
GRANT SELECT ON a TO pg_monitor;
"""
NOTES = {
    "0001_notes.sql": "CREATE TABLE notes (id int PRIMARY KEY, body text);",
    "0001_notes.rollback.sql": "DROP TABLE notes;",
    "0002_index.sql": "CREATE INDEX notes_body_idx ON notes (body);",
    "0002_index.rollback.sql": "DROP INDEX notes_body_idx;",
}


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with two migrations, none applied."""
    found = Project(tmp_path, database)
    found.write_all(NOTES)
    return found


@contextmanager
def loaded(server: Server, text: str) -> Iterator[str]:
    """Load a dump into an empty database as one message, without psql, and give its URL."""
    with database_with(server, text.encode()) as url:
        yield url


def catalog(url: str, *, partitions: bool = True) -> Schema:
    """Return the catalog without the ledger, owners and options of user mappings, which a dump leaves out."""
    with closing(connect(url, purpose="test")) as connection:
        found = read_schema(connection, ignore=Ignored(tables=LEDGER_TABLES), owners=False, partitions=partitions)
    return Schema(
        tuple(
            replace(each, properties=()) if each.kind is ObjectKind.USER_MAPPING else each for each in found.objects
        )
    )


@pytest.mark.every_postgres
def test_one_of_everything_comes_back_from_its_dump(project: Project, database: str, server: Server) -> None:
    """The catalog is the same, and the dump of what was loaded is the same bytes but for the applied migration."""
    execute(database, EVERY_DUMPABLE_KIND.decode())
    text = project.succeed("dump").out
    assert text.count("hunter2") == 1  # of the server's options, which are the schema's; not of the user mapping's
    with loaded(server, text) as copy:
        difference = diff(catalog(database), catalog(copy))
        assert not difference, render_text(difference)
        assert project.succeed("dump", url=copy).out == text


@pytest.mark.every_postgres
def test_the_schema_of_the_repository_comes_back_from_its_dump(tmp_path: Path, database: str, server: Server) -> None:
    """Without the monthly partitions, which a procedure makes, and which are others next month."""
    repository = Project(tmp_path, database)
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.codezest-sql]\nmigrations = "{MIGRATIONS}"\n'
        'managed_partitions = ["activity.user_activities", "activity.analytics_events"]\n'
    )
    repository.succeed()
    text = repository.succeed("dump").out
    assert "-- Last applied migration: 0008_activity\n" in text
    assert "-- Partitions are made apart from it, for activity.user_activities, activity.analytics_events.\n" in text
    assert "PARTITION BY RANGE" in text
    assert "; Type: TABLE ATTACH; " not in text
    assert not [table for table in LEDGER_TABLES if table in text]
    with loaded(server, text) as copy:
        difference = diff(catalog(database, partitions=False), catalog(copy, partitions=False))
        assert not difference, render_text(difference)
        again = repository.succeed("dump", url=copy).out
    assert again.partition("\nSET ")[2] == text.partition("\nSET ")[2]
    with database_with(server, b"") as other:
        repository.succeed(url=other)
        execute(
            other, "CALL activity.create_monthly_partitions(from_month => '2031-01-01', to_month => '2031-02-01')"
        )
        assert repository.succeed("dump", url=other).out == text


@pytest.mark.every_postgres
def test_psql_loads_it_into_an_empty_database(project: Project, database: str, postgres_version: int) -> None:
    execute(database, EVERY_DUMPABLE_KIND.decode())
    project.succeed("dump", "--output", "schema.sql")
    name = "loaded_by_psql"
    execute(database, f"CREATE DATABASE {name} TEMPLATE template0")
    copy = psycopg.conninfo.make_conninfo(database, dbname=name)
    psql = find_binaries(postgres_version or None).program("psql")
    try:
        words = ["--no-psqlrc", "-1", "-v", "ON_ERROR_STOP=1", "-f", "schema.sql", "--dbname", copy]
        done = subprocess.run([psql, *words], cwd=project.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        assert not diff(catalog(database), catalog(copy))
    finally:
        execute(database, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.every_postgres
def test_what_a_load_runs_finds_its_names(project: Project, server: Server, postgres_version: int) -> None:
    """Names without a schema in bodies, which 15 and 16 look up by the session's path; policies, event triggers."""
    path = "" if postgres_version < 17 else " SET search_path = app, public"
    ddl = f"""
        CREATE SCHEMA app;
        CREATE SCHEMA "Odd one";
        SET search_path = app, public;
        CREATE TABLE app.facts (id int, word text);
        ALTER TABLE app.facts ENABLE ROW LEVEL SECURITY;
        ALTER TABLE app.facts FORCE ROW LEVEL SECURITY;
        CREATE POLICY mine ON app.facts USING (id > 0);
        CREATE FUNCTION public.plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
        CREATE FUNCTION app.plainer(text) RETURNS text LANGUAGE sql IMMUTABLE{path} AS 'SELECT plain($1)';
        CREATE FUNCTION app.total() RETURNS bigint LANGUAGE sql{path} AS 'SELECT count(*) FROM facts';
        CREATE FUNCTION app.words() RETURNS bigint LANGUAGE plpgsql{path}
        AS 'BEGIN RETURN (SELECT count(plainer(word)) FROM facts); END';
        CREATE INDEX "by word" ON app.facts (app.plainer(word)) WHERE app.plainer(word) <> '';
        ALTER TABLE app.facts ADD CONSTRAINT no_twins EXCLUDE USING btree (app.plainer(word) WITH =);
        CREATE MATERIALIZED VIEW app.summary AS SELECT app.total() AS total, app.words() AS words;
        CREATE MATERIALIZED VIEW "Odd one".again AS SELECT s.total FROM app.summary AS s;
        CREATE MATERIALIZED VIEW app.never AS SELECT app.total() AS total WITH NO DATA;
        CREATE UNIQUE INDEX ON app.summary (total);
        REVOKE SELECT ON app.facts FROM CURRENT_USER;
        CREATE FUNCTION app.refuse() RETURNS event_trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'nothing is changed here'; END $$;
        CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION app.refuse();
    """
    with database_with(server, ddl.encode()) as url:
        text = project.succeed("dump", url=url).out
        with loaded(server, text) as copy:
            difference = diff(catalog(url), catalog(copy))
            assert not difference, render_text(difference)
            assert project.succeed("dump", url=copy).out == text
            execute(copy, "DROP EVENT TRIGGER refuse")
        execute(url, "DROP EVENT TRIGGER refuse")


@pytest.mark.every_postgres
def test_the_order_of_the_work_does_not_show(project: Project, server: Server) -> None:
    with database_with(server, ONE_ORDER.encode()) as one, database_with(server, OTHER_ORDER.encode()) as other:
        text = project.succeed("dump", url=one).out
        assert text == project.succeed("dump", url=other).out
        assert text.index("GRANT INSERT ON TABLE public.a") < text.index("GRANT SELECT ON TABLE public.a")


@pytest.mark.every_postgres
def test_what_the_session_has_set_does_not_show(project: Project, database: str) -> None:
    """The bounds of partitions are printed in the session's time zone, bytea by bytea_output."""
    execute(
        database,
        """
        CREATE TABLE t (at timestamptz, raw bytea DEFAULT '\\xdead'::bytea, CHECK (raw <> '\\xbeef'::bytea))
        PARTITION BY RANGE (at);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2025-01-01 00:00+00');
        """,
    )
    text = project.succeed("dump").out
    assert "FROM ('2024-01-01 00:00:00+00')" in text
    name = rows(database, "SELECT current_database()")[0][0]
    for setting in ("TimeZone = 'Asia/Tokyo'", "bytea_output = 'escape'", "DateStyle = 'German'"):
        execute(database, f'ALTER DATABASE "{name}" SET {setting}')
    project.environment = {"PGTZ": "America/Lima", "PGCLIENTENCODING": "LATIN1"}
    assert project.succeed("dump", "--database-url", database).out == text


@pytest.mark.every_postgres
def test_the_ledger_is_left_out_and_named_in_the_header(project: Project, database: str, server: Server) -> None:
    """In a schema with a name that needs quotes, next to tables of the user's own with a ledger table's name."""
    execute(database, 'CREATE SCHEMA "My ""Ledger*"; CREATE SCHEMA other; CREATE TABLE other.yoyo_lock (mine int)')
    name = rows(database, "SELECT current_database()")[0][0]
    execute(database, f'ALTER DATABASE "{name}" SET search_path = "My ""Ledger*", public')
    project.succeed("up", "--to", "0001")
    text = project.succeed("dump").out
    assert "-- Last applied migration: 0001_notes\n" in text
    assert "--   codezest-sql migrate baseline 0001_notes\n" in text
    assert "CREATE TABLE other.yoyo_lock" in text
    assert text.count("yoyo_lock") == 2 == text.count("Name: yoyo_lock") + text.count("TABLE other.yoyo_lock")
    assert "_yoyo" not in text
    assert "_codezest_" not in text
    with loaded(server, text) as copy:
        assert objects(copy) >= {'My "Ledger*', 'My "Ledger*.notes'}
    project.succeed()
    assert "-- Last applied migration: 0002_index\n" in project.succeed("dump").out


def test_without_a_ledger_the_header_says_so(project: Project, database: str) -> None:
    execute(database, "CREATE TABLE t (x int)")
    text = project.succeed("dump").out
    assert "-- No migration is applied.\n" in text
    assert "baseline" not in text
    assert applied(database) == []


def test_a_dump_can_become_the_first_migration(tmp_path: Path, database: str) -> None:
    """Of a database that another tool has migrated so far: its ledger is left out, and no folder is needed yet."""
    execute(
        database,
        """
        CREATE TABLE a (x bigint GENERATED ALWAYS AS IDENTITY);
        CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
        INSERT INTO alembic_version VALUES ('1975ea83b712');
        CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied bool, tstamp timestamp);
        CREATE SCHEMA own CREATE TABLE alembic_version (x int);
        """,
    )
    project = Project(tmp_path, database)
    project.succeed("dump", "--output", "migrations/0001_baseline.sql")
    text = (project.migrations / "0001_baseline.sql").read_text("utf-8")
    assert "goose" not in text
    assert [line for line in text.splitlines() if line.startswith("CREATE TABLE")] == [
        "CREATE TABLE own.alembic_version (",
        "CREATE TABLE public.a (",
    ]
    project.succeed("baseline", "0001", "--from", "alembic")
    project.succeed("verify")
    assert "nothing to do" in project.succeed().out


def test_a_migration_that_was_passed_over_is_named(project: Project) -> None:
    project.succeed()
    project.write("0001_z.sql", "CREATE TABLE z (x int);")
    assert "-- Not applied, though they come before it: 0001_z\n" in project.succeed("dump").out


def test_a_half_run_migration_has_to_be_finished_first(project: Project, database: str) -> None:
    project.write("0003_c.sql", "-- transactional: false\nCREATE TABLE c (x int);\nSELECT 1 / 0;\n")
    project.fail(1)
    assert "0003_c is half applied [half-run]" in project.fail(1, "dump")
    assert "public.c" in objects(database)


def test_a_body_that_looks_like_a_dump_stays_as_it_is(project: Project, database: str) -> None:
    body = "\n\\restrict abc\n\nSET transaction_timeout = 0;\n-- Dumped from database version 9\n\n\n\n-- Name: x\n"
    execute(database, f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN /*{body}*/ END$$")
    execute(database, f"COMMENT ON FUNCTION f() IS '{body}'")
    text = project.succeed("dump").out
    assert text.count(body) == 2
    assert text.count("\\restrict") == 2
    assert text.count("transaction_timeout") == 2


def test_output_is_written_whole_and_only_when_it_changes(project: Project) -> None:
    project.succeed("up", "--to", "0001")
    file = project.root / "schema.sql"
    assert project.succeed("dump", "--output", "schema.sql").out == "wrote schema.sql\n"
    assert file.read_text("utf-8") == project.succeed("dump").out
    before = file.stat()
    assert project.succeed("dump", "-o", "schema.sql").out == "schema.sql is up to date\n"
    assert file.stat() == before
    file.chmod(0o640)
    link = project.root / "link.sql"
    link.symlink_to("schema.sql")
    project.succeed()
    assert project.succeed("dump", "--output", "link.sql").out == "wrote link.sql\n"
    assert link.is_symlink()
    assert "notes_body_idx" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in project.root.iterdir()) == [
        "link.sql", "migrations", "pyproject.toml", "schema.sql",
    ]  # fmt: skip


def test_check_compares_and_writes_nothing(project: Project) -> None:
    project.succeed("up", "--to", "0001")
    file = project.root / "schema.sql"
    told = project.fail(4, "dump", "--check", "--output", "schema.sql")
    assert told.startswith("schema.sql: error: does not exist [snapshot-changed]\n")
    assert "hint: rewrite it: codezest-sql migrate dump --output schema.sql" in told
    assert not file.exists()
    project.succeed("dump", "--output", "schema.sql")
    assert project.succeed("dump", "--check", "--output", "schema.sql").out == "schema.sql is up to date\n"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))  # as git does on Windows
    project.succeed("dump", "--check", "--output", "schema.sql")
    before = file.read_bytes()
    project.succeed()
    told = project.fail(4, "dump", "--check", "--output", "schema.sql")
    assert "--- the file\n+++ the database\n" in told
    assert "\n+CREATE INDEX notes_body_idx ON public.notes USING btree (body); [snapshot-changed]\n" in told
    assert file.read_bytes() == before


def test_a_long_difference_is_cut(project: Project, database: str) -> None:
    project.succeed("dump", "--output", "schema.sql")
    execute(database, "".join(f"CREATE TABLE t{number} (x int);" for number in range(60)))
    told = project.fail(4, "dump", "--check", "--output", "schema.sql")
    assert " more lines [snapshot-changed]" in told
    assert len(told.splitlines()) < 50


def test_what_cannot_be_written_is_refused_before_anything_is_read(project: Project) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    assert "hint: add --output schema.sql" in project.fail(2, "dump", "--check", url=nowhere)
    assert "--output: migrations is not a file" in project.fail(2, "dump", "--output", "migrations", url=nowhere)
    assert "--output: /dev/null is not a file" in project.fail(2, "dump", "--output", "/dev/null", url=nowhere)
    told = project.fail(7, "dump", "--output", "missing/schema.sql", url=nowhere)
    assert "cannot write missing/schema.sql: missing is not a folder [folder]" in told
    assert "hint: make the folder first" in told
    assert "cannot connect to none on 127.0.0.1:1" in project.fail(6, "dump", url=nowhere)


def test_a_failure_leaves_the_old_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project.root / "schema.sql"
    file.write_text("old", "utf-8")
    (project.root / ".schema.sql.new").mkdir()
    assert "cannot write schema.sql" in project.fail(7, "dump", "--output", "schema.sql")
    monkeypatch.setenv("CODEZEST_PG_BINDIR", "/nonexistent")
    assert "CODEZEST_PG_BINDIR names /nonexistent" in project.fail(6, "dump", "--output", "schema.sql")
    assert file.read_text("utf-8") == "old"


def test_a_lock_is_waited_for_no_longer_than_the_settings_say(project: Project, database: str) -> None:
    execute(database, "CREATE TABLE t (x int)")
    project.write("../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\nlock_timeout = "50ms"\n')
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE t")
        told = project.fail(5, "dump")
    assert "error: pg_dump waited for a lock on a table for longer than lock_timeout: " in told
    assert "[lock-timeout]" in told


def test_a_role_that_may_not_read_a_table_is_told_which(project: Project, database: str) -> None:
    execute(database, "CREATE TABLE closed (x int)")
    with role_of(database, "stranger") as url:
        told = project.fail(6, "dump", "--database-url", url)
    assert "permission denied for table closed [connection-unusable]" in told
    assert "GRANT the role SELECT on them" in told


def test_no_password_is_in_a_word_of_a_command_line(
    project: Project, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program in place of pg_dump notes its words and what it finds in its environment."""
    real = find_binaries()
    bindir = tmp_path / "bin"
    bindir.mkdir()
    for name in ("postgres", "initdb"):
        (bindir / name).symlink_to(real.program(name))
    log = tmp_path / "log"
    spy = bindir / "pg_dump"
    spy.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{log}"\necho "env $PGPASSWORD" >> "{log}"\necho "oops: no" >&2\nexit 3\n'
    )
    spy.chmod(0o755)
    monkeypatch.setenv("CODEZEST_PG_BINDIR", str(bindir))
    url = psycopg.conninfo.make_conninfo(database, password="s3 cr'et")
    told = project.fail(1, "dump", "--database-url", url)
    assert "pg_dump: oops: no [database]" in told
    *words, environment = log.read_text("utf-8").splitlines()
    assert environment == "env s3 cr'et"
    assert "s3 cr" not in "".join(words) + told
    told = project.fail(6, "dump", "--database-url", psycopg.conninfo.make_conninfo(database, sslpassword="hush"))
    assert "the URL holds sslpassword" in told
    assert "hush" not in told


def test_a_server_newer_than_every_pg_dump_is_told_in_words(
    project: Project, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bindir = tmp_path / "bin"
    bindir.mkdir()
    for name, text in (("postgres", "echo 'postgres (PostgreSQL) 15.4'"), ("initdb", ""), ("pg_dump", "exit 9")):
        (bindir / name).write_text(f"#!/bin/sh\n{text}\n")
        (bindir / name).chmod(0o755)
    monkeypatch.setenv("CODEZEST_PG_BINDIR", str(bindir))
    told = project.fail(6, "dump", "--database-url", database)
    assert "no pg_dump on this machine knows a server of PostgreSQL 18; this machine has that of 15" in told
    assert "hint: install the client of PostgreSQL 18" in told


def test_the_bytes_on_stdout_are_utf_8_on_any_terminal(project: Project, database: str) -> None:
    execute(database, "CREATE TABLE t (x int); COMMENT ON TABLE t IS 'ünïcödé ✓'")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "DATABASE_URL": database}
    command = [sys.executable, "-m", "codezest_sql", "migrate", "dump"]
    done = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, check=True)
    assert "'ünïcödé ✓'" in done.stdout.decode("utf-8")
    assert done.stdout.decode("utf-8") == project.succeed("dump").out
