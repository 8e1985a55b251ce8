-- Procedural languages that no extension brought (for the number, see cast.sql), and their transforms.
SELECT
    'language' AS kind,
    quote_ident(l.lanname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE WHEN l.lanpltrusted THEN 'yes' ELSE 'no' END AS trusted,
    CASE WHEN l.lanplcallfoid <> 0 THEN l.lanplcallfoid::regprocedure::text END AS handler,
    CASE WHEN l.laninline <> 0 THEN l.laninline::regprocedure::text END AS inline,
    CASE WHEN l.lanvalidator <> 0 THEN l.lanvalidator::regprocedure::text END AS validator,
    NULL AS "from sql",
    NULL AS "to sql",
    CASE WHEN %(owners)s THEN pg_get_userbyid(l.lanowner) END AS owner,
    d.description AS comment
FROM pg_language AS l
LEFT JOIN pg_description AS d ON d.classoid = 'pg_language'::regclass AND l.oid = d.objoid
WHERE l.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM extension_member AS m
        WHERE m.classid = 'pg_language'::regclass AND m.objid = l.oid
    )
UNION ALL
SELECT
    'transform' AS kind,
    'for ' || format_type(f.trftype, NULL) || ' language ' || quote_ident(l.lanname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    NULL AS trusted,
    NULL AS handler,
    NULL AS inline,
    NULL AS validator,
    CASE WHEN f.trffromsql <> 0 THEN f.trffromsql::regprocedure::text END AS "from sql",
    CASE WHEN f.trftosql <> 0 THEN f.trftosql::regprocedure::text END AS "to sql",
    NULL AS owner,
    d.description AS comment
FROM pg_transform AS f
INNER JOIN pg_language AS l ON f.trflang = l.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_transform'::regclass AND f.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_transform'::regclass AND m.objid = f.oid
)
