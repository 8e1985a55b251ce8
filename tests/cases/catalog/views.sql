-- Shapes of queries as views: 15 qualifies the columns of a view over one relation, 16 and later do not, and both
-- quote other words. The names say what each is about.

CREATE SCHEMA app;
CREATE TABLE app.users (
    id uuid PRIMARY KEY, name text, email text, "Weird" integer, json jsonb, at timestamptz, n integer, old integer
);
CREATE TABLE app.posts (post_id uuid PRIMARY KEY, user_id uuid REFERENCES app.users, title text, tags text [], score integer);
CREATE TABLE app.old (id integer, new integer);
CREATE TABLE app.app (app integer, lower text);
CREATE FUNCTION app.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE TYPE app.point AS (x integer, y integer);
CREATE TABLE app.places (at app.point, grid app.point []);

CREATE VIEW app.plain AS SELECT id, name FROM app.users;
CREATE VIEW app.alias AS SELECT u.id, lower(u.email) AS e FROM app.users AS u WHERE u.name IS NOT NULL ORDER BY u.name DESC NULLS LAST LIMIT 5;
CREATE VIEW app.quoted_alias AS SELECT "U x".id, "U x"."Weird" FROM app.users AS "U x" WHERE "U x".n > 1;
CREATE VIEW app.alias_with_columns AS SELECT z.a, z.b FROM app.users AS z (a, b);
CREATE VIEW app.two AS SELECT u.id, p.title FROM app.users AS u INNER JOIN app.posts AS p ON u.id = p.user_id;
CREATE VIEW app.two_by_comma AS SELECT u.id, p.title FROM app.users AS u, app.posts AS p WHERE u.id = p.user_id;
CREATE VIEW app.nested_joins AS SELECT u.id, d.new FROM app.users AS u LEFT JOIN (app.posts AS p INNER JOIN app.old AS d ON true) ON p.user_id = u.id;
CREATE VIEW app.self_join AS SELECT a.id, b.name FROM app.users AS a INNER JOIN app.users AS b USING (id);
CREATE VIEW app.scalar_subquery AS SELECT u.id, (SELECT count(*) FROM app.posts AS p WHERE p.user_id = u.id) AS c FROM app.users AS u;
CREATE VIEW app.exists_subquery AS SELECT u.id FROM app.users AS u WHERE EXISTS (SELECT 1 FROM app.posts AS p WHERE p.user_id = u.id AND p.score > u.n);
CREATE VIEW app.in_subquery AS SELECT id FROM app.users WHERE id IN (SELECT user_id FROM app.posts WHERE score > 1) FOR UPDATE;
CREATE VIEW app.row_in_subquery AS SELECT u.id FROM app.users AS u WHERE (u.name, u.n) IN (SELECT p.title, p.score FROM app.posts AS p) OR u.n > ALL (SELECT p.score FROM app.posts AS p);
CREATE VIEW app.subquery_over_itself AS SELECT a.id FROM app.users AS a WHERE a.n > (SELECT avg(b.n) FROM app.users AS b WHERE b.name = a.name) GROUP BY a.id ORDER BY max(a.n) OFFSET 1 FETCH FIRST 3 ROWS WITH TIES;
CREATE VIEW app.array_subquery AS SELECT ARRAY(SELECT p.title FROM app.posts AS p WHERE p.user_id = users.id ORDER BY p.title) AS titles, users.n::text || 'x' AS q FROM app.users;
CREATE VIEW app.values_subquery AS SELECT id FROM app.users WHERE n IN (VALUES (1), (2)) AND n = ANY (SELECT g FROM generate_series(1, users.n) AS g);
CREATE VIEW app.with_query AS WITH x AS (SELECT id, name FROM app.users WHERE n > 1) SELECT name, count(*) AS c FROM x GROUP BY name HAVING count(*) > 1;
CREATE VIEW app.with_query_in_subquery AS SELECT id FROM app.users WHERE n IN (WITH y AS (SELECT score FROM app.posts) SELECT score FROM y);
CREATE VIEW app.recursive AS WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT r.n + 1 FROM r WHERE r.n < 5) SELECT r.n FROM r;
CREATE VIEW app.derived_table AS SELECT x.a, x.b FROM (SELECT id AS a, name AS b FROM app.users) AS x;
CREATE VIEW app.derived_union AS SELECT x.id FROM (SELECT u.id FROM app.users AS u WHERE u.n > 1 UNION SELECT p.post_id FROM app.posts AS p) AS x;
CREATE VIEW app.constants AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (x, y);
CREATE VIEW app.no_from AS SELECT 1 AS one, now() AS t, 'it''s u.id "x.y" FROM a'::text AS s, E'\\a\n"json"' AS e;
CREATE VIEW app.function_call AS SELECT g.i FROM generate_series(1, 10) AS g (i) WHERE g.i > 2;
CREATE VIEW app.rows_from AS SELECT x.* FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) WITH ORDINALITY AS x (a, b, c);
CREATE VIEW app.lateral_unnest AS SELECT p.post_id, t.t FROM app.posts AS p, LATERAL unnest(p.tags) AS t (t);
CREATE VIEW app.record AS SELECT x.id, x.v FROM app.users AS u CROSS JOIN LATERAL jsonb_to_record(u.json) AS x (id integer, v text);
CREATE VIEW app.sample AS SELECT u.id FROM ONLY app.users AS u TABLESAMPLE bernoulli (10) REPEATABLE (3);
CREATE VIEW app.whole_row AS SELECT u AS whole, u.id, row_to_json(u) AS j, u IS NULL AS nothing FROM app.users AS u;
CREATE VIEW app.composite AS SELECT (places.at).x, (places.grid[1]).y, places.grid[2:3] AS part FROM app.places;
CREATE VIEW app.united AS SELECT id FROM app.users UNION ALL SELECT post_id FROM app.posts ORDER BY 1;
CREATE VIEW app.excepted AS SELECT name, json FROM app.users EXCEPT SELECT title, NULL::jsonb FROM app.posts;
CREATE VIEW app.intersected AS (SELECT name FROM app.users ORDER BY name LIMIT 1) INTERSECT SELECT title FROM app.posts;
CREATE VIEW app.windows AS SELECT id, row_number() OVER w AS rn, sum(n) OVER (PARTITION BY name ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM app.users WINDOW w AS (PARTITION BY name ORDER BY n);
CREATE VIEW app.distinct_on AS SELECT DISTINCT ON (name) name, id, "Weird", json FROM app.users ORDER BY name, id;
CREATE VIEW app.grouping_sets AS SELECT name, grouping(name) AS g, count(*) FILTER (WHERE n > 1) AS c, string_agg(email, ',' ORDER BY email) AS agg FROM app.users GROUP BY ROLLUP (name);
CREATE VIEW app.group_by_expression AS SELECT n + 1 AS k, count(*) FROM app.users GROUP BY n + 1 HAVING n + 1 > 2 ORDER BY n + 1;
CREATE VIEW app.order_by_shadowed_name AS SELECT lower(name) AS name, id FROM app.users ORDER BY users.name;
CREATE VIEW app.order_by_swapped_names AS SELECT name AS n2, n AS name FROM app.users GROUP BY users.name, users.n ORDER BY users.name;
CREATE VIEW app.expressions AS
SELECT id, CASE WHEN n > 1 THEN 'x.y' ELSE name END AS c, n::numeric(10, 2) AS nn, coalesce(name, email) AS ce, (json ->> 'a')::integer AS ja,
    nullif(n, 1) AS z, greatest(n, 2) AS g, (ARRAY[n, 2])[1] AS a, ROW(n, name) IS NULL AS r, name COLLATE "C" AS col, -n AS minus
FROM app.users
WHERE n = ANY (ARRAY[1, 2]) AND name IN ('a', 'b') AND n BETWEEN 1 AND 3 AND name LIKE 'a%' AND n IS DISTINCT FROM 3 AND name ~ '"json"';
CREATE VIEW app.functions_with_syntax AS
SELECT extract(year FROM at) AS y, at AT TIME ZONE 'UTC' AS u, substring(name FROM 2 FOR 3) AS ss, trim(name) AS tr,
    position('a' IN name) AS po, overlay(name PLACING 'x' FROM 1) AS ov, current_user AS me, at + interval '1 day' AS later
FROM app.users WHERE (at, at) OVERLAPS (at, at);
CREATE VIEW app.over_a_view AS SELECT id FROM app.plain WHERE name = current_user;
CREATE VIEW app.column_named_old AS SELECT users.old FROM app.users;
CREATE VIEW app.table_named_old AS SELECT id, new FROM app.old;
CREATE VIEW app.table_named_old_joined AS SELECT old.id, users.name FROM app.users INNER JOIN app.old ON users.n = old.id;
CREATE VIEW app.table_named_as_its_schema AS SELECT app.app, app.twice(app.app) AS t, app.twice(2) AS four, (1, 2)::app.point AS p FROM app.app;
CREATE VIEW app.function_named_as_a_column AS SELECT lower(lower) AS lower FROM app.app ORDER BY app.lower;
CREATE VIEW app.new_keywords AS SELECT 1 AS json, 2 AS json_value, 3 AS "system_user", 4 AS merge_action, 5 AS json_table, 6 AS json_exists, 7 AS json_scalar;
CREATE VIEW app.over_new_keywords AS SELECT json, json_value, k."system_user", merge_action AS keys FROM app.new_keywords AS k WHERE json_table > json_exists;
CREATE VIEW app.checked AS SELECT id, n FROM app.users WHERE n > 0 WITH CASCADED CHECK OPTION;
CREATE MATERIALIZED VIEW app.materialized AS SELECT name, count(*) AS c FROM app.users GROUP BY name;
CREATE RULE as_select_wont_do AS ON UPDATE TO app.plain DO INSTEAD UPDATE app.users SET name = new.name, n = length(old.name) FROM app.posts AS p WHERE p.user_id = old.id AND users.id = old.id;
CREATE RULE upsert AS ON INSERT TO app.plain DO INSTEAD (
    INSERT INTO app.users (id, name) VALUES (new.id, new.name) ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE users.n > 1;
    DELETE FROM app.posts WHERE posts.title = new.name
);
CREATE FUNCTION app.body(u uuid) RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC
    SELECT name FROM app.users WHERE id = u ORDER BY name;
    UPDATE app.users SET n = n + 1 WHERE id = u RETURNING name;
    INSERT INTO app.users (id, json) SELECT post_id, '{}' FROM app.posts RETURNING json::text;
END;
