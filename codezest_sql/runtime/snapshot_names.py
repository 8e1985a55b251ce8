"""Query files at run time, with the names that ``codezest-sql check`` gave to what sqlc only numbers.

``$1`` gets its name from the server's tree, which an application does not ask for. The snapshot that was committed
with the queries has the names; where it is missing, or of another text, ``$1`` is ``arg_1``.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from codezest_sql.core.query_checks.snapshot import FILE_NAME, Snapshot, read_snapshot
from codezest_sql.core.query_files.parameter_names import snapshot_names
from codezest_sql.core.query_files.reading import ReadQueries, read_queries
from codezest_sql.errors import CodezestError

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.core.query_files.dialect import Dialect


def read_named_queries(data: bytes, path: Path, dialect: Dialect) -> ReadQueries:
    """Return the queries of a file and its mistakes, with the names of the snapshot of the folder that it is in."""
    read = read_queries(data, file=str(path), dialect=dialect)
    if not any(parameter.number for query in read.queries for parameter in query.parameters):
        return read
    path = path.absolute()
    for folder in path.parents:
        snapshot = _snapshot(folder / FILE_NAME)
        if snapshot is not None:
            digest, report = snapshot.files.get(path.relative_to(folder).as_posix(), ("", None))
            if report is not None and digest == hashlib.sha256(data).hexdigest():
                return read._replace(queries=tuple([snapshot_names(each, report.queries) for each in read.queries]))
            break
    return read


def _snapshot(path: Path) -> Snapshot | None:
    try:
        return read_snapshot(path.read_text("utf-8"), file=str(path))
    except (OSError, ValueError, CodezestError):
        return None  # there is none, or it is another program's
