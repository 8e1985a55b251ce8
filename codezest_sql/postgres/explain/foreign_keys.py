"""Reads the foreign keys of a database and the indexes that might serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.core.query_plans.foreign_keys import ForeignKey, KeyIndex
from codezest_sql.postgres.catalog_cursor import catalog_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

# The keys of partitions that come with those of their parent (conparentid) are the parent's.
_KEYS = """
SELECT k.conrelid, pg_catalog.format('%%I.%%I', n.nspname, c.relname), k.conname,
    ARRAY(
        SELECT pg_catalog.quote_ident(a.attname)
        FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, position)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number
        ORDER BY u.position
    ),
    k.conkey::pg_catalog.int4[]
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT (n.nspname = ANY(%s))
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY 2, k.conname
"""
_INDEXES = """
SELECT i.indrelid, (i.indkey::pg_catalog.int2[]::pg_catalog.int4[])[0:i.indnkeyatts - 1], m.amname,
    i.indpred IS NOT NULL,
    ARRAY(
        SELECT a.attnum::pg_catalog.int4 FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND i.indpred IS NOT NULL
            AND pg_catalog.pg_get_expr(i.indpred, i.indrelid) = pg_catalog.format('(%I IS NOT NULL)', a.attname)
    )
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE i.indisvalid AND i.indrelid IN (SELECT k.conrelid FROM pg_catalog.pg_constraint AS k WHERE k.contype = 'f')
ORDER BY i.indexrelid
"""


def read_foreign_keys(
    connection: psycopg.Connection[Any], *, ignore_schemas: Iterable[str] = ()
) -> tuple[tuple[ForeignKey, ...], tuple[KeyIndex, ...]]:
    """Return the foreign keys of the connected database, and the indexes of their tables."""
    with catalog_cursor(connection) as cursor:
        keys = cursor.execute(_KEYS, [list(ignore_schemas)]).fetchall()
        indexes = cursor.execute(_INDEXES).fetchall()
    return (
        tuple(
            ForeignKey(oid, table, name, tuple(names), tuple(numbers)) for oid, table, name, names, numbers in keys
        ),
        tuple(
            KeyIndex(table, tuple(numbers), method, is_partial, frozenset(covers))
            for table, numbers, method, is_partial, covers in indexes
        ),
    )
