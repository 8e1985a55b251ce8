"""What has no end is refused, at the place where it opens, with a hint."""

from __future__ import annotations

import pytest

from codezest_sql.core.sql.lexer import is_blank, tokens
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.errors import LexicalError


def refusal(sql: str) -> LexicalError:
    with pytest.raises(LexicalError) as caught:
        list(tokens(sql, file="a.sql"))
    return caught.value


@pytest.mark.parametrize(
    ("sql", "place", "message", "hint"),
    [
        ("SELECT\n  'it''s", "a.sql:2:3", "this quoted string has no end", "''"),
        ("SELECT B'01", "a.sql:1:8", "this quoted string has no end", "'"),
        ("SELECT 'a'\n 'b", "a.sql:1:8", "this quoted string has no end", "'"),
        ("x = E'a\\'", "a.sql:1:5", "this E'…' string has no end", "\\'"),
        ('é "a', "a.sql:1:3", "this quoted identifier has no end", '""'),
        ('SELECT U&"a""', "a.sql:1:8", "this quoted identifier has no end", '"'),
        ("DO $é$ x $$ $e$", "a.sql:1:4", "this $é$ quote has no end", "$é$"),
        ("$$ $", "a.sql:1:1", "this $$ quote has no end", "$$"),
        ("a\n\n /* /* */", "a.sql:3:2", "this comment has no end", "a */ is missing"),
        ("/* /* /*", "a.sql:1:1", "this comment has no end", "3 */ are missing"),
        ('SELECT 1 AS ""', "a.sql:1:13", "this quoted identifier is empty", "''"),
        ('U&""', "a.sql:1:1", "this quoted identifier is empty", "''"),
        ("SELECT 'a\0'", "a.sql:1:10", "the text holds a NUL character", "remove it"),
    ],
)
def test_the_error_names_the_place_of_the_opening(sql: str, place: str, message: str, hint: str) -> None:
    error = refusal(sql)
    assert str(error.place) == place
    assert error.message == message
    assert error.hint is not None
    assert hint in error.hint


@pytest.mark.parametrize("sql", ["SELECT 1;\nSELECT 'a", "a; /* b", '"', "e'", "$a$", "\0", '""', "date'"])
def test_splitting_refuses_the_same_at_the_same_place(sql: str) -> None:
    with pytest.raises(LexicalError) as caught:
        split_statements(sql, file="a.sql")
    assert (caught.value.message, caught.value.place) == (refusal(sql).message, refusal(sql).place)


def test_the_error_shows_the_line_with_a_caret_under_the_opening() -> None:
    assert refusal("SELECT 1;\nSELECT 'a").source == "  2 | SELECT 'a\n    |        ^"


def test_tokens_before_the_error_are_delivered() -> None:
    """What comes after a statement may be data and no SQL at all."""
    found = tokens("a 'b")
    assert next(found).end == 1
    with pytest.raises(LexicalError):
        next(found)


def test_a_comment_without_an_end_is_not_blank_but_an_error() -> None:
    with pytest.raises(LexicalError, match="comment"):
        is_blank(" /* ")
