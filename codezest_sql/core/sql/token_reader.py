"""Walks over the tokens of one statement, as far as a question about it needs. Answers no question itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.sql.identifiers import decode_unicode, quoted
from codezest_sql.core.sql.lexer import IDENTIFIER_PART, IDENTIFIER_START, TokenKind, upper_case
from codezest_sql.core.sql.statements import significant_tokens

if TYPE_CHECKING:
    from codezest_sql.core.sql.lexer import Token
    from codezest_sql.core.sql.statements import Statement

_WORD = re.compile(rf"{IDENTIFIER_START}{IDENTIFIER_PART}*+")
# Two words with only white space between, as nearly all statements begin; E'…' and U&"…" begin with no word.
_TWO_WORDS = re.compile(rf"({_WORD.pattern})[ \t\n\r\f\v]+({_WORD.pattern})(?!['\"&])")


def first_word(text: str, statement: Statement) -> str:
    """Return the word the statement begins with, in upper case; "" where it begins with something else."""
    word = _WORD.match(text, statement.start)
    return upper_case(word[0]) if word else ""


def first_two_words(text: str, statement: Statement) -> tuple[str, str]:
    """Return the first two tokens in upper case where they are words; "" for what is no word."""
    words = _TWO_WORDS.match(text, statement.start, statement.end)
    if words:
        return upper_case(words[1]), upper_case(words[2])
    reader = TokenReader(text, statement)
    return reader.keyword(), reader.keyword(1)


class TokenReader:
    """The tokens of a statement without its comments, read from left to right, no further than asked for."""

    __slots__ = ("_ahead", "_source", "_tokens")

    def __init__(self, text: str, statement: Statement) -> None:
        self._source = text
        self._tokens = significant_tokens(text, statement)
        self._ahead: list[Token] = []

    def peek(self, distance: int = 0) -> Token | None:
        """Return the token that stands ``distance`` after the next one; None after the end."""
        while len(self._ahead) <= distance:
            token = next(self._tokens, None)
            if token is None:
                return None
            self._ahead.append(token)
        return self._ahead[distance]

    def next(self) -> Token | None:
        """Return the next token and skip it; None at the end."""
        token = self.peek()
        if token:
            del self._ahead[0]
        return token

    def at_end(self) -> bool:
        """Whether all tokens were read."""
        return self.peek() is None

    def keyword(self, distance: int = 0) -> str:
        """Return a coming unquoted word in upper case; "" for anything else."""
        token = self.peek(distance)
        return token.keyword(self._source) if token else ""

    def written(self) -> str:
        """Return the next token as it is written; "" at the end."""
        token = self.peek()
        return token.text(self._source) if token else ""

    def take(self, *keywords: str) -> bool:
        """Skip these keywords and return True if exactly these come; else skip nothing."""
        if any(self.keyword(distance) != keyword for distance, keyword in enumerate(keywords)):
            return False
        for _ in keywords:
            self.next()
        return True

    def take_one_of(self, *keywords: str) -> str:
        """Skip the next word and return it if it is one of these; else return "" and stay."""
        keyword = self.keyword()
        if keyword not in keywords:
            return ""
        self.next()
        return keyword

    def take_symbol(self, symbol: str) -> bool:
        """Skip this punctuation or operator and return True if it comes next."""
        if self.written() != symbol:
            return False
        self.next()
        return True

    def take_string(self) -> bool:
        """Skip a string and return True if one comes next."""
        token = self.peek()
        if token is None or token.kind is not TokenKind.STRING:
            return False
        self.next()
        return True

    def name(self) -> str | None:
        """Skip a name such as ``learning."My table"`` and return it as ``to_regclass`` reads it.

        Comments and white space within are left out, ``U&"…"`` is decoded. None where no name comes next.
        """
        parts: list[str] = []
        while True:
            part = self._identifier()
            if part is None:
                return None
            parts.append(part)
            if not self.take_symbol("."):
                return ".".join(parts)

    def options(self) -> dict[str, str]:
        """Skip ``(name [value], …)`` and return the values as written by names in lower case; the last wins.

        An option without a value has "". An empty mapping where no parenthesis comes next.
        """
        found: dict[str, str] = {}
        if not self.take_symbol("("):
            return found
        while not self.at_end() and self.written() != ")":
            name = self.written().lower()
            self.next()
            self.take_symbol("=")
            value = ""
            while not self.at_end() and self.written() not in {",", ")"}:
                value += self.written()
                self.next()
            found[name] = value
            self.take_symbol(",")
        self.take_symbol(")")
        return found

    def skip_to(self, *keywords: str) -> bool:
        """Skip up to and with the first of these keywords outside of parentheses; return whether there is one."""
        depth = 0
        while not self.at_end():
            depth += {"(": 1, ")": -1}.get(self.written(), 0)
            if not depth and self.keyword() in keywords:
                self.next()
                return True
            self.next()
        return False

    def _identifier(self) -> str | None:
        token = self.peek()
        if token is None or token.kind not in {TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER}:
            return None
        written = self.written()
        self.next()
        if written[:1] not in {"u", "U"} or token.kind is TokenKind.WORD:
            return written
        escape = "\\"
        if self.take("UESCAPE"):
            escape = self.written().strip("'")
            self.next()
        return quoted(decode_unicode(written, escape))
