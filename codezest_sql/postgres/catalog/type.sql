-- Types: enums with their labels in order, composite types (their attributes are in column.sql), ranges, base types
-- and domains. Not the types that come with something else: a table's row type, an array, a multirange.
SELECT
    CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
    n.name || '.' || quote_ident(t.typname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    CASE
        WHEN NOT t.typisdefined THEN 'shell'
        WHEN t.typtype = 'e' THEN 'enum'
        WHEN t.typtype = 'c' THEN 'composite'
        WHEN t.typtype = 'r' THEN 'range'
        WHEN t.typtype = 'b' THEN 'base'
    END AS form,
    (
        SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
        FROM pg_enum AS l
        WHERE l.enumtypid = t.oid
    ) AS labels,
    CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS type,
    CASE WHEN t.typtype <> 'd' THEN NULL WHEN t.typnotnull THEN 'no' ELSE 'yes' END AS nullable,
    -- 17 keeps it as a constraint; 18 dumps its name where that is not the usual one.
    nullif(quote_ident(nn.conname), quote_ident(t.typname || '_not_null')) AS "not null constraint",
    nd.description AS "not null comment",
    CASE
        WHEN t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0)
        ELSE quote_literal(t.typdefault)
    END AS "default",
    CASE
        WHEN t.typtype = 'd' AND t.typcollation NOT IN (0, b.typcollation) THEN t.typcollation::regcollation::text
        WHEN g.rngcollation NOT IN (0, sub.typcollation) THEN g.rngcollation::regcollation::text
    END AS collation,
    CASE WHEN g.rngtypid IS NOT NULL THEN format_type(g.rngsubtype, NULL) END AS subtype,
    CASE WHEN NOT oc.opcdefault THEN quote_ident(ocn.nspname) || '.' || quote_ident(oc.opcname) END
        AS "subtype operator class",
    CASE WHEN g.rngcanonical <> 0 THEN g.rngcanonical::regprocedure::text END AS canonical,
    CASE WHEN g.rngsubdiff <> 0 THEN g.rngsubdiff::regprocedure::text END AS "subtype difference",
    CASE WHEN g.rngtypid IS NOT NULL THEN format_type(g.rngmultitypid, NULL) END AS multirange,
    f.input,
    f.output,
    f.receive,
    f.send,
    f.modifiers,
    f."modifiers out",
    f.analyze,
    f.subscript,
    CASE WHEN f.input IS NOT NULL THEN t.typlen::text END AS length,
    CASE WHEN f.input IS NOT NULL THEN t.typalign::text END AS alignment,
    CASE WHEN f.input IS NOT NULL THEN t.typstorage::text END AS storage,
    CASE WHEN f.input IS NOT NULL THEN t.typcategory::text END AS category,
    CASE WHEN f.input IS NOT NULL AND t.typispreferred THEN 'yes' END AS preferred,
    CASE WHEN f.input IS NOT NULL AND t.typbyval THEN 'yes' END AS "passed by value",
    CASE WHEN f.input IS NOT NULL AND t.typcollation <> 0 THEN 'yes' END AS collatable,
    CASE WHEN f.input IS NOT NULL AND t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS element,
    CASE WHEN f.input IS NOT NULL THEN nullif(t.typdelim::text, ',') END AS delimiter,
    CASE WHEN %(owners)s THEN pg_get_userbyid(t.typowner) END AS owner,
    d.description AS comment
FROM pg_type AS t
INNER JOIN namespace AS n ON t.typnamespace = n.oid
LEFT JOIN pg_type AS b ON t.typbasetype = b.oid
LEFT JOIN pg_range AS g ON t.oid = g.rngtypid
LEFT JOIN pg_type AS sub ON g.rngsubtype = sub.oid
LEFT JOIN pg_opclass AS oc ON g.rngsubopc = oc.oid
LEFT JOIN pg_namespace AS ocn ON oc.opcnamespace = ocn.oid
LEFT JOIN LATERAL (
    SELECT
        t.typinput::regprocedure::text AS input,
        t.typoutput::regprocedure::text AS output,
        CASE WHEN t.typreceive <> 0 THEN t.typreceive::regprocedure::text END AS receive,
        CASE WHEN t.typsend <> 0 THEN t.typsend::regprocedure::text END AS send,
        CASE WHEN t.typmodin <> 0 THEN t.typmodin::regprocedure::text END AS modifiers,
        CASE WHEN t.typmodout <> 0 THEN t.typmodout::regprocedure::text END AS "modifiers out",
        CASE WHEN t.typanalyze <> 0 THEN t.typanalyze::regprocedure::text END AS analyze,
        CASE WHEN t.typsubscript <> 0 THEN t.typsubscript::regprocedure::text END AS subscript
) AS f ON t.typtype = 'b' AND t.typisdefined
LEFT JOIN pg_constraint AS nn ON t.typtype = 'd' AND nn.contype = 'n' AND t.oid = nn.contypid
LEFT JOIN pg_description AS nd ON nd.classoid = 'pg_constraint'::regclass AND nn.oid = nd.objoid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_type'::regclass AND t.oid = d.objoid AND d.objsubid = 0
LEFT JOIN relation AS r ON t.typtype = 'c' AND r.relkind = 'c' AND t.typrelid = r.oid
WHERE (t.typtype IN ('e', 'r', 'b', 'd') OR NOT t.typisdefined OR r.oid IS NOT NULL)
    AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = t.oid)
    AND NOT EXISTS (
        SELECT FROM extension_member AS m
        WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid
    )
