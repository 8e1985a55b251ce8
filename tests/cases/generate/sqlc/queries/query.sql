-- name: GetAuthor :one
SELECT * FROM authors WHERE id = $1 LIMIT 1;

-- name: ListAuthors :many
SELECT * FROM authors ORDER BY name;

-- name: ListAuthorsByIDs :many
SELECT * FROM authors WHERE id IN (sqlc.slice(ids));

-- name: CreateAuthor :one
INSERT INTO authors (name, bio) VALUES ($1, $2) RETURNING *;

-- name: UpdateAuthor :exec
UPDATE authors SET name = coalesce(sqlc.narg('name'), name), bio = @bio WHERE id = @id;

-- name: DeleteAuthor :execresult
DELETE FROM authors WHERE id = $1;

-- name: BookWithAuthor :one
SELECT sqlc.embed(books), sqlc.embed(authors) FROM books JOIN authors ON authors.id = books.author_id WHERE books.id = $1;

-- name: MaybeAuthor :many
SELECT books.title, a.id, b.id FROM books LEFT JOIN authors AS a ON a.id = books.author_id JOIN books AS b ON b.id = books.id;

-- name: CopyBooks :copyfrom
INSERT INTO books (author_id, title, tags) VALUES ($1, $2, $3);

-- name: RenameBooks :batchexec
UPDATE books SET title = $1 WHERE id = $2;
