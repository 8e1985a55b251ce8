"""Hostile files: refused with file, line, column and reason before anything runs, by the real command."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, applied, ledger_tables, objects

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "CREATE TABLE first (a int);\n"
ALONE = "-- transactional: false\n"

# Name → (content of 0002_x.sql, line:column, code, what the message says).
HOSTILE: dict[str, tuple[str | bytes, str, str, str]] = {
    # Encodings.
    "latin-1": (b"SELECT 'caf\xe9';", "1:12", "unreadable-file", "byte 0xe9 is not valid UTF-8"),
    "a byte after wide characters": (
        "-- 日本\nSELECT 'é".encode() + b"\xff';",
        "2:10",
        "unreadable-file",
        "byte 0xff",
    ),
    "UTF-16 little endian": ("\ufeffSELECT 1;".encode("utf-16-le"), "1:1", "unreadable-file", "the file is UTF-16"),
    "UTF-16 big endian": ("\ufeffSELECT 1;".encode("utf-16-be"), "1:1", "unreadable-file", "the file is UTF-16"),
    "UTF-16 without a mark": ("SELECT 1;".encode("utf-16-le"), "1:2", "lexical", "holds a NUL"),
    "an encoded surrogate": (b"SELECT '\xed\xa0\x80';", "1:9", "unreadable-file", "byte 0xed"),
    "a NUL": (b"SELECT 1;\nSELECT '\0';", "2:9", "lexical", "holds a NUL character"),
    "a NUL in a comment": (b"-- a\0b\nSELECT 1;", "1:5", "lexical", "holds a NUL character"),
    "a second byte order mark": (b"\xef\xbb\xbfSELECT 1;\n\\i x", "2:1", "psql-command", r"\i"),
    # What opens and does not close.
    "an unclosed string": ("SELECT 1;\nSELECT 'it;\n", "2:8", "lexical", "this quoted string has no end"),
    "an unclosed identifier": ('SELECT "a;\n', "1:8", "lexical", "this quoted identifier has no end"),
    "an unclosed dollar quote": ("DO $$ BEGIN END;\n", "1:4", "lexical", "this $$ quote has no end"),
    "a tag of another case": ("DO $Fn$ BEGIN END $fn$;", "1:4", "lexical", "this $Fn$ quote has no end"),
    "an unclosed comment": ("SELECT 1; /* a /* b */\n", "1:11", "lexical", "this comment has no end"),
    "an escaped quote": (r"SELECT E'\';", "1:8", "lexical", "this E'…' string has no end"),
    "an empty identifier": ('SELECT "";', "1:8", "lexical", "this quoted identifier is empty"),
    # Transaction control.
    "a COMMIT": ("CREATE TABLE x (a int);\nCOMMIT;\n", "2:1", "transaction-control", "COMMIT inside"),
    "a commit after comments": ("/* a */ -- b\n  commit work;", "2:3", "transaction-control", "COMMIT inside"),
    "a ROLLBACK": ("SELECT 1; ROLLBACK;", "1:11", "transaction-control", "ROLLBACK inside"),
    "an ABORT": ("abort;", "1:1", "transaction-control", "ABORT inside"),
    "a SAVEPOINT": ("SAVEPOINT a;", "1:1", "transaction-control", "SAVEPOINT inside"),
    "a RELEASE": ("release savepoint a;", "1:1", "transaction-control", "RELEASE inside"),
    "a ROLLBACK TO": ("ROLLBACK TO a;", "1:1", "transaction-control", "ROLLBACK TO inside"),
    "a PREPARE TRANSACTION": ("PREPARE TRANSACTION 'x';", "1:1", "transaction-control", "PREPARE TRANSACTION"),
    "a COMMIT PREPARED": ("COMMIT PREPARED 'x';", "1:1", "transaction-control", "COMMIT PREPARED"),
    "a BEGIN without COMMIT": ("BEGIN;\nSELECT 1;\n", "1:1", "transaction-control", "BEGIN inside"),
    "a COMMIT without BEGIN": ("SELECT 1;\nEND;\n", "2:1", "transaction-control", "END inside"),
    "two transactions": ("BEGIN;\nCOMMIT;\nBEGIN;\nCOMMIT;", "2:1", "transaction-control", "COMMIT inside"),
    "an isolation level": (
        "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;",
        "1:1",
        "transaction-control",
        "BEGIN inside",
    ),
    "COMMIT AND CHAIN": ("BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;", "1:1", "transaction-control", "BEGIN inside"),
    "BEGIN in a file of its own": (ALONE + "BEGIN;\nSELECT 1;\nCOMMIT;", "2:1", "transaction-control", "BEGIN"),
    # What only psql understands.
    "an include": ("SELECT 1;\n\\i other.sql\n", "2:1", "psql-command", r"\i is a command of psql"),
    "a copy by psql": ("\\copy t from x.csv\n", "1:1", "psql-command", r"\copy is a command of psql"),
    "the head of a dump": ("\\restrict aBcD\nSET x = 1;", "1:1", "psql-command", r"\restrict is a command of psql"),
    "a condition": ("\\if :x\nSELECT 1;\n\\endif", "1:1", "psql-command", r"\if is a command of psql"),
    "an echo": ("\\echo it's done\nSELECT 1;", "1:1", "psql-command", r"\echo is a command of psql"),
    "a gexec": ("SELECT 'SELECT 1' \\gexec\n", "1:19", "psql-command", r"\gexec is a command of psql"),
    "data": ("COPY first FROM stdin;\n1\n\\.\n", "1:1", "copy-from-stdin", "COPY … FROM stdin needs psql"),
    "data with quotes": (
        "COPY first (a) FROM STDIN;\nit's\t\\N\n\\.\n",
        "1:1",
        "copy-from-stdin",
        "COPY … FROM stdin",
    ),
    "rows for psql": ("COPY first TO STDOUT;", "1:1", "copy-to-stdout", "COPY … TO stdout"),
    # What needs no transaction, or none of ours.
    "an index CONCURRENTLY": (
        "CREATE INDEX CONCURRENTLY ON first (a);",
        "1:1",
        "not-in-a-transaction",
        "CREATE INDEX CONCURRENTLY cannot run inside a transaction",
    ),
    "a VACUUM": ("SELECT 1;\nVACUUM first;", "2:1", "not-in-a-transaction", "VACUUM cannot run inside"),
    "an ALTER SYSTEM": ("ALTER SYSTEM SET work_mem = '1MB';", "1:1", "not-in-a-transaction", "ALTER SYSTEM cannot"),
    "a CREATE DATABASE": ("create database d;", "1:1", "not-in-a-transaction", "CREATE DATABASE cannot"),
    "a REINDEX": ("REINDEX TABLE CONCURRENTLY first;", "1:1", "not-in-a-transaction", "REINDEX CONCURRENTLY cannot"),
    "a temporary table": (ALONE + "CREATE TEMP TABLE x (a int);", "2:1", "temporary-object", "temporary"),
    # Headers and dependencies.
    "a misspelled header": ("-- transactionall: false\nSELECT 1;", "1:4", "directive", "unknown directive"),
    "an unusable value": ("-- lock-timeout: 5 parsecs\nSELECT 1;", "1:18", "directive", "is not a duration"),
    "a header too low": ("SELECT 1;\n-- transactional: false\n", "2:4", "directive", "below the first statement"),
    "an unknown dependency": ("-- depends: 0001_frist\n", "1:13", "dependency", "depends on 0001_frist"),
    "a dependency with its ending": (
        "-- depends: 0001_first.sql\n",
        "1:13",
        "dependency",
        "depends on 0001_first.sql",
    ),
    "a dependency on itself": ("-- depends: 0002_x\n", "1:13", "dependency", "in a circle: 0002_x → 0002_x"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_before_anything_runs(tmp_path: Path, database: str, case: str) -> None:
    """Not even the harmless file before it runs, and no ledger is made."""
    content, place, code, reason = HOSTILE[case]
    project = Project(tmp_path, database)
    project.write_all({"0001_first.sql": FIRST, "0002_x.sql": content})
    told = project.fail(7)
    first = told.splitlines()[0]
    assert first.startswith(f"migrations/0002_x.sql:{place}: error: ")
    assert reason in first
    assert first.endswith(f"[{code}]")
    assert "  hint: " in told
    assert objects(database) == set()
    assert ledger_tables(database) == set()


@pytest.mark.parametrize("case", ["a COMMIT", "an unclosed string", "latin-1"])
def test_a_hostile_rollback_file_is_noted_and_refused_by_those_that_would_run_it(
    tmp_path: Path, database: str, case: str
) -> None:
    content, place, code, reason = HOSTILE[case]
    project = Project(tmp_path, database)
    project.write_all({"0001_first.sql": FIRST, "0001_first.rollback.sql": content})
    told = project.succeed("up").out
    assert f"note: migrations/0001_first.rollback.sql:{place}: " in told
    assert reason in told
    for error in (project.fail(7, "down", "--yes"), project.fail(7, "test")):
        first = error.splitlines()[0]
        assert first.startswith(f"migrations/0001_first.rollback.sql:{place}: error: ")
        assert first.endswith(f"[{code}]")
    assert objects(database) == {"public.first"}


@pytest.mark.parametrize("command", ["up", "down", "status", "plan", "test", "hash"])
def test_every_command_refuses_a_hostile_file(tmp_path: Path, database: str, command: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_x.sql", "SELECT 'it;")
    assert "migrations/0001_x.sql:1:8: error: " in project.fail(7, command)


def test_circles_of_two_and_three_are_told_with_their_members(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write_all({"a.sql": "-- depends: b\n", "b.sql": "-- depends: c\n", "c.sql": "-- depends: a\n"})
    assert "migrations/a.sql:1:13: error: dependencies go round in a circle: a → b → c → a" in project.fail(7)
    project.write_all({"c.sql": "-- depends: b\n"})
    assert "migrations/b.sql:1:13: error: dependencies go round in a circle: b → c → b" in project.fail(7)


def test_the_mistakes_of_all_files_are_told_in_one_run(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    contents = [content for content, _, code, _ in HOSTILE.values() if code != "dependency"]
    project.write_all({f"{number:04}_x.sql": content for number, content in enumerate(contents)})
    told = project.fail(7)
    assert {line.partition(":")[0] for line in told.splitlines() if ": error: " in line} == {
        f"migrations/{number:04}_x.sql" for number in range(len(contents))
    }


# --- accepted ----------------------------------------------------------------------------------------------------

HARMLESS: dict[str, str | bytes] = {
    "a byte order mark": b"\xef\xbb\xbfCREATE TABLE x (a int);",
    "line ends of Windows": b"CREATE TABLE x (\r\n  a int\r\n);\r\n",
    "a transaction around the file": "-- a\nBEGIN;\nCREATE TABLE x (a int);\nCOMMIT;\n",
    "another spelling of it": "start transaction;\nCREATE TABLE x (a int);\nEND\n",
    "PL/pgSQL": "DO $$ BEGIN IF true THEN CREATE TABLE x (a int); END IF; END $$;",
    "BEGIN ATOMIC": (
        "CREATE TABLE x (a int);\n"
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;\n"
        "DROP FUNCTION f;"
    ),
    "a psql command in quotes": r"CREATE TABLE x (a int); COMMENT ON TABLE x IS '\i commit;';",
    "comments with quotes": "-- it's\n/* \"it's $$ \\i */ CREATE TABLE x (a int);",
    "Unicode": 'CREATE TABLE x (a int, "é日本🦆" text DEFAULT \'日本\'); ALTER TABLE x DROP "é日本🦆";',
    "per cent signs and braces": "CREATE TABLE x (a int DEFAULT 7 % 3); COMMENT ON TABLE x IS '100%s %(a)s {b} {{';",
    "rows that nobody reads": "SELECT generate_series(1, 1000);\nCREATE TABLE x (a int);\nTABLE x;\nVALUES (1);",
    "no semicolon at the end": "CREATE TABLE x (a int)",
    "empty statements": ";;CREATE TABLE x (a int);;;",
    "deep nesting": f"CREATE TABLE x (a int);\nSELECT {'(' * 500}1{')' * 500};",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_only_looks_hostile_runs(tmp_path: Path, database: str, case: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_x.sql", HARMLESS[case])
    project.succeed()
    assert objects(database) == {"public.x"}
    assert applied(database) == ["0001_x"]
    assert project.succeed("status", "--check").code == 0


def test_a_transaction_around_a_file_is_noted(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_x.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n")
    assert (
        "note: migrations/0001_x.sql: BEGIN and COMMIT around the file are dropped: it runs in one transaction anyway"
        in project.succeed().out
    )


@pytest.mark.parametrize("content", ["", "-- only a comment\n", "/* only\na comment */", ";\n", "BEGIN; COMMIT;"])
def test_a_file_without_a_statement_is_applied_with_a_note(tmp_path: Path, database: str, content: str) -> None:
    project = Project(tmp_path, database)
    project.write_all({"0001_x.sql": content, "0001_x.rollback.sql": "-- nothing to undo\n"})
    assert "note: migrations/0001_x.sql: holds no statement" in project.succeed().out
    assert applied(database) == ["0001_x"]
    project.succeed("down", "--yes")
    assert applied(database) == []


def test_a_file_of_4_mb_runs(tmp_path: Path, database: str) -> None:
    """How fast, bench/migrate.py measures: ≤ 0.2 s until it is sent."""
    row = "INSERT INTO x VALUES (1, 'some text; with a semicolon and more of it to fill the line');\n"
    content = "CREATE TABLE x (a int, b text);\n" + row * (4 * 1024 * 1024 // len(row))
    project = Project(tmp_path, database)
    project.write("0001_x.sql", content)
    assert "0001_x" in project.succeed("status").out
    project.succeed()
    assert objects(database) == {"public.x"}


def test_a_line_of_4_mb_does_not_fill_the_screen(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write("0001_x.sql", f"SELECT {'1 + ' * 1_000_000}1 nonsense here;")
    assert len(project.fail(1)) < 2000


# --- names, folders and what else lies in them -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("0002 x.sql", "migrations/0002 x.sql: error: a migration's name holds no white space"),
        ("0002\nx.sql", r"migrations/0002\nx.sql: error: a migration's name holds no white space"),
        ("0002\x1b[2Jx.sql", r"migrations/0002\x1b[2Jx.sql: error: a migration's name holds no white space"),
        ("0002_x.SQL", "migrations/0002_x.SQL: error: file endings are in lower case"),
        ("0002_x.py", "migrations/0002_x.py: error: migrations in Python are not run"),
        ("post-apply.sql", "migrations/post-apply.sql: error: yoyo's post-apply hooks are not run"),
        ("0001_FIRST.sql", "migrations/0001_first.sql: error: the same migration as 0001_FIRST.sql"),
    ],
)
def test_a_hostile_name_is_refused(tmp_path: Path, database: str, name: str, told: str) -> None:
    project = Project(tmp_path, database)
    project.write_all({"0001_first.sql": FIRST, name: "SELECT 1;\n"})
    assert told in project.fail(7)
    assert objects(database) == set()


def test_names_of_one_letter_in_two_unicode_forms_are_refused(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.write_all({"0001_\u00e9.sql": FIRST, "0001_e\u0301.sql": FIRST})
    if len(list(project.migrations.iterdir())) == 1:
        pytest.skip("this file system takes both forms for one")
    assert "both have the id " in project.fail(7)


def test_a_name_of_255_bytes_runs(tmp_path: Path, database: str) -> None:
    """The longest that common file systems have; the ledger's column takes 255 characters."""
    project = Project(tmp_path, database)
    name = "0001_" + "x" * 246
    project.write(f"{name}.sql", FIRST)
    project.succeed()
    assert applied(database) == [name]


def test_hidden_files_and_files_of_other_kinds_are_not_looked_at(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    others = (".0002_x.sql", ".0002_x.sql.swp", "README.md", "0002_x.sql~", "0002_x.sql.bak", "#0002_x.sql#")
    project.write_all({"0001_first.sql": FIRST, **dict.fromkeys(others, "'")})
    (project.migrations / "notes").mkdir()
    project.write("notes/README.md", "'")
    project.succeed()
    assert applied(database) == ["0001_first"]


@pytest.mark.parametrize("inner", ["0002_x.sql", "deep/er/0002_x.sql", "0002_x.SQL"])
def test_sql_in_a_subfolder_is_never_passed_over(tmp_path: Path, database: str, inner: str) -> None:
    """Whoever put it there believes that it runs."""
    project = Project(tmp_path, database)
    project.write("0001_first.sql", FIRST)
    (project.migrations / "2026" / inner).parent.mkdir(parents=True)
    project.write(f"2026/{inner}", "SELECT 1;")
    told = project.fail(7)
    assert "migrations/2026: error: is a folder: SQL files in subfolders are not read [file-name]" in told
    assert objects(database) == set()


def test_a_folder_called_like_a_migration_is_refused(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    (project.migrations / "0001_x.sql").mkdir()
    assert "migrations/0001_x.sql: error: is a folder" in project.fail(7)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    (project.migrations / "0001_x.sql").symlink_to("elsewhere.sql")
    told = project.fail(7)
    assert "migrations/0001_x.sql: error: cannot be read: No such file or directory [unreadable-file]" in told


def test_a_link_to_a_file_is_that_file(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    (tmp_path / "elsewhere.txt").write_text(FIRST)
    (project.migrations / "0001_x.sql").symlink_to(tmp_path / "elsewhere.txt")
    project.succeed()
    assert objects(database) == {"public.first"}


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, database: str, kind: str) -> None:
    """Reading a named pipe would hang until somebody writes into it, /dev/zero for ever."""
    project = Project(tmp_path, database)
    path = project.migrations / "0001_x.sql"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(project.migrations):
            listening.bind("0001_x.sql")  # a relative path: a long one is more than a socket takes
    told = project.fail(7)
    assert "migrations/0001_x.sql: error: cannot be read: it is a pipe, a socket or a device, not a file" in told


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_told(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    path = project.write("0001_x.sql", FIRST)
    path.chmod(0)
    try:
        told = project.fail(7)
    finally:
        path.chmod(stat.S_IRUSR)
    assert "migrations/0001_x.sql: error: cannot be read: Permission denied [unreadable-file]" in told


def test_a_folder_that_is_missing_empty_or_a_file_is_told(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    assert "error: no migration in migrations [folder]" in project.fail(7)
    told = project.fail(7, "--migrations", "nowhere")
    assert "error: the migrations folder nowhere does not exist [folder]" in told
    assert "hint: codezest-sql migrate new makes it; --migrations or the setting migrations names another one" in told
    told = project.fail(7, "--migrations", "pyproject.toml")
    assert "error: the migrations folder pyproject.toml is not a folder [folder]" in told
    assert ledger_tables(database) == set()
