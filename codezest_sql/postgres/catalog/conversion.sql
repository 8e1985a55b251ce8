-- Conversions between encodings.
SELECT
    'conversion' AS kind,
    n.name || '.' || quote_ident(c.conname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    pg_encoding_to_char(c.conforencoding) || ' to ' || pg_encoding_to_char(c.contoencoding) AS encodings,
    c.conproc::regprocedure::text AS function,
    CASE WHEN c.condefault THEN 'yes' ELSE 'no' END AS "default",
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.conowner) END AS owner,
    d.description AS comment
FROM pg_conversion AS c
INNER JOIN namespace AS n ON c.connamespace = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_conversion'::regclass AND c.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_conversion'::regclass AND m.objid = c.oid
)
