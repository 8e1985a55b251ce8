-- User mappings: that they exist. Their options hold passwords, and a role sees or does not see them by its rights,
-- so they are not read.
SELECT
    'user mapping' AS kind,
    'for ' || CASE WHEN u.umuser = 0 THEN 'public' ELSE quote_ident(u.usename) END
    || ' server ' || quote_ident(u.srvname) AS name,
    'server' AS "parent kind",
    quote_ident(u.srvname) AS parent
FROM pg_user_mappings AS u
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = u.srvid
)
