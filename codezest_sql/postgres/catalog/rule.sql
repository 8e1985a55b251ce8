-- Rules, without the one that makes a view a view.
SELECT
    'rule' AS kind,
    quote_ident(w.rulename) || ' on ' || r.name AS name,
    r.kind AS "parent kind",
    r.name AS parent,
    pg_get_ruledef(w.oid) AS definition,
    CASE w.ev_enabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' ELSE 'always' END AS enabled,
    d.description AS comment
FROM relation AS r
INNER JOIN pg_rewrite AS w ON r.oid = w.ev_class
LEFT JOIN pg_description AS d ON d.classoid = 'pg_rewrite'::regclass AND w.oid = d.objoid
WHERE w.rulename <> '_RETURN'
