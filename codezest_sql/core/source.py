"""Where in a file something stands, and how to show it. Never opens a file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


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
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


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
    where a terminal shows the character. An empty string where the place names no line of the text.
    """
    lines = text.split("\n")
    if not 1 <= place.line <= len(lines):
        return ""
    line = lines[place.line - 1].rstrip("\r")
    before = line[: max(place.column - 1, 0)]
    padding = "".join("\t" if character == "\t" else " " * cells(character) for character in before)
    number = str(place.line)
    return f"  {number} | {line}\n  {' ' * len(number)} | {padding}^"


def cells(text: str) -> int:
    """Return how many cells of a terminal ``text`` takes: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
