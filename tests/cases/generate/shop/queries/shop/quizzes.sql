-- name: get_quiz_with_options :opt
-- A quiz, its author, and its options.
SELECT q.id, q.title,
    u.id AS "author.id", u.email AS "author.email",
    o.quiz_id AS "options[].quiz_id", o.id AS "options[].id", o.body AS "options[].body"
FROM shop.mcq_quizzes AS q
LEFT JOIN auth.users AS u ON u.id = q.author_id
LEFT JOIN shop.mcq_options AS o ON o.quiz_id = q.id
WHERE q.id = :id
ORDER BY q.id, o.id;

-- name: list_quizzes :many
-- Quizzes, narrowed down as the caller likes.
SELECT q.id, q.title, q.date, q.price
FROM shop.mcq_quizzes AS q
WHERE q.date >= :since
    -- :if author_id
    AND q.author_id = :author_id
    -- :end
    -- :if priced
    AND q.price BETWEEN :least AND :most
    -- :end
-- :order newest
ORDER BY q.date DESC, q.id
-- :order cheapest
-- ORDER BY q.price NULLS LAST, q.id
-- :end
LIMIT :limit;

-- name: add_quiz :one
INSERT INTO shop.mcq_quizzes (title, author_id, date, tags, settings, extra, size, colours, during)
VALUES (:title, :author_id, :date, :tags, :settings, :extra, :size, :colours, :during)
RETURNING *;

-- name: import_options :copyfrom
INSERT INTO shop.mcq_options (quiz_id, id, body, is_correct) VALUES (:quiz_id, :id, :body, :is_correct);

-- name: odd_columns :many
SELECT 1, 'a' AS "class", E'back\\slash """ \t' AS "b c", ARRAY[[1, 2]] AS grid, ROW(1, 'x') AS pair, now() AS date
FROM shop.columns AS c;

-- name: whole_rows :many
SELECT c.owner, q.boxes, q.spans, q.settings, q.extra, q.address, 'ünï' AS "ü"
FROM shop.columns AS c CROSS JOIN shop.mcq_quizzes AS q;

-- name: everything_that_has_a_very_long_name_and_many_arguments :many
SELECT id FROM shop.mcq_quizzes
WHERE title = :a_title_that_is_long AND author_id = :an_author_that_is_long AND date = :a_date_that_is_long
AND id = ANY(:some_identifiers_that_are_long);
