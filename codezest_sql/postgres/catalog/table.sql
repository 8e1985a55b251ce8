-- Tables, partitioned tables, partitions and foreign tables, without their columns and constraints.
-- What is the default (heap, permanent, replica identity by primary key) is not a property.
SELECT
    r.kind,
    r.name,
    'schema' AS "parent kind",
    r.schema AS parent,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
    pg_get_partkeydef(c.oid) AS "partition key",
    CASE WHEN c.relispartition THEN i.parents END AS "partition of",
    pg_get_expr(c.relpartbound, c.oid) AS "partition bounds",
    CASE WHEN i.detaching THEN 'yes' END AS "detach pending",
    CASE WHEN NOT c.relispartition THEN i.parents END AS inherits,
    CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "of type",
    CASE WHEN a.amname <> 'heap' THEN quote_ident(a.amname) END AS "access method",
    quote_ident(s.spcname) AS tablespace,
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) AS options,
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(t.reloptions) AS o) AS "toast options",
    CASE WHEN c.relrowsecurity THEN 'yes' ELSE 'no' END AS "row security",
    CASE WHEN c.relforcerowsecurity THEN 'yes' END AS "row security forced",
    CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END AS "replica identity",
    quote_ident(fs.srvname) AS server,
    (
        SELECT string_agg(o.option_name || '=' || o.option_value, ', ' ORDER BY o.option_name)
        FROM pg_options_to_table(f.ftoptions) AS o
    ) AS "foreign options",
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.relowner) END AS owner,
    d.description AS comment
FROM relation AS r
INNER JOIN pg_class AS c ON r.oid = c.oid
LEFT JOIN pg_class AS t ON c.reltoastrelid = t.oid
LEFT JOIN pg_am AS a ON c.relam = a.oid
LEFT JOIN pg_tablespace AS s ON c.reltablespace = s.oid
LEFT JOIN pg_foreign_table AS f ON c.oid = f.ftrelid
LEFT JOIN pg_foreign_server AS fs ON f.ftserver = fs.oid
LEFT JOIN (
    SELECT
        h.inhrelid,
        string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno) AS parents,
        bool_or(h.inhdetachpending) AS detaching
    FROM pg_inherits AS h
    GROUP BY h.inhrelid
) AS i ON c.oid = i.inhrelid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f')
