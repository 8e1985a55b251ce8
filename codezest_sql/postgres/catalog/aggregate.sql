-- Aggregates.
SELECT
    'aggregate' AS kind,
    n.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    nullif(pg_get_function_arguments(p.oid), '') AS arguments,
    format_type(p.prorettype, NULL) AS returns,
    CASE a.aggkind WHEN 'o' THEN 'ordered set' WHEN 'h' THEN 'hypothetical set' END AS form,
    a.aggtransfn::regprocedure::text AS "state function",
    format_type(a.aggtranstype, NULL) AS "state type",
    nullif(a.aggtransspace, 0)::text AS "state size",
    a.agginitval AS "initial value",
    CASE WHEN a.aggfinalfn <> 0 THEN a.aggfinalfn::regprocedure::text END AS "final function",
    CASE WHEN a.aggfinalextra THEN 'yes' END AS "final extra arguments",
    CASE a.aggfinalmodify WHEN 's' THEN 'shareable' WHEN 'w' THEN 'read write' END AS "final modify",
    CASE WHEN a.aggcombinefn <> 0 THEN a.aggcombinefn::regprocedure::text END AS "combine function",
    CASE WHEN a.aggserialfn <> 0 THEN a.aggserialfn::regprocedure::text END AS "serial function",
    CASE WHEN a.aggdeserialfn <> 0 THEN a.aggdeserialfn::regprocedure::text END AS "deserial function",
    CASE WHEN a.aggmtransfn <> 0 THEN a.aggmtransfn::regprocedure::text END AS "moving state function",
    CASE WHEN a.aggminvtransfn <> 0 THEN a.aggminvtransfn::regprocedure::text END AS "moving inverse function",
    CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS "moving state type",
    nullif(a.aggmtransspace, 0)::text AS "moving state size",
    a.aggminitval AS "moving initial value",
    CASE WHEN a.aggmfinalfn <> 0 THEN a.aggmfinalfn::regprocedure::text END AS "moving final function",
    CASE WHEN a.aggmfinalextra THEN 'yes' END AS "moving final extra arguments",
    CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator::text END AS "sort operator",
    CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END AS parallel,
    CASE WHEN %(owners)s THEN pg_get_userbyid(p.proowner) END AS owner,
    d.description AS comment
FROM pg_aggregate AS a
INNER JOIN pg_proc AS p ON a.aggfnoid = p.oid
INNER JOIN namespace AS n ON p.pronamespace = n.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_proc'::regclass AND p.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid
)
