"""The corpus of query files: what each of them means, or every mistake in it, as text next to it.

``pytest tests/unit/core/query_files/test_query_cases.py --accept`` rewrites the texts: read the difference before you
commit it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.query_files.reading import Dialect, Query, ReadQueries, read_queries
from codezest_sql.core.query_files.variants import variants
from tests.paths import CASES

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = CASES / "queries"
FILES = sorted(FOLDER.rglob("*.sql"))


def described(query: Query) -> list[str]:
    marks = [f"row={query.row}" if query.row else "", *(f"flag={flag}" for flag in query.flags)]
    marks += [name for name in ("include_deleted", "across_users", "first_row", "batch") if getattr(query, name)]
    lines = [f"{query.place.line}:{query.place.column} {query.name} :{query.kind} {' '.join(filter(None, marks))}"]
    lines += [f"  | {line}".rstrip() for line in query.docstring.splitlines()]
    for parameter in query.parameters:
        marks = [name for name in ("forced_nullable", "optional", "is_list") if getattr(parameter, name)]
        if parameter.written != parameter.name:
            marks.append(f"written={parameter.written}")
        for condition in parameter.when:
            marks += [f"with={'+'.join(sorted(condition.ifs))}"] if condition.ifs else []
            marks += [f"order={condition.order}"] if condition.order else []
        places = ",".join(f"{place.line}:{place.column}" for place in parameter.places)
        lines.append(f"  {parameter.name} {places} {' '.join(marks)}".rstrip())
    lines += [f"  embed {embed.table} as item {embed.item}" for embed in query.embeds]
    for variant in variants(query):
        if query.ifs or query.orders:
            lines.append(
                f"  = {'+'.join(sorted(variant.choice.ifs)) or 'bare'} {variant.choice.order or ''}".rstrip()
            )
        lines.append(f"  ({', '.join(variant.parameters)})")
        lines += [f"    {line}".rstrip() for line in variant.text.splitlines()]
    return [line.rstrip() for line in lines]


def rendered(read: ReadQueries) -> str:
    lines = [line for query in read.queries for line in [*described(query), ""]]
    for error in read.errors:
        assert error.place
        assert error.hint
        place = f"{error.place.line}:{error.place.column}"
        lines += [
            f"{place} {error.message} [{error.code}]",
            *(error.source or "").splitlines(),
            f"  hint: {error.hint}",
        ]
    return "\n".join(lines).rstrip() + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_query_file_means_what_stands_beside_it(path: Path, pytestconfig: pytest.Config) -> None:
    dialect = Dialect.SQLC if path.parent.name == "sqlc" else Dialect.NATIVE
    read = read_queries(path.read_bytes(), file=path.name, dialect=dialect)
    text = rendered(read)
    beside = path.with_suffix(".txt")
    if pytestconfig.getoption("--accept"):
        beside.write_text(text, "utf-8")
    assert text == beside.read_text("utf-8")


@pytest.mark.parametrize("path", sorted((FOLDER / "bad").glob("*.sql")), ids=lambda path: path.stem)
def test_every_mistake_of_a_bad_file_is_told_in_one_run(path: Path) -> None:
    """As many as the file has queries, at least: nearly each of them has one of its own."""
    text = path.read_text("utf-8")
    read = read_queries(text, file=path.name)
    assert len(read.errors) + len(read.queries) >= max(text.count("-- name:"), 1)
    assert [error.place for error in read.errors] == sorted(error.place for error in read.errors if error.place)
