-- Signed-in devices. The bearer token carries the user id, so that a look-up always has both.

-- name: create_session :opt
-- Sign a live account in. None where there is no such account, or the id is that of another session, or of one that
-- has ended.
--
-- After a password give checked_hash, the hash that it was checked against: None where it was changed meanwhile. The
-- caller chooses the id, which makes a second try with the same token harmless.
INSERT INTO auth.sessions AS s (user_id, id, token_hash, ip_address, user_agent, expires_at)
SELECT u.id, :id, :token_hash, :ip_address, :user_agent, now() + :lifetime
FROM auth.users AS u
WHERE
    u.id = :user_id
    -- :if checked_hash
    AND u.password_hash = :checked_hash
    -- :end
    AND u.deleted_at IS NULL
-- A change of the account that ends its sessions comes before or after this, not at once: see lock_user.
FOR NO KEY UPDATE
ON CONFLICT (user_id, id) DO UPDATE
    SET last_seen_at = now(), updated_at = now()
    WHERE s.token_hash = excluded.token_hash AND s.revoked_at IS NULL AND s.expires_at > now()
RETURNING s.user_id, s.id, s.created_at, s.expires_at;

-- name: find_live_session :opt
-- The session with this token, with its account, if both are live: run with each request.
SELECT
    s.user_id,
    s.id,
    s.last_seen_at,
    s.expires_at,
    u.id AS "user.id",
    u.email AS "user.email",
    u.name AS "user.name",
    u.role AS "user.role",
    u.email_verified_at AS "user.email_verified_at"
FROM auth.sessions AS s
INNER JOIN auth.users AS u ON s.user_id = u.id
WHERE
    s.user_id = :user_id
    AND s.token_hash = :token_hash
    AND s.revoked_at IS NULL
    AND s.expires_at > now()
    AND u.deleted_at IS NULL;

-- name: touch_session :execrows
-- Note that a live session was used, at most once a minute, so that a busy one is not written on each request.
--
-- With lifetime it is valid for so long from now on; without, its end stays.
UPDATE auth.sessions AS s
SET
    -- :if lifetime
    expires_at = greatest(s.expires_at, now() + :lifetime),
    -- :end
    ip_address = :ip_address,
    last_seen_at = now(),
    updated_at = now()
WHERE
    s.user_id = :user_id
    AND s.id = :id
    AND s.revoked_at IS NULL
    AND s.expires_at > now()
    AND s.last_seen_at < now() - interval '1 minute';

-- name: rotate_session :opt
-- Give a live session another token, as after each step up in rights; the old one is void. None where it is already.
UPDATE auth.sessions AS s
SET token_hash = :new_token_hash, last_seen_at = now(), updated_at = now()
WHERE
    s.user_id = :user_id
    AND s.token_hash = :token_hash
    AND s.revoked_at IS NULL
    AND s.expires_at > now()
RETURNING s.user_id, s.id, s.expires_at;

-- name: list_sessions :many
-- The sessions of a user, the last used first: all that are stored, or with live the valid ones.
SELECT s.id, s.ip_address, s.user_agent, s.created_at, s.last_seen_at, s.expires_at, s.revoked_at
FROM auth.sessions AS s
WHERE
    s.user_id = :user_id
    -- :if live
    AND s.revoked_at IS NULL
    AND s.expires_at > now()
    -- :end
-- :order last_used
ORDER BY s.last_seen_at DESC, s.id
-- :order newest
-- ORDER BY s.created_at DESC, s.id
-- :end
LIMIT :limit;

-- name: revoke_session :execrows
-- End one session: sign out. 0 where it has ended already.
UPDATE auth.sessions AS s
SET revoked_at = now(), updated_at = now()
WHERE s.user_id = :user_id AND s.id = :id AND s.revoked_at IS NULL;

-- name: revoke_sessions :execrows
-- End all sessions of a user, or with kept_id all others: sign out everywhere. Gives how many.
UPDATE auth.sessions AS s
SET revoked_at = now(), updated_at = now()
WHERE
    s.user_id = :user_id
    -- :if kept_id
    AND s.id <> :kept_id
    -- :end
    AND s.revoked_at IS NULL;

-- name: delete_expired_sessions :execrows
-- Delete sessions of all users that ended before a time, the oldest first, at most so many.
--
-- Several sweepers can run at once: each skips what another is deleting.
-- across-users
WITH expired AS MATERIALIZED (
    -- Materialized: joined as a subquery it could run, and lock, more than once.
    SELECT old.user_id, old.id
    FROM auth.sessions AS old
    WHERE old.expires_at < :ended_before
    ORDER BY old.expires_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)

DELETE FROM auth.sessions AS s
USING expired
WHERE s.user_id = expired.user_id AND s.id = expired.id;
