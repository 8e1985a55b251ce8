-- Extensions: version and schema. A comment counts where it is not the one of the extension's control file,
-- whose wording differs between versions.
SELECT
    'extension' AS kind,
    quote_ident(e.extname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    e.extversion AS version,
    quote_ident(n.nspname) AS schema,
    CASE WHEN %(owners)s THEN pg_get_userbyid(e.extowner) END AS owner,
    CASE WHEN d.description IS DISTINCT FROM a.comment THEN d.description END AS comment
FROM pg_extension AS e
INNER JOIN pg_namespace AS n ON e.extnamespace = n.oid
LEFT JOIN pg_available_extensions() AS a ON e.extname = a.name
LEFT JOIN pg_description AS d ON d.classoid = 'pg_extension'::regclass AND d.objoid = e.oid AND d.objsubid = 0
