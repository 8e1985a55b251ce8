r"""Strings with backslash escapes and without an E, which a file may ask for. Asks no server.

``SET standard_conforming_strings = off`` makes ``'it\'s'`` one string. The server reads a whole message before it
runs its first statement, so within a transactional file the setting comes too late: backslashes would be stored as
they are written, silently. The lexer knows only the rule of today (``core/sql/lexer.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.sql.identifiers import stored_name
from codezest_sql.core.sql.lexer import TokenKind, scan
from codezest_sql.core.sql.token_reader import TokenReader, first_word
from codezest_sql.errors import LexicalError, OldStringsError
from codezest_sql.place import excerpt, place_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.sql.statements import Statement

_NAME = "standard_conforming_strings"
# Every other value is the server's to refuse (bool.c), or is the default.
_OFF = frozenset({"off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"})


def old_strings(text: str, statements: Iterable[Statement], *, file: str) -> OldStringsError | None:
    """Return the error of a file that turns the old rule on, and has a backslash which that rule reads otherwise."""
    if "\\" not in text or _NAME not in text.lower():  # nearly always
        return None
    for statement in statements:
        if _turns_off(text, statement) and _has_escape(text, statement.end):
            place = place_at(file, text, statement.start)
            return OldStringsError(
                "standard_conforming_strings is off for strings with backslashes",
                place=place,
                hint="remove it, and write E'…' for the strings whose backslashes are escapes",
                source=excerpt(text, place),
            )
    return None


def _turns_off(text: str, statement: Statement) -> bool:
    if first_word(text, statement) != "SET":
        return False
    reader = TokenReader(text, statement)
    reader.next()
    reader.take_one_of("LOCAL", "SESSION")
    if stored_name(reader.name() or "") != _NAME:
        return False
    reader.take("TO")
    reader.take_symbol("=")
    return reader.written().strip("'").lower() in _OFF


def _has_escape(text: str, start: int) -> bool:
    """Whether a plain string after ``start`` holds a backslash, or what follows cannot be read by today's rule."""
    try:
        return any(
            token.kind is TokenKind.BACKSLASH
            or (token.kind is TokenKind.STRING and text[token.start] == "'" and "\\" in token.text(text))
            for token in scan(text, start, len(text))
        )
    except LexicalError:
        return True
