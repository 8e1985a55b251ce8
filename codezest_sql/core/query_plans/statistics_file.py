"""``statistics.json``: statistics as a file to commit and to write by hand; one line for each column.

Only ``rows`` of a table must be there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from codezest_sql.core.query_plans.statistics import PLANNER_SETTINGS, ColumnStatistics, Statistics, TableStatistics
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import StatisticsError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codezest_sql.core.text.json_value import Json

_VERSION = 1
_DIGITS = 4  # significant ones: statistics are a sample's, and a file with fewer digits changes less
_MOST_FREQUENCIES = 10
_MOST = 1e15  # of anything: more than a table can hold
_COLUMN = ("null_frac", "avg_width", "n_distinct", "correlation", "most_common_freqs", "histogram_bounds")


def write_statistics(statistics: Statistics) -> str:
    """Return the text of the file: sorted, rounded, the same for the same statistics."""
    tables = [f"  {_text(name)}: {_table(table)}" for name, table in sorted(statistics.tables.items())]
    planner = [f"  {_text(name)}: {_text(value)}" for name, value in sorted(statistics.planner.items())]
    return f'{{\n "version": {_VERSION},\n "planner": {_block(planner, " ")},\n "tables": {_block(tables, " ")}\n}}\n'


def _table(table: TableStatistics) -> str:
    facts = [f'   "rows": {table.rows}']
    if table.pages is not None:
        facts.append(f'   "pages": {table.pages}')
    if table.all_visible is not None:
        facts.append(f'   "all_visible": {table.all_visible}')
    facts.append(f'   "columns": {_block(_columns(table.columns, "    "), "   ")}')
    if table.expressions:
        indexes = [
            f"    {_text(index)}: {_block(_columns(columns, '     '), '    ')}"
            for index, columns in sorted(table.expressions.items())
        ]
        facts.append(f'   "expressions": {_block(indexes, "   ")}')
    return _block(facts, "  ")


def _columns(columns: Mapping[str, ColumnStatistics], indent: str) -> list[str]:
    return [f"{indent}{_text(name)}: {_text(_column(column))}" for name, column in columns.items()]


def _column(column: ColumnStatistics) -> dict[str, Json]:
    said: dict[str, Json] = {"null_frac": _rounded(column.null_frac)}
    if column.avg_width is not None:
        said["avg_width"] = column.avg_width
    said["n_distinct"] = _rounded(column.n_distinct)
    if column.correlation is not None:
        said["correlation"] = _rounded(column.correlation)
    if column.most_common_freqs:
        said["most_common_freqs"] = [_rounded(each) for each in column.most_common_freqs[:_MOST_FREQUENCIES]]
    if column.histogram_bounds:
        said["histogram_bounds"] = column.histogram_bounds
    return said


def _rounded(number: float) -> float:
    short = float(f"{number:.{_DIGITS}g}")
    return int(short) if short == int(short) else short


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(lines: Iterable[str], indent: str) -> str:
    text = ",\n".join(lines)
    return f"{{\n{text}\n{indent}}}" if text else "{}"


def read_statistics(text: str, *, file: str) -> Statistics:
    """Return the statistics of a file, written by us or by hand. Raises ``StatisticsError``."""
    reader = _Reader(file)
    try:
        said: object = json.loads(text)
    except ValueError as error:
        place = Place(file, getattr(error, "lineno", 0), getattr(error, "colno", 0))
        raise StatisticsError("is not JSON", place=place, hint="correct it, or dump it again") from None
    top = reader.fields(said, "the file", ("version", "planner", "tables"))
    if top.get("version", _VERSION) != _VERSION:
        raise reader.error("is of another version", "rewrite it: codezest-sql stats dump")
    planner = reader.fields(top.get("planner", {}), "planner", PLANNER_SETTINGS)
    for name, value in planner.items():
        if not isinstance(value, str):
            raise reader.error(f"planner: {name} is no string", 'write it as SHOW does, such as "4GB"')
    return Statistics(
        {name: reader.table(table, name) for name, table in reader.fields(top.get("tables", {}), "tables").items()},
        cast("dict[str, str]", planner),
    )


class _Reader:
    """Reads the parts of a file, and reports the error of each."""

    def __init__(self, file: str) -> None:
        self._file = file

    def error(self, message: str, hint: str) -> StatisticsError:
        return StatisticsError(message, place=Place(self._file), hint=hint)

    def fields(self, said: object, where: str, known: Iterable[str] | None = None) -> dict[str, Any]:
        if not isinstance(said, dict):
            raise self.error(f"{where} is no object", "write {…}")
        found = cast("dict[str, Any]", said)
        names = tuple(known or ())
        for name in found if known is not None else ():
            if name not in names:
                hint = did_you_mean(name, names) or f"known ones are {', '.join(names)}"
                raise self.error(f"{where}: {name!r} is unknown", hint)
        return found

    def number(
        self, said: Mapping[str, Any], name: str, where: str, least: float, most: float = _MOST
    ) -> float | None:
        value: object = said.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            span = f"from {least:g} to {most:g}" if most < _MOST else f"of {least:g} or more"
            raise self.error(f"{where}: {name} is {json.dumps(value)}", f"write a number {span}")
        return value

    def table(self, said: object, name: str) -> TableStatistics:
        table = self.fields(said, name, ("rows", "pages", "all_visible", "columns", "expressions"))
        rows = self.number(table, "rows", name, 0)
        if rows is None:
            raise self.error(f"{name} has no rows", 'write "rows": 50000')
        expressions = self.fields(table.get("expressions", {}), f"{name}: expressions")
        return TableStatistics(
            int(rows),
            _whole(self.number(table, "pages", name, 0, 2**32 - 2)),  # MaxBlockNumber of block.h
            _whole(self.number(table, "all_visible", name, 0)),
            dict(self.columns(table.get("columns", {}), name)),
            {index: dict(self.columns(columns, f"{name}: {index}")) for index, columns in expressions.items()},
        )

    def frequencies(self, said: Iterable[object], where: str) -> Iterator[float]:
        for each in said:
            yield self.number({"most_common_freqs": each}, "most_common_freqs", where, 0, 1) or 0.0

    def columns(self, said: object, where: str) -> Iterator[tuple[str, ColumnStatistics]]:
        for name, each in self.fields(said, f"{where}: columns").items():
            place = f"{where}.{name}"
            column = self.fields(each, place, _COLUMN)
            frequencies: object = column.get("most_common_freqs", [])
            if not isinstance(frequencies, list):
                raise self.error(f"{place}: most_common_freqs is no list", "write [0.5, 0.2]")
            yield (
                name,
                ColumnStatistics(
                    self.number(column, "null_frac", place, 0, 1) or 0.0,
                    _whole(self.number(column, "avg_width", place, 0)),
                    self.number(column, "n_distinct", place, -1) or 0.0,
                    self.number(column, "correlation", place, -1, 1),
                    tuple(self.frequencies(cast("list[object]", frequencies), place)),
                    int(self.number(column, "histogram_bounds", place, 0) or 0),
                ),
            )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
