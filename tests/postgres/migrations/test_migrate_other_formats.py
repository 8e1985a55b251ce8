"""Files that other tools read otherwise, on a real server: nothing of them runs by mistake, nothing is left out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.adoption.digests import flyway_checksum
from tests.postgres.migrations.test_baseline_from import FLYWAY, PRISMA
from tests.projects import Project, applied, execute, objects

if TYPE_CHECKING:
    from pathlib import Path

UP, DOWN = "CREATE TABLE gates (id int PRIMARY KEY);", "DROP TABLE gates;"
PLAIN = "-- codezest: plain\n"
NODE = f"-- Up Migration\n{UP}\n-- Down Migration\n{DOWN}\n"
TERN = f"{UP}\n---- create above / drop below ----\n{DOWN}\n"
RAMBLER = f"-- rambler up\n{UP}\n-- rambler down\n{DOWN}\n"
CONCURRENT = "CREATE INDEX CONCURRENTLY b ON a (x);\n"


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project without migrations."""
    return Project(tmp_path, database)


def put(project: Project, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project.migrations / name).parent.mkdir(parents=True, exist_ok=True)
        project.write(name, text)


@pytest.mark.parametrize(
    "files",
    [{"0001_gates.sql": NODE}, {"0001_gates.sql": TERN}, {"001.do.gates.sql": UP, "001.undo.gates.sql": DOWN}],
    ids=["node-pg-migrate", "tern", "postgrator"],
)
def test_the_way_back_runs_on_the_way_back(project: Project, database: str, files: dict[str, str]) -> None:
    put(project, files)
    project.succeed()
    assert objects(database) == {"public.gates", "public.gates_pkey"}
    project.succeed("down", "--yes")
    assert objects(database) == set()


@pytest.mark.parametrize(
    "files",
    [
        {"0001_gates.sql": RAMBLER},
        {"0001_gates.sql": f"--liquibase formatted sql\n--changeset a:1 context:test\n{UP}\n"},
        {"0001_gates-up.sql": UP, "0001_gates-down.sql": DOWN},
        {"1_a/up.sql": "SELECT 1;", "x.sql": UP},
        {"V1__a.sql": f"{UP} COMMENT ON TABLE gates IS '${{env}}';"},
    ],
    ids=["rambler", "Liquibase", "db-migrate", "diesel", "Flyway"],
)
def test_what_cannot_be_told_is_refused_before_anything_runs(
    project: Project, database: str, files: dict[str, str]
) -> None:
    put(project, {"0000_first.rollback.sql": "", "0000_first.sql": "SELECT 1;", **files})
    for words in ((), ("status",), ("plan",), ("verify",), ("test",), ("hash",), ("baseline", "0000_first")):
        error = project.fail(7, *words)
        assert error.count("error: ") == 1
        assert "hint: " in error
    assert applied(database) == []
    assert objects(database) == set()


@pytest.mark.parametrize("text", [NODE, TERN, RAMBLER], ids=["node-pg-migrate", "tern", "rambler"])
def test_a_mark_in_an_applied_file_is_a_note(project: Project, database: str, text: str) -> None:
    """As version 1.0.0 applied it, whole; the header, which is no part of what is hashed, means that version."""
    put(project, {"0001_gates.sql": PLAIN + text, "0001_gates.rollback.sql": "SELECT 1;"})
    project.succeed("hash")
    project.succeed()
    assert objects(database) == set()  # made and dropped
    (project.migrations / "migrations.sum").unlink()
    put(project, {"0001_gates.sql": text})
    for command in ("up", "status", "plan"):
        assert "note: migrations/0001_gates.sql" in project.succeed(command).out
    assert "no drift" in project.succeed("verify").out
    project.succeed("dump")
    project.succeed("down", "--yes")
    # It is to run again: now it is read.
    if text is RAMBLER:
        assert "[section]" in project.fail(7)
    else:
        (project.migrations / "0001_gates.rollback.sql").unlink()
        project.succeed()
        assert objects(database) == {"public.gates", "public.gates_pkey"}


def test_the_header_takes_the_note_away_and_changes_no_hash(project: Project, database: str) -> None:
    put(project, {"0001_gates.sql": PLAIN + RAMBLER})
    project.succeed()
    put(project, {"0001_gates.sql": RAMBLER})
    assert "note: " in project.succeed().out
    put(project, {"0001_gates.sql": PLAIN + RAMBLER})
    assert "note: " not in project.succeed().out
    assert applied(database) == ["0001_gates"]


def test_ways_back_that_were_applied_as_migrations_stay_applied(project: Project, database: str) -> None:
    """As 1.0.0 did with postgrator's: the ledger has both files."""
    put(project, {"001.do.gates.sql": UP, "002.x.sql": DOWN})
    project.succeed()
    execute(
        database,
        "UPDATE _yoyo_migration SET migration_id = '001.undo.gates' WHERE migration_id = '002.x';"
        "UPDATE _codezest_migration SET migration_id = '001.undo.gates' WHERE migration_id = '002.x'",
    )
    (project.migrations / "002.x.sql").rename(project.migrations / "001.undo.gates.sql")
    assert "note: migrations/001.undo.gates.sql: was applied whole" in project.succeed("status").out
    assert "nothing to do" in project.succeed().out
    assert "no drift" in project.succeed("verify").out


# --- what is not run ----------------------------------------------------------------------------------------------

REFUSED_NAMES = {
    "00002_fill.go": "Go",
    "V2__Fill.java": "Java",
    "V2__Fill.kt": "Kotlin",
    "V2__Fill.groovy": "Groovy",
    "R__Views.java": "Java",
    "V2__fill.sh": "shell",
    "20240101_fill.js": "JavaScript",
    "20240101-fill.mjs": "JavaScript",
    "1700000000000-Fill.ts": "TypeScript",
    "20240101000000_fill.rb": "Ruby",
    "Version20240101000000.php": "PHP",
    "2014_10_12_000000_fill.php": "PHP",
    "m150101_185401_fill.php": "PHP",
    "Migration20240101.ts": "TypeScript",
    "20240101_fill.exs": "Elixir",
    "20240101_Fill.cs": "C#",
    "02_fill.yaml": "YAML",
    "02_fill.json": "JSON",
    "155_fill.up.yaml": "YAML",
    "002_fill.edn": "Clojure",
    "002_fill.xml": "XML",
    "1_a/up.yaml": "YAML",
    "2_b/up.js": "JavaScript",
    "db.changelog-master.xml": "changelog",
    "changelog.yaml": "changelog",
    "0002_b.psql": "SQL under the ending .psql",
    "0002_b.sql.j2": "SQL under the ending .j2",
    "0002_b.sql.gz": "SQL under the ending .gz",
    "0002_b.ddl": "SQL under the ending .ddl",
    "0002_b.py": "Python",
    "0002_b.SQL": "lower case",
    "sub/0002_b.sql": "subfolders",
    "deploy/b.sql": "subfolders",
}
NOTED_NAMES = [
    "embed.go",
    "00002_fill_test.go",
    "migrate.sh",
    "Makefile",
    "order",
    "tern.conf",
    "0002_notes.txt",
    "0002_data.csv",
    "0002_b.sql.bak",
    "0001_a.sql.conf",
    "V2__b.sql.conf",
    ".0002_b.sql",
    ".old/0002_b.sql",
    "meta/_journal.json",
    "package.json",
    "0001_types.d.ts",
]
INNOCENT_NAMES = [
    "README.md",
    "README",
    "LICENSE",
    "CHANGELOG.md",
    "atlas.sum",
    "migration_lock.toml",
    "__init__.py",
    ".gitkeep",
    ".gitignore",
    ".DS_Store",
    ".sqlfluff",
    "._0002_b.sql",
    "0002_b.sql~",
    ".0002_b.sql.swp",
    "#0002_b.sql#",
    "__pycache__/x.pyc",
]


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_a_migration_of_another_language_is_refused_by_its_name(project: Project, database: str, name: str) -> None:
    put(project, {"0001_a.sql": UP, name: "x"})
    for words in (("migrate",), ("migrate", "status"), ("migrate", "hash")):
        outcome = project.run(*words)
        assert outcome.code == 7, outcome.out + outcome.err
        assert "[file-name]" in outcome.err
        assert REFUSED_NAMES[name] in outcome.err
        assert "hint: " in outcome.err
    assert objects(database) == set()


def test_all_else_that_is_not_run_is_noted_or_innocent(project: Project) -> None:
    put(project, {"0001_a.sql": UP})
    (project.migrations / "dangling.txt").symlink_to("nowhere")
    (project.migrations / "empty").mkdir()
    put(project, dict.fromkeys(INNOCENT_NAMES, "x"))
    told = project.succeed("status").out
    assert "note: migrations: not run, since no migrations in SQL: dangling.txt, empty/\n" in told
    for name in NOTED_NAMES:
        put(project, {name: "x"})
        told = project.succeed("status").out
        shown = "meta/" if name.startswith("meta") else name
        assert f"{shown}, " in told or f", {shown}\n" in told, name
        (project.migrations / name).unlink()
        if "/" in name:
            (project.migrations / name).parent.rmdir()


def test_a_link_to_a_file_is_a_file_and_one_to_nothing_an_error(project: Project, database: str) -> None:
    (project.root / "elsewhere.sql").write_text(UP)
    (project.migrations / "0001_a.sql").symlink_to("../elsewhere.sql")
    project.succeed()
    assert objects(database) == {"public.gates", "public.gates_pkey"}
    (project.migrations / "0002_b.sql").symlink_to("nowhere.sql")
    assert "migrations/0002_b.sql: error: cannot be read" in project.fail(7)


# --- transactions of other tools ----------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "-- transactional: false\n", "-- transactional: false\n\n"])
def test_what_flyway_ran_without_a_transaction_is_adopted(project: Project, database: str, header: str) -> None:
    execute(database, "CREATE TABLE a (x int)")
    execute(database, CONCURRENT)
    execute(
        database,
        FLYWAY.replace("'V1__a.sql'", "'V1__b.sql'").replace(
            str(flyway_checksum(b"CREATE TABLE a (x int);\n")), str(flyway_checksum(CONCURRENT.encode()))
        ),
    )
    put(project, {"V0__a.sql": "CREATE TABLE a (x int);", "V1__b.sql": header + CONCURRENT})
    assert "✓ marked V0__a" in project.succeed("baseline", "V0__a").out
    assert "✓ marked V1__b" in project.succeed("baseline", "--from", "flyway").out
    assert "no drift" in project.succeed("verify").out
    put(project, {"V1__b.sql": header + CONCURRENT + "-- edited\n"})
    assert "[edited-migration]" in project.fail(4, "baseline", "--from", "flyway")


@pytest.mark.parametrize("header", ["", "-- transactional: false\n"])
def test_what_prisma_ran_without_a_transaction_is_adopted(project: Project, database: str, header: str) -> None:
    execute(database, "CREATE TABLE a (x int)")
    execute(database, CONCURRENT)
    digest = hashlib.sha256(CONCURRENT.encode()).hexdigest()
    execute(database, PRISMA.replace(hashlib.sha256(b"CREATE TABLE a (x int);\n").hexdigest(), digest))
    put(project, {"0001_a/migration.sql": header + CONCURRENT})
    assert "✓ marked 0001_a" in project.succeed("baseline", "--from", "prisma").out


def test_golang_migrates_blocks_and_single_statements_run(project: Project, database: str) -> None:
    put(
        project,
        {
            "1_a.up.sql": "BEGIN;\nCREATE TABLE a (x int);\nCOMMIT;\n\nBEGIN;\nALTER TABLE a ADD y int;\nCOMMIT;\n",
            "1_a.down.sql": "BEGIN;\nALTER TABLE a DROP y;\nCOMMIT;\nDROP TABLE a;\n",
            "2_b.up.sql": CONCURRENT,
            "2_b.down.sql": "DROP INDEX CONCURRENTLY b;",
        },
    )
    assert "the BEGIN … COMMIT 2 blocks of the file" in project.succeed().out
    assert objects(database) == {"public.a", "public.b"}
    project.succeed("down", "--steps", "2", "--yes")
    assert objects(database) == set()


def test_a_block_that_fails_takes_those_before_it_back(project: Project, database: str) -> None:
    put(project, {"1_a.up.sql": f"BEGIN;\n{UP}\nCOMMIT;\nBEGIN;\nSELECT 1/0;\nCOMMIT;\n"})
    error = project.fail(1)
    assert "migrations/1_a.up.sql" in error
    assert objects(database) == set()
