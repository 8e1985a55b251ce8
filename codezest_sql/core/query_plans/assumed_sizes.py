"""The statistics of each relation of an empty database for the planner: rows, pages and columns. Pure arithmetic.

The planner multiplies the rows of a page, which are statistics, with the pages of the file, which are not: a plan for
a large table needs a large file. So each table and index gets a number of pages as well. Those of an index are always
worked out: a freshly built one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from codezest_sql.core.query_plans.statistics import ColumnStatistics, Statistics, TableStatistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Of src/include/storage: the block, its header, a row's header with its pointer; and what an index row has of it.
_PAGE = 8192 - 24
_ROW = 24 + 4
_INDEX_ROW = 8 + 4
_FILLED = 0.9  # the fill factor of a B-tree's leaves
_ALIGNED = 8
# As get_typavgwidth of lsyscache.c guesses a type of unknown width.
_UNKNOWN_WIDTH = 32
_BRIN_PAGES = 3
MOST_PAGES = 2**32 - 2
"""MaxBlockNumber of PostgreSQL's block.h: a table of 32 TB."""


@dataclass(frozen=True, slots=True)
class FoundAttribute:
    """A column of a relation of the database; ``width`` is that of its type in bytes, below 0 for one that varies.

    ``of_table`` is the number of the table's column that a column of an index is, 0 for an expression.
    """

    number: int
    name: str
    width: int
    of_table: int = 0


@dataclass(frozen=True, slots=True)
class FoundRelation:
    """A table, materialised view or index; ``kind`` is pg_class's relkind: r, m, p or i.

    ``root`` is the qualified name of the table that it is of: itself, the topmost partitioned table, or that of the
    index's table. ``table`` is the OID of an index's table. ``leaves`` is how many tables share the rows of ``root``.
    """

    oid: int
    schema: str
    name: str
    kind: str
    root: str
    leaves: int
    attributes: tuple[FoundAttribute, ...]
    table: int = 0
    method: str = "heap"


@dataclass(frozen=True, slots=True)
class Sized:
    """What a relation is to look like. ``columns`` are by number; a partitioned table has nothing but these."""

    relation: FoundRelation
    rows: int
    pages: int
    all_visible: int
    columns: tuple[tuple[int, ColumnStatistics], ...]


def sized(relations: Iterable[FoundRelation], statistics: Statistics, assumed_rows: int) -> Iterator[Sized]:
    """Give the sizes of all relations; a table that the statistics do not have counts ``assumed_rows``."""
    found = tuple(relations)
    tables: dict[int, Sized] = {}
    for relation in found:
        if relation.kind != "i":
            known = statistics.tables.get(relation.root) or TableStatistics(assumed_rows)
            tables[relation.oid] = _table(relation, known)
            yield tables[relation.oid]
    for relation in found:
        if relation.kind == "i" and relation.table in tables:
            of_root = statistics.tables.get(relation.root)
            expressions = of_root.expressions.get(relation.name) if of_root else None
            yield _index(relation, tables[relation.table], expressions or {})


def _table(relation: FoundRelation, known: TableStatistics) -> Sized:
    columns = tuple(
        (each.number, _with_width(known.columns[each.name], each))
        for each in relation.attributes
        if each.name in known.columns
    )
    rows = ceil(known.rows / relation.leaves)
    if relation.kind == "p":
        return Sized(relation, rows, 0, 0, columns)
    if known.pages is None:
        by_number = dict(columns)
        width = _ROW + _width((each, by_number.get(each.number)) for each in relation.attributes)
        pages = ceil(rows / max(_PAGE // width, 1))
    else:
        pages = ceil(known.pages / relation.leaves)
    # Without a page the planner believes in no row.
    pages = min(max(pages, min(rows, 1)), MOST_PAGES)
    visible = pages if known.all_visible is None else min(ceil(known.all_visible / relation.leaves), pages)
    return Sized(relation, rows, pages, visible, columns)


def _index(relation: FoundRelation, table: Sized, expressions: Mapping[str, ColumnStatistics]) -> Sized:
    of_table = dict(table.columns)
    columns = tuple(
        (each.number, _with_width(expressions[each.name], each))
        for each in relation.attributes
        if not each.of_table and each.name in expressions
    )
    by_number = dict(columns)
    if relation.method == "brin":
        pages = _BRIN_PAGES
    else:
        width = _INDEX_ROW + _width(
            (each, of_table.get(each.of_table) if each.of_table else by_number.get(each.number))
            for each in relation.attributes
        )
        pages = 1 + ceil(table.rows / max(int(_PAGE * _FILLED) // width, 1))
    return Sized(relation, table.rows, min(pages, MOST_PAGES), 0, columns)


def _with_width(known: ColumnStatistics, attribute: FoundAttribute) -> ColumnStatistics:
    if known.avg_width is not None:
        return known
    return replace(known, avg_width=attribute.width if attribute.width > 0 else _UNKNOWN_WIDTH)


def _width(attributes: Iterable[tuple[FoundAttribute, ColumnStatistics | None]]) -> int:
    """Return the bytes of a row's columns, as a whole multiple of the alignment."""
    total = 0.0
    for attribute, known in attributes:
        filled = 1.0 - known.null_frac if known else 1.0
        if known is not None and known.avg_width is not None:
            total += known.avg_width * filled
        else:
            total += (attribute.width if attribute.width > 0 else _UNKNOWN_WIDTH) * filled
    return ceil(total / _ALIGNED) * _ALIGNED
