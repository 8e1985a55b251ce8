"""Where in a file something stands, and how to show it. Never opens a file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# How much of a long line is shown on both sides of the place, in characters.
_SHOWN_BEFORE = 80
_SHOWN_AFTER = 80
_LONGEST_PASSWORD = 200
_PASSWORD = re.compile(r"(\bpassword\s+)([EeNn]?'(?:[^']|'')*'?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file of the project.

    ``line`` and ``column`` count from 1; ``column`` counts Unicode code points, as editors that follow
    ``file:line:col`` links do. A place with line 0 means the file as a whole.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        file = printable(self.file)
        return f"{file}:{self.line}:{self.column}" if self.line else file


def place_at(file: str, text: str, offset: int) -> Place:
    r"""Return the place of the code point ``text[offset]``; ``offset`` may be ``len(text)``.

    Lines end at ``\n`` only, as they do for PostgreSQL's own line counting: a lone ``\r`` is white space.
    """
    offset = max(0, min(offset, len(text)))
    line_start = text.rfind("\n", 0, offset) + 1
    return Place(file, text.count("\n", 0, offset) + 1, offset - line_start + 1)


def excerpt(text: str, place: Place) -> str:
    """Return the source line of ``place`` with its number, and a caret under its column.

    Wide characters take two cells, combining ones none (Unicode Standard Annex 11), so the caret lands
    where a terminal shows the character. Of a long line only the part around the column is shown; control
    characters, which a terminal would obey, are replaced. An empty string where the place names no line.
    """
    line_start = _offset_of_line(text, place.line)
    if line_start is None:
        return ""
    line_end = text.find("\n", line_start)
    return line_excerpt(text[line_start : len(text) if line_end < 0 else line_end], place)


def line_excerpt(line: str, place: Place) -> str:
    """Return what ``excerpt`` does for a line that is known already."""
    line = line.rstrip("\r")
    column = max(place.column - 1, 0)
    is_long = len(line) > _SHOWN_BEFORE + _SHOWN_AFTER
    first = max(0, column - _SHOWN_BEFORE) if is_long else 0
    last = column + _SHOWN_AFTER if is_long else len(line)
    # A log keeps what it is given: the password of a role is no part of any mistake. Only the part around the column
    # is searched, since a long line may have as many mistakes as characters.
    start = max(0, first - _LONGEST_PASSWORD)
    part = line[start : last + _LONGEST_PASSWORD]
    if "password" in part.lower():
        part = _PASSWORD.sub(lambda match: match[1] + "*" * len(match[2]), part)
    before = ("…" if first else "") + part[first - start : column - start]
    shown = before + part[column - start : last - start] + ("…" if last < len(line) else "")
    padding = "".join("\t" if character == "\t" else " " * cells(character) for character in before)
    number = str(place.line)
    return f"  {number} | {_tame(shown)}\n  {' ' * len(number)} | {padding}^"


def printable(text: str) -> str:
    """Return the text with what a terminal would obey, not show, written as in Python's string literals."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "backslashreplace").decode()
        for character in text
    )


def _offset_of_line(text: str, line: int) -> int | None:
    """Return where a line, counted from 1, begins; None where the text has no such line."""
    if line < 1:
        return None
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
        if not offset:
            return None
    return offset


def _tame(line: str) -> str:
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" and c != "\t" else c for c in line)


def cells(text: str) -> int:
    """Return how many cells of a terminal ``text`` takes: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
