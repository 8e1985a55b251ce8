-- COALESCE of the keys of both sides of a full join is not NULL.
select coalesce(a.id, b.id) from usr a full join usr b on a.id = b.mgr_id
--> never

-- A full join whose left key is NULL has its right side.
select b.id from (select id from usr) a full join (select id from usr) b on a.id = b.id + 3 where a.id is null
--> never

-- OR is not NULL when an earlier arm is true of NULL.
select age is null or age > 3, age > 3 from usr
--> never, seen

-- AND is not NULL when an earlier arm is false of NULL.
select nick is not null and nick <> '', nick <> '' from usr
--> never, seen

-- A lateral subquery sees what WHERE has filtered.
select l.t from usr u join lateral (select u.nick as t) l on true where u.nick is not null
--> never

-- COALESCE with FALSE as the whole condition is true only by its first argument.
select m.email from usr u left join usr m on m.id = u.mgr_id where coalesce(m.active, false)
--> never

-- A branch of CASE that has seen the joined row has all of it.
select case when m.id is not null then m.email else 'x' end from usr u left join usr m on m.id = u.mgr_id
--> never

-- A frame from before the current row to it holds the current row.
select sum(score) over (order by id rows between 2 preceding and current row) from post
--> never

-- A frame that leaves out the current row may be empty.
select sum(score) over (order by id rows between unbounded preceding and current row exclude current row) from post
--> seen

-- A comparison of rows looks at the first pair in any case.
select age, nick from usr where (age, nick) > (1, 'a')
--> never, seen

-- Grouping sets without the empty set have rows in each group.
select max(score) from post group by grouping sets ((usr_id), (title))
--> never

-- ROLLUP has the empty set, whose group may have no row.
select max(v) from empty_t group by rollup (id)
--> seen

-- A WITH query that deletes returns what DELETE returns.
with d as (delete from upd returning w, v) select w, v from d
--> never, seen

-- A cast to a domain that refuses NULL is not NULL.
select nick::nn_text from usr where nick <> ''
--> never

-- A column of a domain that refuses NULL can hold one.
select d from domt
--> seen

-- A percentile of a group without NULL is a value.
select percentile_cont(0.5) within group (order by score), mode() within group (order by score) from post group by usr_id
--> never, never

-- LIMIT 1 leaves a scalar subquery its row, OFFSET does not.
select (select 1 limit 1), (select 1 offset 1)
--> never, seen

-- Two functions of sets in one select list fill up the shorter one.
select generate_series(1, 3), generate_series(1, 2)
--> hard, seen

-- One function of a set in the select list needs no filling up.
select generate_series(1, 3), v from upd
--> never, seen

-- A materialized view may be older than the NOT NULL that it reads.
select email, nick_m from mv
--> possible, seen

-- IN a subquery rules out NULL, also for several columns.
select age, nick from usr where (age, nick) in (select age, nick from usr)
--> never, never

-- USING of a left join keeps the left key.
select id, b.email from usr a left join (select * from usr where mgr_id is null) b using (id)
--> never, seen

-- HAVING without GROUP BY may leave no row, never a NULL in count.
select count(*), max(id) from usr having count(*) > 0
--> never, hard

-- Grouping sets with HAVING still make their keys NULL.
select org_id, count(*) from usr group by grouping sets ((org_id), ()) having count(*) > 0
--> seen, never

-- A computed key of grouping sets is NULL, whatever HAVING says of its constants.
select abs(1), count(*) from usr group by rollup (abs(1)) having 1 is not null
--> possible, never

-- A constant key of grouping sets is NULL.
select 1, count(*) from usr group by rollup (1)
--> seen, never

-- Keys and values of jsonb_each are not NULL, texts of values may be.
select e.key, e.value, t.value from jsonb_each('{"a": null}') e, jsonb_each_text('{"a": null}') t
--> never, never, seen

-- The elements of jsonb are not NULL, not even its nulls.
select e from jsonb_array_elements('[null]') e
--> never

-- Appending to an array gives an array, also to NULL.
select array[1, 2] || id, null::int[] || id from usr
--> never, never

-- A whole row is not NULL, but for an outer join.
select u, m from usr u left join usr m on m.id = u.mgr_id
--> never, seen

-- An aggregate in a subquery sees the NULL of the outer row.
select (select max(m.id + o.id) from org o) from usr u left join usr m on m.id = u.mgr_id
--> seen

-- Two subqueries compared by IN are not taken for each other.
select id in (select id from usr), id in (select mgr_id from usr) from usr where id in (select id from usr)
--> never, seen

-- A subquery that is written twice may differ.
select (select nick from usr limit 1) from usr where (select nick from usr limit 1) is not null
--> hard

-- A volatile expression that is written twice differs.
select nullif(random() > 0.5, true) from generate_series(1, 40) where nullif(random() > 0.5, true) is not null
--> seen

-- An update that sets a column returns the new value, whatever WHERE said of the old one.
update upd set v = null where v is not null returning v
--> seen

-- A table with partitions is as nullable as they are.
select id, v from pt
--> never, seen

-- A filter within the nullable side of a left join proves nothing above it.
select s.nick from usr u left join (select * from usr where nick is not null) s on s.id = u.mgr_id
--> seen

-- What ON says of the joined row holds once the row is there.
select m.nick from usr u left join usr m on m.id = u.mgr_id and m.nick <> '' where m.active
--> never

-- Facts of WHERE pass through GROUP BY into the arguments of aggregates, not through an outer join.
select max(m.age) from usr u left join usr m on m.id = u.mgr_id where u.age > 0 group by u.id
--> seen

-- COALESCE of a parameter that is its last resort is not NULL.
-- with "none"
select coalesce(nick, $1) from usr
--> never

-- ANY over an array with a NULL in it may be NULL.
select id = any (tags::text[]::int[]) from (select id, '{1,NULL}'::int[] as tags from usr) s
--> seen

-- JSON_OBJECT is not NULL.
-- since 16
select json_object('a': nick), json_array(nick), nick is json from usr
--> never, never, seen

-- JSON_VALUE may find nothing.
-- since 17
select json_value(prefs, '$.none') from usr
--> seen

-- NOT NULL of a primary key counts on every version.
select m.id from usr u join usr m on m.id = u.mgr_id
--> never

-- A scalar subquery over VALUES with a filter may have no row.
select (select x from (values (1)) v (x)), (select x from (values (1)) v (x) where x > 1)
--> never, seen

-- An update returns another row than the one whose expression WHERE has looked at.
update upd set v = null where v + 1 > 0 returning v + 1, case when v is not null then v else 0 end
--> seen, never

-- What FROM joins to an update is as WHERE has filtered it.
update upd set v = null from usr u where u.id = upd.id and u.nick || 'x' <> '' returning u.nick || 'x', u.nick
--> never, never

-- A key of ROLLUP that CASE found not NULL is not NULL in that branch.
select case when org_id is not null then org_id else 0 end from usr group by rollup (org_id)
--> never

-- Functions of sets that GROUP BY names fill each other up with NULL.
select generate_series(1, 2), generate_series(1, 3) group by 1, 2
--> seen, hard

-- A scalar subquery with a LIMIT that rounds to nothing has no row.
select (select 1 limit 0.4), (select count(*) from usr limit length('')), (select 1 limit abs(0))
--> seen, seen, seen

-- A cast of JSON's null to a number or a boolean makes NULL of it.
-- since 18
select value::int, value::numeric, value::bool is null, value::text from jsonb_array_elements('[null]') as e (value)
--> seen, seen, never, never

-- Division and remainder of integers fail or have a value.
select id / 2, id % 3, 7::smallint / 2::smallint, mod(id::int, 2), 9::bigint / 4::int from usr
--> never, never, never, never, never

-- A cast with a precision keeps what there is.
select id::numeric(10, 2), (id::text)::varchar(3), id::text::char(2), now()::timestamp(0), now()::date from usr
--> never, never, never, never, never

-- Functions that are written in SQL are seen through.
select round(id::numeric), trunc(id::numeric), lpad(id::text, 3), log(id::numeric), age(now()), bit_length(id::text) from usr
--> never, never, never, never, never, never

-- Arrays compare to a value, whatever is in them.
select array[id, null] = array[id], array[id] < array[2, null], array_remove(array[id], null), string_to_array(id::text, null) from usr
--> never, never, never, never

-- Rows of a table compare to a value.
select u = u, u < u from usr u
--> never, never

-- A comparison with a constant array without NULL has a value.
select id = any('{1,2}'::bigint[]), id <> all('{}'::bigint[]), id = any('{1,NULL}'::bigint[]) from usr
--> never, never, seen

-- Texts and searches compare.
select to_tsvector('simple', id::text) = to_tsvector('simple', '1'), plainto_tsquery('simple', id::text) < plainto_tsquery('simple', '2') from usr
--> never, never

-- A range without a part of it is a range.
select int4range(1, id::int + 5) - int4range(1, 2), interval '1 day' * id, interval '1 day' / 2.0 from usr
--> never, never, never

-- A part of an infinite interval is NULL, unless it grows with it.
-- since 17
select extract(month from i), extract(day from i), extract(epoch from i) from (values ('infinity'::interval), ('1 day')) as v (i)
--> seen, never, never
