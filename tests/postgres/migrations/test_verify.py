"""``migrate verify``: what was changed by hand is named, whatever it is, and nothing is where nothing was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.postgres.server.binaries import all_binaries
from tests.conftest import MIGRATIONS, create_database, drop_database
from tests.postgres.catalog.catalog_cases import EVERY_KIND, read_cases
from tests.projects import Project, execute, ledger_tables, objects, role_of, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server

# The words of the corpus are those that every version has.
_NAMED_NOT_NULL = re.compile(r"[,;] not null constraint (?:removed \(was \w+\)|[\w ]+)")
CASES = [case for case in read_cases() if not case.alone]
# Some at once: that each is named as it is alone has a test of its own (test_catalog_changes.py).
CHUNKS = [CASES[first :: len(CASES) // 10] for first in range(len(CASES) // 10)]


@pytest.fixture(scope="module")
def every_kind(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Return a project whose one migration makes one of everything, applied to a database that is a template."""
    name = "verify_template"
    drop_database(server, name)
    create_database(server, name)
    project = Project(tmp_path_factory.mktemp("every_kind"), server.url(name))
    # Event triggers, operator classes, subscriptions: one of everything needs a superuser.
    project.environment |= {"XDG_CACHE_HOME": str(project.root / "cache"), "CODEZEST_TRUST_MIGRATIONS": "1"}
    project.write("0001_every_kind.sql", EVERY_KIND)
    project.succeed()
    yield project
    drop_database(server, name)


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with two migrations, both applied."""
    found = Project(tmp_path, database)
    found.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    found.write_all({"0001_a.sql": "CREATE TABLE a (x int NOT NULL, y text);", "0002_b.sql": "CREATE TABLE b ();"})
    found.succeed()
    return found


@pytest.mark.every_postgres
def test_an_untouched_database_has_no_drift(every_kind: Project) -> None:
    """One of everything, and a second look, for which the shadow's catalog is remembered."""
    for _ in range(2):
        outcome = every_kind.succeed("verify")
        assert outcome.out.startswith("verified: 1 applied migration, no drift: ")
        assert outcome.err == ""


@pytest.mark.every_postgres
@pytest.mark.parametrize("chunk", range(len(CHUNKS)))
def test_every_kind_of_change_by_hand_is_named(every_kind: Project, server: Server, chunk: int) -> None:
    """Each change of the corpus, some in one database; who owns what is not compared."""
    assert every_kind.url
    name = "verify_touched"
    drop_database(server, name)
    create_database(server, name, "verify_template")
    url = server.url(name)
    version = int(str(rows(url, "SHOW server_version_num")[0][0])) // 10_000
    me = str(rows(url, "SELECT current_user")[0][0])
    cases = [case for case in CHUNKS[chunk] if case.since <= version]
    for case in cases:
        execute(url, case.statement.replace("{me}", me))
    outcome = every_kind.migrate("verify", url=url)
    for (subscription,) in rows(url, "SELECT quote_ident(subname) FROM pg_stat_subscription"):
        # With one, a database cannot be dropped; the server that it names does not exist.
        execute(url, f"ALTER SUBSCRIPTION {subscription} DISABLE")
        execute(url, f"ALTER SUBSCRIPTION {subscription} SET (slot_name = NONE)")
        execute(url, f"DROP SUBSCRIPTION {subscription}")
    drop_database(server, name)
    words = [line.replace("{me}", me) for case in cases for line in case.words.split("\n") if "owner" not in line]
    told = {_NAMED_NOT_NULL.sub("", line.removeprefix("  ")) for line in outcome.out.splitlines()}
    expected = {_NAMED_NOT_NULL.sub("", line) for line in words}
    assert expected - told == set()
    assert outcome.code == 4


@pytest.mark.every_postgres
def test_the_codezest_schema_has_no_drift_on_any_shadow(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shadow may be of another version: every server of this machine has its turn."""
    project = Project(tmp_path, database)
    project.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    project.write_all({path.name: path.read_bytes() for path in MIGRATIONS.glob("*.sql")})
    project.succeed()
    for binaries in all_binaries():
        monkeypatch.setenv("CODEZEST_PG_BINDIR", str(binaries.bindir))
        assert "no drift" in project.succeed("verify").out
        monkeypatch.delenv("CODEZEST_PG_BINDIR")


def test_drift_is_told_to_programs_as_well(project: Project, database: str) -> None:
    execute(database, "ALTER TABLE a ALTER x DROP NOT NULL; CREATE INDEX a_y_idx ON a (y); DROP TABLE b")
    outcome = project.migrate("verify", "--json")
    assert outcome.code == 4
    told = outcome.json
    assert (told["verified"], told["applied"], told["pending"]) == (False, 2, 0)
    assert [(each["action"], each["kind"], each["name"]) for each in told["drift"]] == [
        ("changed", "column", "public.a.x"),
        ("added", "index", "public.a_y_idx"),
        ("removed", "table", "public.b"),
    ]
    assert told["drift"][0]["properties"] == [{"name": "nullable", "before": "no", "after": "yes"}]
    assert "drift: 3 differences from what 2 applied migrations make: " in project.migrate("verify").out


def test_what_is_pending_is_no_drift(project: Project) -> None:
    project.write("0003_c.sql", "CREATE TABLE c ();")
    assert project.succeed("verify").out.startswith("verified: 2 applied migrations, 1 pending, no drift: ")


def test_a_database_without_a_ledger_has_nothing_but_drift(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "CREATE TABLE a ();")
    assert "verified: 0 applied migrations, 1 pending, no drift" in project.succeed("verify").out
    execute(database, "CREATE TABLE a ()")
    assert "  table public.a added" in project.migrate("verify").out
    assert ledger_tables(database) == set()


def test_edited_and_missing_files_are_told_instead_of_drift(project: Project, database: str) -> None:
    """What such files would make proves nothing."""
    execute(database, "DROP TABLE b")
    project.write("0001_a.sql", "CREATE TABLE a (x int);")
    told = project.fail(4, "verify")
    assert "migrations/0001_a.sql: error: was edited after it was applied" in told
    outcome = project.migrate("verify", "--json")
    assert outcome.json["drift"] is None
    assert [error["code"] for error in outcome.json["errors"]] == ["edited-migration"]
    project.write("0001_a.sql", "CREATE TABLE a (x int NOT NULL, y text);")
    (project.migrations / "0002_b.sql").unlink()
    assert "[missing-migration]" in project.fail(4, "verify")


def test_a_file_that_is_half_run_comes_first(project: Project, database: str) -> None:
    project.write("0003_c.sql", "-- transactional: false\nCREATE TABLE c ();\nCREATE TABLE a ();\n")
    project.fail(1)
    assert "[half-run]" in project.fail(1, "verify")
    assert "public.c" in objects(database)


def test_files_that_ran_in_another_order_are_compared_with_that_order(tmp_path: Path, database: str) -> None:
    """The columns of the table stand as they were added."""
    project = Project(tmp_path, database)
    project.write_all({"0001_a.sql": "CREATE TABLE a ();", "0003_c.sql": "ALTER TABLE a ADD c int;"})
    project.succeed()
    project.write("0002_b.sql", "ALTER TABLE a ADD b int;")
    project.succeed("up", "--allow-out-of-order")
    assert "no drift" in project.succeed("verify").out


def test_managed_partitions_come_and_go(tmp_path: Path, database: str) -> None:
    """A job makes and drops them; what is done to one that the files make is drift all the same."""
    project = Project(tmp_path, database)
    project.write(
        "../pyproject.toml",
        '[tool.codezest-sql]\nmigrations = "migrations"\nmanaged_partitions = ["public.events"]\n',
    )
    project.write(
        "0001_events.sql",
        """
        CREATE TABLE events (day date NOT NULL, kind text) PARTITION BY RANGE (day);
        CREATE INDEX events_kind_idx ON events (kind);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
        CREATE TABLE others (day date NOT NULL) PARTITION BY RANGE (day);
        """,
    )
    project.succeed()
    execute(
        database,
        """
        CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')
            PARTITION BY LIST (kind);
        CREATE TABLE events_3_a PARTITION OF events_3 DEFAULT;
        DROP TABLE events_1;
        """,
    )
    outcome = project.succeed("verify")
    assert outcome.out.splitlines()[:2] == [
        "note: 2 partitions more than the files make, of managed tables: public.events_3, public.events_3_a",
        "note: 1 partition fewer than the files make, of managed tables: public.events_1",
    ]
    execute(database, "ALTER TABLE events_2 ADD CHECK (kind <> '')")
    assert "constraint events_2_kind_check on public.events_2 added" in project.migrate("verify").out
    execute(database, "CREATE TABLE others_1 PARTITION OF others DEFAULT")
    assert "table public.others_1 added" in project.migrate("verify").out


def test_what_is_somebody_elses_is_left_alone(project: Project, database: str) -> None:
    """Another tool's ledger, and schemas that the settings name."""
    execute(
        database,
        """
        CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
        CREATE SCHEMA extensions CREATE TABLE t () CREATE VIEW v AS SELECT 1 AS one;
        """,
    )
    told = project.migrate("verify")
    assert told.code == 4
    assert "note: the ledger of another tool is left alone: public.schema_migrations" in told.out
    assert "  schema extensions added" in told.out
    project.write(
        "../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\nignore_schemas = ["extensions"]\n'
    )
    project.succeed("verify")


def test_a_role_that_files_grant_to_exists_in_the_shadow(tmp_path: Path, database: str) -> None:
    """So do the database's name and the role that migrates: a file may say both."""
    with role_of(database, "verify_reader") as url:
        role = psycopg.conninfo.conninfo_to_dict(url)["user"]
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        project = Project(tmp_path, database)
        project.write(
            "0001_a.sql",
            f"""
            CREATE TABLE a (x int);
            GRANT SELECT ON a TO "{role}";
            SET ROLE "{role}";
            RESET ROLE;
            ALTER DATABASE "{name}" SET DateStyle = 'ISO';
            ALTER TABLE a ENABLE ROW LEVEL SECURITY;
            CREATE POLICY a_policy ON a TO current_user USING (true);
            """,
        )
        project.succeed()
        project.succeed("verify")
        execute(database, f'REVOKE SELECT ON a FROM "{role}"')
        outcome = project.migrate("verify")
        assert f"grant on table public.a to {role} removed (privileges SELECT)" in outcome.out


@pytest.mark.every_postgres
def test_a_role_that_may_only_read_may_verify(project: Project, database: str) -> None:
    with role_of(
        database,
        "verify_only",
        "GRANT SELECT ON _yoyo_migration, _codezest_migration, _codezest_journal, _yoyo_version TO {role}",
        "ALTER ROLE {role} SET default_transaction_read_only = on",
    ) as url:
        assert "grant on table public.a" not in project.succeed("verify", url=url).out


def test_a_role_that_files_make_does_not_exist_before(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    role = f"made_in_{psycopg.conninfo.conninfo_to_dict(database)['dbname']}"
    project.write("0001_a.sql", f"CREATE ROLE {role}; CREATE TABLE a (); GRANT SELECT ON a TO {role};")
    project.succeed()
    try:
        project.succeed("verify")
    finally:
        execute(database, f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_file_that_does_not_run_on_the_shadow_is_named(tmp_path: Path, database: str) -> None:
    """It needed what is not made by any file."""
    execute(database, "CREATE SCHEMA made_by_hand")
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "CREATE TABLE a ();\nCREATE TABLE made_by_hand.b ();\n")
    project.succeed()
    told = project.fail(1, "verify")
    assert (
        "migrations/0001_a.sql:2:14: error: was applied, and does not run on the shadow database: "
        'schema "made_by_hand" does not exist [3F000] [shadow]' in told
    )
    assert "hint: name a server that has what the file needs" in told


def test_another_server_can_hold_the_shadow(project: Project, database: str, server: Server) -> None:
    """Nothing stays on it, and a role without the right to make databases is told so."""
    databases = "SELECT datname FROM pg_database ORDER BY 1"
    before = rows(database, databases)
    project.succeed("verify", "--shadow-url", server.url())
    project.write(
        "../pyproject.toml", f'[tool.codezest-sql]\nmigrations = "migrations"\nshadow_url = "{server.url()}"\n'
    )
    execute(database, "DROP TABLE b")
    assert "table public.b removed" in project.migrate("verify").out
    assert rows(database, databases) == before
    with role_of(database, "verify_weak") as weak:
        told = project.fail(1, "verify", "--shadow-url", weak)
        assert "cannot make a temporary database: permission denied" in told
        assert "leave out --shadow-url" in told


def test_a_damaged_cache_is_made_anew(project: Project) -> None:
    project.succeed("verify")
    (file,) = (project.root / "cache" / "codezest-sql" / "shadows").iterdir()
    file.write_bytes(file.read_bytes()[:40])
    project.succeed("verify")
    assert len(file.read_bytes()) > 40


def test_the_cache_knows_files_by_their_content_and_order(project: Project, database: str) -> None:
    """An entry of other files is not taken for theirs."""
    project.succeed("verify")
    project.write("0003_c.sql", "CREATE TABLE c ();")
    project.succeed()
    project.succeed("verify")
    execute(database, "DROP TABLE c")
    assert "table public.c removed" in project.migrate("verify").out
    assert len([*(project.root / "cache" / "codezest-sql" / "shadows").iterdir()]) == 2
