"""What the server refuses in a transaction is what we say it refuses, with its own name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.sql.concurrent_statements import CreateIndex, concurrent_statement
from codezest_sql.core.sql.statement_kind import (
    is_copy_from_stdin,
    is_session_setting,
    needs_no_transaction,
    transaction_control,
)
from codezest_sql.core.sql.statements import split_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.every_postgres

SETUP = """
CREATE SCHEMA s;
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TYPE e AS ENUM ('a');
"""
SUBSCRIPTION = "CREATE SUBSCRIPTION sub CONNECTION '' PUBLICATION pub WITH (connect = false, slot_name = 'x')"


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SETUP.encode())
        connection.execute(SUBSCRIPTION.encode())
        yield connection
        # A database with a subscription cannot be dropped.
        connection.execute("ALTER SUBSCRIPTION sub DISABLE")
        connection.execute("ALTER SUBSCRIPTION sub SET (slot_name = NONE)")
        connection.execute("DROP SUBSCRIPTION sub")


def in_a_transaction(connection: psycopg.Connection, sql: str) -> psycopg.Error | None:
    """Run a statement in a transaction that is rolled back; return what the server says against it."""
    connection.execute("BEGIN")
    try:
        connection.execute(sql.encode())
    except psycopg.Error as error:
        return error
    finally:
        connection.execute("ROLLBACK")
    return None


REFUSED = [
    "CREATE INDEX CONCURRENTLY ON t (a)",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
    "CREATE INDEX CONCURRENTLY i ON ONLY (public . t) (a)",
    "DROP INDEX CONCURRENTLY i",
    "DROP INDEX CONCURRENTLY IF EXISTS i CASCADE",
    "REINDEX INDEX CONCURRENTLY i",
    "REINDEX TABLE CONCURRENTLY t",
    "REINDEX (VERBOSE, CONCURRENTLY) TABLE t",
    "REINDEX (CONCURRENTLY false) TABLE CONCURRENTLY t",
    "REINDEX SCHEMA CONCURRENTLY s",
    "REINDEX SCHEMA s",
    "REINDEX (VERBOSE) SYSTEM {database}",
    "REINDEX DATABASE {database}",
    "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
    "ALTER TABLE IF EXISTS p DETACH PARTITION p1 CONCURRENTLY",
    "VACUUM",
    "VACUUM (ANALYZE) t",
    "CLUSTER",
    "CLUSTER VERBOSE",
    "ALTER SYSTEM SET work_mem = '4MB'",
    "ALTER SYSTEM RESET ALL",
    "CREATE DATABASE d",
    "DROP DATABASE d",
    "DROP DATABASE IF EXISTS d WITH (FORCE)",
    "ALTER DATABASE d SET TABLESPACE pg_default",
    "CREATE TABLESPACE x LOCATION '/x'",
    "DROP TABLESPACE IF EXISTS x",
    "DISCARD ALL",
    "CREATE SUBSCRIPTION other CONNECTION '' PUBLICATION pub",
    "CREATE SUBSCRIPTION other CONNECTION '' PUBLICATION pub WITH (enabled = false)",
    "DROP SUBSCRIPTION sub",
]

ALLOWED = [
    "CREATE INDEX ON t (a)",
    "DROP INDEX i",
    "REINDEX TABLE t",
    "REINDEX INDEX i",
    "REINDEX (CONCURRENTLY off) TABLE t",
    "REINDEX (CONCURRENTLY, CONCURRENTLY 0) TABLE t",
    "ALTER TABLE p DETACH PARTITION p1",
    "ANALYZE",
    "CLUSTER t USING i",
    "CLUSTER (VERBOSE) t USING i",
    "ALTER DATABASE {database} SET work_mem = '4MB'",
    "ALTER TYPE e ADD VALUE 'b'",
    "ALTER TYPE e ADD VALUE IF NOT EXISTS 'a'",
    "DISCARD PLANS",
    "DISCARD TEMP",
    "CREATE SUBSCRIPTION other CONNECTION '' PUBLICATION pub WITH (connect = false)",
    "ALTER SUBSCRIPTION sub DISABLE",
    "ALTER SUBSCRIPTION sub SET (slot_name = NONE)",
    "ALTER SUBSCRIPTION sub SET PUBLICATION other WITH (refresh = false)",
    "ALTER SUBSCRIPTION sub ADD PUBLICATION other WITH (refresh = off)",
    "CHECKPOINT",
    "SET ROLE postgres",
    "LOCK TABLE t",
    "TRUNCATE t",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_we_say_is_refused_is_refused(connection: psycopg.Connection, sql: str) -> None:
    sql = sql.format(database=connection.info.dbname)
    error = in_a_transaction(connection, sql)
    assert isinstance(error, psycopg.errors.ActiveSqlTransaction), error  # SQLSTATE 25001
    (statement,) = split_statements(sql)
    assert (
        error.diag.message_primary == f"{needs_no_transaction(sql, statement)} cannot run inside a transaction block"
    )


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_we_say_is_allowed_is_allowed(connection: psycopg.Connection, sql: str) -> None:
    sql = sql.format(database=connection.info.dbname)
    assert in_a_transaction(connection, sql) is None
    (statement,) = split_statements(sql)
    assert needs_no_transaction(sql, statement) is None
    assert transaction_control(sql, statement) is None


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER SUBSCRIPTION sub REFRESH PUBLICATION",
        "ALTER SUBSCRIPTION sub SET PUBLICATION other",
        "ALTER SUBSCRIPTION sub ADD PUBLICATION other WITH (copy_data = false)",
        "ALTER SUBSCRIPTION sub DROP PUBLICATION pub WITH (refresh)",
    ],
)
def test_what_an_enabled_subscription_refuses_is_refused(connection: psycopg.Connection, sql: str) -> None:
    """The versions give different names to these."""
    connection.execute("ALTER SUBSCRIPTION sub ADD PUBLICATION more WITH (refresh = false)")
    connection.execute("ALTER SUBSCRIPTION sub ENABLE")
    assert isinstance(in_a_transaction(connection, sql), psycopg.errors.ActiveSqlTransaction)
    (statement,) = split_statements(sql)
    assert needs_no_transaction(sql, statement)


@pytest.mark.parametrize(
    "sql", ["ALTER SUBSCRIPTION sub SET (failover)", "ALTER SUBSCRIPTION sub SET (two_phase = off)"]
)
def test_what_changes_the_slot_of_a_subscription_is_refused_where_it_exists(
    connection: psycopg.Connection, sql: str
) -> None:
    """Failover since 17, two_phase since 18; before, there is no such option."""
    (statement,) = split_statements(sql)
    error = in_a_transaction(connection, sql)
    assert error is not None
    if connection.info.server_version >= 180000:
        assert error.diag.message_primary == (
            f"{needs_no_transaction(sql, statement)} cannot run inside a transaction block"
        )
    else:
        assert error.sqlstate in {"25001", "42601"}


@pytest.mark.parametrize(
    ("sql", "control"),
    [
        ("BEGIN", True),
        ("BEGIN WORK ISOLATION LEVEL SERIALIZABLE", True),
        ("START TRANSACTION", True),
        ("COMMIT", True),
        ("COMMIT AND CHAIN", True),
        ("END", True),
        ("ABORT", True),
        ("ROLLBACK", True),
        ("ROLLBACK TRANSACTION TO SAVEPOINT a", True),
        ("SAVEPOINT a", True),
        ("RELEASE a", True),
        ("PREPARE TRANSACTION 'x'", True),
        ("COMMIT PREPARED 'x'", True),
        ("ROLLBACK PREPARED 'x'", True),
        ("PREPARE transaction AS SELECT 1", False),
        ("PREPARE transaction (int) AS SELECT $1", False),
        ("SET TRANSACTION READ ONLY", False),
        ("SET CONSTRAINTS ALL DEFERRED", False),
        ("LOCK TABLE t", False),
    ],
)
def test_transaction_control_is_what_the_server_takes_for_it(
    connection: psycopg.Connection, sql: str, *, control: bool
) -> None:
    """EXECUTE of PL/pgSQL refuses each TransactionStmt of the grammar, and nothing else, with these words."""
    escaped = sql.replace("'", "''")
    error = in_a_transaction(connection, f"DO $do$ BEGIN EXECUTE '{escaped}'; END $do$")
    refused = error is not None and "transaction commands" in (error.diag.message_primary or "")
    assert refused is control, error
    (statement,) = split_statements(sql)
    assert (transaction_control(sql, statement) is not None) is control


@pytest.mark.parametrize("source", ["STDIN", "STDOUT"])
def test_a_copy_from_stdin_waits_for_data(connection: psycopg.Connection, source: str) -> None:
    """The server takes STDOUT for STDIN here."""
    sql = f"COPY t FROM {source}"
    (statement,) = split_statements(sql)
    assert is_copy_from_stdin(sql, statement)
    with connection.cursor().copy(sql.encode()) as copy:
        copy.write_row((7,))
    assert connection.execute("SELECT a FROM t").fetchall() == [(7,)]


@pytest.mark.parametrize(
    ("sql", "setting", "lasting"),
    [
        ("SET work_mem = '5MB'", "work_mem", True),
        ("SELECT pg_catalog.set_config('work_mem', '5MB', false)", "work_mem", True),
        ("SELECT \"set_config\"('work_mem', '5MB', false)", "work_mem", True),
        ("SET local.x = 5", "local.x", True),
        ("SET TIME ZONE 'Asia/Tokyo'", "timezone", True),
        ("SET ROLE pg_monitor", "role", True),
        ("SET LOCAL work_mem = '5MB'", "work_mem", False),
        ("SET TRANSACTION READ ONLY", "transaction_read_only", False),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "default_transaction_read_only", True),
    ],
)
def test_a_session_setting_outlives_its_transaction(
    connection: psycopg.Connection, sql: str, setting: str, *, lasting: bool
) -> None:
    show = "SELECT current_setting(%s, true)"
    before = connection.execute(show, [setting]).fetchone()
    connection.execute(f"BEGIN; {sql}; COMMIT".encode())
    after = connection.execute(show, [setting]).fetchone()
    connection.execute("RESET ROLE; RESET ALL; SET default_transaction_read_only = off")
    assert (before != after) is lasting
    (statement,) = split_statements(sql)
    assert is_session_setting(sql, statement) is lasting


@pytest.mark.parametrize(
    ("sql", "name", "table"),
    [
        ('CREATE INDEX CONCURRENTLY "My I" ON ONLY s /* x */ . "T t" (a)', '"My I"', 's."T t"'),
        ('CREATE INDEX CONCURRENTLY U&"\\0069x" ON S.U&"T!0020t" UESCAPE \'!\' (a)', '"ix"', 'S."T t"'),
    ],
)
def test_the_server_finds_what_a_concurrent_index_names(
    connection: psycopg.Connection, sql: str, name: str, table: str
) -> None:
    connection.execute('CREATE TABLE s."T t" (a int)')
    connection.execute(sql.encode())
    found = concurrent_statement(sql)
    assert found == CreateIndex(name=name, table=table, unique=False, if_not_exists=False)
    assert isinstance(found, CreateIndex)
    row = connection.execute(
        """
        SELECT to_regclass(%s) IS NOT NULL, indrelid = to_regclass(%s)
        FROM pg_index
        WHERE indexrelid = to_regclass(%s)
        """,
        [found.name, found.table, found.relation],
    ).fetchone()
    assert row == (False, True)  # s is not in the search_path: only the name with its schema is found
