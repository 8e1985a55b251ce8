"""What a file SETs is its own affair: the ledger is written all the same, and nothing of it reaches the next file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from codezest_sql.ledger import LEDGER_TABLES
from tests.projects import Project, applied, execute, ledger_tables, objects, role_of, rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

ALONE = "-- transactional: false\n"
OWN = LEDGER_TABLES - {"yoyo_lock"}

SETTINGS: dict[str, str] = {
    "a search_path": "SET search_path = other;",
    "an empty search_path": "SELECT pg_catalog.set_config('search_path', '', false);",
    "an empty search_path as pg_dump writes it": "SET search_path = '';",
    "a local search_path": "SET LOCAL search_path = other;",
    "a search_path of pg_catalog last": "SET search_path = other, pg_catalog;",
    "a role": "SET ROLE pg_monitor;",
    "a local role": "SET LOCAL ROLE pg_monitor;",
    "a session authorization": "SET SESSION AUTHORIZATION pg_monitor;",
    "a local session authorization": "SET LOCAL SESSION AUTHORIZATION pg_monitor;",
    "read-only transactions": "SET default_transaction_read_only = on;",
    "read-only transactions by another name": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;",
    "another isolation": "SET default_transaction_isolation = 'serializable';",
    "old strings": "SET standard_conforming_strings = off; SET escape_string_warning = off;",
    "backslash quotes": "SET backslash_quote = on;",
    "an encoding": "SET client_encoding = 'LATIN1';",
    "no encoding": "SET client_encoding = 'SQL_ASCII';",
    "an encoding that Python lacks": "SET client_encoding = 'EUC_TW';",
    "dates and times": "SET datestyle = 'SQL, DMY'; SET timezone = 'Etc/GMT-14'; SET intervalstyle = iso_8601;",
    "few messages": "SET client_min_messages = error;",
    "hex or not": "SET bytea_output = 'escape'; SET extra_float_digits = -15;",
    "no lock timeout": "SET lock_timeout = 0; SET statement_timeout = 0;",
    "row security": "SET row_security = off;",
    "triggers off": "SET session_replication_role = replica;",
    "a temporary table of the ledger's name": "CREATE TEMP TABLE _yoyo_log (x int);",
    "a prepared statement": "PREPARE nothing AS SELECT 1;",
    "a cursor": "DECLARE c CURSOR WITH HOLD FOR SELECT 1;",
    "a listener": "LISTEN something;",
    "a lock": "SELECT pg_catalog.pg_advisory_lock(7);",
}
# How a new session sees it: all of this must be the same in the next file.
STATE = """
    CREATE TABLE public.{} AS
    SELECT name, setting FROM pg_catalog.pg_settings
    WHERE name NOT IN ('application_name', 'lock_timeout', 'client_connection_check_interval', 'idle_session_timeout',
        'transaction_timeout')
    UNION ALL SELECT 'user', current_user::text UNION ALL SELECT 'session_user', session_user::text
    UNION ALL SELECT 'temp', count(*)::text FROM pg_catalog.pg_class WHERE relpersistence = 't'
    UNION ALL SELECT 'prepared', coalesce(string_agg(name, ','), '') FROM pg_catalog.pg_prepared_statements
    UNION ALL SELECT 'cursors', coalesce(string_agg(name, ','), '') FROM pg_catalog.pg_cursors WHERE is_holdable
    UNION ALL SELECT 'listening', coalesce(string_agg(c, ','), '') FROM pg_catalog.pg_listening_channels() AS c
    UNION ALL SELECT 'lock', count(*)::text FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory' AND objid = 7 AND classid = 0 AND pid = pg_catalog.pg_backend_pid()
"""


@pytest.fixture
def prepared(database: str) -> str:
    """Return a database with a schema that files can switch to."""
    execute(database, "CREATE SCHEMA other; GRANT USAGE ON SCHEMA other, public TO PUBLIC")
    return database


@pytest.mark.parametrize("case", SETTINGS)
@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
def test_a_setting_of_a_file_stays_in_it(tmp_path: Path, prepared: str, case: str, header: str) -> None:
    if header and "TEMP" in SETTINGS[case]:
        pytest.skip("temporary objects are refused in a file without a transaction")
    check_that_it_stays(Project(tmp_path, prepared), f"{header}{SETTINGS[case]}")


@pytest.mark.every_postgres
@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
def test_many_settings_of_a_file_stay_in_it(tmp_path: Path, prepared: str, header: str) -> None:
    """All that go together, on each version: what DISCARD ALL takes back is the server's to say."""
    last = ("a role", "read-only transactions")  # after these, others are refused
    others = [case for case in SETTINGS if not re.search("local|temporary|read-only|role|authorization", case)]
    together = [SETTINGS[case] for case in (*others, *last)]
    check_that_it_stays(Project(tmp_path, prepared), header + "\n".join(together))


def check_that_it_stays(project: Project, text: str) -> None:
    url = project.url
    assert url
    # A name that neither LATIN1 nor ASCII has, for the ledger to write.
    project.write_all(
        {"0001_before.sql": STATE.format("before"), "0002_日本.sql": text, "0003_after.sql": STATE.format("after")}
    )
    project.succeed()
    assert applied(url) == ["0001_before", "0002_日本", "0003_after"]
    assert rows(url, "SELECT count(*) FROM public._codezest_migration") == [(3,)]
    assert rows(url, "SELECT count(*) FROM public._codezest_journal") == [(0,)]
    assert ledger_tables(url) == OWN
    assert objects(url) == {"other", "public.before", "public.after"}
    assert len(rows(url, "SELECT FROM public.before")) > 300
    changed = "(TABLE public.{0} EXCEPT TABLE public.{1})"
    assert rows(url, f"{changed.format('before', 'after')} UNION {changed.format('after', 'before')}") == []


@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
def test_text_is_utf8_whatever_a_file_says_of_its_encoding(tmp_path: Path, database: str, header: str) -> None:
    """Else the é after it would arrive as two characters."""
    project = Project(tmp_path, database)
    project.write(
        "0001_x.sql", f"{header}SET client_encoding = 'LATIN1';\nCREATE TABLE x AS SELECT 'é' AS a;\nSELECT 'é';"
    )
    project.succeed()
    assert rows(database, "SELECT a, length(a) FROM x") == [("é", 1)]


@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
def test_a_database_in_latin_1_gets_the_right_characters(tmp_path: Path, server: Server, header: str) -> None:
    """And a character that it lacks is told with its file, not stored as garbage."""
    name = f"latin1_{tmp_path.name}"[:60]
    execute(server.url(), f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        project = Project(tmp_path, server.url(name))
        project.write_all({"0001_é.sql": f"{header}CREATE TABLE x AS SELECT 'é' AS a;"})
        project.succeed()
        assert rows(server.url(name), "SELECT a, length(a) FROM x") == [("é", 1)]
        assert applied(server.url(name)) == ["0001_é"]
        project.write("0002_x.sql", f"{header}SELECT 'fine';\nSELECT '日本';")
        told = project.fail(1)
        assert re.match(r"migrations/0002_x\.sql:\d+:1: error: character with byte sequence 0xe6 0x97 0xa5", told)
        assert "[22P05]" in told
    finally:
        execute(server.url(), f"DROP DATABASE {name} WITH (FORCE)")


def test_a_url_or_an_environment_with_another_encoding_does_not_matter(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, f"{database}&client_encoding=LATIN1", {"PGCLIENTENCODING": "SQL_ASCII"})
    project.write("0001_日本.sql", "CREATE TABLE x AS SELECT '日本' AS a;")
    project.succeed()
    assert rows(database, "SELECT a FROM x") == [("日本",)]
    assert applied(database) == ["0001_日本"]


def test_a_role_that_becomes_another_at_login_stays_so(tmp_path: Path, database: str) -> None:
    """ALTER ROLE … SET role: the migrator logs in as itself and owns things as the owner."""
    grants = (
        "CREATE ROLE {role}_owner",
        "GRANT CREATE ON SCHEMA public TO {role}_owner",
        "GRANT {role}_owner TO {role}",
        "ALTER ROLE {role} SET role = {role}_owner",
    )
    with role_of(database, "login", *(grant.replace("{role}_owner", "the_owner") for grant in grants)) as url:
        try:
            project = Project(tmp_path, url)
            project.write_all({"0001_a.sql": "SET ROLE NONE; SELECT 1;", "0002_b.sql": "CREATE TABLE b (x int);"})
            project.succeed()
            owners = rows(database, "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'")
            assert owners == [("the_owner",)]
        finally:
            execute(database, "DROP OWNED BY the_owner CASCADE; DROP ROLE the_owner")


@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
def test_the_lock_timeout_of_a_header_holds_for_its_file_only(tmp_path: Path, database: str, header: str) -> None:
    project = Project(tmp_path, database)
    see = "CREATE TABLE {} AS SELECT current_setting('lock_timeout') AS a;"
    project.write_all(
        {
            "0001_a.sql": f"{header}-- lock-timeout: 7s\n{see.format('a')}",
            "0002_b.sql": f"{header}{see.format('b')}",
            "0003_c.sql": f"{header}-- lock-timeout: 50ms\n{see.format('c')}",
        }
    )
    project.succeed()
    assert rows(database, "SELECT a.a, b.a, c.a FROM a, b, c") == [("7s", "2s", "50ms")]


def test_the_ledger_goes_where_the_role_looks_first(tmp_path: Path, database: str) -> None:
    """As yoyo's would; and is found again when the role looks elsewhere."""
    execute(database, "CREATE SCHEMA app")
    project = Project(tmp_path, f"{database}&options=-csearch_path%3Dapp")
    project.write("0001_a.sql", "CREATE TABLE a (x int);")
    project.succeed()
    assert objects(database) == {"app", "app.a"}
    found = rows(database, "SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename ~ '^_(yoyo|codezest)'")
    assert found == [("app",)]
    assert "nothing to do" in project.succeed(url=database).out
    assert "1 applied, 0 pending" in project.succeed("status", url=database).out


def test_several_ledgers_are_told_unless_the_role_sees_one(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    execute(database, "CREATE SCHEMA app; CREATE SCHEMA web; CREATE SCHEMA third")
    for schema in ("app", "web"):
        execute(
            database,
            f"CREATE TABLE {schema}._yoyo_migration (migration_hash varchar(64), migration_id text, "
            "applied_at_utc timestamp); CREATE TABLE " + f"{schema}._yoyo_version (version int)",
        )
    name = rows(database, "SELECT current_database()")[0][0]
    execute(database, f'ALTER DATABASE "{name}" SET search_path = third')
    for command in ("up", "status", "plan"):
        told = project.fail(6, command, url=database)
        assert "error: several schemas hold a ledger: app, web [connection-unusable]" in told
        assert "hint: name one with --schema, or put it on the search_path of the role that migrates" in told
    assert "0 applied, 1 pending" in project.succeed("status", url=f"{database}&options=-csearch_path%3Dweb").out


def test_a_role_without_a_schema_to_work_in_is_told(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, f"{database}&options=-csearch_path%3Dnowhere")
    project.write("0001_a.sql", "SELECT 1;")
    told = project.fail(6)
    assert "error: the ledger has no place: no schema of the role's search_path exists" in told
    assert 'hint: create the schema "public", or set the role\'s search_path' in told


def test_a_database_without_the_schema_public_can_make_its_own(tmp_path: Path, database: str) -> None:
    execute(database, "DROP SCHEMA public")
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "SELECT 1;")
    assert "the ledger has no place" in project.fail(6)
    execute(database, "CREATE SCHEMA public")
    project.succeed()


# --- rights ------------------------------------------------------------------------------------------------------


@pytest.mark.every_postgres
def test_a_role_that_may_only_read_can_look(tmp_path: Path, database: str) -> None:
    """status, plan and an up with nothing to do write nothing and take no lock."""
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "SELECT 1;")
    project.succeed()
    read = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    with role_of(database, "reader", read, "ALTER ROLE {role} SET default_transaction_read_only = on") as url:
        assert "1 applied, 0 pending" in project.succeed("status", "--check", url=url).out
        assert "nothing to do" in project.succeed("plan", url=url).out
        assert "nothing to do" in project.succeed("up", url=url).out
        assert "nothing is half run" in project.succeed("repair", url=url).out
        project.write("0002_b.sql", "CREATE TABLE b (x int);")
        assert "0002_b" in project.succeed("plan", url=url).out
        assert project.migrate("status", "--check", url=url).code == 3
        told = project.fail(1, "up", url=url)
        assert (
            "migrations/0002_b.sql:1:1: error: cannot execute CREATE TABLE in a read-only transaction [25006]" in told
        )
        assert "hint: the server is read-only, perhaps a replica: migrate on the primary" in told
    assert applied(database) == ["0001_a"]


def test_a_role_that_may_not_read_the_ledger_is_told_what_it_lacks(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "SELECT 1;")
    project.succeed()
    with role_of(database, "blind") as url:
        for command in ("status", "plan", "up"):
            told = project.fail(6, command, url=url)
            assert "error: this role may not read the ledger: permission denied for table _yoyo_migration" in told
            assert "GRANT USAGE ON SCHEMA and SELECT on the tables" in told


@pytest.mark.every_postgres
def test_a_role_that_may_not_make_the_ledger_is_told_what_it_lacks(tmp_path: Path, database: str) -> None:
    """From 15 on an ordinary role may not create in public."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    with role_of(database, "poor") as url:
        told = project.fail(6, url=url)
        assert "error: cannot prepare the ledger: permission denied for schema public [connection-unusable]" in told
        assert "hint: GRANT" in told
    assert ledger_tables(database) == set()


def test_a_right_that_a_statement_lacks_is_told_at_its_place(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;\nCREATE ROLE somebody;")
    with role_of(database, "owner", "GRANT CREATE ON SCHEMA public TO {role}") as url:
        told = project.fail(1, url=url)
        assert "migrations/0001_a.sql:2:1: error: permission denied to create role" in told
        assert "[42501]" in told
        assert "hint: " in told
        assert applied(database) == []


def test_a_read_only_server_is_told(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, f"{database}&options=-cdefault_transaction_read_only%3Don")
    project.write("0001_a.sql", "SELECT 1;")
    assert "0 applied, 1 pending" in project.succeed("status").out
    told = project.fail(6)
    assert "error: cannot prepare the ledger: cannot execute CREATE TABLE in a read-only transaction" in told
    assert "hint: migrate on the primary, with a role that may write" in told
    assert ledger_tables(database) == set()


# --- journaled files that touch the ledger -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "enemy",
    ["DROP SCHEMA public CASCADE", "ALTER SCHEMA public RENAME TO app", "DROP TABLE public._codezest_journal"],
)
def test_a_statement_that_harms_the_ledger_is_undone_where_it_stands(
    tmp_path: Path, database: str, enemy: str
) -> None:
    project = Project(tmp_path, database)
    project.write("0001_x.sql", f"{ALONE}CREATE TABLE x (a int);\n  {enemy};\nSELECT 3;")
    told = project.fail(1)
    assert re.match(r'migrations/0001_x\.sql:3:3: error: (relation|schema) "public.*" does not exist', told)
    assert objects(database) == {"public.x"}
    assert ledger_tables(database) == OWN
    assert "half applied" in project.succeed("status").out
    project.write("0001_x.sql", f"{ALONE}CREATE TABLE x (a int);\n  SELECT 2;\nSELECT 3;")
    project.succeed()
    assert applied(database) == ["0001_x"]


@pytest.mark.parametrize("header", ["", ALONE], ids=["transactional", "journaled"])
@pytest.mark.parametrize("whose", ["DATABASE %1$I", "ROLE %2$I IN DATABASE %1$I"])
def test_a_setting_of_the_database_or_role_holds_from_the_next_file_on(
    tmp_path: Path, prepared: str, whose: str, header: str
) -> None:
    """As where each file is given to a psql of its own: a session reads these once, when it begins."""
    alter = f"ALTER {whose} SET search_path = other, public"
    project = Project(tmp_path, prepared)
    project.write_all(
        {
            "0001_alter.sql": f"{header}DO $$ BEGIN "
            f"EXECUTE format('{alter}', current_database(), current_user); END $$;",
            "0002_after.sql": f"{header}CREATE TABLE here (a int);",
            "0003_again.sql": f"{header}CREATE TABLE there (a int);",
        }
    )
    project.succeed()
    assert {"other.here", "other.there"} <= set(objects(prepared))
    assert applied(prepared) == ["0001_alter", "0002_after", "0003_again"]


def test_a_setting_of_the_users_own_is_unknown_again_in_the_next_file(tmp_path: Path, prepared: str) -> None:
    """DISCARD ALL leaves it behind as an empty string."""
    project = Project(tmp_path, prepared)
    project.write_all(
        {
            "0001_set.sql": "SET app.tenant = '5'; SELECT set_config('app.user', '7', true);",
            "0002_look.sql": "CREATE TABLE other.seen AS SELECT current_setting('app.tenant', true) AS tenant,"
            " current_setting('app.user', true) AS who;",
        }
    )
    project.succeed()
    assert rows(prepared, "SELECT tenant, who FROM other.seen") == [(None, None)]
