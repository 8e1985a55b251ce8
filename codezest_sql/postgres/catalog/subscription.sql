-- Subscriptions of this database. What a version does not have yet is NULL: each such column is asked for in a subquery,
-- where the server finds it in the outer `missing` if the table has none of that name.
--
-- Only a superuser may read the connection string; whoever may not, sees that it is not visible (core/schema/drift.py). The
-- password in it is hidden.
SELECT
    'subscription' AS kind,
    quote_ident(s.subname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE WHEN s.subenabled THEN 'yes' ELSE 'no' END AS enabled,
    CASE
        WHEN NOT has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') THEN '(not visible)'
        ELSE regexp_replace(
            (
                -- By a query of its own: the right to read a column is asked for even where CASE does not reach it. A
                -- word is at most 2046 bytes long.
                SELECT w.word
                FROM ts_stat(
                    'SELECT pg_catalog.array_to_tsvector(ARRAY[pg_catalog.left(i.subconninfo, 500)]) '
                    || 'FROM pg_catalog.pg_subscription AS i WHERE i.oid = ' || s.oid
                ) AS w
            ),
            '(\m\w*(?:pass|secret|token|key|cred)\w*\s*=\s*)(''(?:[^''\\]|\\.)*''|[^\s&]+)|(://[^:/@\s]*):[^@/\s]*@',
            '\1\3(hidden)', 'gi'
        )
    END AS connection,
    array_to_string(s.subpublications, ', ') AS publications,
    s.subslotname::text AS slot,
    s.subsynccommit AS "synchronous commit",
    CASE WHEN s.subbinary THEN 'yes' END AS "binary",
    -- The default is off until 17, parallel since; 15 keeps a boolean.
    nullif(
        CASE s.substream::text WHEN 't' THEN 'on' WHEN 'true' THEN 'on' WHEN 'p' THEN 'parallel' ELSE 'off' END,
        CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 'parallel' ELSE 'off' END
    ) AS streaming,
    CASE WHEN s.subtwophasestate <> 'd' THEN 'yes' END AS "two phase",
    CASE WHEN s.subdisableonerr THEN 'yes' END AS "disable on error",
    CASE
        WHEN (SELECT subpasswordrequired FROM pg_subscription AS i WHERE i.oid = s.oid) THEN NULL ELSE 'no'
    END AS "password required",
    CASE WHEN (SELECT subrunasowner FROM pg_subscription AS i WHERE i.oid = s.oid) THEN 'yes' END AS "run as owner",
    nullif((SELECT suborigin FROM pg_subscription AS i WHERE i.oid = s.oid), 'any') AS origin,
    CASE WHEN (SELECT subfailover FROM pg_subscription AS i WHERE i.oid = s.oid) THEN 'yes' END AS failover,
    CASE WHEN %(owners)s THEN pg_get_userbyid(s.subowner) END AS owner,
    d.description AS comment
FROM pg_subscription AS s
INNER JOIN pg_database AS b ON s.subdbid = b.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_subscription'::regclass AND s.oid = d.objoid
CROSS JOIN (
    VALUES (true, false, NULL::text, false)
) AS missing (subpasswordrequired, subrunasowner, suborigin, subfailover)
WHERE b.datname = current_database()
