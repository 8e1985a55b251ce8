-- Constraints of tables and domains: PRIMARY KEY, UNIQUE, EXCLUDE, FOREIGN KEY, CHECK. The index behind a key has
-- the key's name; what its definition does not say is a property here, so that it is not reported twice.
-- NOT NULL is a fact of the column or the domain (see column.sql), a constraint trigger is a trigger.
--
-- For a foreign key to a partitioned table the server keeps one more constraint per partition of that table, whose
-- parent constraint is on the same table: its own bookkeeping, left out.
--
-- `triggers`: ALTER TABLE ... DISABLE TRIGGER ALL switches the foreign key's checks off as well.
SELECT
    'constraint' AS kind,
    quote_ident(k.conname) || ' on ' || o.name AS name,
    o.kind AS "parent kind",
    o.name AS parent,
    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
    CASE WHEN k.convalidated THEN 'yes' ELSE 'no' END AS validated,
    CASE
        WHEN k.coninhcount = 0 THEN NULL
        WHEN k.conislocal THEN 'yes, and declared'
        ELSE 'yes'
    END AS inherited,
    disabled.triggers,
    CASE WHEN NOT i.indisvalid THEN 'no' END AS "index valid",
    CASE WHEN i.indisclustered THEN 'yes' END AS clustered,
    CASE WHEN i.indisreplident THEN 'yes' END AS "replica identity",
    CASE
        WHEN ic.reloptions IS NOT NULL
            THEN (SELECT string_agg(option, ', ' ORDER BY option) FROM unnest(ic.reloptions) AS option)
    END AS "index options",
    quote_ident(s.spcname) AS "index tablespace",
    id.description AS "index comment",
    x.extensions AS "index depends on extension",
    d.description AS comment
FROM pg_constraint AS k
INNER JOIN (
    SELECT r.oid AS relid, 0::oid AS typid, r.kind, r.name
    FROM relation AS r
    WHERE r.relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 0::oid, t.oid, 'domain', n.name || '.' || quote_ident(t.typname)
    FROM pg_type AS t
    INNER JOIN namespace AS n ON t.typnamespace = n.oid
    WHERE t.typtype = 'd'
        AND NOT EXISTS (
            SELECT FROM extension_member AS m
            WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid
        )
) AS o ON k.conrelid = o.relid AND k.contypid = o.typid
LEFT JOIN pg_constraint AS parent ON k.conparentid = parent.oid
LEFT JOIN pg_index AS i ON k.contype IN ('p', 'u', 'x') AND k.conindid = i.indexrelid
LEFT JOIN pg_class AS ic ON i.indexrelid = ic.oid
LEFT JOIN pg_tablespace AS s ON ic.reltablespace = s.oid
LEFT JOIN (
    SELECT
        g.tgconstraint,
        string_agg(
            DISTINCT CASE g.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END, ', '
        ) AS triggers
    FROM pg_trigger AS g
    WHERE g.tgisinternal AND g.tgenabled <> 'O'
    GROUP BY g.tgconstraint
) AS disabled ON k.oid = disabled.tgconstraint
LEFT JOIN extension_need AS x ON x.classid = 'pg_class'::regclass AND i.indexrelid = x.objid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
LEFT JOIN pg_description AS id
    ON id.classoid = 'pg_class'::regclass AND i.indexrelid = id.objoid AND id.objsubid = 0
WHERE k.contype IN ('p', 'u', 'x', 'f', 'c')
    AND parent.conrelid IS DISTINCT FROM k.conrelid
