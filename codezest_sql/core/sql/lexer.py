r"""Text to tokens, by PostgreSQL's lexical rules. Never opens a file, never asks a server.

The rules are those of ``src/backend/parser/scan.l`` of PostgreSQL 15 to 18 with ``standard_conforming_strings`` on
("Lexical Structure", section 4.1 of the manual). Where the versions differ, the union is read:

- vertical tab is white space (since 17);
- a number keeps what is written against it (``0x1F`` and ``1_000`` since 16; ``123abc`` is refused since 15).

Offsets are code points of the text: PostgreSQL's error positions, less one. Every code point above ASCII is part of
an identifier, as its UTF-8 bytes are for PostgreSQL, a no-break space and a byte order mark too. What no grammar
accepts (a lone ``$``, ``{``) is still a token; only what has no end, an empty quoted identifier and a NUL are errors.
All work is linear in the length of the text, whatever the text.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.errors import LexicalError
from codezest_sql.place import excerpt, place_at

if TYPE_CHECKING:
    from collections.abc import Iterator


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()  # an unquoted identifier or a keyword
    QUOTED_IDENTIFIER = auto()  # "…" and U&"…"
    STRING = auto()  # '…', E'…', B'…', X'…', N'…', U&'…' with their continuation lines, and $tag$…$tag$
    NUMBER = auto()
    PARAMETER = auto()  # $1
    OPERATOR = auto()  # made of + - * / < > = ~ ! @ # % ^ & | ` ?
    PUNCTUATION = auto()  # , ( ) [ ] . ; : :: := .. and characters that mean nothing in SQL
    LINE_COMMENT = auto()  # without its line end
    BLOCK_COMMENT = auto()
    BACKSLASH = auto()  # outside of quotes: the start of a command of psql


COMMENTS = frozenset({TokenKind.LINE_COMMENT, TokenKind.BLOCK_COMMENT})


class Token(NamedTuple):
    """The code points ``text[start:end]``.

    Two tokens touch where ``first.end == second.start``: this distinguishes ``:name`` from ``: name``. ``UESCAPE
    '!'`` after a ``U&`` literal is two tokens of its own.
    """

    kind: TokenKind
    start: int
    end: int

    def text(self, source: str) -> str:
        """Return the token as it is written in ``source``."""
        return source[self.start : self.end]

    def keyword(self, source: str) -> str:
        """Return an unquoted word in upper case; "" for a token of any other kind."""
        return upper_case(source[self.start : self.end]) if self.kind is TokenKind.WORD else ""


# Character classes are negated over ASCII: so every code point above it is inside, by one look-up in a bitmap.
IDENTIFIER_START = r"[^\x00-@\[-^`{-\x7f]"
IDENTIFIER_PART = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
WHITE_SPACE = " \t\n\r\f\v"
_TAG_PART = r"[^\x00-/:-@\[-^`{-\x7f]"  # no $ within the tag of a dollar quote
_OPERATOR_PART = r"[~!@\#^&|`?+\-*/%<>=]"
_INTEGER = r"[0-9]+(?:_[0-9]+)*"
_JUNK = rf"(?:{IDENTIFIER_START}{IDENTIFIER_PART}*)?"

# The first groups are whole tokens of a kind; those in lower case need a second look, see scan(). White space is
# taken along (a search that tried every alternative at each blank took three times as long), at the end too.
_TOKEN = re.compile(
    rf"""[ \t\n\r\f\v]*+ (?:
      (?P<WORD>(?![eEbBxXnN]'|[uU]&['"]) {IDENTIFIER_START}{IDENTIFIER_PART}*)
    | (?P<NUMBER>(?:{_INTEGER}(?:\.(?!\.)(?:{_INTEGER})?)? | \.{_INTEGER}) (?:[eE][+-]?{_INTEGER})?{_JUNK})
    | (?P<PUNCTUATION>[,()\[\];{{}}] | \.\.? | :[:=]?)
    | (?P<STRING>(?:(?:[bBxXnN]|[uU]&)? '[^']*' | [eE]'[^'\\]*(?:\\.[^'\\]*){{0,99}}')(?!'|[ \t\f\v]*(?:[\n\r]|--)))
    | (?P<LINE_COMMENT>-- [^\n\r]*)
    | (?P<OPERATOR>(?!/\*) (?:[<>!]=|<>|=>|->>?|\|\||{_OPERATOR_PART}) (?!{_OPERATOR_PART}))
    | (?P<QUOTED_IDENTIFIER>(?:[uU]&)? " [^"]+ " (?!"))
    | (?P<PARAMETER>\$[0-9]+{_JUNK})
    | (?P<BACKSLASH>\\)

    | (?P<open_string>(?:[eEbBxXnN]|[uU]&)? ')
    | (?P<open_identifier>(?:[uU]&)? ")
    | (?P<open_dollar_quote>\$ (?:{IDENTIFIER_START}{_TAG_PART}*)? \$)
    | (?P<open_comment>/\*)
    | (?P<operators>{_OPERATOR_PART})
    | (?P<other>.)
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
# The kind of token by the number of its group; None where a second look is needed.
_KINDS = (None, *(TokenKind.__members__.get(name) for name in _TOKEN.groupindex))

_OPERATORS_END = re.compile(rf"--|/\*|(?!{_OPERATOR_PART}).", re.DOTALL)
_SPECIAL_OPERATOR_PART = re.compile(r"[~!@#^&|`?%]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ESCAPE_OR_QUOTE = re.compile(r"\\.|''|'", re.DOTALL)
# White space with a line end in it joins two literals; the possessive + keeps a failure linear.
_CONTINUATION = re.compile(
    r"(?:[ \t\f\v]++|--[^\n\r]*+)* [\n\r] (?:[ \t\n\r\f\v]++|--[^\n\r]*+[\n\r])* '", re.VERBOSE
)
_BLANK = re.compile(r"(?:[ \t\n\r\f\v]++|--[^\n\r]*+)*")


def tokens(text: str, *, file: str = "<text>") -> Iterator[Token]:
    """Yield the tokens of the text, comments included; between them there is only white space.

    Raises ``LexicalError`` with the place in ``file`` where something opens that has no end: a quoted string or
    identifier, a dollar quote, a block comment; for a quoted identifier of no length; and for a NUL, at once.
    """
    refuse_nul(text, file=file)
    return scan(text, 0, len(text), file=file)


def scan(text: str, start: int, end: int, *, file: str = "<text>") -> Iterator[Token]:
    """Yield the tokens of ``text[start:end]``, where ``start`` stands between two tokens; errors as ``tokens``."""
    position = start
    while True:
        for match in _TOKEN.finditer(text, position, end):
            group = match.lastindex or 0
            kind = _KINDS[group]
            if kind is not None:
                yield Token(kind, match.start(group), match.end())
            elif match.lastgroup == "other":
                yield Token(TokenKind.PUNCTUATION, match.start(group), match.end())
            elif match.lastgroup == "end":
                return
            else:
                for token in _second_look(text, match, end, file=file):
                    yield token
                    position = token.end
                break  # the search continues from there


def skip_blank(text: str, start: int, *, file: str = "<text>") -> int:
    """Return the offset of the first token at or after ``start`` that is no comment, or the text's length.

    ``start`` stands between two tokens. Raises ``LexicalError`` for a block comment without an end.
    """
    while True:
        blank = _BLANK.match(text, start)
        start = blank.end() if blank else start
        if not text.startswith("/*", start):
            return start
        start = end_of_block_comment(text, start, len(text), file=file)


def is_blank(text: str) -> bool:
    """Whether the text is only white space and comments; a comment without an end is a ``LexicalError``."""
    return skip_blank(text, 0) == len(text)


def upper_case(word: str) -> str:
    """Return the word with its ASCII letters in upper case: PostgreSQL finds keywords without regard to locale."""
    if word.isascii():
        return word.upper()
    return "".join(character.upper() if character.isascii() else character for character in word)


def refuse_nul(text: str, *, file: str) -> None:
    """Raise ``LexicalError`` where the text holds a NUL, which no text in PostgreSQL can."""
    offset = text.find("\0")
    if offset >= 0:
        raise _error(text, offset, "the text holds a NUL character", "remove it: PostgreSQL accepts none", file=file)


def _second_look(text: str, match: re.Match[str], end: int, *, file: str) -> Iterator[Token]:
    """Yield what begins whose end a regular expression cannot find."""
    group = match.lastgroup or ""
    start = match.start(group)
    if group == "operators":
        yield from _operators(text, start, end)
    elif group == "open_string":
        yield Token(TokenKind.STRING, start, _end_of_string(text, start, match.end(), end, file=file))
    elif group == "open_identifier":
        yield Token(TokenKind.QUOTED_IDENTIFIER, start, _end_of_identifier(text, start, match.end(), end, file=file))
    elif group == "open_dollar_quote":
        yield Token(TokenKind.STRING, start, end_of_dollar_quote(text, start, match.end(), end, file=file))
    else:
        yield Token(TokenKind.BLOCK_COMMENT, start, end_of_block_comment(text, start, end, file=file))


def _operators(text: str, start: int, end: int) -> Iterator[Token]:
    """Yield the operators of a run of operator characters, which a comment may end.

    SQL has operators next to signs (``=-1``): so only an operator with a character that SQL's own operators lack
    may end in + or -. Rule of the manual, section 4.1.3.
    """
    found = _OPERATORS_END.search(text, start, end)
    stop = found.start() if found else end
    if text[stop - 1] not in "+-" or _SPECIAL_OPERATOR_PART.search(text, start, stop):
        yield Token(TokenKind.OPERATOR, start, stop)
        return
    first = max(len(text[start:stop].rstrip("+-")), 1)
    yield Token(TokenKind.OPERATOR, start, start + first)
    for sign in range(start + first, stop):
        yield Token(TokenKind.OPERATOR, sign, sign + 1)


def _end_of_string(text: str, start: int, inside: int, end: int, *, file: str) -> int:
    """Return the end of the literal whose content begins at ``inside``, after its prefix and quote."""
    prefix = text[start : inside - 1]
    if prefix in {"e", "E"}:
        return end_of_escape_string(text, start, inside, end, file=file)
    doubled = prefix not in {"b", "B", "x", "X"}  # '' within B'…' and X'…' is two literals
    while True:
        quote = text.find("'", inside, end)
        if quote < 0:
            hint = "close it with '; a quote within the string is written twice: ''"
            raise _error(text, start, "this quoted string has no end", hint, file=file)
        inside = quote + 1
        if doubled and text.startswith("'", inside, end):
            inside += 1
        elif more := _CONTINUATION.match(text, inside, end):
            inside = more.end()
        else:
            return inside


def end_of_escape_string(text: str, start: int, inside: int, end: int, *, file: str) -> int:
    r"""Return the end of the ``E'…'`` at ``start`` whose content begins at ``inside``: \' does not close it."""
    while True:
        for match in _ESCAPE_OR_QUOTE.finditer(text, inside, end):
            inside = match.end()
            if inside - match.start() == 1:
                break
        else:
            hint = r"close it with '; a quote within the string is written \' or ''"
            raise _error(text, start, "this E'…' string has no end", hint, file=file)
        more = _CONTINUATION.match(text, inside, end)
        if not more:
            return inside
        inside = more.end()


def _end_of_identifier(text: str, start: int, inside: int, end: int, *, file: str) -> int:
    content = inside
    while True:
        quote = text.find('"', inside, end)
        if quote < 0:
            hint = 'close it with "; a double quote within the name is written twice: ""'
            raise _error(text, start, "this quoted identifier has no end", hint, file=file)
        inside = quote + 1
        if not text.startswith('"', inside, end):
            break
        inside += 1
    if quote == content:
        hint = "write the name, or '' for an empty string"
        raise _error(text, start, "this quoted identifier is empty", hint, file=file)
    return inside


def end_of_dollar_quote(text: str, start: int, inside: int, end: int, *, file: str) -> int:
    """Return the end of the dollar quote whose delimiter is ``text[start:inside]``."""
    delimiter = text[start:inside]
    close = text.find(delimiter, inside, end)
    if close < 0:
        hint = f"close it with {delimiter}"
        raise _error(text, start, f"this {delimiter} quote has no end", hint, file=file)
    return close + len(delimiter)


def end_of_block_comment(text: str, start: int, end: int, *, file: str) -> int:
    """Return the end of the comment that opens at ``start``; comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start, end):
        depth += 1 if text[edge.start()] == "/" else -1
        if not depth:
            return edge.end()
    missing = "a */ is" if depth == 1 else f"{depth} */ are"
    hint = f"{missing} missing: comments nest, each /* needs a */ of its own"
    raise _error(text, start, "this comment has no end", hint, file=file)


def _error(text: str, offset: int, message: str, hint: str, *, file: str) -> LexicalError:
    place = place_at(file, text, offset)
    return LexicalError(message, place=place, hint=hint, source=excerpt(text, place))
