"""``snapshot.json``: what each query was found to be, committed next to the queries.

A machine without a server can check with it whether the files are those that were checked, and a reviewer sees in its
diff how a migration changed the types of unchanged queries.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codezest_sql.core.query_checks.report import FileReport, Problem
from codezest_sql.errors import QuerySnapshotError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE_NAME = "snapshot.json"
_VERSION = 1
_AGAIN = "run codezest-sql check where there is a server, and commit the snapshot"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The schema's hash; for each file, by its way from the folder, its hash and what was found."""

    schema: str
    files: Mapping[str, tuple[str, FileReport]]


def write_snapshot(snapshot: Snapshot) -> str:
    """Return the text of the file: a line for each query, in a stable order."""
    lines: list[str] = []
    for name, (digest, report) in sorted(snapshot.files.items()):
        queries = ",\n".join(f"    {_line(query)}" for query in report.queries)
        problems = ",\n".join(f"    {_line(problem.write())}" for problem in report.problems)
        lines.append(
            f"  {json.dumps(name, ensure_ascii=False)}: {{\n"
            f'   "sha256": "{digest}",\n'
            f'   "queries": [{_block(queries)}],\n'
            f'   "problems": [{_block(problems)}]\n'
            "  }"
        )
    files = _block(",\n".join(lines), " ")
    return f'{{\n "version": {_VERSION},\n "schema": "{snapshot.schema}",\n "files": {{{files}}}\n}}\n'


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(text: str, indent: str = "   ") -> str:
    return f"\n{text}\n{indent}" if text else ""


def read_snapshot(text: str, *, file: str) -> Snapshot:
    """Return what ``write_snapshot`` wrote; raises ``QuerySnapshotError`` for anything else."""
    try:
        said: dict[str, Any] = json.loads(text)
        files = {
            name: (str(each["sha256"]), FileReport(name, tuple(each["queries"]), _problems(each["problems"])))
            for name, each in said["files"].items()
        }
        snapshot = Snapshot(str(said["schema"]), files) if said["version"] == _VERSION else None
    except (ValueError, TypeError, KeyError, AttributeError):
        snapshot = None
    if snapshot is None:
        raise QuerySnapshotError("is not a snapshot of this version", place=Place(file), hint=_AGAIN)
    return snapshot


def _problems(said: Iterable[Mapping[str, Any]]) -> tuple[Problem, ...]:
    return tuple(map(Problem.read, said))


def differences(
    snapshot: Snapshot, schema: str, files: Iterable[tuple[str, str, str]], *, file: str
) -> tuple[QuerySnapshotError, ...]:
    """Return what is not as it was when the snapshot was taken; ``files`` are name, path and hash."""
    errors: list[QuerySnapshotError] = []
    if snapshot.schema != schema:
        errors.append(QuerySnapshotError("the migrations are others than then", place=Place(file), hint=_AGAIN))
    seen: set[str] = set()
    for name, path, digest in files:
        seen.add(name)
        known = snapshot.files.get(name)
        if known is None:
            errors.append(QuerySnapshotError("is not in the snapshot", place=Place(path), hint=_AGAIN))
        elif known[0] != digest:
            errors.append(QuerySnapshotError("has changed since the snapshot", place=Place(path), hint=_AGAIN))
    gone = sorted(set(snapshot.files) - seen)
    errors.extend(QuerySnapshotError(f"names {name}, which is gone", place=Place(file), hint=_AGAIN) for name in gone)
    return tuple(errors)
