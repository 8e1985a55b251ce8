-- Rights that differ from what a fresh object of its kind has, for each object and grantee; and the default
-- privileges for future objects, by the same rules.
--
-- An ACL that is NULL stands for the standard (acldefault), which gives the owner everything and PUBLIC some rights
-- on functions, types and languages. So a revoked standard right is seen as fewer rights or `none`, and an ACL that
-- says the standard word for word is nothing. Default privileges without a schema replace the standard, those in a
-- schema are added to it. The owner is `its owner`, whoever that is.
--
-- Everything that a kind of object has is `all`. MAINTAIN came with 17: GRANT ALL includes it there. So that GRANT ALL,
-- and what a REVOKE leaves of it, are the same facts on every version, MAINTAIN counts only where fewer than four
-- other rights stand beside it, as after an explicit GRANT MAINTAIN.
--
-- Where owners are not compared, default privileges do not say whose objects they are for, and what several roles
-- give is one fact.
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
            'on ' || r.kind || ' ' || r.name AS name,
            r.kind AS "parent kind",
            r.name AS parent,
            CASE r.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END AS class,
            c.relowner AS owner,
            true AS replaces,
            c.relacl AS acl
        FROM relation AS r
        INNER JOIN pg_class AS c ON r.oid = c.oid
        UNION ALL
        SELECT
            'grant', 'on column ' || r.name || '.' || quote_ident(a.attname),
            'column', r.name || '.' || quote_ident(a.attname), 'c', r.relowner, true, a.attacl
        FROM relation AS r
        INNER JOIN pg_attribute AS a ON r.oid = a.attrelid
        WHERE NOT a.attisdropped AND a.attnum > 0
        UNION ALL
        SELECT 'grant', 'on schema ' || s.name, 'schema', s.name, 'n', n.nspowner, true, n.nspacl
        FROM namespace AS s
        INNER JOIN pg_namespace AS n ON s.oid = n.oid
        WHERE NOT EXISTS (
            SELECT FROM extension_member AS m
            WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid
        )
        UNION ALL
        SELECT 'grant', 'on ' || p.kind || ' ' || p.name, p.kind, p.name, 'f', p.owner, true, p.acl
        FROM (
            SELECT
                CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
                n.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
                p.proowner AS owner,
                p.proacl AS acl
            FROM pg_proc AS p
            INNER JOIN namespace AS n ON p.pronamespace = n.oid
            WHERE NOT EXISTS (
                SELECT FROM extension_member AS m
                WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid
            )
        ) AS p
        UNION ALL
        SELECT 'grant', 'on ' || t.kind || ' ' || t.name, t.kind, t.name, 'T', t.owner, true, t.acl
        FROM (
            SELECT
                CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
                n.name || '.' || quote_ident(t.typname) AS name,
                t.typowner AS owner,
                t.typacl AS acl
            FROM pg_type AS t
            INNER JOIN namespace AS n ON t.typnamespace = n.oid
            WHERE NOT EXISTS (
                SELECT FROM extension_member AS m
                WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid
            )
        ) AS t
        UNION ALL
        SELECT
            'grant', 'on language ' || quote_ident(l.lanname),
            'language', quote_ident(l.lanname), 'l', l.lanowner, true, l.lanacl
        FROM pg_language AS l
        WHERE l.oid >= 16384
            AND NOT EXISTS (
                SELECT FROM extension_member AS m
                WHERE m.classid = 'pg_language'::regclass AND m.objid = l.oid
            )
        UNION ALL
        SELECT
            'grant', 'on foreign-data wrapper ' || quote_ident(w.fdwname),
            'foreign-data wrapper', quote_ident(w.fdwname), 'F', w.fdwowner, true, w.fdwacl
        FROM pg_foreign_data_wrapper AS w
        WHERE NOT EXISTS (
            SELECT FROM extension_member AS m
            WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = w.oid
        )
        UNION ALL
        SELECT
            'grant', 'on server ' || quote_ident(s.srvname),
            'server', quote_ident(s.srvname), 'S', s.srvowner, true, s.srvacl
        FROM pg_foreign_server AS s
        WHERE NOT EXISTS (
            SELECT FROM extension_member AS m
            WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = s.oid
        )
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
                CASE WHEN %(owners)s THEN 'of ' || quote_ident(pg_get_userbyid(a.defaclrole)) END,
                'in schema ' || n.name
            ),
            CASE WHEN n.oid IS NOT NULL THEN 'schema' END,
            n.name,
            CASE a.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE a.defaclobjtype END,
            a.defaclrole,
            a.defaclnamespace = 0,
            a.defaclacl
        FROM pg_default_acl AS a
        LEFT JOIN namespace AS n ON a.defaclnamespace = n.oid
        WHERE a.defaclnamespace = 0 OR n.oid IS NOT NULL
    ) AS o
    CROSS JOIN LATERAL (
        SELECT string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type) AS rights
        FROM aclexplode(acldefault(o.class, o.owner)) AS e
        WHERE e.grantee = o.owner AND e.privilege_type <> 'MAINTAIN'
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
                regexp_replace(
                    string_agg(DISTINCT e.privilege_type, ', ' ORDER BY e.privilege_type),
                    '^(?=(\w+, ){4})(.*)MAINTAIN, ', '\1'
                ) AS rights,
                regexp_replace(
                    string_agg(DISTINCT e.privilege_type, ', ' ORDER BY e.privilege_type)
                        FILTER (WHERE e.is_grantable),
                    '^(?=(\w+, ){4})(.*)MAINTAIN, ', '\1'
                ) AS grantable
            FROM (
                VALUES ('now', o.acl), ('standard', CASE WHEN o.replaces THEN acldefault(o.class, o.owner) END)
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
    WHERE o.acl IS NOT NULL
) AS f
GROUP BY f.kind, f.name, f."parent kind", f.parent
