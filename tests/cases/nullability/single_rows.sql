-- A primary key that is compared with a parameter has one row.
select * from usr where id = $1
--> one

-- A table without a condition has any number of rows.
select * from usr
--> many

-- A row that is joined by its key stays one row.
select * from usr u left join org o on o.id = u.org_id where u.id = $1
--> one

-- A row that is joined by a foreign key becomes many.
select * from org o join usr u on u.org_id = o.id where o.id = $1
--> many

-- A condition of a left join does not choose among the rows of its left side.
select * from usr u left join org o on o.id = u.org_id and u.id = $1
--> many

-- A unique index on an expression with a condition needs both.
select * from mail where lower(address) = lower($1) and deleted_at is null
--> one

-- Without its condition a partial index proves nothing.
select * from mail where lower(address) = lower($1)
--> many

-- A unique index over two columns needs both.
select * from mail where owner = $1 and slot = $2
--> one

-- A part of a unique index is not enough.
select * from mail where owner = $1
--> many

-- An update by key returns one row.
update usr set nick = $1 where id = $2 returning id
--> one

-- A delete by condition returns many.
delete from post where usr_id = $1 returning id
--> many

-- An insert of one row returns one, of two rows two.
insert into upd values (1, 2, 3) returning id
--> one

-- An insert of two rows returns two.
insert into upd values (11, 2, 3), (12, 3, 4) returning id
--> many

-- A key compared with something volatile is compared anew for each row.
select * from usr where id = (random() * 10)::int
--> many

-- OR of two keys chooses two rows.
select * from usr where id = $1 or id = $2
--> many

-- A key compared with another column of its table chooses nothing.
select * from usr where id = mgr_id
--> many

-- An aggregate over everything is one row, over groups many.
select max(id) from usr
--> one

-- An aggregate over groups has a row for each.
select max(id) from usr group by org_id
--> many

-- LIMIT 1 is one row, LIMIT of a parameter any number.
select * from usr order by id limit 1
--> one

-- WITH TIES may give more.
select * from usr order by org_id fetch first 1 row with ties
--> many

-- A parent's key does not hold for its children.
select * from par where id = 1
--> many

-- A full join may give rows of both sides.
select * from usr u full join org o on u.id = o.id where o.id = $1
--> many

-- A deferrable key may be violated for a while.
select * from mail where later = $1
--> many

-- A number of another width is compared by the same key.
select * from mail where id = $1::int
--> one

-- A function of a set gives many rows.
select generate_series(1, 2)
--> many

-- A WITH query of one row is one row.
with u as (select id from usr where id = $1) select * from u
--> one

-- A WITH query of many rows is many.
with u as (select id from usr) select * from u
--> many

-- A row that is joined by its key to a WITH query of one row stays one.
with u as (select org_id from usr where id = $1) select o.* from u join org o on o.id = u.org_id
--> one

-- A WITH query that changes one row returns one.
with u as (update usr set nick = $1 where id = $2 returning id), w as (update upd set w = 1 from u where upd.id = u.id returning upd.id) select * from w
--> one

-- A WITH query that changes many rows returns many.
with p as (delete from post where usr_id = $1 returning id) select * from p
--> many

-- A WITH query of the query around a subquery is the same one.
with u as (select id from usr where id = $1) select * from (select id from u) s
--> one

-- A WITH query hides one of the same name further out.
with u as (select id from usr where id = $1) select * from (with u as (select id from usr) select id from u) s
--> many

-- A recursive WITH query goes on.
with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select * from n
--> many

-- A limit that is no whole number, or is computed, says nothing.
select id from usr limit 1.6
--> many

-- A procedure returns its INOUT arguments once.
call next_number($1)
--> one

-- A setting is one row.
show work_mem
--> one

-- All settings are many.
show all
--> many

-- A setting of two words is one row.
show time zone
--> one

-- A plan is a row for each line.
explain select * from usr
--> many

-- A plan with options is still text.
explain (costs off) select * from usr
--> many

-- A plan as a document is one row.
explain (costs off, format json) select * from usr
--> one

-- A plan's format may be quoted.
explain (format 'yaml') select * from usr
--> one

-- One row of values is one row.
values (1, 2)
--> one

-- Two rows of values are many.
values (1), (2)
--> many

-- A value that is no call of a function is one row.
select * from current_date
--> one
