-- Functions and procedures, without the constructors that come with a range type (dependency 'i').
-- The name carries the input types, which identify a function; argument names and defaults are in `arguments`.
-- COST and ROWS count where they are not what CREATE FUNCTION gives by default.
SELECT
    CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
    n.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    nullif(pg_get_function_arguments(p.oid), '') AS arguments,
    pg_get_function_result(p.oid) AS returns,
    quote_ident(l.lanname) AS language,
    CASE
        WHEN p.prokind = 'p' THEN NULL
        WHEN p.provolatile = 'i' THEN 'immutable'
        WHEN p.provolatile = 's' THEN 'stable'
        ELSE 'volatile'
    END AS volatility,
    CASE WHEN p.prokind = 'w' THEN 'yes' END AS "window",
    CASE WHEN p.proisstrict THEN 'yes' END AS strict,
    CASE WHEN p.prosecdef THEN 'yes' END AS "security definer",
    CASE WHEN p.proleakproof THEN 'yes' END AS leakproof,
    CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END AS parallel,
    CASE WHEN p.procost <> CASE WHEN l.lanname IN ('internal', 'c') THEN 1 ELSE 100 END THEN p.procost::text END AS cost,
    CASE WHEN p.proretset AND p.prorows <> 1000 THEN p.prorows::text END AS rows,
    CASE WHEN p.prosupport <> 0 THEN p.prosupport::regprocedure::text END AS support,
    array_to_string(p.proconfig, ', ') AS settings,
    (
        SELECT string_agg(format_type(y, NULL), ', ' ORDER BY format_type(y, NULL))
        FROM unnest(p.protrftypes) AS y
    ) AS transforms,
    p.probin AS library,
    pg_get_function_sqlbody(p.oid) AS "sql body",
    CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS body,
    x.extensions AS "depends on extension",
    CASE WHEN %(owners)s THEN pg_get_userbyid(p.proowner) END AS owner,
    d.description AS comment
FROM pg_proc AS p
INNER JOIN namespace AS n ON p.pronamespace = n.oid
INNER JOIN pg_language AS l ON p.prolang = l.oid
LEFT JOIN extension_need AS x ON x.classid = 'pg_proc'::regclass AND p.oid = x.objid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_proc'::regclass AND p.oid = d.objoid
WHERE p.prokind IN ('f', 'p', 'w')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS m
        WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.deptype IN ('e', 'i')
    )
