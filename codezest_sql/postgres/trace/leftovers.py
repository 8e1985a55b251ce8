"""What migrations leave behind that works and is not meant: read from the catalog, compared before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql
from psycopg.rows import tuple_row

from codezest_sql.postgres.trace.quoted_name import quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

_LEFTOVERS = """
WITH spaces AS MATERIALIZED (
    SELECT n.oid FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
),
tables AS MATERIALIZED (
    SELECT c.oid, c.oid::pg_catalog.regclass::text AS name, c.relkind, c.relispartition
    FROM pg_catalog.pg_class AS c JOIN spaces AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND c.relname !~ '^_?(yoyo|codezest)_'
),
indexes AS MATERIALIZED (
    SELECT i.*, i.indexrelid::pg_catalog.regclass::text AS name, t.name AS table_name, c.relam, c.relispartition,
        c.relkind = 'I' AS is_partitioned
    FROM pg_catalog.pg_index AS i JOIN tables AS t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
)
SELECT i.indexrelid::bigint, 'invalid-index', i.name, i.table_name, ''
FROM indexes AS i WHERE NOT i.indisvalid AND NOT i.is_partitioned
UNION ALL
SELECT k.oid::bigint, 'not-validated', k.conname::text, t.name, ''
FROM pg_catalog.pg_constraint AS k JOIN tables AS t ON t.oid = k.conrelid
WHERE NOT k.convalidated AND k.conparentid = 0
AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)  -- since PostgreSQL 18
UNION ALL
SELECT k.oid::bigint, 'unindexed-foreign-key', k.conname::text, t.name, (
    SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY u.place)
    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number
)
FROM pg_catalog.pg_constraint AS k JOIN tables AS t ON t.oid = k.conrelid
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
    SELECT FROM indexes AS i
    WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
    AND (i.indkey::pg_catalog.int2[])[0:pg_catalog.cardinality(k.conkey) - 1] @> k.conkey
)
UNION ALL
SELECT t.oid::bigint, 'no-primary-key', t.name, t.name, '' FROM tables AS t
WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
AND NOT EXISTS (SELECT FROM indexes AS i WHERE i.indrelid = t.oid AND (i.indisprimary OR i.indisreplident))
UNION ALL
SELECT a.indexrelid::bigint, 'redundant-index', a.name, a.table_name, b.name
FROM indexes AS a JOIN indexes AS b ON a.indrelid = b.indrelid AND a.indexrelid <> b.indexrelid
WHERE NOT a.indisunique AND NOT a.relispartition AND a.relam = b.relam AND a.indisvalid AND b.indisvalid
AND a.indexprs IS NULL AND b.indexprs IS NULL AND a.indpred IS NULL AND b.indpred IS NULL
AND a.indnkeyatts = a.indnatts
AND (b.indkey::text || ' ') LIKE (a.indkey::text || ' %')
AND (b.indcollation::text || ' ') LIKE (a.indcollation::text || ' %')
AND (b.indclass::text || ' ') LIKE (a.indclass::text || ' %')
AND (b.indoption::text || ' ') LIKE (a.indoption::text || ' %')
AND (a.indnatts < b.indnatts OR b.indisunique OR a.indexrelid > b.indexrelid)
"""
_INVALID = """
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_'
"""


_OBJECTS = """
SELECT k.oid::bigint FROM pg_catalog.pg_constraint AS k WHERE k.oid >= 16384 AND k.contype IN ('f', 'c', 'n')
UNION ALL SELECT c.oid::bigint FROM pg_catalog.pg_class AS c
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'i') AND c.relpersistence <> 't'
"""


class Leftover(NamedTuple):
    """A code of a finding, the object, its table, and its details (columns, the other index)."""

    oid: int
    code: str
    name: str
    table: str
    other: str


def read_leftovers(connection: psycopg.Connection[Any]) -> frozenset[Leftover]:
    """Return all that there is now, in every schema but the server's."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return frozenset(Leftover(*row) for row in cursor.execute(_LEFTOVERS).fetchall())


def read_objects(connection: psycopg.Connection[Any]) -> frozenset[int]:
    """Return the OIDs of all that can be left over: tables, indexes and constraints."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return frozenset(int(oid) for (oid,) in cursor.execute(_OBJECTS).fetchall())


def read_invalid_indexes(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """Return the qualified names of the indexes that a failed CONCURRENTLY left."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return frozenset(str(name) for (name,) in cursor.execute(_INVALID).fetchall())


def drop_invalid_indexes(connection: psycopg.Connection[Any], names: Iterable[str]) -> None:
    """Drop such indexes, so that the statement can run again."""
    for name in sorted(names):
        connection.execute(sql.SQL("DROP INDEX {}").format(quoted_name(name)))
