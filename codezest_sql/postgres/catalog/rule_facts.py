"""Reads what the rules of a schema speak of from a live database. It decides nothing.

Partitions are left out everywhere: they repeat their parents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

from psycopg.rows import tuple_row

from codezest_sql.core.lint.schema.facts import Catalog, Column, Constraint, Index

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import psycopg

# pg_constraint.confdeltype (PostgreSQL documentation, 53.13).
ON_DELETE = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

_SCHEMAS: LiteralString = """
SELECT n.nspname, obj_description(n.oid, 'pg_namespace')
FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema') AND NOT (n.nspname = ANY(%s))
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid
                    AND d.deptype = 'e')
ORDER BY 1
"""

_TABLES: LiteralString = """
SELECT n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1
"""

_COLUMNS: LiteralString = """
SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text, col_description(c.oid, a.attnum)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1, a.attnum
"""

# From 18 on NOT NULL is a constraint too (contype n), named by the server: rule 8 does not mean it.
_CONSTRAINTS: LiteralString = """
SELECT n.nspname || '.' || c.relname, k.conname, k.contype::text,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
             JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place),
       (SELECT pn.nspname || '.' || p.relname FROM pg_class AS p JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
        WHERE p.oid = k.confrelid),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
             JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.place),
       k.confdeltype::text, k.convalidated, k.condeferrable
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid AND NOT c.relispartition
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND k.contype IN ('p', 'u', 'f', 'c')
ORDER BY k.conname
"""

_INDEXES: LiteralString = """
SELECT n.nspname || '.' || c.relname, i.relname,
       ARRAY(SELECT coalesce(
                 (SELECT a.attname::text FROM pg_attribute AS a
                  WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[place - 1] AND a.attnum > 0),
                 pg_get_indexdef(x.indexrelid, place, true))
             FROM generate_series(1, x.indnkeyatts) AS place),
       pg_get_expr(x.indpred, x.indrelid),
       ARRAY(SELECT a.attname::text FROM pg_attribute AS a
             WHERE a.attrelid = x.indrelid AND a.attnum > 0
               AND pg_get_expr(x.indpred, x.indrelid) ~ ('\\m' || a.attname || '\\M') ORDER BY a.attnum),
       x.indisunique, x.indisvalid, EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.indexrelid
                                            AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x'))
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_class AS c ON c.oid = x.indrelid AND NOT c.relispartition
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s)
ORDER BY i.relname
"""


_TYPES: LiteralString = """
SELECT n.nspname || '.' || t.typname, obj_description(t.oid, 'pg_type'),
       ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
WHERE n.nspname = ANY(%s) AND t.typtype IN ('e', 'd', 'r')
ORDER BY 1
"""

_TRIGGERS: LiteralString = """
SELECT n.nspname || '.' || c.relname, t.tgname
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid AND NOT c.relispartition
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname = ANY(%s)
UNION ALL
SELECT n.nspname || '.' || c.relname, r.rulename
FROM pg_rewrite AS r
JOIN pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('r', 'p')
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s)
ORDER BY 1, 2
"""


def read_catalog(
    connection: psycopg.Connection[Any],
    *,
    ignore: Sequence[str] = ("public",),
    ignore_tables: Collection[str] = (),
) -> Catalog:
    """Read the schemas of a database but PostgreSQL's own and those of ``ignore``; without some tables."""
    cursor = connection.cursor(row_factory=tuple_row)
    named = cursor.execute(_SCHEMAS, [list(ignore)]).fetchall()
    schemas: dict[str, str | None] = dict(named)

    def rows(query: LiteralString) -> Sequence[tuple[Any, ...]]:
        found = cursor.execute(query, [list(schemas)] * query.count("%s")).fetchall()
        return [row for row in found if row[0].partition(".")[2] not in ignore_tables]

    types = rows(_TYPES)
    return Catalog(
        tables=dict(rows(_TABLES)),
        columns=tuple(Column(*row) for row in rows(_COLUMNS)),
        constraints=tuple(
            Constraint(table, name, kind, tuple(columns), parent, tuple(of_parent), ON_DELETE.get(action, ""), *rest)
            for table, name, kind, columns, parent, of_parent, action, *rest in rows(_CONSTRAINTS)
        ),
        indexes=tuple(
            Index(table, name, tuple(keys), predicate, tuple(predicate_columns), *rest)
            for table, name, keys, predicate, predicate_columns, *rest in rows(_INDEXES)
        ),
        schemas=schemas,
        types={name: comment for name, comment, _ in types},
        enums={name: tuple(labels) for name, _, labels in types if labels},
        triggers=tuple((table, name) for table, name in rows(_TRIGGERS)),
    )
