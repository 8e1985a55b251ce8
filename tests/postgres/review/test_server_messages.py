"""What the server itself says of a statement: why it rewrites a table, and what it need not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.postgres.review.traces import traced

if TYPE_CHECKING:
    from codezest_sql.core.review.trace.measured import Measured

pytestmark = pytest.mark.every_postgres

PROVEN = "are sufficient to prove that it does not contain nulls"


def last(url: str, text: str) -> Measured:
    return traced(url, text)[-1]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("SET UNLOGGED", "it becomes logged or unlogged"),
        ("ADD COLUMN n bigserial", "a new column's value is computed for each row"),
        ("ALTER COLUMN stock TYPE bigint", "a column's type changes"),
        (
            "ADD COLUMN u uuid DEFAULT gen_random_uuid(), ALTER COLUMN stock TYPE bigint",
            "a new column's value is computed for each row and a column's type changes",
        ),
    ],
)
def test_why_a_table_is_written_anew_is_told(library: str, change: str, why: str) -> None:
    found = last(library, f"ALTER TABLE lib.books {change}")
    assert found.reasons == (("lib.books", why),)
    assert f"rewrites lib.books: {why}" in found.words()
    assert found.json()["reasons"] == {"lib.books": why}


def test_a_check_that_proves_not_null_is_named_by_the_server(library: str) -> None:
    found = last(
        library,
        "ALTER TABLE lib.books ADD CHECK (stock IS NOT NULL); ALTER TABLE lib.books ALTER COLUMN stock SET NOT NULL",
    )
    assert found.scanned == ()
    assert [note for note in found.notes if '"books.stock"' in note and PROVEN in note]


def test_a_check_that_proves_a_partition_is_named_by_the_server(library: str) -> None:
    bound = "FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')"
    found = last(library, f"ALTER TABLE lib.visits ATTACH PARTITION lib.visits_3 {bound}")
    assert found.scanned == ()
    assert [note for note in found.notes if "is implied by existing constraints" in note]


def test_what_is_built_and_verified_is_named(library: str) -> None:
    assert 'the server: verifying table "books"' in last(library, "ALTER TABLE lib.books ADD CHECK (stock > 0)").notes
    built = last(library, "CREATE INDEX books_title ON lib.books (title)").notes
    assert [note for note in built if 'building index "books_title" on table "books"' in note]
    key = "ALTER TABLE lib.loans ADD CONSTRAINT k FOREIGN KEY (book_id) REFERENCES lib.books (id)"
    assert [note for note in last(library, key).notes if 'validating foreign key constraint "k"' in note]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE lib.rooms (id int PRIMARY KEY, book_id int REFERENCES lib.books (id))",
        "ALTER TABLE lib.books ALTER COLUMN stock TYPE bigint",
        "ALTER TABLE lib.books ADD COLUMN n int",
    ],
)
def test_what_goes_without_saying_is_left_out(library: str, change: str) -> None:
    """The indexes of a new table, or of one that is rewritten, are no news."""
    assert last(library, change).notes == ()


def test_a_migration_cannot_keep_the_server_from_talking(library: str) -> None:
    found = last(library, "SET client_min_messages = error; ALTER TABLE lib.books ALTER COLUMN stock TYPE bigint")
    assert found.reasons == (("lib.books", "a column's type changes"),)


def test_a_table_that_takes_no_row_is_measured_on_none_and_that_is_told(own_library: str) -> None:
    with psycopg.connect(own_library, autocommit=True) as connection:
        connection.execute("CREATE TABLE lib.odd (name text NOT NULL CHECK (md5(name) = name))")
    found = last(own_library, "ALTER TABLE lib.odd ADD CHECK (name <> '')")
    assert found.scanned == ("lib.odd",)
    assert "no dummy row fits lib.odd: measured on an empty table" in found.notes
