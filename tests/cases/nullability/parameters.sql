-- A parameter may be NULL when a nullable column is assigned it.
insert into usr (id, org_id, email, nick, age) values ($1, $2, $3, $4, $5)
--> not, not, not, null, null

-- Several rows of VALUES are assigned as one is.
insert into org (id, name, note) values ($1, $2, $3), ($4, $5, $6)
--> not, not, null, not, not, null

-- A cast on the way to the column changes nothing.
update usr set nick = $1::varchar, age = $2::text::int where id = $3
--> null, null, not

-- COALESCE asks for NULL, IS NULL too.
update usr set email = coalesce($1, email) where id = $2 and ($3::int is null or age = $3)
--> null, not, null

-- The last resort of COALESCE is no place for NULL.
select coalesce(nick, $1) from usr
--> not

-- IS NOT DISTINCT FROM asks for NULL, equality does not.
select id from usr where nick is not distinct from $1 and age = $2
--> null, not

-- An INSERT from VALUES in a subquery assigns by its columns.
insert into usr (id, org_id, email, nick) select a, $2, b, c from (values ($1::int, $3::text, $4::text)) v (a, b, c)
--> not, not, not, null

-- A WITH query hands on what it selects.
with x as (select $1::text as n, $2::text as m) insert into org (id, name, note) select 5, m, n from x
--> null, not

-- A parameter that a NOT NULL column is assigned as well may not be NULL.
with x as (select $1::text as n) insert into org (id, name, note) select 5, n, n from x
--> not

-- An upsert assigns twice.
insert into upd as u values ($1, $2, $3) on conflict (id) do update set v = $4, w = $5
--> not, null, not, null, not

-- A domain that refuses NULL refuses the parameter's.
insert into domt (id, d) values ($1, $2)
--> not, not

-- A branch of CASE is assigned, its condition is not.
update usr set nick = case when $1 then $2 else nick end
--> not, null

-- A field of a composite and an element of an array may be NULL, where the whole may not.
update loc set a.zip = $1, a.street = $2 where id = $3
--> null, null, not

-- What an operator takes is not assigned.
update usr set age = age + $1, nick = upper($2) where id = $3
--> not, not, not

-- An update through a view assigns the columns of its table.
update v_upd set v = $1 where id = $2
--> null, not

-- MERGE assigns in each of its actions.
merge into upd using (values ($1::int, $2::int)) s (id, v) on upd.id = s.id when matched then update set v = s.v when not matched then insert values (s.id, s.v, $3)
--> not, null, not

-- LIMIT and arrays are no place for NULL.
select id from usr where id = any ($1::int[]) limit $2
--> not, not
