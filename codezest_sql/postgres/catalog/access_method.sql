-- Access methods that no extension brought (for the number, see cast.sql).
SELECT
    'access method' AS kind,
    quote_ident(a.amname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END AS form,
    a.amhandler::regprocedure::text AS handler,
    d.description AS comment
FROM pg_am AS a
LEFT JOIN pg_description AS d ON d.classoid = 'pg_am'::regclass AND a.oid = d.objoid
WHERE a.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM extension_member AS m
        WHERE m.classid = 'pg_am'::regclass AND m.objid = a.oid
    )
