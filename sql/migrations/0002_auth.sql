-- depends: 0001_foundations
-- Who a person is and how they prove it. auth.users is the root that every user-owned row of the database hangs on.

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE TYPE auth.role AS ENUM ('ADMIN', 'INSTRUCTOR', 'STUDENT');
COMMENT ON TYPE auth.role IS 'What an account may do: run the platform, teach, or learn.';


-- Narrow and rarely written: every foreign key check in the database reads it. So there is no last-login column here;
-- auth.sessions.last_seen_at has it.
CREATE TABLE auth.users (
    id                uuid        NOT NULL DEFAULT gen_random_uuid(),
    email             text        NOT NULL,
    name              text        NOT NULL,
    password_hash     text,
    role              auth.role   NOT NULL DEFAULT 'STUDENT',
    email_verified_at timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at        timestamptz,

    CONSTRAINT users_id_pk PRIMARY KEY (id),
    CONSTRAINT users_email_check CHECK (email = lower(email) AND email LIKE '_%@_%')
);

-- Among live rows only, so that the address of a deleted account may sign up again. On lower(email), with which the
-- queries compare, although the CHECK already keeps capitals out: neither has to trust the other.
CREATE UNIQUE INDEX users_email_key ON auth.users (lower(email)) WHERE deleted_at IS NULL;
-- For administrators: the newest accounts, those of a role, and whether another administrator is left.
CREATE INDEX users_created_at_id_idx ON auth.users (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_role_id_idx ON auth.users (role, id) WHERE deleted_at IS NULL;
-- To find the deleted account that somebody wants back; small, whatever the size of the table.
CREATE INDEX users_email_idx ON auth.users (lower(email)) WHERE deleted_at IS NOT NULL;

COMMENT ON TABLE auth.users IS
'An account of a person. Soft-deleted; really deleted only by erase_user. Money rows forbid that: then anonymise_user.

Class: G';
COMMENT ON COLUMN auth.users.id IS 'Key; a client may choose it, which makes the insert idempotent.';
COMMENT ON COLUMN auth.users.email IS 'Address to sign in with, lower case; unique among live accounts.';
COMMENT ON COLUMN auth.users.name IS 'Name shown to others.';
COMMENT ON COLUMN auth.users.password_hash IS
'Salted password hash with its parameters; NULL for an account that signs in by OAuth only.';
COMMENT ON COLUMN auth.users.role IS 'What the account may do.';
COMMENT ON COLUMN auth.users.email_verified_at IS 'When the present address was proven; NULL until then.';
COMMENT ON COLUMN auth.users.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN auth.users.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN auth.users.deleted_at IS 'When the account was soft-deleted; NULL while it is live.';


-- One row for one user, so the key is the user alone and there is no id.
CREATE TABLE auth.user_profiles (
    user_id      uuid        NOT NULL,
    bio          text,
    avatar_url   text,
    location     text,
    timezone     text        NOT NULL DEFAULT 'UTC',
    locale       text        NOT NULL DEFAULT 'en',
    social_links jsonb       NOT NULL DEFAULT '{}',
    preferences  jsonb       NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT user_profiles_user_id_pk PRIMARY KEY (user_id),
    CONSTRAINT user_profiles_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT user_profiles_locale_check CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    CONSTRAINT user_profiles_social_links_check CHECK (jsonb_typeof(social_links) = 'object'),
    CONSTRAINT user_profiles_preferences_check CHECK (jsonb_typeof(preferences) = 'object')
);

COMMENT ON TABLE auth.user_profiles IS
'What a user tells about themselves; at most one row for a user. Apart from users, which stays narrow.

Class: U';
COMMENT ON COLUMN auth.user_profiles.user_id IS 'Owner, and the key: one profile for one user.';
COMMENT ON COLUMN auth.user_profiles.bio IS 'Self-description, Markdown.';
COMMENT ON COLUMN auth.user_profiles.avatar_url IS 'Picture of the user.';
COMMENT ON COLUMN auth.user_profiles.location IS 'Free text, as the user wrote it.';
COMMENT ON COLUMN auth.user_profiles.timezone IS
'IANA name of the time zone, such as Europe/Lisbon; for showing times and for quiet hours.';
COMMENT ON COLUMN auth.user_profiles.locale IS 'BCP 47 language tag, such as pt-BR.';
COMMENT ON COLUMN auth.user_profiles.social_links IS 'Object: name of a site to URL.';
COMMENT ON COLUMN auth.user_profiles.preferences IS 'Object: settings of the user interface.';
COMMENT ON COLUMN auth.user_profiles.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN auth.user_profiles.updated_at IS 'When the row was last changed; each UPDATE sets it.';


-- The bearer token carries the user id, so a lookup always has (user_id, token_hash): unique per user is enough.
CREATE TABLE auth.sessions (
    user_id      uuid        NOT NULL,
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    token_hash   bytea       NOT NULL,
    ip_address   inet,
    user_agent   text,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sessions_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT sessions_user_id_token_hash_key UNIQUE (user_id, token_hash),
    CONSTRAINT sessions_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    -- The length of a SHA-256: a token stored in clear by mistake does not fit.
    CONSTRAINT sessions_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_expires_at_created_at_check CHECK (expires_at > created_at)
);

-- The sweep of what has expired, over all users. last_seen_at is in no index, so touching a session stays cheap.
CREATE INDEX sessions_expires_at_idx ON auth.sessions (expires_at);

COMMENT ON TABLE auth.sessions IS
'A signed-in device. Valid while expires_at is ahead and revoked_at is NULL.

Class: U';
COMMENT ON COLUMN auth.sessions.user_id IS 'Owner.';
COMMENT ON COLUMN auth.sessions.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN auth.sessions.token_hash IS 'SHA-256 of the bearer token; the token itself is never stored.';
COMMENT ON COLUMN auth.sessions.ip_address IS 'Address of the last request.';
COMMENT ON COLUMN auth.sessions.user_agent IS 'User-Agent header at sign-in.';
COMMENT ON COLUMN auth.sessions.last_seen_at IS
'Last request of the session, to the minute or so: not written on each request.';
COMMENT ON COLUMN auth.sessions.expires_at IS 'From then on the session is not valid.';
COMMENT ON COLUMN auth.sessions.revoked_at IS
'When the session was ended by sign-out or by force; NULL while it is open.';
COMMENT ON COLUMN auth.sessions.created_at IS 'When the user signed in.';
COMMENT ON COLUMN auth.sessions.updated_at IS 'When the row was last changed; each UPDATE sets it.';


-- Global identity, not user-owned: a sign-in arrives with the provider's account and does not know the user yet.
CREATE TABLE auth.oauth_accounts (
    id                       uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id                  uuid        NOT NULL,
    provider                 text        NOT NULL,
    provider_account_id      text        NOT NULL,
    scopes                   text[]      NOT NULL DEFAULT '{}',
    access_token_ciphertext  bytea,
    refresh_token_ciphertext bytea,
    token_expires_at         timestamptz,
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT oauth_accounts_id_pk PRIMARY KEY (id),
    CONSTRAINT oauth_accounts_user_id_provider_key UNIQUE (user_id, provider),
    CONSTRAINT oauth_accounts_provider_provider_account_id_key UNIQUE (provider, provider_account_id),
    CONSTRAINT oauth_accounts_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT oauth_accounts_provider_check CHECK (provider IN ('GOOGLE', 'GITHUB'))
);

COMMENT ON TABLE auth.oauth_accounts IS
'An account at an OAuth provider that signs in to one of ours. One per user and provider.

Class: G';
COMMENT ON COLUMN auth.oauth_accounts.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN auth.oauth_accounts.user_id IS 'The account it signs in to.';
COMMENT ON COLUMN auth.oauth_accounts.provider IS 'GOOGLE or GITHUB.';
COMMENT ON COLUMN auth.oauth_accounts.provider_account_id IS
'The provider''s own, unchanging id of the account; not its e-mail address.';
COMMENT ON COLUMN auth.oauth_accounts.scopes IS 'Scopes that the user granted.';
COMMENT ON COLUMN auth.oauth_accounts.access_token_ciphertext IS
'Access token, encrypted by the caller; never clear text.';
COMMENT ON COLUMN auth.oauth_accounts.refresh_token_ciphertext IS
'Refresh token, encrypted by the caller; never clear text.';
COMMENT ON COLUMN auth.oauth_accounts.token_expires_at IS 'When the access token ends.';
COMMENT ON COLUMN auth.oauth_accounts.created_at IS 'When the account was linked.';
COMMENT ON COLUMN auth.oauth_accounts.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE auth.password_resets (
    user_id    uuid        NOT NULL,
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    token_hash bytea       NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT password_resets_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT password_resets_user_id_token_hash_key UNIQUE (user_id, token_hash),
    CONSTRAINT password_resets_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT password_resets_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT password_resets_expires_at_created_at_check CHECK (expires_at > created_at)
);

-- For the sweep of what has ended.
CREATE INDEX password_resets_expires_at_idx ON auth.password_resets (expires_at);

COMMENT ON TABLE auth.password_resets IS
'A link to set a new password. Valid once, until expires_at. The link carries the user id beside the token.

Class: U';
COMMENT ON COLUMN auth.password_resets.user_id IS 'Owner.';
COMMENT ON COLUMN auth.password_resets.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN auth.password_resets.token_hash IS
'SHA-256 of the token in the link; the token itself is never stored.';
COMMENT ON COLUMN auth.password_resets.expires_at IS 'From then on the link is not valid.';
COMMENT ON COLUMN auth.password_resets.used_at IS 'When the password was set with it; NULL until then.';
COMMENT ON COLUMN auth.password_resets.created_at IS 'When the link was asked for.';
COMMENT ON COLUMN auth.password_resets.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE auth.email_verifications (
    user_id     uuid        NOT NULL,
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    email       text        NOT NULL,
    token_hash  bytea       NOT NULL,
    expires_at  timestamptz NOT NULL,
    verified_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT email_verifications_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT email_verifications_user_id_token_hash_key UNIQUE (user_id, token_hash),
    CONSTRAINT email_verifications_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT email_verifications_email_check CHECK (email = lower(email) AND email LIKE '_%@_%'),
    CONSTRAINT email_verifications_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT email_verifications_expires_at_created_at_check CHECK (expires_at > created_at)
);

-- For the sweep of what has ended.
CREATE INDEX email_verifications_expires_at_idx ON auth.email_verifications (expires_at);

COMMENT ON TABLE auth.email_verifications IS
'A link that proves an e-mail address. Valid once, until expires_at. The link carries the user id beside the token.

Class: U';
COMMENT ON COLUMN auth.email_verifications.user_id IS 'Owner.';
COMMENT ON COLUMN auth.email_verifications.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN auth.email_verifications.email IS
'The address being proven, lower case; kept here because the user may change theirs meanwhile.';
COMMENT ON COLUMN auth.email_verifications.token_hash IS
'SHA-256 of the token in the link; the token itself is never stored.';
COMMENT ON COLUMN auth.email_verifications.expires_at IS 'From then on the link is not valid.';
COMMENT ON COLUMN auth.email_verifications.verified_at IS 'When the link was followed; NULL until then.';
COMMENT ON COLUMN auth.email_verifications.created_at IS 'When the link was sent.';
COMMENT ON COLUMN auth.email_verifications.updated_at IS 'When the row was last changed; each UPDATE sets it.';
