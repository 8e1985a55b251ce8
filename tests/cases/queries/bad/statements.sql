-- name: nothing :one
-- Only words.
-- name: only_a_semicolon :one
;
-- name: two :one
SELECT 1; SELECT 2;
-- name: begins :exec
BEGIN;
-- name: gives_up :exec
ROLLBACK TO SAVEPOINT a;
-- name: feeds :exec
COPY t FROM STDIN;
-- name: drains :exec
COPY t TO STDOUT;
-- name: psql :exec
\set x 1
SELECT :x;
-- name: early :one
; SELECT 1
-- name: copies_a_select :copyfrom
SELECT :a;
-- name: copies_without_columns :copyfrom
INSERT INTO t VALUES (:a);
-- name: copies_constants :copyfrom
INSERT INTO t (a, b) VALUES (:a, 1);
-- name: copies_too_few :copyfrom
INSERT INTO t (a, b) VALUES (:a);
-- name: copies_and_returns :copyfrom
INSERT INTO t (a) VALUES (:a) RETURNING a;
-- name: copies_twice :copyfrom
INSERT INTO t (a, b) VALUES (:a, :a);
