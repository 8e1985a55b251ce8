"""What new migrations do to the queries of the code that still runs: each kind of break is named, nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.actions.flight import Flight, fly
from codezest_sql.actions.query_folder import QueryFile
from codezest_sql.actions.released_queries import name_queries
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.migration_folder import FoundFile, assemble
from codezest_sql.core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE shop.stage AS ENUM ('draft', 'live');
CREATE TABLE shop.items (
    id integer PRIMARY KEY, title text NOT NULL, note text, score integer, stage shop.stage NOT NULL DEFAULT 'draft'
);
CREATE VIEW shop.live_items AS SELECT id, title, score FROM shop.items WHERE stage = 'live';
CREATE FUNCTION shop.doubled(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
CREATE ROLE review_reader;
GRANT USAGE ON SCHEMA shop TO review_reader;
GRANT SELECT ON shop.items TO review_reader;
"""
QUERIES = """
-- name: get_score :opt
SELECT i.id, i.score FROM shop.items AS i WHERE i.id = :id;
-- name: titles :many
SELECT i.title FROM shop.items AS i;
-- name: add_item :exec
INSERT INTO shop.items (id, title, note) VALUES (:id, :title, :note);
-- name: drafts :many
SELECT i.id FROM shop.items AS i WHERE i.stage = 'draft';
-- name: in_stage :many
SELECT i.id FROM shop.items AS i WHERE i.stage = :stage;
-- name: live :many
SELECT v.id, v.title FROM shop.live_items AS v;
-- name: doubled :one
SELECT shop.doubled(:n) AS n;
"""
ALL_OF_ITEMS = {"get_score", "titles", "add_item", "drafts", "in_stage"}
CASES = {
    "column dropped": (
        (
            "ALTER TABLE shop.items DROP COLUMN score CASCADE"
        ),
        {"get_score", "live"}, "shop.items.score, which",
    ),
    "column renamed": ("ALTER TABLE shop.items RENAME COLUMN score TO points", {"get_score"}, "renames to"),
    "column retyped": (
        (
            "DROP VIEW shop.live_items; "
            "ALTER TABLE shop.items ALTER score TYPE bigint"
        ),
        {"get_score", "live"}, "bigint",
    ),
    "made not null": ("ALTER TABLE shop.items ALTER note SET NOT NULL", {"add_item"}, "makes NOT NULL"),
    "inserts without": ("ALTER TABLE shop.items ALTER score SET NOT NULL", {"add_item"}, "inserts without"),
    "table renamed": ("ALTER TABLE shop.items RENAME TO goods", ALL_OF_ITEMS, "renames to shop.goods"),
    "schema renamed": ("ALTER SCHEMA shop RENAME TO store", ALL_OF_ITEMS | {"live", "doubled"}, "store"),
    "enum value renamed": ("ALTER TYPE shop.stage RENAME VALUE 'draft' TO 'new'", {"drafts", "in_stage"}, "'draft'"),
    "function changed": (
        (
            "DROP FUNCTION shop.doubled; "
            "CREATE FUNCTION shop.doubled(n integer) RETURNS bigint LANGUAGE sql AS 'SELECT n * 2::bigint'"
        ),
        {"doubled"}, "bigint",
    ),
    "view replaced": (
        (
            "DROP VIEW shop.live_items; "
            "CREATE VIEW shop.live_items AS SELECT id FROM shop.items"
        ),
        {"live"}, "live_items",
    ),
    "privilege revoked": (
        (
            "REVOKE SELECT ON shop.items FROM review_reader"
        ),
        ALL_OF_ITEMS - {"add_item"}, "as review_reader",
    ),
}  # fmt: skip
SAFE = """
ALTER TABLE shop.items ADD COLUMN colour text;
ALTER TABLE shop.items ADD COLUMN size integer NOT NULL DEFAULT 1;
CREATE INDEX ON shop.items (title);
ALTER TYPE shop.stage ADD VALUE 'gone';
CREATE TABLE shop.others (id integer PRIMARY KEY);
"""


def flown(folder: Path, change: str) -> Flight:
    settings = Settings(str(folder), str(folder), str(folder))
    files = [FoundFile("0001_shop.sql", "0001_shop.sql", SCHEMA.encode())]
    base = assemble(files, folder="migrations")
    all_of_it = assemble([*files, FoundFile("0002_new.sql", "0002_new.sql", change.encode())], folder="migrations")
    queries = name_queries([QueryFile("v1:q/items.sql", "items.sql", QUERIES.encode())], settings, "v1")
    return fly(settings, base, all_of_it.migrations[1:], queries, frozenset())


def names(flight: Flight, severity: Severity) -> set[str]:
    return {
        each.message.split(" of v1")[0].removeprefix("items.")
        for each in flight.findings
        if each.severity is severity
    }


@pytest.mark.parametrize("case", CASES)
def test_a_migration_that_breaks_queries_names_each_of_them(case: str, tmp_path: Path) -> None:
    change, broken, words = CASES[case]
    flight = flown(tmp_path, change)
    assert names(flight, Severity.ERROR) == broken, [each.message for each in flight.findings]
    assert all(each.place.file == "0002_new.sql" and each.place.line for each in flight.findings)
    assert any(words in each.message for each in flight.findings), [each.message for each in flight.findings]


def test_what_only_adds_breaks_nothing_and_tells_who_waits(tmp_path: Path) -> None:
    flight = flown(tmp_path, SAFE)
    assert flight.findings == ()
    waiting = {name for each in flight.blocked for name in each.queries}
    assert waiting == {f"items.{name} of v1" for name in ALL_OF_ITEMS | {"live"}}


def test_a_new_constraint_is_a_warning_for_those_who_write(tmp_path: Path) -> None:
    flight = flown(tmp_path, "ALTER TABLE shop.items ADD CONSTRAINT long CHECK (length(title) > 3) NOT VALID")
    assert names(flight, Severity.ERROR) == set()
    assert names(flight, Severity.WARNING) == {"add_item"}
