-- row: TooEarly
-- name: a :one
-- row: user summary
-- nulable: email
-- include-delete
-- :iff x
-- nullable:
-- nullable: emial
SELECT :email;
-- row: TooLate

-- name: b :one
-- row: None
-- include-deleted
-- include-deleted
SELECT 1
-- across-users
;
-- name: c :exec
-- row: Nobody
SELECT 1;
-- name: d :one
-- row: int
-- This is a note: fine.
-- see also: nothing
-- row: User
SELECT 1 -- :edn
