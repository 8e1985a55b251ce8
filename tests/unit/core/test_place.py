"""Places and excerpts: an editor that follows ``file:line:col`` lands on the mistake, with a caret under it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.place import Place, cells, excerpt, place_at, printable


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("", 0, "f.sql:1:1"),
        ("abc", 2, "f.sql:1:3"),
        ("abc", 3, "f.sql:1:4"),
        ("abc", 99, "f.sql:1:4"),
        ("abc", -5, "f.sql:1:1"),
        ("a\nb", 1, "f.sql:1:2"),
        ("a\nb", 2, "f.sql:2:1"),
        ("a\r\nb", 3, "f.sql:2:1"),
        ("a\rb", 2, "f.sql:1:3"),
        ("日本\né!", 4, "f.sql:2:2"),
        ("a\u2028b", 2, "f.sql:1:3"),
    ],
)
def test_a_place_counts_lines_by_newlines_and_columns_by_code_points(text: str, offset: int, expected: str) -> None:
    assert str(place_at("f.sql", text, offset)) == expected


@given(st.text(alphabet="ab\né\r"), st.integers(0, 60))
def test_a_place_leads_back_to_its_offset(text: str, offset: int) -> None:
    """Whatever is before it."""
    offset = min(offset, len(text))
    place = place_at("f", text, offset)
    lines = text.split("\n")
    assert sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1 == offset


def test_a_place_without_a_line_is_the_file() -> None:
    assert str(Place("migrations/0001_a.sql")) == "migrations/0001_a.sql"


def test_places_sort_by_file_line_and_column() -> None:
    places = [Place("b", 1, 1), Place("a", 10, 1), Place("a", 2, 9), Place("a", 2, 1), Place("a")]
    assert sorted(places) == [Place("a"), Place("a", 2, 1), Place("a", 2, 9), Place("a", 10, 1), Place("b", 1, 1)]


def test_a_file_name_cannot_play_tricks_on_a_terminal() -> None:
    """A newline or an escape sequence in a name is shown, not obeyed."""
    assert str(Place("a\n\x1b[31mb.sql", 1, 1)) == r"a\n\x1b[31mb.sql:1:1"
    assert printable("name with\u202edrow and \udcff") == r"name with\u202edrow and \udcff"
    assert printable("plain é 日本") == "plain é 日本"


def test_an_excerpt_has_the_line_its_number_and_a_caret() -> None:
    text = "SELECT 1;\nSELECT x;\n"
    assert excerpt(text, Place("f", 2, 8)) == "  2 | SELECT x;\n    |        ^"


def test_the_caret_stands_under_the_character_behind_wide_ones() -> None:
    """日 and 🦆 take two cells of a terminal, é (e and a combining accent) one."""
    line = "日本🦆e\u0301x!"
    column = line.index("!") + 1
    shown, caret = excerpt(line, Place("f", 1, column)).split("\n")
    assert caret.index("^") == len("  1 | ") + 2 + 2 + 2 + 1 + 1
    assert cells(shown[: shown.index("!")]) == caret.index("^")


def test_the_caret_line_keeps_the_tabs_of_its_line() -> None:
    """So both lines come to the same tab stops, whatever these are."""
    shown, caret = excerpt("\ta\t= x", Place("f", 1, 6)).split("\n")
    assert shown == "  1 | \ta\t= x"
    assert caret == "    | \t \t  ^"


def test_the_caret_lines_up_whatever_the_width_of_the_number() -> None:
    for line in (9, 10, 100):
        shown, caret = excerpt("\n" * (line - 1) + "abc", Place("f", line, 3)).split("\n")
        assert shown.index("c") == caret.index("^")


def test_a_place_at_the_end_of_a_line_is_behind_its_last_character() -> None:
    shown, caret = excerpt("abc\r\ndef", Place("f", 1, 4)).split("\n")
    assert shown == "  1 | abc"
    assert caret.index("^") == len(shown)


@pytest.mark.parametrize("line", [0, 3, 99])
def test_a_line_that_is_not_there_has_no_excerpt(line: int) -> None:
    assert not excerpt("one\ntwo", Place("f", line, 1))


def test_of_a_long_line_only_the_part_around_the_place_is_shown() -> None:
    """A minified file of 4 MB in one line must not fill the terminal."""
    text = "x" * 3000 + "!" + "y" * 3000
    shown, caret = excerpt(text, Place("f", 1, 3001)).split("\n")
    assert len(shown) < 200
    assert shown.startswith("  1 | …x")
    assert shown.endswith("y…")
    assert shown.index("!") == caret.index("^")


@given(st.integers(1, 400))
def test_the_caret_points_right_in_lines_of_every_length(column: int) -> None:
    text = "".join(chr(ord("a") + index % 26) for index in range(400))
    shown, caret = excerpt(text, Place("f", 1, column)).split("\n")
    assert shown[caret.index("^")] == text[column - 1]


def test_control_characters_of_a_line_do_not_reach_the_terminal() -> None:
    shown, caret = excerpt("a\x1b[31m\x07b!", Place("f", 1, 9)).split("\n")
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert shown.index("!") == caret.index("^")


def test_a_password_in_a_line_is_not_shown() -> None:
    line = "CREATE ROLE api LOGIN PASSWORD 'top''secret' VALID UNTIL 'tomorow';"
    shown, caret = excerpt(line, Place("f", 1, line.index("'tomorow'") + 1)).split("\n")
    assert "secret" not in shown
    assert shown[caret.index("^") :] == "'tomorow';"
