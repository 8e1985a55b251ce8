-- Profiles: what users publish about themselves, at most one for an account.

-- name: find_profile :opt
-- The profile of a user, whole. None where there is none yet.
SELECT
    p.user_id,
    p.bio,
    p.avatar_url,
    p.location,
    p.timezone,
    p.locale,
    p.social_links,
    p.preferences,
    p.created_at,
    p.updated_at
FROM auth.user_profiles AS p
WHERE p.user_id = :user_id;

-- name: get_public_profile :opt
-- What others may see of a user: the profile, and whose it is. None where there is none, or the account is deleted.
SELECT
    p.user_id,
    p.bio,
    p.avatar_url,
    p.location,
    p.social_links,
    u.id AS "user.id",
    u.name AS "user.name",
    u.role AS "user.role"
FROM auth.user_profiles AS p
INNER JOIN auth.users AS u ON p.user_id = u.id
WHERE p.user_id = :user_id AND u.deleted_at IS NULL;

-- name: upsert_profile :opt
-- Create or update the profile of a live account, and return it.
--
-- Its preferences stay: merge_preferences changes them. None where there is no such account. A time zone that is none
-- of the names that PostgreSQL knows is refused (22023, InvalidValue): code that shows times to the user relies on
-- it.
INSERT INTO auth.user_profiles AS p (user_id, bio, avatar_url, location, timezone, locale, social_links)
SELECT u.id, :bio, :avatar_url, :location, :timezone, :locale, :social_links
FROM auth.users AS u
WHERE
    u.id = :user_id
    AND u.deleted_at IS NULL
    AND now() AT TIME ZONE CASE
        WHEN
            EXISTS (
                SELECT FROM pg_timezone_names AS z
                WHERE z.name = :timezone
            )
            THEN :timezone
        -- No zone to PostgreSQL either, which would take Lisbon5 for a place five hours behind.
        ELSE 'unknown: ' || translate(:timezone, '0123456789,+-', '')
    END IS NOT NULL
ON CONFLICT (user_id) DO UPDATE
    SET
        bio = excluded.bio,
        avatar_url = excluded.avatar_url,
        location = excluded.location,
        timezone = excluded.timezone,
        locale = excluded.locale,
        social_links = excluded.social_links,
        updated_at = now()
RETURNING
    p.user_id,
    p.bio,
    p.avatar_url,
    p.location,
    p.timezone,
    p.locale,
    p.social_links,
    p.preferences,
    p.created_at,
    p.updated_at;

-- name: update_profile :opt
-- Change what is given and nothing else, and return the profile. None where there is none yet. A time zone is
-- checked as upsert_profile does.
UPDATE auth.user_profiles AS p
SET
    -- :if bio
    bio = :bio,
    -- :end
    -- :if avatar_url
    avatar_url = :avatar_url,
    -- :end
    -- :if location
    location = :location,
    -- :end
    -- :if timezone
    timezone = :timezone,
    -- :end
    -- :if locale
    locale = :locale,
    -- :end
    -- :if social_links
    social_links = :social_links,
    -- :end
    updated_at = now()
WHERE
    p.user_id = :user_id
    -- :if timezone
    AND now() AT TIME ZONE CASE
        WHEN
            EXISTS (
                SELECT FROM pg_timezone_names AS z
                WHERE z.name = :timezone
            )
            THEN :timezone
        -- No zone to PostgreSQL either, which would take Lisbon5 for a place five hours behind.
        ELSE 'unknown: ' || translate(:timezone, '0123456789,+-', '')
    END IS NOT NULL
    -- :end
RETURNING
    p.user_id,
    p.bio,
    p.avatar_url,
    p.location,
    p.timezone,
    p.locale,
    p.social_links,
    p.preferences,
    p.created_at,
    p.updated_at;

-- name: merge_preferences :opt
-- Set the given preferences of a live account, keep its others, and return them all. Two calls at once lose nothing.
INSERT INTO auth.user_profiles AS p (user_id, preferences)
SELECT u.id, :preferences
FROM auth.users AS u
WHERE u.id = :user_id AND u.deleted_at IS NULL
ON CONFLICT (user_id) DO UPDATE
    SET preferences = p.preferences || excluded.preferences, updated_at = now()
RETURNING p.preferences;
