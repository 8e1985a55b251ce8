"""Identifiers as written and the names the server keeps; tests/postgres/test_lexer_tokens.py asks the server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.sql.identifiers import decode_unicode, quoted, split_name, stored_name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Users", "users"),
        ("ÄBC", "Äbc"),
        ('"Users"', "Users"),
        ('"a""b"', 'a"b'),
        ('U&"d\\0061t\\+000061"', "data"),
        ('u&"\\\\"', "\\"),
        ('U&"\\D83D\\DE00"', "\U0001f600"),
        ("u", "u"),
        ("x" * 70, "x" * 63),
        ('"' + "é" * 40 + '"', "é" * 31),
    ],
)
def test_the_name_of_an_identifier_is_what_the_server_keeps(written: str, name: str) -> None:
    """63 bytes at most, and no half characters."""
    assert stored_name(written) == name


def test_uescape_names_another_escape_character() -> None:
    assert decode_unicode('U&"d!0061t!!\\"', "!") == "dat!\\"


def test_what_is_no_unicode_escape_is_kept() -> None:
    assert decode_unicode('U&"\\00g1\\+ffffff"') == "\\00g1\\+ffffff"


def test_a_dotted_name_is_split_outside_of_quotes() -> None:
    assert split_name('a . "b.c"."d"') == ("a", '"b.c"', '"d"')


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=15))
def test_a_quoted_name_stands_for_itself(name: str) -> None:
    assert stored_name(quoted(name)) == name
    assert split_name(quoted(name)) == (quoted(name),)
