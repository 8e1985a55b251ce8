-- Sequences with their parameters, without the value they stand at: that is data. A sequence that belongs to a
-- column (serial: dependency 'a', identity: 'i') is a part of the column's table and comes and goes with it.
SELECT
    'sequence' AS kind,
    r.name,
    coalesce(o.kind, 'schema') AS "parent kind",
    coalesce(o.name, r.schema) AS parent,
    format_type(q.seqtypid, NULL) AS type,
    q.seqstart::text AS start,
    q.seqincrement::text AS increment,
    q.seqmin::text AS minimum,
    q.seqmax::text AS maximum,
    q.seqcache::text AS cache,
    CASE WHEN q.seqcycle THEN 'yes' ELSE 'no' END AS cycle,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
    o.name || '.' || quote_ident(a.attname) AS "owned by",
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.relowner) END AS owner,
    d.description AS comment
FROM relation AS r
INNER JOIN pg_class AS c ON r.oid = c.oid
INNER JOIN pg_sequence AS q ON r.oid = q.seqrelid
LEFT JOIN pg_depend AS p
    ON p.classid = 'pg_class'::regclass AND c.oid = p.objid AND p.objsubid = 0
    AND p.refclassid = 'pg_class'::regclass AND p.refobjsubid > 0 AND p.deptype IN ('a', 'i')
LEFT JOIN relation AS o ON p.refobjid = o.oid
LEFT JOIN pg_attribute AS a ON p.refobjid = a.attrelid AND p.refobjsubid = a.attnum
LEFT JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE p.refobjid IS NULL OR o.oid IS NOT NULL
