"""Rows to a table of aligned columns, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.place import cells

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text in columns as wide as their widest cell, the heading underlined."""
    widths = [max(cells(row[column]) for row in (heading, *rows)) for column in range(len(heading))]

    def line(row: Sequence[str]) -> str:
        padded = (cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True))
        return "  ".join(padded).rstrip()

    return "\n".join([line(heading), "  ".join("─" * width for width in widths), *(line(row) for row in rows)])
