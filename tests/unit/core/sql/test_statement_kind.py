"""What a statement is, by its words. tests/postgres/test_lexer_statement_kind.py asks the server the same."""

from __future__ import annotations

import pytest

from codezest_sql.core.sql.statement_kind import (
    is_copy_from_stdin,
    is_session_setting,
    needs_no_transaction,
    transaction_control,
)
from codezest_sql.core.sql.statements import Statement, split_statements


def one(sql: str) -> tuple[str, Statement]:
    (statement,) = split_statements(sql)
    return sql, statement


@pytest.mark.parametrize(
    ("sql", "command"),
    [
        ("BEGIN", "BEGIN"),
        ("begin isolation level serializable, read only", "BEGIN"),
        ("START TRANSACTION READ WRITE", "START TRANSACTION"),
        ("COMMIT", "COMMIT"),
        ("commit work and chain", "COMMIT"),
        ("END", "END"),
        ("ABORT TRANSACTION", "ABORT"),
        ("ROLLBACK", "ROLLBACK"),
        ("ROLLBACK AND NO CHAIN", "ROLLBACK"),
        ("ROLLBACK TO a", "ROLLBACK TO"),
        ("ROLLBACK /* x */ WORK TO SAVEPOINT a", "ROLLBACK TO"),
        ("SAVEPOINT a", "SAVEPOINT"),
        ("RELEASE SAVEPOINT a", "RELEASE"),
        ("PREPARE TRANSACTION 'a'", "PREPARE TRANSACTION"),
        ("COMMIT PREPARED 'a'", "COMMIT PREPARED"),
        ("ROLLBACK PREPARED 'a'", "ROLLBACK PREPARED"),
        ("/* a */ -- b\nCOMMIT", "COMMIT"),
    ],
)
def test_transaction_control_is_recognised(sql: str, command: str) -> None:
    assert transaction_control(*one(sql)) == command


@pytest.mark.parametrize(
    "sql",
    [
        "PREPARE a AS SELECT 1",
        "PREPARE transaction AS SELECT 1",
        "PREPARE transaction (int) AS SELECT $1",
        "SET TRANSACTION READ ONLY",
        "SELECT 'COMMIT'",
        '"commit"',
        "beginning",
        "beg\u0131n",
        "DO $$ BEGIN COMMIT; END $$",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
        "LOCK TABLE t",
        "(SELECT 1)",
    ],
)
def test_other_statements_control_no_transaction(sql: str) -> None:
    assert transaction_control(*one(sql)) is None


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE INDEX CONCURRENTLY ON t (a)", "CREATE INDEX CONCURRENTLY"),
        ("create unique index -- c\n concurrently if not exists i on t (a)", "CREATE INDEX CONCURRENTLY"),
        ("CREATE/**/INDEX/**/CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"),
        ("DROP INDEX CONCURRENTLY IF EXISTS i", "DROP INDEX CONCURRENTLY"),
        ("REINDEX INDEX CONCURRENTLY i", "REINDEX CONCURRENTLY"),
        ("REINDEX (VERBOSE, CONCURRENTLY) TABLE t", "REINDEX CONCURRENTLY"),
        ("REINDEX(CONCURRENTLY true)TABLE t", "REINDEX CONCURRENTLY"),
        ("REINDEX (CONCURRENTLY off) TABLE CONCURRENTLY t", "REINDEX CONCURRENTLY"),
        ("REINDEX SCHEMA CONCURRENTLY s", "REINDEX CONCURRENTLY"),
        ("REINDEX DATABASE", "REINDEX DATABASE"),
        ("REINDEX (VERBOSE) SYSTEM d", "REINDEX SYSTEM"),
        ("REINDEX SCHEMA s", "REINDEX SCHEMA"),
        ("ALTER TABLE ONLY s.t DETACH PARTITION p CONCURRENTLY", "ALTER TABLE ... DETACH CONCURRENTLY"),
        ("VACUUM", "VACUUM"),
        ("VACUUM (ANALYZE) t", "VACUUM"),
        ("CLUSTER", "CLUSTER"),
        ("CLUSTER VERBOSE", "CLUSTER"),
        ("CLUSTER (VERBOSE)", "CLUSTER"),
        ("ALTER SYSTEM SET work_mem = '4MB'", "ALTER SYSTEM"),
        ("CREATE DATABASE d", "CREATE DATABASE"),
        ("DROP DATABASE IF EXISTS d", "DROP DATABASE"),
        ("ALTER DATABASE d SET TABLESPACE s", "ALTER DATABASE SET TABLESPACE"),
        ("CREATE TABLESPACE s LOCATION '/x'", "CREATE TABLESPACE"),
        ("DROP TABLESPACE s", "DROP TABLESPACE"),
        ("DISCARD ALL", "DISCARD ALL"),
        ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "CREATE SUBSCRIPTION ... WITH (create_slot = true)"),
        ("DROP SUBSCRIPTION s", "DROP SUBSCRIPTION"),
        ("ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION ... REFRESH"),
        ("ALTER SUBSCRIPTION s SET PUBLICATION p, q", "ALTER SUBSCRIPTION with refresh"),
        ("ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (refresh)", "ALTER SUBSCRIPTION with refresh"),
        ("ALTER SUBSCRIPTION s SET (failover = true)", "ALTER SUBSCRIPTION ... SET (failover)"),
    ],
)
def test_statements_that_refuse_a_transaction_are_recognised(sql: str, reason: str) -> None:
    assert needs_no_transaction(*one(sql)) == reason


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX i ON t (a)",
        'CREATE INDEX "concurrently" ON t (a)',
        "CREATE TABLE concurrently (a int)",
        "CREATE TABLE database (a int)",
        "DROP INDEX i",
        "REINDEX TABLE t",
        "REINDEX (CONCURRENTLY off) TABLE t",
        "REINDEX (CONCURRENTLY 0, VERBOSE) INDEX i",
        "ALTER TABLE t DETACH PARTITION p",
        "ALTER TABLE t DETACH PARTITION p FINALIZE",
        "ALTER TABLE t ADD COLUMN concurrently int",
        "ANALYZE",
        "CLUSTER t",
        "CLUSTER VERBOSE t USING i",
        "CLUSTER (VERBOSE) t",
        "ALTER DATABASE d SET work_mem = '4MB'",
        "ALTER TYPE e ADD VALUE 'x'",
        "DISCARD PLANS",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (enabled, create_slot = 'off')",
        "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)",
        "ALTER SUBSCRIPTION s SET (slot_name = NONE)",
        "ALTER SUBSCRIPTION s DISABLE",
        "SELECT 'VACUUM'",
    ],
)
def test_statements_that_allow_a_transaction_have_no_reason(sql: str) -> None:
    assert needs_no_transaction(*one(sql)) is None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("COPY t FROM stdin", True),
        ("copy s.t (a, b) from STDIN WITH (FORMAT csv)", True),
        ("COPY BINARY t FROM STDIN", True),
        ('COPY "from" FROM stdin WHERE a > 1', True),
        ("COPY t FROM stdout", True),
        ("COPY t FROM '/tmp/x'", False),
        ("COPY t FROM PROGRAM 'cat'", False),
        ("COPY t TO stdout", False),
        ("COPY (SELECT * FROM stdin) TO '/tmp/x'", False),
        ("SELECT * FROM stdin", False),
    ],
)
def test_a_copy_that_waits_for_data_is_recognised(sql: str, *, expected: bool) -> None:
    assert is_copy_from_stdin(*one(sql)) is expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SET search_path = s", True),
        ("SET SESSION search_path = s", True),
        ("SET SESSION AUTHORIZATION r", True),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", True),
        ("SET ROLE r", True),
        ("SET TIME ZONE 'UTC'", True),
        ("SET local.setting = 1", True),
        ("RESET ALL", True),
        ("RESET ROLE", True),
        ("LOAD 'auto_explain'", True),
        ("PREPARE p AS SELECT 1", True),
        ("DEALLOCATE p", True),
        ("DISCARD PLANS", True),
        ("SELECT set_config('search_path', '', false)", True),
        ("SELECT pg_catalog.set_config('search_path', '', false)", True),
        ("SELECT \"pg_catalog\" . \"set_config\" ('search_path', '', false)", True),
        ("SET LOCAL search_path = s", False),
        ("SET TRANSACTION READ ONLY", False),
        ("SET CONSTRAINTS ALL DEFERRED", False),
        ("PREPARE TRANSACTION 'x'", False),
        ("SELECT set_config FROM t", False),
        ("SELECT s.set_config('a', 'b', false)", False),
        ("SELECT 1", False),
        ("ALTER ROLE r SET search_path = s", False),
        ("CREATE TABLE t (a int)", False),
    ],
)
def test_what_a_new_session_needs_again_is_recognised(sql: str, *, expected: bool) -> None:
    assert is_session_setting(*one(sql)) is expected


@pytest.mark.parametrize(
    "sql", ["'a'", "E'x'", "(", "1", "SELECT", "\\d", "CREATE", "DROP INDEX", "REINDEX (", "SET", ")"]
)
def test_fragments_are_nothing_special(sql: str) -> None:
    """The server will refuse them; no question about them may fail."""
    text, statement = one(sql)
    assert transaction_control(text, statement) is None
    assert needs_no_transaction(text, statement) is None
    assert not is_copy_from_stdin(text, statement)
    assert is_session_setting(text, statement) is (sql == "SET")
