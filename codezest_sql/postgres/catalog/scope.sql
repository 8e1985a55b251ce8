-- What every catalog query reads from: put in front of each of them as its WITH clause.
--
-- The session's search_path is '', so that every name that the server deparses is qualified, except those of
-- pg_catalog. Names are quoted where PostgreSQL needs it, as a person would write them.
--
-- A query selects `kind`, `name`, `parent kind`, `parent` and, for an ordered part of a whole, `position`.
-- Each further column is a property of the object under its own name, as text; NULL means that it has none.
WITH
-- Objects that came with an extension: the extension means them.
extension_member AS NOT MATERIALIZED (
    SELECT d.classid, d.objid
    FROM pg_depend AS d
    WHERE d.deptype = 'e'
),

-- Objects that are dropped with an extension that they are no members of: ALTER ... DEPENDS ON EXTENSION.
extension_need AS NOT MATERIALIZED (
    SELECT d.classid, d.objid, string_agg(quote_ident(e.extname), ', ' ORDER BY e.extname) AS extensions
    FROM pg_depend AS d
    INNER JOIN pg_extension AS e ON d.refobjid = e.oid
    WHERE d.deptype = 'x' AND d.refclassid = 'pg_extension'::regclass
    GROUP BY d.classid, d.objid
),

-- The schemas of people. The prefix pg_ belongs to the server: pg_catalog, pg_toast, pg_temp_3, pg_toast_temp_3.
namespace AS (
    SELECT n.oid, quote_ident(n.nspname) AS name
    FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
        AND n.nspname <> ALL (%(schemas)s::text [])
),

-- The relations of these schemas, without indexes and TOAST tables: tables, views, sequences, composite types.
-- A composite type is a member of its extension through pg_type, the other relations through pg_class.
relation AS (
    SELECT
        c.oid,
        c.relkind,
        c.relispartition,
        c.relowner,
        n.name AS schema,
        n.name || '.' || quote_ident(c.relname) AS name,
        CASE c.relkind
            WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view'
            WHEN 'f' THEN 'foreign table'
            WHEN 'S' THEN 'sequence'
            WHEN 'c' THEN 'type'
            ELSE 'table'
        END AS kind
    FROM pg_class AS c
    INNER JOIN namespace AS n ON c.relnamespace = n.oid
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
        AND c.relname <> ALL (%(tables)s::text [])
        AND (%(partitions)s OR NOT c.relispartition)
        AND NOT EXISTS (
            SELECT FROM extension_member AS m
            WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid
        )
        AND NOT EXISTS (
            SELECT FROM extension_member AS m
            WHERE c.relkind = 'c' AND m.classid = 'pg_type'::regclass AND m.objid = c.reltype
        )
)

