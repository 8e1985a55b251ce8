"""A shadow's sessions begin as those of the live database do: what shapes a schema from outside of it is no drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.projects import Project, execute, objects, role_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

PLACES = ("URL", "PGOPTIONS", "DATABASE {database}", "ROLE {role}", "ROLE {role} IN DATABASE {database}")


@pytest.mark.every_postgres
@pytest.mark.parametrize("place", PLACES)
def test_a_search_path_from_anywhere_is_no_drift(tmp_path: Path, database: str, server: Server, place: str) -> None:
    """Everything is in app, which was made by hand; on another server, and for a role that only reads, as well."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    grants = [f'GRANT CREATE ON DATABASE "{name}" TO {{role}}', "CREATE SCHEMA app AUTHORIZATION {role}"]
    with role_of(database, "deployer", *grants) as url, role_of(database, "auditor") as other:
        project, auditor = Project(tmp_path, url), other
        project.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        if place == "URL":
            project.url = f"{url}&options=-csearch_path%3Dapp,public"
            auditor = f"{other}&options=-csearch_path%3Dapp,public"
        elif place == "PGOPTIONS":
            project.environment["PGOPTIONS"] = "-c search_path=app,public"
        else:
            role = psycopg.conninfo.conninfo_to_dict(url)["user"]
            whose = place.format(role=f'"{role}"', database=f'"{name}"')
            execute(database, f"ALTER {whose} SET search_path = app, public")
        project.write_all({
            "0001_a.sql": "CREATE TABLE a (id serial PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a;",
            "0002_f.sql": "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path FROM CURRENT AS 'SELECT 1';",
        })  # fmt: skip
        project.succeed()
        assert {"app.a", "app.v", "app.f()"} <= objects(database)
        for words in ((), ("--shadow-url", server.url())):
            outcome = project.migrate("verify", *words)
            assert "no drift" in outcome.out, outcome.out + outcome.err
        execute(database, "GRANT USAGE ON SCHEMA app TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA app TO PUBLIC")
        outcome = project.migrate("verify", url=auditor)
        assert "added" in outcome.out
        assert "table app.a added" not in outcome.out
        assert "removed" not in outcome.out


def test_a_schema_that_the_files_make_is_not_there_before(tmp_path: Path, database: str) -> None:
    """The path names it from the start, or from the file on that states so."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    project = Project(tmp_path, database)
    project.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    project.write_all({
        "0001_a.sql": "CREATE TABLE in_public ();",
        "0002_app.sql": f'CREATE SCHEMA IF NOT EXISTS app; ALTER DATABASE "{name}" SET search_path = app, public;',
        "0003_b.sql": "CREATE TABLE in_app ();",
    })  # fmt: skip
    project.succeed()
    assert {"public.in_public", "app.in_app"} <= objects(database)
    assert "no drift" in project.succeed("verify").out


def test_the_schema_of_the_user_is_the_migrators_own(tmp_path: Path, database: str, server: Server) -> None:
    with role_of(database, "tenant", "CREATE SCHEMA AUTHORIZATION {role}") as url:
        project = Project(tmp_path, url)
        project.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        project.write("0001_a.sql", "CREATE TABLE a ();")
        project.succeed()
        assert "no drift" in project.succeed("verify").out
        assert "no drift" in project.succeed("verify", "--shadow-url", server.url()).out


@pytest.mark.every_postgres
def test_other_settings_that_shape_a_schema_are_no_drift(tmp_path: Path, database: str) -> None:
    """Of the database or the role, those of the user's own included."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    for setting in (
        "TimeZone = 'Asia/Kathmandu'", "DateStyle = 'German, DMY'", "IntervalStyle = 'sql_standard'",
        "bytea_output = 'escape'", "xmloption = 'document'", "check_function_bodies = off", "lc_monetary = 'C'",
        "default_toast_compression = 'pglz'", "transform_null_equals = on", "extra_float_digits = -3",
        "default_text_search_config = 'pg_catalog.german'", "app.tenant = 'blue sky'", "quote_all_identifiers = on",
    ):  # fmt: skip
        execute(database, f'ALTER DATABASE "{name}" SET {setting}')
    project = Project(tmp_path, f"{database}&options=-capp.stage%3Dlive")
    project.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    project.write(
        "0001_a.sql",
        """
        CREATE TABLE a (
            at timestamptz DEFAULT '03.04.2026 12:00', raw text DEFAULT '\\x6162ff'::bytea::text,
            pause interval DEFAULT '1-2 3 4:05:06', same bool GENERATED ALWAYS AS (1 = NULL) STORED,
            day text DEFAULT '2026-04-03'::date::text,
            words regconfig DEFAULT get_current_ts_config()
        );
        CREATE FUNCTION later() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM not_yet';
        DO $$ BEGIN
            EXECUTE format('CREATE TABLE %I ()', current_setting('app.tenant') || current_setting('app.stage'));
            EXECUTE format('COMMENT ON TABLE a IS %L', ('1 day'::interval)::text);
        END $$;
        """,
    )
    project.succeed()
    assert "public.blue skylive" in objects(database)
    outcome = project.migrate("verify")
    assert "no drift" in outcome.out, outcome.out + outcome.err


def test_a_tablespace_of_the_live_server_is_no_drift(tmp_path: Path, own_server: Server) -> None:
    """The default one of the database, and one that a file names."""
    project = Project(tmp_path, own_server.url())
    project.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    for text in (
        "SET allow_in_place_tablespaces = on; CREATE TABLESPACE fast LOCATION ''",
        "SET allow_in_place_tablespaces = on; CREATE TABLESPACE \"big one\" LOCATION ''",
        "ALTER DATABASE postgres SET default_tablespace = fast",
    ):
        with psycopg.connect(own_server.url(), autocommit=True) as connection:
            for statement in text.split("; "):
                connection.execute(statement.encode())
    project.write("0001_a.sql", 'CREATE TABLE a (); CREATE TABLE b () TABLESPACE "big one";')
    project.succeed()
    assert "no drift" in project.succeed("verify").out
    execute(own_server.url(), 'ALTER TABLE a SET TABLESPACE "big one"')
    assert 'table public.a: tablespace changed from fast to "big one"' in project.migrate("verify").out
