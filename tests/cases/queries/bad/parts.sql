-- name: not_closed :many
SELECT 1 WHERE true
-- :if x
AND :x
-- name: opens_nothing :many
SELECT 1
-- :end
;
-- name: unbalanced :many
SELECT (1
-- :if a
)
-- :end
-- :if b
+ (2
-- :end
;
-- name: leaks :many
SELECT :a
-- :if a
WHERE :a
-- :end
;
-- name: same_order :many
SELECT 1
-- :order a
ORDER BY 1
-- :order a
-- ORDER BY 1
-- :end
;
-- name: not_commented :many
SELECT 1
-- :order a
ORDER BY 1
-- :order b
ORDER BY 1 DESC
-- :end
;
-- name: empty_parts :many
SELECT 1
-- :if a
-- nothing
-- :end
-- :order a
-- :order b
-- :end
;
-- name: nested_wrongly :many
SELECT 1
-- :if a
-- :order b
ORDER BY 1
-- :if c
DESC
-- :end
-- :end
-- :end
;
-- name: names_nothing :many
SELECT 1
-- :if
WHERE true
-- :end x
-- :order
ORDER BY 1
-- :end
;
-- name: two_groups :many
SELECT 1
-- :order a
ORDER BY 1
-- :end
-- :order b
-- LIMIT 1
-- :end
;
-- name: behind_sql :many
SELECT 1 WHERE true -- :if a
AND :a -- :end
;
-- name: bad_names :many
SELECT 1 WHERE true
-- :if class
AND :class
-- :end
-- :if a b
AND :a
-- :end
-- :if A
AND true
-- :end
;
-- name: not_closed_order :many
SELECT 1
-- :order a
ORDER BY 1;
-- name: commented_brackets :many
SELECT 1
-- :order a
ORDER BY 1
-- :order b
-- ORDER BY (1
-- :order c
-- ORDER BY 'x
-- :order d
-- ORDER BY 1; SELECT 2
-- :end
;
