"""Statements end where the server's own grammar ends them.

The server splits a simple query on its own and gives one result for each statement in it. So the results of a whole
text must be those of the statements that we split it into, sent one by one: as many, in the same order, the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codezest_sql.core.sql.statements import split_statements
from tests.randomised import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.every_postgres

Result = tuple[str | None, list[tuple[object, ...]]]

# Names that mislead whoever counts the words BEGIN, CASE and END.
SETUP = """
CREATE DOMAIN begin AS int;
CREATE DOMAIN atomic AS int;
CREATE TABLE t (begin int, atomic atomic, "end" int, "a;b" text);
CREATE TABLE u (LIKE t);
"""


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database) as connection:
        connection.execute(SETUP.encode())
        connection.commit()
        yield connection


def results(connection: psycopg.Connection, sql: str) -> list[Result]:
    """Return what each statement that the server found in the text gave: its command tag and its rows."""
    cursor = connection.execute(sql.encode())
    found: list[Result] = []
    while True:
        if cursor.statusmessage is not None:  # None for an empty query
            found.append((cursor.statusmessage, cursor.fetchall() if cursor.description else []))
        if not cursor.nextset():
            return found


def assert_agreement(connection: psycopg.Connection, sql: str) -> None:
    """Send the text as a whole and in our parts, each from the same state of the database."""
    parts = [statement.text(sql) for statement in split_statements(sql)]
    whole = results(connection, sql)
    connection.rollback()
    assert len(whole) == len(parts), (sql, parts)
    assert whole == [result for part in parts for result in results(connection, part)], (sql, parts)
    connection.rollback()


SCRIPTS = {
    "nothing": "-- nothing\n;; /* ; */ ;",
    "quotes": "SELECT ';' AS \";\"; SELECT 'a'';''b', E'\\';', U&';', B'1', date'2024-01-01'; SELECT e';\\''\n';' x;",
    "dollar quotes": "SELECT $$;$$, $a$;$$;$b$;$a$, $é$;$é$; SELECT 1 AS a$b, $$;$$; SELECT 1 a$$; SELECT 2 AS b$$;",
    "continued strings": "SELECT 'a'\n';'; SELECT E'a' -- ;'\n '\\';'; SELECT 'a' -- ;\n, 'b';",
    "comments": "SELECT 1 -- ;\n + 1; /* ; /* ; */ ; */ SELECT /* ; */ 2; -- ; '\nSELECT 3 /* it's ; $$ */;--",
    "carriage returns": "SELECT 1 -- ;\r; SELECT 2;\r\nSELECT 3 -- ;\r\n;",
    "operators": "SELECT 1--2;\n, 2;SELECT 4 +-/* ; */1, @ -1, 5 != -1, 2*/* ; */3;",
    "rule": "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM u WHERE begin = 2);"
    "SELECT 1;",
    "schema": "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT a FROM t; SELECT count(*) FROM s.v;",
    "do": "DO $body$ BEGIN PERFORM 1; END; $body$; DO LANGUAGE plpgsql 'BEGIN PERFORM 1; END;'; SELECT 1;",
    "body": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT f();",
    "procedure": "create or replace procedure p() begin atomic insert into t values (1); delete from t; end;call p()",
    "empty body": "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC END; SELECT f();",
    "empty statements": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ; SELECT 1;; SELECT 3;; END; SELECT f()",
    "comments in a body": "CREATE /* a */ OR -- b\n REPLACE FUNCTION f() RETURNS int BEGIN /* ; */ ATOMIC -- ;\n"
    " SELECT 1; /* END; */ END -- ;\n ; SELECT f();",
    "case in a body": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE 2 END; END;"
    "SELECT f();",
    "column called end in a body": "CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT 1 AS end;"
    ' SELECT sum(t."end") FROM t; SELECT count(t.begin) FROM t AS begin, t; END; SELECT f();',
    "type called begin": "CREATE FUNCTION f(begin int) RETURNS begin BEGIN ATOMIC SELECT 1; SELECT begin; END;"
    "SELECT f(2);",
    "setting called begin": "CREATE FUNCTION f() RETURNS int SET search_path TO begin BEGIN ATOMIC SELECT 1; END;"
    "SELECT f();",
    "return with begin": "CREATE FUNCTION f(begin int) RETURNS int RETURN begin + 1; SELECT f(1);"
    "CREATE FUNCTION g(begin int) RETURNS int RETURN CASE WHEN begin > 1 THEN 1 END; SELECT g(1);",
    "begin and atomic as names": "SELECT begin atomic FROM t; SELECT t.begin FROM t; SELECT 1 AS begin, 2 AS end;"
    "CREATE FUNCTION f(begin atomic) RETURNS TABLE (a atomic) LANGUAGE sql AS 'SELECT 1'; SELECT f(1);"
    "CREATE FUNCTION begin() RETURNS begin LANGUAGE sql AS $$ SELECT 1; $$; SELECT begin();",
    "strings in a body": "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT 'END; '; SELECT $$;END;$$; END;",
}


@pytest.mark.parametrize("sql", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_the_server_finds_the_same_statements(connection: psycopg.Connection, sql: str) -> None:
    assert_agreement(connection, sql)


@pytest.mark.parametrize(
    "sql",
    ["SELECT (1; SELECT 2", "SELECT (1; 2)", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2"],
)
def test_text_that_we_leave_whole_is_refused_as_a_whole(connection: psycopg.Connection, sql: str) -> None:
    """An unclosed parenthesis or body: no part of it could have run."""
    assert len(split_statements(sql)) == 1
    with pytest.raises(psycopg.errors.SyntaxError):
        connection.execute(sql.encode())


def test_a_nested_body_is_one_statement_to_the_server_too(connection: psycopg.Connection) -> None:
    """Its grammar takes it (so it is no syntax error), its analysis refuses it."""
    inner = "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; END"
    sql = f"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC {inner}; SELECT 2; END"
    assert len(split_statements(sql)) == 1
    with pytest.raises(psycopg.Error, match="not yet supported in unquoted SQL function body"):
        connection.execute(sql.encode())


# --- random scripts --------------------------------------------------------------------------------------

content = st.text(st.sampled_from("a;'\"$\\-/* \n()é,"), max_size=8)
blank = st.sampled_from(["", " ", "\n", "\t-- a ; ' $$ \" /*\n", " /* ; ' /* ; */ $$ -- */ ", "\r\n", "--\r"])
expression = st.one_of(
    content.map(lambda text: "'" + text.replace("'", "''") + "'"),
    content.map(lambda text: " E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"),
    content.map(lambda text: " U&'" + text.replace("\\", "\\\\").replace("'", "''") + "'"),
    content.map(lambda text: f"$t${text}x$t$"),
    st.tuples(content, content).map(
        lambda two: "'" + two[0].replace("'", "''") + "' -- ;'\n '" + two[1].replace("'", "''") + "'"
    ),
    st.sampled_from(
        ["1", "-1", "(2)", "'a'::text", "CASE WHEN true THEN 1 END", "(ARRAY[1,2])[1:2]", "1.5", "2*-3", "@ -1"]
    ),
)
alias = content.map(lambda text: '"x' + text.replace('"', '""') + '"') | st.sampled_from(
    ["a$b", "a$$", "e", "begin", "é"]
)
column = st.tuples(expression, blank, alias).map(lambda parts: f"{parts[0]}{parts[1]} AS {parts[2]}")
select = st.lists(column, min_size=1, max_size=3).map(lambda columns: "SELECT " + ", ".join(columns))
statement = st.one_of(
    select,
    st.just("SELECT 1 AS end"),
    st.lists(select, min_size=1, max_size=2).map(
        lambda body: "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC " + "; ".join([*body, "SELECT 1; END"])
    ),
)
script = st.lists(st.tuples(blank, statement, blank), max_size=6).map(
    lambda parts: ";".join("".join(part) for part in parts)
)


@settings(
    examples(2),
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # every example is rolled back
)
@given(sql=script)
def test_the_server_finds_the_same_statements_in_random_scripts(connection: psycopg.Connection, sql: str) -> None:
    try:
        assert_agreement(connection, sql)
    finally:
        connection.rollback()
