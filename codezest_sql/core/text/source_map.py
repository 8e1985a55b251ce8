"""From a position in the SQL that was sent back to the place in the file it came from. Pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codezest_sql.core.text.source_text import SourceText
    from codezest_sql.place import Place


class Span(NamedTuple):
    """A stretch of the sent text that begins at ``sent``, and what it means: ``width`` code points at ``start``.

    ``exact`` where each code point of the one is that of the other; else the whole stretch means the whole.
    """

    sent: int
    start: int
    width: int
    exact: bool


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Where each code point of a sent text is in its file; ``spans`` are in order, and the first is at 0."""

    source: SourceText = field(repr=False)
    spans: tuple[Span, ...] = field(repr=False)

    def offset(self, sent: int) -> int:
        """Return the offset in the file of the code point ``sent`` (from 0) of the sent text.

        What was written in place of something else is where that begins. The end of the text is the end of what it
        was made of: PostgreSQL points there with "syntax error at end of input".
        """
        if not self.spans:
            return 0
        span = self.spans[max(bisect_right(self.spans, sent, key=lambda span: span.sent) - 1, 0)]
        if span.exact:
            return span.start + max(0, min(sent - span.sent, span.width))
        return span.start

    def place(self, position: int) -> Place:
        """Return the place of an error position of the server, which counts code points from 1."""
        return self.source.place(self.offset(position - 1))
