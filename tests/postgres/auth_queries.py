"""The queries of sql/queries/auth as the files have them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.core.query_file import Query, read_query_file

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parents[2] / "sql" / "queries" / "auth"


@cache
def queries() -> Mapping[str, Query]:
    """Return the queries of all files by topic.name."""
    return {
        f"{path.stem}.{query.name}": query
        for path in sorted(FOLDER.glob("*.sql"))
        for query in read_query_file(path.read_bytes(), file=path.name)
    }
