-- Notifications. One is created only if the user accepts its kind on its channel; reading is recorded once.

-- name: notify :opt
-- Notify a user. The caller chooses the id: a repeated call returns the existing row.
--
-- None where the user does not want this kind by this channel, and where there is no such live user; also where the
-- id is that of another message, or of one that was deleted. Listeners on the channel codezest_notifications get the
-- ids of user and message, as JSON, once the transaction is committed.
WITH made AS (
    INSERT INTO notifications.notifications AS n (user_id, id, kind, channel, title, body, data)
    SELECT u.id AS user_id, :id, :kind, :channel, :title, :body, :data
    FROM auth.users AS u
    LEFT JOIN notifications.notification_preferences AS p
        ON u.id = p.user_id AND p.channel = :channel AND p.kind = :kind
    WHERE u.id = :user_id AND u.deleted_at IS NULL AND coalesce(p.enabled, TRUE)
    ON CONFLICT (user_id, id) DO UPDATE
        SET updated_at = now()
        WHERE
        n.kind = excluded.kind
        AND n.channel = excluded.channel
        AND n.title = excluded.title
        AND n.deleted_at IS NULL
    RETURNING n.user_id, n.id, n.kind, n.channel, n.created_at, n.read_at, n.created_at = n.updated_at AS is_new
)

SELECT m.user_id, m.id, m.kind, m.channel, m.created_at, m.read_at
FROM made AS m
WHERE
    -- CASE guarantees the order: an existing row notifies no listener.
    CASE
        WHEN m.is_new
            THEN
                pg_notify(
                    'codezest_notifications', jsonb_build_object('user_id', m.user_id, 'id', m.id)::text
                ) IS NOT NULL
        ELSE TRUE
    END;

-- name: count_unread :one
-- How many messages in the application were not read yet.
SELECT count(*) AS unread
FROM notifications.notifications AS n
WHERE n.user_id = :user_id AND n.channel = 'IN_APP' AND n.read_at IS NULL AND n.deleted_at IS NULL;

-- name: get_notification :opt
-- One message.
SELECT n.user_id, n.id, n.kind, n.channel, n.title, n.body, n.data, n.read_at, n.created_at
FROM notifications.notifications AS n
WHERE n.user_id = :user_id AND n.id = :id AND n.deleted_at IS NULL;

-- name: list_notifications :many
-- The messages in the application, the newest first; of those unread alone where :unread is given.
--
-- The next page begins behind the last row of this one: give its created_at and id as before and before_id.
SELECT n.user_id, n.id, n.kind, n.title, n.body, n.data, n.read_at, n.created_at
FROM notifications.notifications AS n
WHERE
    n.user_id = :user_id
    AND n.channel = 'IN_APP'
    AND n.deleted_at IS NULL
    -- :if unread
    AND n.read_at IS NULL
    -- :end
    -- :if before
    AND (n.created_at, n.id) < (:before, :before_id)
    -- :end
ORDER BY n.created_at DESC, n.id DESC
LIMIT :limit;

-- name: read_notification :opt
-- Note that a message was read; the first time counts.
UPDATE notifications.notifications AS n
SET read_at = coalesce(n.read_at, now()), updated_at = now()
WHERE n.user_id = :user_id AND n.id = :id AND n.deleted_at IS NULL
RETURNING n.id, n.read_at AS "read_at!";

-- name: read_notifications :execrows
-- Note that messages in the application were read: all, those up to a moment, or those whose ids are given.
--
-- Give the ids that were shown, and one that arrives meanwhile stays unread. A time is not enough: created_at is when
-- the transaction of a message began, and it can be committed later than one that is newer.
UPDATE notifications.notifications AS n
SET read_at = now(), updated_at = now()
WHERE
    n.user_id = :user_id
    -- :if until
    AND n.created_at <= :until
    -- :end
    -- :if ids
    AND n.id = ANY(:ids::uuid[])
    -- :end
    AND n.channel = 'IN_APP'
    AND n.read_at IS NULL
    AND n.deleted_at IS NULL;

-- name: delete_notification :execrows
-- Take a message away; 0 where there is none.
UPDATE notifications.notifications AS n
SET deleted_at = now(), updated_at = now()
WHERE n.user_id = :user_id AND n.id = :id AND n.deleted_at IS NULL;
