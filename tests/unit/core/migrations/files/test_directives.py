"""The header of a migration: what is a directive, what a plain comment, and what is a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.migrations.files.directives import KNOWN_DIRECTIVES, Directives, read_directives
from codezest_sql.core.sql.lexer import skip_blank
from codezest_sql.place import Place

if TYPE_CHECKING:
    from codezest_sql.errors import CodezestError


def read(text: str) -> tuple[Directives, list[CodezestError]]:
    errors: list[CodezestError] = []
    return read_directives(text, skip_blank(text, 0), file="f.sql", errors=errors), errors


def accepted(text: str) -> Directives:
    directives, errors = read(text)
    assert not errors, [str(error) for error in errors]
    return directives


def mistakes(text: str) -> list[str]:
    return [str(error).removeprefix("f.sql:") for error in read(text)[1]]


def test_a_file_without_a_header_says_nothing() -> None:
    assert accepted("SELECT 1;") == Directives()
    assert accepted("") == Directives()


def test_every_directive_takes_effect() -> None:
    directives = accepted("-- depends: 0001_a 0002_b\n-- transactional: false\n-- lock-timeout: 500ms\nSELECT 1;")
    assert directives.depends == ("0001_a", "0002_b")
    assert directives.transactional is False
    assert directives.lock_timeout == 0.5


@pytest.mark.parametrize(
    "line",
    [
        "-- transactional: false",
        "--transactional:false",
        "  --  transactional : false  ",
        "--\ttransactional:\tFalse",
        "-- Transactional: FALSE",
    ],
)
def test_space_and_letter_case_do_not_matter(line: str) -> None:
    assert accepted(f"{line}\nSELECT 1;").transactional is False


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_of_a_comment_ends_a_directive(end: str) -> None:
    directives = accepted(f"-- depends: 0001_a{end}-- transactional: false{end}SELECT 1;")
    assert directives.depends == ("0001_a",)
    assert directives.transactional is False


def test_no_other_line_separator_of_unicode_ends_one() -> None:
    """PostgreSQL's comments end at a line feed or a carriage return; U+2028 is part of the comment."""
    assert accepted("-- as we said\u2028-- transactional: false\nSELECT 1;").transactional is None


def test_dependencies_add_up_over_several_lines_and_count_once() -> None:
    directives = accepted("-- depends: a b\n-- note\n\n-- depends: b c\nSELECT 1;")
    assert directives.depends == ("a", "b", "c")


def test_each_dependency_has_a_place_of_its_own() -> None:
    """So that an error points at the name, not at the line."""
    directives = accepted("-- depends: aa  bb\n--  depends: cc aa\nSELECT 1;")
    assert directives.depends_places == (Place("f.sql", 1, 13), Place("f.sql", 1, 17), Place("f.sql", 2, 14))


def test_depends_without_a_name_depends_on_nothing() -> None:
    assert accepted("-- depends:\nSELECT 1;").depends == ()


def test_a_directive_may_stand_below_other_comments_and_blank_lines() -> None:
    text = "\n/* licence\n   of several lines */\n\n-- about this file\n-- transactional: false\n\nSELECT 1;"
    assert accepted(text).transactional is False


@pytest.mark.parametrize(
    "text",
    [
        "/*\n-- transactional: false\n*/ SELECT 1;",
        "/* /* */\n-- transactional: false\n*/ SELECT 1;",
        "/* a */ /* b\n-- transactional: false */ SELECT 1;",
    ],
)
def test_a_directive_within_a_block_comment_is_commented_out(text: str) -> None:
    assert accepted(text) == Directives()


def test_a_line_comment_cannot_open_a_block_comment() -> None:
    assert accepted("-- see sql/*.sql\n-- transactional: false\nSELECT 1;").transactional is False


@pytest.mark.parametrize(
    ("word", "value", "meant"),
    [
        ("depend", "0001_a", "depends"),
        ("dependss", "0001_a", "depends"),
        ("depends-on", "0001_a", "depends"),
        ("depends on", "0001_a", "depends"),
        ("dependencies", "0001_a", "depends"),
        ("transaction", "false", "transactional"),
        ("transactionnal", "false", "transactional"),
        ("lock_timeout", "5s", "lock-timeout"),
        ("locktimeout", "5s", "lock-timeout"),
        ("lock timeout", "5s", "lock-timeout"),
        ("LOCK-TIMEOUTS", "5s", "lock-timeout"),
    ],
)
def test_a_misspelled_directive_is_a_mistake(word: str, value: str, meant: str) -> None:
    """Silence here would run a file the other way than its author wrote."""
    assert mistakes(f"-- hello\n-- {word}: {value}\nSELECT 1;") == [
        f"2:4: unknown directive {word.lower()!r} (did you mean -- {meant}: {value}?)"
    ]


@pytest.mark.parametrize(
    "line",
    ["-- statement-timeout: 5s", "-- idempotent: maybe", "-- requires: 0001_a", "-- retries: 3", "-- audited: true"],
)
def test_what_reads_like_an_order_to_the_runner_is_not_passed_over(line: str) -> None:
    word = line[3:].partition(":")[0]
    (told,) = mistakes(f"{line}\nSELECT 1;")
    assert told.startswith(f"1:4: unknown directive {word!r} (known are depends")


def test_an_unknown_word_with_one_value_looks_like_a_directive() -> None:
    assert mistakes("-- isolation: serializable\nSELECT 1;") == [
        (
            "1:4: unknown directive 'isolation' "
            "(known are depends, transactional, lock-timeout, irreversible, codezest; "
            "for a plain comment leave out the colon)"
        )
    ]


@pytest.mark.parametrize(
    "line",
    [
        "-- Author: ada@example.com",
        "-- Created: 2026-01-31",
        "-- Ticket: CZ-123",
        "-- Table: public.users",
        "-- Source: docs/tables.json",
        "-- Database: PostgreSQL",
        "-- Function: touch(integer)",
        "-- see: https://example.com/x",
        "-- https://example.com/a:b",
        "-- Note: this is slow on large tables",
        "-- Warning: read this",
        "-- The rule is this: a user has one plan",
        "-- why: because it was asked for",
        "-- 1: first",
        "-- see also: badges",
        "-- noqa",
        "-- sqlfluff:dialect:postgres",
        "-- a::text is a cast",
        "------------------------",
        "-- :",
        "--:",
        "--",
    ],
)
def test_a_plain_comment_with_a_colon_stays_one(line: str) -> None:
    assert accepted(f"{line}\nSELECT 1;") == Directives()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "-- transactional: no",
            "1:19: transactional: 'no' is neither true nor false (write -- transactional: false)",
        ),
        ("-- transactional:", "1:18: transactional: '' is neither true nor false (write -- transactional: false)"),
        (
            "-- lock-timeout: soon",
            (
                "1:18: lock-timeout: 'soon' is not a duration: write a number and ms, s, min or h, such as 2s "
                "(write -- lock-timeout: 5s)"
            ),
        ),
        (
            "-- lock-timeout: 0s",
            "1:18: lock-timeout: '0s' is out of range: a duration is from 1ms to 24h (write -- lock-timeout: 5s)",
        ),
    ],
)
def test_an_unusable_value_is_told_at_its_place(line: str, told: str) -> None:
    assert mistakes(f"{line}\nSELECT 1;") == [told]


def test_the_same_value_twice_is_no_mistake() -> None:
    assert accepted("-- transactional: false\n-- transactional: FALSE\nSELECT 1;").transactional is False


@pytest.mark.parametrize(
    ("first", "second"), [("transactional: true", "transactional: false"), ("lock-timeout: 1s", "lock-timeout: 2s")]
)
def test_two_values_for_one_directive_are_a_mistake(first: str, second: str) -> None:
    word = first.split(":", maxsplit=1)[0]
    assert mistakes(f"-- {first}\n-- {second}\nSELECT 1;") == [
        f"2:4: {word} is given twice, with two values (keep one of them)"
    ]


@pytest.mark.parametrize("word", KNOWN_DIRECTIVES)
def test_a_directive_below_the_first_statement_is_a_mistake(word: str) -> None:
    """It has no effect there, which its author does not know."""
    told = f"2:4: the directive {word!r} stands below the first statement, where it has no effect"
    assert mistakes(f"SELECT 1;\n-- {word}: x") == [f"{told} (move it to the top of the file)"]
    assert mistakes(f"SELECT 1;\n-- {word.title()}: x") == [f"{told} (move it to the top of the file)"]
    assert mistakes(f"SELECT 1\n-- {word}: x\n;") == [f"{told} (move it to the top of the file)"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT '\n-- depends: x\n';",
        "SELECT $$\n-- depends: x\n$$;",
        "SELECT 1; /*\n-- depends: x\n*/",
        "SELECT 1; -- what it depends on\n",
        "SELECT 1;\n-- it -- depends: x\n",
        'SELECT 1 AS "\n-- depends: x\n";',
    ],
)
def test_what_only_looks_like_a_misplaced_directive_is_none(text: str) -> None:
    assert accepted(text) == Directives()


def test_a_misplaced_directive_is_found_in_a_file_that_does_not_end() -> None:
    """Both mistakes are told: the lexer's is reported elsewhere."""
    assert [mistake[:4] for mistake in mistakes("SELECT 1;\n-- depends: x\nSELECT 'no end\n-- depends: y")] == [
        "2:4:"
    ]


def test_a_header_of_many_lines_is_read_in_linear_time() -> None:
    header = "-- nothing to see\n" * 50_000
    assert accepted(f"{header}-- transactional: false\nSELECT 1;").transactional is False
