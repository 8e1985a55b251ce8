"""``sqlc.embed(table)``: the columns of ``table.*`` become one model within the row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codezest_sql.core.describe.description import ResultColumn
    from codezest_sql.core.describe.model_facts import Relation
    from codezest_sql.core.query_files.query import Embed

_UNUSABLE = re.compile(r"[^A-Za-z0-9_]|^(?=[0-9])")


def embedded_names(
    embeds: Sequence[Embed], columns: Sequence[ResultColumn], relations: Mapping[int, Relation]
) -> tuple[str, ...]:
    """Return the names of the columns, those of an embedded table as ``table.column``.

    The server does not report what a star became: it is the next stretch that has all columns of one table, in order.
    """
    names = [column.name for column in columns]
    start = 0
    for embed in embeds:
        start = max(start, embed.item)
        while start < len(columns):
            width = _whole_table(columns, start, relations)
            if width:
                table = _step(embed.table)
                names[start : start + width] = [f"{table}.{_step(name)}" for name in names[start : start + width]]
                start += width
                break
            start += 1
    return tuple(names)


def _step(name: str) -> str:
    """Return the name as a step of a path: a table may be called anything, ``"Order lines"`` too."""
    return _UNUSABLE.sub("_", name)


def _whole_table(columns: Sequence[ResultColumn], start: int, relations: Mapping[int, Relation]) -> int:
    """Return how many columns from ``start`` on are just those of one table; 0 where they are not."""
    origin = columns[start].origin
    relation = relations.get(origin.table_oid) if origin else None
    if relation is None:
        return 0
    stretch = columns[start : start + len(relation.columns)]
    numbers = [each.origin.number for each in stretch if each.origin and each.origin.table_oid == relation.oid]
    return len(numbers) if numbers == [each.number for each in relation.columns] else 0
