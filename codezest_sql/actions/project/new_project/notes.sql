-- name: create_note :one
-- Write a note, and return it as it was stored.
INSERT INTO notes (title, body)
VALUES (:title, :body)
RETURNING id, title, body, created_at, updated_at;

-- name: find_note :opt
-- The note with this id.
SELECT n.id, n.title, n.body, n.created_at, n.updated_at
FROM notes AS n
WHERE n.id = :id;

-- name: list_notes :many
-- The notes before this id, newest first: for the next page pass the last id of this one.
SELECT n.id, n.title, n.created_at
FROM notes AS n
WHERE n.id < :before
ORDER BY n.id DESC
LIMIT :limit;

-- name: rename_note :execrows
-- Give a note another title; 0 where there is no such note.
UPDATE notes
SET title = :title, updated_at = now()
WHERE id = :id;

-- name: delete_note :execrows
-- Delete a note permanently; 0 where there is no such note.
DELETE FROM notes
WHERE id = :id;
