-- Triggers on tables and views, without those that the server makes for foreign keys and deferred keys.
SELECT
    'trigger' AS kind,
    quote_ident(g.tgname) || ' on ' || r.name AS name,
    r.kind AS "parent kind",
    r.name AS parent,
    pg_get_triggerdef(g.oid) AS definition,
    CASE g.tgenabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' ELSE 'always' END AS enabled,
    CASE WHEN g.tgparentid <> 0 THEN 'yes' END AS inherited,
    x.extensions AS "depends on extension",
    d.description AS comment
FROM relation AS r
INNER JOIN pg_trigger AS g ON r.oid = g.tgrelid
LEFT JOIN extension_need AS x ON x.classid = 'pg_trigger'::regclass AND g.oid = x.objid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_trigger'::regclass AND g.oid = d.objoid
WHERE NOT g.tgisinternal
