-- name: A :one
SELECT sqlc.agr(x), sqlc.arg(), sqlc.arg(a, b), $0;
-- name: GetURL :one
SELECT 1;
-- name: GetUrl :one
SELECT 1;
-- name: GetUrl :one
SELECT 1;
-- name: B :execlastid
SELECT 1;
