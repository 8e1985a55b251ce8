"""Reading query files: what the corpus of tests/cases/queries cannot say in a plain text file, and single rules."""

from __future__ import annotations

import pytest

from codezest_sql.core.query_files.copy_shape import CopyShape, copy_shape
from codezest_sql.core.query_files.name_line import duplicate_names
from codezest_sql.core.query_files.reading import Choice, Dialect, Query, QueryKind, read_queries, read_query_file
from codezest_sql.errors import ProjectErrors
from codezest_sql.place import Place


def one(sql: str, *, header: str = "", dialect: Dialect = Dialect.NATIVE) -> Query:
    (query,) = read_query_file(f"-- name: q :many\n{header}{sql}", file="q.sql", dialect=dialect)
    return query


def names(sql: str, dialect: Dialect = Dialect.NATIVE) -> list[str]:
    return [parameter.name for parameter in one(sql, dialect=dialect).parameters]


def mistakes(text: str | bytes) -> list[str]:
    return [f"{error.place} {error.code}".removeprefix("q.sql:") for error in read_queries(text, file="q.sql").errors]


def test_bytes_are_utf_8_with_or_without_a_byte_order_mark() -> None:
    text = "-- name: q :one\nSELECT 'é'"
    assert one("SELECT 'é'").text == read_query_file(b"\xef\xbb\xbf" + text.encode(), file="q.sql")[0].text


def test_a_file_that_is_not_utf_8_is_refused_at_its_first_wrong_byte() -> None:
    assert mistakes(b"-- name: q :one\nSELECT '\xe9'") == ["2:9 unreadable-file"]


def test_a_nul_is_refused_where_it_stands() -> None:
    assert mistakes("-- name: q :one\nSELECT '\0'") == ["2:9 lexical"]


@pytest.mark.parametrize("text", ["", "\n\n", "-- a note\n", "/* a note */", "\ufeff"])
def test_a_file_without_a_query_is_refused(text: str) -> None:
    assert mistakes(text.encode()) == ["1:1 query-statement"]


def test_all_mistakes_are_raised_together_where_queries_are_needed() -> None:
    with pytest.raises(ProjectErrors) as caught:
        read_query_file("-- name: a :oen\nSELECT :class;", file="q.sql")
    assert [error.code for error in caught.value.errors] == ["query-kind", "query-parameter"]


def test_a_mistake_in_one_query_does_not_take_the_others_with_it() -> None:
    read = read_queries(
        "-- name: a :one\nSELECT 1;\n-- name: b :oen\nSELECT 2;\n-- name: c :one\nSELECT 3", file="q.sql"
    )
    assert [query.name for query in read.queries] == ["a", "c"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_name_line_and_a_directive(end: str) -> None:
    lines = [
        "-- name: q :many",
        "-- Words.",
        "-- row: Thing",
        "SELECT 1",
        "-- :if a",
        "WHERE :a",
        "-- :end",
        "LIMIT 1;",
    ]
    (query,) = read_query_file(end.join(lines), file="q.sql")
    assert (query.docstring, query.row, query.ifs) == ("Words.", "Thing", ("a",))
    assert query.text == end.join(["SELECT 1", "WHERE $1", "LIMIT 1"])
    assert query.variant(Choice()).text == end.join(["SELECT 1", "LIMIT 1"])


def test_a_name_line_within_a_string_or_a_comment_begins_no_query() -> None:
    text = "-- name: q :one\nSELECT '\n-- name: a :one\n', $$\n-- name: b :one\n$$ /*\n-- name: c :one\n*/;"
    assert [query.name for query in read_query_file(text, file="q.sql")] == ["q"]


def test_comments_between_two_queries_belong_to_neither() -> None:
    first, second = read_query_file(
        "-- name: a :one\nSELECT 1; -- that was a\n\n-- a note\n-- name: b :one\n-- Words.\nSELECT 2;", file="q.sql"
    )
    assert (first.text, first.docstring) == ("SELECT 1", "")
    assert (second.text, second.docstring) == ("SELECT 2", "Words.")


def test_the_docstring_keeps_its_lines_and_its_indentation() -> None:
    header = "-- First.\n--\n--   indented\n--tight\n-- across-users\n-- last\n--\n"
    assert one("SELECT 1", header=header).docstring == "First.\n\n  indented\ntight\nlast"


def test_words_with_a_colon_in_a_docstring_are_words() -> None:
    header = (
        "-- Note: rows are live.\n-- see: https://example.com\n-- rows: all of them, newest first\n-- well-known\n"
    )
    assert "rows: all of them" in one("SELECT 1", header=header).docstring


def test_a_parameter_is_one_number_however_often_it_stands() -> None:
    query = one("SELECT :b, :a, :b")
    assert query.text == "SELECT $1, $2, $1"
    assert [parameter.name for parameter in query.parameters] == ["b", "a"]
    assert query.parameters[0].places == (Place("q.sql", 2, 8), Place("q.sql", 2, 16))


def test_nullable_forces_only_what_it_names() -> None:
    query = one("SELECT :a, :b, :c", header="-- nullable: a, c\n")
    assert [parameter.forced_nullable for parameter in query.parameters] == [True, False, True]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT x::a", []),
        ("SELECT x :: a", []),
        ("SELECT : a", []),
        ("SELECT f(a:=b)", []),
        ("SELECT f(a := :b)", ["b"]),
        ("SELECT f(a=>:b)", ["b"]),
        ("SELECT x[1:a]", []),
        ("SELECT x[b:a]", []),
        ("SELECT x['1':a]", []),
        ("SELECT x[(1):a]", []),
        ("SELECT x[y[1]:a]", []),
        ('SELECT x["b":a]', []),
        ("SELECT x[b::int:a]", []),
        ("SELECT x[:a]", ["a"]),
        ("SELECT x[:a:b]", ["a"]),
        ("SELECT x[:2], (f(x))[:2], x[1:2][:3], x[: 2], x[:-1], '{1}'::int[] = x[:2]", []),
        ("SELECT x[:array_length(x, 1)], x[:t.n], x[:2 + :a], x[:f(:b)]", ["a", "b"]),
        ("SELECT x[:from_a:to_b]", ["from_a"]),
        ("SELECT x[:a: :b]", ["a", "b"]),
        ("SELECT x[1 + :a]", ["a"]),
        ("SELECT x[1:(:a)]", ["a"]),
        ("SELECT x[(SELECT :a)]", ["a"]),
        ("SELECT x[CASE WHEN :a THEN 1 ELSE :b END:c]", ["a", "b"]),
        ("SELECT ARRAY[:a, :b]", ["a", "b"]),
        ("SELECT ARRAY[[:a], [:b]]", ["a", "b"]),
        ("SELECT (ARRAY[1])[1:a]", []),
        ("SELECT :x[1:a]", ["x"]),
        ("SELECT json_object('a':a)", []),
        ("SELECT json_object('a': :a)", ["a"]),
        ("SELECT JSON_OBJECTAGG(k:v)", []),
        ("SELECT json_object(KEY :k VALUE :v)", ["k", "v"]),
        ("SELECT lower(:a)", ["a"]),
        ("SELECT x ? :a AND x ?| :b AND x ?& :c", ["a", "b", "c"]),
        ("SELECT a<:a, b@>:b, -:c, 1+:d", ["a", "b", "c", "d"]),
        ("SELECT 1 LIMIT:n", ["n"]),
        ("SELECT 'a:b' || E'\\':c' || $$ :d $$ || $x$ :e $x$ || U&':f' || \":g\"", []),
        ("SELECT 1 -- :no\n, :a /* :no */", ["a"]),
    ],
)
def test_a_colon_means_what_the_grammar_lets_it_mean(sql: str, found: list[str]) -> None:
    assert names(sql) == found


@pytest.mark.parametrize(
    ("sql", "text", "found"),
    [
        ("SELECT @a, @a::int", "SELECT $1, $1::int", ["a"]),
        ("SELECT @ a, @ -5, x @> @y", "SELECT @ a, @ -5, x @> $1", ["y"]),
        ("SELECT sqlc.arg(a), sqlc.arg('a'), SQLC.ARG( a )", "SELECT $1, $1, $1", ["a"]),
        ('SELECT sqlc.arg("userID")', "SELECT $1", ["user_id"]),
        ("SELECT '@a', $$ sqlc.arg(b) $$ -- @c", "SELECT '@a', $$ sqlc.arg(b) $$", []),
        ("SELECT $2, $1", "SELECT $2, $1", ["arg_1", "arg_2"]),
        ("SELECT $2, @x", "SELECT $2, $1", ["x", "arg_2"]),
        ("SELECT 1 WHERE a = $1 AND b.a = $2", "SELECT 1 WHERE a = $1 AND b.a = $2", ["arg_1", "arg_2"]),
        ("SELECT 1 WHERE a IN (sqlc.slice(x))", "SELECT 1 WHERE a = ANY ($1)", ["x"]),
        ("SELECT 1 WHERE a NOT IN (sqlc.slice(x))", "SELECT 1 WHERE a <> ALL ($1)", ["x"]),
        ("SELECT 1 WHERE a = ANY(sqlc.slice(x))", "SELECT 1 WHERE a = ANY($1)", ["x"]),
        ("SELECT sqlc.embed(t) FROM t", "SELECT t.* FROM t", []),
        ("SELECT 1 LIMIT@n", "SELECT 1 LIMIT $1", ["n"]),
        ("SELECT @from, @userId", "SELECT $1, $2", ["from_", "user_id"]),
        ("SELECT @userId, @user_id", "SELECT $1, $2", ["user_id", "user_id_2"]),
        ("SELECT sqlcx.arg(a), arg(b)", "SELECT sqlcx.arg(a), arg(b)", []),
    ],
)
def test_sqlc_spells_a_parameter_in_many_ways(sql: str, text: str, found: list[str]) -> None:
    query = one(sql, dialect=Dialect.SQLC)
    assert query.text == text
    assert [parameter.name for parameter in query.parameters] == found


def test_the_spelling_of_sqlc_means_nothing_in_our_own_dialect() -> None:
    assert one("SELECT @a, x.arg(b)").text == "SELECT @a, x.arg(b)"
    assert one("SELECT ':a', a::int, :b", dialect=Dialect.SQLC).text == "SELECT ':a', a::int, :b"


@pytest.mark.parametrize(
    ("sqlc", "kind"), [("execresult", "execrows"), ("batchone", "one"), ("batchmany", "many"), ("batchexec", "exec")]
)
def test_a_kind_of_sqlc_is_one_of_ours(sqlc: str, kind: str) -> None:
    (query,) = read_query_file(f"-- name: DoIt :{sqlc}\nSELECT 1", file="q.sql", dialect=Dialect.SQLC)
    assert (query.name, query.written_name, query.kind) == ("do_it", "DoIt", QueryKind(kind))
    assert query.batch is sqlc.startswith("batch")
    assert query.first_row is (kind == "one")


def test_our_own_one_takes_no_first_row_of_several() -> None:
    (query,) = read_query_file("-- name: q :one\nSELECT 1", file="q.sql")
    assert not query.first_row


def test_names_are_taken_across_the_files_of_a_module_as_well() -> None:
    first = read_query_file("-- name: a :one\nSELECT 1;\n-- name: b :one\nSELECT 1", file="x.sql")
    second = read_query_file("-- name: b :one\nSELECT 1", file="y.sql")
    (error,) = duplicate_names([*first, *second])
    assert str(error.place) == "y.sql:1:10"
    assert "x.sql:3:10" in error.message
    assert not duplicate_names(first)


def test_a_function_with_a_body_of_statements_is_one_statement() -> None:
    sql = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END"
    assert one(f"{sql};").text == sql


def test_a_semicolon_within_parentheses_ends_nothing() -> None:
    assert one("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);").text.endswith("SELECT 2)")


def test_a_copy_knows_its_table_its_columns_and_its_parameters() -> None:
    (query,) = read_query_file(
        '-- name: q :copyfrom\nINSERT INTO S."My t" AS x (A, "B") VALUES (:b, :a);', file="q.sql"
    )
    assert copy_shape(query) == CopyShape(("s", "My t"), ("a", "B"), ("b", "a"))


# --- from the server's position back to the file ---------------------------------------------------------


def test_a_position_in_the_sent_text_is_a_place_in_the_file() -> None:
    """The server counts from 1, in code points."""
    query = one("SELECT '😀é', :email\n, :x FROM nowhere WHERE a = :email AND b\n;", header="-- Words.\n")
    for word, place in [("SELECT", "3:1"), ("$1", "3:14"), ("nowhere", "4:11"), ("AND", "4:36"), ("b", "4:40")]:
        assert str(query.source_map.place(query.text.index(word) + 1)) == f"q.sql:{place}", word


def test_the_end_of_the_sent_text_is_the_end_of_the_statement() -> None:
    query = one("SELECT 1 +   ; -- more")
    assert query.text == "SELECT 1 +"
    assert str(query.source_map.place(len(query.text) + 1)) == "q.sql:2:11"


def test_a_place_within_a_part_or_another_order_is_that_of_the_file() -> None:
    query = one(
        "SELECT 1\n-- :if a\nWHERE :a = a\n-- :end\n"
        "-- :order x\nORDER BY 1\n-- :order y\n--   ORDER BY :b, zz\n-- :end\n"
    )
    variant = query.variant(Choice(frozenset(), "y"))
    assert variant.text == "SELECT 1\n     ORDER BY $1, zz"
    assert str(variant.place(variant.text.index("zz") + 1)) == "q.sql:9:19"
    assert str(variant.place(variant.text.index("$1") + 1)) == "q.sql:9:15"
    assert str(query.source_map.place(query.text.index("= a") + 1)) == "q.sql:4:10"


def test_what_is_written_for_a_slice_stands_where_the_in_stood() -> None:
    query = one("SELECT 1 WHERE a NOT IN (sqlc.slice(x)) AND b", dialect=Dialect.SQLC)
    assert query.text == "SELECT 1 WHERE a <> ALL ($1) AND b"
    for word, column in [("<>", 18), ("ALL", 18), ("$1", 18), ("AND", 41), ("b", 45)]:
        assert str(query.source_map.place(query.text.index(word) + 1)) == f"q.sql:2:{column}"


# --- parts -----------------------------------------------------------------------------------------------


def test_a_condition_without_a_parameter_of_its_name_is_a_flag() -> None:
    query = one("SELECT 1\n-- :if live\nWHERE x\n-- :end\n-- :if y\n-- :if live\nAND :y\n-- :end\n-- :end\n")
    assert (query.ifs, query.flags) == (("live", "y"), ("live",))
    assert [parameter.optional for parameter in query.parameters] == [True]


def test_a_parameter_of_a_part_is_needed_only_with_it() -> None:
    query = one("SELECT :always\n-- :if a\nWHERE x BETWEEN :a AND :b\n-- :end\n")
    always, a, b = query.parameters
    off, on = Choice(), Choice(frozenset({"a"}))
    assert [each.is_in(off) for each in (always, a, b)] == [True, False, False]
    assert [each.is_in(on) for each in (always, a, b)] == [True, True, True]
    assert [each.optional for each in (always, a, b)] == [False, True, False]


def test_a_choice_that_the_query_does_not_have_is_an_error() -> None:
    query = one("SELECT 1\n-- :order x\nORDER BY 1\n-- :end\n")
    with pytest.raises(ValueError, match="no order None"):
        query.variant(Choice())
    with pytest.raises(ValueError, match="no optional part 'a'"):
        query.variant(Choice(frozenset({"a"}), "x"))
