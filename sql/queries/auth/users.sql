-- Accounts. Nothing here returns a password hash, but for find_user_for_login.

-- name: register_user :opt
-- Open an account that signs in by password, and return it.
--
-- The caller chooses the id, which makes a second try harmless: it returns None, and get_user has the account.
-- An address of another live account is refused by the unique index users_email_key. Without a password hash the
-- account is an invitation: a reset sets the first password.
-- row: UserSummary
INSERT INTO auth.users (id, email, name, password_hash)
VALUES (:id, lower(:email), :name, :password_hash)
ON CONFLICT (id) DO NOTHING
RETURNING id, email, name, role;

-- name: import_users :copyfrom
-- Copy accounts in, many at once. Addresses must be in lower case; one bad row stops them all.
INSERT INTO auth.users (id, email, name, password_hash, role, email_verified_at)
VALUES (:id, :email, :name, :password_hash, :role, :email_verified_at);

-- name: is_email_taken :one
-- Return whether a live account has this e-mail address: for a form. Only the unique index decides.
SELECT exists(
    SELECT 1 FROM auth.users AS u
    WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NULL
) AS is_taken;

-- name: find_user_for_login :opt
-- The live account with this e-mail address and with its password hash: to check a password, and for nothing else.
SELECT
    u.id,
    u.email,
    u.name,
    u.password_hash,
    u.role,
    u.email_verified_at,
    u.created_at,
    u.updated_at,
    u.deleted_at
FROM auth.users AS u
WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NULL;

-- name: find_user_by_email :opt
-- The live account with this e-mail address, compared case-insensitively.
-- row: UserSummary
SELECT u.id, u.email, u.name, u.role
FROM auth.users AS u
WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NULL;

-- name: get_user :one
-- The live account with this id.
-- row: UserSummary
SELECT u.id, u.email, u.name, u.role
FROM auth.users AS u
WHERE u.id = :id AND u.deleted_at IS NULL;

-- name: get_users :many
-- The live accounts among these ids, in the order of their ids; ids without one are skipped.
-- row: UserSummary
SELECT u.id, u.email, u.name, u.role
FROM auth.users AS u
WHERE u.id = ANY(:ids) AND u.deleted_at IS NULL
ORDER BY u.id;

-- name: get_account :one
-- The live account with this id, and its profile where it has one.
SELECT
    u.id,
    u.email,
    u.name,
    u.role,
    u.email_verified_at,
    u.created_at,
    p.user_id AS "profile.user_id",
    p.bio AS "profile.bio",
    p.avatar_url AS "profile.avatar_url",
    p.location AS "profile.location",
    p.timezone AS "profile.timezone",
    p.locale AS "profile.locale"
FROM auth.users AS u
LEFT JOIN auth.user_profiles AS p ON u.id = p.user_id
WHERE u.id = :id AND u.deleted_at IS NULL;

-- name: rename_user :execrows
-- Change the name shown to others. 0 where there is no such live account.
UPDATE auth.users AS u
SET name = :name, updated_at = now()
WHERE u.id = :id AND u.deleted_at IS NULL;

-- name: change_role :execrows
-- Change what an account may do. 0 where there is no such live account, or it is the last administrator's.
--
-- Two administrators who demote each other at once: one of them stays.
WITH admins AS MATERIALIZED (
    -- Locked, in one order for all: who waited here sees what the other did.
    SELECT a.id
    FROM auth.users AS a
    WHERE a.role = 'ADMIN' AND a.deleted_at IS NULL
    ORDER BY a.id
    FOR UPDATE
)

UPDATE auth.users AS u
SET role = :role, updated_at = now()
WHERE
    u.id = :id
    AND u.deleted_at IS NULL
    AND (:role = 'ADMIN'::auth.role OR u.role <> 'ADMIN' OR (SELECT count(*) FROM admins) > 1);

-- name: lock_user :opt
-- Block sign-ins to an account and requests for links until this transaction ends: goes before change_password,
-- use_password_reset and confirm_email. None where there is no such live account.
--
-- db.batch(lock_user(…), change_password(…)) is one round trip and one transaction. A statement sees what was
-- committed before it began: alone, it leaves a session or a link valid that is being made at the same moment.
SELECT u.id FROM auth.users AS u
WHERE u.id = :id AND u.deleted_at IS NULL
FOR NO KEY UPDATE;

-- name: change_password :opt
-- Change the password of a user who is signed in, if the hash is still the one that the old password was checked
-- against; None where it is not.
--
-- Links to reset the password are void from then on, and so is every session but the one that stays: run it behind
-- lock_user.
WITH changed AS (
    UPDATE auth.users AS u
    SET password_hash = :new_hash, updated_at = now()
    WHERE
        u.id = :id
        AND u.password_hash = :checked_hash
        AND u.password_hash <> :new_hash
        AND u.deleted_at IS NULL
    RETURNING u.id
),

voided AS (
    DELETE FROM auth.password_resets AS r
    USING changed
    WHERE r.user_id = changed.id AND r.used_at IS NULL
),

revoked AS (
    UPDATE auth.sessions AS s
    SET revoked_at = now(), updated_at = now()
    FROM changed
    WHERE s.user_id = changed.id AND s.id <> :kept_session_id AND s.revoked_at IS NULL
)

SELECT changed.id FROM changed;

-- name: rehash_password :execrows
-- Store the same password under a newer hash, after it was checked. 0 where the hash was changed meanwhile.
UPDATE auth.users AS u
SET password_hash = :new_hash, updated_at = now()
WHERE
    u.id = :id
    AND u.password_hash = :checked_hash
    AND u.password_hash <> :new_hash
    AND u.deleted_at IS NULL;

-- name: list_users :many
-- A page of the live accounts, for administrators.
--
-- The next page begins behind the last row of this one. Ordered by_email, give its address as after_email; newest
-- first, give its created_at and id as created_before and id_before.
-- row: UserListed
SELECT u.id, u.email, u.name, u.role, u.email_verified_at, u.created_at
FROM auth.users AS u
WHERE
    u.deleted_at IS NULL
    -- :if role
    AND u.role = :role
    -- :end
    -- :if verified
    AND (u.email_verified_at IS NOT NULL) = :verified
    -- :end
    -- :if search
    AND (starts_with(lower(u.email), lower(:search)) OR strpos(lower(u.name), lower(:search)) > 0)
    -- :end
    -- :if after_email
    AND lower(u.email) > lower(:after_email)
    -- :end
    -- :if created_before
    AND (u.created_at, u.id) < (:created_before, :id_before)
    -- :end
-- :order by_email
ORDER BY lower(u.email)
-- :order newest
-- ORDER BY u.created_at DESC, u.id DESC
-- :end
LIMIT :limit;

-- name: count_users_by_role :many
-- How many live accounts each role has; a role without one is not listed.
SELECT u.role, count(*) AS total
FROM auth.users AS u
WHERE u.deleted_at IS NULL
GROUP BY u.role
ORDER BY u.role;

-- name: delete_user :opt
-- Delete an account softly, and return when; None where there is no such live account, or it is the last
-- administrator's. restore_user takes it back.
--
-- All its sessions end, and links that were sent become invalid. Its address is free for a new account.
-- include-deleted
WITH admins AS MATERIALIZED (
    SELECT a.id
    FROM auth.users AS a
    WHERE a.role = 'ADMIN' AND a.deleted_at IS NULL
    ORDER BY a.id
    FOR UPDATE
),

deleted AS (
    UPDATE auth.users AS u
    SET deleted_at = now(), updated_at = now()
    WHERE
        u.id = :id
        AND u.deleted_at IS NULL
        AND (u.role <> 'ADMIN' OR (SELECT count(*) FROM admins) > 1)
    RETURNING u.id, u.deleted_at
),

revoked AS (
    UPDATE auth.sessions AS s
    SET revoked_at = now(), updated_at = now()
    FROM deleted
    WHERE s.user_id = deleted.id AND s.revoked_at IS NULL
),

voided_resets AS (
    DELETE FROM auth.password_resets AS r
    USING deleted
    WHERE r.user_id = deleted.id AND r.used_at IS NULL
),

voided_verifications AS (
    DELETE FROM auth.email_verifications AS v
    USING deleted
    WHERE v.user_id = deleted.id AND v.verified_at IS NULL
)

SELECT deleted.id, deleted.deleted_at AS "deleted_at!" FROM deleted;

-- name: restore_user :opt
-- Take back a soft delete, and return the account; None where there is no such deleted account.
--
-- It is refused by the unique index users_email_key when a live account has the address meanwhile. An account that
-- anonymise_user has ended has no owner, and stays deleted.
-- include-deleted
-- row: UserSummary
WITH restored AS (
    UPDATE auth.users AS u
    SET deleted_at = NULL, updated_at = now()
    WHERE u.id = :id AND u.deleted_at IS NOT NULL AND u.email <> 'anonymised-' || u.id || '@invalid.example'
    RETURNING u.id, u.email, u.name, u.role
),

-- What was being made when the account was deleted, and delete_user could not see.
revoked AS (
    UPDATE auth.sessions AS s
    SET revoked_at = now(), updated_at = now()
    FROM restored
    WHERE s.user_id = restored.id AND s.revoked_at IS NULL
),

voided_resets AS (
    DELETE FROM auth.password_resets AS r
    USING restored
    WHERE r.user_id = restored.id AND r.used_at IS NULL
),

voided_verifications AS (
    DELETE FROM auth.email_verifications AS v
    USING restored
    WHERE v.user_id = restored.id AND v.verified_at IS NULL
)

SELECT restored.id, restored.email, restored.name, restored.role FROM restored;

-- name: list_deleted_users :many
-- The deleted accounts that had this e-mail address, the last deleted first: to find the one to restore.
-- include-deleted
SELECT u.id, u.email, u.name, u.role, u.deleted_at
FROM auth.users AS u
WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NOT NULL
ORDER BY u.deleted_at DESC, u.id
LIMIT :limit;
