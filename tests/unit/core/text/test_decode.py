"""Bytes to text: UTF-8 only, and a content hash that survives a checkout on another system."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.text.decode import content_hash, decode
from codezest_sql.errors import FileUnreadableError


def refusal(data: bytes) -> FileUnreadableError:
    with pytest.raises(FileUnreadableError) as caught:
        decode(data, file="f.sql")
    return caught.value


def test_text_in_utf8_comes_back() -> None:
    assert decode("naïve 日本 🦆".encode(), file="f") == "naïve 日本 🦆"


def test_a_byte_order_mark_is_dropped_once() -> None:
    """A second one is text, for which PostgreSQL has no use; the lexer sees it."""
    assert decode(b"\xef\xbb\xbfSELECT 1", file="f") == "SELECT 1"
    assert decode(b"\xef\xbb\xbf\xef\xbb\xbfSELECT 1", file="f") == "\ufeffSELECT 1"


@pytest.mark.parametrize(
    ("data", "place", "byte"),
    [
        (b"caf\xe9", "f.sql:1:4", "0xe9"),
        (b"SELECT 1;\nSELECT 'caf\xe9';", "f.sql:2:12", "0xe9"),
        ("日本é".encode() + b"\xff", "f.sql:1:4", "0xff"),
        ("日本\né".encode() + b"x\xfe\xff", "f.sql:2:3", "0xfe"),
        (b"\xef\xbb\xbfab\x80", "f.sql:1:3", "0x80"),
        (b"ok \xe6\x97", "f.sql:1:4", "0xe6"),
        (b"\xed\xa0\x80", "f.sql:1:1", "0xed"),
        (b"\xc0\xaf", "f.sql:1:1", "0xc0"),
        (b"\xf4\x90\x80\x80", "f.sql:1:1", "0xf4"),
    ],
)
def test_a_byte_that_is_not_utf8_is_told_with_its_place(data: bytes, place: str, byte: str) -> None:
    """The column counts the characters before it, not their bytes, and a byte order mark not at all."""
    error = refusal(data)
    assert str(error.place) == place
    assert error.message == f"byte {byte} is not valid UTF-8"
    assert error.hint == "save the file as UTF-8"


def test_the_line_of_the_byte_is_shown() -> None:
    assert refusal(b"SELECT 1;\nSELECT 'caf\xe9';").source == "  2 | SELECT 'caf\ufffd';\n    |            ^"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_called_by_its_name(encoding: str) -> None:
    """As editors on Windows write it, with a byte order mark."""
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    error = refusal(mark + "SELECT 'é'".encode(encoding))
    assert error.message == "the file is UTF-16"
    assert str(error.place) == "f.sql:1:1"


def test_the_hash_is_the_sha256_of_the_text() -> None:
    assert content_hash("SELECT 'é';\n") == hashlib.sha256("SELECT 'é';\n".encode()).hexdigest()


@given(st.text(alphabet="ab\n"))
def test_line_ends_of_another_system_are_the_same_content(text: str) -> None:
    assert content_hash(text) == content_hash(text.replace("\n", "\r\n"))


def test_a_lone_carriage_return_is_content() -> None:
    assert content_hash("a\rb") != content_hash("a\nb")


def test_white_space_at_the_end_is_content() -> None:
    """An edit that somebody made is seen, however small."""
    assert content_hash("SELECT 1;") != content_hash("SELECT 1;\n")
