-- User mappings. A role sees or does not see their options by its rights: where it may not, they are not visible
-- (core/schema/drift.py). An option that sounds like a secret is named without its value.
SELECT
    'user mapping' AS kind,
    'for ' || CASE WHEN u.umuser = 0 THEN 'public' ELSE quote_ident(u.usename) END
    || ' server ' || quote_ident(u.srvname) AS name,
    'server' AS "parent kind",
    quote_ident(u.srvname) AS parent,
    CASE
        WHEN u.umoptions IS NOT NULL
            THEN (
                SELECT string_agg(
                    o.option_name || '='
                    || CASE WHEN o.option_name ~* 'pass|secret|token|key|cred' THEN '(hidden)' ELSE o.option_value END,
                    ', ' ORDER BY o.option_name
                )
                FROM pg_options_to_table(u.umoptions) AS o
            )
        -- Without options, or hidden: only a superuser can tell.
        WHEN NOT has_table_privilege('pg_user_mapping', 'SELECT') THEN '(not visible)'
    END AS "foreign options"
FROM pg_user_mappings AS u
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = u.srvid
)
