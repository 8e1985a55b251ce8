-- Links to set a new password. A link carries the user id next to the token, and is good for once.

-- name: request_password_reset :opt
-- Store a link for the live account with this e-mail address, and return what the mail needs.
--
-- None if there is no such account; show the user the same message either way. The caller chooses the id, which makes
-- a second try with the same token harmless.
WITH account AS (
    SELECT u.id, u.email, u.name
    FROM auth.users AS u
    WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NULL
    -- A change of the account that makes links void comes before or after this, not at once: see lock_user.
    FOR NO KEY UPDATE
),

made AS (
    INSERT INTO auth.password_resets AS r (user_id, id, token_hash, expires_at)
    SELECT account.id, :id, :token_hash, now() + :lifetime
    FROM account
    ON CONFLICT (user_id, id) DO UPDATE
        SET updated_at = now()
        WHERE r.token_hash = excluded.token_hash AND r.used_at IS NULL AND r.expires_at > now()
    RETURNING r.user_id, r.id, r.expires_at
)

SELECT made.user_id, made.id, made.expires_at, account.email, account.name
FROM made
INNER JOIN account ON made.user_id = account.id;

-- name: find_live_password_reset :opt
-- The link with this token, if it is still good: before the form is shown. Only use_password_reset decides.
SELECT r.id, r.expires_at, u.email
FROM auth.password_resets AS r
INNER JOIN auth.users AS u ON r.user_id = u.id
WHERE
    r.user_id = :user_id
    AND r.token_hash = :token_hash
    AND r.used_at IS NULL
    AND r.expires_at > now()
    AND u.deleted_at IS NULL;

-- name: use_password_reset :opt
-- Use a link up and set the new password, in one statement: of two calls at once, one gets None.
--
-- All other links of the user are void from then on, and all sessions end: run it behind lock_user. An empty hash is
-- not taken. The account is locked first, so that two links of one user wait instead of deadlock.
-- row: UserSummary
WITH account AS (
    SELECT u.id
    FROM auth.users AS u
    WHERE u.id = :user_id AND u.deleted_at IS NULL
    FOR NO KEY UPDATE
),

used AS (
    UPDATE auth.password_resets AS r
    SET used_at = now(), updated_at = now()
    FROM account
    WHERE
        r.user_id = account.id
        AND r.user_id = :user_id
        AND r.token_hash = :token_hash
        AND r.used_at IS NULL
        AND r.expires_at > now()
        AND length(:password_hash) > 0
    RETURNING r.user_id
),

changed AS (
    UPDATE auth.users AS u
    SET password_hash = :password_hash, updated_at = now()
    FROM used
    WHERE u.id = used.user_id AND u.id = :user_id AND u.deleted_at IS NULL
    RETURNING u.id, u.email, u.name, u.role
),

voided AS (
    DELETE FROM auth.password_resets AS r
    USING changed
    WHERE r.user_id = changed.id AND r.token_hash <> :token_hash AND r.used_at IS NULL
),

revoked AS (
    UPDATE auth.sessions AS s
    SET revoked_at = now(), updated_at = now()
    FROM changed
    WHERE s.user_id = changed.id AND s.revoked_at IS NULL
)

SELECT changed.id, changed.email, changed.name, changed.role FROM changed;

-- name: void_password_resets :execrows
-- Make every unused link of a user void, as when they state that they did not ask for one. Gives how many.
DELETE FROM auth.password_resets AS r
WHERE r.user_id = :user_id AND r.used_at IS NULL;

-- name: delete_expired_password_resets :execrows
-- Delete links of all users, used or not, that ended before a time, the oldest first, at most so many.
--
-- Several sweepers can run at once: each skips what another is deleting.
-- across-users
WITH expired AS MATERIALIZED (
    -- Materialized: joined as a subquery it could run, and lock, more than once.
    SELECT old.user_id, old.id
    FROM auth.password_resets AS old
    WHERE old.expires_at < :ended_before
    ORDER BY old.expires_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)

DELETE FROM auth.password_resets AS r
USING expired
WHERE r.user_id = expired.user_id AND r.id = expired.id;
