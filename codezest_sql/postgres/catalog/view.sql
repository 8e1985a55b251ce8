-- Views and materialized views: the query as the server prints it, and options such as security_invoker.
SELECT
    r.kind,
    r.name,
    'schema' AS "parent kind",
    r.schema AS parent,
    rtrim(pg_get_viewdef(c.oid), ';') AS query,
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) AS options,
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(t.reloptions) AS o) AS "toast options",
    CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'no' END AS populated,
    CASE WHEN a.amname <> 'heap' THEN quote_ident(a.amname) END AS "access method",
    quote_ident(s.spcname) AS tablespace,
    x.extensions AS "depends on extension",
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.relowner) END AS owner,
    d.description AS comment
FROM relation AS r
INNER JOIN pg_class AS c ON r.oid = c.oid
LEFT JOIN pg_class AS t ON c.reltoastrelid = t.oid
LEFT JOIN pg_am AS a ON c.relam = a.oid
LEFT JOIN pg_tablespace AS s ON c.reltablespace = s.oid
LEFT JOIN extension_need AS x ON x.classid = 'pg_class'::regclass AND c.oid = x.objid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('v', 'm')
