"""Versions and changelogs of a release, as texts."""

from __future__ import annotations

from datetime import date

import pytest

from tools.release_notes import (
    Part,
    ReleaseError,
    bump,
    close_section,
    parse_version,
    read_version,
    section,
    write_version,
)

CHANGELOG = """\
# Changelog

For users.

## [Unreleased]

### Added

- A thing, see [Unreleased] below.

## [0.2.0] - 2026-01-02

- Second.

## [0.1.0] - 2025-12-31

- First.
"""


@pytest.mark.parametrize(
    ("text", "expected"), [("1.2.3", (1, 2, 3)), ("0.0.0", (0, 0, 0)), ("10.20.30", (10, 20, 30))]
)
def test_a_version_is_three_numbers(text: str, expected: tuple[int, int, int]) -> None:
    assert parse_version(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "1.2.3rc1",
        "1.2.3\n",
        " 1.2.3",
        "01.2.3",
        "1.-2.3",
        "\N{ARABIC-INDIC DIGIT ONE}.2.3",
        "1..3",
    ],
)
def test_anything_else_is_no_version(text: str) -> None:
    with pytest.raises(ReleaseError, match="three numbers are wanted"):
        parse_version(text)


def test_numbers_are_compared_as_numbers() -> None:
    assert parse_version("0.10.0") > parse_version("0.9.9")


@pytest.mark.parametrize(("part", "expected"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4")])
def test_a_part_counts_on_and_those_after_it_begin_again(part: Part, expected: str) -> None:
    assert bump("1.2.3", part) == expected


def test_the_version_of_a_module_is_read_and_written_in_its_one_place() -> None:
    module = '"""Doc of __version__ = "9.9.9"."""\n\n__version__ = "0.1.0"\nOTHER = "0.1.0"\n'
    assert read_version(module) == "0.1.0"
    assert write_version(module, "1.0.0") == module.replace('\n__version__ = "0.1.0"', '\n__version__ = "1.0.0"')


@pytest.mark.parametrize(("module", "number"), [("", 0), ('__version__ = "1.0.0"\n__version__ = "1.0.0"\n', 2)])
def test_a_module_without_the_one_place_is_refused(module: str, number: int) -> None:
    with pytest.raises(ReleaseError, match=f"is wanted, {number} are there"):
        write_version(module, "1.0.0")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Unreleased", "### Added\n\n- A thing, see [Unreleased] below."),
        ("0.2.0", "- Second."),
        ("0.1.0", "- First."),
    ],
)
def test_a_section_ends_where_the_next_begins(title: str, expected: str) -> None:
    assert section(CHANGELOG, title) == expected


def test_a_section_that_is_missing_or_twice_is_refused() -> None:
    with pytest.raises(ReleaseError, match=r"has 0 headings ## \[3\.0\.0\]"):
        section(CHANGELOG, "3.0.0")
    with pytest.raises(ReleaseError, match=r"has 2 headings ## \[0\.1\.0\]"):
        section(CHANGELOG + "\n## [0.1.0]\n", "0.1.0")


def test_closing_a_section_moves_all_below_the_version_and_loses_nothing() -> None:
    closed = close_section(CHANGELOG, "1.0.0", date(2026, 11, 27))
    assert section(closed, "Unreleased") == ""
    assert section(closed, "1.0.0") == section(CHANGELOG, "Unreleased")
    assert closed.replace("\n## [1.0.0] - 2026-11-27\n", "", 1) == CHANGELOG


def test_a_section_is_closed_once_and_only_when_something_is_in_it() -> None:
    with pytest.raises(ReleaseError, match="nothing to release"):
        close_section(close_section(CHANGELOG, "1.0.0", date(2026, 11, 27)), "1.0.1", date(2026, 11, 28))
    with pytest.raises(ReleaseError, match=r"has a heading ## \[0\.2\.0\] already"):
        close_section(CHANGELOG, "0.2.0", date(2026, 11, 27))
