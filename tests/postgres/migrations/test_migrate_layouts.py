"""The folders of other tools on a real server: up, status, down, up again, the proof of rollbacks, and refusals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from codezest_sql.actions.migrations.folder import write_new
from codezest_sql.core.settings import Settings
from tests.projects import Project, applied, objects, rows

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 31, 9, 30, 15, tzinfo=UTC)
# Two migrations of each layout: a table and an index that is built without a transaction. The second one's number is
# longer, so that order by name would be wrong where the tool orders by number.
LAYOUTS: dict[str, dict[str, str]] = {
    "plain": {
        "0001_a.sql": "CREATE TABLE a (x int);",
        "0001_a.rollback.sql": "DROP TABLE a;",
        "0002_b.sql": "-- transactional: false\nCREATE INDEX CONCURRENTLY b ON a (x);",
        "0002_b.rollback.sql": "DROP INDEX CONCURRENTLY b;",
    },
    "up and down": {
        "9_a.up.sql": "-- author:me\nCREATE TABLE a (x int);",
        "9_a.down.sql": "DROP TABLE a;",
        "10_b.up.sql": "-- no-transaction\nCREATE INDEX CONCURRENTLY b ON a (x);",
        "10_b.down.sql": "-- no-transaction\nDROP INDEX CONCURRENTLY b;",
    },
    "diesel": {
        "2019-02-26-002946_a/up.sql": "CREATE TABLE a (x int);",
        "2019-02-26-002946_a/down.sql": "DROP TABLE a;",
        "2019-02-27-002946_b/up.sql": "CREATE INDEX CONCURRENTLY b ON a (x);",
        "2019-02-27-002946_b/down.sql": "DROP INDEX CONCURRENTLY b;",
        "2019-02-27-002946_b/metadata.toml": "run_in_transaction = false\nother = 1\n",
    },
    "prisma": {
        "migration_lock.toml": 'provider = "postgresql"\n',
        "20240101120000_a/migration.sql": "-- CreateTable\nCREATE TABLE a (x int);",
        "20240101120000_a/down.sql": "DROP TABLE a;",
        "20240102120000_b/migration.sql": "-- transactional: false\nCREATE INDEX CONCURRENTLY b ON a (x);",
        "20240102120000_b/down.sql": "DROP INDEX CONCURRENTLY b;",
    },
    "flyway": {
        "V1.9__a.sql": "CREATE TABLE a (x int);",
        "U1.9__a.sql": "DROP TABLE a;",
        "V1_10__b.sql": "-- transactional: false\nCREATE INDEX CONCURRENTLY b ON a (x);",
        "U1.10__b.sql": "DROP INDEX CONCURRENTLY b;",
    },
    "dbmate": {
        "20240101120000_a.sql": "-- migrate:up\nCREATE TABLE a (x int);\n\n-- migrate:down\nDROP TABLE a;\n",
        "20240102120000_b.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY b ON a (x);\n\n"
        "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY b;\n",
    },
    "goose": {
        "9_a.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a (x int);\n-- +goose StatementEnd\n\n"
        "-- +goose Down\nDROP TABLE a;\n",
        "10_b.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY b ON a (x);\n\n"
        "-- +goose Down\nDROP INDEX CONCURRENTLY b;\n",
    },
    "sql-migrate": {
        "9_a.sql": "-- +migrate Up\nCREATE TABLE a (x int);\n\n-- +migrate Down\nDROP TABLE a;\n",
        "10_b.sql": "-- +migrate Up notransaction\nCREATE INDEX CONCURRENTLY b ON a (x);\n\n"
        "-- +migrate Down notransaction\nDROP INDEX CONCURRENTLY b;\n",
    },
    "node-pg-migrate": {
        "9_a.sql": "-- Up Migration\nCREATE TABLE a (x int);\n\n-- Down Migration\nDROP TABLE a;\n",
        "10_b.sql": "-- no transaction\n-- Up Migration: the index\nCREATE INDEX CONCURRENTLY b ON a (x);\n\n"
        "-- Down Migration\nDROP INDEX b;\n",
    },
    "tern": {
        "9_a.sql": "CREATE TABLE a (x int);\n\n---- create above / drop below ----\n\nDROP TABLE a;\n",
        "10_b.sql": "---- tern: disable-tx ----\nCREATE INDEX CONCURRENTLY b ON a (x);\n"
        "---- create above / drop below ----\nDROP INDEX b;\n",
    },
    "postgrator": {
        "9.do.a.sql": "CREATE TABLE a (x int);",
        "9.undo.take-it-back.sql": "DROP TABLE a;",
        "10.do.b.sql": "CREATE INDEX CONCURRENTLY b ON a (x);",
        "10.undo.b.sql": "DROP INDEX b;",
    },
}
IDS = {
    "plain": ["0001_a", "0002_b"],
    "up and down": ["9_a", "10_b"],
    "diesel": ["2019-02-26-002946_a", "2019-02-27-002946_b"],
    "prisma": ["20240101120000_a", "20240102120000_b"],
    "flyway": ["V1.9__a", "V1_10__b"],
    "dbmate": ["20240101120000_a", "20240102120000_b"],
    "goose": ["9_a", "10_b"],
    "sql-migrate": ["9_a", "10_b"],
    "node-pg-migrate": ["9_a", "10_b"],
    "tern": ["9_a", "10_b"],
    "postgrator": ["9.do.a", "10.do.b"],
}
# The files that `migrate new 'add c'` writes after these.
NEW = {
    "plain": ["0003_add_c.sql", "0003_add_c.rollback.sql"],
    "up and down": ["11_add_c.up.sql", "11_add_c.down.sql"],
    "diesel": ["2026-01-31-093015_add_c/up.sql", "2026-01-31-093015_add_c/down.sql"],
    "prisma": ["20260131093015_add_c/migration.sql", "20260131093015_add_c/down.sql"],
    "flyway": ["V1_11__add_c.sql", "U1_11__add_c.sql"],
    "dbmate": ["20260131093015_add_c.sql"],
    "goose": ["11_add_c.sql"],
    "sql-migrate": ["11_add_c.sql"],
    "node-pg-migrate": ["11_add_c.sql"],
    "tern": ["11_add_c.sql"],
    "postgrator": ["11.do.add_c.sql", "11.undo.add_c.sql"],
}


def fill(project: Project, files: dict[str, str], ends: str = "\n", mark: str = "") -> None:
    for name, text in files.items():
        (project.migrations / name).parent.mkdir(exist_ok=True)
        project.write(name, (mark if name.endswith(".sql") else "") + text.replace("\n", ends))


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    """Return the name of each layout in turn."""
    return str(request.param)


@pytest.fixture
def project(tmp_path: Path, database: str, layout: str) -> Project:
    """Return a project with a folder of this layout, nothing applied."""
    found = Project(tmp_path, database)
    fill(found, LAYOUTS[layout])
    return found


def states(project: Project) -> list[tuple[str, str]]:
    return [(line["id"], line["state"]) for line in project.migrate("status", "--json").json["migrations"]]


def test_up_and_down_and_up_again(project: Project, layout: str, database: str) -> None:
    ids = IDS[layout]
    assert states(project) == [(name, "pending") for name in ids]
    assert [step["id"] for step in project.succeed("plan", "--json").json["steps"]] == ids
    project.succeed()
    assert applied(database) == ids
    assert objects(database) == {"public.a", "public.b"}
    assert states(project) == [(name, "applied") for name in ids]
    assert "nothing to do" in project.succeed().out
    project.succeed("down", "--yes")
    assert objects(database) == {"public.a"}
    project.succeed("up")
    project.succeed("down", "--steps", "2", "--yes")
    assert objects(database) == set()
    assert applied(database) == []


def test_every_rollback_can_be_proved(project: Project, layout: str, database: str) -> None:
    assert "proved: 2 migrations go up, down and up again" in project.succeed("test", "--database-url", database).out
    assert layout in IDS


@pytest.mark.parametrize(("ends", "mark"), [("\r\n", ""), ("\n", "\ufeff"), ("\r\n", "\ufeff")])
def test_line_ends_and_byte_order_marks_make_no_difference(
    project: Project, layout: str, database: str, ends: str, mark: str
) -> None:
    project.succeed("hash")
    project.succeed()
    fill(project, LAYOUTS[layout], ends, mark)
    assert "nothing to do" in project.succeed().out
    project.succeed("down", "--steps", "2", "--yes")
    assert objects(database) == set()


def test_the_sum_lists_every_file_once(project: Project, layout: str) -> None:
    project.succeed("hash")
    lines = (project.migrations / "migrations.sum").read_text().splitlines()[2:]
    names = [line.partition(" ")[0] for line in lines]
    assert sorted(names) == sorted(set(LAYOUTS[layout]) - {"migration_lock.toml"})
    project.succeed()
    for name in names:
        path = project.migrations / name
        before = path.read_bytes()
        path.write_bytes(before + (b"\n" if name.endswith("toml") else b"\n-- more\n"))
        assert f"migrations/{name}: error: differs from its hash in migrations.sum: edited" in project.fail(4)
        path.write_bytes(before)
    project.succeed()


def test_new_writes_as_the_folder_does(project: Project, layout: str, database: str) -> None:
    settings = Settings(str(project.root), str(project.migrations), "")
    *paths, sums = write_new(settings, "add c", now=NOW).paths
    assert [path.partition("/migrations/")[2] for path in paths] == NEW[layout]
    assert sums.endswith("migrations.sum")
    text = (project.migrations / NEW[layout][0]).read_text()
    assert text.startswith("-- add c\n")
    assert ("-- depends:" in text) == (layout == "plain")
    project.succeed()
    assert applied(database)[:2] == IDS[layout]
    project.succeed("down", "--steps", "3", "--yes")


def test_new_files_without_a_transaction_are_so_in_both_ways(project: Project, layout: str) -> None:
    settings = Settings(str(project.root), str(project.migrations), "")
    write_new(settings, "add c", transactional=False, now=NOW)
    for name in NEW[layout]:
        path = project.migrations / name
        statement = "VACUUM;\n\n"
        text = path.read_text()
        path.write_text(text.replace("\n\n", f"\n{statement}") if len(NEW[layout]) == 1 else text + statement)
    project.succeed("hash")
    assert not project.succeed("plan", "--json").json["steps"][-1]["transactional"]
    project.succeed()
    project.succeed("down", "--yes")


def test_a_missing_way_back_is_told_by_its_name(tmp_path: Path, database: str, layout: str) -> None:
    project = Project(tmp_path, database)
    mark = re.compile(r"(?s)(-- \+goose Down|-- \+migrate Down|-- migrate:down|-- Down Mig|---- create above).*")
    files = {
        # Without any mark of tern's the order would be that of names.
        name: text if name == "9_a.sql" and layout == "tern" else mark.sub("", text)
        for name, text in LAYOUTS[layout].items()
        if not name.endswith((".rollback.sql", "down.sql")) and not name.startswith("U") and ".undo." not in name
    }
    fill(project, files)
    project.succeed()
    told = project.fail(7, "down", "--yes")
    wanted = {
        "plain": "write 0002_b.rollback.sql next to it",
        "up and down": "write 10_b.down.sql next to it",
        "diesel": "write 2019-02-27-002946_b/down.sql next to it",
        "prisma": "write 20240102120000_b/down.sql next to it",
        "flyway": "write U1_10__b.sql next to it",
        "dbmate": "has no section -- migrate:down",
        "goose": "has no section -- +goose Down",
        "sql-migrate": "has no section -- +migrate Down",
        "node-pg-migrate": "write 10_b.rollback.sql next to it",
        "tern": "write 10_b.rollback.sql next to it",
        "postgrator": "write 10.undo.b.sql next to it",
    }
    assert wanted[layout] in told
    assert "[rollback-missing]" in told
    assert objects(database) == {"public.a", "public.b"}


def test_a_renamed_migration_is_told_its_old_name(project: Project, layout: str) -> None:
    project.succeed()
    first = next(name for name in LAYOUTS[layout] if name != "migration_lock.toml")
    old = project.migrations / first
    if "/" in first:
        old.parent.rename(old.parent.with_name(f"{old.parent.name}_renamed"))
        hint = f"rename the folder back to {first.partition('/')[0]}"
    else:
        renamed = first.replace("_a.", "_renamed.").replace(".do.a.", ".do.renamed.")
        old.rename(old.with_name(renamed))
        for way_back in (first.replace(".up.", ".down."), first.replace(".sql", ".rollback.sql")):
            if way_back != first and (project.migrations / way_back).exists():
                (project.migrations / way_back).unlink()
        hint = f"rename the file back to {first}"
    told = project.fail(4)
    assert "[renamed-migration]" in told
    assert f"hint: {hint}" in told


@pytest.mark.parametrize("layout", ["dbmate", "goose", "sql-migrate"], indirect=False)
def test_an_edit_of_the_way_back_is_no_tampering(tmp_path: Path, database: str, layout: str) -> None:
    """As an edit of ``X.rollback.sql`` is none; an edit of the way there is."""
    project = Project(tmp_path, database)
    fill(project, LAYOUTS[layout])
    project.succeed()
    name = f"{IDS[layout][0]}.sql"
    project.write(name, LAYOUTS[layout][name].replace("DROP TABLE a;", "\n\nDROP TABLE a CASCADE;"))
    assert "nothing to do" in project.succeed().out
    project.write(name, LAYOUTS[layout][name].replace("x int", "x bigint"))
    assert f"migrations/{name}: error: was edited after it was applied" in project.fail(4)


def test_a_mistake_in_the_way_back_is_told_where_it_is_in_the_file(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("1_a.sql", "-- +goose Up\nCREATE TABLE a (x int);\n\n-- +goose Down\n/* é */ DROP TABEL a;\n")
    project.succeed()
    told = project.fail(1, "down", "--yes")
    assert "migrations/1_a.sql:5:14: error: syntax error at or near" in told
    assert "5 | /* é */ DROP TABEL a;" in told


def test_a_marker_in_a_function_is_a_part_of_it(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    body = "\n-- +goose Down\nSELECT 'kept'\n"
    project.write(
        "1_a.sql",
        f"-- +goose Up\nCREATE FUNCTION f() RETURNS text LANGUAGE sql AS $${body}$$;\n"
        "-- +goose Down\nDROP FUNCTION f;\n",
    )
    project.succeed()
    assert rows(database, "SELECT f(), prosrc FROM pg_proc WHERE proname = 'f'") == [("kept", body)]
    project.succeed("down", "--yes")
    assert objects(database) == set()


# --- settings and files that are refused -----------------------------------------------------------------------


def test_the_order_can_be_set(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    fill(project, {f"{number}.sql": f"CREATE TABLE t{number} (x int);" for number in ("10", "9")})
    outcome = project.succeed("status")
    assert 'order = "number" in [tool.codezest-sql] runs them by number' in outcome.out
    assert [name for name, _ in states(project)] == ["10", "9"]
    project.write("../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\norder = "number"\n')
    assert [name for name, _ in states(project)] == ["9", "10"]
    project.succeed()
    assert applied(database) == ["9", "10"]
    project.write("../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\norder = "date"\n')
    told = project.fail(7)
    assert "pyproject.toml:3:1: error: order: expected auto, name or number, not 'date' [settings]" in told
    assert 'hint: write order = "number"' in told


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "two layouts of one id": (
        {"1_a.sql": "SELECT 1;", "1_a.up.sql": "SELECT 1;"},
        "migrations/1_a.up.sql: error: 1_a.sql and 1_a.up.sql: both have the id 1_a [file-name]",
    ),
    "more SQL in a migration's folder": (
        {"1_a/up.sql": "SELECT 1;", "1_a/more.sql": "SELECT 1;"},
        "migrations/1_a/more.sql: error: SQL files in subfolders are not read [file-name]",
    ),
    "a repeatable migration": (
        {"V1__a.sql": "SELECT 1;", "R__b.sql": "SELECT 1;"},
        "migrations/R__b.sql: error: Flyway's repeatable migrations are not run",
    ),
    "a callback": (
        {"V1__a.sql": "SELECT 1;", "afterMigrate__x.sql": "SELECT 1;"},
        "migrations/afterMigrate__x.sql: error: Flyway's callbacks are not run [file-name]",
    ),
    "SQL outside of the sections": (
        {"1_a.sql": "SELECT 1;\n-- migrate:up\n-- migrate:down\n"},
        "migrations/1_a.sql:1:1: error: SQL before the first section, which would never run [section]",
    ),
    "no section for up": (
        {"1_a.sql": "-- migrate:down\nSELECT 1;\n"},
        "migrations/1_a.sql:1:1: error: there is no section -- migrate:up [section]",
    ),
    "two sections for up": (
        {"1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose Up\nSELECT 1;\n"},
        "migrations/1_a.sql:3:1: error: a second section -- +goose Up [section]",
    ),
    "a section in a file that is one way": (
        {"1_a.up.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n"},
        "migrations/1_a.up.sql:3:1: error: a section for the way down in a file that is only the way up by its name",
    ),
    "an unclosed quote in the way there": (
        {"1_a.sql": "-- +goose Up\nSELECT 'x;\n-- +goose Down\nSELECT 1;\n"},
        "migrations/1_a.sql:2:8: error: this quoted string has no end [lexical]",
    ),
    "metadata that is no TOML": (
        {"1_a/up.sql": "SELECT 1;", "1_a/metadata.toml": "run_in_transaction = no\n"},
        "migrations/1_a/metadata.toml: error: is not valid TOML: ",
    ),
    "metadata of another type": (
        {"1_a/up.sql": "SELECT 1;", "1_a/metadata.toml": "run_in_transaction = 0\n"},
        "migrations/1_a/metadata.toml: error: run_in_transaction: 0 is neither true nor false [directive]",
    ),
    "a near miss of a header of ours": (
        {"1_a.up.sql": "-- transactionl: false\nSELECT 1;"},
        "migrations/1_a.up.sql:1:4: error: unknown directive 'transactionl' [directive]",
    ),
}
# What is wrong with these is wrong with the way back alone.
REFUSED_TO_UNDO: dict[str, tuple[dict[str, str], str]] = {
    "down without up": (
        {"1_a.up.sql": "SELECT 1;", "2_bcd.down.sql": "SELECT 1;"},
        "migrations/2_bcd.down.sql: there is no 2_bcd.up.sql that this file would roll back",
    ),
    "down/ without up/": (
        {"1_a/down.sql": "SELECT 1;"},
        "migrations/1_a/down.sql: there is no 1_a/up.sql or migration.sql that this file would roll back",
    ),
    "a section and a rollback file": (
        {"1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n", "1_a.rollback.sql": "SELECT 1;"},
        "migrations/1_a.rollback.sql: 1_a is undone twice: here, and in the section -- +goose Down of 1_a.sql",
    ),
    "a COMMIT in the way back": (
        {"1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\nCOMMIT;\n"},
        "migrations/1_a.sql:5:1: COMMIT inside a migration",
    ),
    "dependencies of a section down": (
        {"1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- depends: 1_a\nSELECT 1;\n"},
        "migrations/1_a.sql:4:13: a rollback file has no dependencies of its own",
    ),
    "a folder of ways back": (
        {"1_a.sql": "SELECT 1;", "down/1_a.sql": "SELECT 1;"},
        "migrations/down: is a folder: SQL files in subfolders are not read",
    ),
    "two undo files of one version": (
        {"V1__a.sql": "SELECT 1;", "U1__a.sql": "SELECT 1;", "U1__b.sql": "SELECT 1;"},
        "migrations/U1__b.sql: U1__a.sql and U1__b.sql: both undo version 1",
    ),
    "bytes that are no text": (
        {"1_a.sql": "SELECT 1;", "1_a.rollback.sql": ""},
        "migrations/1_a.rollback.sql:1:9: byte 0xff is not valid UTF-8",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_one_clear_error_and_nothing_is_run(tmp_path: Path, database: str, what: str) -> None:
    files, told = REFUSED[what]
    project = Project(tmp_path, database)
    fill(project, {"0_first.sql": "CREATE TABLE first (x int);", **files})
    for words in ((), ("status",), ("new", "x"), ("hash",)):
        error = project.fail(7, *words)
        assert told in error
        assert error.count("error:") == 1
        assert "hint: " in error
    assert objects(database) == set()


@pytest.mark.parametrize("what", REFUSED_TO_UNDO)
def test_a_mistake_in_a_way_back_is_a_note_until_something_is_undone(
    tmp_path: Path, database: str, what: str
) -> None:
    files, told = REFUSED_TO_UNDO[what]
    project = Project(tmp_path, database)
    fill(project, {"0_first.sql": "CREATE TABLE first (x int);", **files})
    if "bytes" in what:
        (project.migrations / "1_a.rollback.sql").write_bytes(b"SELECT '\xff';")
    project.succeed("hash")
    for command in ("plan", "up", "status"):
        outcome = project.succeed(command)
        assert f"note: {told}" in outcome.out
        assert "migrate down refuses it (" in outcome.out
    assert objects(database) == {"public.first"}
    for error in (project.fail(7, "down", "--yes"), project.fail(7, "test")):
        assert told.replace(": ", ": error: ", 1) in error
    assert objects(database) == {"public.first"}


@pytest.mark.parametrize("name", ["1_a.up.sql", "1_a/up.sql", "1_a/migration.sql", "V1__a.sql"])
def test_comments_of_other_people_are_comments(tmp_path: Path, database: str, name: str) -> None:
    project = Project(tmp_path, database)
    fill(project, {name: "-- risk: low\n-- lock-timeout: 5s\nSELECT 1;"})
    project.succeed()
    assert len(applied(database)) == 1


def test_a_new_folder_is_removed_where_the_sum_cannot_be_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    fill(project, LAYOUTS["diesel"])
    (project.migrations / "migrations.sum.d").mkdir()
    before = set(project.migrations.rglob("*"))
    (project.migrations / ".migrations.sum.new").mkdir()
    assert "error: cannot write migrations/migrations.sum: " in project.fail(7, "new", "c")
    (project.migrations / ".migrations.sum.new").rmdir()
    assert set(project.migrations.rglob("*")) == before


@pytest.mark.parametrize("title", ["+goose Down", "no-transaction", "+migrate Up", "migrate:down", "Rollback"])
@pytest.mark.parametrize("layout", ["goose", "up and down", "plain"], indirect=False)
def test_a_title_that_reads_like_a_marker_is_none(tmp_path: Path, layout: str, title: str) -> None:
    project = Project(tmp_path)
    fill(project, LAYOUTS[layout])
    *paths, _ = project.succeed("new", "--", title).out.splitlines()
    text = (tmp_path / paths[0].removeprefix("wrote ")).read_text()
    assert text.startswith(f"-- title: {title}\n")
