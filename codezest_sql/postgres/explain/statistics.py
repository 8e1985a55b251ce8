"""Reads the statistics of a live database, and gives statistics to an empty one.

Of ``pg_stats`` only what reveals nothing of any row. ``most_common_vals``, ``histogram_bounds`` and
``most_common_elems`` hold values of the data: none of them leaves the server, which only counts the bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from codezest_sql.core.query_plans.assumed_sizes import FoundAttribute, FoundRelation
from codezest_sql.core.query_plans.statistics import PLANNER_SETTINGS, ColumnStatistics, Statistics, TableStatistics
from codezest_sql.postgres.catalog_cursor import catalog_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from codezest_sql.core.query_plans.assumed_sizes import Sized

# From 18 on there are functions for it; before, a superuser writes the catalog. The functions plan the expressions
# of indexes, and so may call functions of the schema: the tables' owner calls them.
_WITH_FUNCTIONS = 180000
# The relations of extensions are theirs; their own tables are small.
_OURS = """
    n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
"""
# A partitioned table means its partitions, which come and go. reltuples is -1 before the first ANALYZE.
_TABLES = f"""
SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname), size.rows, size.pages, size.visible
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT sum(l.reltuples) FILTER (WHERE l.reltuples >= 0)::pg_catalog.int8 AS rows,
        coalesce(sum(l.relpages), 0)::pg_catalog.int8 AS pages,
        coalesce(sum(l.relallvisible), 0)::pg_catalog.int8 AS visible
    FROM pg_catalog.pg_class AS l
    WHERE l.oid = c.oid AND c.relkind <> 'p'
        OR c.relkind = 'p' AND l.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) AS t WHERE t.isleaf)
) AS size
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND NOT (c.relname = ANY(%(besides)s))
    AND n.nspname !~ ALL (%(schemas)s) AND {_OURS}
ORDER BY 1
"""  # noqa: S608  # words of this file
# Autovacuum never analyses a partitioned table (PostgreSQL documentation, ANALYZE): its largest partition speaks for
# it then. ``rank`` 1 is what counts.
_COLUMNS = f"""
SELECT f.root, f.expression_of, s.attname, s.null_frac, s.avg_width, s.n_distinct, s.correlation,
    s.most_common_freqs, coalesce(pg_catalog.array_length(s.histogram_bounds, 1), 0)
FROM (
    SELECT n.nspname, c.relname, c.relkind = 'p' AS inherited,
        pg_catalog.format('%I.%I', rn.nspname, r.relname) AS root,
        CASE WHEN c.relkind = 'i' THEN c.relname END AS expression_of,
        pg_catalog.row_number() OVER (
            PARTITION BY r.oid, CASE WHEN c.relkind = 'i' THEN c.relname END
            ORDER BY c.relkind = 'p' DESC, c.reltuples DESC, c.relname
        ) AS rank
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    JOIN pg_catalog.pg_class AS r ON r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), i.indrelid, c.oid)
    JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
    WHERE (c.relkind IN ('r', 'p', 'm') OR c.relkind = 'i' AND NOT c.relispartition AND i.indexprs IS NOT NULL)
        AND EXISTS (
            SELECT FROM pg_catalog.pg_stats AS k
            WHERE k.schemaname = n.nspname AND k.tablename = c.relname AND k.inherited = (c.relkind = 'p')
        )
        AND {_OURS}
) AS f
JOIN pg_catalog.pg_stats AS s
    ON s.schemaname = f.nspname AND s.tablename = f.relname AND s.inherited = f.inherited
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.format('%I.%I', f.nspname, f.relname)::pg_catalog.regclass AND a.attname = s.attname
WHERE f.rank = 1
ORDER BY f.root, f.expression_of NULLS FIRST, a.attnum
"""  # noqa: S608  # words of this file
_PLANNER = """
SELECT s.name, pg_catalog.current_setting(s.name) FROM pg_catalog.pg_settings AS s
WHERE s.name = ANY(%s) AND s.setting <> s.boot_val
ORDER BY s.name
"""
_RELATIONS = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.format('%I.%I', rn.nspname, r.relname),
    CASE WHEN r.relkind = 'p' AND c.relkind <> 'p' THEN (
        SELECT greatest(count(*), 1) FROM pg_catalog.pg_partition_tree(r.oid) AS t WHERE t.isleaf
    ) ELSE 1 END,
    coalesce(i.indrelid, 0), coalesce(m.amname, 'heap')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
LEFT JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
JOIN pg_catalog.pg_class AS r
    ON r.oid = coalesce(pg_catalog.pg_partition_root(coalesce(i.indrelid, c.oid)), i.indrelid, c.oid)
JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
WHERE c.relkind IN ('r', 'm', 'i', 'p') AND (c.relkind <> 'p' OR NOT c.relispartition) AND {_OURS}
ORDER BY c.oid
"""  # noqa: S608  # words of this file
_ATTRIBUTES = """
SELECT a.attrelid, a.attnum, a.attname, a.attlen, coalesce(i.indkey[a.attnum - 1], 0)
FROM pg_catalog.pg_attribute AS a LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = a.attrelid
WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
_FORGET = "DELETE FROM pg_catalog.pg_statistic WHERE starelid = ANY(%s)"
_SET_RELATION = """
UPDATE pg_catalog.pg_class SET reltuples = %(rows)s, relpages = %(pages)s, relallvisible = %(visible)s
WHERE oid = %(oid)s
"""
_RESTORE_RELATION = """
SELECT pg_catalog.pg_restore_relation_stats(
    'schemaname', %(schema)s::text, 'relname', %(name)s::text, 'reltuples', %(rows)s::real,
    'relpages', %(pages)s::integer, 'relallvisible', %(visible)s::integer
)
"""
# Of the five slots only that of the correlation (kind 3 of pg_statistic.h) is filled; its operator is the one that
# the planner looks for: "<" of the index whose first column it is (btcostestimate of selfuncs.c).
_SET_COLUMN = """
INSERT INTO pg_catalog.pg_statistic (
    starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct, stakind1, stakind2, stakind3, stakind4,
    stakind5, staop1, staop2, staop3, staop4, staop5, stacoll1, stacoll2, stacoll3, stacoll4, stacoll5, stanumbers1
)
SELECT a.attrelid, a.attnum, %(inherited)s, %(null_frac)s, %(width)s, %(distinct)s,
    CASE WHEN %(correlation)s::real IS NULL THEN 0 ELSE 3 END, 0, 0, 0, 0,
    CASE WHEN %(correlation)s::real IS NULL THEN 0 ELSE coalesce((
        SELECT p.amopopr FROM pg_catalog.pg_index AS i
        JOIN pg_catalog.pg_opclass AS o ON o.oid = i.indclass[0]
        JOIN pg_catalog.pg_am AS m ON m.oid = o.opcmethod AND m.amname = 'btree'
        JOIN pg_catalog.pg_amop AS p ON p.amopfamily = o.opcfamily AND p.amopstrategy = 1
            AND p.amoplefttype = o.opcintype AND p.amoprighttype = o.opcintype
        WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum
            OR i.indexrelid = a.attrelid AND a.attnum = 1
        ORDER BY o.opcdefault DESC, p.amopopr
        LIMIT 1
    ), 0) END, 0, 0, 0, 0,
    CASE WHEN %(correlation)s::real IS NULL THEN 0 ELSE a.attcollation END, 0, 0, 0, 0,
    CASE WHEN %(correlation)s::real IS NOT NULL THEN ARRAY[%(correlation)s::real] END
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = %(oid)s AND a.attnum = %(number)s
"""
_RESTORE_COLUMN = """
SELECT pg_catalog.pg_restore_attribute_stats(
    'schemaname', %(schema)s::text, 'relname', %(name)s::text, 'attnum', %(number)s::smallint,
    'inherited', %(inherited)s::boolean, 'null_frac', %(null_frac)s::real, 'avg_width', %(width)s::integer,
    'n_distinct', %(distinct)s::real, 'correlation', %(correlation)s::real
)
"""


class Dumped(NamedTuple):
    """The statistics of a database, and the tables that have none: never analysed, or not for this role to read."""

    statistics: Statistics
    unanalysed: tuple[str, ...]


def dump_statistics(
    connection: psycopg.Connection[Any], *, besides: Iterable[str] = (), ignore_schemas: Iterable[str] = ()
) -> Dumped:
    """Read the statistics of the connected database, but for tables named ``besides`` in any schema."""
    schemas = [f"^{_escaped(schema)}$" for schema in ignore_schemas]
    with catalog_cursor(connection) as cursor:
        found = cursor.execute(_TABLES, {"besides": list(besides), "schemas": schemas}).fetchall()
        columns = cursor.execute(_COLUMNS).fetchall()
        planner: dict[str, str] = dict(cursor.execute(_PLANNER, [list(PLANNER_SETTINGS)]).fetchall())
    of: dict[str, dict[str, ColumnStatistics]] = {}
    expressions: dict[str, dict[str, dict[str, ColumnStatistics]]] = {}
    for root, index, name, null_frac, width, distinct, correlation, frequencies, bounds in columns:
        facts = ColumnStatistics(null_frac, width, distinct, correlation, tuple(frequencies or ()), bounds)
        into = of.setdefault(root, {}) if index is None else expressions.setdefault(root, {}).setdefault(index, {})
        into[name] = facts
    tables = {
        name: TableStatistics(rows, pages, visible, of.get(name, {}), expressions.get(name, {}))
        for name, rows, pages, visible in found
        if rows is not None
    }
    unknown = tuple(name for name, rows, *_ in found if rows is None or (rows and name not in of))
    return Dumped(Statistics(tables, planner), unknown)


def _escaped(name: str) -> str:
    return "".join(character if character.isalnum() or character == "_" else f"\\{character}" for character in name)


def read_relations(connection: psycopg.Connection[Any]) -> tuple[FoundRelation, ...]:
    """Read the tables and indexes that statistics can be given to."""
    with catalog_cursor(connection) as cursor:
        found = cursor.execute(_RELATIONS).fetchall()
        attributes = cursor.execute(_ATTRIBUTES, [[row[0] for row in found]]).fetchall()
    of: dict[int, list[FoundAttribute]] = {}
    for oid, *facts in attributes:
        of.setdefault(oid, []).append(FoundAttribute(*facts))
    return tuple(
        FoundRelation(oid, schema, name, kind, root, leaves, tuple(of.get(oid, ())), table, method)
        for oid, schema, name, kind, root, leaves, table, method in found
    )


def give_statistics(
    connection: psycopg.Connection[Any], relations: Iterable[Sized], *, catalog: psycopg.Connection[Any]
) -> None:
    """Write statistics, in place of those that a migration may have made.

    ``connection`` is of the tables' owner, ``catalog`` of a superuser, who writes the system catalog alone. Both
    are in autocommit mode. Raises psycopg's errors.
    """
    by_function = connection.info.server_version >= _WITH_FUNCTIONS
    whole: list[dict[str, object]] = []
    columns: list[dict[str, object]] = []
    for each in relations:
        relation = each.relation
        name: dict[str, object] = {"oid": relation.oid, "schema": relation.schema, "name": relation.name}
        if relation.kind != "p":
            # reltuples of a page times the pages of the file is what the planner takes.
            whole.append({**name, "rows": each.rows, "pages": _signed(each.pages), "visible": each.all_visible})
        columns.extend(
            {
                **name,
                "number": number,
                "inherited": relation.kind == "p",
                "null_frac": facts.null_frac,
                "width": facts.avg_width or 0,
                "distinct": facts.n_distinct,
                "correlation": facts.correlation,
            }
            for number, facts in each.columns
        )
    catalog.execute(_FORGET, [[each["oid"] for each in columns] + [each["oid"] for each in whole]])
    writer = connection if by_function else catalog
    with catalog_cursor(writer) as cursor:
        cursor.executemany(_RESTORE_RELATION if by_function else _SET_RELATION, whole)
        cursor.executemany(_RESTORE_COLUMN if by_function else _SET_COLUMN, columns)


def _signed(pages: int) -> int:
    """Return a number of pages as pg_class has it: an int4 that means an unsigned one."""
    return pages - 2**32 if pages >= 2**31 else pages
