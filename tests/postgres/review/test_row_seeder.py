"""One dummy row in every table: it fits whatever the columns and their CHECKs ask for, and goes without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.postgres.trace.row_seeder import KnownRows, remove_rows, seed_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def rows(connection: Connection, table: str) -> list[Any]:
    return [row for (row,) in connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY t.ctid".encode())]


@pytest.mark.every_postgres
def test_every_table_of_a_real_schema_takes_a_row(migrated: str) -> None:
    with psycopg.connect(migrated, autocommit=True) as connection:
        seeded = seed_rows(connection)
        assert seeded.empty == ()
        assert len(seeded.tables) >= 30
        again = seed_rows(connection)
        assert again.tables == again.empty == ()


@pytest.mark.parametrize(
    "columns",
    [
        "code char(3) NOT NULL, flag bit(5) NOT NULL, mask varbit(9)",
        "name varchar(4) NOT NULL, amount numeric(3, 2) NOT NULL",
        "day date NOT NULL CHECK (day >= '2026-03-01' AND day < '2026-04-01')",
        "part integer NOT NULL CHECK (part BETWEEN 5 AND 10)",
        "kind text NOT NULL CHECK (kind IN ('one', 'two'))",
        "hash bytea NOT NULL CHECK (octet_length(hash) = 20)",
        "items jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'), more json NOT NULL",
        "lower_bound int, upper_bound int CHECK (lower_bound < upper_bound)",
        "at timestamptz NOT NULL, zone inet NOT NULL, place point, span int4range NOT NULL, u uuid NOT NULL",
        "id bigint GENERATED ALWAYS AS IDENTITY, double bigint GENERATED ALWAYS AS (id * 2) STORED",
    ],
)
def test_the_row_fits_the_columns_and_their_checks(connection: Connection, columns: str) -> None:
    connection.execute(f"CREATE TABLE things ({columns})".encode())
    assert seed_rows(connection).tables == ("public.things",)
    assert len(rows(connection, "things")) == 1


def test_a_table_that_takes_no_row_is_told_and_left_empty(connection: Connection) -> None:
    connection.execute("CREATE TABLE things (name text NOT NULL CHECK (md5(name) = name))")
    seeded = seed_rows(connection)
    assert (seeded.tables, seeded.empty) == ((), ("public.things",))
    assert rows(connection, "things") == []


def test_removed_rows_leave_the_rows_of_the_base(connection: Connection) -> None:
    connection.execute('CREATE TABLE "Odd things" (id integer PRIMARY KEY)')
    connection.execute("CREATE TABLE full_things AS SELECT 1 AS id")
    seeded = seed_rows(connection)
    assert seeded.tables == ('public."Odd things"',)
    remove_rows(connection, seeded)
    assert (rows(connection, '"Odd things"'), rows(connection, "full_things")) == ([], ["(1)"])


def test_a_table_is_given_the_row_that_it_took_before(connection: Connection) -> None:
    """Unless it takes it no longer: then another one is looked for."""
    connection.execute("CREATE TABLE things (id integer, kind text)")
    connection.execute("CREATE TABLE others (id integer)")
    known = KnownRows()
    for change in ("SELECT 1", "ALTER TABLE things ADD CHECK (id = 1)", "ALTER TABLE things ADD COLUMN note text"):
        connection.execute(change.encode())
        seeded = seed_rows(connection, known)
        assert sorted(seeded.tables) == ["public.others", "public.things"]
        assert len(rows(connection, "things")) == 1
        remove_rows(connection, seeded)
