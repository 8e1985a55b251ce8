-- Text search configurations with their dictionaries for each kind of token.
SELECT
    'text search configuration' AS kind,
    n.name || '.' || quote_ident(c.cfgname) AS name,
    'schema' AS "parent kind",
    n.name AS parent,
    quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS parser,
    (
        SELECT string_agg(token.alias || ': ' || token.dictionaries, ', ' ORDER BY token.alias)
        FROM (
            SELECT
                k.alias,
                string_agg(m.mapdict::regdictionary::text, ' then ' ORDER BY m.mapseqno) AS dictionaries
            FROM pg_ts_config_map AS m
            INNER JOIN ts_token_type(c.cfgparser) AS k ON m.maptokentype = k.tokid
            WHERE m.mapcfg = c.oid
            GROUP BY k.alias
        ) AS token
    ) AS mappings,
    CASE WHEN %(owners)s THEN pg_get_userbyid(c.cfgowner) END AS owner,
    d.description AS comment
FROM pg_ts_config AS c
INNER JOIN namespace AS n ON c.cfgnamespace = n.oid
INNER JOIN pg_ts_parser AS p ON c.cfgparser = p.oid
INNER JOIN pg_namespace AS pn ON p.prsnamespace = pn.oid
LEFT JOIN pg_description AS d ON d.classoid = 'pg_ts_config'::regclass AND c.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_ts_config'::regclass AND m.objid = c.oid
)
