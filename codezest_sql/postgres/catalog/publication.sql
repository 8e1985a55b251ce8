-- Publications of logical replication: what they publish of which tables and schemas.
SELECT
    'publication' AS kind,
    quote_ident(p.pubname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE WHEN p.puballtables THEN 'yes' ELSE 'no' END AS "all tables",
    concat_ws(
        ', ',
        CASE WHEN p.pubinsert THEN 'insert' END,
        CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END,
        CASE WHEN p.pubtruncate THEN 'truncate' END
    ) AS publishes,
    CASE WHEN p.pubviaroot THEN 'yes' END AS "via partition root",
    CASE to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'stored' END AS "generated columns",
    (
        SELECT string_agg(
            t.prrelid::regclass::text
            || coalesce(
                ' (' || (
                    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                    FROM pg_attribute AS a
                    WHERE a.attrelid = t.prrelid AND a.attnum = ANY (t.prattrs::smallint [])
                ) || ')', ''
            )
            || coalesce(' where ' || pg_get_expr(t.prqual, t.prrelid), ''),
            ', ' ORDER BY t.prrelid::regclass::text
        )
        FROM pg_publication_rel AS t
        WHERE t.prpubid = p.oid
    ) AS tables,
    (
        SELECT string_agg(s.pnnspid::regnamespace::text, ', ' ORDER BY s.pnnspid::regnamespace::text)
        FROM pg_publication_namespace AS s
        WHERE s.pnpubid = p.oid
    ) AS schemas,
    CASE WHEN %(owners)s THEN pg_get_userbyid(p.pubowner) END AS owner,
    d.description AS comment
FROM pg_publication AS p
LEFT JOIN pg_description AS d ON d.classoid = 'pg_publication'::regclass AND p.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_publication'::regclass AND m.objid = p.oid
)
