"""Queries of nasty syntax, each with its parameters and the types that the server finds for them, in order of $n."""

from __future__ import annotations

NASTY = [
    (
        "SELECT a[1:2], a[:n], a[lo:hi], a[1: :hi], a[:lo : :hi] FROM t",
        "n integer, hi integer, lo integer",
    ),
    (
        "SELECT a[lo:], a[:], a[ : hi], b[1:2][:n : ] FROM t",
        "n integer",
    ),
    (
        "SELECT a[CASE WHEN :w THEN :n ELSE 1 END:2], (ARRAY[:p, 2])[1:lo] FROM t",
        "w boolean, n integer, p integer",
    ),
    (
        "UPDATE t SET a[1:2] = :a, a[n:hi] = ARRAY[:n, 1] WHERE id = :id",
        "a integer[], n integer, id integer",
    ),
    (
        "SELECT named(days := :days), named(hours=>:hours,days:=1)",
        "days integer, hours integer",
    ),
    (
        "SELECT :a::int, :b :: text, CAST(:c AS date), '1'::int::text, x::varchar(3) FROM t",
        "a integer, b text, c date",
    ),
    (
        "SELECT ':a' || E'\\':b' || U&'\\0061:c' || U&'!0061:c' UESCAPE '!' || $$:d$$ || $q$ $$ :e $q$ || :f",
        "f text",
    ),
    (
        "SELECT 'a'\n  ':b' || :c",
        "c text",
    ),
    (
        "SELECT E'a'\n  '\\':b' || :c",
        "c text",
    ),
    (
        "SELECT B'01', X'1F', N':a', :b::bit(3)",
        "b bit",
    ),
    (
        'SELECT ":a", u&"\\0062:" FROM (SELECT :p::int AS ":a", 2 AS "b:") AS s',
        "p integer",
    ),
    (
        "SELECT 1 /* :a /* :b */ :c */ -- :d\n + :e",
        "e integer",
    ),
    (
        "SELECT j ? :k, j ?| :ks, j ?& ARRAY[:k] FROM t",
        "k text, ks text[]",
    ),
    (
        "SELECT j @? '$.a[*] ? (@ > 1)', j @@ :p, j @> :q, j #>> '{a,b}', j #- :r FROM t",
        "p jsonpath, q jsonb, r text[]",
    ),
    (
        "SELECT j -> :k ->> :i::int, j - :k::text, j['a'], j[:k::text] FROM t",
        "k text, i integer",
    ),
    (
        "SELECT jsonb_path_query(j, '$.a ? (@ > $v)', jsonb_build_object('v', :v::int)) FROM t",
        "v integer",
    ),
    (
        "SELECT a OPERATOR(pg_catalog.@>) :a, 1 OPERATOR(pg_catalog.+) :b FROM t",
        "a integer[], b integer",
    ),
    (
        "SELECT id FROM t WHERE id=:a AND n<:b AND lo>=-:c::int AND hi<>ALL(:d)",
        "a integer, b integer, c integer, d integer[]",
    ),
    (
        "SELECT id FROM t WHERE id IN(:a,:b)AND x LIKE:x ORDER BY id LIMIT:n OFFSET:m",
        "a integer, b integer, x text, n bigint, m bigint",
    ),
    (
        "SELECT id FROM t WHERE d BETWEEN:a AND:b OR d + :c::interval > now()",
        "a date, b date, c interval",
    ),
    (
        "SELECT @ :n::int, |/ 4.0, !! 'a'::tsquery, :n::int % 2",
        "n integer",
    ),
    (
        "SELECT int4range(:a, :b) && r, r -|- :c, :d::int <@ r FROM t",
        "a integer, b integer, c int4range, d integer",
    ),
    (
        "SELECT now() AT TIME ZONE :z, interval '1 day' * :f, date '2024-01-01' + :i::int",
        "z text, f double precision, i integer",
    ),
    (
        (
            "INSERT INTO t (id, x) VALUES (:id, :x) ON CONFLICT (id) DO UPDATE SET x = excluded.x || "
            ":y RETURNING id, :z::text"
        ),
        "id integer, x text, y text, z text",
    ),
    (
        "WITH RECURSIVE w (n) AS (SELECT :a::int UNION ALL SELECT n + 1 FROM w WHERE n < :b) SELECT * FROM w",
        "a integer, b integer",
    ),
    (
        (
            "MERGE INTO t USING (VALUES (:id, :x)) AS s (id, x) ON t.id = s.id::int WHEN MATCHED THEN "
            "UPDATE SET x = s.x WHEN NOT MATCHED THEN INSERT (id) VALUES (:id2)"
        ),
        "id text, x text, id2 integer",
    ),
    (
        "SELECT count(*) FILTER (WHERE n > :n) OVER (PARTITION BY x ORDER BY id ROWS :k PRECEDING) FROM t",
        "n integer, k bigint",
    ),
    (
        (
            "SELECT x FROM t WHERE (lo, hi) > (:lo, :hi) AND x IS NOT DISTINCT FROM :x AND x ~ :re AND "
            "x NOT SIMILAR TO :s ESCAPE :e"
        ),
        "lo integer, hi integer, x text, re text, s text, e text",
    ),
    (
        'SELECT t."t:a" AS "author.name", t."Tag" AS "options[].body!" FROM t WHERE t."Tag" = :tag',
        "tag text",
    ),
    (
        "SELECT 1.5e3, .5, 1., 1e-5 * :f::float8, 0 - :n::int",
        "f double precision, n integer",
    ),
    (
        "SELECT CASE :k::int WHEN 1 THEN :a ELSE 'b' END, coalesce(:b, 'x'), nullif(:c, 1)",
        "k integer, a text, b text, c integer",
    ),
    (
        (
            "SELECT extract(year FROM :d::date), substring(:s::text FROM :a::int FOR :b::int), "
            "position(:p IN x), trim(BOTH :c FROM x) FROM t"
        ),
        "d date, s text, a integer, b integer, p text, c text",
    ),
    (
        "SELECT é.id FROM t AS é WHERE é.x = '😀' || :e",
        "e text",
    ),
]

FROM_16 = [
    (
        "SELECT json_object('a':1, 'b': :v::int, :k::text : n, 'c' VALUE :w::text) FROM t",
        "v integer, k text, w text",
    ),
]

# As written for sqlc.
SQLC = [
    (
        "SELECT id FROM t WHERE id = $1 AND x = @x AND n = sqlc.arg(n) AND lo = sqlc.narg('lo')",
        "arg_1 integer, x text, n integer, lo integer",
    ),
    (
        "SELECT id FROM t WHERE id IN (sqlc.slice(ids)) AND x NOT IN (sqlc.slice('xs')) AND j @> @part",
        "ids integer[], xs text[], part jsonb",
    ),
    (
        "SELECT sqlc.embed(t), sqlc.embed(users) FROM t JOIN auth.users ON users.id = t.id WHERE a[1:2] = @a::int[]",
        "a integer[]",
    ),
    (
        "UPDATE t SET x = coalesce(sqlc.narg(newX), x), n = CASE WHEN @set_n::bool THEN $2 ELSE n END WHERE id = $1",
        "arg_1 integer, arg_2 integer, new_x text, set_n boolean",
    ),
    (
        "SELECT id FROM t ORDER BY id LIMIT $2 OFFSET $1",
        "arg_1 bigint, arg_2 bigint",
    ),
    (
        "SELECT @ -5, '@x', id - @n::int FROM t WHERE x ILIKE '%' || $1 || '%'",
        "arg_1 text, n integer",
    ),
]

# What the server refuses, and what it means.
WRONG = [
    (
        "SELECT :a::text,\n  '😀', id, :a || emial\nFROM t WHERE x = :b",
        "emial",
    ),
    (
        "SELECT :aaaaaaaaaaaaaaaa::int, :b::int\n+ :aaaaaaaaaaaaaaaa + nowhere.x",
        "nowhere.x",
    ),
    (
        (
            "SELECT 1\nFROM t\n-- :if x\nWHERE x = :x\n-- :end\n-- :order a\nORDER BY id\n-- :order b\n-- "
            "ORDER BY wrong\n-- :end\nLIMIT 1"
        ),
        "wrong",
    ),
    (
        "SELECT id\nFROM t\n-- :if x\nWHERE x = :x AND missing(:x)\n-- :end",
        "missing(:x)",
    ),
    (
        "SELECT 'é', :n + 'x' ::int FORM t",
        "t",
    ),
]
