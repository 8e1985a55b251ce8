"""Inline ignores: what they cover, and what is wrong with them."""

from __future__ import annotations

import pytest

from codezest_sql.core.lint.finding import Finding, Severity
from codezest_sql.core.lint.ignores import apply_ignores, read_ignores
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.place import Place


def told(text: str, *found: tuple[int, str]) -> list[tuple[int, str]]:
    """Return (line, code) of what is told of findings at these lines."""
    source = SourceText.of("a.sql", text)
    ignores, mistakes = read_ignores(source, split_statements(text))
    findings = [Finding(code, Severity.ERROR, Place("a.sql", line, 1), "x") for line, code in found]
    kept = [*mistakes, *apply_ignores(findings, ignores, source, judged=lambda _: True)]
    return [(each.place.line, each.code) for each in kept]


@pytest.mark.parametrize(
    "text",
    [
        "-- lint: ignore where: few rows\nDELETE FROM t;",
        "-- Rows of last year.\n-- lint: ignore where: few rows\n-- They are few.\nDELETE FROM t;",
        "DELETE FROM t; -- lint: ignore where: few rows",
        "DELETE FROM t -- lint: ignore where, truncate: few rows\n;",
        "-- lint: ignore-file where: few rows\n\nDELETE FROM t;",
    ],
)
def test_a_comment_above_behind_or_for_the_file_ignores(text: str) -> None:
    line = text.split("\n").index(next(each for each in text.split("\n") if each.startswith("DELETE"))) + 1
    assert [code for _, code in told(text, (line, "where"), (line, "truncate"))] in ([], ["truncate"])


def test_a_comment_is_about_one_statement_alone() -> None:
    text = "-- lint: ignore where: few rows\nDELETE FROM t;\nDELETE FROM u;"
    assert told(text, (2, "where"), (3, "where")) == [(3, "where")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-- lint: ignore where\nDELETE FROM t;", "ignore-without-reason"),
        ("-- lint: ignore where:\nDELETE FROM t;", "ignore-without-reason"),
        ("-- lint: ignore wear: few\nDELETE FROM t;", "ignore"),
        ("-- lint: ignroe where: few\nDELETE FROM t;", "ignore"),
        ("-- lint: ignore where: few\n\nDELETE FROM t;", "unused-ignore"),
        ("-- lint: ignore rename: few\nDELETE FROM t;", "unused-ignore"),
    ],
)
def test_what_is_wrong_with_a_comment_is_told(text: str, code: str) -> None:
    line = text.count("\n") + 1
    assert told(text, (line, "where")) in ([(1, code), (line, "where")], [(line, "where"), (1, code)])


def test_a_tool_is_ignored_by_its_name_or_a_code_of_its_own() -> None:
    text = "-- lint: ignore squawk: odd, but meant\nDELETE FROM t; -- lint: ignore sqlfluff:LT05: a long name"
    assert told(text, (2, "squawk:ban-x"), (2, "sqlfluff:LT05")) == []


def test_a_string_that_looks_like_a_comment_ignores_nothing() -> None:
    assert told("SELECT '\n-- lint: ignore where\n';") == []
