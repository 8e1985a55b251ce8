"""Where statements end. tests/postgres/test_lexer_statements.py asks the server the same."""

from __future__ import annotations

from itertools import islice

import pytest

from codezest_sql.core.sql.statements import find_backslashes, iterate_statements, leading_words, split_statements
from codezest_sql.errors import LexicalError


def split(sql: str) -> list[str]:
    return [statement.text(sql) for statement in split_statements(sql)]


def test_statements_end_at_semicolons() -> None:
    assert split("SELECT 1;\nSELECT 2 ; SELECT 3") == ["SELECT 1", "SELECT 2", "SELECT 3"]


@pytest.mark.parametrize("sql", ["", " \n", ";", ";;\n;", "-- a\n;/* b */;", "-- only a comment"])
def test_empty_statements_are_dropped(sql: str) -> None:
    assert split(sql) == []


def test_comments_around_a_statement_are_not_part_of_it_but_those_within_are() -> None:
    sql = (
        "-- before\n/* and */ SELECT /* within */ 1 -- still\n + 1 -- after\n/* too */ ; -- last\nSELECT 2 /* */ -- y"
    )
    assert split(sql) == ["SELECT /* within */ 1 -- still\n + 1", "SELECT 2"]


def test_a_comment_that_ends_in_blanks_does_not_end_a_statement_early() -> None:
    assert split("SELECT 1 --  \t \n  -- x   \n ;SELECT 2 /*  */") == ["SELECT 1", "SELECT 2"]
    assert split("SELECT '  ' ;SELECT $$ $$  ;SELECT \" \"") == ["SELECT '  '", "SELECT $$ $$", 'SELECT " "']


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ';'",
        "SELECT 'a'';b'",
        "SELECT E'a\\';b'",
        "SELECT E'a''\\\\';",
        "SELECT e';\\''\n';'",
        "SELECT 'a'\n-- ;\n';'",
        "SELECT B';'",
        "SELECT U&';'",
        "SELECT date';'",
        "SELECT (E';\\'')",
        "SELECT ',',E'\\';'",
        'SELECT 1 AS ";"',
        'SELECT 1 AS "a"";b"',
        'SELECT 1 AS U&";"',
        "SELECT 1 -- ;\n + 1",
        "SELECT 1 /* ; /* ; */ ; */ + 1",
        "SELECT $$;$$",
        "SELECT $a$;$$;$b$;$a$",
        "SELECT $é$;$é$",
        "DO $body$ BEGIN PERFORM 1; END; $body$",
        "SELECT a$b, $$;$$",
        "SELECT 1$$;$$",
        "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); DELETE FROM u)",
        "SELECT (1; 2)",
    ],
)
def test_a_semicolon_ends_nothing_within_quotes_comments_and_parentheses(statement: str) -> None:
    whole = statement.removesuffix(";")
    assert split(f"{whole};SELECT 1;{whole}") == [whole, "SELECT 1", whole]


@pytest.mark.parametrize("sql", ["SELECT 'a\\';SELECT 'b'", "SELECT a$$;SELECT $$b", "SELECT ae'\\';SELECT 'b'"])
def test_what_only_looks_like_a_quote_hides_no_semicolon(sql: str) -> None:
    if sql.endswith("$$b"):
        with pytest.raises(LexicalError):
            split(sql)
        sql += "$$"
    assert len(split(sql)) == 2


def test_a_backslash_escapes_only_after_e() -> None:
    assert split("SELECT 'a\\';SELECT E'a\\';'") == ["SELECT 'a\\'", "SELECT E'a\\';'"]


def test_parentheses_that_do_not_match_are_left_to_the_server() -> None:
    assert split("SELECT 1);SELECT 2") == ["SELECT 1)", "SELECT 2"]
    assert split("SELECT (1;SELECT 2") == ["SELECT (1;SELECT 2"]


BODIES = {
    "plain": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
    "procedure": "create or replace procedure p() language sql begin atomic delete from t; end",
    "empty": "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC END",
    "empty statements": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ;; SELECT 1;; END",
    "comments": "CREATE /* a */ OR -- b\n REPLACE FUNCTION f() BEGIN /* c */ ATOMIC --d\n SELECT 1; /* e */ END",
    "case": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE 2 END; SELECT 1; END",
    "case in parentheses": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT (CASE WHEN true THEN 1 END); END",
    "column called end": 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT t."end" FROM t; END',
    "column called begin": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT t.begin FROM t AS begin; END",
    "type called begin": "CREATE FUNCTION f(begin int) RETURNS begin BEGIN ATOMIC SELECT 1; END",
    "words in quotes": "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT 'END; '; SELECT $$END;$$; END",
    "parentheses": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT (SELECT 1); INSERT INTO t VALUES (1); END",
    "options": "CREATE FUNCTION f() RETURNS int STABLE SET search_path TO begin BEGIN ATOMIC SELECT 1; END",
    "nested": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC "
    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 2; END",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_begin_atomic_body_is_part_of_its_statement(body: str) -> None:
    assert split(f"SELECT 1;{body};\n{body} ; SELECT 2") == ["SELECT 1", body, body, "SELECT 2"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE begin (atomic int)",
        "CREATE TABLE t (begin atomic)",
        "SELECT begin atomic FROM t",
        "SELECT 1 AS begin, 2 AS atomic",
        "BEGIN",
        "CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS TABLE (begin atomic) LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f(begin int) RETURNS int RETURN begin + 1",
        "CREATE FUNCTION f(begin int) RETURNS int RETURN CASE WHEN begin > 1 THEN 1 END",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$",
        "CREATE FUNCTION f() RETURNS begin LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ BEGIN ATOMIC SELECT 1; $$",
        "ALTER FUNCTION begin RENAME TO atomic",
        "CREATE VIEW v AS SELECT begin atomic FROM t",
        'CREATE FUNCTION "begin"() RETURNS "atomic" RETURN NULL',
        "CREATE FUNCTION beginx() RETURNS atomic RETURN NULL",
    ],
)
def test_the_words_begin_and_atomic_open_a_body_only_where_the_grammar_has_one(statement: str) -> None:
    """Several of these make psql wait for an END."""
    assert split(f"{statement};SELECT 1;{statement}") == [statement, "SELECT 1", statement]


def test_a_schema_with_its_elements_is_one_statement() -> None:
    sql = "CREATE SCHEMA s CREATE TABLE t (id int) CREATE VIEW v AS SELECT id FROM t"
    assert split(sql + ";") == [sql]


def test_statements_before_an_error_are_delivered() -> None:
    """The data after COPY … FROM stdin may hold anything."""
    sql = "CREATE TABLE t (a text);\nCOPY t FROM stdin;\n/* it's\n\\.\n"
    first = islice(iterate_statements(sql), 2)
    assert [statement.text(sql) for statement in first] == ["CREATE TABLE t (a text)", "COPY t FROM stdin"]
    with pytest.raises(LexicalError):
        split_statements(sql)


def test_backslashes_are_found_outside_of_quotes_and_comments() -> None:
    sql = "SELECT '\\', E'\\'', $$\\$$, \"\\\" -- \\\n/* \\ */;\n\\d x\n SELECT 1 \\gset"
    assert find_backslashes(sql) == (sql.index("\\d x"), sql.index("\\gset"))
    assert find_backslashes("SELECT 1") == ()


def test_leading_words_are_tokens_with_unquoted_words_in_upper_case() -> None:
    sql = "/* a */ create /* b */ table If not Exists \"My Table\" (id int DEFAULT 'x')"
    (statement,) = split_statements(sql)
    assert leading_words(sql, statement) == ("CREATE", "TABLE", "IF", "NOT", "EXISTS", '"My Table"', "(", "ID")
    assert leading_words(sql, statement, 2) == ("CREATE", "TABLE")


def test_leading_words_end_with_the_statement() -> None:
    sql = "COMMIT; SELECT 1"
    assert leading_words(sql, split_statements(sql)[0]) == ("COMMIT",)
