-- An object has its fields, each NULL or not by its own right.
SELECT jsonb_build_object('id', id, 'bio', bio, 'é "x" ', name, 'is', true, 'kind', 'user', 'mood', mood) FROM usr
--> {id: integer!, bio: text?, é "x" : text!, is: boolean!, kind: text!, mood: public.mood?}!

-- So is one of json.
SELECT json_build_object('id', id, 'at', at, 'score', score) FROM post
--> {id: bigint!, at: timestamp with time zone!, score: numeric?}!

-- An object may be empty.
SELECT jsonb_build_object(), json_build_array()
--> {}!
--> []!

-- A key that is computed is not known.
SELECT jsonb_build_object('a' || id, 1), jsonb_build_object(name, 1), jsonb_build_object(id, 1) FROM usr
--> -
--> -
--> -

-- A key that stands twice counts once in jsonb and twice in json: nothing is said.
SELECT jsonb_build_object('a', 1, 'a', bio), json_build_object('a', 1, 'a', 2) FROM usr
--> -
--> -

-- A function of a user that has the same name is another one.
SELECT mine.jsonb_build_object('id', 1)
--> -

-- Arguments that come as an array are not known.
SELECT jsonb_build_object(VARIADIC array['a', 'b'])
--> -

-- An object within an object is never NULL itself.
SELECT jsonb_build_object('user', jsonb_build_object('id', id), 'prefs', prefs) FROM usr
--> {user: {id: integer!}!, prefs: jsonb!}!

-- An aggregate over all may have seen no row, one over groups has.
SELECT jsonb_agg(jsonb_build_object('id', id)) FROM post WHERE id < 0
--> [{id: bigint!}!]?

-- Over a group there is an element.
SELECT usr_id, json_agg(json_build_object('id', id, 'body', body) ORDER BY at DESC) FROM post GROUP BY usr_id
--> -
--> [{id: bigint!, body: text?}!]!

-- Without rows coalesce gives an empty array.
SELECT coalesce(jsonb_agg(jsonb_build_object('id', id)), '[]') FROM post WHERE id < 0
--> [{id: bigint!}!]!

-- Also that of json, written with blanks, and that of a function.
SELECT coalesce(json_agg(id), '[ ]'), coalesce(jsonb_agg(id), jsonb_build_array()) FROM post WHERE id < 0
--> [bigint!]!
--> [bigint!]!

-- Another default has another shape.
SELECT coalesce(jsonb_agg(id), '[1]'), coalesce(jsonb_agg(id), '{}') FROM post WHERE id < 0
--> -
--> -

-- Of a left join the side that is not there makes fields of NULLs.
SELECT u.id, jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title)) FROM usr u LEFT JOIN post p ON p.usr_id = u.id GROUP BY u.id
--> -
--> [{id: bigint?, title: text?}!]!

-- FILTER proves what it asks for, and all that comes with it.
SELECT u.id, coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title, 'body', p.body)) FILTER (WHERE p.id IS NOT NULL), '[]') FROM usr u LEFT JOIN post p ON p.usr_id = u.id GROUP BY u.id
--> -
--> [{id: bigint!, title: text!, body: text?}!]!

-- A subquery gives the objects that it builds, or NULL where it may give no row.
SELECT jsonb_build_object('id', u.id, 'first', (SELECT jsonb_build_object('id', p.id) FROM post p WHERE p.usr_id = u.id ORDER BY p.id LIMIT 1), 'all', (SELECT coalesce(jsonb_agg(p.title ORDER BY p.id), '[]') FROM post p WHERE p.usr_id = u.id)) FROM usr u
--> {id: integer!, first: {id: bigint!}?, all: [text!]!}!

-- LATERAL gives what its query builds.
SELECT u.name, l.posts FROM usr u CROSS JOIN LATERAL (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'by', u.name)), '[]') AS posts FROM post p WHERE p.usr_id = u.id) l
--> -
--> [{id: bigint!, by: text!}!]!

-- A left join may take away the object, and leaves its fields as they are.
SELECT s.o FROM usr u LEFT JOIN (SELECT p.usr_id, jsonb_build_object('id', p.id) AS o FROM post p) s ON s.usr_id = u.id
--> {id: bigint!}?

-- A view is followed.
SELECT body FROM card
--> {id: integer!, bio: text?}!

-- Views within views and WITH queries are followed.
WITH w AS (SELECT a.id, a.posts FROM author a) SELECT jsonb_build_object('posts', coalesce(w.posts, '[]')) FROM w
--> {posts: [{id: bigint!}!]!}!

-- A WITH query that writes gives what it returns.
WITH w AS (INSERT INTO stored VALUES (7, '{}') RETURNING jsonb_build_object('id', id, 'doc', doc) AS o) SELECT o FROM w
--> {id: integer!, doc: jsonb?}!

-- RETURNING builds, too.
UPDATE post SET body = 'x' WHERE id = 10 RETURNING jsonb_build_object('id', id, 'body', body)
--> {id: bigint!, body: text?}!

-- What a trigger makes of a view's row is not known.
INSERT INTO written VALUES (8, '{}') RETURNING doc
--> -

-- A recursive WITH query is not followed.
WITH RECURSIVE w (o) AS (SELECT jsonb_build_object('id', 1) UNION ALL SELECT '[]'::jsonb FROM w WHERE jsonb_typeof(o) = 'object') SELECT o FROM w
--> -

-- A row is an object of its columns, without those that were dropped.
SELECT to_jsonb(d), row_to_json(d), jsonb_agg(d) OVER () FROM dropped d
--> {a: integer!, odd "name: text?}!
--> {a: integer!, odd "name: text?}!
--> [{a: integer!, odd "name: text?}!]!

-- A table keeps its own names whatever the alias says.
SELECT to_jsonb(d) FROM dropped AS d (x, y)
--> {a: integer!, odd "name: text?}!

-- A subquery has the names of its alias.
SELECT to_jsonb(s), jsonb_build_object('s', s) FROM (SELECT id, bio FROM usr) AS s (x)
--> {x: integer!, bio: text?}!
--> {s: {x: integer!, bio: text?}!}!

-- A view's row has its columns.
SELECT to_jsonb(c) FROM card c
--> {id: integer!, body: {id: integer!, bio: text?}!}!

-- So has the row of a WITH query.
WITH w AS (SELECT id, name FROM usr) SELECT json_agg(w) FROM w
--> [{id: integer!, name: text!}!]?

-- A row that a left join takes away is NULL as a whole.
SELECT to_jsonb(p), jsonb_build_object('post', p) FROM usr u LEFT JOIN post p ON p.usr_id = u.id
--> {id: bigint!, usr_id: integer!, title: text!, body: text?, score: numeric?, at: timestamp with time zone!}?
--> {post: {id: bigint!, usr_id: integer!, title: text!, body: text?, score: numeric?, at: timestamp with time zone!}?}!

-- WHERE proves for the row, too.
SELECT to_jsonb(s) FROM (SELECT id, bio FROM usr) s WHERE s.bio IS NOT NULL
--> {id: integer!, bio: text!}!

-- Two columns of one name make no object.
SELECT to_jsonb(s) FROM (SELECT 1 AS a, 2 AS a) s
--> -

-- Values of other types keep them.
SELECT jsonb_build_object('home', home, 'note', note, 'tags', tags, 'row', row(1, 2)) FROM usr
--> {home: public.place?, note: public.label?, tags: text[]!, row: record!}!

-- A value alone is JSON of its type.
SELECT to_jsonb(id), to_json(bio), to_jsonb(tags), to_jsonb(prefs) FROM usr
--> integer!
--> text?
--> text[]!
--> -

-- A constant document is just jsonb.
SELECT '{"a": 1}'::jsonb, prefs, prefs -> 'k', '[]'::jsonb FROM usr
--> -
--> -
--> -
--> []!

-- An array of one type has that, an array of several none.
SELECT jsonb_build_array(id, id + 1), json_build_array(bio, name), jsonb_build_array(id, name) FROM usr
--> [integer!]!
--> [text?]!
--> -

-- Objects side by side merge.
SELECT to_jsonb(d) || jsonb_build_object('a', 'text', 'n', 1), jsonb_agg(d.a) OVER () || jsonb_build_array(NULL::int) FROM dropped d
--> {a: text!, odd "name: text?, n: integer!}!
--> [integer?]!

-- A key that is taken out is not there.
SELECT to_jsonb(d) - 'a', to_jsonb(d) - 'b', to_jsonb(d) - a::text FROM dropped d
--> {odd "name: text?}!
--> {a: integer!, odd "name: text?}!
--> -

-- Other functions of JSON make what they like.
SELECT jsonb_strip_nulls(to_jsonb(d)), jsonb_set(to_jsonb(d), '{a}', '[]'), to_jsonb(d) #- '{a}', jsonb_object_agg(a, 1) OVER () FROM dropped d
--> -
--> -
--> -
--> -

-- A cast between json and jsonb keeps the shape, one to text does not.
SELECT jsonb_build_object('a', id)::json, json_build_object('a', id)::jsonb, jsonb_build_object('a', jsonb_build_object()::text) FROM usr
--> {a: integer!}!
--> {a: integer!}!
--> {a: text!}!

-- CASE with arms of one shape has it; a missing arm is NULL.
SELECT CASE WHEN id = 1 THEN jsonb_build_object('v', id) ELSE jsonb_build_object('v', NULL::int) END, CASE id WHEN 1 THEN jsonb_build_object('v', id) END, CASE WHEN id = 1 THEN jsonb_build_object('v', 1) ELSE jsonb_build_object('w', 1) END FROM usr
--> {v: integer?}!
--> {v: integer!}?
--> -

-- An arm of CASE knows its condition.
SELECT CASE WHEN bio IS NOT NULL THEN jsonb_build_object('bio', bio) ELSE jsonb_build_object('bio', '') END FROM usr
--> {bio: text!}!

-- NULLIF may give NULL and nothing else.
SELECT nullif(jsonb_build_array(id), '[1]'), coalesce(NULL, jsonb_build_array(1)) FROM usr
--> [integer!]?
--> [integer!]!

-- UNION is of both sides.
SELECT jsonb_build_object('id', id) FROM usr UNION ALL SELECT jsonb_build_object('id', NULL::int)
--> {id: integer?}!

-- UNION of two shapes has none.
SELECT to_jsonb(s.o) FROM (SELECT jsonb_build_object('id', id) AS o FROM usr UNION SELECT '[]'::jsonb) s
--> -

-- EXCEPT is of its left side.
SELECT jsonb_build_object('id', id) FROM usr EXCEPT SELECT '[]'::jsonb
--> {id: integer!}!

-- VALUES are of all rows.
SELECT to_jsonb(v), jsonb_build_object('b', v.b) FROM (VALUES (1, 'a'), (2, NULL)) v (a, b)
--> {a: integer!, b: text?}!
--> {b: text?}!

-- Joins with USING have one column of both.
SELECT jsonb_build_object('id', id) FROM usr FULL JOIN stored USING (id)
--> {id: integer!}!

-- An array of SQL has elements that are NULL or not.
SELECT array_agg(id), array_agg(bio), array_agg(bio) FILTER (WHERE bio IS NOT NULL), array_agg(DISTINCT name ORDER BY name) FROM usr
--> [integer!]?
--> [text?]?
--> [text!]?
--> [text!]?

-- ARRAY is never NULL.
SELECT ARRAY(SELECT id FROM post WHERE usr_id = u.id), ARRAY(SELECT body FROM post), ARRAY(SELECT id FROM post UNION ALL SELECT NULL) FROM usr u
--> [bigint!]!
--> [text?]!
--> [bigint?]!

-- Elements that stand there are seen.
SELECT ARRAY[1, 2], ARRAY[id, NULL], ARRAY[]::int[], '{1,2}'::int[], '{1,NULL}'::int[], '{}'::text[], ARRAY[mood] FROM usr
--> [integer!]!
--> [integer?]!
--> []!
--> [integer!]!
--> [integer?]!
--> []!
--> [public.mood?]!

-- Arrays of arrays have more dimensions.
SELECT array_agg(tags) FILTER (WHERE id = 1), ARRAY(SELECT tags FROM usr WHERE id = 1), ARRAY[[1], [2]], '{{1},{2}}'::int[], tags FROM usr GROUP BY tags
--> -
--> -
--> -
--> -
--> -

-- What is taken out is not there.
SELECT array_remove(array_agg(bio), NULL), array_remove(array_agg(bio), 'b'), array_remove(tags, NULL) FROM usr WHERE id = 1 GROUP BY id, tags
--> [text!]!
--> [text?]!
--> -

-- An empty array for no rows.
SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(bio), ARRAY[]::text[]) FROM usr WHERE id < 0
--> [integer!]!
--> [text?]!

-- An array of jsonb has elements of JSON, an array of rows has rows.
SELECT array_agg(jsonb_build_object('id', id)), array_agg(d), to_jsonb(array_agg(id)), to_jsonb(array_agg(d)) FROM (SELECT id FROM usr) d
--> [{id: integer!}!]?
--> -
--> [integer!]?
--> [{id: integer!}!]?

-- Grouping sets make a key NULL, and not what was aggregated.
SELECT jsonb_build_object('usr', usr_id, 'n', count(*)), array_agg(usr_id) FROM post GROUP BY ROLLUP (usr_id)
--> {usr: integer?, n: bigint!}!
--> [integer!]?

-- A parameter is what it was given.
SELECT jsonb_build_object('a', $1::int), ARRAY[$1::int]
--> {a: integer!}!
--> [integer!]!

-- A row of a function is not known, nor that of a join.
SELECT to_jsonb(f), to_jsonb(j) FROM json_to_record('{"a": 1}') AS f (a int), (usr u CROSS JOIN stored s) AS j
--> -
--> -

-- A view keeps its own names, too, and a WITH query takes those of its alias.
WITH w AS (SELECT id, name FROM usr) SELECT to_jsonb(c), to_jsonb(v) FROM card AS c (x, y) CROSS JOIN w AS v (x, y)
--> {id: integer!, body: {id: integer!, bio: text?}!}!
--> {x: integer!, y: text!}!

-- A row that passes through a subquery keeps its names.
SELECT to_jsonb(o.r), jsonb_agg(o.r) OVER () FROM (SELECT s AS r, 1 AS r2 FROM (SELECT id, bio FROM usr) AS s (x) OFFSET 0) AS o
--> {x: integer!, bio: text?}!
--> [{x: integer!, bio: text?}!]!

-- The first row that is not NULL is one of either.
SELECT jsonb_build_object('r', coalesce(p, q)) FROM usr u LEFT JOIN post p ON p.usr_id = u.id AND p.id = 10 LEFT JOIN post q ON q.usr_id = u.id
--> {r: {id: bigint!, usr_id: integer!, title: text!, body: text?, score: numeric?, at: timestamp with time zone!}?}!

-- A row that is written is an object, too.
INSERT INTO stored VALUES (1, '{}') ON CONFLICT (id) DO UPDATE SET doc = NULL RETURNING to_jsonb(stored), ARRAY[id, NULL]
--> {id: integer!, doc: jsonb?}!
--> [integer?]!

-- What is not in the source of a row that is written may be missing.
UPDATE usr u SET bio = p.body FROM usr x LEFT JOIN post p ON p.usr_id = x.id WHERE x.id = u.id RETURNING jsonb_build_object('id', u.id, 'bio', u.bio, 'post', p.id)
--> {id: integer!, bio: text?, post: bigint?}!

-- A lateral query sees only what holds for all rows, not for those of one arm.
SELECT CASE WHEN u.bio IS NOT NULL THEN l.o ELSE l.o END FROM usr u CROSS JOIN LATERAL (SELECT jsonb_build_object('bio', u.bio) AS o) l
--> {bio: text?}!

-- A WITH query hides the one of the same name further out.
WITH w AS (SELECT jsonb_build_object('a', 1) AS o) SELECT s.o FROM (WITH w AS (SELECT jsonb_build_object('b', 2) AS o) SELECT o FROM w) s, w
--> {b: integer!}!

-- A subquery that gives no row gives NULL.
SELECT (SELECT jsonb_build_object('id', id) FROM usr WHERE false), (SELECT array_agg(id) FROM usr), (SELECT ARRAY[id] FROM usr LIMIT 1)
--> {id: integer!}?
--> [integer!]?
--> [integer!]?
