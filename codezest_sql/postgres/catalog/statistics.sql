-- Extended statistics objects.
SELECT
    'statistics' AS kind,
    n.name || '.' || quote_ident(s.stxname) AS name,
    r.kind AS "parent kind",
    r.name AS parent,
    pg_get_statisticsobjdef(s.oid) AS definition,
    nullif(s.stxstattarget, -1)::text AS "statistics target", -- the default is -1 before 17, NULL since
    CASE WHEN %(owners)s THEN pg_get_userbyid(s.stxowner) END AS owner,
    d.description AS comment
FROM pg_statistic_ext AS s
INNER JOIN namespace AS n ON s.stxnamespace = n.oid
INNER JOIN relation AS r ON s.stxrelid = r.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_statistic_ext'::regclass AND s.oid = d.objoid
