"""Every rule that holds for every table, checked from the catalogue over all of them: a new table must obey too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.schema_catalogue import SUFFIX
from codezest_sql.postgres.schema_catalogue import read_catalogue
from tests.postgres.schema_facts import (
    CLASSES,
    ENUMS,
    GLOBAL_KEYS,
    SOFT_DELETED,
    TABLES,
    WITHOUT_FOREIGN_KEY,
    key_of,
    on_delete_of,
)

if TYPE_CHECKING:
    from codezest_sql.core.schema_catalogue import Catalogue, Constraint, Index

pytestmark = pytest.mark.every_postgres

OWNED = tuple(table for table, table_class in CLASSES.items() if table_class in "UT")
TIME = "timestamp with time zone"
# "time" is for quiet hours, which are of the user's own clock.
TYPES = {"uuid", "text", "text[]", "bytea", "boolean", "integer", "bigint", TIME, "jsonb", "inet", *ENUMS}
WALL_CLOCK = {"quiet_hours_from", "quiet_hours_to"}


@pytest.fixture(scope="module")
def catalogue(migrated_shared: str) -> Catalogue:
    """Read the catalogue once for all tests of this module."""
    with psycopg.connect(migrated_shared, autocommit=True) as connection:
        return read_catalogue(connection)


def between_owned(foreign_key: Constraint) -> bool:
    """Tell whether a foreign key leads from one user-owned table to another."""
    return foreign_key.table in OWNED and foreign_key.parent in OWNED


def test_primary_keys_are_those_of_the_class(catalogue: Catalogue) -> None:
    """Of the user first where the row is a user's, so that one user's rows sit together."""
    assert {table: catalogue.primary_key(table).columns for table in TABLES} == {
        table: key_of(table) for table in TABLES
    }


def test_keys_are_uuids_that_the_server_or_the_client_chooses(catalogue: Catalogue) -> None:
    """No serial, no identity; the owner alone has no default."""
    for table in TABLES:
        columns = catalogue.columns_of(table)
        for name in key_of(table):
            if name == "occurred_at":
                assert (columns[name].type, columns[name].not_null, columns[name].default) == (TIME, True, "now()")
                continue
            expected = None if name == "user_id" else "gen_random_uuid()"
            assert (columns[name].type, columns[name].default) == ("uuid", expected), table
    assert {(column.identity, column.generated) for column in catalogue.columns} == {("", "")}


def test_every_owned_row_hangs_on_its_user(catalogue: Catalogue) -> None:
    """Except in analytics_events, where it may be a visitor; that table has no foreign key at all."""
    owners = {
        foreign_key.table
        for foreign_key in catalogue.foreign_keys()
        if foreign_key.columns == ("user_id",) and foreign_key.parent == "auth.users"
    }
    assert {*OWNED} - owners == {WITHOUT_FOREIGN_KEY}
    assert all(catalogue.columns_of(table)["user_id"].not_null for table in OWNED)
    assert WITHOUT_FOREIGN_KEY not in {foreign_key.table for foreign_key in catalogue.foreign_keys()}


def test_the_owner_comes_first_in_every_unique_rule_of_an_owned_table(catalogue: Catalogue) -> None:
    """Global keys are indexes of their own, which Citus can have as plain ones."""
    for index in catalogue.indexes:
        if index.unique and index.table in OWNED and not index.name.endswith("_global_key"):
            assert index.keys[0] == "user_id", index.name


def test_the_owner_comes_first_on_both_sides_of_a_foreign_key_between_owned_tables(catalogue: Catalogue) -> None:
    """So a child can never point at another user's parent."""
    found = [foreign_key for foreign_key in catalogue.foreign_keys() if between_owned(foreign_key)]
    assert found
    for foreign_key in found:
        assert foreign_key.columns[0] == foreign_key.parent_columns[0] == "user_id", foreign_key.name


def test_nothing_shared_refers_to_something_owned(catalogue: Catalogue) -> None:
    """Citus refuses a foreign key from a reference table to a distributed one."""
    for foreign_key in catalogue.foreign_keys():
        if foreign_key.table not in OWNED:
            assert foreign_key.parent not in OWNED, foreign_key.name


def test_each_foreign_key_does_what_the_design_says_on_delete(catalogue: Catalogue) -> None:
    for foreign_key in catalogue.foreign_keys():
        assert foreign_key.parent is not None
        expected = on_delete_of(foreign_key.table, foreign_key.columns, foreign_key.parent)
        assert foreign_key.on_delete == expected, foreign_key.name


def test_no_foreign_key_with_the_owner_is_ever_set_to_null_or_default(catalogue: Catalogue) -> None:
    """It would tear the row from its user; what is set to NULL can be."""
    for foreign_key in catalogue.foreign_keys():
        if foreign_key.on_delete in {"SET NULL", "SET DEFAULT"}:
            assert "user_id" not in foreign_key.columns, foreign_key.name
            columns = catalogue.columns_of(foreign_key.table)
            assert not any(columns[name].not_null for name in foreign_key.columns), foreign_key.name


def test_every_constraint_is_validated_and_immediate(catalogue: Catalogue) -> None:
    assert [constraint.name for constraint in catalogue.constraints if not constraint.validated] == []
    assert [constraint.name for constraint in catalogue.constraints if constraint.deferrable] == []


def test_every_foreign_key_has_an_index_that_starts_with_its_columns(catalogue: Catalogue) -> None:
    """A whole one: a partial index does not serve a cascade."""
    bare = [
        foreign_key.name
        for foreign_key in catalogue.foreign_keys()
        if not any(
            index.table == foreign_key.table
            and index.predicate is None
            and {*index.keys[: len(foreign_key.columns)]} == {*foreign_key.columns}
            for index in catalogue.indexes
        )
    ]
    assert bare == []


def test_no_index_is_invalid_or_the_beginning_of_another(catalogue: Catalogue) -> None:
    """A plain index that another, equally whole, starts with costs writes and gives nothing."""
    assert [index.name for index in catalogue.indexes if not index.valid] == []
    redundant = [
        (index.name, other.name)
        for index in catalogue.indexes
        for other in catalogue.indexes
        if not index.unique
        and index.name != other.name
        and (index.table, index.predicate) == (other.table, other.predicate)
        and index.keys == other.keys[: len(index.keys)]
    ]
    assert redundant == []


def test_constraints_are_named_after_table_columns_and_kind(catalogue: Catalogue) -> None:
    for constraint in catalogue.constraints:
        table = constraint.table.partition(".")[2]
        assert constraint.name == "_".join((table, *constraint.columns, SUFFIX[constraint.kind]))
        assert len(constraint.name.encode()) <= 63


def allowed_index_names(index: Index) -> set[str]:
    """Return table_columns_kind, and the same with the columns of WHERE, which tell two of them apart."""
    table = index.table.partition(".")[2]
    keys = [re.sub(r"^lower\((\w+)\)$", r"\1", key) for key in index.keys]
    where = [name for name in index.predicate_columns if name not in {"deleted_at", *keys}]
    suffixes = ("key", "global_key") if index.unique else ("idx",)
    return {"_".join((table, *names, suffix)) for names in (keys, keys + where) for suffix in suffixes}


def test_indexes_are_named_after_table_columns_and_kind(catalogue: Catalogue) -> None:
    for index in catalogue.indexes:
        if not index.of_constraint:
            assert index.name in allowed_index_names(index)
            assert len(index.name.encode()) <= 63


def test_global_keys_are_unique_indexes_and_exactly_those_of_the_design(catalogue: Catalogue) -> None:
    found: dict[str, list[str]] = {}
    for index in catalogue.indexes:
        if index.name.endswith("_global_key"):
            assert index.unique
            assert not index.of_constraint, index.name
            found.setdefault(index.table, []).extend(index.keys)
    assert {table: set(columns) for table, columns in found.items()} == {
        table: set(columns) for table, columns in GLOBAL_KEYS.items()
    }


def test_only_the_types_of_the_design_are_used(catalogue: Catalogue) -> None:
    """No varchar, no timestamp without a zone, no numeric, no json: one type for one purpose."""
    for column in catalogue.columns:
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
def test_a_name_tells_the_type(catalogue: Catalogue, pattern: str, expected: str) -> None:
    """Times are timestamptz, money is bigint minor units, secrets are hashes or ciphertext."""
    found = {
        f"{column.table}.{column.name}": column.type
        for column in catalogue.columns
        # The name of a grader process, not a user.
        if re.search(pattern, column.name) and column.name != "claimed_by"
    }
    assert found
    assert set(found.values()) == {expected}, found


def test_what_changes_has_created_at_and_updated_at(catalogue: Catalogue) -> None:
    """Rows of class T are only ever added, and occurred_at says when."""
    for table, table_class in CLASSES.items():
        columns = catalogue.columns_of(table)
        for name in ("created_at", "updated_at"):
            if table_class == "T":
                assert name not in columns
            else:
                assert (columns[name].type, columns[name].not_null, columns[name].default) == (TIME, True, "now()")


def test_unique_rules_of_soft_deleted_tables_see_live_rows_only(catalogue: Catalogue) -> None:
    """But a key that a foreign key references is never partial."""
    referenced = {(foreign_key.parent, foreign_key.parent_columns) for foreign_key in catalogue.foreign_keys()}
    for index in catalogue.indexes:
        if not index.unique:
            continue
        if (index.table, index.keys) in referenced or index.keys == key_of(index.table):
            assert index.predicate is None, index.name
        elif index.table in SOFT_DELETED:
            assert "(deleted_at IS NULL)" in f"({index.predicate})", index.name


def test_a_position_orders_within_its_parent_and_is_never_unique(catalogue: Catalogue) -> None:
    """So reordering is one UPDATE. Languages have no parent, and are few."""
    for column in catalogue.columns:
        if column.name != "position":
            continue
        indexes = [index for index in catalogue.indexes if index.table == column.table and "position" in index.keys]
        assert not any(index.unique for index in indexes)
        parents = [
            foreign_key.columns
            for foreign_key in catalogue.foreign_keys()
            if foreign_key.table == column.table and foreign_key.on_delete == "CASCADE"
        ]
        assert [index.keys for index in indexes] == [(*columns, "position", "id") for columns in parents]


def test_documents_and_currencies_have_a_check(catalogue: Catalogue) -> None:
    """A document is an object or an array, as its Python type says; a currency three capitals."""
    checked = {(check.table, check.columns) for check in catalogue.constraints if check.kind == "c"}
    for column in catalogue.columns:
        if column.type == "jsonb" or column.name == "currency":
            assert (column.table, (column.name,)) in checked, f"{column.table}.{column.name}"
