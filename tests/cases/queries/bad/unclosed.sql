-- name: a :one
SELECT 'it;
-- name: b :one
SELECT 1;
-- name: c :one
SELECT "x;
-- name: d :one
SELECT $a$ 1;
-- name: e :one
SELECT 1 /* ;
-- name: f :ne
\echo it's
-- name: g :one
SELECT "";
