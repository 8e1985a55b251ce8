"""The text of a file with its name: offsets become places, and mistakes know their line. Never opens a file."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TypeVar

from codezest_sql.errors import CodezestError
from codezest_sql.place import Place, line_excerpt

Mistake = TypeVar("Mistake", bound=CodezestError)


@dataclass(frozen=True, slots=True)
class SourceText:
    r"""A file's name and text, with the offsets at which its lines begin; a line ends at ``\n``, as for ``Place``."""

    file: str
    text: str = field(repr=False)
    line_starts: tuple[int, ...] = field(repr=False, compare=False)

    @classmethod
    def of(cls, file: str, text: str) -> SourceText:
        """Return the source; its lines are found once, however many places are asked for."""
        return cls(file, text, (0, *(match.end() for match in re.finditer("\n", text))))

    def place(self, offset: int) -> Place:
        """Return the place of the code point at ``offset``, which may be the text's length."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset)
        return Place(self.file, line, offset - self.line_starts[line - 1] + 1)

    def mistake(self, kind: type[Mistake], offset: int, message: str, hint: str) -> Mistake:
        """Return the error at ``offset``, with the line it is in."""
        place = self.place(offset)
        # Not excerpt(), which counts lines: a file may have as many mistakes as lines.
        start = self.line_starts[place.line - 1]
        end = self.line_starts[place.line] - 1 if place.line < len(self.line_starts) else len(self.text)
        return kind(message, place=place, hint=hint, source=line_excerpt(self.text[start:end], place))
