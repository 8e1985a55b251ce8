SELECT 1 FROM people WHERE (points, id) < ($1, $2);
-- points id

SELECT 1 FROM people WHERE (points, id) = ($1, $2);
-- points id

SELECT 1 FROM people WHERE ($1, $2) >= (points, id);
-- points id

UPDATE people SET (email, nick) = ($1, $2) WHERE id = $3;
-- email nick id

UPDATE people SET (email, nick) = ROW($1, $2) WHERE id = $3;
-- email nick id

UPDATE people SET (email, nick) = (SELECT $1, $2) WHERE id = $3;
-- email nick id

UPDATE people SET (email, nick) = (SELECT title, $1 FROM posts WHERE id = $2);
-- nick id

INSERT INTO people (email, nick) VALUES ($1, $2);
-- email nick

INSERT INTO people (nick, email) VALUES ($1, $2), ($3, $4);
-- nick email nick_2 email_2

INSERT INTO people (nick, email, points) VALUES ($1, DEFAULT, $2);
-- nick points

INSERT INTO people (nick, email) SELECT $1, $2;
-- nick email

INSERT INTO people (nick, email) SELECT x.a, x.b FROM (SELECT $1 AS a, $2 AS b) x;
-- nick email

INSERT INTO people (nick, email) SELECT $1, title FROM posts WHERE id = $2;
-- nick id

INSERT INTO people (email, nick) SELECT unnest($1::text[]), unnest($2::text[]);
-- email nick

INSERT INTO people (email, nick) SELECT u.a, u.b FROM unnest($1::text[], $2::text[]) AS u(a, b);
-- email nick

INSERT INTO people (email, nick) SELECT * FROM unnest($1::text[], $2::text[]);
-- email nick

INSERT INTO people (id, email) OVERRIDING SYSTEM VALUE VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET email = $3, nick = excluded.nick WHERE people.points < $4;
-- id email email_2 points

INSERT INTO people (email) VALUES (lower($1)) RETURNING id + $2;
-- email arg_2

SELECT 1 FROM people WHERE id IN ($1, $2);
-- id id_2

SELECT 1 FROM people WHERE id BETWEEN $1 AND $2;
-- id id_2

SELECT 1 FROM people WHERE id NOT BETWEEN $1 AND $2;
-- id id_2

SELECT 1 FROM people WHERE created_at BETWEEN SYMMETRIC $1 AND $2;
-- created_at created_at_2

SELECT 1 FROM people WHERE $1 BETWEEN id AND points;
-- id

SELECT 1 FROM people WHERE created_at >= $1 AND created_at < $2;
-- created_at created_at_2

SELECT id FROM people ORDER BY id LIMIT $1 OFFSET $2;
-- limit offset

SELECT id FROM people ORDER BY id OFFSET $1 ROWS FETCH FIRST $2 ROWS ONLY;
-- offset limit

SELECT id FROM people LIMIT $1 OFFSET ($2 - 1) * $1;
-- limit arg_2

SELECT 1 FROM people WHERE email LIKE $1 AND nick ILIKE $2 AND email NOT LIKE $3 || '%' AND email ~ $4 AND nick SIMILAR TO $5;
-- email nick email_2 email_3 nick_2

SELECT 1 FROM people WHERE id = ANY($1::bigint[]);
-- id

SELECT 1 FROM people WHERE id = ANY($1);
-- id

SELECT 1 FROM people WHERE id <> ALL($1);
-- id

SELECT 1 FROM people WHERE $1 = ANY(tags);
-- tags

SELECT 1 FROM people WHERE tags @> $1 AND tags && $2;
-- tags tags_2

SELECT 1 FROM people WHERE tags @> ARRAY[$1]::text[];
-- tags

SELECT CASE WHEN points > $1 THEN $2 ELSE nick END FROM people;
-- points nick

SELECT CASE points WHEN $1 THEN $2::text WHEN $3 THEN $4 END FROM people;
-- points arg_2 points_2 arg_4

UPDATE people SET nick = CASE WHEN $1::bool THEN $2 ELSE nick END WHERE id = $3;
-- arg_1 nick id

UPDATE people SET nick = COALESCE($1, nick), email = COALESCE(NULLIF($2, ''), email) WHERE id = $3;
-- nick email id

SELECT COALESCE($1, nick) FROM people;
-- nick

SELECT COALESCE(nick, $1) FROM people;
-- nick

SELECT 1 FROM people WHERE COALESCE(nick, '') = $1 AND COALESCE(nick, email) = $2;
-- nick arg_2

SELECT GREATEST(points, $1) FROM people;
-- points

SELECT 1 FROM people WHERE nick IS DISTINCT FROM $1;
-- nick

SELECT 1 FROM people WHERE nick IS NOT DISTINCT FROM $1 AND $2 IS DISTINCT FROM email;
-- nick email

SELECT id, title FROM find_books($1);
-- term

SELECT id, title FROM find_books($1, $2) WHERE id = $3;
-- term n id

SELECT id, title FROM find_books(n => $1, term => $2);
-- n term

SELECT bare($1, $2);
-- arg_1 arg_2

SELECT vari($1, $2, $3);
-- first_one others others_2

SELECT p.id FROM people p, LATERAL find_books(p.email, $1) b WHERE b.title = $2;
-- n title

MERGE INTO people p USING (SELECT $1::bigint AS id, $2::text AS mail) s ON s.id = p.id WHEN MATCHED AND p.points < $3 THEN UPDATE SET email = s.mail, nick = $4 WHEN NOT MATCHED THEN INSERT (email, nick) VALUES ($5, $6);
-- id email points nick email_2 nick_2

MERGE INTO people p USING (VALUES ($1::bigint, $2::text)) s(pid, mail) ON s.pid = p.id WHEN MATCHED THEN UPDATE SET email = s.mail;
-- id email

UPDATE people SET email = $1 RETURNING id, $2::int;
-- email arg_2

SELECT 1 FROM people WHERE id = (SELECT author FROM posts WHERE title = $1);
-- title

SELECT 1 FROM people WHERE $1 = (SELECT max(id) FROM posts);
-- id

SELECT 1 FROM people WHERE $1 IN (SELECT title FROM posts);
-- title

SELECT 1 FROM people WHERE ($1, $2) IN (SELECT title, id FROM posts);
-- title id

SELECT 1 FROM people WHERE email IN (SELECT $1 UNION SELECT $2);
-- email email_2

WITH x AS (SELECT id FROM people WHERE email = $1) SELECT 1 FROM x WHERE x.id > $2;
-- email id

WITH input(a, b) AS (VALUES ($1::int, $2::text)) SELECT 1 FROM input;
-- a b

WITH RECURSIVE t(n) AS (SELECT $1::int UNION ALL SELECT n + 1 FROM t WHERE n < $2) SELECT n FROM t;
-- n n_2

WITH moved AS (DELETE FROM people WHERE points < $1 RETURNING id) INSERT INTO posts (id, title) SELECT id, $2 FROM moved;
-- points title

SELECT tags[$1] FROM people WHERE tags[$2] = $3;
-- arg_1 arg_2 tags

UPDATE people SET tags[$1] = $2;
-- arg_1 tags

UPDATE people SET home.city = $1, home.street = $2;
-- city street

UPDATE people SET home = ROW($1, $2);
-- street city

UPDATE people SET home = ($1, $2)::addr;
-- street city

SELECT 1 FROM people WHERE (home).city = $1;
-- city

SELECT data -> $1, data ->> $2, data #> $3 FROM people;
-- arg_1 arg_2 arg_3

SELECT 1 FROM people WHERE data ->> 'name' = $1 AND data @> $2 AND data ? $3;
-- arg_1 data arg_3

SELECT sum(points) OVER (ORDER BY id ROWS BETWEEN $1 PRECEDING AND $2 FOLLOWING) FROM people;
-- arg_1 arg_2

SELECT lag(points, $1, $2) OVER (ORDER BY id) FROM people;
-- arg_1 arg_2

SELECT 1 FROM people TABLESAMPLE BERNOULLI ($1) REPEATABLE ($2);
-- arg_1 arg_2

SELECT nick FROM people GROUP BY nick, date_trunc($1, created_at) HAVING count(*) > $2 AND max(points) > $3 AND count(id) > $4 AND sum(points) > $5;
-- arg_1 arg_2 points arg_4 arg_5

SELECT date_trunc('day', created_at) FROM people GROUP BY date_trunc('day', created_at) HAVING date_trunc('day', created_at) > $1;
-- created_at

SELECT 1 FROM people WHERE lower(email) = lower($1) AND upper($2) = upper(nick) AND md5(email) = $3 AND length(email) > $4;
-- email nick arg_3 arg_4

SELECT 1 FROM people WHERE trim(email) = $1 AND email = trim($2) AND email = md5($3);
-- email email_2 arg_3

SELECT 1 FROM people WHERE extract(year FROM created_at) = $1 AND created_at::date = $2 AND date(created_at) = $3;
-- arg_1 created_at created_at_2

SELECT 1 FROM people WHERE created_at > now() - $1::interval AND created_at < now() - make_interval(days => $2);
-- arg_1 days

UPDATE people SET points = points + $1, price = price * $2, nick = nick || $3, tags = array_append(tags, $4) WHERE id = $5;
-- points arg_2 nick tags id

UPDATE people SET points = points + $1 - $2;
-- arg_1 arg_2

SELECT points + $1, price * $2 FROM people;
-- arg_1 arg_2

SELECT $1::text AS label, $2::int;
-- arg_1 arg_2

SELECT 1 FROM people WHERE ($1::text IS NULL OR email = $1) AND ($2 = '' OR nick = $2);
-- email nick

SELECT 1 FROM people WHERE email = $1 OR nick = $1;
-- email

SELECT 1 FROM people WHERE "userId" = $1 AND class = $2 AND arg_2 = $3 AND points = $4;
-- user_id class_ arg_3 points

SELECT 1 FROM people WHERE arg_2 = $1 AND length($2) = 1;
-- arg_1 arg_2

SELECT 1 FROM people a JOIN people b ON a.id = b.id AND b.email = $1 WHERE a.email = $2;
-- email email_2

SELECT 1 FROM people JOIN posts USING (id) WHERE id = $1;
-- id

SELECT 1 FROM people p(x, y) WHERE p.x = $1;
-- x

SELECT 1 FROM v WHERE mail = $1;
-- mail

UPDATE v SET mail = $1 WHERE id = $2;
-- mail id

SELECT 1 FROM people WHERE ctid = $1;
-- ctid

SELECT 1 FROM posts WHERE tsv @@ to_tsquery($1) AND tsv @@ $2;
-- arg_1 tsv

SELECT 1 FROM people WHERE during @> $1::timestamptz AND during && $2;
-- during during_2

SELECT 1 FROM people WHERE NOT (email = $1) AND (points = $2) IS TRUE;
-- email points

SELECT EXISTS (SELECT 1 FROM people WHERE email = $1);
-- email

SELECT ARRAY(SELECT id FROM people WHERE nick = $1);
-- nick

SELECT id FROM people WHERE email = $1 UNION ALL SELECT id FROM posts WHERE title = $2 ORDER BY 1 LIMIT $3;
-- email title limit

SELECT string_agg(nick, $1) FILTER (WHERE points > $2) FROM people;
-- arg_1 points

SELECT jsonb_build_object('a', $1::text), json_build_array($2::int);
-- arg_1 arg_2

SELECT regexp_replace(email, $1, $2) FROM people;
-- arg_1 arg_2

SELECT 1 FROM generate_series($1::int, $2) g WHERE g = $3;
-- arg_1 arg_2 g

SELECT 1 FROM people WHERE row(points, id) IS DISTINCT FROM row($1::int, $2::bigint);
-- points id

SELECT 1 FROM people WHERE email COLLATE "C" = $1 AND born AT TIME ZONE $2 > $3;
-- email arg_2 born

SELECT a.id FROM people a WHERE a.id = $1 AND EXISTS (SELECT 1 FROM posts WHERE author = a.id AND title = $2 AND a.email = $3);
-- id title email

DELETE FROM people USING posts WHERE posts.author = people.id AND posts.title = $1;
-- title

SELECT DISTINCT ON (email = $1) id FROM people ORDER BY email = $1, nick = $2;
-- email nick

SELECT * FROM (VALUES ($1::int, $2::text)) AS t(alpha, beta) WHERE beta = $3;
-- alpha beta beta_2

SELECT id FROM people WHERE id = $2 AND email = $1;
-- email id

SELECT id FROM people WHERE id > $1::int AND email = $2::text::varchar;
-- id email

SELECT set_config('a', $1, true);
-- arg_1

SELECT percentile_cont($1) WITHIN GROUP (ORDER BY points) FROM people;
-- arg_1

SELECT 1 FROM people WHERE email LIKE $1 ESCAPE $2;
-- email arg_2

SELECT substring(email FROM $1 FOR $2), position($3 IN email), overlay(email PLACING $4 FROM $5) FROM people;
-- arg_1 arg_2 arg_3 arg_4 arg_5

SELECT 1 FROM people WHERE (created_at, now()) OVERLAPS ($1::timestamptz, $2::timestamptz);
-- arg_1 arg_2

SELECT created_at AT TIME ZONE $1 FROM people;
-- arg_1

SELECT 1 FROM people WHERE points = ANY(ARRAY[$1, $2]::int[]);
-- points points_2

SELECT 1 FROM people WHERE $1::int IS NULL OR points = $2;
-- arg_1 points

INSERT INTO people (email, points) SELECT r.email, r.points FROM jsonb_to_recordset($1) AS r(email text, points int);
-- arg_1

SELECT * FROM json_to_record($1) AS r(a int);
-- arg_1

SELECT points FROM people GROUP BY ROLLUP (points) HAVING points > $1;
-- points

SELECT 1 FROM people WHERE email = trim($1, $2) AND price = round($3::numeric, $4);
-- email arg_2 price arg_4

SELECT 1 FROM people WHERE email = COALESCE($1, $2);
-- email email_2

SELECT 1 FROM people WHERE email = CASE WHEN points > $1 THEN $2 ELSE $3 END;
-- points email email_2

SELECT 1 FROM people WHERE date_trunc($1, created_at) = date_trunc($2, $3::timestamptz);
-- arg_1 arg_2 created_at

INSERT INTO people (email, nick) VALUES ($1, (SELECT nick FROM people WHERE id = $2));
-- email id

INSERT INTO people AS p (email) VALUES ($1) ON CONFLICT (id) DO UPDATE SET (email, nick) = ($2, $3), points = p.points + $4 WHERE p.nick = $5;
-- email email_2 nick points nick_2

INSERT INTO people VALUES (DEFAULT, $1, $2);
-- email nick

SELECT * FROM ROWS FROM (find_books($1), unnest($2::int[])) AS t;
-- term arg_2

SELECT x FROM unnest($1::int[]) AS x WHERE x > $2;
-- arg_1 x

SELECT p.id FROM people p JOIN unnest($1::bigint[]) AS wanted(pid) ON wanted.pid = p.id;
-- id

UPDATE people SET email = data.mail FROM (SELECT unnest($1::bigint[]) AS id, unnest($2::text[]) AS mail) AS data WHERE people.id = data.id;
-- id email

UPDATE people p SET email = v.mail FROM (VALUES ($1::bigint, $2::text), ($3, $4)) AS v(id, mail) WHERE p.id = v.id;
-- id email id_2 email_2

SELECT 1 FROM people WHERE points & $1 = $2 AND -points = $3 AND points / $4 > 1;
-- arg_1 arg_2 arg_3 arg_4

SELECT 1 FROM people WHERE NOT points = $1 OR (nick = $2) = $3;
-- points nick arg_3

SELECT row_number() OVER (PARTITION BY nick = $1 ORDER BY points + $2) FROM people;
-- nick arg_2

SELECT 1 FROM people WHERE data = jsonb_build_object('a', $1::text) AND data #>> $2 = $3 AND data @? $4;
-- arg_1 arg_2 arg_3 arg_4

SELECT 1 FROM people WHERE jsonb_path_exists(data, $1) AND email = format($2, $3::text);
-- path arg_2 arg_3

UPDATE people SET data = jsonb_set(data, $1, $2) WHERE id = $3;
-- arg_1 arg_2 id

UPDATE people SET data = data || $1 WHERE id = $2;
-- data id

UPDATE people SET data = data - $1 WHERE id = $2;
-- arg_1 id

UPDATE people SET created_at = now() + $1::interval, born = born + $2::int;
-- arg_1 arg_2

UPDATE people SET points = (SELECT count(*) FROM posts WHERE author = $1);
-- author

UPDATE people SET points = $1 * 2, nick = upper($2);
-- arg_1 nick

SELECT 1 FROM people WHERE id = $1::text::bigint;
-- id

SELECT greatest($1::int, $2::int);
-- arg_1 arg_2

SELECT 1 WHERE $1::int = $2::int;
-- arg_1 arg_2

SELECT $1::addr;
-- arg_1

SELECT 1 FROM people p WHERE p = $1;
-- arg_1

SELECT (SELECT email FROM people WHERE id = $1) = $2;
-- id email

WITH u AS (UPDATE people SET email = $1 WHERE id = $2 RETURNING id) SELECT id FROM u WHERE id > $3;
-- email id id_2

WITH x AS (SELECT $1::text AS e) INSERT INTO people (email) SELECT e FROM x;
-- email

WITH RECURSIVE tree AS (SELECT id, author FROM posts WHERE id = $1 UNION ALL SELECT p.id, p.author FROM posts p JOIN tree t ON p.author = t.id WHERE p.title <> $2) SELECT * FROM tree LIMIT $3;
-- id title limit

(SELECT id FROM people WHERE email = $1 LIMIT $2) UNION (SELECT id FROM posts WHERE title = $3 LIMIT $4) LIMIT $5;
-- email limit title limit_2 limit_3

SELECT 1 FROM people a LEFT JOIN people b ON (a.id, b.points) = ($1, $2) AND a.email = $3;
-- id points email

SELECT 1 FROM people WHERE tags[1:$1] = $2;
-- arg_1 tags

SELECT 1 FROM people WHERE 1 = $1 AND points = $2;
-- arg_1 points

SELECT CAST($1 AS int), $2::numeric(10,2) FROM people;
-- arg_1 arg_2

DELETE FROM people WHERE id = $1 AND (points, price) >= ($2, $3) RETURNING id = $4;
-- id points price id_2

SELECT count(*) FILTER (WHERE nick = $1) FROM people WHERE email = $2;
-- nick email

SELECT sum(CASE WHEN nick = $1 THEN points ELSE $2 END) FROM people;
-- nick points

VALUES ($1::int, $2::text);
-- arg_1 arg_2

TABLE people LIMIT $1;
-- limit

SELECT 1 FROM people WHERE email IN ($1, $2, lower($3)) AND nick NOT IN ($4);
-- email email_2 email_3 nick

SELECT 1 FROM people WHERE points IN (SELECT $1::int);
-- points

SELECT 1 FROM people WHERE EXISTS (SELECT $1::int);
-- arg_1

SELECT id FROM people WHERE created_at > $1::date AND born = $2::timestamptz AND "userId"::text = $3;
-- created_at born user_id

SELECT id FROM people WHERE $1 < points AND $2 LIKE email;
-- points email

SELECT 1 FROM people WHERE (SELECT $1::text) = email;
-- email

SELECT 1 FROM people WHERE email = ANY(string_to_array($1, ','));
-- arg_1

SELECT 1 FROM people WHERE (home).street = $1 AND home = $2;
-- street home

SELECT vari(1, VARIADIC $1);
-- others

SELECT 1 FROM people WHERE points > (SELECT avg(points) FROM people WHERE nick = $1) * $2;
-- nick arg_2
