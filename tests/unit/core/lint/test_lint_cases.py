"""Statements beyond the rules' own examples: dangerous ones in other words, and harmless ones that look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.ddl.read import read_statement
from codezest_sql.core.ddl.type_changes import change_rewrites
from codezest_sql.core.sql.statements import split_statements
from tests.linting import codes, lint

BASE = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('A', 'B');
CREATE DOMAIN app.positive AS int CHECK (VALUE > 0);
CREATE TABLE app.parent (id bigint PRIMARY KEY, name text);
CREATE TABLE app.t (
    id int PRIMARY KEY, a int NOT NULL, b text, v varchar(20), n numeric(10,2), ts timestamptz, j jsonb,
    "Odd" text, parent_id bigint REFERENCES app.parent (id)
);
CREATE INDEX t_a ON app.t (a);
CREATE TABLE app.events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
"""


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ('alter table only "app"."t" alter "Odd" set not null', "set-not-null"),
        ("ALTER TABLE app.t ADD c uuid DEFAULT (gen_random_uuid())", "column-rewrite"),
        ("ALTER TABLE app.t ADD c app.positive", "column-rewrite"),
        ("ALTER TABLE app.t ADD b1 int, ADD c bigserial", "column-rewrite"),
        ("ALTER TABLE app.t ADD c text DEFAULT 'x' CHECK (c <> '')", "column-with-check"),
        ("ALTER TABLE app.t ADD c int GENERATED ALWAYS AS (a * 2) STORED", "stored-generated-column"),
        ("ALTER TABLE app.t ALTER COLUMN v TYPE varchar(10), ALTER b SET DEFAULT ''", "type-change-rewrite"),
        ("ALTER TABLE app.t ALTER n SET DATA TYPE numeric(12,4)", "type-change-rewrite"),
        ("ALTER TABLE app.t ALTER b TYPE text USING lower(b)", "type-change-rewrite"),
        ("ALTER TABLE unknown.t ALTER b TYPE text", "type-change-rewrite"),
        ("ALTER TABLE app.t ADD CHECK (a > 0)", "check-without-not-valid"),
        ("ALTER TABLE app.t ADD FOREIGN KEY (id) REFERENCES app.parent", "foreign-key-without-not-valid"),
        ("ALTER TABLE app.t ADD EXCLUDE USING gist (r WITH &&)", "key-without-index"),
        ("ALTER TABLE app.t ADD PRIMARY KEY (b)", "primary-key-over-nullable"),
        ("CREATE UNIQUE INDEX ON app.t USING btree (b)", "index-without-concurrently"),
        ("CREATE INDEX i ON app.events (id)", "index-without-concurrently"),
        ("-- transactional: false\nCREATE INDEX CONCURRENTLY i ON app.events (id)", "concurrently-on-partitioned"),
        ("DROP INDEX IF EXISTS app.t_a", "drop-index-without-concurrently"),
        ("REINDEX (VERBOSE) TABLE app.t", "reindex-without-concurrently"),
        ("REFRESH MATERIALIZED VIEW app.mv WITH DATA", "refresh-without-concurrently"),
        ("-- transactional: false\nVACUUM (FULL, ANALYZE) app.t", "table-rebuild"),
        ("ALTER TABLE app.t SET TABLESPACE fast", "table-copy"),
        ("TRUNCATE TABLE ONLY app.t, app.parent", "truncate"),
        ("DROP SCHEMA app CASCADE", "cascade"),
        ("ALTER TABLE app.t DROP COLUMN a CASCADE", "cascade"),
        ("WITH x AS (SELECT 1) UPDATE app.t SET b = ''", "where"),
        ("DELETE FROM ONLY app.t", "where"),
        ("ALTER TABLE app.t ADD c int; UPDATE app.t SET c = 1 WHERE id = 1", "backfill-beside-ddl"),
        ("ALTER TABLE app.t ADD c int; SELECT count(*) FROM app.parent", "while-locked"),
        ("ALTER TYPE app.mood ADD VALUE 'C'; INSERT INTO app.t (b) VALUES ('C')", "enum-value-in-use"),
        ("DO $x$ BEGIN EXECUTE format('alter table %I drop column c', 't'); END $x$", "hidden-ddl"),
        ("DO LANGUAGE plpgsql 'BEGIN DELETE FROM app.t; END'", "hidden-ddl"),
        ("ALTER TABLE app.t DISABLE TRIGGER ALL", "trigger"),
        ("ALTER TABLE app.t FORCE ROW LEVEL SECURITY", "policy"),
        ("DROP TABLE app.t", "drop-foreign-key"),
        ("ALTER SCHEMA app RENAME TO application", "rename"),
        ("ALTER TABLE app.t SET SCHEMA public", "rename"),
        ("CREATE OR REPLACE FUNCTION app.f() RETURNS int SECURITY DEFINER LANGUAGE sql AS '1'", "security-definer"),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO app", "broad-grant"),
        ("CREATE TABLE t2 (id uuid PRIMARY KEY)", "unqualified-name"),
        ("CREATE TABLE app.t2 (id uuid, made timestamp without time zone)", "weak-type"),
        ("CREATE TABLE app.t2 (id uuid, name character(3))", "weak-type"),
        ("ALTER DOMAIN app.positive SET NOT NULL", "domain-constraint"),
        ("CREATE TABLE app.e2 PARTITION OF app.events DEFAULT", "partition-locks-parent"),
        ("SET lock_timeout = '0'; SELECT 1", "no-lock-timeout"),
        ("ALTER TABLE app.t ADD door bigint DEFAULT 1 REFERENCES app.parent (id)", "column-with-foreign-key"),
        ("ALTER TABLE app.t ADD door bigint REFERENCES app.parent DEFAULT NULL", "column-with-foreign-key"),
        ('ALTER TABLE app.t ADD c "serial"', "column-rewrite"),
        ("ALTER TABLE app.t ADD c int GENERATED ALWAYS AS (a) VIRTUAL NOT NULL", "column-with-check"),
        ("ALTER TABLE app.t ADD c int GENERATED ALWAYS AS (a) CHECK (c > 0)", "column-with-check"),
        ("ALTER TABLE app.t ALTER b TYPE varchar(9) USING b::varchar(9)", "type-change-rewrite"),
        ("ALTER TABLE app.other ALTER b SET EXPRESSION AS (a * 2)", "stored-generated-column"),
        ("ALTER TABLE app.t ADD CONSTRAINT c NOT NULL b", "check-without-not-valid"),
        ("ALTER TABLE app.t ALTER CONSTRAINT t_c_fkey ENFORCED", "foreign-key-without-not-valid"),
        (
            "CREATE DOMAIN app.d AS int; ALTER DOMAIN app.d SET NOT NULL; ALTER TABLE app.t ADD c app.d",
            "column-rewrite",
        ),
        ("ALTER DOMAIN app.positive VALIDATE CONSTRAINT c", "domain-constraint"),
        ("WITH gone AS (DELETE FROM app.t RETURNING id) SELECT count(*) FROM gone", "where"),
        (
            "WITH a AS (SELECT 1), b AS (UPDATE app.t SET b = '' RETURNING id) SELECT 1 FROM a, b",
            "where",
        ),
        ("WITH a AS (WITH b AS (DELETE FROM app.t RETURNING 1) SELECT * FROM b) SELECT * FROM a", "where"),
        ("MERGE INTO app.t USING app.parent p ON true WHEN MATCHED THEN DELETE", "where"),
        (
            "MERGE INTO app.t USING app.parent p ON t.id = p.id WHEN NOT MATCHED BY SOURCE THEN DELETE",
            "where",
        ),
        (
            "WITH d AS (DELETE FROM app.t) MERGE INTO app.t USING app.parent p ON false WHEN MATCHED THEN DELETE",
            "where",
        ),
        ("COPY (DELETE FROM app.t RETURNING id) TO '/dev/null'", "where"),
        ("EXPLAIN (ANALYZE) DELETE FROM app.t", "where"),
        (
            "CREATE TABLE app.u AS SELECT 1 AS id; ALTER TABLE app.u ADD FOREIGN KEY (id) REFERENCES app.parent",
            "foreign-key-without-not-valid",
        ),
    ],
)
def test_what_is_dangerous_is_found_in_other_words_too(sql: str, code: str) -> None:
    assert code in codes(BASE, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE app.t ADD c text",
        "ALTER TABLE app.t ADD c timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE app.t ADD c text NOT NULL DEFAULT 'it''s gen_random_uuid()'",
        "ALTER TABLE app.t ADD c bigint REFERENCES app.parent (id) ON DELETE SET NULL",
        "ALTER TABLE app.t ADD c numeric(10,2) DEFAULT 0",
        "ALTER TABLE app.t ALTER v TYPE varchar(40)",
        "ALTER TABLE app.t ALTER v TYPE text",
        "ALTER TABLE app.t ALTER n TYPE numeric(12,2)",
        "SET LOCAL timezone = 'UTC'; ALTER TABLE app.t ALTER ts TYPE timestamp",
        "ALTER TABLE app.t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        "ALTER TABLE app.t ADD CONSTRAINT k UNIQUE USING INDEX t_b",
        "ALTER TABLE app.t ALTER a SET NOT NULL",
        "ALTER TABLE app.t ALTER b SET DEFAULT 'x'",
        "CREATE TABLE app.u (a int); CREATE INDEX ON app.u (a); ALTER TABLE app.u ADD CHECK (a > 0)",
        "CREATE TABLE app.u (a int); INSERT INTO app.u SELECT 1; ALTER TABLE app.u ALTER a SET NOT NULL",
        "CREATE TYPE app.new AS ENUM ('X'); ALTER TYPE app.new ADD VALUE 'C'; INSERT INTO app.t (b) VALUES ('C')",
        "CREATE TEMPORARY TABLE x (made timestamptz)",
        "COMMENT ON TABLE app.t IS 'DROP TABLE app.t CASCADE'",
        "INSERT INTO app.t (id, b) VALUES (1, 'UPDATE app.t SET b = 1')",
        "GRANT app_owner TO app",
        "ALTER TABLE app.t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED",
        "ALTER TABLE app.t ADD c int CHECK (c > 0) NOT ENFORCED",
        "ALTER TABLE app.t ADD FOREIGN KEY (id) REFERENCES app.parent NOT ENFORCED",
        "CREATE TEMP TABLE staged AS SELECT * FROM app.t; CREATE INDEX ON staged (id); DELETE FROM staged",
        "CREATE TABLE app.u AS SELECT * FROM app.t; CREATE INDEX ON app.u (id); ALTER TABLE app.u ADD CHECK (a > 0)",
        "SELECT id INTO app.u FROM app.t; ALTER TABLE app.u ALTER id SET NOT NULL; UPDATE app.u SET id = 1",
        "WITH w AS (SELECT 1 AS id) SELECT * INTO app.u FROM w; CREATE INDEX ON app.u (id)",
        "CREATE TABLE app.u (LIKE app.t); ALTER TABLE app.u ADD CHECK (a > 0)",
        "CREATE SCHEMA other CREATE TABLE u (id int); CREATE INDEX ON other.u (id)",
        "ALTER TABLE app.t ADD c date DEFAULT current_date",
        "ALTER TABLE app.t ADD c timestamptz DEFAULT date_trunc('day', now()) - make_interval(days => 1)",
        "ALTER TABLE app.t ADD c text DEFAULT left(md5('a'), 4)",
        "CREATE FUNCTION app.f() RETURNS int LANGUAGE sql STABLE AS '1'; ALTER TABLE app.t ADD c int DEFAULT app.f()",
        "ALTER TABLE app.t ALTER v TYPE text USING v::text",
        "ALTER TABLE app.t ALTER v TYPE varchar(30) USING CAST(v AS varchar(30))",
        "ALTER TABLE app.t ADD COLUMN IF NOT EXISTS a bigint DEFAULT random()",
        "ALTER TABLE app.t ADD COLUMN c bigint REFERENCES app.parent (id)",
        "MERGE INTO app.t USING app.parent p ON t.id = p.id WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM app.t WHERE id = 1 RETURNING id) SELECT count(*) FROM gone",
    ],
)
def test_what_only_looks_dangerous_is_passed(sql: str) -> None:
    assert codes(BASE, sql) == set()


def test_a_check_that_was_validated_proves_not_null() -> None:
    add = "ALTER TABLE app.t ADD CONSTRAINT c CHECK (b IS NOT NULL) NOT VALID"
    validate = "ALTER TABLE app.t VALIDATE CONSTRAINT c"
    final = "ALTER TABLE app.t ALTER b SET NOT NULL"
    assert codes(BASE, add, validate, final) == set()
    assert codes(BASE, add, final) == {"set-not-null"}


@pytest.mark.parametrize(
    ("check", "proves"),
    [
        ("b IS NOT NULL AND length(b) < 10", True),
        ("(a > 0) AND ((b IS NOT NULL))", True),
        ("b IS NOT NULL OR a > 0", False),
        ("NOT (b IS NOT NULL)", False),
        ("a BETWEEN 1 AND 2 AND b IS NOT NULL", False),  # one that is not recognised proves nothing
        ("bb IS NOT NULL", False),
    ],
)
def test_a_check_proves_not_null_where_no_null_satisfies_it(check: str, proves: bool) -> None:  # noqa: FBT001
    add = f"ALTER TABLE app.t ADD bb text; ALTER TABLE app.t ADD CONSTRAINT c CHECK ({check}) NOT VALID"
    validate = "ALTER TABLE app.t VALIDATE CONSTRAINT c"
    assert codes(BASE, add, validate, "ALTER TABLE app.t ALTER b SET NOT NULL") == (
        set() if proves else {"set-not-null"}
    )


def test_a_primary_key_asks_about_the_columns_of_its_index_alone() -> None:
    """The table has other columns that may be NULL."""
    outside = "-- transactional: false\n"
    safe = f"{outside}CREATE UNIQUE INDEX CONCURRENTLY k ON app.events_2 (at, number);"
    table = "CREATE TABLE app.events_2 (at date NOT NULL, number int NOT NULL, note text);"
    key = "ALTER TABLE app.events_2 ADD CONSTRAINT k PRIMARY KEY USING INDEX k"
    assert codes(BASE, table, safe, key) == set()
    assert codes(BASE, table.replace("number int NOT NULL", "number int"), safe, key) == {"primary-key-over-nullable"}


VIEWS = """
CREATE TABLE app.gates (id int, name text, kind int);
CREATE TABLE app.passes (id int, gate_id int, door int);
CREATE VIEW app.v AS SELECT g.id, g.name FROM app.gates AS g INNER JOIN app.passes AS p ON p.gate_id = g.id;
CREATE VIEW app.w AS SELECT v.name FROM app.v;
CREATE TRIGGER t BEFORE UPDATE OF kind ON app.gates FOR EACH ROW EXECUTE FUNCTION app.f();
"""


@pytest.mark.parametrize(
    ("column", "users"),
    [
        ("gates.id", "app.v"),
        ("gates.name", "app.v"),
        ("gates.kind", "trigger app.gates.t"),
        ("passes.gate_id", "app.v"),
        ("passes.id", ""),
        ("passes.door", ""),
    ],
)
def test_a_view_blocks_the_columns_that_it_uses_and_no_others(column: str, users: str) -> None:
    table, _, name = column.partition(".")
    found = lint(BASE, VIEWS, f"ALTER TABLE app.{table} ALTER {name} TYPE text")
    blocked = [each.message for each in found if each.code == "blocked-by-view"]
    assert blocked == ([f"{users} uses app.{column}: PostgreSQL refuses the change"] if users else [])


def test_a_table_is_known_under_the_name_that_it_was_given_later() -> None:
    renamed = "ALTER TABLE app.t RENAME TO u; ALTER TABLE app.u RENAME COLUMN v TO w"
    assert codes(BASE, renamed, "ALTER TABLE app.u ALTER w TYPE varchar(40)") == set()
    assert codes(BASE, renamed, "ALTER TABLE app.u ALTER w TYPE varchar(4)") == {"type-change-rewrite"}


def test_the_search_path_of_a_file_gives_names_their_schema() -> None:
    assert codes(BASE, "SET search_path = app; ALTER TABLE t ALTER v TYPE varchar(40)") == set()


@pytest.mark.parametrize(
    ("old", "new", "rewrites"),
    [
        ("varchar", "varchar(10)", True),
        ("varchar(10)", "varchar", False),
        ("text", "varchar", False),
        ("numeric(10,2)", "numeric", False),
        ("numeric", "numeric(10,2)", True),
        ("timestamptz(3)", "timestamptz", False),
        ("timestamptz", "timestamptz(3)", True),
        ("text[]", "text", True),
        ("cidr", "inet", False),
        ("int", "bigint", True),
        (None, "text", True),
    ],
)
def test_a_change_of_type_writes_rows_anew_where_values_change(old: str | None, new: str, rewrites: bool) -> None:  # noqa: FBT001
    assert change_rewrites(old, new, using=False) is rewrites


_WORDS = """
    CREATE ALTER DROP TABLE INDEX TYPE ADD COLUMN CONSTRAINT CHECK ( ) , t a.b 'x' $$y$$ NOT NULL VALID SET TO ON
    FOREIGN KEY REFERENCES PRIMARY UNIQUE USING PARTITION OF ATTACH GRANT ALL VALUE RENAME DO COMMENT IS DEFAULT
    GENERATED ALWAYS AS IDENTITY TRUNCATE CASCADE UPDATE DELETE FROM WHERE WITH INSERT SELECT REINDEX VIEW
"""


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=14))
def test_no_order_of_words_is_too_odd_to_be_read(words: list[str]) -> None:
    text = " ".join(words)
    for statement in split_statements(text):
        read_statement(text, statement)
