-- Links that prove an e-mail address: the present one, or the one that is to take its place.

-- name: request_email_verification :opt
-- Store a link that proves the present address of a live account, and return what the mail needs.
--
-- None if there is no such account, or its address is verified. The caller chooses the id, which makes a second try
-- with the same token harmless.
INSERT INTO auth.email_verifications AS v (user_id, id, email, token_hash, expires_at)
SELECT u.id, :id, u.email, :token_hash, now() + :lifetime
FROM auth.users AS u
WHERE u.id = :user_id AND u.email_verified_at IS NULL AND u.deleted_at IS NULL
-- As in request_password_reset.
FOR NO KEY UPDATE
ON CONFLICT (user_id, id) DO UPDATE
    SET updated_at = now()
    WHERE v.token_hash = excluded.token_hash AND v.verified_at IS NULL AND v.expires_at > now()
RETURNING v.id, v.email, v.expires_at;

-- name: request_email_change :opt
-- Store a link that proves another address of a live account, and return what the mail needs.
--
-- The account keeps its address until confirm_email. None where there is no such account, or it or another live one
-- has this address already. The caller chooses the id, which makes a second try with the same token harmless.
INSERT INTO auth.email_verifications AS v (user_id, id, email, token_hash, expires_at)
SELECT u.id, :id, lower(:email), :token_hash, now() + :lifetime
FROM auth.users AS u
WHERE
    u.id = :user_id
    AND u.deleted_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM auth.users AS other
        WHERE lower(other.email) = lower(:email) AND other.deleted_at IS NULL
    )
-- As in request_password_reset.
FOR NO KEY UPDATE
ON CONFLICT (user_id, id) DO UPDATE
    SET updated_at = now()
    WHERE v.token_hash = excluded.token_hash AND v.verified_at IS NULL AND v.expires_at > now()
RETURNING v.id, v.email, v.expires_at;

-- name: confirm_email :opt
-- Use a link up: its address is that of the account from then on, and verified. Of two calls at once, one gets None.
--
-- All other links of the user are void from then on, and so are those to reset the password, which went to the old
-- address: run it behind lock_user. An address that another live account took meanwhile is refused by the unique
-- index users_email_key, and the link stays good. The account is locked first, so that two links of one user wait
-- instead of deadlock.
-- row: UserSummary
WITH account AS (
    SELECT u.id
    FROM auth.users AS u
    WHERE u.id = :user_id AND u.deleted_at IS NULL
    FOR NO KEY UPDATE
),

used AS (
    UPDATE auth.email_verifications AS v
    SET verified_at = now(), updated_at = now()
    FROM account
    WHERE
        v.user_id = account.id
        AND v.user_id = :user_id
        AND v.token_hash = :token_hash
        AND v.verified_at IS NULL
        AND v.expires_at > now()
    RETURNING v.user_id, v.email
),

changed AS (
    UPDATE auth.users AS u
    SET email = used.email, email_verified_at = now(), updated_at = now()
    FROM used
    WHERE u.id = used.user_id AND u.id = :user_id AND u.deleted_at IS NULL
    RETURNING u.id, u.email, u.name, u.role
),

voided AS (
    DELETE FROM auth.email_verifications AS v
    USING changed
    WHERE v.user_id = changed.id AND v.token_hash <> :token_hash AND v.verified_at IS NULL
),

voided_resets AS (
    DELETE FROM auth.password_resets AS r
    USING changed
    WHERE r.user_id = changed.id AND r.used_at IS NULL
)

SELECT changed.id, changed.email, changed.name, changed.role FROM changed;

-- name: delete_expired_email_verifications :execrows
-- Delete links of all users, followed or not, that ended before a time, the oldest first, at most so many.
--
-- Several sweepers can run at once: each skips what another is deleting.
-- across-users
WITH expired AS MATERIALIZED (
    -- Materialized: joined as a subquery it could run, and lock, more than once.
    SELECT old.user_id, old.id
    FROM auth.email_verifications AS old
    WHERE old.expires_at < :ended_before
    ORDER BY old.expires_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)

DELETE FROM auth.email_verifications AS v
USING expired
WHERE v.user_id = expired.user_id AND v.id = expired.id;
