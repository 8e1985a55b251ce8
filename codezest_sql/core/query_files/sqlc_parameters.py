"""Finds the parameters of a query that is written for sqlc: ``@name``, ``sqlc.arg(name)`` and so on, and ``$1``.

As sqlc documents them ("Macros", "Naming parameters"). sqlc has PostgreSQL's own parser read the query, so
PostgreSQL's tokens are followed: ``=@name`` begins with an operator ``=@``, and is no parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.query_files.found_parameter import FoundEmbed, FoundMistake, FoundParameter
from codezest_sql.core.query_files.parameter_names import unnamed
from codezest_sql.core.sql.identifiers import stored_name
from codezest_sql.core.sql.lexer import TokenKind
from codezest_sql.core.text.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.sql.lexer import Token

Found = FoundParameter | FoundMistake | FoundEmbed
_LISTS = frozenset({"SELECT", "RETURNING"})
_LENGTHS = frozenset(map(len, _LISTS))
_MACROS = ("arg", "narg", "slice", "embed")
_CALL = 6  # tokens of sqlc . arg ( name )
_OPEN, _NAME, _CLOSE = 3, 4, 5
_NAMES = frozenset({TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER})
_ARGUMENTS = _NAMES | {TokenKind.STRING}


def find_sqlc_parameters(text: str, tokens: Sequence[Token]) -> list[Found]:
    """Return the parameters, embedded tables and mistakes among the tokens of one query, without comments."""
    found: list[Found] = []
    items = [0]  # per open parenthesis: commas since SELECT or RETURNING
    for index, token in enumerate(tokens):
        kind = token.kind
        if kind is TokenKind.PUNCTUATION:
            _count(text[token.start], items)
        elif kind is TokenKind.PARAMETER:
            digits = text[token.start + 1 : token.end]
            number = int(digits) if digits.isdigit() and len(digits) < 6 else 0  # noqa: PLR2004  # 65,535 at most
            if number:
                found.append(FoundParameter(token.start, token.end, unnamed(number), number=number))
            else:
                found.append(
                    FoundMistake(
                        token.start, f"{token.text(text)} is no parameter", "count them from $1, or write @name"
                    )
                )
        elif kind is TokenKind.OPERATOR:
            following = tokens[index + 1] if index + 1 < len(tokens) else token
            if text[token.start : token.end] == "@" and following.kind is TokenKind.WORD and _touch(token, following):
                found.append(FoundParameter(token.start, following.end, following.text(text)))
        elif kind is TokenKind.WORD:
            length = token.end - token.start
            if length == len("sqlc") and _is_macro(text, tokens, index):
                found.append(_macro(text, tokens, index, items[-1]))
            elif length in _LENGTHS and token.keyword(text) in _LISTS:
                items[-1] = 0
    return found


def _count(character: str, items: list[int]) -> None:
    """Keep count of the items of the list that is being read, and of those around it."""
    if character in "([":
        items.append(0)
    elif character in ")]" and len(items) > 1:
        items.pop()
    elif character == ",":
        items[-1] += 1


def _is_macro(text: str, tokens: Sequence[Token], index: int) -> bool:
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return tokens[index].text(text).lower() == "sqlc" and following is not None and text[following.start] == "."


def _touch(first: Token, second: Token) -> bool:
    return first.end == second.start


def _macro(text: str, tokens: Sequence[Token], index: int, item: int) -> Found:
    """Return what the call that begins at ``tokens[index]`` means."""
    token = tokens[index]
    call = tokens[index : index + _CALL]
    written = [part.text(text) for part in call]
    function = written[2].lower() if len(written) > 2 else ""  # noqa: PLR2004
    if function not in _MACROS:
        hint = did_you_mean(function, _MACROS) or f"sqlc has {', '.join(_MACROS)}"
        return FoundMistake(token.start, f"sqlc.{function} is no macro of sqlc", hint)
    if function == "embed" and (qualified := _qualified(text, tokens, index)):
        return FoundEmbed(token.start, qualified.end, text[call[_NAME].start : qualified.start], item)
    if len(call) < _CALL or written[_OPEN] != "(" or written[_CLOSE] != ")" or call[_NAME].kind not in _ARGUMENTS:
        return FoundMistake(token.start, f"sqlc.{function} takes one name", f"write sqlc.{function}(name)")
    argument = written[_NAME]
    end = call[_CLOSE].end
    if function == "embed":
        return FoundEmbed(token.start, end, argument, item)
    name = argument[1:-1] if call[_NAME].kind is TokenKind.STRING else stored_or_written(argument)
    if function == "slice":
        return _slice(text, tokens, index, name)
    return FoundParameter(token.start, end, name, nullable=function == "narg")


def _qualified(text: str, tokens: Sequence[Token], index: int) -> Token | None:
    """Return the parenthesis that closes ``sqlc.embed(schema.table)``; None where that is not what is there."""
    call = tokens[index + _OPEN : index + _CALL + 2]
    if [token.text(text) for token in call][::2] != ["(", ".", ")"]:
        return None
    return call[-1] if {call[1].kind, call[3].kind} <= _NAMES else None


def stored_or_written(identifier: str) -> str:
    """Return a quoted identifier without its quotes; any other as it is written, so that camelCase is seen."""
    return stored_name(identifier) if identifier.endswith('"') else identifier


def _slice(text: str, tokens: Sequence[Token], index: int, name: str) -> FoundParameter:
    """Return the parameter of a ``sqlc.slice``: ``IN (sqlc.slice(ids))`` is ``= ANY ($1)`` for one array."""
    start, end = tokens[index].start, tokens[index + _CLOSE].end
    after = tokens[index + _CALL] if index + _CALL < len(tokens) else None
    words = [tokens[index - back].keyword(text) if index >= back else "" for back in (2, 3)]
    in_parentheses = index and text[tokens[index - 1].start] == "(" and after and text[after.start] == ")"
    if not in_parentheses or words[0] != "IN" or after is None:
        return FoundParameter(start, end, name, is_list=True)
    negated = words[1] == "NOT"
    begin = tokens[index - (3 if negated else 2)].start
    before = "<> ALL (" if negated else "= ANY ("
    return FoundParameter(begin, after.end, name, is_list=True, before=before, after=")")
