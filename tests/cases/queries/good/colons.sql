-- name: casts :many
SELECT '12'::int, :a::text, CAST(:b AS date), now()::date::text, :c ::numeric(10, 2);

-- name: slices :many
SELECT a[1:2], a[:n], a[1: :n], a[lo:hi], a[:lo : :hi], a[f(:n):3], (ARRAY[:x, :y])[1:2], a[1:2][:n:3], a[CASE WHEN :x THEN :y END:2]
FROM t;

-- name: named_arguments :many
SELECT make_interval(days := :days, hours => :hours, mins:=5);

-- name: quoted :many
SELECT ':a', E'it\':a', U&'\0061:a', B'1', X'1F', $$:a$$, $t$ :a $t$, ":a", U&":a", /* :a /* :a */ */ 1 -- :not_one, in a comment
FROM "t:a" WHERE x = 'don''t :a';

-- name: jsonb_operators :many
SELECT 1 FROM t WHERE j ? :key AND j ?| :keys AND j ?& ARRAY[:key] AND j @? '$.a' AND j @@ '$.a == 1'
  AND j -> :key ->> 'a' = :text AND j #>> '{a,b}' <> :text AND j OPERATOR(pg_catalog.@>) :part;

-- name: json_constructors :many
SELECT json_object('a': 1, 'b':x, :k : :v, 'c' VALUE :v), jsonb_build_object('a', :v) FROM t;

-- name: tight :many
SELECT 1 FROM t WHERE a=:a AND b>:b AND c IN(:c)LIMIT:n OFFSET :m;
