-- depends: 0002_auth
-- What people were told, by which channel, and what they want to hear. Channels, kinds and states are text with a
-- CHECK rather than enums: they change with the product, and a value can leave a CHECK, but not an enum.
-- lint: ignore-file foreign-key-locks-parent: every database of 1.0.0 begins with this file, before its first row

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';


CREATE TABLE notifications.notifications (
    user_id    uuid        NOT NULL,
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    kind       text        NOT NULL,
    channel    text        NOT NULL DEFAULT 'IN_APP',
    title      text        NOT NULL,
    body       text        NOT NULL,
    data       jsonb       NOT NULL DEFAULT '{}',
    read_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,

    CONSTRAINT notifications_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT notifications_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT notifications_kind_check
    CHECK (kind IN ('ACCOUNT', 'LEARNING', 'GRADING', 'BILLING', 'ANNOUNCEMENT')),
    CONSTRAINT notifications_channel_check CHECK (channel IN ('IN_APP', 'EMAIL', 'PUSH')),
    CONSTRAINT notifications_data_check CHECK (jsonb_typeof(data) = 'object')
);

CREATE INDEX notifications_user_id_created_at_id_idx ON notifications.notifications (user_id, created_at, id);
-- The unread ones, counted on every page: few, however many have been read.
CREATE INDEX notifications_user_id_created_at_id_read_at_idx
ON notifications.notifications (user_id, created_at, id) WHERE read_at IS NULL AND deleted_at IS NULL;

COMMENT ON TABLE notifications.notifications IS
'A message to a user.

Class: U';
COMMENT ON COLUMN notifications.notifications.user_id IS 'Owner: the recipient.';
COMMENT ON COLUMN notifications.notifications.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN notifications.notifications.kind IS
'What it is about: ACCOUNT, LEARNING, GRADING, BILLING or ANNOUNCEMENT.';
COMMENT ON COLUMN notifications.notifications.channel IS 'How it is delivered: IN_APP, EMAIL or PUSH.';
COMMENT ON COLUMN notifications.notifications.title IS 'Heading.';
COMMENT ON COLUMN notifications.notifications.body IS 'Text, Markdown.';
COMMENT ON COLUMN notifications.notifications.data IS 'Object: what the user interface needs to link to the matter.';
COMMENT ON COLUMN notifications.notifications.read_at IS 'When the user read it; NULL while unread.';
COMMENT ON COLUMN notifications.notifications.created_at IS 'When it was sent.';
COMMENT ON COLUMN notifications.notifications.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN notifications.notifications.deleted_at IS 'When the user removed it; NULL while it is live.';


CREATE TABLE notifications.notification_preferences (
    user_id          uuid        NOT NULL,
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    channel          text        NOT NULL,
    kind             text        NOT NULL,
    enabled          boolean     NOT NULL DEFAULT TRUE,
    -- A time of day without a zone, on purpose: the user's own clock (auth.user_profiles.timezone) on any day.
    quiet_hours_from time,
    quiet_hours_to   time,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT notification_preferences_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT notification_preferences_user_id_channel_kind_key UNIQUE (user_id, channel, kind),
    CONSTRAINT notification_preferences_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT notification_preferences_channel_check CHECK (channel IN ('IN_APP', 'EMAIL', 'PUSH')),
    CONSTRAINT notification_preferences_kind_check
    CHECK (kind IN ('ACCOUNT', 'LEARNING', 'GRADING', 'BILLING', 'ANNOUNCEMENT')),
    -- Both or neither. From may be later than to, for hours that span midnight; equal would be all day or never.
    CONSTRAINT notification_preferences_quiet_hours_from_quiet_hours_to_check
    CHECK ((quiet_hours_from IS NULL) = (quiet_hours_to IS NULL) AND quiet_hours_from <> quiet_hours_to)
);

COMMENT ON TABLE notifications.notification_preferences IS
'Whether a user wants one kind of message by one channel. Without a row the application''s default holds.

Class: U';
COMMENT ON COLUMN notifications.notification_preferences.user_id IS 'Owner.';
COMMENT ON COLUMN notifications.notification_preferences.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN notifications.notification_preferences.channel IS 'IN_APP, EMAIL or PUSH.';
COMMENT ON COLUMN notifications.notification_preferences.kind IS
'ACCOUNT, LEARNING, GRADING, BILLING or ANNOUNCEMENT.';
COMMENT ON COLUMN notifications.notification_preferences.enabled IS 'Whether such messages are delivered.';
COMMENT ON COLUMN notifications.notification_preferences.quiet_hours_from IS
'Start of the hours without messages, by the user''s clock.';
COMMENT ON COLUMN notifications.notification_preferences.quiet_hours_to IS
'End of these hours; the next day if it is earlier than the start.';
COMMENT ON COLUMN notifications.notification_preferences.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN notifications.notification_preferences.updated_at IS
'When the row was last changed; each UPDATE sets it.';


CREATE TABLE notifications.email_logs (
    user_id             uuid        NOT NULL,
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    to_address          text        NOT NULL,
    template            text        NOT NULL,
    subject             text        NOT NULL,
    state               text        NOT NULL DEFAULT 'QUEUED',
    provider_message_id text,
    error               text,
    sent_at             timestamptz,
    delivered_at        timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT email_logs_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT email_logs_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT email_logs_to_address_check CHECK (to_address = lower(to_address) AND to_address LIKE '_%@_%'),
    CONSTRAINT email_logs_state_check CHECK (state IN ('QUEUED', 'SENT', 'DELIVERED', 'BOUNCED', 'FAILED')),
    CONSTRAINT email_logs_state_sent_at_check
    CHECK (state NOT IN ('SENT', 'DELIVERED', 'BOUNCED') OR sent_at IS NOT NULL),
    CONSTRAINT email_logs_state_delivered_at_check CHECK (state <> 'DELIVERED' OR delivered_at IS NOT NULL)
);

-- The mail provider's webhooks know its own id only.
CREATE UNIQUE INDEX email_logs_provider_message_id_global_key ON notifications.email_logs (provider_message_id);

COMMENT ON TABLE notifications.email_logs IS
'An e-mail to a user, and what became of it. The text is not kept: the template and the subject tell what it was.

Class: U';
COMMENT ON COLUMN notifications.email_logs.user_id IS 'Owner: the recipient.';
COMMENT ON COLUMN notifications.email_logs.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN notifications.email_logs.to_address IS 'Address at the time, lower case.';
COMMENT ON COLUMN notifications.email_logs.template IS 'Name of the template.';
COMMENT ON COLUMN notifications.email_logs.subject IS 'Subject line.';
COMMENT ON COLUMN notifications.email_logs.state IS
'QUEUED, SENT, DELIVERED, BOUNCED or FAILED (never accepted by the provider).';
COMMENT ON COLUMN notifications.email_logs.provider_message_id IS
'The provider''s id of the message; unique over all users; NULL until it is accepted.';
COMMENT ON COLUMN notifications.email_logs.error IS 'Why it was BOUNCED or FAILED.';
COMMENT ON COLUMN notifications.email_logs.sent_at IS 'When the provider accepted it.';
COMMENT ON COLUMN notifications.email_logs.delivered_at IS 'When the recipient''s server accepted it.';
COMMENT ON COLUMN notifications.email_logs.created_at IS 'When it was queued.';
COMMENT ON COLUMN notifications.email_logs.updated_at IS 'When the row was last changed; each UPDATE sets it.';
