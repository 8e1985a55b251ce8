-- Collations, without the version of the library that they were made with. The column of the ICU locale has
-- another name in 15 and 16 (colliculocale) than since 17 (colllocale), and collicurules came with 16.
SELECT
    'collation' AS kind,
    n.name || '.' || quote_ident(c.collname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE 'default' END AS provider,
    coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') AS locale,
    c.collcollate AS lc_collate,
    c.collctype AS lc_ctype,
    to_jsonb(c) ->> 'collicurules' AS rules,
    CASE WHEN c.collisdeterministic THEN 'yes' ELSE 'no' END AS deterministic,
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.collowner) END AS owner,
    d.description AS comment
FROM pg_collation AS c
INNER JOIN namespace AS n ON c.collnamespace = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_collation'::regclass AND c.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_collation'::regclass AND m.objid = c.oid
)
