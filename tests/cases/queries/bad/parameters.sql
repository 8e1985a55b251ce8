-- name: a :one
SELECT :Foo, :userId, :class, $1, :'x', :"x", :1, :naïve, :class;
-- name: b :many
-- nullable: nobody
SELECT 1;
-- name: c :many
SELECT 1 WHERE :order
-- :order x
ORDER BY 1
-- :end
;
-- name: d :one
SELECT 1 AS "an alias that is far longer than any that the server would keep of it";
