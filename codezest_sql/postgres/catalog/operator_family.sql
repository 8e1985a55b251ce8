-- Operator families with their operators and support functions, by number.
SELECT
    'operator family' AS kind,
    n.name || '.' || quote_ident(f.opfname) || ' using ' || quote_ident(a.amname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    (
        SELECT string_agg(
            o.amopstrategy || ' ' || o.amopopr::regoperator::text
            || CASE
                WHEN o.amoppurpose <> 'o' THEN ''
                ELSE ' for order by ' || coalesce(quote_ident(sn.nspname) || '.' || quote_ident(s.opfname), '')
            END,
            ', ' ORDER BY o.amopstrategy, o.amopopr::regoperator::text
        )
        FROM pg_amop AS o
        LEFT JOIN pg_opfamily AS s ON o.amopsortfamily = s.oid
        LEFT JOIN pg_namespace AS sn ON s.opfnamespace = sn.oid
        WHERE o.amopfamily = f.oid
    ) AS operators,
    (
        SELECT string_agg(
            p.amprocnum
            || ' (' || format_type(p.amproclefttype, NULL) || ', ' || format_type(p.amprocrighttype, NULL) || ') '
            || p.amproc::regprocedure::text,
            ', ' ORDER BY p.amprocnum, p.amproc::regprocedure::text
        )
        FROM pg_amproc AS p
        WHERE p.amprocfamily = f.oid
    ) AS functions,
    CASE WHEN %(owners)s THEN pg_get_userbyid(f.opfowner) END AS owner,
    d.description AS comment
FROM pg_opfamily AS f
INNER JOIN namespace AS n ON f.opfnamespace = n.oid
INNER JOIN pg_am AS a ON f.opfmethod = a.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_opfamily'::regclass AND f.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_opfamily'::regclass AND m.objid = f.oid
)
