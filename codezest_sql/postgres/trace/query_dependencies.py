"""Reads, in one query, what running queries depend on: relations, columns, types, functions, constraints, rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

from codezest_sql.core.review.broken_queries.events import Fact, Key

if TYPE_CHECKING:
    import psycopg

    from codezest_sql.core.review.broken_queries.events import State

_STATE = """
WITH spaces AS MATERIALIZED (
    SELECT n.oid, n.nspname, n.nspacl FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
),
relations AS MATERIALIZED (
    SELECT c.oid, pg_catalog.format('%I.%I', s.nspname, c.relname) AS name, c.relkind, c.relacl, c.relowner,
        c.relrowsecurity
    FROM pg_catalog.pg_class AS c JOIN spaces AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname !~ '^_?(yoyo|codezest)_'
)
SELECT 'relation', r.oid, 0, r.name, '' FROM relations AS r
UNION ALL
SELECT 'view', r.oid, 0, r.name, pg_catalog.md5(pg_catalog.pg_get_viewdef(r.oid)) FROM relations AS r
WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT 'rows', r.oid, 0, r.name, '' FROM relations AS r WHERE r.relrowsecurity
UNION ALL
SELECT 'right', r.oid, 0, r.name, pg_catalog.concat(r.relacl::text, r.relowner, (
    SELECT pg_catalog.string_agg(a.attname || a.attacl::text, ' ' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = r.oid AND a.attacl IS NOT NULL
)) FROM relations AS r
UNION ALL
SELECT 'right', s.oid, 1, s.nspname, s.nspacl::text FROM spaces AS s
UNION ALL
SELECT 'column', a.attrelid, a.attnum, pg_catalog.format('%s.%I', r.name, a.attname),
    pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute AS a JOIN relations AS r ON r.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'not null', a.attrelid, a.attnum, pg_catalog.format('%s.%I', r.name, a.attname), ''
FROM pg_catalog.pg_attribute AS a JOIN relations AS r ON r.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
UNION ALL
SELECT 'type', t.oid, 0, pg_catalog.format('%I.%I', s.nspname, t.typname), ''
FROM pg_catalog.pg_type AS t JOIN spaces AS s ON s.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'c', 'r') AND t.typname !~ '^_?_?(yoyo|codezest)_'
UNION ALL
SELECT 'label', e.enumtypid, e.oid::bigint, e.enumlabel, '' FROM pg_catalog.pg_enum AS e
UNION ALL
SELECT 'function', p.oid, 0,
    pg_catalog.format('%I.%I(%s)', s.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
    pg_catalog.concat_ws(' ', pg_catalog.pg_get_function_result(p.oid), p.proisstrict)
FROM pg_catalog.pg_proc AS p JOIN spaces AS s ON s.oid = p.pronamespace
UNION ALL
SELECT 'body', p.oid, 0, pg_catalog.format('%I.%I', s.nspname, p.proname), pg_catalog.md5(p.prosrc)
FROM pg_catalog.pg_proc AS p JOIN spaces AS s ON s.oid = p.pronamespace
UNION ALL
SELECT 'right', p.oid, 2, p.proname, p.proacl::text
FROM pg_catalog.pg_proc AS p JOIN spaces AS s ON s.oid = p.pronamespace
UNION ALL
SELECT 'right', m.member, m.roleid, pg_catalog.pg_get_userbyid(m.roleid), ''
FROM pg_catalog.pg_auth_members AS m
WHERE m.roleid >= 16384 AND m.member <> (
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = SESSION_USER
)
UNION ALL
SELECT CASE WHEN side.parent THEN 'referenced' ELSE 'constraint' END,
    CASE WHEN side.parent THEN k.confrelid ELSE k.conrelid END, k.oid::bigint, k.conname,
    pg_catalog.array_to_string(CASE WHEN side.parent THEN k.confkey ELSE k.conkey END, ' ') || '|'
    || pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint AS k JOIN relations AS r ON r.oid = k.conrelid
CROSS JOIN (VALUES (false), (true)) AS side (parent)
WHERE k.contype IN ('c', 'u', 'p', 'f', 'x') AND (NOT side.parent OR k.contype = 'f')
UNION ALL
SELECT 'constraint', i.indrelid, i.indexrelid::bigint, pg_catalog.format('%s', i.indexrelid::pg_catalog.regclass),
    pg_catalog.array_to_string(i.indkey::pg_catalog.int2[], ' ') || '|' || pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index AS i JOIN relations AS r ON r.oid = i.indrelid
WHERE i.indisunique AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('u', 'p', 'x')
)
"""
# Who holds a right on anything here, itself or by a role it is in: those that code may run as. Superusers may do all.
_ROLES = """
WITH RECURSIVE holders AS (
    SELECT d.refobjid AS oid FROM pg_catalog.pg_shdepend AS d
    WHERE d.deptype IN ('a', 'o') AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
    UNION
    SELECT m.member FROM pg_catalog.pg_auth_members AS m JOIN holders AS h ON m.roleid = h.oid
)
SELECT r.rolname::text FROM pg_catalog.pg_roles AS r JOIN holders AS h ON h.oid = r.oid
WHERE NOT r.rolsuper AND r.rolname !~ '^(pg|codezest)_' AND r.rolname <> SESSION_USER
ORDER BY 1
"""


def read_state(connection: psycopg.Connection[Any]) -> State:
    """Return the facts as the session sees them, its own open transaction included."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_STATE).fetchall()
    return {Key(kind, oid, part): Fact(name, text or "") for kind, oid, part, name, text in rows}


def read_roles(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """Return the roles that hold rights in this database and are no superusers."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(str(name) for (name,) in cursor.execute(_ROLES).fetchall())
