-- Accounts at OAuth providers that sign in to ours. Tokens are encrypted by the caller.

-- name: find_oauth_login :opt
-- The live account that an account at a provider signs in to. None if no account has linked it, or only one that
-- is deleted.
-- across-users
SELECT
    a.id,
    a.provider,
    a.token_expires_at,
    u.id AS "user.id",
    u.email AS "user.email",
    u.name AS "user.name",
    u.role AS "user.role",
    u.email_verified_at AS "user.email_verified_at"
FROM auth.oauth_accounts AS a
INNER JOIN auth.users AS u ON a.user_id = u.id
WHERE
    a.provider = :provider
    AND a.provider_account_id = :provider_account_id
    AND u.deleted_at IS NULL;

-- name: register_oauth_user :opt
-- Open an account that signs in by a provider, and return it; in one statement, so there is never half of it.
--
-- The caller chooses both ids, which makes a second try harmless: it returns None, and find_oauth_login has the
-- account. An address of another live account is refused by the unique index users_email_key: its owner signs in and
-- links. An account at the provider that is linked to a live account is refused too, by the unique constraint
-- oauth_accounts_provider_provider_account_id_key; a deleted account loses it to the new one.
-- across-users
-- include-deleted
-- row: UserSummary
WITH holder AS MATERIALIZED (
    -- Looked at again once the lock is there: it may just be restored.
    SELECT u.id
    FROM auth.oauth_accounts AS a
    INNER JOIN auth.users AS u ON a.user_id = u.id
    WHERE
        a.provider = :provider
        AND a.provider_account_id = :provider_account_id
        AND u.deleted_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM auth.users AS taken
            WHERE taken.id = :user_id
        )
    FOR NO KEY UPDATE OF u
),

freed AS (
    DELETE FROM auth.oauth_accounts AS a
    USING holder
    WHERE a.user_id = holder.id AND a.provider = :provider AND a.provider_account_id = :provider_account_id
    RETURNING a.id
),

made AS (
    INSERT INTO auth.users (id, email, name, email_verified_at)
    SELECT :user_id, lower(:email), :name, CASE WHEN :email_is_verified THEN now() END
    -- Always true, and asked first: the old link is gone before the new one meets the unique constraint.
    WHERE (SELECT count(*) FROM freed) >= 0
    ON CONFLICT (id) DO NOTHING
    RETURNING id, email, name, role
),

linked AS (
    INSERT INTO auth.oauth_accounts (
        id, user_id, provider, provider_account_id, scopes,
        access_token_ciphertext, refresh_token_ciphertext, token_expires_at
    )
    SELECT
        :id, made.id, :provider, :provider_account_id, :scopes,
        :access_token_ciphertext, :refresh_token_ciphertext, :token_expires_at
    FROM made
)

SELECT made.id, made.email, made.name, made.role FROM made;

-- name: link_oauth_account :opt
-- Link an account at a provider to a live account of ours, or store its new tokens where it is linked already.
--
-- None where there is no such account of ours, or another account at the provider is linked to it: unlink that first.
-- One that is linked to another session is refused by the unique constraint
-- oauth_accounts_provider_provider_account_id_key; a deleted account loses it to this one.
-- across-users
-- include-deleted
WITH account AS MATERIALIZED (
    SELECT u.id
    FROM auth.users AS u
    WHERE u.id = :user_id AND u.deleted_at IS NULL
    FOR NO KEY UPDATE
),

holder AS MATERIALIZED (
    -- Looked at again once the lock is there: it may just be restored.
    SELECT u.id
    FROM account
    CROSS JOIN auth.oauth_accounts AS a
    INNER JOIN auth.users AS u ON a.user_id = u.id
    WHERE
        a.provider = :provider
        AND a.provider_account_id = :provider_account_id
        AND u.deleted_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM auth.oauth_accounts AS another
            WHERE another.user_id = :user_id AND another.provider = :provider
        )
    FOR NO KEY UPDATE OF u
),

freed AS (
    DELETE FROM auth.oauth_accounts AS a
    USING holder
    WHERE a.user_id = holder.id AND a.provider = :provider AND a.provider_account_id = :provider_account_id
    RETURNING a.id
)

INSERT INTO auth.oauth_accounts AS a (
    id, user_id, provider, provider_account_id, scopes,
    access_token_ciphertext, refresh_token_ciphertext, token_expires_at
)
SELECT
    :id, u.id, :provider, :provider_account_id, :scopes,
    :access_token_ciphertext, :refresh_token_ciphertext, :token_expires_at
FROM account AS u
-- Always true, and asked first: the old link is gone before the new one meets the unique constraint.
WHERE (SELECT count(*) FROM freed) >= 0
ON CONFLICT (user_id, provider) DO UPDATE
    SET
        scopes = excluded.scopes,
        access_token_ciphertext = excluded.access_token_ciphertext,
        refresh_token_ciphertext = coalesce(excluded.refresh_token_ciphertext, a.refresh_token_ciphertext),
        token_expires_at = excluded.token_expires_at,
        updated_at = now()
    WHERE a.provider_account_id = excluded.provider_account_id
RETURNING a.id, a.user_id, a.provider, a.created_at;

-- name: refresh_oauth_tokens :execrows
-- Store new tokens of a provider; a refresh token only with refresh_token_ciphertext, since most keep theirs.
UPDATE auth.oauth_accounts AS a
SET
    -- :if scopes
    scopes = :scopes,
    -- :end
    -- :if refresh_token_ciphertext
    refresh_token_ciphertext = :refresh_token_ciphertext,
    -- :end
    access_token_ciphertext = :access_token_ciphertext,
    token_expires_at = :token_expires_at,
    updated_at = now()
WHERE a.user_id = :user_id AND a.provider = :provider;

-- name: get_oauth_account :opt
-- The link of a user to a provider, with its tokens: to call the provider in the user's name.
SELECT
    a.id,
    a.user_id,
    a.provider,
    a.provider_account_id,
    a.scopes,
    a.access_token_ciphertext,
    a.refresh_token_ciphertext,
    a.token_expires_at,
    a.created_at,
    a.updated_at
FROM auth.oauth_accounts AS a
WHERE a.user_id = :user_id AND a.provider = :provider;

-- name: list_oauth_accounts :many
-- The providers that a user is linked to, without tokens.
SELECT a.id, a.provider, a.scopes, a.created_at
FROM auth.oauth_accounts AS a
WHERE a.user_id = :user_id
ORDER BY a.provider;

-- name: get_sign_in_methods :one
-- How a live account can sign in: whether it has a password, and the providers that it is linked to.
SELECT
    u.id,
    u.email,
    (u.password_hash IS NOT NULL) AS has_password,
    a.id AS "oauth_accounts[].id",
    a.provider AS "oauth_accounts[].provider",
    a.created_at AS "oauth_accounts[].created_at"
FROM auth.users AS u
LEFT JOIN auth.oauth_accounts AS a ON u.id = a.user_id
WHERE u.id = :user_id AND u.deleted_at IS NULL
ORDER BY u.id, a.provider;

-- name: unlink_oauth_account :execrows
-- Take the link to a provider away, unless it is the only way to sign in that is left. 0 where it stays.
--
-- All links of the user are locked first, in one order: of two calls at once the second counts what the first left.
WITH links AS (
    SELECT a.id, a.provider
    FROM auth.oauth_accounts AS a
    WHERE a.user_id = :user_id
    ORDER BY a.id
    FOR UPDATE
)

DELETE FROM auth.oauth_accounts AS a
USING links
WHERE
    a.user_id = :user_id
    AND a.id = links.id
    AND links.provider = :provider
    AND (
        (SELECT count(*) FROM links) > 1
        OR EXISTS (
            SELECT 1 FROM auth.users AS u
            WHERE u.id = :user_id AND u.password_hash IS NOT NULL AND u.deleted_at IS NULL
        )
    );
