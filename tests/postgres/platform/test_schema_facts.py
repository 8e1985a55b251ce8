"""The schema has exactly what the design lists: schemas, tables, columns, enums, comments, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest

from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.postgres.platform.schema_facts import CLASSES, ENUMS, ROUTINES, SCHEMAS, SOFT_DELETED, TABLES, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.schema.facts import Catalog
    from tests.postgres.platform.schema_rows import Connection

pytestmark = pytest.mark.every_postgres

OURS = list(SCHEMAS)


@pytest.fixture(scope="module")
def connection(migrated_shared: str) -> Iterator[Connection]:
    """Connect to the shared database, which these tests only read."""
    with psycopg.connect(migrated_shared, autocommit=True) as opened:
        opened.execute("SET default_transaction_read_only = on")
        yield opened


@pytest.fixture(scope="module")
def catalog(connection: Connection) -> Catalog:
    """Read the catalog once for all tests of this module."""
    return read_catalog(connection)


def values(connection: Connection, query: LiteralString, *parameters: object) -> list[Any]:
    """Return the first column of a query."""
    return [row[0] for row in connection.execute(query, parameters).fetchall()]


def test_there_are_five_schemas(connection: Connection) -> None:
    """Next to public, where the ledger's tables are."""
    found = values(connection, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1")
    assert set(found) - {"public", "information_schema"} == set(OURS)


def test_there_are_thirty_tables_with_their_columns(catalog: Catalog) -> None:
    """Neither more nor fewer; a partitioned table counts once."""
    assert len(TABLES) == 30
    assert set(catalog.tables) == set(TABLES)
    found = {table: frozenset(catalog.columns_of(table)) for table in TABLES}
    assert found == {table: columns_of(table) for table in TABLES}


def test_the_last_line_of_each_table_comment_is_its_class(catalog: Catalog) -> None:
    """Tools read the class there."""
    last_lines = {table: (comment or "").splitlines()[-1:] for table, comment in catalog.tables.items()}
    assert last_lines == {table: [f"Class: {table_class}"] for table, table_class in CLASSES.items()}


def test_there_are_twelve_enums_with_their_labels_in_order(connection: Connection) -> None:
    found = connection.execute(
        """
        SELECT n.nspname || '.' || t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
        FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace JOIN pg_enum AS e ON e.enumtypid = t.oid
        GROUP BY 1
        """
    ).fetchall()
    assert len(ENUMS) == 12
    assert {name: tuple(labels) for name, labels in found} == ENUMS


def test_exactly_nine_tables_are_soft_deleted(catalog: Catalog) -> None:
    found = {column.table: column for column in catalog.columns if column.name == "deleted_at"}
    assert set(found) == SOFT_DELETED
    assert {(column.type, column.not_null, column.default) for column in found.values()} == {
        ("timestamp with time zone", False, None)
    }


def test_the_defaults_that_the_design_names(catalog: Catalog) -> None:
    def default(table: str, column: str) -> str | None:
        return catalog.columns_of(table)[column].default

    assert default("auth.users", "role") == "'STUDENT'::auth.role"
    assert default("payments.subscriptions", "plan") == "'FREE'::payments.subscription_plan"
    assert default("payments.subscriptions", "status") == "'ACTIVE'::payments.subscription_status"
    assert not catalog.columns_of("auth.users")["password_hash"].not_null


def test_everything_has_a_comment(connection: Connection, catalog: Catalog) -> None:
    """Schemas, types, tables, columns and routines: a DBA reads the reason there, and the docs print it."""
    silent = [f"{column.table}.{column.name}" for column in catalog.columns if not (column.comment or "").strip()]
    silent += [table for table, comment in catalog.tables.items() if len((comment or "").splitlines()) < 2]
    silent += values(
        connection,
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) AND obj_description(oid, 'pg_namespace') IS NULL",
        OURS,
    )
    silent += values(
        connection,
        """
        SELECT typname FROM pg_type
        WHERE typnamespace = ANY(%s::regnamespace[]) AND typtype IN ('e', 'd', 'r')
          AND obj_description(oid, 'pg_type') IS NULL
        """,
        OURS,
    )
    silent += values(
        connection,
        """
        SELECT proname FROM pg_proc
        WHERE pronamespace = ANY(%s::regnamespace[]) AND obj_description(oid, 'pg_proc') IS NULL
        """,
        OURS,
    )
    assert silent == []


def test_the_only_routines_are_those_of_the_partitions(connection: Connection) -> None:
    """Each with a search_path of its own, so that nobody's schema gets in between, and with its caller's rights."""
    found = connection.execute(
        """
        SELECT n.nspname || '.' || p.proname, p.prosecdef, p.proconfig
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = ANY(%s) ORDER BY 1
        """,
        [OURS],
    ).fetchall()
    assert tuple(name for name, _, _ in found) == ROUTINES
    for _, security_definer, settings in found:
        assert not security_definer
        assert "search_path=pg_catalog, pg_temp" in settings


def test_there_is_nothing_that_acts_by_itself(connection: Connection) -> None:
    """No trigger, rule, view, sequence, policy or extension beyond plpgsql: the queries say what happens."""
    assert values(connection, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
    assert values(connection, "SELECT rulename FROM pg_rules WHERE schemaname = ANY(%s)", OURS) == []
    assert values(connection, "SELECT policyname FROM pg_policies WHERE schemaname = ANY(%s)", OURS) == []
    assert values(connection, "SELECT extname FROM pg_extension") == ["plpgsql"]
    kinds = values(
        connection,
        "SELECT DISTINCT relkind::text FROM pg_class WHERE relnamespace = ANY(%s::regnamespace[]) ORDER BY 1",
        OURS,
    )
    # Tables, partitioned tables and their indexes; no sequence (S), view (v) or composite type (c).
    assert kinds == ["I", "i", "p", "r"]


def test_partitioned_by_month_are_the_tables_of_class_t(connection: Connection) -> None:
    """By range of occurred_at, and without a default partition, which would have to be emptied first."""
    found = connection.execute(
        """
        SELECT n.nspname || '.' || c.relname, pg_get_partkeydef(c.oid), p.partdefid
        FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        ORDER BY 1
        """
    ).fetchall()
    assert found == [(table, "RANGE (occurred_at)", 0) for table in sorted(TABLES) if CLASSES[table] == "T"]
