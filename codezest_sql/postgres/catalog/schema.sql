-- Schemas: owner and comment. The USAGE and CREATE rights are in grant.sql.
SELECT
    'schema' AS kind,
    s.name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE WHEN %(owners)s THEN pg_get_userbyid(n.nspowner) END AS owner,
    d.description AS comment
FROM namespace AS s
INNER JOIN pg_namespace AS n ON s.oid = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_namespace'::regclass AND d.objoid = n.oid AND d.objsubid = 0
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid
)
