-- name: nothing :exec
SELECT 1 WHERE false;
