"""The queries of sql/queries/auth as the files have them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from codezest_sql.core.query_files.reading import Query, read_query_file
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = ROOT / "sql" / "queries" / "auth"


@cache
def queries() -> Mapping[str, Query]:
    """Return the queries of all files by topic.name."""
    return {
        f"{path.stem}.{query.name}": query
        for path in sorted(FOLDER.glob("*.sql"))
        for query in read_query_file(path.read_bytes(), file=path.name)
    }
