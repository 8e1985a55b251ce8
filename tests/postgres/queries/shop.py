"""A small shop: the schema, the queries of its release v1, and every kind of change that breaks some of them."""

from __future__ import annotations

from typing import NamedTuple

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE shop.stage AS ENUM ('draft', 'live');
CREATE TYPE shop.size AS ENUM ('small', 'large');
CREATE TABLE shop.owners (id integer PRIMARY KEY, email text NOT NULL, born date);
CREATE TABLE shop.items (
    id integer PRIMARY KEY,
    owner_id integer REFERENCES shop.owners (id),
    title text NOT NULL,
    note text,
    score integer,
    price numeric(10, 2) NOT NULL DEFAULT 0,
    size shop.size,
    stage shop.stage NOT NULL DEFAULT 'draft'
);
CREATE TABLE shop.sales (item_id integer NOT NULL, sold_on date NOT NULL, amount integer NOT NULL)
    PARTITION BY RANGE (sold_on);
CREATE TABLE shop.sales_2026 PARTITION OF shop.sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW shop.live_items AS SELECT id, title, score FROM shop.items WHERE stage = 'live';
CREATE VIEW shop.totals AS SELECT s.item_id, sum(s.amount) AS amount FROM shop.sales AS s GROUP BY s.item_id;
CREATE FUNCTION shop.doubled(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
CREATE FUNCTION shop.named(owner integer) RETURNS TABLE (id integer, title text) LANGUAGE sql STABLE
    AS 'SELECT i.id, i.title FROM shop.items AS i WHERE i.owner_id = owner';
CREATE FUNCTION shop.best(lowest integer) RETURNS integer LANGUAGE sql
    AS 'SELECT max(i.id) FROM shop.items AS i WHERE i.score >= lowest';
CREATE ROLE review_reader;
CREATE ROLE review_service;
GRANT review_reader TO review_service;
GRANT USAGE ON SCHEMA shop TO review_reader;
GRANT SELECT ON shop.items, shop.owners TO review_reader;
REVOKE EXECUTE ON FUNCTION shop.doubled FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.doubled TO review_reader;
"""
QUERIES = """
-- name: get_score :opt
SELECT i.id, i.score FROM shop.items AS i WHERE i.id = :id;
-- name: titles :many
SELECT i.title FROM shop.items AS i;
-- name: prices :many
SELECT i.price FROM shop.items AS i;
-- name: add_item :exec
INSERT INTO shop.items (id, title, note) VALUES (:id, :title, :note);
-- name: set_note :exec
UPDATE shop.items SET note = :note WHERE id = :id;
-- name: drop_item :exec
DELETE FROM shop.items WHERE id = :id;
-- name: drafts :many
SELECT i.id FROM shop.items AS i WHERE i.stage = 'draft';
-- name: in_stage :many
SELECT i.id FROM shop.items AS i WHERE i.stage = :stage;
-- name: sizes :many
SELECT DISTINCT i.size FROM shop.items AS i;
-- name: of_owner :many
SELECT o.email, i.title FROM shop.owners AS o INNER JOIN shop.items AS i ON i.owner_id = o.id WHERE o.id = :id;
-- name: add_owner :exec
INSERT INTO shop.owners (id, email, born) VALUES (:id, :email, :born);
-- name: sold :many
SELECT s.amount FROM shop.sales AS s WHERE s.sold_on >= :since;
-- name: sell :exec
INSERT INTO shop.sales (item_id, sold_on, amount) VALUES (:item, :sold_on, :amount);
-- name: live :many
SELECT v.id, v.title FROM shop.live_items AS v;
-- name: totals :many
SELECT t.item_id, t.amount FROM shop.totals AS t;
-- name: doubled :one
SELECT shop.doubled(:n) AS n;
-- name: named :many
SELECT n.id, n.title FROM shop.named(:owner) AS n;
-- name: best :one
SELECT shop.best(:lowest) AS id;
"""


class Change(NamedTuple):
    """A migration, the queries that it breaks, and words of what is said of one of them."""

    sql: str
    broken: set[str]
    words: str


OF_ITEMS = {"get_score", "titles", "prices", "add_item", "set_note", "drop_item", "drafts", "in_stage", "sizes"}
EVERY = {*OF_ITEMS, "of_owner", "add_owner", "sold", "sell", "live", "totals", "doubled", "named", "best"}
READER = {"get_score", "titles", "prices", "drafts", "in_stage", "sizes", "of_owner", "named"}

ERRORS = {
    "column dropped": (
        Change(
            "ALTER TABLE shop.items DROP COLUMN score CASCADE",
            {"get_score", "live", "best"},
            "get_score of v1 uses shop.items.score, which this drops",
        ),
        Change(
            "ALTER TABLE shop.items DROP COLUMN note",
            {"add_item", "set_note"},
            "shop.items.note, which this drops",
        ),
        Change("ALTER TABLE shop.owners DROP COLUMN born", {"add_owner"}, "uses shop.owners.born, which this drops"),
        Change(
            "ALTER TABLE shop.sales DROP COLUMN amount CASCADE",
            {"sold", "sell", "totals"},
            "sales.amount, which",
        ),
    ),
    "column renamed": (
        Change(
            "ALTER TABLE shop.items RENAME COLUMN score TO points",
            {"get_score", "best"},
            "to shop.items.points",
        ),
        Change(
            "ALTER TABLE shop.items RENAME COLUMN title TO name",
            {"titles", "add_item", "of_owner", "named"},
            "uses shop.items.title, which this renames to shop.items.name",
        ),
        Change("ALTER TABLE shop.sales RENAME sold_on TO day", {"sold", "sell"}, "renames to shop.sales.day"),
        Change("ALTER VIEW shop.totals RENAME COLUMN amount TO total", {"totals"}, "renames to shop.totals.total"),
    ),
    "column retyped": (
        Change(
            "DROP VIEW shop.live_items; ALTER TABLE shop.items ALTER score TYPE bigint",
            {"get_score", "live"},
            "which this changes from integer to bigint",
        ),
        Change(
            "ALTER TABLE shop.items ALTER price DROP DEFAULT, ALTER price TYPE double precision",
            {"prices"},
            "from numeric(10,2) to double precision",
        ),
        Change("ALTER TABLE shop.items ALTER size TYPE text", {"sizes"}, "from shop.size to text"),
        Change(
            "ALTER TABLE shop.owners ALTER born TYPE timestamptz",
            {"add_owner"},
            "was generated for the parameter $3 as date",
        ),
    ),
    "made not null": (
        Change("ALTER TABLE shop.items ALTER note SET NOT NULL", {"add_item", "set_note"}, "makes NOT NULL"),
        Change("ALTER TABLE shop.items ALTER score SET NOT NULL", {"add_item"}, "inserts without shop.items.score"),
        Change("ALTER TABLE shop.owners ALTER born SET NOT NULL", {"add_owner"}, "NULL into shop.owners.born"),
        Change("ALTER TABLE shop.items ADD COLUMN colour text NOT NULL", {"add_item"}, "without shop.items.colour"),
    ),
    "table renamed": (
        Change(
            "ALTER TABLE shop.items RENAME TO goods",
            {*OF_ITEMS, "of_owner", "named", "best"},
            "renames to shop.goods",
        ),
        Change("ALTER TABLE shop.owners RENAME TO people", {"of_owner", "add_owner"}, "renames to shop.people"),
        Change("ALTER TABLE shop.sales RENAME TO deals", {"sold", "sell"}, "renames to shop.deals"),
        Change("ALTER VIEW shop.totals RENAME TO sums", {"totals"}, "renames to shop.sums"),
        Change("DROP TABLE shop.sales CASCADE", {"sold", "sell", "totals"}, "uses shop.sales, which this drops"),
    ),
    "schema renamed": (
        Change("ALTER SCHEMA shop RENAME TO store", EVERY, "shop.items, which this renames to store.items"),
        Change(
            "CREATE SCHEMA store; ALTER TABLE shop.owners SET SCHEMA store",
            {"of_owner", "add_owner"},
            "renames to store.owners",
        ),
        Change(
            "CREATE SCHEMA store; ALTER FUNCTION shop.doubled SET SCHEMA store",
            {"doubled"},
            "renames to store.doubled",
        ),
    ),
    "enum value renamed": (
        Change("ALTER TYPE shop.stage RENAME VALUE 'draft' TO 'new'", {"drafts", "in_stage"}, "the value 'draft'"),
        Change("ALTER TYPE shop.stage RENAME VALUE 'live' TO 'shown'", {"in_stage"}, "whose value 'live'"),
        Change("ALTER TYPE shop.size RENAME VALUE 'small' TO 'S'", {"sizes"}, "shop.size, whose value 'small'"),
    ),
    "function changed": (
        Change(
            "DROP FUNCTION shop.doubled;"
            "CREATE FUNCTION shop.doubled(n integer) RETURNS bigint LANGUAGE sql AS 'SELECT n * 2::bigint'",
            {"doubled"},
            "bigint",
        ),
        Change(
            "DROP FUNCTION shop.doubled;"
            "CREATE FUNCTION shop.doubled(n text) RETURNS integer LANGUAGE sql AS 'SELECT 2'",
            {"doubled"},
            "the parameter $1 as integer",
        ),
        Change("DROP FUNCTION shop.named", {"named"}, "calls shop.named(owner integer), which this drops"),
        Change(
            "DROP FUNCTION shop.named;"
            "CREATE FUNCTION shop.named(owner integer) RETURNS TABLE (id integer, name text)"
            " LANGUAGE sql AS 'SELECT i.id, i.title FROM shop.items AS i WHERE i.owner_id = owner'",
            {"named"},
            "title",
        ),
    ),
    "function hidden by another": (
        # Of two functions for a parameter without a type, the server takes the one for text.
        Change(
            "CREATE FUNCTION shop.doubled(n text) RETURNS text LANGUAGE sql AS 'SELECT n || n'",
            {"doubled"},
            "the server reports text",
        ),
        Change(
            "CREATE FUNCTION shop.doubled(n boolean) RETURNS boolean LANGUAGE sql AS 'SELECT n'",
            {"doubled"},
            "is not unique",
        ),
    ),
    "view replaced": (
        Change(
            "DROP VIEW shop.live_items; CREATE VIEW shop.live_items AS SELECT id FROM shop.items",
            {"live"},
            "shop.live_items",
        ),
        Change(
            "DROP VIEW shop.totals;CREATE VIEW shop.totals AS SELECT s.item_id, s.amount FROM shop.sales AS s",
            {"totals"},
            "bigint, and the server reports integer",
        ),
        Change("DROP VIEW shop.live_items", {"live"}, "uses shop.live_items, which this drops"),
    ),
    "privilege revoked": (
        Change("REVOKE SELECT ON shop.items FROM review_reader", {*READER}, "as review_reader"),
        Change("REVOKE SELECT ON shop.owners FROM review_reader", {"of_owner"}, "permission denied for table owners"),
        Change("REVOKE EXECUTE ON FUNCTION shop.doubled FROM review_reader", {"doubled"}, "function doubled"),
        Change(
            "REVOKE USAGE ON SCHEMA shop FROM review_reader",
            {*READER, "doubled", "best"},
            "permission denied for schema shop",
        ),
        Change(
            "REVOKE review_reader FROM review_service",
            {*READER, "doubled", "best"},
            "as review_service",
        ),
    ),
}
WARNINGS = {
    "constraint added": (
        Change("ALTER TABLE shop.items ADD CONSTRAINT long CHECK (title > 3::text) NOT VALID", {"add_item"}, "long"),
        Change("ALTER TABLE shop.items ADD CHECK (note <> '')", {"add_item", "set_note"}, "note <> ''"),
        Change("CREATE UNIQUE INDEX ON shop.items (title)", {"add_item"}, "UNIQUE INDEX"),
        Change(
            "CREATE TABLE shop.others (item_id integer REFERENCES shop.items (id))",
            {"drop_item"},
            "others_item_id_fkey",
        ),
        Change(
            "ALTER TABLE shop.sales ADD FOREIGN KEY (item_id) REFERENCES shop.items (id)",
            {"sell", "drop_item"},
            "FOREIGN KEY (item_id)",
        ),
        Change("ALTER TABLE shop.owners ADD UNIQUE (email)", {"add_owner"}, "UNIQUE (email)"),
    ),
    "view replaced": (
        Change(
            "CREATE OR REPLACE VIEW shop.live_items AS"
            " SELECT nullif(id, 0) AS id, title, score FROM shop.items WHERE stage = 'live'",
            {"live"},
            "never NULL",
        ),
    ),
    "rows hidden": (
        Change("ALTER TABLE shop.owners ENABLE ROW LEVEL SECURITY", {"of_owner", "add_owner"}, "rows policies hide"),
    ),
    "made nullable": (
        Change("ALTER TABLE shop.items ALTER title DROP NOT NULL", {"titles", "of_owner", "live"}, "never NULL"),
    ),
}
SAFE = (
    "ALTER TABLE shop.items ADD COLUMN colour text",
    "ALTER TABLE shop.items ADD COLUMN depth integer NOT NULL DEFAULT 1",
    "CREATE INDEX ON shop.items (title)",
    "ALTER TYPE shop.stage ADD VALUE 'gone'",
    "CREATE TABLE shop.others (item_id integer REFERENCES shop.items (id) ON DELETE CASCADE)",
    "ALTER TABLE shop.items ALTER price TYPE numeric(12, 2)",
    "ALTER TABLE shop.items ALTER score SET DEFAULT 0",
    "ALTER TABLE shop.items RENAME CONSTRAINT items_pkey TO items_pk",
    "ALTER INDEX shop.items_pkey RENAME TO items_pk",
    "CREATE OR REPLACE VIEW shop.live_items AS SELECT id, title, score, note FROM shop.items WHERE stage = 'live'",
    "CREATE OR REPLACE FUNCTION shop.doubled(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n + n'",
    "CREATE FUNCTION shop.doubled(n integer, m integer) RETURNS integer LANGUAGE sql AS 'SELECT n * m'",
    "CREATE TABLE shop.sales_2027 PARTITION OF shop.sales FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
    "GRANT INSERT ON shop.items TO review_reader",
    "COMMENT ON TABLE shop.items IS 'What is sold.'",
    "ALTER TABLE shop.items ALTER note TYPE text, ALTER title SET STATISTICS 500",
)
