-- Indexes, except those behind a constraint (see constraint.sql). A failed CREATE INDEX CONCURRENTLY leaves one
-- that is not valid.
SELECT
    'index' AS kind,
    r.schema || '.' || quote_ident(c.relname) AS name,
    r.kind AS "parent kind",
    r.name AS parent,
    pg_get_indexdef(c.oid) AS definition,
    CASE WHEN i.indisvalid THEN 'yes' ELSE 'no' END AS valid,
    CASE WHEN i.indisclustered THEN 'yes' END AS clustered,
    CASE WHEN i.indisreplident THEN 'yes' END AS "replica identity",
    h.inhparent::regclass::text AS "attached to",
    quote_ident(s.spcname) AS tablespace,
    (
        SELECT string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum)
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attstattarget >= 0
    ) AS "statistics targets",
    x.extensions AS "depends on extension",
    d.description AS comment
FROM relation AS r
INNER JOIN pg_index AS i ON r.oid = i.indrelid
INNER JOIN pg_class AS c ON i.indexrelid = c.oid
LEFT JOIN pg_inherits AS h ON c.oid = h.inhrelid
LEFT JOIN pg_tablespace AS s ON c.reltablespace = s.oid
LEFT JOIN extension_need AS x ON x.classid = 'pg_class'::regclass AND c.oid = x.objid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE NOT EXISTS (
    SELECT FROM pg_constraint AS k
    WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
)
