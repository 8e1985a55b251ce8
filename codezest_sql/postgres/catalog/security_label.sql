-- Security labels, of whatever has one, by the words of SECURITY LABEL. Not those of databases, roles and tablespaces,
-- and of members of extensions, which pg_dump leaves out as well.
SELECT
    'security label' AS kind,
    'of ' || quote_ident(l.provider) || ' on ' || l.objtype || ' ' || l.objname AS name,
    CASE WHEN l.objtype <> 'large object' THEN l.objtype END AS "parent kind",
    CASE WHEN l.objtype <> 'large object' THEN l.objname END AS parent,
    l.label
FROM pg_seclabels AS l
WHERE l.objtype NOT IN ('database', 'role', 'tablespace', 'large object')
    AND (l.objnamespace IS NULL OR l.objnamespace IN (SELECT n.oid FROM namespace AS n))
    AND (
        l.classoid <> 'pg_class'::regclass
        OR l.objoid IN (SELECT r.oid FROM relation AS r)
    )
    AND (l.objtype <> 'schema' OR l.objoid IN (SELECT n.oid FROM namespace AS n))
    AND NOT EXISTS (
        SELECT FROM extension_member AS m
        WHERE m.classid = l.classoid AND m.objid = l.objoid
    )
