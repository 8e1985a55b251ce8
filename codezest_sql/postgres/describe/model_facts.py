"""Reads what models are made from: relations with their columns, keys and comments, and the comments of types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.core.describe.model_facts import ModelColumn, ModelFacts, Relation
from codezest_sql.postgres.catalog_cursor import catalog_cursor

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

    from codezest_sql.core.describe.types import TypeFacts

# The relations of extensions are theirs. NOT NULL is that of a table; on 18 only a validated one.
_RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltype, c.relispartition,
    pg_catalog.obj_description(c.oid, 'pg_class'),
    coalesce((
        SELECT i.indkey::pg_catalog.int2[]::pg_catalog.int4[] FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = c.oid AND i.indisprimary
    ), '{}')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname, a.atttypid,
    a.attnotnull AND c.relkind IN ('r', 'p') AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint AS k
        WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated
    ),
    pg_catalog.col_description(a.attrelid, a.attnum),
    EXISTS (
        SELECT FROM pg_catalog.pg_constraint AS k
        WHERE k.conrelid = a.attrelid AND k.contype = 'c' AND k.convalidated AND k.conkey = ARRAY[a.attnum]
            AND pg_catalog.pg_get_constraintdef(k.oid) ~ pg_catalog.format(
                '^CHECK \\(\\(array_position\\(%s, NULL::[^)]*\\) IS NULL\\)\\)', pg_catalog.quote_ident(a.attname)
            )
    ),
    greatest(a.attndims, t.typndims, 1)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY a.attrelid, a.attnum
"""
_TYPE_COMMENTS = """
SELECT d.objoid, d.description FROM pg_catalog.pg_description AS d
WHERE d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objoid >= 16384
"""


def read_model_facts(connection: psycopg.Connection[Any], types: Mapping[int, TypeFacts]) -> ModelFacts:
    """Read the relations of the connected database; ``types`` are its types, which an ``Analyst`` has read."""
    with catalog_cursor(connection) as cursor:
        relations = cursor.execute(_RELATIONS).fetchall()
        columns = cursor.execute(_COLUMNS).fetchall()
        comments: dict[int, str] = dict(cursor.execute(_TYPE_COMMENTS).fetchall())
    of: dict[int, list[ModelColumn]] = {}
    for relation, *facts in columns:
        of.setdefault(relation, []).append(ModelColumn(*facts))
    found = {
        oid: Relation(
            oid=oid,
            schema=schema,
            name=name,
            kind=kind,
            row_type=row_type,
            columns=tuple(of.get(oid, ())),
            primary_key=tuple(key),
            comment=comment,
            is_partition=is_partition,
        )
        for oid, schema, name, kind, row_type, is_partition, comment, key in relations
    }
    return ModelFacts(found, types, comments)
