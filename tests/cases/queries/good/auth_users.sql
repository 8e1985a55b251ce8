-- Queries of the accounts. This line stands above the first query, and belongs to none.

-- name: find_user_by_email :opt
-- The live account with this e-mail address, compared case-insensitively.
--
-- Its password is never among the columns.
-- row: UserSummary
SELECT u.id, u.email, u.name AS "name!", u.role
FROM auth.users AS u
WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NULL;

-- name: rename_user :exec
UPDATE auth.users SET name = :name, updated_at = now() WHERE id = :id AND name IS DISTINCT FROM :name;

-- name: count_users :one
-- include-deleted
-- across-users
SELECT count(*)::int AS total FROM auth.users;

-- name: add_events :copyfrom
INSERT INTO activity.events (user_id, "kind of", at) VALUES (:user_id, :kind, :at);

-- name: touch :execrows
-- nullable: note, at
/* Any user,
 * whoever it is. */
UPDATE auth.users SET note = :note, updated_at = :at -- not now()
