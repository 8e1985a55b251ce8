"""Reads 1,000 tables twice and compares them: the same, in a time that is printed (goal in migrations.md: 2 s)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.objects import ObjectKind
from codezest_sql.postgres.catalog.reader import read_schema

if TYPE_CHECKING:
    from codezest_sql.core.schema.diff import Diff

TABLES = 1000
COLUMNS = ["id", "user_id", "name", "email", "position", "meta", "score", "is_active", "created_at", "updated_at"]


def table(number: int) -> str:
    """Return the DDL of one table: 10 columns, 5 constraints, 2 indexes, 11 comments, 1 grant."""
    reference = f"REFERENCES big.t{number - 1} (id) ON DELETE CASCADE" if number else "UNIQUE"
    comments = "".join(f"COMMENT ON COLUMN big.t{number}.{column} IS 'The {column}.';" for column in COLUMNS)
    return f"""
        CREATE TABLE big.t{number} (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT t{number}_pk PRIMARY KEY,
            user_id uuid NOT NULL {reference},
            name text NOT NULL CONSTRAINT t{number}_name_check CHECK (length(name) BETWEEN 1 AND 200),
            email text CONSTRAINT t{number}_email_key UNIQUE,
            position integer NOT NULL DEFAULT 0,
            meta jsonb NOT NULL DEFAULT '{{}}',
            score numeric(10, 2) CONSTRAINT t{number}_score_check CHECK (score >= 0),
            is_active boolean DEFAULT true,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX t{number}_user_id_idx ON big.t{number} (user_id);
        CREATE INDEX t{number}_name_idx ON big.t{number} (lower(name)) WHERE is_active;
        COMMENT ON TABLE big.t{number} IS 'Table {number}.';
        GRANT SELECT ON big.t{number} TO pg_monitor;
        {comments}
    """


def read_twice_and_compare(connection: psycopg.Connection) -> tuple[float, int, Diff]:
    """Return the seconds taken, the number of tables read, and the difference found."""
    start = time.perf_counter()
    before = read_schema(connection)
    found = diff(before, read_schema(connection))
    return time.perf_counter() - start, len(before.of_kind(ObjectKind.TABLE)), found


@pytest.mark.every_postgres
def test_a_thousand_tables_read_twice_are_the_same(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the time, whose goal is 2 s (migrations.md): without statistics, as right after the tables were made."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA big")
        for first in range(0, TABLES, 50):  # one transaction would need more locks than a server has by default
            connection.execute("".join(table(number) for number in range(first, first + 50)).encode())
        seconds, count, found = read_twice_and_compare(connection)
        version = connection.info.server_version // 10_000
    assert count == TABLES
    assert not found
    with capsys.disabled():
        print(f"\n  PostgreSQL {version}: {TABLES} tables read twice and compared in {seconds:.2f} s", end=" ")  # noqa: T201
