"""Runs random queries over random rows, and tells where a column was called not NULL and held a NULL."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from codezest_sql.core.describe.description import Analysis
from codezest_sql.postgres.describe.describe import Analyst
from tests.postgres.describe.random_queries import SCHEMA, Queries, rows
from tests.postgres.describe.shape_cases import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEW_ROWS_EVERY = 50
# The same query where JSON and arrays are built of its rows.
_BUILDING = (
    "SELECT to_jsonb(q), jsonb_build_object('row', q) FROM ({}) AS q",
    "SELECT json_agg(q), jsonb_agg(q) FILTER (WHERE q IS NOT NULL) FROM ({}) AS q",
    "SELECT (SELECT jsonb_build_array(q) FROM ({}) AS q LIMIT 1), to_json(l) FROM a LEFT JOIN LATERAL ({}) l ON a.b",
)


@dataclass(slots=True)
class FuzzTally:
    """What was tried. ``unsound`` are the queries that disprove a proof."""

    ran: int = 0
    refused: int = 0
    failed: int = 0
    columns: int = 0
    proven: int = 0
    shapes: int = 0
    unsound: list[str] = field(default_factory=list)


def fuzz(url: str, *, seed: int, count: int) -> FuzzTally:
    """Try so many queries in an empty database."""
    tally = FuzzTally()
    for _ in fuzzing(url, seed=seed, count=count, tally=tally):
        pass
    return tally


def fuzzing(url: str, *, seed: int, count: int, tally: FuzzTally) -> Iterator[None]:
    """Try so many queries, and give something after each."""
    with psycopg.connect(url, autocommit=True) as owner, psycopg.connect(url) as session:
        owner.execute(SCHEMA.encode())
        session.execute("SET statement_timeout = '60s'")
        session.commit()
        with psycopg.connect(url, autocommit=True) as own, Analyst(own) as analyst:
            for number in range(count):
                chance = random.Random(f"{seed}-{number}")
                if number % _NEW_ROWS_EVERY == 0:
                    owner.execute("TRUNCATE a, c, e")
                    owner.execute(rows(chance).encode())
                query = Queries(chance).query()
                _try(query, analyst, session, tally)
                if number % 2:
                    around = _BUILDING[number // 2 % len(_BUILDING)]
                    _try(around.replace("{}", query), analyst, session, tally)
                yield


def _try(query: str, analyst: Analyst, session: psycopg.Connection, tally: FuzzTally) -> None:
    found = analyst.analyse(query)
    if not isinstance(found, Analysis):
        tally.refused += 1
        return
    try:
        result = session.execute(query.encode()).fetchall()
    except psycopg.Error:
        tally.failed += 1
        return
    finally:
        session.rollback()
    tally.ran += 1
    if found.at_most_one_row and len(result) > 1:
        tally.unsound.append(f"{len(result)} rows: {query}")
    for number, column in enumerate(found.columns):
        tally.columns += 1
        tally.proven += column.not_null
        if column.not_null and any(row[number] is None for row in result):
            tally.unsound.append(f"column {number + 1}: {query}")
        if column.shape is not None:
            tally.shapes += 1
            if not all(fits(row[number], column.shape, analyst.types) for row in result):
                tally.unsound.append(f"shape of column {number + 1}: {query}")
