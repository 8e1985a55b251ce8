"""A name for sqlc's ``$1``, from what stands around it. A guess: a wrong one is an ugly name, never a wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.identifiers import stored_name
from codezest_sql.core.lexer import TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.lexer import Token

_NAMES = frozenset({TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER})
_COMPARES = frozenset({"LIKE", "ILIKE", "IN", "BETWEEN", "FROM"})  # FROM of IS DISTINCT FROM
_PASSED = frozenset({"ANY", "ALL", "SOME", "NOT", "IS", "DISTINCT"})


_FAR = 8  # tokens that are looked at on the way to a column


class Guesses:
    """Names for the ``$n`` among the tokens of one query."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._inserted: dict[int, str] | None = None

    def name(self, index: int) -> str:
        """Return the column that the parameter ``tokens[index]`` is compared with or written to; "" for none."""
        word = self._tokens[index - 1].keyword(self._text) if index else ""
        if word in {"LIMIT", "OFFSET"}:
            return word.lower()
        if column := self._before(index):
            return column
        if self._inserted is None:
            self._inserted = _inserted(self._text, self._tokens)
        return self._inserted.get(index) or self._after(index)

    def _before(self, index: int) -> str:
        """Return the column of ``column = $1``, ``column = ANY ($1)``, ``lower(column) = lower($1)``."""
        text, tokens = self._text, self._tokens
        back = index - 1
        least = max(index - _FAR, 0)
        while back > least and (text[tokens[back].start] == "(" or tokens[back].keyword(text) in _PASSED):
            back -= 1
        is_call = 1 <= back < index - 1 and tokens[back].kind in _NAMES and self._compares(tokens[back - 1])
        back -= is_call
        if back < 1 or not self._compares(tokens[back]):
            return ""
        back -= 1
        while back > least and (text[tokens[back].start] == ")" or tokens[back].keyword(text) in _PASSED):
            back -= 1
        return self._column(back)

    def _after(self, index: int) -> str:
        """Return the column of ``$1 = t.column`` and ``$1::int = column``."""
        text, tokens = self._text, self._tokens
        ahead = index + 1
        if ahead + 1 < len(tokens) and text[tokens[ahead].start : tokens[ahead].end] == "::":
            ahead += 2
        if ahead + 1 >= len(tokens) or not self._compares(tokens[ahead]):
            return ""
        ahead += 1
        while ahead + 2 < len(tokens) and text[tokens[ahead + 1].start] == ".":
            ahead += 2
        return self._column(ahead)

    def _compares(self, token: Token) -> bool:
        return token.kind is TokenKind.OPERATOR or token.keyword(self._text) in _COMPARES

    def _column(self, index: int) -> str:
        token = self._tokens[index]
        return stored_name(token.text(self._text)) if token.kind in _NAMES else ""


def _inserted(text: str, tokens: Sequence[Token]) -> dict[int, str]:
    """Return the column that each value of ``INSERT INTO t (a, b) VALUES ($1, $2)`` goes to, by its token."""
    words = [text[token.start : token.end].upper() for token in tokens]
    if "INSERT" not in words or "VALUES" not in words[words.index("INSERT") :]:
        return {}
    insert = words.index("INSERT")
    values = words.index("VALUES", insert)
    if "(" not in words[insert:values]:
        return {}
    first = words.index("(", insert)
    columns = [
        stored_name(tokens[place].text(text)) for place in range(first + 1, values) if words[place] not in {",", ")"}
    ]
    found: dict[int, str] = {}
    depth = position = 0
    for place in range(values + 1, len(words)):
        word = words[place]
        depth += (word == "(") - (word == ")")
        if depth == 0:
            position = 0
        elif depth == 1 and word == ",":
            position += 1
        elif depth == 1 and position < len(columns):
            found[place] = columns[position]
    return found
