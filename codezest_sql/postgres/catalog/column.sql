-- Columns of tables and views, attributes of composite types. `position` counts from 1 without the holes that
-- dropped columns leave.
--
-- PostgreSQL 18 keeps each NOT NULL as a named constraint, 15 to 17 as a flag of the column and without a name.
-- So it is a fact of the column here. What only 18 can say is added: NOT VALID, NO INHERIT, a comment, that a child
-- declares it too, and the constraint's name where it is not the usual one; core/schema/drift.py leaves out what older versions
-- do not keep. Before 17 a partition does not show that
-- its parent's column is an identity column, so it is not read from partitions.
SELECT
    CASE WHEN r.relkind = 'c' THEN 'attribute' ELSE 'column' END AS kind,
    r.name || '.' || quote_ident(a.attname) AS name,
    r.kind AS "parent kind",
    r.name AS parent,
    row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position,
    format_type(a.atttypid, a.atttypmod) AS type,
    CASE
        WHEN r.relkind IN ('v', 'm', 'c') THEN NULL
        WHEN NOT a.attnotnull THEN 'yes'
        WHEN NOT nn.convalidated THEN 'no (not valid)'
        WHEN nn.connoinherit THEN 'no (no inherit)'
        ELSE 'no'
    END AS nullable,
    CASE
        WHEN nn.conislocal
            THEN nullif(quote_ident(nn.conname), quote_ident(c.relname || '_' || a.attname || '_not_null'))
    END AS "not null constraint",
    CASE WHEN nn.coninhcount > 0 AND nn.conislocal THEN 'yes' END AS "not null declared again",
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(ad.adbin, ad.adrelid) END AS "default",
    CASE a.attgenerated
        WHEN 's' THEN pg_get_expr(ad.adbin, ad.adrelid) || ' stored'
        WHEN 'v' THEN pg_get_expr(ad.adbin, ad.adrelid) || ' virtual'
    END AS generated,
    CASE
        WHEN r.relispartition THEN NULL
        WHEN a.attidentity = 'a' THEN 'always'
        WHEN a.attidentity = 'd' THEN 'by default'
    END AS identity,
    CASE WHEN a.attcollation NOT IN (0, t.typcollation) THEN a.attcollation::regcollation::text END AS collation,
    CASE
        WHEN a.attstorage = t.typstorage THEN NULL
        WHEN a.attstorage = 'p' THEN 'plain'
        WHEN a.attstorage = 'e' THEN 'external'
        WHEN a.attstorage = 'm' THEN 'main'
        WHEN a.attstorage = 'x' THEN 'extended'
    END AS storage,
    CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
    nullif(a.attstattarget, -1)::text AS "statistics target", -- the default is -1 before 17, NULL since
    -- CASE: hardly any column has options, and a subquery for each would double the time of this query.
    CASE
        WHEN a.attoptions IS NOT NULL
            THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) AS o)
    END AS options,
    CASE
        WHEN a.attfdwoptions IS NOT NULL
            THEN (
                SELECT string_agg(o.option_name || '=' || o.option_value, ', ' ORDER BY o.option_name)
                FROM pg_options_to_table(a.attfdwoptions) AS o
            )
    END AS "foreign options",
    CASE
        WHEN a.attinhcount = 0 THEN NULL
        WHEN a.attislocal THEN 'yes, and declared'
        ELSE 'yes'
    END AS inherited,
    d.description AS comment,
    nd.description AS "not null comment"
FROM relation AS r
INNER JOIN pg_class AS c ON r.oid = c.oid
INNER JOIN pg_attribute AS a ON r.oid = a.attrelid
INNER JOIN pg_type AS t ON a.atttypid = t.oid
LEFT JOIN pg_attrdef AS ad ON a.atthasdef AND a.attrelid = ad.adrelid AND a.attnum = ad.adnum
LEFT JOIN pg_constraint AS nn ON nn.contype = 'n' AND a.attrelid = nn.conrelid AND a.attnum = nn.conkey[1]
LEFT JOIN pg_description AS d
    ON d.classoid = 'pg_class'::regclass AND a.attrelid = d.objoid AND a.attnum = d.objsubid
LEFT JOIN pg_description AS nd ON nd.classoid = 'pg_constraint'::regclass AND nn.oid = nd.objoid
WHERE r.relkind <> 'S'
    AND a.attnum > 0
    AND NOT a.attisdropped
