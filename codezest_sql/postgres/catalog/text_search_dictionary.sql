-- Text search dictionaries.
SELECT
    'text search dictionary' AS kind,
    n.name || '.' || quote_ident(c.dictname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template,
    c.dictinitoption AS options,
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.dictowner) END AS owner,
    d.description AS comment
FROM pg_ts_dict AS c
INNER JOIN namespace AS n ON c.dictnamespace = n.oid
INNER JOIN pg_ts_template AS t ON c.dicttemplate = t.oid
INNER JOIN pg_namespace AS tn ON t.tmplnamespace = tn.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_ts_dict'::regclass AND c.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_ts_dict'::regclass AND m.objid = c.oid
)
