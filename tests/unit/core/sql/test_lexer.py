"""Tokens: where each begins and ends, and what kind it is. tests/postgres/test_lexer_tokens.py asks the server."""

from __future__ import annotations

import pytest

from codezest_sql.core.sql.lexer import TokenKind, is_blank, skip_blank, tokens, upper_case


def read(sql: str) -> list[tuple[TokenKind, str]]:
    return [(token.kind, token.text(sql)) for token in tokens(sql)]


def texts(sql: str) -> list[str]:
    return [token.text(sql) for token in tokens(sql)]


def only_kind(sql: str) -> TokenKind:
    """Return the kind of the one token that the whole text is."""
    ((kind, text),) = read(sql)
    assert text == sql
    return kind


def test_a_statement_becomes_words_strings_numbers_operators_and_punctuation() -> None:
    assert read("SELECT a.b || 'x', 1 FROM \"T\";") == [
        (TokenKind.WORD, "SELECT"),
        (TokenKind.WORD, "a"),
        (TokenKind.PUNCTUATION, "."),
        (TokenKind.WORD, "b"),
        (TokenKind.OPERATOR, "||"),
        (TokenKind.STRING, "'x'"),
        (TokenKind.PUNCTUATION, ","),
        (TokenKind.NUMBER, "1"),
        (TokenKind.WORD, "FROM"),
        (TokenKind.QUOTED_IDENTIFIER, '"T"'),
        (TokenKind.PUNCTUATION, ";"),
    ]


@pytest.mark.parametrize("space", list(" \t\n\r\f\v"))
def test_every_ascii_white_space_separates_tokens(space: str) -> None:
    """Vertical tab since PostgreSQL 17."""
    assert texts(f"a{space}b") == ["a", "b"]


@pytest.mark.parametrize("character", ["\u00a0", "\u3000", "\u2028", "\u0085", "\ufeff"])
def test_white_space_above_ascii_is_part_of_an_identifier(character: str) -> None:
    assert only_kind(f"a{character}b") is TokenKind.WORD


@pytest.mark.parametrize(
    "word", ["a", "_a1", "a$b", "a$1$", "größe", "имя", "表", "é$", "\U0001f600", "select", "e", "U", "xb", "n1"]
)
def test_an_identifier_may_hold_digits_dollars_and_anything_above_ascii(word: str) -> None:
    assert only_kind(word) is TokenKind.WORD


@pytest.mark.parametrize("text", ['"a b"', '"a""b"', '""""', '"a;\n--"', 'U&"d\\0061t"', 'u&"a""b"', '"é"'])
def test_a_quoted_identifier_is_one_token(text: str) -> None:
    assert only_kind(text) is TokenKind.QUOTED_IDENTIFIER


@pytest.mark.parametrize(
    "text",
    [
        "''",
        "'a''b'",
        "'a\\'",
        "'a\nb'",
        "''''",
        "E'a\\'b'",
        "e'\\\\'",
        "E'\\''",
        "E''''",
        "E'a''b\\\nc'",
        "B'01'",
        "x'1F'",
        "N'a''b'",
        "U&'d\\0061t''s'",
        "u&'\\'",
        "$$a$$",
        "$a$ $$ $b$ ' $a$",
        "$é$x$é$",
        "$_1$;$_1$",
        "$$$$",
        "$a$$a$",
        "$a$$$a$",
        "$a$b$a$",
    ],
)
def test_a_string_is_one_token(text: str) -> None:
    assert only_kind(text) is TokenKind.STRING


@pytest.mark.parametrize(
    "text",
    [
        "'a'\n'b'",
        "'a' \t\r\v\f 'b'",
        "'a' -- why\n  -- twice\n\n'b'",
        "'a'\n'b''c'\n'd'",
        "E'a\\'' -- x\n'b\\'c'",
        "U&'a'\n'b'",
        "B'0'\n'1'",
        "x'0' \n '1'",
        "N'a'\n'b'",
        "'a'\n-- x\r'b'",
    ],
)
def test_a_line_end_between_two_literals_makes_them_one(text: str) -> None:
    assert only_kind(text) is TokenKind.STRING


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("'a' 'b'", ["'a'", "'b'"]),
        ("'a' -- x", ["'a'", "-- x"]),
        ("'a'\n-- x", ["'a'", "-- x"]),
        ("'a' /*\n*/ 'b'", ["'a'", "/*\n*/", "'b'"]),
        ("'a'\n/* */'b'", ["'a'", "/* */", "'b'"]),
        ("'a'\n- 'b'", ["'a'", "-", "'b'"]),
        ("'a'\nE'b'", ["'a'", "E'b'"]),
        ("$$a$$\n'b'", ["$$a$$", "'b'"]),
        ("'a'\n$$b$$", ["'a'", "$$b$$"]),
        ("\"a\"\n'b'", ['"a"', "'b'"]),
    ],
)
def test_literals_are_joined_only_over_a_line_end_and_line_comments(text: str, parts: list[str]) -> None:
    assert texts(text) == parts


def test_only_the_first_part_of_a_continued_literal_says_whether_backslashes_escape() -> None:
    assert texts("'a'\n'b\\' c") == ["'a'\n'b\\'", "c"]
    assert texts("E'a'\n'b\\' c' d") == ["E'a'\n'b\\' c'", "d"]


def test_quotes_are_not_doubled_within_bit_strings() -> None:
    assert texts("B'1''0'") == ["B'1'", "'0'"]


@pytest.mark.parametrize("text", ["date'2024-01-01'", "type'x\\'", "be'x'", "a1e'x'", "éE'x'", "a$e'x'"])
def test_a_letter_within_a_word_is_no_prefix_of_a_string(text: str) -> None:
    word, string = texts(text)
    assert word + string == text
    assert string.startswith("'")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a$b$c", ["a$b$c"]),
        ("a$$ b$$", ["a$$", "b$$"]),
        ("1$$a$$", ["1", "$$a$$"]),
        ("$1$$a$$", ["$1", "$$a$$"]),
        ("$a b$", ["$", "a", "b$"]),
        ("$1a$", ["$1a$"]),
        ("($$;$$)", ["(", "$$;$$", ")"]),
        ("$a$b$A$c$a$", ["$a$b$A$c$a$"]),
    ],
)
def test_a_dollar_begins_a_quote_only_where_a_token_can_begin(text: str, parts: list[str]) -> None:
    assert texts(text) == parts


@pytest.mark.parametrize(
    "number",
    ["0", "12", "1.5", ".5", "1.", "1e10", "1E-5", "1.5e+3", "0x1F", "0o17", "0B01", "1_000", "1_0.0_1", "0x_1"],
)
def test_a_number_is_one_token(number: str) -> None:
    assert only_kind(number) is TokenKind.NUMBER


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1..10", ["1", "..", "10"]),
        ("1.5.6", ["1.5", ".6"]),
        ("a[1:2]", ["a", "[", "1", ":", "2", "]"]),
        ("123abc", ["123abc"]),
        ("1_", ["1_"]),
        ("1.e5x", ["1.e5x"]),
        ("1e-x", ["1e", "-", "x"]),
        ("1-1", ["1", "-", "1"]),
        ("t.1", ["t", ".1"]),
    ],
)
def test_where_a_number_ends(text: str, parts: list[str]) -> None:
    assert texts(text) == parts


def test_parameters_of_the_protocol_are_a_kind_of_their_own() -> None:
    assert read("$1+$23") == [
        (TokenKind.PARAMETER, "$1"),
        (TokenKind.OPERATOR, "+"),
        (TokenKind.PARAMETER, "$23"),
    ]


def test_a_named_parameter_is_a_colon_that_touches_a_word() -> None:
    sql = "a = :name AND b[1: x] = c::text"
    found = list(tokens(sql))
    colons = [index for index, token in enumerate(found) if token.text(sql) == ":"]
    touching = [found[index].end == found[index + 1].start for index in colons]
    assert touching == [True, False]
    assert "::" in texts(sql)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a::b", ["a", "::", "b"]),
        (":::", ["::", ":"]),
        ("a:=b", ["a", ":=", "b"]),
        ("a=>b", ["a", "=>", "b"]),
        ("::=", ["::", "="]),
        ("...", ["..", "."]),
        ("(,)", ["(", ",", ")"]),
        ("{}", ["{", "}"]),
    ],
)
def test_punctuation(text: str, parts: list[str]) -> None:
    assert texts(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<->", ["<->"]),
        ("=-1", ["=", "-", "1"]),
        ("@-1", ["@-", "1"]),
        ("5!=-1", ["5", "!=-", "1"]),
        ("<=-+1", ["<=", "-", "+", "1"]),
        ("+-+", ["+", "-", "+"]),
        ("-=-", ["-=", "-"]),
        ("?-|", ["?-|"]),
        ("a ?& b", ["a", "?&", "b"]),
        ("+--x", ["+", "--x"]),
        ("1--2", ["1", "--2"]),
        ("+/* */-", ["+", "/* */", "-"]),
        ("@-/**/", ["@-", "/**/"]),
        ("<--x", ["<", "--x"]),
        ("*/*c*/", ["*", "/*c*/"]),
        ("//*c*/", ["/", "/*c*/"]),
        ("=/**/-", ["=", "/**/", "-"]),
        ("->>'a'", ["->>", "'a'"]),
        ("#>>", ["#>>"]),
        ("~~*", ["~~*"]),
        ("||/", ["||/"]),
    ],
)
def test_an_operator_ends_before_a_comment_and_before_a_sign(text: str, parts: list[str]) -> None:
    """Section 4.1.3: only with one of ~ ! @ # % ^ & | ` ? may an operator end in + or -."""
    assert texts(text) == parts


def test_a_line_comment_ends_before_either_line_end() -> None:
    assert texts("-- a\rb -- c\nd --") == ["-- a", "b", "-- c", "d", "--"]


@pytest.mark.parametrize("text", ["/**/", "/* a /* b */ c */", "/*/**/*/", "/***/", "/* -- */", "/* ' */", "/*/ */"])
def test_block_comments_nest_and_hide_all_else(text: str) -> None:
    assert only_kind(text) is TokenKind.BLOCK_COMMENT


def test_a_comment_does_not_begin_within_quotes() -> None:
    assert texts("'--' \"/*\" $$--$$") == ["'--'", '"/*"', "$$--$$"]


def test_a_backslash_outside_of_quotes_is_a_kind_of_its_own() -> None:
    assert read("\\d 'a\\b'")[0] == (TokenKind.BACKSLASH, "\\")
    assert [kind for kind, _ in read("'\\' -- \\")] == [TokenKind.STRING, TokenKind.LINE_COMMENT]


def test_offsets_count_code_points() -> None:
    assert [(token.start, token.end) for token in tokens("'😀' é")] == [(0, 3), (4, 5)]


@pytest.mark.parametrize(
    ("text", "blank"),
    [("", True), (" \n-- a\n/* b /* c */ */\t", True), ("-- a\n;", False), ("/* a */ x", False), ("\u00a0", False)],
)
def test_a_text_of_comments_and_white_space_is_blank(text: str, *, blank: bool) -> None:
    assert is_blank(text) is blank


def test_skipping_stops_at_the_first_token() -> None:
    sql = " -- a\n /* b */ -- c\n\n  SELECT"
    assert sql[skip_blank(sql, 0) :] == "SELECT"
    assert skip_blank("a  ", 1) == 3


def test_keywords_are_recognised_by_ascii_letters_only() -> None:
    """Long s and dotless i have S and I as upper case in Unicode; PostgreSQL folds without regard to that."""
    assert upper_case("begin") == "BEGIN"
    assert upper_case("\u017felect") == "\u017fELECT"
    assert upper_case("beg\u0131n") == "BEG\u0131N"
