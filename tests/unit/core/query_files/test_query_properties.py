"""What holds for every query file: nothing is rewritten but parameters, nothing is lost, places go there and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.query_files.reading import Dialect, Query, read_queries, read_query_file
from codezest_sql.core.query_files.variants import choices
from codezest_sql.core.sql.lexer import TokenKind, tokens
from codezest_sql.errors import CodezestError
from tests.growth import grows_linearly
from tests.randomised import examples

MANY = examples(3)

hidden = st.text(st.sampled_from("a:@$1'\"\\-/*; \n()[]é?{}"), max_size=10)
names = st.sampled_from(["a", "b", "email", "user_id", "limit", "x1"])
# What may hold something that looks like a parameter, and holds none.
opaque = st.one_of(
    hidden.map(lambda text: " '" + text.replace("'", "''") + "'"),
    # The comma keeps a plain string that comes next from being read on as an E'' string.
    hidden.map(lambda text: " E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "',"),
    hidden.map(lambda text: ' "x' + text.replace('"', '""') + '"'),
    hidden.filter(lambda text: not text.endswith("$")).map(lambda text: f" $t${text.replace('$t$', '')}$t$"),
    hidden.map(lambda text: " /*x" + text.replace("*", "").replace("/", "") + "*/"),
    hidden.map(lambda text: " --x " + text.replace("\n", "") + "\n"),
    st.sampled_from([" a::b", " x[1:n]", " x[a:b]", " f(a:=1)", " j ?| k", " @ 5", " 1.5e3", " 😀", " a@>b", " ?"]),
)
parameter = names.map(lambda name: f" :{name}")
glue = st.sampled_from([" ", "\n", ", ", " + ", " AND ", "(", ") ", "::text ", " x "])
pieces = st.lists(st.one_of(opaque, parameter, glue), max_size=14)


def read(sql: str, dialect: Dialect = Dialect.NATIVE) -> Query:
    (query,) = read_query_file(f"-- name: q :many\n{sql}", file="q.sql", dialect=dialect)
    return query


@MANY
@given(st.lists(opaque, max_size=10).map("".join))
def test_what_looks_like_a_parameter_within_anything_quoted_is_never_one(body: str) -> None:
    query = read(f"SELECT 1{body} x")
    assert query.text == f"SELECT 1{body} x"
    assert not query.parameters


@MANY
@given(pieces)
def test_the_text_with_its_parameters_put_back_is_the_text_of_the_file(parts: list[str]) -> None:
    sql = f"SELECT{''.join(parts)} x"
    query = read(sql)
    back = query.text
    for token in reversed([token for token in tokens(back) if token.kind is TokenKind.PARAMETER]):
        name = query.full.parameters[int(token.text(back)[1:]) - 1]
        back = f"{back[: token.start]}:{name}{back[token.end :]}"
    assert back == sql


@MANY
@given(pieces)
def test_exactly_the_parameters_that_were_written_are_found_in_their_order(parts: list[str]) -> None:
    written = [part[2:] for part in parts if re.fullmatch(" :[a-z0-9_]+", part)]
    query = read(f"SELECT{''.join(parts)} x")
    assert [parameter.name for parameter in query.parameters] == list(dict.fromkeys(written))
    assert sum(len(parameter.places) for parameter in query.parameters) == len(written)


@MANY
@given(pieces)
def test_each_position_of_the_sent_text_is_that_of_the_same_character(parts: list[str]) -> None:
    query = read(f"SELECT{''.join(parts)} x")
    file = query.source.text
    lines = file.split("\n")
    inside = {
        position
        for token in tokens(query.text)
        if token.kind is TokenKind.PARAMETER
        for position in range(token.start, token.end)
    }
    for position, character in enumerate(query.text):
        place = query.source_map.place(position + 1)
        there = (lines[place.line - 1] + "\n")[place.column - 1]
        assert there == (":" if position in inside else character)
        assert file[query.source_map.offset(position)] == there


@MANY
@given(pieces)
def test_each_place_of_a_parameter_is_that_of_its_colon(parts: list[str]) -> None:
    query = read(f"SELECT{''.join(parts)} x")
    lines = query.source.text.split("\n")
    for found in query.parameters:
        for place in found.places:
            assert lines[place.line - 1][place.column - 1 :].startswith(f":{found.name}")


@MANY
@given(st.lists(st.sampled_from(["i", "[", "]", "(", ")", "+", "e", "o", "2"]), max_size=12), st.data())
def test_parts_make_variants_that_hold_what_their_choice_takes_and_no_directive(
    shape: list[str], data: st.DataObject
) -> None:
    """Parts open and close at random; where they do so rightly, each line is in the variants it belongs to."""
    lines = ["SELECT 0"]
    belongs: dict[str, frozenset[str]] = {}
    open_parts: list[str] = []
    for number, step in enumerate(shape):
        if step == "i":
            open_parts.append(f"p{number}")
            lines.append(f"-- :if p{number}")
        if step == "e" and open_parts:
            lines += ["+ 0", "-- :end"]
            open_parts.pop()
            continue
        lines.append(f"+ x{number}")
        belongs[f"x{number}"] = frozenset(open_parts)
    lines += ["-- :end"] * len(open_parts)
    query = read("\n".join(lines))
    choice = data.draw(st.sampled_from(choices(query)))
    text = query.variant(choice).text
    assert "--" not in text
    words = set(re.findall(r"x\d+", text))
    assert words == {word for word, needs in belongs.items() if needs <= choice.ifs}


soup = st.lists(
    st.sampled_from(
        [
            *"';\"$\\()[]-/*:@?aé1 \n\r\t",
            *("-- name: a :one\n", "-- name: b :many\n", "-- :if a\n", "-- :order x\n", "-- :order y\n", "-- :end\n"),
            *("-- ORDER BY 1\n", "-- row: X\n", "-- nullable: a\n", ":a", "sqlc.arg(", "sqlc.slice(a)", "IN (", "$1"),
            *("SELECT 1", "::", ":=", "/*", "*/", "$$", "E'", "begin atomic ", "insert into t (a) values (:a)"),
        ]
    ),
    max_size=25,
).map("".join)


@MANY
@given(soup | st.text(max_size=60), st.sampled_from(Dialect))
def test_no_text_brings_the_reader_down_and_every_mistake_has_a_place_and_a_hint(text: str, dialect: Dialect) -> None:
    read = read_queries(text, file="q.sql", dialect=dialect)
    # sqlc skips SQL without a name, so that a file of nothing else is none of ours.
    assert read.queries or read.errors or (dialect is Dialect.SQLC and text.strip())
    for error in read.errors:
        assert isinstance(error, CodezestError)
        assert error.place
        assert error.place.line
        assert error.hint
        assert error.source
    for query in read.queries:
        for choice in choices(query, most=8):
            variant = query.variant(choice)
            for position in range(len(variant.text) + 2):
                variant.place(position)


HOSTILE = [
    *("-- name: a :one\nSELECT 1;\n", "-- name: a\n", ":a ", ":", "x[1:", "(", "[", "-- :if a\n", "-- :end\n"),
    *(
        "-- :order a\n",
        "-- ORDER BY 1\n",
        "'",
        '"',
        "$$",
        "/*",
        "\\",
        "@a ",
        "sqlc.arg(a) ",
        "$1 ",
        "= $1 ",
        "-- x\n",
    ),
    *("values (", ", $1", "in (sqlc.slice(a)) ", "sqlc.embed(a), "),
]


@pytest.mark.growth
@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("dialect", Dialect)
def test_no_file_takes_longer_than_about_linear_time(unit: str, dialect: Dialect) -> None:
    """20 kB of each pattern in one query take about as long as 16 times a sixteenth of them."""

    def text(size: int) -> str:
        return "-- name: q :many\nINSERT INTO t (a) SELECT 1 " + unit * (size // len(unit))

    assert grows_linearly(lambda sql: read_queries(sql, file="q.sql", dialect=dialect), text, 20_000), unit
