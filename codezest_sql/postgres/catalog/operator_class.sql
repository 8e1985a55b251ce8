-- Operator classes. Their operators and functions are those of the family (see operator_family.sql); which of these
-- came with the class, and not by ALTER OPERATOR FAMILY, is `members`.
SELECT
    'operator class' AS kind,
    n.name || '.' || quote_ident(c.opcname) || ' using ' || quote_ident(a.amname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    format_type(c.opcintype, NULL) AS type,
    quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family,
    CASE WHEN c.opcdefault THEN 'yes' ELSE 'no' END AS "default",
    CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage,
    (
        SELECT string_agg(m.number, ', ' ORDER BY m.number)
        FROM (
            SELECT 'operator ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text AS number
            FROM pg_depend AS p
            INNER JOIN pg_amop AS o ON p.objid = o.oid
            WHERE p.classid = 'pg_amop'::regclass
                AND p.refclassid = 'pg_opclass'::regclass AND p.refobjid = c.oid
            UNION ALL
            SELECT 'function ' || f.amprocnum || ' ' || f.amproc::regprocedure::text
            FROM pg_depend AS p
            INNER JOIN pg_amproc AS f ON p.objid = f.oid
            WHERE p.classid = 'pg_amproc'::regclass
                AND p.refclassid = 'pg_opclass'::regclass AND p.refobjid = c.oid
        ) AS m
    ) AS members,
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.opcowner) END AS owner,
    d.description AS comment
FROM pg_opclass AS c
INNER JOIN namespace AS n ON c.opcnamespace = n.oid
INNER JOIN pg_am AS a ON c.opcmethod = a.oid
INNER JOIN pg_opfamily AS f ON c.opcfamily = f.oid
INNER JOIN pg_namespace AS fn ON f.opfnamespace = fn.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_opclass'::regclass AND c.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_opclass'::regclass AND m.objid = c.oid
)
