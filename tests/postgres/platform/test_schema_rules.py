"""Every rule that holds for every table, checked from the catalog over all of them: a new table must obey too.

Rules that hold for any schema are in ``core/lint/schema/rules.py``; the rest is this schema's own design.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.lint.schema.rules import SCHEMA_RULES
from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.postgres.platform.schema_facts import (
    CLASSES,
    ENUMS,
    GLOBAL_KEYS,
    TABLES,
    WITHOUT_FOREIGN_KEY,
    key_of,
    on_delete_of,
)

if TYPE_CHECKING:
    from codezest_sql.core.lint.schema.facts import Catalog
    from codezest_sql.core.lint.schema.rules import SchemaRule

pytestmark = pytest.mark.every_postgres

OWNED = tuple(table for table, table_class in CLASSES.items() if table_class in "UT")
TIME = "timestamp with time zone"
# "time" is for quiet hours, which are of the user's own clock.
TYPES = {"uuid", "text", "text[]", "bytea", "boolean", "integer", "bigint", TIME, "jsonb", "inet", *ENUMS}
WALL_CLOCK = {"quiet_hours_from", "quiet_hours_to"}


@pytest.fixture(scope="module")
def catalog(migrated_shared: str) -> Catalog:
    """Read the catalog once for all tests of this module."""
    with psycopg.connect(migrated_shared, autocommit=True) as connection:
        return read_catalog(connection)


def test_primary_keys_are_those_of_the_class(catalog: Catalog) -> None:
    """Of the user first where the row is a user's, so that one user's rows sit together."""
    assert {table: catalog.primary_key(table).columns for table in TABLES} == {
        table: key_of(table) for table in TABLES
    }


def test_keys_are_uuids_that_the_server_or_the_client_chooses(catalog: Catalog) -> None:
    """No serial, no identity; the owner alone has no default."""
    for table in TABLES:
        columns = catalog.columns_of(table)
        for name in key_of(table):
            if name == "occurred_at":
                assert (columns[name].type, columns[name].not_null, columns[name].default) == (TIME, True, "now()")
                continue
            expected = None if name == "user_id" else "gen_random_uuid()"
            assert (columns[name].type, columns[name].default) == ("uuid", expected), table
    assert {(column.identity, column.generated) for column in catalog.columns} == {("", "")}


def test_every_owned_row_hangs_on_its_user(catalog: Catalog) -> None:
    """Except in analytics_events, where it may be a visitor; that table has no foreign key at all."""
    owners = {
        foreign_key.table
        for foreign_key in catalog.foreign_keys()
        if foreign_key.columns == ("user_id",) and foreign_key.parent == "auth.users"
    }
    assert {*OWNED} - owners == {WITHOUT_FOREIGN_KEY}
    assert all(catalog.columns_of(table)["user_id"].not_null for table in OWNED)
    assert WITHOUT_FOREIGN_KEY not in {foreign_key.table for foreign_key in catalog.foreign_keys()}


def test_each_foreign_key_does_what_the_design_says_on_delete(catalog: Catalog) -> None:
    for foreign_key in catalog.foreign_keys():
        assert foreign_key.parent is not None
        expected = on_delete_of(foreign_key.table, foreign_key.columns, foreign_key.parent)
        assert foreign_key.on_delete == expected, foreign_key.name


def test_no_foreign_key_with_the_owner_is_ever_set_to_null_or_default(catalog: Catalog) -> None:
    """It would tear the row from its user; what is set to NULL can be."""
    for foreign_key in catalog.foreign_keys():
        if foreign_key.on_delete in {"SET NULL", "SET DEFAULT"}:
            assert "user_id" not in foreign_key.columns, foreign_key.name
            columns = catalog.columns_of(foreign_key.table)
            assert not any(columns[name].not_null for name in foreign_key.columns), foreign_key.name


def test_global_keys_are_unique_indexes_and_exactly_those_of_the_design(catalog: Catalog) -> None:
    found: dict[str, list[str]] = {}
    for index in catalog.indexes:
        if index.name.endswith("_global_key"):
            assert index.unique
            assert not index.of_constraint, index.name
            found.setdefault(index.table, []).extend(index.keys)
    assert {table: set(columns) for table, columns in found.items()} == {
        table: set(columns) for table, columns in GLOBAL_KEYS.items()
    }


def test_only_the_types_of_the_design_are_used(catalog: Catalog) -> None:
    """No varchar, no timestamp without a zone, no numeric, no json: one type for one purpose."""
    for column in catalog.columns:
        allowed = {"time without time zone"} if column.name in WALL_CLOCK else TYPES
        assert column.type in allowed, f"{column.table}.{column.name} {column.type}"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"_at$", TIME),
        (r"_minor$", "bigint"),
        (r"^token_hash$", "bytea"),
        (r"_ciphertext$", "bytea"),
        (r"^(id|\w+_by|user_id)$", "uuid"),
        (r"^currency$", "text"),
        (r"^is_", "boolean"),
        (r"^position$", "integer"),
    ],
)
def test_a_name_tells_the_type(catalog: Catalog, pattern: str, expected: str) -> None:
    """Times are timestamptz, money is bigint minor units, secrets are hashes or ciphertext."""
    found = {
        f"{column.table}.{column.name}": column.type
        for column in catalog.columns
        # The name of a grader process, not a user.
        if re.search(pattern, column.name) and column.name != "claimed_by"
    }
    assert found
    assert set(found.values()) == {expected}, found


def test_a_position_orders_within_its_parent_and_is_never_unique(catalog: Catalog) -> None:
    """So reordering is one UPDATE. Languages have no parent, and are few."""
    for column in catalog.columns:
        if column.name != "position":
            continue
        indexes = [index for index in catalog.indexes if index.table == column.table and "position" in index.keys]
        assert not any(index.unique for index in indexes)
        parents = [
            foreign_key.columns
            for foreign_key in catalog.foreign_keys()
            if foreign_key.table == column.table and foreign_key.on_delete == "CASCADE"
        ]
        assert [index.keys for index in indexes] == [(*columns, "position", "id") for columns in parents]


@pytest.mark.parametrize("rule", SCHEMA_RULES, ids=lambda rule: rule.code)
def test_the_schema_keeps_its_rules(catalog: Catalog, rule: SchemaRule) -> None:
    """But for the visitors of analytics_events, who are in no table: the migration states so next to it."""
    assert {broken.of for broken in rule.find(catalog)} <= (
        {WITHOUT_FOREIGN_KEY} if rule.code == "schema-owner" else set()
    )


TABLE = """
    CREATE TABLE learning.bad (
        user_id uuid NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(), {}
        created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT bad_user_id_id_pk PRIMARY KEY (user_id, id),
        CONSTRAINT bad_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE
    );
    COMMENT ON TABLE learning.bad IS E'Bad.\\nClass: U';
"""


SHARED_TO_OWNED = """
    ALTER TABLE learning.modules ADD FOREIGN KEY (created_by, id) REFERENCES auth.sessions (user_id, id)
"""
SET_DEFAULT = "ALTER TABLE auth.sessions ADD FOREIGN KEY (user_id) REFERENCES auth.users ON DELETE SET DEFAULT"
BREAKS = (
    ("schema-key", "CREATE TABLE learning.bad (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)"),
    ("schema-key", "CREATE TABLE learning.bad (name text)"),
    ("schema-owner", TABLE.format("slug text, CONSTRAINT bad_slug_key UNIQUE (slug),")),
    ("schema-class", "CREATE TABLE learning.bad (id uuid PRIMARY KEY)"),
    ("schema-trigger", "CREATE RULE r AS ON DELETE TO auth.sessions DO INSTEAD NOTHING"),
    ("schema-set-null", SET_DEFAULT),
    ("schema-direction", SHARED_TO_OWNED),
    ("schema-foreign-key-index", TABLE.format("module_id uuid REFERENCES learning.modules (id),")),
    ("schema-name", "CREATE INDEX odd ON auth.sessions (user_id, expires_at)"),
    ("schema-type", "ALTER TABLE auth.sessions ADD COLUMN seen timestamp"),
    ("schema-type", "ALTER TABLE auth.sessions ADD COLUMN price_minor numeric"),
    ("schema-time", "CREATE TABLE learning.bad (id uuid PRIMARY KEY)"),
    ("schema-soft-delete", "CREATE UNIQUE INDEX modules_title_key ON learning.modules (title)"),
    ("schema-secret", "ALTER TABLE auth.sessions ADD COLUMN refresh_token text"),
    ("schema-comment", "ALTER TABLE auth.sessions ADD COLUMN more text"),
    ("schema-on-delete", TABLE.format("module_id uuid REFERENCES learning.modules (id) ON DELETE CASCADE,")),
    ("schema-check", "ALTER TABLE auth.sessions ADD COLUMN more jsonb"),
    ("schema-enum-label", "ALTER TYPE auth.role RENAME VALUE 'ADMIN' TO 'Admin'"),
    ("schema-whole", "ALTER TABLE auth.sessions ADD CONSTRAINT x CHECK (true) NOT VALID"),
    ("schema-whole", "CREATE INDEX sessions_user_id_idx ON auth.sessions (user_id)"),
)


@pytest.mark.parametrize(("code", "ddl"), BREAKS)
def test_a_change_that_breaks_a_rule_is_found(migrated_shared: str, code: str, ddl: str) -> None:
    (rule,) = (each for each in SCHEMA_RULES if each.code == code)
    with psycopg.connect(migrated_shared) as connection:
        before = {*rule.find(read_catalog(connection))}
        connection.execute(ddl.encode())
        found = {*rule.find(read_catalog(connection))} - before
        connection.rollback()
    assert found


def test_every_rule_of_the_schema_has_a_change_that_breaks_it() -> None:
    assert {code for code, _ in BREAKS} == {rule.code for rule in SCHEMA_RULES}
