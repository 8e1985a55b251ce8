"""What holds for every text: nothing is lost, nothing hangs, both ways of reading agree."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.sql.lexer import COMMENTS, WHITE_SPACE, Token, TokenKind, is_blank, tokens
from codezest_sql.core.sql.statements import find_backslashes, leading_words, split_statements
from codezest_sql.errors import LexicalError
from tests.growth import grows_linearly
from tests.randomised import examples

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = examples(4)

# What rules of the lexer begin, end or hide, so that short random texts meet them.
FRAGMENTS = [
    *"';\"$\\()-+/*.,:eEbxnuU&@=0a1_ \n\r\t",
    "''",
    '""',
    "--",
    "/*",
    "*/",
    "$$",
    "$a$",
    "$1",
    "E'",
    "e'\\",
    "U&'",
    'U&"',
    "é",
    "1e",
    "0x1",
    "..",
    "::",
    ":=",
    "begin",
    "BEGIN ATOMIC",
    " atomic ",
    "CREATE FUNCTION ",
    "create or replace procedure ",
    " END",
    "; end;",
    " case ",
    "'a'\n'b'",
    "\n'",
    "SELECT 1;",
]
soup = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)
texts = soup | st.text(max_size=60)


def read(text: str) -> list[Token] | None:
    """Return the tokens, or None for a text that is refused."""
    try:
        return list(tokens(text))
    except LexicalError:
        return None


def split(text: str) -> list[tuple[int, int]] | None:
    try:
        return [(statement.start, statement.end) for statement in split_statements(text)]
    except LexicalError:
        return None


def split_by_tokens(text: str, found: list[Token]) -> list[tuple[int, int]]:
    """Split at semicolons by the same rule as split_statements, the plain way: over all tokens."""
    statements: list[list[Token]] = [[]]
    depth = bodies = 0
    element: list[Token] = []  # the statement within the innermost body so far
    for token in found:
        if token.kind in COMMENTS:
            continue
        written = token.text(text)
        if written == ";" and not depth:
            element = []
            if not bodies:
                statements.append([])
                continue
        else:
            if bodies and not element and token.keyword(text) == "END" and not depth:
                bodies -= 1
            element.append(token)
        statements[-1].append(token)
        if written == "(":
            depth += 1
        elif written == ")":
            depth = max(depth - 1, 0)
        words = [part.keyword(text) for part in element]
        if not depth and words[-2:] == ["BEGIN", "ATOMIC"] and makes_a_routine(words):
            bodies += 1
            element = []
    return [(statement[0].start, statement[-1].end) for statement in statements if statement]


def makes_a_routine(words: list[str]) -> bool:
    head = [word for word in words[:4] if word not in {"OR", "REPLACE"}]
    return words[:1] == ["CREATE"] and words[1:3] in (["OR", "REPLACE"], words[1:3]) and head[1] in ROUTINES


ROUTINES = {"FUNCTION", "PROCEDURE"}


@MANY
@given(texts)
def test_tokens_cover_the_text_and_only_white_space_is_between(text: str) -> None:
    found = read(text)
    if found is None:
        return
    assert all(token.start < token.end for token in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    edges = [0, *(edge for token in found for edge in token[1:]), len(text)]
    gaps = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    assert all(set(gap) <= set(WHITE_SPACE) for gap in gaps)


@MANY
@given(texts)
def test_a_token_read_by_itself_is_the_same_token(text: str) -> None:
    for token in read(text) or []:
        written = token.text(text)
        assert read(written) == [(token.kind, 0, len(written))]


@MANY
@given(texts)
def test_splitting_agrees_with_the_tokens(text: str) -> None:
    found = read(text)
    assert split(text) == (None if found is None else split_by_tokens(text, found))


@MANY
@given(texts)
def test_backslashes_are_those_of_the_tokens(text: str) -> None:
    found = read(text)
    if found is not None:
        expected = tuple(token.start for token in found if token.kind is TokenKind.BACKSLASH)
        assert find_backslashes(text) == expected


@MANY
@given(texts)
def test_a_text_is_blank_where_it_has_no_token_but_comments(text: str) -> None:
    found = read(text)
    if found is not None:
        assert is_blank(text) is all(token.kind in COMMENTS for token in found)


@MANY
@given(texts)
def test_leading_words_are_the_first_tokens(text: str) -> None:
    for statement in split_statements(text) if split(text) else ():
        whole = [token for token in read(statement.text(text)) or [] if token.kind not in COMMENTS]
        assert len(leading_words(text, statement)) == min(len(whole), 8)


# --- statements made on purpose are split back exactly ---------------------------------------------------

hidden = st.text(st.sampled_from("a;'\"$\\-/* \n()é"), max_size=8)
blanks = st.sampled_from([" ", "\n", "\t-- a ; ' $$ \"\n", " /* ; ' /* ; */ $$ */ ", "\r\n"])


def comment(text: str) -> str:
    return "/* " + text.replace("*", "").replace("/", "") + " */"


piece = st.one_of(
    hidden.map(lambda text: "'" + text.replace("'", "''") + "'"),
    # The comma keeps a plain string that comes next, perhaps on a new line, from being read on as an E'' string.
    hidden.map(lambda text: " E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "',"),
    hidden.map(lambda text: '"x' + text.replace('"', '""') + '"'),
    hidden.filter(lambda text: not text.endswith("$")).map(lambda text: f" $t${text.replace('$t$', '')}$t$"),
    hidden.map(comment),
    hidden.map(lambda text: "-- " + text.replace("\n", "") + "\n"),
    st.sampled_from([" a$b ", " 1 ", " + ", " (a; b) ", ", ", " $1 ", " x::int ", " begin ", " CASE END ", "."]),
)
body = st.lists(piece, max_size=5).map("".join)
plain = body.map(lambda text: f"SELECT {text} x")
routine = st.lists(body, max_size=3).map(
    lambda bodies: "CREATE FUNCTION f() BEGIN ATOMIC " + "".join(f"SELECT {text} x;" for text in bodies) + " END"
)
statements = st.lists(plain | routine, max_size=6)


@MANY
@given(statements, st.data())
def test_statements_joined_by_semicolons_are_split_back(parts: list[str], data: st.DataObject) -> None:
    joined = "".join(data.draw(blanks) + part + data.draw(blanks) + ";" for part in parts)
    assert [statement.text(joined) for statement in split_statements(joined)] == parts


# --- time ------------------------------------------------------------------------------------------------

HOSTILE = [
    *("'", '"', "/*", "*/", "$", "$$", "$a", "$a$ ", "\\", "--", "-", "+", "/", "*", "(", ")", ";", " ", "\n"),
    *("E'", "E'\\", "''", '""a', "-- ", "1_", "1.", "..", "b", "begin ", "u&'", "a$", "é", "+/**/", "'a'\n", "x e'"),
    *("'a'\n--\n", "'\n", "=-", "begin atomic ", "create function begin atomic ", "1$", "$1e'", "' -- --"),
]


@pytest.mark.growth
@pytest.mark.parametrize("opening", ["", "'", "E'", "/*", "'a' ", "create function f() begin atomic "])
@pytest.mark.parametrize(
    "read_all", [lambda text: list(tokens(text)), split_statements], ids=["tokens", "statements"]
)
def test_no_text_takes_longer_than_linear_time(opening: str, read_all: Callable[[str], object]) -> None:
    """100 kB of each pattern: the fastest quadratic reader needs 5 s for one of them."""
    for unit in HOSTILE:

        def text(size: int, unit: str = unit) -> str:
            return opening + unit * (size // len(unit))

        assert grows_linearly(read_all, text, 30_000), unit
