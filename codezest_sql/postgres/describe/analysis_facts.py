"""Reads, in a few bulk queries, what the analysis of statements has to know of a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codezest_sql.core.describe.types import Origin, TypeFacts
from codezest_sql.core.nullability.at_most_one_row import column_key, expression_keys
from codezest_sql.core.nullability.facts import CatalogFacts, UniqueKey
from codezest_sql.core.query_tree.nodes import TreeError
from codezest_sql.postgres.catalog_cursor import catalog_cursor

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

# One row for each function would take longer than all queries of a project; numbers in a line do not.
_FUNCTIONS = """
SELECT coalesce(string_agg(oid::text, ' ') FILTER (WHERE proisstrict), ''),
    coalesce(string_agg(oid::text, ' ') FILTER (WHERE provolatile = 'v'), ''),
    coalesce(string_agg(oid::text, ' ') FILTER (WHERE proretset), ''),
    string_agg(oid::text || ' ' || proname, E'\n') FILTER (WHERE pronamespace = 'pg_catalog'::regnamespace)
FROM pg_catalog.pg_proc
"""
# Of the built-in functions only those whose arguments have had descriptive names since before 15: 18 gives
# names to many more, and a parameter's name must not depend on the version.
_ARGUMENTS = """
SELECT p.oid, ARRAY(
    SELECT a.name
    FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY AS a (name, mode, place)
    WHERE coalesce(a.mode, 'i') IN ('i', 'b', 'v')
    ORDER BY a.place
)
FROM pg_catalog.pg_proc AS p
WHERE p.proargnames IS NOT NULL AND p.pronargs > 0
    AND (p.pronamespace <> 'pg_catalog'::regnamespace OR p.proname ~ '^(make_|jsonb_path_)')
"""
_OPERATORS = "SELECT string_agg(oid::text || ' ' || oprcode::oid::text, ' ') FROM pg_catalog.pg_operator"

# A NOT NULL counts when it is of a table itself (a foreign table's does not count, a materialized view has
# none), and on 18 when it was validated. A domain's NOT NULL is no column's: such a column can hold NULL.
_NOT_NULL = """
WITH RECURSIVE tables AS (
    SELECT c.oid, c.relkind FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'f')
), kept AS (
    SELECT a.attrelid, a.attnum, a.attname
    FROM tables AS t
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid
    WHERE t.relkind <> 'f' AND a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated
        )
), below AS (
    SELECT inhparent AS top, inhrelid AS child FROM pg_catalog.pg_inherits
    UNION
    SELECT b.top, i.inhrelid FROM below AS b JOIN pg_catalog.pg_inherits AS i ON i.inhparent = b.child
), doubtful AS (
    SELECT DISTINCT k.attrelid, k.attnum
    FROM below AS b
    JOIN kept AS k ON k.attrelid = b.top
    LEFT JOIN kept AS c ON c.attrelid = b.child AND c.attname = k.attname
    WHERE c.attnum IS NULL
)
SELECT t.oid,
    coalesce(string_agg(k.attnum::text, ' '), ''),
    coalesce(string_agg(k.attnum::text, ' ') FILTER (WHERE d.attnum IS NULL), ''),
    EXISTS (
        SELECT FROM below AS b JOIN tables AS f ON f.oid = b.child WHERE b.top = t.oid AND f.relkind = 'f'
    )
FROM tables AS t
LEFT JOIN kept AS k ON k.attrelid = t.oid
LEFT JOIN doubtful AS d ON d.attrelid = k.attrelid AND d.attnum = k.attnum
WHERE t.relkind <> 'f'
GROUP BY t.oid
"""

# Deferrable keys may be violated within a transaction; a table's key does not hold for what inherits from it.
_UNIQUE = """
SELECT i.indrelid, i.indkey::text, i.indexprs::text, i.indpred::text, i.indcollation::text, i.indnkeyatts,
    (
        SELECT string_agg(k.opcfamily::text, ' ' ORDER BY c.place)
        FROM unnest(i.indclass) WITH ORDINALITY AS c (opclass, place)
        JOIN pg_catalog.pg_opclass AS k ON k.oid = c.opclass
    )
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND (
    t.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = t.oid)
)
"""
_EQUALITIES = """
SELECT string_agg(amopopr::oid::text || ' ' || amopfamily::text, ' ')
FROM pg_catalog.pg_amop
WHERE amopstrategy = 3 AND amopmethod = (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'btree')
"""

# The row types of tables are left out: nothing asks for the type of a whole row but the origin of its columns.
_TYPES = """
SELECT t.oid, pg_catalog.format_type(t.oid, NULL), t.typtype, n.nspname, t.typname,
    CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END::oid, t.typbasetype, coalesce(r.rngsubtype, 0)::oid,
    t.typrelid, t.typnotnull,
    ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)::text[]
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_range AS r ON t.oid IN (r.rngtypid, r.rngmultitypid)
WHERE NOT (n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AND t.typrelid <> 0)
"""
_ATTRIBUTES = """
SELECT c.oid, n.nspname, c.relname, a.attnum, a.attname, a.atttypid, greatest(a.attndims, t.typndims)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY c.oid, a.attnum
"""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What is known of a database: facts for the proof, types by OID, table columns by table and number."""

    catalog: CatalogFacts
    types: Mapping[int, TypeFacts]
    columns: Mapping[tuple[int, int], Origin]


def read_database_facts(connection: psycopg.Connection[Any]) -> DatabaseFacts:
    """Read the facts of the connected database. They do not follow its changes."""
    with catalog_cursor(connection) as cursor:
        strict, volatile, sets, names = cursor.execute(_FUNCTIONS).fetchone() or ("", "", "", "")
        arguments = cursor.execute(_ARGUMENTS).fetchall()
        (operators,) = cursor.execute(_OPERATORS).fetchone() or ("",)
        tables = cursor.execute(_NOT_NULL).fetchall()
        attributes = cursor.execute(_ATTRIBUTES).fetchall()
        types = cursor.execute(_TYPES).fetchall()
        unique = cursor.execute(_UNIQUE).fetchall()
        (equal,) = cursor.execute(_EQUALITIES).fetchone() or ("",)
    columns = {
        (table, number): Origin(table, number, schema, name, column, type_oid)
        for table, schema, name, number, column, type_oid, _ in attributes
    }
    rows: dict[int, list[Origin]] = {}
    for origin in columns.values():
        rows.setdefault(origin.table_oid, []).append(origin)
    fields: dict[int, list[tuple[str, int]]] = {}
    for table, _, _, _, column, type_oid, _ in attributes:
        fields.setdefault(table, []).append((column, type_oid))
    known = {row[0]: _type(row, fields) for row in types}
    numbers = [int(each) for each in operators.split()]
    domains = _not_null_domains(known)
    catalog = CatalogFacts(
        version=connection.info.server_version // 10_000,
        not_null={table: _numbers(own) for table, own, _, _ in tables},
        # A foreign table among the children promises nothing, so then nothing of the whole is known.
        not_null_in_children={table: _numbers(common) for table, _, common, foreign in tables if not foreign},
        strict=_numbers(strict),
        volatile=_numbers(volatile),
        set_returning=_numbers(sets),
        builtins={int(oid): name for oid, name in (line.split(" ", 1) for line in names.split("\n"))},
        operators=dict(zip(numbers[::2], numbers[1::2], strict=True)),
        type_kinds={each.oid: each.kind for each in known.values()},
        not_null_domains=domains,
        unique_keys=_unique_keys(unique),
        equalities=_equalities([int(each) for each in equal.split()]),
        columns=columns,
        rows={table: tuple(each) for table, each in rows.items()},
        row_types={each.oid: each.relation for each in known.values() if each.relation},
        array_types=frozenset(each.oid for each in known.values() if each.element),
        dimensions={(table, number): count for table, _, _, number, _, _, count in attributes if count > 1},
        arrays_of_not_null=frozenset(each.oid for each in known.values() if each.element in domains),
        argument_names={function: tuple(names) for function, names in arguments},
        is_utf8=connection.info.parameter_status("server_encoding") == "UTF8",
    )
    return DatabaseFacts(catalog, known, columns)


def _type(row: tuple[Any, ...], fields: Mapping[int, list[tuple[str, int]]]) -> TypeFacts:
    oid, name, kind, schema, bare_name, element, base, subtype, relation, not_null, labels = row
    return TypeFacts(
        oid,
        name,
        kind,
        schema,
        bare_name,
        element=element,
        base=base,
        subtype=subtype,
        relation=relation,
        not_null=not_null,
        labels=tuple(labels),
        attributes=tuple(fields.get(relation, ())),
    )


def _numbers(text: str) -> frozenset[int]:
    return frozenset(map(int, text.split()))


def _not_null_domains(types: Mapping[int, TypeFacts]) -> frozenset[int]:
    """Return the domains that refuse NULL, on their own or by the domain that they are over."""
    found: set[int] = set()
    for each in types.values():
        below: TypeFacts | None = each
        while below is not None and below.kind == "d":
            if below.not_null:
                found.add(each.oid)
            below = types.get(below.base)
    return frozenset(found)


def _unique_keys(rows: list[tuple[Any, ...]]) -> dict[int, tuple[UniqueKey, ...]]:
    found: dict[int, tuple[UniqueKey, ...]] = {}
    for table, columns, expressions, predicate, collations, count, families in rows:
        try:
            waiting = iter(expression_keys(expressions))
            where = frozenset(expression_keys(predicate))
        except TreeError:
            continue  # an index that cannot be read is none
        parts = [column_key(int(each)) if each != "0" else next(waiting, None) for each in columns.split()]
        # Columns that an index merely includes come last and are no part of the key.
        key = tuple(zip(parts[:count], map(int, families.split()), map(int, collations.split()), strict=True))
        found[table] = (*found.get(table, ()), UniqueKey(key, where))
    return found


def _equalities(pairs: list[int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for operator, family in zip(pairs[::2], pairs[1::2], strict=True):
        found[operator] = found.get(operator, frozenset()) | {family}
    return found
