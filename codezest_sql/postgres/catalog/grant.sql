-- Rights that differ from what a fresh object has, for each object and grantee; and the default privileges for future
-- objects, by the same rules.
--
-- What a fresh object has: the standard of its kind (acldefault), which gives the owner everything and PUBLIC some
-- rights on functions, types and languages; or, for a member of an extension and an object of the server's own, what
-- its installation left (pg_init_privs). So a revoked standard right is seen as fewer rights or `none`, and an ACL that
-- says the standard word for word is nothing. This is what pg_dump compares with, also for members of extensions and
-- objects of pg_catalog (src/bin/pg_dump/pg_dump.c, selectDumpableObject). Default privileges without a schema replace
-- the standard, those in a schema are added to it. The owner is `its owner`, whoever that is.
--
-- Everything that a kind of object has is `all`. MAINTAIN came with 17: core/schema/drift.py makes the rights of an older
-- version and a newer one comparable.
--
-- Where owners are not compared, default privileges do not name the role that migrates, which is another one on
-- another server.
SELECT
    f.kind,
    f.name,
    f."parent kind",
    f.parent,
    string_agg(DISTINCT f.privileges, ', ' ORDER BY f.privileges) AS privileges,
    string_agg(DISTINCT f.grantable, ', ' ORDER BY f.grantable) AS "with grant option"
FROM (
    SELECT
        o.kind,
        o."parent kind",
        o.parent,
        o.name || ' to ' || CASE
            WHEN g.grantee = 0 THEN 'public'
            WHEN g.grantee = o.owner THEN 'its owner'
            ELSE quote_ident(pg_get_userbyid(g.grantee))
        END AS name,
        CASE
            WHEN g.rights IS NULL THEN 'none'
            WHEN g.rights = everything.rights AND position(',' IN g.rights) > 0 THEN 'all'
            ELSE g.rights
        END AS privileges,
        CASE
            WHEN g.grantable = everything.rights AND position(',' IN g.grantable) > 0 THEN 'all'
            ELSE g.grantable
        END AS grantable
    FROM (
        SELECT
            'grant' AS kind,
            'on ' || x.kind || ' ' || x.name AS name,
            CASE WHEN e.oid IS NOT NULL THEN 'extension' ELSE x.kind END AS "parent kind",
            CASE WHEN e.oid IS NOT NULL THEN quote_ident(e.extname) ELSE x.name END AS parent,
            x.class,
            x.owner,
            x.acl,
            coalesce(i.initprivs, acldefault(x.class, x.owner)) AS standard
        FROM (
            WITH
            space AS (
                SELECT s.oid, s.name FROM namespace AS s
                UNION ALL
                SELECT n.oid, n.nspname
                FROM pg_namespace AS n
                WHERE n.nspname = 'pg_catalog' AND n.nspname <> ALL (%(schemas)s::text [])
            ),

            named_relation AS (
                SELECT
                    c.oid,
                    s.name || '.' || quote_ident(c.relname) AS name,
                    CASE c.relkind
                        WHEN 'v' THEN 'view'
                        WHEN 'm' THEN 'materialized view'
                        WHEN 'f' THEN 'foreign table'
                        WHEN 'S' THEN 'sequence'
                        ELSE 'table'
                    END AS kind,
                    CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END AS class,
                    c.relowner AS owner,
                    c.relacl AS acl
                FROM pg_class AS c
                INNER JOIN space AS s ON c.relnamespace = s.oid
                WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
                    AND c.relname <> ALL (%(tables)s::text [])
                    AND (%(partitions)s OR NOT c.relispartition)
            )

            SELECT 'pg_class'::regclass AS classid, r.oid AS objid, 0 AS objsubid, r.kind, r.name, r.class, r.owner, r.acl
            FROM named_relation AS r
            WHERE r.acl IS NOT NULL
            UNION ALL
            SELECT
                'pg_class'::regclass, r.oid, a.attnum, 'column', r.name || '.' || quote_ident(a.attname), 'c',
                r.owner, a.attacl
            FROM named_relation AS r
            INNER JOIN pg_attribute AS a ON r.oid = a.attrelid
            WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND a.attnum > 0
            UNION ALL
            SELECT 'pg_namespace'::regclass, n.oid, 0, 'schema', s.name, 'n', n.nspowner, n.nspacl
            FROM space AS s
            INNER JOIN pg_namespace AS n ON s.oid = n.oid
            WHERE n.nspacl IS NOT NULL
            UNION ALL
            SELECT
                'pg_proc'::regclass, p.oid, 0,
                CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
                s.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')', 'f',
                p.proowner, p.proacl
            FROM pg_proc AS p
            INNER JOIN space AS s ON p.pronamespace = s.oid
            WHERE p.proacl IS NOT NULL
            UNION ALL
            SELECT
                'pg_type'::regclass, t.oid, 0, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END,
                s.name || '.' || quote_ident(t.typname), 'T', t.typowner, t.typacl
            FROM pg_type AS t
            INNER JOIN space AS s ON t.typnamespace = s.oid
            WHERE t.typacl IS NOT NULL
            UNION ALL
            SELECT 'pg_language'::regclass, l.oid, 0, 'language', quote_ident(l.lanname), 'l', l.lanowner, l.lanacl
            FROM pg_language AS l
            WHERE l.lanacl IS NOT NULL AND l.lanispl
            UNION ALL
            SELECT
                'pg_foreign_data_wrapper'::regclass, w.oid, 0, 'foreign-data wrapper', quote_ident(w.fdwname), 'F',
                w.fdwowner, w.fdwacl
            FROM pg_foreign_data_wrapper AS w
            WHERE w.fdwacl IS NOT NULL
            UNION ALL
            SELECT
                'pg_foreign_server'::regclass, v.oid, 0, 'server', quote_ident(v.srvname), 'S', v.srvowner, v.srvacl
            FROM pg_foreign_server AS v
            WHERE v.srvacl IS NOT NULL
        ) AS x
        LEFT JOIN pg_init_privs AS i
            ON x.classid = i.classoid AND x.objid = i.objoid AND x.objsubid = i.objsubid
        LEFT JOIN pg_depend AS d
            ON x.classid = d.classid AND x.objid = d.objid AND d.objsubid = 0 AND d.deptype = 'e'
            AND d.refclassid = 'pg_extension'::regclass
        LEFT JOIN pg_extension AS e ON d.refobjid = e.oid
        WHERE x.acl IS DISTINCT FROM i.initprivs
        UNION ALL
        SELECT
            'default privileges',
            concat_ws(
                ' ',
                'on',
                CASE a.defaclobjtype
                    WHEN 'r' THEN 'tables'
                    WHEN 'S' THEN 'sequences'
                    WHEN 'f' THEN 'functions'
                    WHEN 'T' THEN 'types'
                    WHEN 'n' THEN 'schemas'
                    ELSE 'large objects'
                END,
                CASE
                    WHEN %(owners)s OR pg_get_userbyid(a.defaclrole) <> coalesce(%(migrator)s, current_user)
                        THEN 'of ' || quote_ident(pg_get_userbyid(a.defaclrole))
                END,
                'in schema ' || n.name
            ),
            CASE WHEN n.oid IS NOT NULL THEN 'schema' END,
            n.name,
            CASE a.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE a.defaclobjtype END,
            a.defaclrole,
            a.defaclacl,
            CASE
                WHEN a.defaclnamespace = 0
                    THEN acldefault(
                        CASE a.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE a.defaclobjtype END, a.defaclrole
                    )
            END
        FROM pg_default_acl AS a
        LEFT JOIN namespace AS n ON a.defaclnamespace = n.oid
        WHERE a.defaclnamespace = 0 OR n.oid IS NOT NULL
    ) AS o
    CROSS JOIN LATERAL (
        SELECT string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type) AS rights
        FROM aclexplode(acldefault(o.class, o.owner)) AS e
        WHERE e.grantee = o.owner
    ) AS everything
    CROSS JOIN LATERAL (
        SELECT
            side.grantee,
            max(side.rights) FILTER (WHERE side.name = 'now') AS rights,
            max(side.grantable) FILTER (WHERE side.name = 'now') AS grantable
        FROM (
            SELECT
                l.name,
                e.grantee,
                string_agg(DISTINCT e.privilege_type, ', ' ORDER BY e.privilege_type) AS rights,
                string_agg(DISTINCT e.privilege_type, ', ' ORDER BY e.privilege_type)
                    FILTER (WHERE e.is_grantable) AS grantable
            FROM (
                VALUES ('now', o.acl), ('standard', o.standard)
            ) AS l (name, acl)
            CROSS JOIN LATERAL aclexplode(l.acl) AS e
            GROUP BY l.name, e.grantee
        ) AS side
        GROUP BY side.grantee
        HAVING
            max(side.rights) FILTER (WHERE side.name = 'now')
            IS DISTINCT FROM max(side.rights) FILTER (WHERE side.name = 'standard')
            OR max(side.grantable) FILTER (WHERE side.name = 'now')
            IS DISTINCT FROM max(side.grantable) FILTER (WHERE side.name = 'standard')
    ) AS g
) AS f
GROUP BY f.kind, f.name, f."parent kind", f.parent
