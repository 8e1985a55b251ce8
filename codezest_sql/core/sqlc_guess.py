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


def guess_name(text: str, tokens: Sequence[Token], index: int) -> str:
    """Return the column that the parameter ``tokens[index]`` is compared with or written to; "" for none."""
    back = index - 1
    word = tokens[back].keyword(text) if index else ""
    if word in {"LIMIT", "OFFSET"}:
        return word.lower()
    while back >= 0 and (text[tokens[back].start] == "(" or tokens[back].keyword(text) in _PASSED):
        back -= 1
    if back >= 1 and _compares(text, tokens[back]):
        back -= 1
        while back >= 1 and tokens[back].keyword(text) in _PASSED:
            back -= 1
        return _column(text, tokens, back)
    if column := _inserted(text, tokens, index):
        return column
    ahead = index + 1
    if ahead + 1 < len(tokens) and text[tokens[ahead].start : tokens[ahead].end] == "::":
        ahead += 2
    if ahead + 1 < len(tokens) and _compares(text, tokens[ahead]):
        names = [token for token in tokens[ahead + 1 : ahead + 6 : 2] if token.kind in _NAMES]
        dots = [text[token.start] for token in tokens[ahead + 2 : ahead + 6 : 2]]
        count = 1 + next((place for place, dot in enumerate(dots) if dot != "."), len(dots))
        return stored_name(names[min(count, len(names)) - 1].text(text)) if names else ""
    return ""


def _compares(text: str, token: Token) -> bool:
    return token.kind is TokenKind.OPERATOR or token.keyword(text) in _COMPARES


def _column(text: str, tokens: Sequence[Token], at: int) -> str:
    """Return the name that ends at ``tokens[at]``, or that the call ending there is made of: ``lower(email)``."""
    while at > 0 and text[tokens[at].start] == ")":
        at -= 1
    token = tokens[at]
    return stored_name(token.text(text)) if token.kind in _NAMES else ""


def _inserted(text: str, tokens: Sequence[Token], index: int) -> str:
    """Return the column that a value of ``INSERT INTO t (a, b) VALUES ($1, $2)`` goes to."""
    written = [text[token.start : token.end] for token in tokens[: index + 1]]
    words = [word.upper() for word in written]
    if "INSERT" not in words or "VALUES" not in words:
        return ""
    values = len(words) - 1 - words[::-1].index("VALUES")
    opening = next((place for place, word in enumerate(words) if word == "(" and place > words.index("INSERT")), 0)
    if not opening or opening > values:
        return ""
    columns = [stored_name(name) for name in written[opening + 1 : values] if name not in {",", ")"}]
    depth = position = 0
    for word in words[values + 1 : index]:
        depth += (word == "(") - (word == ")")
        if word == "," and depth == 1:
            position += 1
        elif word == "," and depth == 0:
            position = 0
    return columns[position] if depth == 1 and position < len(columns) else ""
