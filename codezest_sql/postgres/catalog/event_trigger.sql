-- Event triggers.
SELECT
    'event trigger' AS kind,
    quote_ident(e.evtname) AS name,
    NULL AS "parent kind",
    NULL AS parent,
    e.evtevent AS event,
    e.evtfoid::regprocedure::text AS function,
    array_to_string(e.evttags, ', ') AS tags,
    CASE e.evtenabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' ELSE 'always' END AS enabled,
    CASE WHEN %(owners)s THEN pg_get_userbyid(e.evtowner) END AS owner,
    d.description AS comment
FROM pg_event_trigger AS e
LEFT JOIN pg_description AS d ON d.classoid = 'pg_event_trigger'::regclass AND e.oid = d.objoid
WHERE NOT EXISTS (
    SELECT FROM extension_member AS m
    WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = e.oid
)
