"""The server's scanner and ours see the same tokens.

How the server is asked: after ``SHOW ALL`` its grammar allows nothing but a semicolon, so it refuses the very next
token, whatever that is, and its error tells where the token begins and how it is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codezest_sql.core.sql.identifiers import quoted, stored_name
from codezest_sql.core.sql.lexer import COMMENTS, Token, TokenKind, tokens
from codezest_sql.errors import LexicalError
from codezest_sql.place import Place, place_at
from tests.randomised import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.every_postgres

NEAR = "syntax error at or near "
# What the server says of text that we refuse too.
UNENDED = ("unterminated", "zero-length delimited identifier")
# What it says of a token whose content it refuses. Where that token ends is all that concerns us.
BAD_CONTENT = ("trailing junk", "invalid ", "unsafe use")
CONTENT = (TokenKind.NUMBER, TokenKind.PARAMETER, TokenKind.STRING, TokenKind.QUOTED_IDENTIFIER)


class Seen(NamedTuple):
    """What the server sees next: a token's offset and text, or no text and what it complains of."""

    start: int
    text: str
    complaint: str = ""


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def ask(connection: psycopg.Connection, text: str, *, semicolon: bool = False) -> Seen | None:
    """Return the first token that the server sees in the text, or None where there is none.

    A semicolon may follow SHOW ALL: one that is expected is asked for where nothing but an expression may come.
    """
    prefix = "SELECT (" if semicolon else "SHOW ALL "
    try:
        connection.execute((prefix + text).encode())
    except psycopg.Error as error:
        message = error.diag.message_primary or ""
        start = int(error.diag.statement_position or 0) - 1 - len(prefix)
        if message.startswith(NEAR):
            return Seen(start, message.removeprefix(NEAR)[1:-1])
        return Seen(start, "", message)
    return None


def assert_agreement(connection: psycopg.Connection, text: str) -> None:
    """Walk through the text by our tokens and ask the server at every step what it sees next."""
    position = 0
    found = (token for token in tokens(text) if token.kind not in COMMENTS)
    while True:
        ours = take(found)
        seen = ask(connection, text[position:], semicolon=isinstance(ours, Token) and ours.text(text) == ";")
        if isinstance(ours, LexicalError):
            assert_refused(connection, text, position, ours, seen)
            return
        if ours is None:
            assert seen is None, (text, seen)
            return
        assert_same(text, position, ours, seen)
        position = ours.end


def assert_refused(
    connection: psycopg.Connection, text: str, position: int, ours: LexicalError, seen: Seen | None
) -> None:
    assert seen is not None, text
    start = position + seen.start
    if seen.text in {"n", "N"}:  # to the server a token of its own before the string that follows it at once
        seen = ask(connection, text[start + 1 :]) or seen
        assert seen.start == 0
    if not seen.complaint.startswith(BAD_CONTENT):
        assert seen.complaint.startswith(UNENDED), (text, seen)
        assert place_at("", text, start) == replace(ours.place or Place(""), file=""), (text, seen)


def take(found: Iterator[Token]) -> Token | LexicalError | None:
    try:
        return next(found, None)
    except LexicalError as error:
        return error


def assert_same(text: str, position: int, ours: Token, seen: Seen | None) -> None:
    assert seen is not None, (text, ours)
    written = ours.text(text)
    if seen.complaint.startswith(BAD_CONTENT) and ours.kind in CONTENT:
        return
    if seen.complaint.startswith(UNENDED) and written[:2] in {"u&", "U&"}:
        # The server looks for UESCAPE after this token, so it meets the error in the next one first.
        assert position + seen.start >= ours.end, (text, ours, seen)
        return
    assert position + seen.start == ours.start, (text, ours, seen)
    prefixed = ours.kind is TokenKind.STRING and written[0] in "nN"
    assert seen.text == (written[0] if prefixed else written), (text, ours, seen)


@pytest.mark.parametrize(
    "text",
    [
        "a$b$c $a$ ; $$ $b$ $a$ $1 é$é",
        "'a''b' 'a\\' E'a\\'b' E'a''\\\\' B'1''0' X'1F' U&'a''b' N'a'",
        "'a'\n'b' 'a' 'b' 'a' -- x\n 'b\\' E'a'\n'b\\'c' 'a' /*\n*/ 'b'",
        "$é$ $ $e$ $é$ $a$$a$ a$$a $$$$ $$a$b$$",
        '"a""b" "a;b" U&"a" u&\'x\' u & x',
        "1..10 1.5.6 .5 1e10 1e-5 a[1:2] 1.5e+3 1$$a$$",
        "a::b ::: := ::= => .. ... { } @ # ? ~ ` |",
        "<-> =-1 @-1 5!=-1 <=-+1 +-+ -=- ?-| ?& ->> #>> ~~* ||/ >= <> !=",
        "1--2\n+--x\n+ <--y\n @-/**/ */*c*/ //*c*/ =/**/- /* /* ' */ $$ */ + 1-- x\r2",
        "a\u00a0b \u3000 \ufeff 😀 表",
        "(a, b); [c]; d",
        "e'x\\'' date'a\\' be'x'",
        '_a A "A" select from',
        "\\d a",
    ],
)
def test_the_server_sees_the_same_tokens(connection: psycopg.Connection, text: str) -> None:
    assert_agreement(connection, text)


@pytest.mark.parametrize(
    "text",
    [
        "'a",
        "a 'b''",
        "E'a\\'",
        "e'a\\",
        "B'1",
        "x'",
        "U&'a",
        "'a'\n'b",
        '"a',
        'b "a""',
        'U&"a',
        '""',
        'U&""',
        "$$ $ $a$",
        "a $tag$ x $Tag$",
        "$é$ é$",
        "/* /* */",
        "a -- b\n /*",
        "(a 'b",
    ],
)
def test_the_server_refuses_what_has_no_end_at_the_same_place(connection: psycopg.Connection, text: str) -> None:
    with pytest.raises(LexicalError):
        list(tokens(text))
    assert_agreement(connection, text)


def test_vertical_tab_is_white_space_since_17(connection: psycopg.Connection) -> None:
    seen = ask(connection, "\va")
    assert seen == (Seen(0, "\v") if connection.info.server_version < 170000 else Seen(1, "a"))


@pytest.mark.parametrize("number", ["0x1F", "0o17", "0b01", "1_000", "1_0.0_1"])
def test_numbers_of_other_bases_and_underscores_are_one_token_to_every_version(
    connection: psycopg.Connection, number: str
) -> None:
    """Before 16 the server refuses them; it never reads them as a number and a name."""
    if connection.info.server_version >= 160000:
        assert ask(connection, number + " a") == Seen(0, number)
    else:
        seen = ask(connection, number + " a")
        assert seen is not None
        assert seen.complaint.startswith("trailing junk")


# No words whose next token the server reads before it complains: WITH, NOT, NULLS, FORMAT.
FRAGMENTS = [
    *"';\"$\\()-+/*.,:=<>~@#?|&%eEbBxXuU0129a_é \n\r\t[]{}",
    *("''", '""', "--", "/*", "*/", "$$", "$a$", "$1", "E'", "e'\\", "B'", "U&'", "::", "..", ":=", "=>", "!=-"),
    *("'a'", "'a'\n'b'", "\n'", '"a"', "1.5", "1e5", "abc", "a$b", "-- c\n", "/* c */", "$b$ x $b$", "-1", "@-"),
]


@settings(
    examples(5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the connection keeps nothing between examples
)
@given(text=st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join))
def test_the_server_sees_the_same_tokens_in_random_text(connection: psycopg.Connection, text: str) -> None:
    assert_agreement(connection, text)


@pytest.mark.parametrize(
    "identifier",
    [
        "Users",
        '"Users"',
        "ÄBC",
        '"a""b"',
        'U&"d\\0061t\\+000061"',
        'U&"\\D83D\\DE00"',
        "x" * 70,
        '"' + "é" * 40 + '"',
    ],
)
def test_the_server_keeps_the_name_that_we_read(connection: psycopg.Connection, identifier: str) -> None:
    connection.execute(f"CREATE TEMP TABLE {identifier} ()".encode())
    (name,) = connection.execute("SELECT relname FROM pg_class WHERE relpersistence = 't'").fetchone() or ("",)
    assert name == stored_name(identifier)
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [quoted(stored_name(identifier))]).fetchone()
    assert found == (True,)
