-- name: GetAuthor :one
-- GetAuthor finds one.
-- @sqlc-vet-disable
SELECT * FROM authors
WHERE id = $1 LIMIT 1;

-- name: ListAuthorsByIDs :many
SELECT * FROM authors WHERE id = ANY(@ids::bigint[]) AND kind IN (sqlc.slice('kinds')) AND x NOT IN (sqlc.slice(others));

/* name: CreateAuthor :execresult */
INSERT INTO authors (name, bio, "bornOn") VALUES ($1, $2, $3);

-- name: UpdateAuthor :exec
UPDATE authors SET
  name = coalesce(sqlc.narg('newName'), name),
  bio = CASE WHEN @set_bio::bool THEN @bio ELSE bio END
-- :not a directive, in sqlc
-- nullable: prose
WHERE id = sqlc.arg(id) AND lower(name) = lower($1);

-- A heading of its own.

-- Deletes a book.
-- row: that of the book, and nothing else
-- name: DeleteBook :batchexec
-- For good.
DELETE FROM books WHERE book_id = $1;

-- name: BooksByTitleYear :batchmany
SELECT * FROM books WHERE title = $1 AND year = $2 OFFSET $4 LIMIT $3;

-- name: StudentAndScore :batchone
SELECT (SELECT count(*), 1), sqlc.embed(students), sqlc.embed("Test Scores")
FROM students JOIN "Test Scores" ON "Test Scores".student_id = students.id
WHERE students.id = @class AND j @> @filter AND abs = @ -5;

-- name: Max :one
SELECT max(x) FROM t WHERE $1::int > x.y AND a LIKE $2 AND b.c BETWEEN $3 AND $4;

-- name: CopyAuthors :copyfrom
INSERT INTO authors (name, bio) VALUES (@name, sqlc.arg(bio));
