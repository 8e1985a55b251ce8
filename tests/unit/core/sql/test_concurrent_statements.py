"""What the CONCURRENTLY statements name."""

from __future__ import annotations

import pytest

from codezest_sql.core.sql.concurrent_statements import (
    ConcurrentStatement,
    CreateIndex,
    DetachPartition,
    DropIndex,
    Reindex,
    concurrent_statement,
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            CreateIndex(name="i", table="t", unique=False, if_not_exists=False),
        ),
        (
            'create unique index concurrently if not exists "My Index" on only Learning . "T" using gin (a)',
            CreateIndex(name='"My Index"', table='Learning."T"', unique=True, if_not_exists=True),
        ),
        (
            "CREATE INDEX /* a */ CONCURRENTLY -- b\n ON ONLY (s /* c */ . t) (lower(a))",
            CreateIndex(name=None, table="s.t", unique=False, if_not_exists=False),
        ),
        (
            'CREATE INDEX CONCURRENTLY U&"d\\0061t!a" ON U&"t!0061" UESCAPE \'!\' (a)',
            CreateIndex(name='"dat!a"', table='"ta"', unique=False, if_not_exists=False),
        ),
        ("DROP INDEX CONCURRENTLY i", DropIndex(names=("i",), if_exists=False)),
        (
            'DROP INDEX CONCURRENTLY IF EXISTS s.i, "J" CASCADE',
            DropIndex(names=("s.i", '"J"'), if_exists=True),
        ),
        ("REINDEX INDEX CONCURRENTLY s.i", Reindex(target="INDEX", name="s.i")),
        ('REINDEX (CONCURRENTLY, VERBOSE) TABLE "T"', Reindex(target="TABLE", name='"T"')),
        ("REINDEX (TABLESPACE x) SCHEMA CONCURRENTLY s", Reindex(target="SCHEMA", name="s")),
        ("REINDEX DATABASE CONCURRENTLY", Reindex(target="DATABASE", name=None)),
        (
            "ALTER TABLE s.t DETACH PARTITION s.p CONCURRENTLY",
            DetachPartition(parent="s.t", child="s.p"),
        ),
        (
            'ALTER TABLE IF EXISTS ONLY "T" * DETACH PARTITION p CONCURRENTLY',
            DetachPartition(parent='"T"', child="p"),
        ),
        ("ALTER TABLE ONLY (t) DETACH PARTITION p CONCURRENTLY", DetachPartition(parent="t", child="p")),
    ],
)
def test_the_names_are_read_as_written(sql: str, expected: ConcurrentStatement) -> None:
    assert concurrent_statement(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX i ON t (a)",
        "CREATE INDEX CONCURRENTLY",
        "CREATE INDEX CONCURRENTLY i t (a)",
        "CREATE INDEX CONCURRENTLY i ON 1",
        "CREATE TABLE t (a int)",
        "DROP INDEX i",
        "DROP INDEX CONCURRENTLY",
        "REINDEX TABLE t",
        "REINDEX (CONCURRENTLY false) TABLE t",
        "ALTER TABLE t DETACH PARTITION p",
        "ALTER TABLE t DETACH PARTITION p FINALIZE",
        "ALTER TABLE t ADD COLUMN a int",
        "ALTER INDEX i RENAME TO j",
        "VACUUM",
        "",
        "-- nothing",
    ],
)
def test_other_statements_are_none(sql: str) -> None:
    assert concurrent_statement(sql) is None


def test_an_index_lives_in_the_schema_of_its_table() -> None:
    created = concurrent_statement('CREATE INDEX CONCURRENTLY i ON "S".t (a)')
    assert isinstance(created, CreateIndex)
    assert created.relation == '"S".i'


def test_an_index_without_a_name_has_no_relation_to_look_for() -> None:
    created = concurrent_statement("CREATE INDEX CONCURRENTLY ON s.t (a)")
    assert isinstance(created, CreateIndex)
    assert created.relation is None
