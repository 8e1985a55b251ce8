-- Operators with the functions behind them.
SELECT
    'operator' AS kind,
    o.oid::regoperator::text AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    CASE WHEN o.oprcode <> 0 THEN o.oprcode::regprocedure::text END AS function,
    CASE WHEN o.oprresult <> 0 THEN format_type(o.oprresult, NULL) END AS returns,
    CASE WHEN o.oprcom <> 0 THEN o.oprcom::regoperator::text END AS commutator,
    CASE WHEN o.oprnegate <> 0 THEN o.oprnegate::regoperator::text END AS negator,
    CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END AS "restrict estimator",
    CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END AS "join estimator",
    CASE WHEN o.oprcanhash THEN 'yes' END AS hashes,
    CASE WHEN o.oprcanmerge THEN 'yes' END AS merges,
    CASE WHEN %(owners)s THEN pg_get_userbyid(o.oprowner) END AS owner,
    d.description AS comment
FROM pg_operator AS o
INNER JOIN namespace AS n ON o.oprnamespace = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_operator'::regclass AND o.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_operator'::regclass AND m.objid = o.oid
)
