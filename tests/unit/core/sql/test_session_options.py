"""The options of a connection string are read and written as the server splits them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.sql.session_options import read_options, write_option


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("-c search_path=app", (("search_path", "app"),)),
        ("-csearch_path=app,public  --lock-timeout=3s", (("search_path", "app,public"), ("lock_timeout", "3s"))),
        ("-c search_path=a,\\ b -c x.y=a\\\\b", (("search_path", "a, b"), ("x.y", "a\\b"))),
        ("-c geqo=off -c geqo=on", (("geqo", "off"), ("geqo", "on"))),
        ("-B 5 -c", ()),
    ],
)
def test_settings_are_read_in_their_order(text: str, found: tuple[tuple[str, str], ...]) -> None:
    assert read_options(text) == found


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_what_is_written_is_read_back(value: str) -> None:
    assert read_options(f"-c a=b {write_option('search_path', value)} -c c=d")[1] == ("search_path", value)
