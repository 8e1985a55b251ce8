-- Foreign-data wrappers and foreign servers. An option that sounds like a secret is named without its value.
SELECT
    'foreign-data wrapper' AS kind,
    quote_ident(w.fdwname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regprocedure::text END AS handler,
    CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regprocedure::text END AS validator,
    NULL AS wrapper,
    NULL AS type,
    NULL AS version,
    (
        SELECT string_agg(
            o.option_name || '='
            || CASE WHEN o.option_name ~* 'pass|secret|token|key|cred' THEN '(hidden)' ELSE o.option_value END,
            ', ' ORDER BY o.option_name
        )
        FROM pg_options_to_table(w.fdwoptions) AS o
    ) AS "foreign options",
    CASE WHEN %(owners)s THEN pg_get_userbyid(w.fdwowner) END AS owner,
    d.description AS comment
FROM pg_foreign_data_wrapper AS w
LEFT JOIN pg_description AS d ON d.classoid = 'pg_foreign_data_wrapper'::regclass AND w.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = w.oid
)
UNION ALL
SELECT
    'server' AS kind,
    quote_ident(s.srvname) AS name,
    'foreign-data wrapper' AS "parent kind",
    quote_ident(w.fdwname) AS parent,
    NULL AS handler,
    NULL AS validator,
    quote_ident(w.fdwname) AS wrapper,
    s.srvtype AS type,
    s.srvversion AS version,
    (
        SELECT string_agg(
            o.option_name || '='
            || CASE WHEN o.option_name ~* 'pass|secret|token|key|cred' THEN '(hidden)' ELSE o.option_value END,
            ', ' ORDER BY o.option_name
        )
        FROM pg_options_to_table(s.srvoptions) AS o
    ) AS "foreign options",
    CASE WHEN %(owners)s THEN pg_get_userbyid(s.srvowner) END AS owner,
    d.description AS comment
FROM pg_foreign_server AS s
INNER JOIN pg_foreign_data_wrapper AS w ON s.srvfdw = w.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_foreign_server'::regclass AND s.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = s.oid
)
