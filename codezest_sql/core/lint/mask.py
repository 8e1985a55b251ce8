"""Takes statements out of a text that a tool cannot parse: one would hide the rest of the file from it.

A comment stands where the statement stood, of the same length and the same lines, so that every place stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.sql.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEMICOLON = re.compile(r"\s*;")
_SHORTEST = 4  # of /**/


def without(text: str, statements: Iterable[Statement]) -> str:
    """Return the text with a comment in the place of each of these statements and its semicolon."""
    for statement in statements:
        found = with_semicolon(text, statement)
        size = found.end - found.start
        inner = re.sub(r"[^\n]", "x", text[found.start + 2 : found.end - 2])
        comment = f"/*{inner}*/" if size >= _SHORTEST else " " * size
        text = text[: found.start] + comment + text[found.end :]
    return text


def with_semicolon(text: str, statement: Statement) -> Statement:
    """Return the statement with the semicolon that ends it."""
    semicolon = _SEMICOLON.match(text, statement.end)
    return Statement(statement.start, semicolon.end() if semicolon else statement.end)
