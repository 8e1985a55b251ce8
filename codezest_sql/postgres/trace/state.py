"""Reads what a tracer compares: relations with their files and counters, and the locks of another session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import tuple_row

from codezest_sql.core.review.trace.measured import LockMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

# pg_stat_get_xact_… count what this session did and has not reported yet: within a transaction they only grow.
_RELATIONS = """
SELECT c.oid::bigint, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relname::text, c.relkind::text,
    coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::bigint,
    coalesce(i.indrelid, 0)::bigint,
    CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_relation_size(c.oid) ELSE 0 END,
    pg_catalog.pg_stat_get_xact_numscans(c.oid),
    pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
        + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I')
AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
AND c.relname !~ '^_?(yoyo|codezest)_'
"""
_LOCKS = """
SELECT l.relation::bigint, l.mode, l.granted FROM pg_catalog.pg_locks AS l
WHERE l.pid = %s AND l.locktype = 'relation'
AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
"""


class Relation(NamedTuple):
    """A table, view or index; ``table`` is that of an index, else 0; ``size`` in bytes, counters of this session."""

    name: str
    bare_name: str
    kind: str
    file: int
    table: int
    size: int
    scans: int
    written: int

    @property
    def is_index(self) -> bool:
        """Return whether it is an index, or one of a partitioned table."""
        return self.kind in {"i", "I"}


def read_relations(connection: psycopg.Connection[Any]) -> Mapping[int, Relation]:
    """Return every relation that the session sees, by its OID."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_RELATIONS).fetchall()
    return {oid: Relation(*facts) for oid, *facts in rows}


def read_locks(
    connection: psycopg.Connection[Any], pid: int
) -> tuple[Mapping[int, LockMode], Mapping[int, LockMode]]:
    """Return the strongest lock of a session by relation, granted ones and those that it waits for."""
    granted: dict[int, LockMode] = {}
    awaited: dict[int, LockMode] = {}
    with connection.cursor(row_factory=tuple_row) as cursor:
        for oid, name, is_granted in cursor.execute(_LOCKS, [pid]).fetchall():
            found = granted if is_granted else awaited
            mode = LockMode.of(name)
            found[oid] = max(mode, found.get(oid, mode))
    return granted, awaited
