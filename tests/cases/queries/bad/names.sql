SELECT 1;

-- name:
SELECT 1;
-- name: find_user
SELECT 1;
-- name: find_user :oen
SELECT 1;
-- name: findUser :one
SELECT 1;
-- name: find-user^
SELECT 1;
-- name: find_user one
SELECT 1;
-- name: add_user :one the new one
SELECT 1;
-- name: :one
SELECT 1;
-- name: class :one
SELECT 1;
-- name: list :many
SELECT 1;
-- name: twice :one
SELECT 1;
-- name: twice :many
SELECT 2;
-- name: batch :batchexec
SELECT 1;
-- name: last_id :execlastid
SELECT 1;
-- name: 1st :one
SELECT 1;
