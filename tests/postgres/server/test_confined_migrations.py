"""Ordinary migrations on a temporary server, where they run without SUPERUSER: they work as they did with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.postgres.server.binaries import all_binaries, find_binaries
from codezest_sql.postgres.server.extensions import extensions_of
from tests.check_project import CheckProject

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import Project

pytestmark = pytest.mark.every_postgres

# Name → (migration, rollback).
ORDINARY: dict[str, tuple[str, str]] = {
    "roles_and_grants": (
        """
        CREATE ROLE app_read NOLOGIN;
        CREATE USER app_user WITH PASSWORD 'secret' IN ROLE app_read;
        CREATE ROLE app_service CREATEDB;
        ALTER ROLE app_user SET search_path = app, public;
        ALTER ROLE app_user CONNECTION LIMIT 5;
        COMMENT ON ROLE app_read IS 'reads';
        CREATE TABLE things (id int PRIMARY KEY, name text);
        GRANT SELECT ON things TO app_read WITH GRANT OPTION;
        GRANT UPDATE (name) ON things TO app_user;
        GRANT app_read TO app_service;
        REVOKE app_read FROM app_service;
        GRANT pg_read_all_data, pg_monitor TO app_service;
        ALTER ROLE app_service RENAME TO app_worker;
        """,
        "DROP TABLE things; DROP ROLE app_worker, app_user, app_read;",
    ),
    "owners": (
        """
        CREATE ROLE app_owner;
        CREATE SCHEMA app AUTHORIZATION app_owner;
        CREATE TABLE app.things (id int PRIMARY KEY);
        ALTER TABLE app.things OWNER TO app_owner;
        CREATE TABLE open_things (id int PRIMARY KEY);
        ALTER TABLE open_things OWNER TO app_owner;
        CREATE VIEW app.seen AS SELECT t.id FROM app.things AS t;
        ALTER VIEW app.seen OWNER TO app_owner;
        SET ROLE app_owner;
        CREATE TABLE app.own_things (id int PRIMARY KEY REFERENCES app.things);
        RESET ROLE;
        ALTER TABLE app.own_things ADD COLUMN note text NOT NULL DEFAULT '';
        REASSIGN OWNED BY app_owner TO CURRENT_USER;
        """,
        "DROP SCHEMA app CASCADE; DROP TABLE open_things; DROP OWNED BY app_owner; DROP ROLE app_owner;",
    ),
    "guarded_role": (
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guarded') THEN CREATE ROLE guarded; END IF;
        END $$;
        DO $$ BEGIN CREATE ROLE guarded; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        CREATE SCHEMA guarded AUTHORIZATION guarded;
        ALTER DEFAULT PRIVILEGES FOR ROLE guarded IN SCHEMA guarded GRANT SELECT ON TABLES TO PUBLIC;
        """,
        "DROP SCHEMA guarded; DROP OWNED BY guarded; DROP ROLE guarded;",
    ),
    "default_privileges": (
        """
        CREATE ROLE reader; CREATE ROLE maker;
        CREATE SCHEMA shop;
        ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO reader;
        ALTER DEFAULT PRIVILEGES FOR ROLE maker GRANT EXECUTE ON FUNCTIONS TO reader;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA shop, public TO reader;
        GRANT CONNECT ON DATABASE postgres TO reader;
        CREATE TABLE shop.t (id int PRIMARY KEY);
        """,
        """DROP OWNED BY maker; DROP SCHEMA shop CASCADE; DROP OWNED BY reader; GRANT USAGE ON SCHEMA public
        TO PUBLIC; DROP ROLE reader, maker;""",
    ),
    "database": (
        """
        ALTER DATABASE postgres SET statement_timeout = '1min';
        ALTER DATABASE postgres SET log_min_duration_statement = 1000;
        COMMENT ON DATABASE postgres IS 'a database';
        ALTER ROLE CURRENT_USER SET work_mem = '8MB';
        SET session_replication_role = replica;
        SET session_replication_role = DEFAULT;
        CREATE TABLE replicated (id int PRIMARY KEY);
        CREATE PUBLICATION ours FOR TABLE replicated;
        ALTER TABLE replicated REPLICA IDENTITY FULL;
        """,
        """DROP PUBLICATION ours; DROP TABLE replicated; ALTER ROLE CURRENT_USER RESET work_mem;
        COMMENT ON DATABASE postgres IS NULL; ALTER DATABASE postgres RESET ALL;""",
    ),
    "language": (
        """
        CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
        COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';
        COMMENT ON SCHEMA public IS 'standard public schema';
        ALTER SCHEMA public OWNER TO postgres;
        REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
        GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END';
        ALTER FUNCTION touch() OWNER TO postgres;
        """,
        "DROP FUNCTION touch(); ALTER SCHEMA public OWNER TO pg_database_owner;",
    ),
    "row_security": (
        """
        CREATE ROLE tenant;
        CREATE TABLE notes (id int PRIMARY KEY, tenant text NOT NULL);
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        ALTER TABLE notes FORCE ROW LEVEL SECURITY;
        CREATE POLICY of_tenant ON notes TO tenant USING (tenant = current_user);
        INSERT INTO notes VALUES (1, 'x');
        CREATE TABLE private (id int PRIMARY KEY);
        REVOKE ALL ON private FROM CURRENT_USER;
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM notes;
        CREATE TYPE amount AS (value numeric, currency text);
        CREATE CAST (text AS amount) WITH INOUT;
        CREATE AGGREGATE newest(int) (SFUNC = int4larger, STYPE = int);
        CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
        """,
        """DROP TEXT SEARCH CONFIGURATION plain; DROP AGGREGATE newest(int); DROP TYPE amount CASCADE;
        DROP MATERIALIZED VIEW counted; DROP TABLE notes, private; DROP ROLE tenant;""",
    ),
}
PRODUCTION_ONLY = """
CREATE TABLE orders (id int PRIMARY KEY);
GRANT SELECT ON orders TO app_ro, "App Writer";
ALTER TABLE orders OWNER TO deployer;
ALTER DEFAULT PRIVILEGES FOR ROLE deployer GRANT SELECT ON TABLES TO app_ro;
CREATE POLICY of_support ON orders TO support USING (true);
COMMENT ON ROLE app_ro IS 'reads';
ALTER ROLE app_ro SET search_path = public;
SET ROLE deployer;
RESET ROLE;
"""
EVENT_FUNCTION = "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
NOTE = "note: no file creates the roles App Writer, app_ro, deployer, support: made on the temporary server"


@pytest.fixture
def project(tmp_path: Path, postgres_version: int) -> Project:
    """Return a project whose commands use this version of the server."""
    found = CheckProject(tmp_path, 'output = "generated"', schema="SELECT 1;")
    found.write({"q.sql": "-- name: one :one\nSELECT 1 AS one;\n"})
    found.project.write("0001_schema.rollback.sql", "SELECT 1;")
    found.project.environment["CODEZEST_PG_BINDIR"] = str(find_binaries(postgres_version).bindir)
    return found.project


def test_what_migrations_do_needs_no_superuser(project: Project) -> None:
    """Up, down and up again, and measured statement by statement."""
    for number, (name, (up, down)) in enumerate(ORDINARY.items(), 2):
        project.write(f"{number:04}_{name}.sql", up)
        project.write(f"{number:04}_{name}.rollback.sql", down)
    proven = project.migrate("test")
    assert proven.code == 0, proven.err
    assert "note:" not in proven.out
    reviewed = project.run("review")
    assert "migration-failed" not in reviewed.out, reviewed.out
    assert "rollback-" not in reviewed.out, reviewed.out
    checked = project.run("check")
    assert checked.code == 0, checked.err


def test_roles_that_exist_only_in_production_are_made_and_named(project: Project) -> None:
    """By each command, also when its answer comes from a cache."""
    project.write("0002_orders.sql", PRODUCTION_ONLY)
    project.write("0002_orders.rollback.sql", "DROP TABLE orders; DROP OWNED BY deployer;")
    for words in (["check"], ["check"], ["migrate", "test"], ["review"], ["review"], ["generate"]):
        outcome = project.run(*words)
        said = outcome.out + outcome.err
        assert NOTE in said, (words, said)
        assert "does not exist" not in said
    assert NOTE in project.run("check", "--trust-migrations").out


def test_what_needs_a_superuser_is_named_with_its_place(project: Project) -> None:
    needs = (
        "CREATE EXTENSION dblink;",
        "CREATE PUBLICATION everything FOR ALL TABLES;",
        f"{EVENT_FUNCTION}\nCREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();",
        "CREATE TABLE t (a int);\nALTER TABLE t DISABLE TRIGGER ALL; COPY t FROM '/data/t.csv';",
    )
    has_dblink = "dblink" in extensions_of(find_binaries(_major(project)))
    for text in needs if has_dblink else needs[1:]:
        line = text.count("\n") + 1
        project.write("0002_x.sql", text)
        outcome = project.run("check")
        assert outcome.code == 1, text
        assert f"migrations/0002_x.sql:{line}:" in outcome.err, outcome.err
        assert "[needs-superuser]" in outcome.err, outcome.err
        assert "  hint: temporary servers run migrations without SUPERUSER" in outcome.err


def _major(project: Project) -> int:
    bindir = project.environment["CODEZEST_PG_BINDIR"]
    return next(binaries.major for binaries in all_binaries() if str(binaries.bindir) == bindir)


def test_trust_comes_from_outside_of_the_checkout_alone(project: Project) -> None:
    """Neither a setting of the project nor its .env states so; the environment and the option do."""
    project.write("0002_x.sql", "CREATE PUBLICATION everything FOR ALL TABLES;")
    project.write("../.env", "CODEZEST_TRUST_MIGRATIONS=1\n")
    assert "[needs-superuser]" in project.run("check").err
    settings = project.root / "pyproject.toml"
    kept = settings.read_text()
    settings.write_text(f"{kept}trust_migrations = true\n")
    outcome = project.run("check")
    assert outcome.code == 7
    assert "unknown setting 'trust_migrations'" in outcome.err
    settings.write_text(kept)
    assert project.run("check", "--trust-migrations").code == 0
    assert "[needs-superuser]" in project.run("check").err  # the trusted answer is not remembered for it
    project.environment["CODEZEST_TRUST_MIGRATIONS"] = "1"
    assert project.run("check").code == 0
    project.environment["CODEZEST_TRUST_MIGRATIONS"] = "perhaps"
    outcome = project.run("check")
    assert (outcome.code, "CODEZEST_TRUST_MIGRATIONS is 'perhaps'" in outcome.err) == (2, True)
