-- The notifications that a user accepts, by kind and channel. Without a row, a notification is accepted.

-- name: list_preferences :many
-- All choices that there are, those that were never made as they hold: wanted, at any hour.
WITH choices AS (
    SELECT c.channel, k.kind
    FROM unnest(ARRAY['IN_APP', 'EMAIL', 'PUSH']) AS c (channel)
    CROSS JOIN unnest(ARRAY['ACCOUNT', 'LEARNING', 'GRADING', 'BILLING', 'ANNOUNCEMENT']) AS k (kind)
)

SELECT
    c.channel AS "channel!",
    c.kind AS "kind!",
    coalesce(p.enabled, TRUE) AS enabled,
    p.quiet_hours_from,
    p.quiet_hours_to
FROM choices AS c
LEFT JOIN notifications.notification_preferences AS p
    ON c.channel = p.channel AND c.kind = p.kind AND p.user_id = :user_id
ORDER BY c.kind, c.channel;

-- name: set_preference :opt
-- Choose whether one kind of message comes by one channel, and in which hours it does not: both NULL for none.
--
-- None where there is no such live user. A channel, kind or hours that are none are refused by the table's CHECKs.
INSERT INTO notifications.notification_preferences AS p
(user_id, channel, kind, enabled, quiet_hours_from, quiet_hours_to)
SELECT u.id AS user_id, :channel, :kind, :enabled, :quiet_hours_from, :quiet_hours_to
FROM auth.users AS u
WHERE u.id = :user_id AND u.deleted_at IS NULL
ON CONFLICT (user_id, channel, kind) DO UPDATE
    SET
        enabled = excluded.enabled,
        quiet_hours_from = excluded.quiet_hours_from,
        quiet_hours_to = excluded.quiet_hours_to,
        updated_at = now()
RETURNING p.channel, p.kind, p.enabled, p.quiet_hours_from, p.quiet_hours_to;

-- name: may_disturb :opt
-- Whether a message of this kind may go out by this channel now: it is wanted, and these are no quiet hours by the
-- user's own clock. None where there is no such live user.
WITH wanted AS (
    SELECT
        coalesce(p.enabled, TRUE) AS is_wanted,
        p.quiet_hours_from AS quiet_from,
        p.quiet_hours_to AS quiet_to,
        (:at::timestamptz AT TIME ZONE coalesce(f.timezone, 'UTC'))::time AS clock
    FROM auth.users AS u
    LEFT JOIN auth.user_profiles AS f ON u.id = f.user_id
    LEFT JOIN notifications.notification_preferences AS p
        ON u.id = p.user_id AND p.channel = :channel AND p.kind = :kind
    WHERE u.id = :user_id AND u.deleted_at IS NULL
)

SELECT
    w.is_wanted,
    w.is_wanted
    AND NOT coalesce(
        CASE
            WHEN w.quiet_from < w.quiet_to THEN w.clock >= w.quiet_from AND w.clock < w.quiet_to
            -- Over midnight.
            ELSE w.clock >= w.quiet_from OR w.clock < w.quiet_to
        END,
        FALSE
    ) AS may_disturb
FROM wanted AS w;
