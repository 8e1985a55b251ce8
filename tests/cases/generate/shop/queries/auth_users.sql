-- name: get_user :one
-- The account with this key.
SELECT id, email, role, name, created_at FROM auth.users WHERE id = :id;

-- name: find_user_by_email :opt
-- The account with this "e-mail address"
--
-- Compared as it is, with a back\slash.
SELECT u.id, u.email, u.role FROM auth.users AS u WHERE u.email = :email;

-- name: rename_user :exec
UPDATE auth.users SET name = :name WHERE id = :id;

-- name: count_users :one
SELECT count(*) FROM auth.users WHERE role = ANY(:roles);

-- name: delete_users :execrows
DELETE FROM auth.users WHERE created_at < :before;

-- name: list_ids :many
-- row: UserKey
SELECT id FROM auth.users ORDER BY id;

-- name: list_ids_of_role :many
-- row: UserKey
SELECT id FROM auth.users WHERE role = :role ORDER BY id;
