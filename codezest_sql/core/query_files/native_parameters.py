"""Finds ``:name`` among the tokens of a query, and what only looks like it.

``::`` and ``:=`` are tokens of their own. What is left is a colon that touches a word. It is no parameter where it
follows an expression within ``[…]`` (the colon of a slice) or within ``JSON_OBJECT(…)`` (the colon after a key):
after an expression a parameter cannot come anyway. So ``a[1:n]`` slices up to the column n, ``a[1: :n]`` up to the
parameter, and ``a[:n]`` is the element :n, as it is for psql. What can be no name divides: ``a[:2]``, ``a[:f(n)]``
and ``a[:t.n]`` are slices without a lower bound.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.query_files.found_parameter import FoundMistake, FoundParameter
from codezest_sql.core.sql.lexer import TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.sql.lexer import Token

# Words that do not end an expression: an operand comes next. END, NULL, TRUE, a name and so on do end one.
_OPERAND_FOLLOWS = frozenset(
    re.findall(
        r"\S+",
        """
        ALL AND ANY ARRAY ASYMMETRIC BETWEEN BY CASE DISTINCT ELSE ESCAPE FILTER FROM HAVING ILIKE IN INTERVAL IS KEY
        LIKE LIMIT NOT OFFSET ON OR RETURNING ROW SELECT SET SOME SYMMETRIC THEN TO USING VALUE VALUES WHEN WHERE
        """,
    )
)
_ENDS = frozenset(
    {TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER, TokenKind.STRING, TokenKind.NUMBER, TokenKind.PARAMETER}
)
_NAME_IT = "write a name, such as :email, for it"
_JSON = frozenset({"JSON_OBJECT", "JSON_OBJECTAGG"})


def find_native_parameters(text: str, tokens: Sequence[Token]) -> list[FoundParameter | FoundMistake]:
    """Return the parameters among the tokens of one query, which hold no comments."""
    if not tokens:
        return []
    body = text[tokens[0].start : tokens[-1].end]
    if "[" in body or "json_object" in body.lower():
        colons = _colons_of_parameters(text, tokens)
    else:  # as nearly always: no colon can be anything else
        colons = [
            index
            for index, (kind, start, _) in enumerate(tokens)
            if kind is TokenKind.PUNCTUATION and text[start] == ":"
        ]
    found = [
        one
        for index in colons
        if index + 1 < len(tokens)
        and tokens[index].end == tokens[index + 1].start
        and (one := _one(text, tokens[index], tokens[index + 1]))
    ]
    if "$" in body:
        found += [
            FoundMistake(start, f"{text[start:end]} has no name", _NAME_IT)
            for kind, start, end in tokens
            if kind is TokenKind.PARAMETER
        ]
    return found


def _colons_of_parameters(text: str, tokens: Sequence[Token]) -> list[int]:
    """Return the indexes of the colons that do not divide a slice, or a key and its value."""
    found: list[int] = []
    divides = [False]  # per open bracket: whether a colon after an expression belongs to the grammar
    parameter = -1  # the index of the last word that was a parameter's name
    for index, (kind, start, end) in enumerate(tokens):
        if kind is not TokenKind.PUNCTUATION:
            continue
        character = text[start]
        if character == "(":
            divides.append(index > 0 and tokens[index - 1].keyword(text) in _JSON)
        elif character == "[":
            divides.append(index > 0 and _ends_expression(text, tokens[index - 1], index - 1 == parameter))
        elif character in {")", "]"}:
            if len(divides) > 1:
                divides.pop()
        elif text[start:end] == ":":
            if divides[-1] and (
                _ends_expression(text, tokens[index - 1], index - 1 == parameter)
                or _begins_upper_bound(text, tokens, index)
            ):
                continue
            found.append(index)
            parameter = index + 1
    return found


def _ends_expression(text: str, token: Token, is_parameter: bool) -> bool:  # noqa: FBT001  # of one caller
    if is_parameter or token.kind in _ENDS:
        return is_parameter or token.keyword(text) not in _OPERAND_FOLLOWS
    return text[token.start : token.end] in {")", "]"}


def _begins_upper_bound(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Return whether what follows the colon of ``[:`` is an expression that is no parameter."""
    after = tokens[index + 1 : index + 3]
    if text[tokens[index - 1].start] != "[" or not after:
        return False
    if after[0].kind is TokenKind.NUMBER:
        return True
    return after[0].kind is TokenKind.WORD and len(after) > 1 and text[after[1].start] in "(."


def _one(text: str, colon: Token, name: Token) -> FoundParameter | FoundMistake | None:
    """Return what a colon and the token that touches it are."""
    if text[colon.start : colon.end] != ":":
        return None  # a cast, or the := of an argument
    written = name.text(text)
    if name.kind is TokenKind.WORD:
        return FoundParameter(colon.start, name.end, written)
    if name.kind in {TokenKind.STRING, TokenKind.QUOTED_IDENTIFIER}:
        return FoundMistake(
            colon.start,
            f":{written} is psql's way to write a variable with quotes",
            "write :name without quotes: its value is sent apart from the SQL",
        )
    if name.kind is TokenKind.NUMBER:
        return FoundMistake(colon.start, f":{written} has no name", _NAME_IT)
    return None
