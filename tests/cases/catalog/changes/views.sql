CREATE OR REPLACE VIEW app.renamed AS SELECT name AS other, body AS name FROM (SELECT p.title AS body, u.name FROM app.posts AS p, app.users AS u) AS x ORDER BY x.name;
--> view app.renamed: query changed
-->       SELECT name AS other,
-->     -    title AS name
-->     -   FROM ( SELECT p.title,
-->     +    body AS name
-->     +   FROM ( SELECT p.title AS body,
-->                  u.name
-->                 FROM app.posts p,

ALTER VIEW app.happy SET (security_invoker = false);
--> view app.happy: options changed from check_option=local, security_barrier=true, security_invoker=true to check_option=local, security_barrier=true, security_invoker=false

ALTER VIEW app.happy ALTER COLUMN name DROP DEFAULT;
--> column app.happy.name: default removed (was 'x'::character varying)

COMMENT ON VIEW app.happy IS NULL;
--> view app.happy: comment removed (was Those who are.)

DROP VIEW app.numbers;
--> view app.numbers removed (2 columns)

REFRESH MATERIALIZED VIEW app.tally;
--> materialized view app.tally: populated changed from no to yes

ALTER MATERIALIZED VIEW app.tally RESET (fillfactor);
--> materialized view app.tally: options removed (was fillfactor=60)

-- alone
DROP MATERIALIZED VIEW app.tally;
--> materialized view app.tally removed (2 columns, 1 index, 1 grant)
