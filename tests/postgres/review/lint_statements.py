"""Generates migrations of every kind: each action of ALTER TABLE with kinds of columns and options, and other DDL.

``statements()`` gives some thousands, always the same in the same order. Each is one migration on ``SCHEMA``; the
last of its statements is the one that counts.
"""

# ruff: noqa: E501  # a statement a line reads better
from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = (
    "smallint", "int", "bigint", "numeric", "numeric(10, 2)", "numeric(12, 2)", "numeric(12, 4)", "real",
    "double precision", "money", "oid", "regclass", "text", "varchar", "varchar(10)", "varchar(20)", "char(5)",
    "char(8)", "bpchar", '"char"', "name", "bytea", "boolean", "uuid", "json", "jsonb", "xml", "date", "time",
    "time(3)", "timetz", "timestamp", "timestamp(3)", "timestamptz", "timestamptz(3)", "timestamptz(6)", "interval",
    "interval(3)", "interval day to second", "interval day to second(3)", "interval year to month", "interval hour",
    "bit(4)", "bit(8)", "varbit", "varbit(4)", "varbit(8)", "inet", "cidr", "macaddr", "int4range", "point",
    "int[]", "bigint[]", "text[]", "varchar[]", "varchar(10)[]", "varchar(20)[]", "numeric(10, 2)[]",
    "numeric(12, 2)[]", "timestamp[]", "timestamptz[]", "gen.mood", "gen.plain", "gen.short", "gen.checked",
    "gen.nested", "gen.filled", "gen.pair",
)  # fmt: skip
_NO_INDEX = frozenset({"json", "xml", "point"})
_COLUMNS = ", ".join(f"c{number} {name}" for number, name in enumerate(TYPES))
_INDEXES = "\n".join(
    f"CREATE INDEX kept_c{number} ON gen.indexed (c{number});"
    for number, name in enumerate(TYPES)
    if name not in _NO_INDEX
)
SCHEMA = f"""
CREATE SCHEMA gen;
CREATE TYPE gen.mood AS ENUM ('good', 'bad');
CREATE TYPE gen.pair AS (a int, b text);
CREATE DOMAIN gen.plain AS text;
CREATE DOMAIN gen.short AS varchar(10);
CREATE DOMAIN gen.checked AS int CHECK (VALUE IS DISTINCT FROM -77);
CREATE DOMAIN gen.nested AS gen.plain;
CREATE DOMAIN gen.filled AS int DEFAULT 5;
CREATE FUNCTION gen.stable() RETURNS int STABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION gen.fixed(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n; END';
CREATE FUNCTION gen.moving() RETURNS int VOLATILE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION gen.unsaid() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION gen.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE SEQUENCE gen.numbers;
CREATE TABLE gen.types (id int PRIMARY KEY, {_COLUMNS});
CREATE TABLE gen.indexed (id int PRIMARY KEY, {_COLUMNS});
{_INDEXES}
CREATE TABLE gen.doors (id bigint PRIMARY KEY, code text UNIQUE);
CREATE TABLE gen.books (
    id int PRIMARY KEY, title text, pages int NOT NULL, shelf varchar(20), price numeric(10, 2), door_id bigint,
    "Odd name" text, "serial" int, made timestamptz DEFAULT now(), span int4range, mood gen.mood DEFAULT 'good',
    verified text, either text, twice int GENERATED ALWAYS AS (pages * 2) STORED, note text COLLATE "C",
    CONSTRAINT proven_given CHECK (verified IS NOT NULL AND length(verified) < 100),
    CONSTRAINT either_given CHECK (either IS NOT NULL OR title IS NOT NULL),
    CONSTRAINT shelf_short CHECK (length(shelf) < 30)
);
ALTER TABLE gen.books ADD CONSTRAINT pages_some CHECK (pages > 0) NOT VALID;
ALTER TABLE gen.books ADD CONSTRAINT doors_there FOREIGN KEY (door_id) REFERENCES gen.doors (id) NOT VALID;
CREATE INDEX books_title ON gen.books (title);
CREATE UNIQUE INDEX books_pages ON gen.books (pages);
CREATE UNIQUE INDEX books_shelf ON gen.books (shelf);
CREATE INDEX books_lower ON gen.books (lower(note)) WHERE price > 0;
CREATE TABLE gen.loans (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, book_id int REFERENCES gen.books (id), since date
);
CREATE TABLE gen.plain_rows (id int, other int);
CREATE UNLOGGED TABLE gen.quick (id int PRIMARY KEY);
CREATE TABLE gen.parent (id int NOT NULL, kind int NOT NULL, note text) PARTITION BY RANGE (kind);
CREATE TABLE gen.part_1 PARTITION OF gen.parent FOR VALUES FROM (0) TO (10);
CREATE TABLE gen.part_free (id int NOT NULL, kind int NOT NULL, note text);
CREATE TABLE gen.part_proven (
    id int NOT NULL, kind int NOT NULL, note text, CONSTRAINT in_range CHECK (kind >= 20 AND kind < 30)
);
CREATE TABLE gen.rest_parent (kind int NOT NULL) PARTITION BY LIST (kind);
CREATE TABLE gen.rest PARTITION OF gen.rest_parent DEFAULT;
CREATE TABLE gen.elder (id int, note text);
CREATE TABLE gen.child () INHERITS (gen.elder);
CREATE TABLE gen.loner (id int, note text);
CREATE MATERIALIZED VIEW gen.totals AS SELECT count(*) AS n FROM gen.loans;
CREATE UNIQUE INDEX totals_n ON gen.totals (n);
CREATE TABLE gen.gates (id int, name text, kind int, used int, free int);
CREATE TABLE gen.passes (id int, gate_id int, name text, door int, free int);
CREATE TRIGGER touch BEFORE UPDATE ON gen.plain_rows FOR EACH ROW EXECUTE FUNCTION gen.touch();
CREATE POLICY own ON gen.plain_rows USING (id = 1);
CREATE RULE quiet AS ON DELETE TO gen.quick DO INSTEAD NOTHING;
"""

_DEFAULTS = (
    "1", "'1'", "NULL", "-1", "1 + 1", "gen.stable()", "gen.fixed(3)", "gen.moving()", "gen.unsaid()",
    "nextval('gen.numbers')", "length('random()')", "abs(-3)", "floor(random())::int", "(random())::int",
    "coalesce(NULL, 2)", "greatest(1, 2)", "nullif(1, 2)", "CASE WHEN true THEN 1 ELSE 2 END", "extract(year FROM now())::int",
    "date_part('year', CURRENT_DATE)::int", "pg_backend_pid()", "EXTRACT(epoch FROM clock_timestamp())::int",
    '"gen"."moving"()', "pg_catalog.abs(1)", "CAST('5' AS int)", "int '7'", "(ARRAY[1, 2])[1]", "jsonb_array_length('[]')",
)  # fmt: skip
_TYPED_DEFAULTS = (
    ("timestamptz", "now()"), ("timestamptz", "CURRENT_TIMESTAMP"), ("timestamptz", "clock_timestamp()"),
    ("timestamptz", "statement_timestamp()"), ("timestamptz", "transaction_timestamp()"), ("date", "CURRENT_DATE"),
    ("timestamptz", "CURRENT_TIMESTAMP(3)"), ("timestamp", "LOCALTIMESTAMP(0)"), ("text", "timeofday()"),
    ("timestamptz", "now() - interval '1 day'"), ("timestamptz", "date_trunc('day', now())"), ("uuid", "gen_random_uuid()"),
    ("uuid", "pg_catalog.gen_random_uuid()"), ("uuid", "md5('a')::uuid"), ("uuid", "md5(random()::text)::uuid"),
    ("text", "current_user"), ("text", "session_user"), ("text", "current_setting('TimeZone')"), ("text", "version()"),
    ("text", "to_char(now(), 'YYYY')"), ("text", "upper('a' || 'b')"), ("text", "format('%s', 1)"), ("text", "substr('abc', 2)"),
    ("text", "substring('abc' FROM 2)"), ("text", "trim(both ' ' FROM ' a ')"), ("text", "overlay('abc' PLACING 'x' FROM 2)"),
    ("text", "replace('a', 'b', 'c')"), ("text", "regexp_replace('a', 'b', 'c')"), ("text", "concat('a', 1)"),
    ("text", "array_to_string(ARRAY[1], ',')"), ("text", "current_database()"), ("text", "pg_typeof(1)::text"),
    ("jsonb", "'{}'"), ("jsonb", "'{}'::jsonb"), ("jsonb", "jsonb_build_object('a', 1)"), ("jsonb", "to_jsonb(1)"),
    ("jsonb", "jsonb_build_array()"), ("text[]", "'{}'"), ("text[]", "ARRAY[]::text[]"), ("text[]", "string_to_array('a', ',')"),
    ("numeric(10, 2)", "0::numeric(10, 2)"), ("numeric", "round(1.5, 1)"), ("interval", "make_interval(days => 1)"),
    ("date", "make_date(2020, 1, 1)"), ("inet", "inet '10.0.0.1'"), ("bytea", "decode('', 'hex')"), ("bytea", "sha256('a')"),
    ("gen.mood", "'good'"), ("gen.mood", "'good'::gen.mood"), ("gen.filled", None), ("gen.filled", "3"), ("gen.plain", "'a'"),
    ("gen.short", "'a'"), ("gen.checked", None), ("gen.checked", "1"), ("gen.checked[]", None), ("gen.nested", "'b'"),
    ("gen.pair", None), ("gen.pair", "ROW(1, 'a')"), ("bigint", "txid_current()"), ("tsvector", "to_tsvector('a')"),
    ("varchar(10)", "'a'"), ("character varying(10)", "'a'::character varying(10)"), ("char(3)", "'a'"), ("bit(3)", "B'101'"),
    ("xml", "xmlelement(name a)"), ("text", "quote_ident('a')"), ("text", "COLLATION FOR ('a')"),
    ("double precision", "pi()"), ("double precision", "random()"), ("text", "lpad('1', 3, '0')"),
)  # fmt: skip
_WITH = (
    "", " NOT NULL", " CHECK ({c} > 0)", " UNIQUE", " REFERENCES gen.doors (id)", " NOT NULL REFERENCES gen.doors (id)",
    " CONSTRAINT k REFERENCES gen.doors", " CHECK ({c} > 0) NO INHERIT", " CHECK ({c} > 0) NOT ENFORCED",
    " REFERENCES gen.doors (id) NOT ENFORCED", " PRIMARY KEY", " REFERENCES gen.doors (id) DEFERRABLE INITIALLY DEFERRED",
    " REFERENCES gen.doors (id) ON DELETE SET NULL", " NULL", " UNIQUE DEFERRABLE", " CONSTRAINT k NOT NULL",
    " UNIQUE NULLS NOT DISTINCT",
)  # fmt: skip
_TABLES = ("gen.books", "gen.plain_rows", "gen.parent", "gen.elder")


def statements() -> Iterator[str]:
    """Give all migrations."""
    yield from _type_changes()
    yield from _new_columns()
    yield from _columns()
    yield from _constraints()
    yield from _tables()
    yield from _partitions()
    yield from _indexes()
    yield from _others()
    yield from _made_here()
    yield from _used()
    yield from _writes()


def _type_changes() -> Iterator[str]:
    for table in ("gen.types", "gen.indexed"):
        for number, new in product(range(len(TYPES)), TYPES):
            yield f"ALTER TABLE {table} ALTER COLUMN c{number} TYPE {new}"
    for number, (old, new) in enumerate(zip(TYPES, (*TYPES[1:], TYPES[0]), strict=True)):
        for using in (
            f"c{number}::{new}",
            f"CAST(c{number} AS {new})",
            f"(c{number})::{new}",
            f"c{number}::text::{new}",
        ):
            yield f"ALTER TABLE gen.types ALTER c{number} SET DATA TYPE {new} USING {using}"
        yield f"ALTER TABLE gen.types ALTER c{number} TYPE {old} USING c{number}"
        yield f"SET LOCAL timezone = 'UTC'; ALTER TABLE gen.types ALTER c{number} TYPE {new}"
    for zone, old, new in product(
        ("UTC", "Europe/Berlin"), ("timestamp", "timestamp(3)"), ("timestamptz", "timestamptz(3)")
    ):
        yield f"SET timezone TO '{zone}'; ALTER TABLE gen.types ALTER c{TYPES.index(old)} TYPE {new}"
        yield f"SET timezone TO '{zone}'; ALTER TABLE gen.indexed ALTER c{TYPES.index(new)} TYPE {old}"
    for column, new in product(
        ("title", "shelf", "note", "verified", '"Odd name"', "price"),
        ('text COLLATE "C"', 'text COLLATE "default"', "varchar(40)", "varchar(5)", "text", "numeric(14, 2)", 'varchar(40) COLLATE "C"',
         '"text"', '"varchar"(40)', "pg_catalog.text", "character varying (40)", "gen.plain", "gen.short"),
    ):  # fmt: skip
        yield f"ALTER TABLE gen.books ALTER {column} TYPE {new}"
    for column, using in product(("title", "pages"), ("upper({c})", "{c} || ''", "({c})", "{c} + 0", "NULL")):
        yield f"ALTER TABLE gen.books ALTER {column} TYPE text USING {using.format(c=column)}"
    for table, column in (
        ("gen.parent", "note"),
        ("gen.elder", "note"),
        ("gen.parent", "id"),
        ("gen.elder", "id"),
        ("gen.loans", "book_id"),
    ):
        yield f"ALTER TABLE {table} ALTER {column} TYPE varchar(99)"
        yield f"ALTER TABLE {table} ALTER {column} TYPE bigint"


def _new_columns() -> Iterator[str]:
    for default, more in product((None, "1", "NULL", "gen.stable()", "random()::bigint"), _WITH):
        given = f" DEFAULT {default}" if default else ""
        yield f"ALTER TABLE gen.books ADD COLUMN n bigint{given}{more.format(c='n')}"
        yield f"ALTER TABLE gen.books ADD n bigint{more.format(c='n')}{given}"
    for default, table in product(_DEFAULTS, _TABLES):
        yield f"ALTER TABLE {table} ADD COLUMN n int DEFAULT {default}"
    for name, default in _TYPED_DEFAULTS:
        given = f" DEFAULT {default}" if default else ""
        yield f"ALTER TABLE gen.books ADD COLUMN n {name}{given}"
        yield f"ALTER TABLE gen.books ADD COLUMN n {name}{given} NOT NULL"
    for name in (
        *TYPES,
        "serial",
        "bigserial",
        '"serial"',
        '"bigserial"',
        "smallserial",
        "serial8",
        '"int4"',
        "pg_catalog.int4",
    ):
        yield f"ALTER TABLE gen.books ADD COLUMN IF NOT EXISTS n {name}"
        yield f'ALTER TABLE gen.books ADD "n n" {name}'
    for kind, more in product(
        ("", "STORED", "VIRTUAL"), ("", " NOT NULL", " CHECK (n > 0)", " UNIQUE", " REFERENCES gen.doors (id)")
    ):
        for expression in ("pages * 2", "1", "length(title)"):
            yield f"ALTER TABLE gen.books ADD COLUMN n int GENERATED ALWAYS AS ({expression}) {kind}{more}"
    for identity in ("ALWAYS", "BY DEFAULT"):
        yield f"ALTER TABLE gen.books ADD COLUMN n int GENERATED {identity} AS IDENTITY"
        yield f"ALTER TABLE gen.books ADD COLUMN n bigint GENERATED {identity} AS IDENTITY (START 100) PRIMARY KEY"
    yield from (
        "ALTER TABLE gen.books ADD COLUMN IF NOT EXISTS title text DEFAULT random()::text",
        "ALTER TABLE gen.books ADD COLUMN IF NOT EXISTS title text NOT NULL CHECK (title <> '')",
        'ALTER TABLE gen.books ADD COLUMN IF NOT EXISTS "Odd name" serial',
        "ALTER TABLE gen.books ADD COLUMN a int, ADD COLUMN b int DEFAULT 2",
        "ALTER TABLE gen.books ADD COLUMN a int, ADD CHECK (a > 0)",
        "ALTER TABLE gen.books ADD COLUMN a int DEFAULT 1, ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE gen.books ADD COLUMN a int DEFAULT 1, ADD FOREIGN KEY (a) REFERENCES gen.doors (id)",
        "ALTER TABLE gen.books ADD COLUMN a text COLLATE \"C\" DEFAULT 'x'",
        "ALTER TABLE gen.books ADD COLUMN a text STORAGE EXTERNAL DEFAULT 'x'",
        "ALTER TABLE gen.books ADD COLUMN a text COMPRESSION pglz DEFAULT random()::text",
    )


def _columns() -> Iterator[str]:
    for column in ("title", "pages", "verified", "either", '"Odd name"', "id", "mood", "twice", "shelf"):
        for action in (
            "SET NOT NULL", "DROP NOT NULL", "SET DEFAULT NULL", "DROP DEFAULT", "SET STATISTICS 100", "SET STORAGE PLAIN",
            "SET STORAGE EXTENDED", "SET COMPRESSION pglz", "SET (n_distinct = 5)", "RESET (n_distinct)", "DROP EXPRESSION",
            "DROP EXPRESSION IF EXISTS", "SET EXPRESSION AS (pages * 3)", "ADD GENERATED ALWAYS AS IDENTITY",
            "DROP IDENTITY IF EXISTS",
        ):  # fmt: skip
            yield f"ALTER TABLE gen.books ALTER COLUMN {column} {action}"
        yield f"ALTER TABLE gen.books DROP COLUMN {column}"
        yield f"ALTER TABLE gen.books DROP COLUMN IF EXISTS {column} CASCADE"
        yield f"ALTER TABLE gen.books RENAME COLUMN {column} TO new_name"
        yield f"ALTER TABLE gen.books ADD CONSTRAINT new_name NOT NULL {column}"
        yield f"ALTER TABLE gen.books ADD CONSTRAINT new_name NOT NULL {column} NOT VALID"
        yield f"ALTER TABLE gen.books ADD NOT NULL {column} NO INHERIT"
        yield f"ALTER TABLE gen.books ADD NOT NULL {column} NOT VALID; ALTER TABLE gen.books ALTER {column} SET NOT NULL"
    for action in ("SET GENERATED BY DEFAULT", "RESTART", "SET START 5 SET INCREMENT 2", "DROP IDENTITY"):
        yield f"ALTER TABLE gen.loans ALTER COLUMN id {action}"
    for column in ("id", "note", "kind"):
        yield f"ALTER TABLE gen.parent ALTER COLUMN {column} SET NOT NULL"
        yield f"ALTER TABLE gen.parent ALTER COLUMN {column} DROP NOT NULL"
        yield f"ALTER TABLE gen.parent DROP COLUMN {column}"
        yield f"ALTER TABLE gen.elder ALTER COLUMN {column} SET NOT NULL"
        yield f"ALTER TABLE ONLY gen.elder ALTER COLUMN {column} DROP NOT NULL"


def _constraints() -> Iterator[str]:
    checks = ("CHECK (pages > 0)", "CHECK (title IS NOT NULL)", "CHECK (\"Odd name\" <> '')", "CHECK (true)")
    keys = (
        "UNIQUE (title)", "UNIQUE (pages, title)", "PRIMARY KEY (pages)", "UNIQUE NULLS NOT DISTINCT (title)",
        "UNIQUE (title) INCLUDE (pages)", "UNIQUE (title) DEFERRABLE", "EXCLUDE USING gist (span WITH &&)",
        "EXCLUDE (title WITH =)", "UNIQUE (pages, span WITHOUT OVERLAPS)", "UNIQUE USING INDEX books_pages",
        "PRIMARY KEY USING INDEX books_pages", "PRIMARY KEY USING INDEX books_shelf", "UNIQUE USING INDEX books_shelf",
    )  # fmt: skip
    foreign = (
        "FOREIGN KEY (door_id) REFERENCES gen.doors (id)", "FOREIGN KEY (door_id) REFERENCES gen.doors",
        "FOREIGN KEY (title) REFERENCES gen.doors (code) ON DELETE CASCADE",
        "FOREIGN KEY (door_id) REFERENCES gen.doors (id) DEFERRABLE INITIALLY DEFERRED",
        "FOREIGN KEY (id) REFERENCES gen.books (id)",
    )  # fmt: skip
    for body, end, name in product(
        (*checks, *foreign), ("", " NOT VALID", " NOT ENFORCED", " ENFORCED", " NO INHERIT"), ("", "CONSTRAINT k ")
    ):
        yield f"ALTER TABLE gen.books ADD {name}{body}{end}"
    for body, drop in product(keys, ("", "DROP CONSTRAINT books_pkey CASCADE, ")):
        yield f"ALTER TABLE gen.books {drop}ADD CONSTRAINT k {body}"
    for body, drop in product(
        ("PRIMARY KEY (id)", "PRIMARY KEY (id, other)", "UNIQUE (other)", "CHECK (id > 0)"), ("", "CONSTRAINT k ")
    ):
        yield f"ALTER TABLE gen.plain_rows ADD {drop}{body}"
    yield "CREATE UNIQUE INDEX u ON gen.books (pages); ALTER TABLE gen.books DROP CONSTRAINT books_pkey CASCADE; ALTER TABLE gen.books ADD PRIMARY KEY USING INDEX u"
    yield "ALTER TABLE gen.plain_rows ALTER id SET NOT NULL; ALTER TABLE gen.plain_rows ADD PRIMARY KEY (id)"
    for name in ("pages_some", "doors_there", "proven_given", "books_pkey", "shelf_short", "missing"):
        for action in (
            "DROP CONSTRAINT {n}", "DROP CONSTRAINT IF EXISTS {n} CASCADE", "VALIDATE CONSTRAINT {n}",
            "RENAME CONSTRAINT {n} TO m", "ALTER CONSTRAINT {n} DEFERRABLE", "ALTER CONSTRAINT {n} NOT ENFORCED",
            "ALTER CONSTRAINT {n} ENFORCED", "ALTER CONSTRAINT {n} NO INHERIT", "ALTER CONSTRAINT {n} INHERIT",
        ):  # fmt: skip
            yield f"ALTER TABLE gen.books {action.format(n=name)}"
    yield "ALTER TABLE gen.loans DROP CONSTRAINT loans_book_id_fkey"
    yield "ALTER TABLE gen.loans ALTER CONSTRAINT loans_book_id_fkey DEFERRABLE"
    yield "ALTER TABLE gen.loans ALTER CONSTRAINT loans_book_id_fkey NOT ENFORCED"
    yield "ALTER TABLE gen.loans ALTER CONSTRAINT loans_book_id_fkey NOT ENFORCED; ALTER TABLE gen.loans ALTER CONSTRAINT loans_book_id_fkey ENFORCED"
    for table in ("gen.parent", "gen.elder"):
        for body in (
            "CHECK (id > 0)",
            "CHECK (id > 0) NOT VALID",
            "UNIQUE (id, kind)",
            "FOREIGN KEY (id) REFERENCES gen.doors (id)",
        ):
            yield f"ALTER TABLE {table} ADD CONSTRAINT k {body}"
            yield f"ALTER TABLE ONLY {table} ADD CONSTRAINT k {body}"


def _tables() -> Iterator[str]:
    actions = (
        "SET (fillfactor = 70)", "RESET (fillfactor)", "SET (autovacuum_enabled = false)", "SET (parallel_workers = 2)", "SET LOGGED", "SET UNLOGGED",
        "SET TABLESPACE pg_default", "SET ACCESS METHOD heap", "SET ACCESS METHOD DEFAULT", "CLUSTER ON books_pages", "SET WITHOUT CLUSTER",
        "SET WITHOUT OIDS", "REPLICA IDENTITY FULL", "REPLICA IDENTITY NOTHING", "REPLICA IDENTITY DEFAULT",
        "REPLICA IDENTITY USING INDEX books_pages", "ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY",
        "FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY", "ENABLE TRIGGER ALL", "DISABLE TRIGGER USER",
        "ENABLE TRIGGER touch", "DISABLE TRIGGER touch", "ENABLE ALWAYS TRIGGER touch", "ENABLE REPLICA TRIGGER touch",
        "ENABLE RULE quiet", "DISABLE RULE quiet", "OWNER TO CURRENT_USER", "RENAME TO new_name", "SET SCHEMA public",
        "INHERIT gen.elder", "NO INHERIT gen.elder", "OF gen.pair", "NOT OF", "SET (toast_tuple_target = 128)",
        "SET (user_catalog_table = false)", "SET (log_autovacuum_min_duration = 5)",
    )  # fmt: skip
    for action, table in product(
        actions, ("gen.books", "gen.plain_rows", "gen.quick", "gen.parent", "gen.loner", "gen.child")
    ):
        yield f"ALTER TABLE {table} {action}"
    yield "ALTER TABLE IF EXISTS gen.missing ADD COLUMN a serial"
    yield "ALTER TABLE IF EXISTS gen.books ADD COLUMN a serial"
    yield "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE pg_default"
    for table in (
        "gen.books",
        "gen.loans",
        "gen.plain_rows",
        "gen.part_1",
        "gen.parent",
        "gen.doors",
        "gen.child",
        "gen.rest",
    ):
        yield f"DROP TABLE {table}"
        yield f"DROP TABLE IF EXISTS {table} CASCADE"
        yield f"TRUNCATE {table}"
        yield f"TRUNCATE TABLE ONLY {table} RESTART IDENTITY CASCADE"
        yield f"LOCK TABLE {table}"
        for mode in (
            "ACCESS SHARE",
            "ROW SHARE",
            "ROW EXCLUSIVE",
            "SHARE UPDATE EXCLUSIVE",
            "SHARE",
            "SHARE ROW EXCLUSIVE",
            "EXCLUSIVE",
        ):
            yield f"LOCK TABLE {table} IN {mode} MODE"
        yield f"CLUSTER {table}"
        yield f"COMMENT ON TABLE {table} IS 'a'"
        yield f"GRANT SELECT ON {table} TO PUBLIC"
        yield f"ANALYZE {table}"
    yield "CLUSTER gen.books USING books_pages"
    yield "CLUSTER (VERBOSE) gen.books USING books_pkey"


def _partitions() -> Iterator[str]:
    for bound in (
        "FROM (40) TO (50)",
        "FROM (20) TO (30)",
        "FROM (21) TO (29)",
        "FROM (10) TO (20)",
        "FROM (MINVALUE) TO (0)",
    ):
        for part in ("gen.part_free", "gen.part_proven"):
            yield f"ALTER TABLE gen.parent ATTACH PARTITION {part} FOR VALUES {bound}"
        yield f"CREATE TABLE gen.part_new PARTITION OF gen.parent FOR VALUES {bound}"
        yield f"CREATE TABLE gen.part_new (LIKE gen.parent); ALTER TABLE gen.parent ATTACH PARTITION gen.part_new FOR VALUES {bound}"
    yield "ALTER TABLE gen.parent ATTACH PARTITION gen.part_free DEFAULT"
    yield "CREATE TABLE gen.part_new PARTITION OF gen.parent DEFAULT"
    yield "ALTER TABLE gen.parent DETACH PARTITION gen.part_1"
    yield "CREATE TABLE gen.part_new PARTITION OF gen.rest_parent FOR VALUES IN (7)"
    yield "CREATE TABLE gen.one (kind int NOT NULL); ALTER TABLE gen.rest_parent ATTACH PARTITION gen.one FOR VALUES IN (7)"
    yield "ALTER TABLE gen.rest_parent DETACH PARTITION gen.rest"
    yield "CREATE INDEX i ON ONLY gen.parent (id)"
    yield "CREATE INDEX i ON gen.parent (id)"
    yield "CREATE INDEX i ON ONLY gen.parent (id); CREATE INDEX j ON gen.part_1 (id); ALTER INDEX gen.i ATTACH PARTITION gen.j"


def _indexes() -> Iterator[str]:
    for table, unique, rest in product(
        ("gen.books", "gen.parent"),
        ("", "UNIQUE "),
        ("(id)", "USING btree (id)", "(id) INCLUDE (note)", "(lower(note))", "(id) WHERE id > 0", "USING hash (id)"),
    ):
        yield f"CREATE {unique}INDEX i ON {table} {rest}"
        yield f"CREATE {unique}INDEX IF NOT EXISTS i ON {table} {rest}"
        yield f"CREATE {unique}INDEX ON {table} {rest}"
    yield "CREATE INDEX i ON gen.totals (n)"
    for index in ("gen.books_pages", "gen.books_title", "gen.totals_n"):
        for action in (
            "RENAME TO new_name",
            "SET (fillfactor = 70)",
            "RESET (fillfactor)",
            "SET TABLESPACE pg_default",
            "ALTER COLUMN 1 SET STATISTICS 5",
        ):
            yield f"ALTER INDEX {index} {action}"
        yield f"DROP INDEX {index}"
        yield f"DROP INDEX IF EXISTS {index} CASCADE"
        yield f"REINDEX INDEX {index}"
    yield "REINDEX TABLE gen.books"
    yield "REINDEX (VERBOSE) TABLE gen.loans"
    yield "REFRESH MATERIALIZED VIEW gen.totals"
    yield "REFRESH MATERIALIZED VIEW gen.totals WITH NO DATA"
    yield "REFRESH MATERIALIZED VIEW CONCURRENTLY gen.totals"
    for action in (
        "RENAME TO x",
        "SET SCHEMA public",
        "RENAME COLUMN n TO m",
        "SET (fillfactor = 70)",
        "CLUSTER ON totals_n",
        "SET ACCESS METHOD heap",
        "ALTER COLUMN n SET STATISTICS 5",
    ):
        yield f"ALTER MATERIALIZED VIEW gen.totals {action}"
    yield "DROP MATERIALIZED VIEW gen.totals"


def _others() -> Iterator[str]:
    yield from (
        "CREATE TRIGGER t BEFORE INSERT ON gen.books FOR EACH ROW EXECUTE FUNCTION gen.touch()",
        "CREATE OR REPLACE TRIGGER touch AFTER UPDATE OF id ON gen.plain_rows FOR EACH ROW WHEN (old.id > 1) EXECUTE FUNCTION gen.touch()",
        "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON gen.books FROM gen.doors FOR EACH ROW EXECUTE FUNCTION gen.touch()",
        "CREATE TRIGGER t AFTER INSERT ON gen.parent FOR EACH ROW EXECUTE FUNCTION gen.touch()",
        "ALTER TRIGGER touch ON gen.plain_rows RENAME TO t",
        "DROP TRIGGER touch ON gen.plain_rows",
        "DROP TRIGGER IF EXISTS missing ON gen.books",
        "CREATE POLICY p ON gen.books USING (pages > 0)",
        "CREATE POLICY p ON gen.books FOR SELECT TO PUBLIC USING (EXISTS (SELECT FROM gen.doors))",
        "ALTER POLICY own ON gen.plain_rows USING (id = 2)",
        "ALTER POLICY own ON gen.plain_rows RENAME TO o",
        "DROP POLICY own ON gen.plain_rows",
        "CREATE RULE r AS ON INSERT TO gen.books DO ALSO NOTHING",
        "CREATE OR REPLACE RULE quiet AS ON DELETE TO gen.quick DO INSTEAD NOTHING",
        "ALTER RULE quiet ON gen.quick RENAME TO q",
        "DROP RULE quiet ON gen.quick",
        "CREATE VIEW gen.v AS SELECT id FROM gen.books",
        "CREATE OR REPLACE VIEW gen.v AS SELECT id FROM gen.books",
        "CREATE MATERIALIZED VIEW gen.m AS SELECT id FROM gen.books",
        "CREATE MATERIALIZED VIEW gen.m AS SELECT id FROM gen.books WITH NO DATA",
        "CREATE TYPE gen.t AS ENUM ('a')", "CREATE TYPE gen.t AS (a int)", "CREATE TYPE gen.t AS RANGE (subtype = date)",
        "ALTER TYPE gen.mood ADD VALUE 'ugly'", "ALTER TYPE gen.mood RENAME VALUE 'bad' TO 'sad'",
        "ALTER TYPE gen.pair ADD ATTRIBUTE c int", "ALTER TYPE gen.pair ALTER ATTRIBUTE a TYPE bigint",
        "ALTER TYPE gen.pair RENAME ATTRIBUTE a TO c", "ALTER TYPE gen.mood RENAME TO m", "ALTER TYPE gen.mood SET SCHEMA public",
        "DROP TYPE gen.pair CASCADE", "DROP TYPE gen.mood CASCADE", "DROP DOMAIN gen.plain CASCADE",
        "CREATE DOMAIN gen.d AS int CHECK (VALUE > 0)",
        "ALTER DOMAIN gen.plain ADD CHECK (VALUE <> '')", "ALTER DOMAIN gen.plain ADD CONSTRAINT k CHECK (VALUE <> '') NOT VALID",
        "ALTER DOMAIN gen.plain SET NOT NULL", "ALTER DOMAIN gen.plain DROP NOT NULL", "ALTER DOMAIN gen.plain SET DEFAULT 'a'",
        "ALTER DOMAIN gen.plain RENAME TO p", "ALTER DOMAIN gen.checked DROP CONSTRAINT checked_check",
        "ALTER DOMAIN gen.checked VALIDATE CONSTRAINT checked_check", "ALTER DOMAIN gen.plain ADD CONSTRAINT k NOT NULL",
        "ALTER DOMAIN gen.plain ADD CONSTRAINT k CHECK (VALUE <> '') NOT VALID; ALTER DOMAIN gen.plain VALIDATE CONSTRAINT k",
        "CREATE DOMAIN gen.unused AS int; ALTER DOMAIN gen.unused ADD CHECK (VALUE > 0)",
        "CREATE DOMAIN gen.unused AS int; ALTER DOMAIN gen.unused SET NOT NULL",
        "CREATE SEQUENCE gen.s OWNED BY gen.books.id", "ALTER SEQUENCE gen.numbers OWNED BY gen.books.id",
        "ALTER SEQUENCE gen.numbers RESTART", "ALTER SEQUENCE gen.numbers AS bigint", "DROP SEQUENCE gen.numbers",
        "CREATE FUNCTION gen.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION gen.unsaid()",
        "ALTER FUNCTION gen.unsaid() STABLE", "ALTER FUNCTION gen.unsaid() STABLE; ALTER TABLE gen.books ADD n int DEFAULT gen.unsaid()",
        "ALTER FUNCTION gen.stable() VOLATILE; ALTER TABLE gen.books ADD n int DEFAULT gen.stable()",
        "CREATE FUNCTION gen.f() RETURNS int STABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; ALTER TABLE gen.books ADD n int DEFAULT gen.f()",
        "CREATE FUNCTION gen.f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END' IMMUTABLE; ALTER TABLE gen.books ADD n int DEFAULT gen.f()",
        "CREATE STATISTICS gen.st ON title, shelf FROM gen.books", "CREATE SCHEMA other", "CREATE SCHEMA other CREATE TABLE t (id int)",
        "CREATE PUBLICATION pub FOR TABLE gen.books", "CREATE EXTENSION IF NOT EXISTS plpgsql", "DROP SCHEMA gen CASCADE",
        "ALTER SCHEMA gen RENAME TO other", "CREATE AGGREGATE gen.agg (int) (sfunc = int4pl, stype = int)",
        "CREATE TABLE gen.t (id int REFERENCES gen.books)", "CREATE TABLE gen.t (id int, FOREIGN KEY (id) REFERENCES gen.books (id))",
        "CREATE TABLE gen.t (LIKE gen.books INCLUDING ALL)", "CREATE TABLE gen.t () INHERITS (gen.elder)", "CREATE TABLE gen.t AS SELECT * FROM gen.books",
        "DO $$ BEGIN PERFORM 1; END $$", "SELECT count(*) FROM gen.books", "SELECT 1", "VALUES (1)",
    )  # fmt: skip


def _made_here() -> Iterator[str]:
    """Give changes of tables that the file itself makes, in every way."""
    makes = (
        "CREATE TABLE {t} (id int, a text, b text)", "CREATE TABLE IF NOT EXISTS {t} (id int, a text, b text)",
        "CREATE UNLOGGED TABLE {t} (id int, a text, b text)", "CREATE TABLE {t} AS SELECT id, title AS a, title AS b FROM gen.books",
        "CREATE TABLE {t} AS TABLE gen.gates; ALTER TABLE {t} RENAME name TO a; ALTER TABLE {t} RENAME kind TO b",
        "CREATE TABLE {t} (id, a, b) AS VALUES (1, 'a', 'b')", "SELECT id, title AS a, title AS b INTO {t} FROM gen.books",
        "CREATE TABLE {t} (LIKE gen.loner); ALTER TABLE {t} RENAME note TO a; ALTER TABLE {t} ADD b text",
        "CREATE TABLE {t} (a text, b text) INHERITS (gen.elder)", "CREATE TABLE {t} (b text, a text) INHERITS (gen.elder)",
        "WITH w AS (SELECT 1 AS id, '' AS a, '' AS b) SELECT * INTO TABLE {t} FROM w",
        "DO $$ BEGIN CREATE TABLE {t} (id int, a text, b text); END $$",
        "DO $$ BEGIN EXECUTE 'CREATE TABLE {t} (id int, a text, b text)'; END $$",
        "CREATE TABLE gen.before (id int, a text, b text); ALTER TABLE gen.before RENAME TO made",
    )  # fmt: skip
    temporary = (
        "CREATE TEMP TABLE {t} (id int, a text, b text)", "CREATE TEMPORARY TABLE {t} AS SELECT id, title AS a, title AS b FROM gen.books",
        "CREATE LOCAL TEMP TABLE {t} (id int, a text, b text) ON COMMIT DROP", "SELECT id, title AS a, title AS b INTO TEMP {t} FROM gen.books",
        "CREATE TEMP TABLE {t} (LIKE gen.loner); ALTER TABLE {t} RENAME note TO a; ALTER TABLE {t} ADD b text",
        "DO $$ BEGIN CREATE TEMP TABLE {t} (id int, a text, b text); END $$",
    )  # fmt: skip
    changes = (
        "CREATE INDEX ON {t} (id)", "ALTER TABLE {t} ALTER id TYPE bigint", "ALTER TABLE {t} ADD CHECK (id > 0)", "ALTER TABLE {t} ADD n serial",
        "ALTER TABLE {t} ALTER a SET NOT NULL", "ALTER TABLE {t} ADD PRIMARY KEY (id)", "UPDATE {t} SET a = ''", "DELETE FROM {t}", "TRUNCATE {t}",
        "ALTER TABLE {t} ADD FOREIGN KEY (id) REFERENCES gen.books (id)", "DROP TABLE {t}", "ALTER TABLE {t} ADD u uuid DEFAULT gen_random_uuid()",
        "LOCK TABLE {t}", "CLUSTER {t}", "ALTER TABLE {t} SET UNLOGGED", "REINDEX TABLE {t}", "DROP TABLE IF EXISTS {t} CASCADE",
    )  # fmt: skip
    for make, change in product(makes, changes):
        yield f"{make}; {change}".format(t="gen.made")
    for make, change in product(temporary, changes):
        yield f"{make}; {change}".format(t="staged")
        yield f"{make}; {change}".format(t="books_title_copy")
    yield "CREATE MATERIALIZED VIEW gen.m AS SELECT id FROM gen.books; CREATE INDEX ON gen.m (id)"
    yield "CREATE MATERIALIZED VIEW gen.m AS SELECT id FROM gen.books; CREATE UNIQUE INDEX u ON gen.m (id)"
    yield "CREATE MATERIALIZED VIEW gen.m AS SELECT id FROM gen.books; REFRESH MATERIALIZED VIEW gen.m"
    yield "CREATE MATERIALIZED VIEW IF NOT EXISTS gen.m AS SELECT id FROM gen.books; REINDEX TABLE gen.m"
    yield "CREATE TABLE gen.part_new PARTITION OF gen.parent FOR VALUES FROM (40) TO (50); CREATE INDEX ON gen.part_new (id)"
    yield "CREATE TABLE gen.part_new PARTITION OF gen.parent FOR VALUES FROM (40) TO (50); ALTER TABLE gen.part_new ADD CHECK (id > 0)"
    yield "CREATE TABLE gen.t (id int) PARTITION BY LIST (id); CREATE TABLE gen.t1 PARTITION OF gen.t DEFAULT; CREATE INDEX ON gen.t (id)"
    yield "CREATE SCHEMA other CREATE TABLE t (id int); CREATE INDEX ON other.t (id)"
    yield "CREATE INDEX i ON gen.books (title); DROP INDEX gen.i"
    yield "CREATE INDEX i ON gen.books (title); REINDEX INDEX gen.i"


def _used() -> Iterator[str]:
    """Give changes of columns that something uses, or that something of the same name does not."""
    users = (
        "CREATE VIEW gen.v AS SELECT g.name FROM gen.gates AS g JOIN gen.passes AS p ON p.gate_id = g.id",
        "CREATE VIEW gen.v AS SELECT g.name, p.id FROM gen.gates g, gen.passes p WHERE g.kind = 1 AND p.door > 0",
        "CREATE VIEW gen.v AS SELECT gates.id FROM gen.gates",
        "CREATE VIEW gen.v AS SELECT id FROM gen.gates WHERE EXISTS (SELECT FROM gen.passes WHERE gate_id = gates.id)",
        "CREATE VIEW gen.v AS SELECT * FROM gen.gates",
        "CREATE VIEW gen.v AS SELECT p.* FROM gen.passes p CROSS JOIN gen.gates g",
        "CREATE VIEW gen.v AS SELECT g FROM gen.gates g",
        "CREATE VIEW gen.v AS SELECT count(*) AS n FROM gen.gates",
        "CREATE VIEW gen.v AS SELECT name, count(*) AS id FROM gen.gates GROUP BY name ORDER BY id",
        "CREATE VIEW gen.v AS SELECT kind AS used FROM gen.gates",
        "CREATE VIEW gen.v AS SELECT 'kind' AS a, \"used\" AS \"kind\" FROM gen.gates",
        "CREATE VIEW gen.v AS SELECT free FROM gen.gates NATURAL JOIN gen.passes",
        "CREATE VIEW gen.v AS SELECT g.kind FROM gen.gates g JOIN gen.passes p USING (id, name)",
        "CREATE VIEW gen.v AS WITH w AS (SELECT kind AS k FROM gen.gates) SELECT k FROM w",
        "CREATE VIEW gen.v AS SELECT (SELECT max(p.door) FROM gen.passes p WHERE p.gate_id = g.id) AS best FROM gen.gates g",
        "CREATE VIEW gen.u AS SELECT kind FROM gen.gates; CREATE VIEW gen.v AS SELECT kind FROM gen.u",
        "CREATE VIEW gen.v AS SELECT extract(year FROM now()) AS y, g.used FROM gen.gates g",
        "CREATE VIEW gen.v AS SELECT name FROM gen.gates UNION SELECT name FROM gen.passes",
        "CREATE VIEW gen.v (a, b) AS SELECT kind, used FROM ONLY gen.gates",
        "CREATE MATERIALIZED VIEW gen.v AS SELECT kind FROM gen.gates",
        "CREATE TEMP VIEW v AS SELECT kind FROM gen.gates",
        "CREATE RECURSIVE VIEW gen.v (n) AS SELECT kind FROM gen.gates UNION ALL SELECT n + 1 FROM v WHERE n < 5",
        "CREATE VIEW gen.v AS SELECT kind FROM gen.gates; DROP VIEW gen.v",
        "CREATE VIEW gen.v AS SELECT kind FROM gen.gates; ALTER TABLE gen.gates RENAME kind TO sort; ALTER TABLE gen.gates ADD kind int",
        "CREATE VIEW gen.v AS SELECT * FROM gen.gates; ALTER TABLE gen.gates DROP COLUMN IF EXISTS missing",
        "CREATE POLICY p ON gen.gates USING (kind = 1)",
        "CREATE POLICY p ON gen.gates USING (EXISTS (SELECT FROM gen.passes WHERE passes.gate_id = gates.id))",
        "CREATE POLICY p ON gen.gates FOR INSERT WITH CHECK (used > 0)",
        "CREATE TRIGGER t BEFORE UPDATE OF kind ON gen.gates FOR EACH ROW EXECUTE FUNCTION gen.touch()",
        "CREATE TRIGGER t BEFORE UPDATE ON gen.gates FOR EACH ROW WHEN (old.kind <> new.used) EXECUTE FUNCTION gen.touch()",
        "CREATE TRIGGER t BEFORE UPDATE ON gen.gates FOR EACH ROW EXECUTE FUNCTION gen.touch()",
        "CREATE RULE r AS ON INSERT TO gen.gates DO ALSO INSERT INTO gen.passes (id) VALUES (new.kind)",
        "CREATE RULE r AS ON UPDATE TO gen.gates WHERE old.used > 1 DO INSTEAD NOTHING",
        "ALTER TABLE gen.gates ADD made int GENERATED ALWAYS AS (kind + 1) STORED",
        "CREATE FUNCTION gen.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(g.kind) FROM gen.gates g; END",
        "CREATE FUNCTION gen.f() RETURNS int LANGUAGE sql RETURN (SELECT max(used) FROM gen.gates)",
        "CREATE FUNCTION gen.f() RETURNS bigint LANGUAGE sql AS 'SELECT count(kind) FROM gen.gates'",
        "CREATE INDEX i ON gen.gates (kind) WHERE used > 0",
        "ALTER TABLE gen.gates ADD CHECK (kind > 0 OR used > 0)",
        "ALTER TABLE gen.gates ADD UNIQUE (kind); ALTER TABLE gen.passes ADD FOREIGN KEY (door) REFERENCES gen.gates (kind)",
        "CREATE STATISTICS gen.st ON kind, used FROM gen.gates",
    )  # fmt: skip
    targets = (
        "gen.gates.id", "gen.gates.name", "gen.gates.kind", "gen.gates.used", "gen.gates.free", "gen.passes.id", "gen.passes.name",
        "gen.passes.gate_id", "gen.passes.door", "gen.passes.free",
    )  # fmt: skip
    for user, target in product(users, targets):
        table, _, column = target.rpartition(".")
        yield f"{user}; ALTER TABLE {table} DROP COLUMN {column}"
        yield f"{user}; ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(77)"


def _writes() -> Iterator[str]:
    yield from (
        "UPDATE gen.books SET title = 'a'", "DELETE FROM gen.books", "INSERT INTO gen.doors VALUES (1)",
        "INSERT INTO gen.doors (id) SELECT id + 1 FROM gen.books", "UPDATE gen.books SET title = 'a' WHERE id = 1",
        "WITH d AS (DELETE FROM gen.loans RETURNING id) SELECT * FROM d", "COPY gen.books TO '/dev/null'",
        "ALTER TABLE gen.books ADD n int; UPDATE gen.books SET n = 1", "ALTER TABLE gen.books ADD n int; CREATE INDEX ON gen.doors (code)",
        "ALTER TABLE gen.books ADD n int; ALTER TABLE gen.books VALIDATE CONSTRAINT pages_some",
        "ALTER TABLE gen.doors ADD n int; ALTER TABLE gen.books VALIDATE CONSTRAINT pages_some",
        "MERGE INTO gen.doors d USING gen.books b ON b.id = d.id WHEN MATCHED THEN DELETE",
    )  # fmt: skip
