-- Every column of a star is as nullable as it is in its table.
select * from org;
--> never, never, seen

-- An outer join that a filter lets the planner turn around keeps its nullable side.
-- with 1
select u.id, m.id from usr u left join usr m on m.id = u.mgr_id where u.id = $1;
--> never, seen

-- An outer join that the planner may drop still gives NULL.
select m.email from usr u left join usr m on m.id = u.mgr_id where u.mgr_id is null;
--> seen

-- A right join makes the left side nullable, and not the side that it keeps.
select u.email, p.id from post q right join usr p on q.usr_id = p.id left join usr u on u.id = q.usr_id;
--> seen, never

-- The merged column of a full join is not NULL when both keys are not.
select id, a.n, b.m from (values (1,1),(2,2)) a(id,n) full join (values (2,5),(3,6)) b(id,m) using (id);
--> never, seen, seen

-- A strict operator in WHERE turns the outer joins below it into inner ones.
select u.mgr_id, m.email, p.score from usr u left join usr m on m.id = u.mgr_id left join post p on p.usr_id = m.id where p.score > 2;
--> never, never, never

-- OR with an arm about another table leaves the outer join as it is.
select m.email from usr u left join usr m on m.id = u.mgr_id where m.id > 0 or u.id = 1;
--> seen

-- OR whose arms all need the joined row turns the outer join into an inner one.
select m.email from usr u left join usr m on m.id = u.mgr_id where m.id = 1 or m.email like 'b%';
--> never

-- A condition that COALESCE makes true without the row leaves the outer join.
select m.email from usr u left join usr m on m.id = u.mgr_id where coalesce(m.active, true);
--> seen

-- An ON condition says nothing of the side that a left join keeps.
select u.mgr_id, m.id from usr u left join usr m on m.id = u.mgr_id and u.mgr_id is not null;
--> seen, seen

-- An inner join above a left join removes the rows that did not match.
select m.email, p.title from usr u left join usr m on m.id = u.mgr_id join post p on p.usr_id = m.id;
--> never, never

-- A left join of an inner join makes both of its tables nullable.
select m.email, o.name from usr u left join (usr m join org o on o.id = m.org_id) on m.id = u.mgr_id;
--> seen, seen

-- A left join nested on the right side makes all of it nullable.
select m.email, p.title from usr u left join (usr m left join post p on p.usr_id = m.id) on m.id = u.mgr_id;
--> seen, seen

-- A column of a left-joined subquery is nullable.
select s.email from usr u left join (select id, email from usr where active) s on s.id = u.mgr_id;
--> seen

-- A constant of a left-joined subquery is nullable.
select s.one from usr u left join (select id, 1 as one from usr) s on s.id = u.mgr_id;
--> seen

-- A left join within a WITH query makes the WITH query's column nullable.
with c as (select m.email from usr u left join usr m on m.id = u.mgr_id) select email from c;
--> seen

-- A lateral subquery that is left-joined is nullable.
select u.id, l.title from usr u left join lateral (select title from post where usr_id = u.id order by id limit 1) l on true;
--> never, seen

-- A filter that a NULL parameter switches off proves nothing.
-- with null
select age from usr where $1::int is null or age = $1;
--> seen

-- NOT IN a list rules out NULL.
select age from usr where age not in (7, 8);
--> never

-- Equality with any element of an array rules out NULL.
-- with [5,30]
select age from usr where age = any($1::int[]);
--> never

-- Inequality with all elements of an empty array is true of NULL.
-- with []
select age from usr where age <> all($1::int[]);
--> seen

-- NOT IN a subquery without rows is true of NULL.
select age from usr where age not in (select id from empty_t);
--> seen

-- NOT IS NULL is IS NOT NULL, also among other conditions.
select nick from usr where not (nick is null) and active;
--> never

-- BETWEEN rules out NULL.
select age from usr where age between 1 and 99;
--> never

-- LIKE rules out NULL.
select nick from usr where nick like '%';
--> never

-- IS DISTINCT FROM a constant is true of NULL.
select age from usr where age is distinct from 30;
--> seen

-- IS NOT DISTINCT FROM a constant rules out NULL.
select age from usr where age is not distinct from 30;
--> never

-- Equality of rows rules out NULL in their fields.
select age, nick from usr where (age, nick) = (30, 'al');
--> never, hard

-- IS NOT NULL of a whole row holds for each of its columns, and for the outer join.
select m.id, m.nick from usr u left join usr m on m.id = u.mgr_id where m is not null;
--> never, never

-- An expression that WHERE found not NULL is not NULL where it is selected.
select prefs->>'k' from usr where prefs->>'k' is not null;
--> never

-- What a subquery filters holds outside of it.
select s.nick from (select nick from usr where nick is not null) s;
--> never

-- What HAVING found not NULL is not NULL in the result.
select max(age) from usr group by org_id having max(age) is not null;
--> never

-- count is never NULL, also without rows.
select count(*) from empty_t;
--> never

-- sum without GROUP BY is NULL when there are no rows.
select sum(v) from empty_t;
--> seen

-- max of a NOT NULL column in a group is not NULL.
select usr_id, max(score) from post group by usr_id;
--> never, never

-- max of a nullable column in a group is nullable.
select max(age) from usr group by id;
--> seen

-- An aggregate with FILTER may see no row of its group.
select max(score) filter (where score > 3) from post group by usr_id;
--> seen

-- array_agg of a group is an array, whatever is in it.
select array_agg(nick), array_agg(nick) is not null from usr group by org_id;
--> never, hard

-- COALESCE with a constant is not NULL.
select coalesce(array_agg(id), '{}') from empty_t;
--> never

-- string_agg of a nullable column is nullable.
select string_agg(nick, ',') from usr group by id;
--> seen

-- stddev_samp of one row is NULL.
select stddev_samp(score) from post group by id;
--> seen

-- ROLLUP makes its keys NULL.
select org_id, count(*) from usr group by rollup(org_id);
--> seen, never

-- A key that all grouping sets share is never NULL by them, the others are.
select org_id, active from usr group by grouping sets ((org_id, active), (org_id));
--> hard, seen

-- The empty grouping set has a row even without rows.
select sum(v) from empty_t group by grouping sets (());
--> seen

-- A scalar subquery that counts always has its row.
select (select count(*) from post p where p.usr_id = u.id) from usr u;
--> never

-- LIMIT 0 takes the row from a scalar subquery.
select (select count(*) from post limit 0);
--> seen

-- A scalar subquery of a constant is not NULL.
select (select 1);
--> never

-- ARRAY of a subquery is an array, also an empty one.
select array(select nick from usr);
--> never

-- CASE with ELSE is not NULL when no branch is.
select case when id = 1 then 'x' else email end from usr;
--> never

-- A branch of CASE knows that its condition is true.
select case when nick is not null then nick else email end from usr;
--> never

-- The ELSE of CASE knows that the conditions before it were not true.
select case when nick is null then email else nick end from usr;
--> never

-- COALESCE is not NULL when its last argument is not.
select coalesce(nick, email) from usr;
--> never

-- COALESCE of nullable columns is nullable.
select coalesce(nick, age::text) from usr;
--> seen

-- greatest ignores NULL, so one argument that is not NULL will do.
select greatest(age, id), greatest(age, mgr_id) from usr;
--> never, seen

-- A total function is NULL only for NULL.
select lower(email), length(email) + 1, lower(nick) from usr;
--> never, never, seen

-- A strict built-in function can return NULL for what is not NULL.
select substring(email from '^b'), array_length(tags, 1), array_position(tags, 'x') from usr;
--> seen, seen, seen

-- lower of a range is NULL for a range without a lower bound, unlike lower of a text.
select lower(span) from loc;
--> seen

-- A strict function of a user can return NULL for what is not NULL.
select f_strict(id) from usr;
--> seen

-- A strict function that returned something was given no NULL.
select age from usr where f_strict(age) > 0;
--> never

-- The operator || is NULL with a NULL, the function concat is not.
select email || nick, concat(email, nick) from usr;
--> seen, never

-- A key that the JSON lacks is NULL.
select prefs->'k', prefs->>'k' from usr;
--> seen, seen

-- jsonb_build_object takes NULL as a value, to_jsonb passes it on.
select jsonb_build_object('a', nick), to_jsonb(email), to_jsonb(nick) from usr;
--> never, never, seen

-- An element of an array is nullable.
select tags[1] from usr;
--> seen

-- A field of a NOT NULL composite is nullable.
select a, (a).zip from loc;
--> never, seen

-- extract of an infinite timestamp may be NULL.
select extract(year from 'infinity'::timestamptz);
--> possible

-- A cast keeps what it casts.
select id::text, age::bigint from usr;
--> never, seen

-- A column of VALUES is as nullable as its worst row.
values (1, 'a'), (2, null);
--> never, seen

-- UNION is nullable when one side is.
select email from usr union all select nick from usr;
--> seen

-- INTERSECT is not NULL when one side is not.
select age from usr intersect select id from usr;
--> never

-- EXCEPT is as nullable as its left side.
select id from usr except select age from usr;
--> never

-- A recursive WITH query is nullable when its second term is.
with recursive t(n, x) as (select 1, 1 union all select n + 1, null from t where n < 3) select n, x from t;
--> never, seen

-- lag has no row before the first, row_number and count always have a value.
select row_number() over w, count(*) over w, lag(id) over w from usr window w as (order by id);
--> never, never, seen

-- lag with a default is not NULL.
select lag(id, 1, 0) over (order by id) from usr;
--> never

-- The default frame holds the current row.
select sum(score) over (partition by usr_id order by id) from post;
--> never

-- A frame that ends before the current row may be empty.
select sum(score) over (order by id rows between 2 preceding and 1 preceding) from post;
--> seen

-- first_value of an empty frame is NULL.
select first_value(id) over (order by id rows between 2 preceding and 1 preceding) from post;
--> seen

-- A column of a function that returns a table is nullable.
select x, y from f_srf();
--> hard, seen

-- A column of a left-joined view is nullable.
select v.email from usr u left join v_uo v on v.id = u.mgr_id;
--> seen

-- INSERT returns NULL for a column that was not given.
-- with "z@x"
insert into usr(id, org_id, email) values (100, 1, $1) returning id, email, nick;
--> never, never, seen

-- UPDATE FROM a left join keeps what may be NULL.
update upd set w = 3 from usr u left join usr m on m.id = u.mgr_id where upd.id = u.id returning upd.w, m.email;
--> never, seen

-- DELETE returns rows that its WHERE has filtered.
delete from upd where v is not null returning v;
--> never

-- INSERT that does nothing on a conflict returns only rows with all NOT NULL columns.
insert into upd values (1, 1, 1), (70, 1, 1) on conflict do nothing returning w;
--> never

-- A view with an INSTEAD OF trigger returns what the trigger makes of the row.
insert into iv values (7, 'q') returning id, t;
--> possible, seen

-- A parameter that is not declared nullable is not NULL.
-- with 3
select $1::int as x;
--> never

-- A NOT NULL that children do not inherit holds for the parent alone.
select id, c from par;
--> never, seen

-- ONLY leaves the children out.
select c from only par;
--> never

-- The NOT NULL of a foreign table is a mere promise.
-- not run
select id from ft;
--> possible

-- System columns are not NULL, but for an outer join.
select u.ctid, m.ctid from usr u left join usr m on m.id = u.mgr_id;
--> never, seen

-- current_schema is NULL when the search path is empty.
select current_user, current_schema;
--> never, possible

-- DISTINCT ON, ORDER BY and LIMIT change nothing.
select distinct on (org_id) org_id, nick from usr order by org_id, id desc limit 10;
--> never, seen

-- A correlated subquery sees the NULL of an outer join.
select (select m.email) from usr u left join usr m on m.id = u.mgr_id;
--> seen

-- A WITH query hides the table of the same name.
with usr as (select null::text as email) select email from usr;
--> seen

-- A filter on one side of a full join shows that this side is there.
select a.id, b.id from (select id from usr where id < 6) a full join (select id from usr where id > 2) b using (id) where a.id is not null;
--> never, seen

-- A full join's ON condition proves nothing while a side may be missing.
select a.nick from usr a full join usr b on a.nick = b.nick where a.id is not null;
--> seen

-- A filter on the last of a chain of left joins turns the whole chain into inner joins.
select m.email, g.email from usr u left join usr m on m.id = u.mgr_id left join usr g on g.id = m.mgr_id where g.active;
--> never, never

-- A filter in the middle of a chain of left joins leaves those after it.
select m.email, g.email from usr u left join usr m on m.id = u.mgr_id left join usr g on g.id = m.mgr_id where m.active;
--> never, seen

-- A left join on false gives NULL only.
select m.email from usr u left join usr m on false;
--> seen

-- An anti join gives NULL for the side that must be missing.
select u.id, p.id from usr u left join post p on p.usr_id = u.id where p.id is null;
--> never, seen

-- The columns of a join with an alias are those of its tables.
select j.uid, j.mail from (usr u(uid) left join usr m(mid, morg, mmgr, mail) on m.mid = u.mgr_id) j where j.uid > 0;
--> never, seen

-- A filter within a WITH query holds outside.
with c as (select nick from usr where nick is not null) select c.nick from c join usr u on u.nick = c.nick;
--> never

-- A WITH query used twice is nullable where it is outer-joined.
with c as (select id, mgr_id from usr) select a.id, b.id from c a left join c b on b.id = a.mgr_id;
--> never, seen

-- UNION of two sides that are not NULL is not NULL.
select nick from usr where nick is not null union select email from usr;
--> never

-- A filter above UNION holds for both sides.
select n from (select nick n from usr union all select null) s where n <> '';
--> never

-- sum of COALESCE in a group is not NULL.
select sum(coalesce(age, 0)) from usr group by org_id;
--> never

-- An aggregate over the nullable side of a join is nullable.
select u.id, max(p.score), string_agg(p.title, ',') from usr u left join post p on p.usr_id = u.id group by u.id;
--> never, seen, seen

-- json_agg of rows is an array, but with FILTER it may be NULL.
select json_agg(p), json_agg(p) filter (where p.id is not null) from usr u left join post p on p.usr_id = u.id group by u.id;
--> never, seen

-- The argument of an aggregate knows what WHERE has filtered.
select max(age) from usr where age > 0 group by org_id;
--> never

-- A nullable key of GROUP BY stays nullable.
select nick, count(*) from usr group by nick;
--> seen, never

-- A key of GROUP BY knows what WHERE has filtered.
select nick, count(*) from usr where nick is not null group by nick;
--> never, never

-- A key of GROUP BY knows what HAVING has filtered.
select nick from usr group by nick having nick > '';
--> never

-- A percentile of nullable values is nullable.
select percentile_cont(0.5) within group (order by age) from usr group by id;
--> seen

-- A column that depends on the key of GROUP BY is as nullable as in its table.
select u.email, u.nick from usr u join post p on p.usr_id = u.id group by u.id;
--> never, seen

-- grouping is never NULL.
select grouping(org_id) from usr group by rollup(org_id);
--> never

-- CUBE makes all its keys nullable.
select org_id, active from usr group by cube(org_id, active);
--> seen, seen

-- IN a list is NULL for NULL.
select id in (1, 2), age in (1, 2) from usr;
--> never, seen

-- Arithmetic of dates is NULL only for NULL.
select now() - interval '1 day', now() - published_at from post;
--> never, seen

-- AT TIME ZONE is NULL only for NULL.
select now() at time zone 'utc', published_at at time zone 'utc' from post;
--> never, seen

-- regexp_replace is a text, regexp_match may find nothing.
select regexp_replace(email, 'a', 'b'), regexp_match(email, 'zzz') from usr;
--> never, seen

-- nextval is never NULL.
select nextval('sq');
--> never

-- A window aggregate with FILTER may see no row.
select sum(score) filter (where score > 100) over (order by id) from post;
--> seen

-- lag with a NULL offset is NULL.
select lag(id, null, 0) over (order by id) from usr;
--> seen

-- nth_value is NULL where the frame has fewer rows.
select nth_value(id, 2) over (order by id) from usr;
--> seen

-- A view on a view is as nullable as what is below both.
select id, mgr_email, any_email from v_v;
--> never, seen, never

-- A filter on a nullable column of a view rules out NULL.
select mgr_email from v_uo where mgr_email is not null;
--> never

-- INSERT from a SELECT returns what the table guarantees.
insert into upd select 200 + id, age, id from usr returning w, v;
--> never, seen

-- UPDATE through a view returns what the table guarantees.
update v_upd set v = null returning id, v;
--> never, seen

-- A NULL parameter in VALUES makes its column nullable.
-- with null
select * from (values (1, $1::int), (2, 3)) v(a, b);
--> never, seen

-- NULL is NULL, with a type and without.
select null, null::int, 'x';
--> seen, seen, never

-- IS NULL of a parameter is not NULL.
-- with null
select $1::int is null;
--> never

-- Elements of an array that unnest gives are nullable.
select u.id, t.tag from usr u, unnest(u.tags) t(tag);
--> never, seen

-- A function in a left join is nullable.
select u.id, g from usr u left join generate_series(1, 2) g on g = u.id;
--> never, seen

-- The ordinality of a left-joined function is nullable.
select t.o from usr u left join unnest(u.tags) with ordinality t(tag, o) on true;
--> seen

-- A CASE in WHERE does not tell which branch was taken.
select age from usr where case when age is null then true else age > 3 end;
--> seen

-- A boolean column as the whole condition is true, so not NULL.
select b from (select age > 3 as b from usr) s where b;
--> never

-- IS NOT FALSE is true of NULL.
select b from (select age > 3 as b from usr) s where b is not false;
--> seen

-- AND gives the facts of both sides, OR only those that both share.
select age, nick from usr where age > 1 and (nick = 'al' or id > 1);
--> never, seen

-- NOT of an OR is an AND of NOTs.
select age, nick from usr where not (age is null or nick is null);
--> never, never

-- NOT of an AND is an OR of NOTs.
select nick from usr where not (age is null and nick is null);
--> seen

-- CASE with a tested value compares only.
select case id when 1 then 'a' else email end, case nick when 'al' then nick else nick end from usr;
--> never, seen

-- CASE guards its ELSE with each arm of an OR.
select case when nick is null or age is null then 'none' else nick || age end from usr;
--> never

-- COALESCE with a parameter that may be NULL is nullable.
-- with null
select coalesce($1::int, age) from usr where id = 8;
--> seen

-- CYCLE adds a mark that is never NULL.
with recursive t(id) as (select id from usr where id = 1 union all select u.id from usr u join t on u.mgr_id = t.id) cycle id set is_cycle using path select id, is_cycle, path from t;
--> never, never, hard

-- DISTINCT within an aggregate changes nothing.
select array_agg(distinct email) from usr group by org_id;
--> never

-- A NOT NULL that was never validated is none.
-- since 18
select c from nv;
--> seen

-- RETURNING old of an insert that may also update is nullable, new is not.
-- since 18
insert into upd values (60, 1, 1) on conflict (id) do update set w = 2 returning old.w, new.w;
--> seen, never

-- RETURNING new of an update can be NULL where WHERE had ruled it out.
-- since 18
update upd set v = null where v is not null returning old.v, new.v;
--> never, seen

-- RETURNING new of a delete is NULL.
-- since 18
delete from upd returning new.w;
--> seen

-- MERGE has no source row where it is not matched by the source.
-- since 17
merge into upd t using (values (1, 5), (99, 6)) s(id, x) on t.id = s.id when matched then update set v = s.x when not matched then insert values (s.id, s.x, 0) when not matched by source then update set v = 0 returning merge_action(), t.w, s.x;
--> never, never, seen
