-- Text search parsers and templates: the functions they are made of.
SELECT
    'text search parser' AS kind,
    n.name || '.' || quote_ident(p.prsname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    p.prsstart::regprocedure::text AS start,
    p.prstoken::regprocedure::text AS token,
    p.prsend::regprocedure::text AS "end",
    CASE WHEN p.prsheadline <> 0 THEN p.prsheadline::regprocedure::text END AS headline,
    p.prslextype::regprocedure::text AS "token types",
    NULL AS init,
    NULL AS lexize,
    d.description AS comment
FROM pg_ts_parser AS p
INNER JOIN namespace AS n ON p.prsnamespace = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_ts_parser'::regclass AND p.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_ts_parser'::regclass AND m.objid = p.oid
)
UNION ALL
SELECT
    'text search template' AS kind,
    n.name || '.' || quote_ident(t.tmplname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    NULL AS start,
    NULL AS token,
    NULL AS "end",
    NULL AS headline,
    NULL AS "token types",
    CASE WHEN t.tmplinit <> 0 THEN t.tmplinit::regprocedure::text END AS init,
    t.tmpllexize::regprocedure::text AS lexize,
    d.description AS comment
FROM pg_ts_template AS t
INNER JOIN namespace AS n ON t.tmplnamespace = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_ts_template'::regclass AND t.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_ts_template'::regclass AND m.objid = t.oid
)
