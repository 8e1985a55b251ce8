-- Casts, without those that come with a range type (dependency 'i'). They have no schema; those of the server itself
-- have an oid below FirstNormalObjectId (16384, src/include/access/transam.h).
SELECT
    'cast' AS kind,
    '(' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL) || ')' AS name,
    NULL AS "parent kind",
    NULL AS parent,
    CASE c.castmethod
        WHEN 'b' THEN 'without function' WHEN 'i' THEN 'with inout' ELSE c.castfunc::regprocedure::text
    END AS method,
    CASE c.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END AS context,
    d.description AS comment
FROM pg_cast AS c
LEFT JOIN pg_description AS d ON d.classoid = 'pg_cast'::regclass AND c.oid = d.objoid
WHERE c.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM pg_depend AS m
        WHERE m.classid = 'pg_cast'::regclass AND m.objid = c.oid AND m.deptype IN ('e', 'i')
    )
