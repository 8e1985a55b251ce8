"""Text to migration: what is sent, how, and every reason for which a file is refused before anything runs."""

from __future__ import annotations

import re

import pytest

from codezest_sql.core.migrations.files.script import Migration, ReadScript, Script, read_script
from codezest_sql.errors import CodezestError, ProjectErrors
from codezest_sql.place import Place
from tests.growth import grows_linearly

HEADER = "-- transactional: false\n"


def read(text: str | bytes, *, transactional: bool = True) -> ReadScript:
    data = text.encode() if isinstance(text, str) else text
    return read_script(data, file="f.sql", transactional=transactional)


def script(text: str) -> Script:
    return read(text).script


def errors(text: str | bytes) -> tuple[CodezestError, ...]:
    with pytest.raises(ProjectErrors) as caught:
        read(text)
    return caught.value.errors


def refusals(text: str | bytes) -> list[tuple[str, str, str]]:
    """Return (line:column, code, message) of each mistake."""
    return [(str(error.place).removeprefix("f.sql:"), error.code, error.message) for error in errors(text)]


def test_a_file_is_sent_as_it_is_written() -> None:
    text = "-- hello\nCREATE TABLE a (b int); -- there\n\nSELECT ';';\n"
    found = script(text)
    assert found.text == text
    assert [found.statement_text(statement) for statement in found.statements] == [
        "CREATE TABLE a (b int)",
        "SELECT ';'",
    ]
    assert found.transactional
    assert not found.notes


def test_a_byte_order_mark_is_not_sent_and_does_not_count() -> None:
    with_mark, without = read(b"\xef\xbb\xbfSELECT 1;"), read(b"SELECT 1;")
    assert with_mark == without


def test_a_header_decides_how_a_file_runs() -> None:
    found = script(HEADER + "-- lock-timeout: 3s\nVACUUM;")
    assert not found.transactional
    assert found.lock_timeout == 3.0


def test_without_a_header_the_caller_decides() -> None:
    """A rollback file runs as its migration does, unless it sets otherwise itself."""
    assert not read("SELECT 1;", transactional=False).script.transactional
    assert read("-- transactional: true\nSELECT 1;", transactional=False).script.transactional


@pytest.mark.parametrize(
    "text", ["", "\n\n", "-- only a comment\n", "/* only\n a comment */", ";;;", "BEGIN; COMMIT;"]
)
def test_a_file_without_a_statement_is_noted(text: str) -> None:
    found = script(text)
    assert found.statements == ()
    assert "f.sql: holds no statement" in found.notes


# --- BEGIN and COMMIT ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begin", ["BEGIN", "begin", "BEGIN WORK", "Begin Transaction", "START TRANSACTION", "BEGIN/* a */WORK"]
)
@pytest.mark.parametrize("commit", ["COMMIT", "commit work", "COMMIT TRANSACTION", "END", "end transaction"])
def test_a_transaction_around_the_whole_file_is_dropped_with_a_note(begin: str, commit: str) -> None:
    """Everything else keeps its offset, so that the server's positions are the file's."""
    text = f"-- a\n{begin};\nSELECT 1;\n  {commit} ;\n-- b\n"
    found = script(text)
    assert len(found.text) == len(text)
    assert found.text.count("\n") == text.count("\n")
    assert found.text.index("SELECT 1") == text.index("SELECT 1")
    assert found.text.split() == ["--", "a", "SELECT", "1;", "--", "b"]
    assert [found.statement_text(statement) for statement in found.statements] == ["SELECT 1"]
    assert found.notes == ("f.sql: BEGIN and COMMIT around the file are dropped: it runs in one transaction anyway",)


def test_the_last_commit_may_lack_its_semicolon() -> None:
    assert script("BEGIN;SELECT 1;COMMIT").text.split() == ["SELECT", "1;"]


@pytest.mark.parametrize(
    "text",
    [
        "SET client_min_messages = 'warning';\nBEGIN;\nSELECT 1;\nCOMMIT;\n",
        "-- dump\nSET search_path TO a;\nSELECT pg_catalog.set_config('x.y', '', false);\nBEGIN;SELECT 1;END;",
        "SET ROLE a;\nBEGIN;\nSELECT 1;\nCOMMIT;\nRESET ROLE;\n",
    ],
)
def test_settings_of_the_session_may_stand_outside_of_begin_and_commit(text: str) -> None:
    found = script(text)
    assert not re.search("BEGIN|COMMIT|END", found.text)
    assert len(found.text) == len(text)
    assert found.notes == ("f.sql: BEGIN and COMMIT around the file are dropped: it runs in one transaction anyway",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET LOCAL search_path = a;\nBEGIN;\nSELECT 1;\nCOMMIT;\n", ["2:1", "4:1"]),
        ("SET a.b = '1';\nBEGIN;\nSELECT 1;\nCOMMIT;\nANALYZE;", ["2:1", "4:1"]),
        ("SET a.b = '1';\nBEGIN;\nSELECT 1;\n", ["2:1"]),
        ("SET a.b = '1';\nSELECT 1;\nCOMMIT;\n", ["3:1"]),
    ],
)
def test_nothing_else_may(text: str, expected: list[str]) -> None:
    assert [place for place, *_ in refusals(text)] == expected


@pytest.mark.parametrize("value", ["= off", "TO 'off'", "= FALSE", "= 0"])
@pytest.mark.parametrize("scope", ["", "LOCAL ", "SESSION "])
@pytest.mark.parametrize("string", [r"'a\\b'", r"'it\'s'", r"'x\'; b'"])
def test_strings_of_old_are_refused_where_a_backslash_would_mean_something_else(
    value: str, scope: str, string: str
) -> None:
    """In psql the setting holds for the next statement; in one message the server has read all strings before."""
    found = refusals(f"SELECT 1;\nSET {scope}standard_conforming_strings {value};\nSELECT {string};\n")
    assert [(place, code) for place, code, *_ in found] == [("2:1", "old-strings")]


@pytest.mark.parametrize(
    "text",
    [
        "SET standard_conforming_strings = off; SELECT 'a', E'b\\\\', $$\\$$;",
        r"SELECT 'a\b'; SET standard_conforming_strings = off; SELECT 1;",
        r"SET standard_conforming_strings = on; SELECT 'a\b';",
        r"SELECT 'SET standard_conforming_strings = off', 'a\b';",
    ],
)
def test_without_such_a_string_the_setting_makes_no_difference(text: str) -> None:
    assert script(text).text == text


def test_the_hash_is_of_the_file_as_written() -> None:
    """So a DBA who runs sha256sum sees the same."""
    assert script("BEGIN;SELECT 1;COMMIT;").sha256 != script("      SELECT 1;       ").sha256


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BEGIN;\nSELECT 1;\n", [("1:1", "BEGIN")]),
        ("SELECT 1;\nCOMMIT;\n", [("2:1", "COMMIT")]),
        ("BEGIN;\nSELECT 1;\nROLLBACK;\n", [("1:1", "BEGIN"), ("3:1", "ROLLBACK")]),
        (
            "BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;\n",
            [("3:1", "COMMIT"), ("4:1", "BEGIN")],
        ),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;\n", [("1:1", "BEGIN"), ("3:1", "COMMIT")]),
        ("BEGIN READ ONLY;SELECT 1;\nCOMMIT;\n", [("1:1", "BEGIN"), ("2:1", "COMMIT")]),
        ("BEGIN;SELECT 1;\nCOMMIT AND CHAIN;\n", [("1:1", "BEGIN"), ("2:1", "COMMIT")]),
        ("BEGIN;SELECT 1;\nCOMMIT PREPARED 'x';\n", [("1:1", "BEGIN"), ("2:1", "COMMIT PREPARED")]),
        (
            "SELECT 1;\nSAVEPOINT a;\nRELEASE a;\nROLLBACK TO a;\n",
            [("2:1", "SAVEPOINT"), ("3:1", "RELEASE"), ("4:1", "ROLLBACK TO")],
        ),
        ("/* why */ abort;", [("1:11", "ABORT")]),
        ("SELECT 1;\nPREPARE TRANSACTION 'x';", [("2:1", "PREPARE TRANSACTION")]),
        ("BEGIN", [("1:1", "BEGIN")]),
    ],
)
def test_transaction_control_inside_a_file_is_refused(text: str, expected: list[tuple[str, str]]) -> None:
    assert refusals(text) == [
        (place, "transaction-control", f"{command} inside a migration") for place, command in expected
    ]
    assert errors(text)[0].hint == "remove it: the whole file already runs in one transaction"


def test_a_file_without_a_transaction_may_not_begin_one() -> None:
    """Not even around the whole file: its statements run on their own."""
    found = errors(HEADER + "BEGIN;\nSELECT 1;\nCOMMIT;\n")
    assert [str(error.place) for error in found] == ["f.sql:2:1", "f.sql:4:1"]
    assert found[0].hint == "remove it: each statement of a non-transactional file runs on its own"


@pytest.mark.parametrize(
    "text",
    [
        "DO $$ BEGIN PERFORM 1; COMMIT; END $$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END;';",
        "COMMENT ON TABLE t IS 'BEGIN; COMMIT;';",
        "-- BEGIN;\n/* COMMIT; */ SELECT 1;",
        'CREATE TABLE "begin" ("commit" int);',
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
        "PREPARE transaction AS SELECT 1;",
        "SET CONSTRAINTS ALL DEFERRED;",
    ],
)
def test_what_only_reads_like_transaction_control_is_accepted(text: str) -> None:
    assert script(text).text == text


# --- what only psql understands --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "command"),
    [
        ("\\i other.sql\n", "1:1", r"\i"),
        ("SELECT 1;\n  \\ir other.sql\nSELECT 2;\n", "2:3", r"\ir"),
        ("\\copy t from 'x.csv'\n", "1:1", r"\copy"),
        ("\\restrict aBc123\nSELECT 1;\n", "1:1", r"\restrict"),
        ("SELECT 1 \\gexec\n", "1:10", r"\gexec"),
        ("\\echo it's\n", "1:1", r"\echo"),
        ('SELECT 1;\n\\echo "unclosed\n', "2:1", r"\echo"),
        ("\\! rm -rf /\n", "1:1", r"\!"),
        ("\\", "1:1", "\\"),
    ],
)
def test_a_command_of_psql_is_refused(text: str, place: str, command: str) -> None:
    assert refusals(text) == [(place, "psql-command", f"{command} is a command of psql, not SQL")]


def test_what_pg_dump_wrote_for_psql_alone_is_to_be_removed_not_written_in_sql() -> None:
    told = errors("\\restrict key\nSELECT 1;\n\\unrestrict key\n")
    assert [error.hint for error in told] == ['remove it, or write the dump with "codezest-sql migrate dump"'] * 2


def test_commands_of_psql_are_told_one_for_each_line() -> None:
    assert [place for place, *_ in refusals("\\if :x\nSELECT 1;\n\\else \\echo \\a\n\\endif\n")] == [
        "1:1",
        "3:1",
        "4:1",
    ]


@pytest.mark.parametrize(
    "text", [r"SELECT E'\\';", r"SELECT '\i';", r"SELECT $$\copy$$;", r"-- \i x", r"/* \i */", r'SELECT 1 AS "\i";']
)
def test_a_backslash_in_quotes_or_comments_is_no_command(text: str) -> None:
    assert script(text).text == text


def test_the_data_of_copy_from_stdin_are_not_read_as_sql() -> None:
    """One mistake is told, at the COPY, whatever quotes and backslashes its data hold."""
    text = "SELECT 1;\nCOPY t (a) FROM stdin;\nit's \\N \"x\n\\.\nSELECT 2;\n" + "\\N\n" * 1000
    assert refusals(text) == [("2:1", "copy-from-stdin", "COPY … FROM stdin needs psql to feed its data")]


@pytest.mark.parametrize(
    "text", ["copy t from stdin;", "COPY t FROM STDOUT WITH (FORMAT csv);", "/* a */ COPY\nt\nFROM\nSTDIN;"]
)
def test_copy_from_stdin_is_refused_however_it_is_written(text: str) -> None:
    assert [code for _, code, _ in refusals(text)] == ["copy-from-stdin"]


@pytest.mark.parametrize(
    "text", ["COPY t TO stdout;", "COPY (SELECT a FROM t) TO STDOUT (FORMAT csv);", "copy t to stdin"]
)
def test_copy_to_stdout_is_refused(text: str) -> None:
    assert [code for _, code, _ in refusals(text)] == ["copy-to-stdout"]


@pytest.mark.parametrize(
    "text",
    ["COPY t FROM '/x.csv';", "COPY t TO '/x.csv';", "COPY t FROM PROGRAM 'cat stdin';", "COPY stdin FROM '/x';"],
)
def test_copy_with_a_file_of_the_server_is_accepted(text: str) -> None:
    assert script(text).text == text


# --- what needs no transaction ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"),
        ("create unique index concurrently on t (a)", "CREATE INDEX CONCURRENTLY"),
        ("DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"),
        ("REINDEX TABLE CONCURRENTLY t", "REINDEX CONCURRENTLY"),
        ("VACUUM ANALYZE t", "VACUUM"),
        ("ALTER SYSTEM SET work_mem = '1MB'", "ALTER SYSTEM"),
        ("CREATE DATABASE d", "CREATE DATABASE"),
    ],
)
def test_what_postgresql_refuses_in_a_transaction_is_refused_before_it_runs(statement: str, reason: str) -> None:
    """The whole list is held by tests of the lexer's parts; here, that a file asks it."""
    assert refusals(f"SELECT 1;\n{statement};") == [
        ("2:1", "not-in-a-transaction", f"{reason} cannot run inside a transaction")
    ]
    assert script(f"{HEADER}{statement};").statements


def test_a_transaction_around_a_file_does_not_hide_such_a_statement() -> None:
    assert [place for place, *_ in refusals("BEGIN;\nVACUUM;\nCOMMIT;")] == ["2:1"]


# --- several mistakes ------------------------------------------------------------------------------------------


def test_all_mistakes_of_a_file_are_told_in_the_order_of_their_places() -> None:
    text = "-- transactionall: false\nVACUUM;\n\\i x;\nCOMMIT;\n-- depends: a\nCOPY t FROM stdin;\n"
    assert [(place, code) for place, code, _ in refusals(text)] == [
        ("1:4", "directive"),
        ("2:1", "not-in-a-transaction"),
        ("3:1", "psql-command"),
        ("4:1", "transaction-control"),
        ("5:4", "directive"),
        ("6:1", "copy-from-stdin"),
    ]


def test_an_unclosed_quote_does_not_make_the_begin_before_it_a_mistake() -> None:
    """Its COMMIT stands within the quote."""
    assert [code for _, code, _ in refusals("BEGIN;\nSELECT 'it;\nCOMMIT;\n")] == ["lexical"]
    assert [code for _, code, _ in refusals("BEGIN; SELECT 1;\nSELECT 'it;\nCOMMIT;\n")] == ["lexical"]


def test_the_body_of_a_file_that_does_not_end_is_not_its_header() -> None:
    assert [code for _, code, _ in refusals("SELECT 'it;\n-- colour: red\n")] == ["lexical"]
    assert [code for _, code, _ in refusals("/* it\n-- colour: red\n")] == ["lexical"]


def test_a_script_for_psql_does_not_fill_the_screen() -> None:
    """Twenty mistakes of one file are enough to see what is wrong."""
    assert len(errors("\\echo x\n" * 5000)) == 20
    assert len(errors("COMMIT;\n" * 5000)) == 20


def test_every_refusal_shows_its_line_with_a_caret() -> None:
    for error in errors("-- transactionall: false\n  VACUUM;\n\\i x\nCOMMIT;\n"):
        assert error.source
        assert error.place
        assert error.source.startswith(f"  {error.place.line} | ")
        assert error.source.split("\n")[1].index("^") == len("  1 | ") + error.place.column - 1


# --- large files -----------------------------------------------------------------------------------------------


@pytest.mark.growth
def test_a_file_of_4_mb_is_read_in_linear_time() -> None:
    """Every statement once: a place or an excerpt for each would take hours. The figure itself is in bench/."""
    row = "INSERT INTO t (a, b) VALUES (1, 'some text; with a semicolon');\n"
    text = row * (4 * 1024 * 1024 // len(row))
    assert len(script(text).statements) == text.count("\n")
    assert grows_linearly(script, lambda size: row * (size // len(row)), 1024 * 1024)


@pytest.mark.growth
def test_many_statements_of_other_kinds_are_read_in_linear_time() -> None:
    unit = "ALTER TABLE t ADD a int;\nCREATE TABLE a ();\nSET x = 1;\n"
    assert len(script(unit * 4_000).statements) == 12_000
    assert grows_linearly(script, lambda size: unit * (size // len(unit)), 120_000)


def test_deep_nesting_is_read() -> None:
    depth = 20_000
    text = f"SELECT {'(' * depth}1{')' * depth}; /*{'/*' * depth}{'*/' * depth}*/ SELECT 2;"
    assert len(script(text).statements) == 2


# --- places ----------------------------------------------------------------------------------------------------


def test_a_migration_knows_where_it_names_a_dependency() -> None:
    read_file = read("-- depends: a b\nSELECT 1;")
    migration = Migration(
        "m", read_file.script, None, read_file.directives.depends, read_file.directives.depends_places
    )
    assert migration.place_of("b") == Place("f.sql", 1, 15)
    assert migration.place_of("elsewhere") == Place("f.sql")


def test_an_offset_of_the_text_is_a_place_of_the_file() -> None:
    assert str(script("SELECT 1;\nSELECT é, x;").place(20)) == "f.sql:2:11"
