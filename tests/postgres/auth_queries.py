"""The queries of sql/queries/auth as the files have them, run as the server takes them: with $1, by psycopg alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg.rows import dict_row

from codezest_sql.core.query_file import Choice, Query, read_query_file

if TYPE_CHECKING:
    from collections.abc import Mapping

Row: TypeAlias = dict[str, Any]
FOLDER = Path(__file__).parents[2] / "sql" / "queries" / "auth"


@cache
def queries() -> Mapping[str, Query]:
    """Return the queries of all files by topic.name."""
    return {
        f"{path.stem}.{query.name}": query
        for path in sorted(FOLDER.glob("*.sql"))
        for query in read_query_file(path.read_bytes(), file=path.name)
    }


@dataclass(frozen=True, slots=True)
class Auth:
    """Runs queries on a connection."""

    connection: psycopg.Connection[Any]

    def rows(self, query: str, order: str | None = None, /, **arguments: object) -> list[Row]:
        """Return the rows of a query; arguments of an ``:if`` switch it on."""
        return self._run(query, order, arguments).fetchall()

    def row(self, query: str, /, **arguments: object) -> Row | None:
        """Return the only row, or None."""
        found = self.rows(query, **arguments)
        assert len(found) <= 1
        return found[0] if found else None

    def count(self, query: str, /, **arguments: object) -> int:
        """Return how many rows a query touched."""
        return self._run(query, None, arguments).rowcount

    def _run(self, name: str, order: str | None, arguments: Mapping[str, object]) -> psycopg.RawCursor[Row]:
        query = queries()[name]
        ifs = frozenset(each for each in query.ifs if arguments.get(each, False) is not False)
        variant = query.variant(Choice(ifs, order or next(iter(query.orders), None)))
        unknown = arguments.keys() - {*variant.parameters, *query.flags}
        assert not unknown, f"{name} takes no {unknown}"
        cursor = psycopg.RawCursor(self.connection, row_factory=dict_row)
        return cursor.execute(variant.text.encode(), [arguments[each] for each in variant.parameters])
