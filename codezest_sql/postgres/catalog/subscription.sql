-- Subscriptions of this database. The connection string holds a password and is not read.
SELECT
    'subscription' AS kind,
    quote_ident(s.subname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE WHEN s.subenabled THEN 'yes' ELSE 'no' END AS enabled,
    array_to_string(s.subpublications, ', ') AS publications,
    s.subslotname::text AS slot,
    s.subsynccommit AS "synchronous commit",
    CASE WHEN %(owners)s THEN pg_get_userbyid(s.subowner) END AS owner,
    d.description AS comment
FROM pg_subscription AS s
INNER JOIN pg_database AS b ON s.subdbid = b.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_subscription'::regclass AND s.oid = d.objoid
WHERE b.datname = current_database()
