-- Row level security policies. Whether a table obeys them is in table.sql.
SELECT
    'policy' AS kind,
    quote_ident(p.polname) || ' on ' || r.name AS name,
    r.kind AS "parent kind",
    r.name AS parent,
    CASE p.polcmd
        WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all'
    END AS command,
    CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END AS mode,
    (
        SELECT string_agg(role.name, ', ' ORDER BY role.name)
        FROM (
            SELECT CASE WHEN u = 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(u)) END AS name
            FROM unnest(p.polroles) AS u
        ) AS role
    ) AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS "using",
    pg_get_expr(p.polwithcheck, p.polrelid) AS "with check",
    d.description AS comment
FROM relation AS r
INNER JOIN pg_policy AS p ON r.oid = p.polrelid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_policy'::regclass AND p.oid = d.objoid
