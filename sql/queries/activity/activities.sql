-- The activity feed of a user. Rows are only added. Where a month has no partition, an insert is refused (23514):
-- codezest-sql platform partitions creates them ahead of time, and events.list_partition_months_left counts them.

-- name: record_activity :opt
-- Record an activity. The caller chooses id and time: a repeated call is harmless, and returns None.
--
-- None also where there is no such user.
INSERT INTO activity.user_activities AS a
(user_id, occurred_at, id, action, entity_type, entity_id, metadata)
SELECT u.id AS user_id, :occurred_at, :id, :action, :entity_type, :entity_id, :metadata
FROM auth.users AS u
WHERE u.id = :user_id AND u.deleted_at IS NULL
ON CONFLICT (user_id, occurred_at, id) DO NOTHING
RETURNING a.user_id, a.occurred_at, a.id;

-- name: record_activities :copyfrom
-- Note what many did at once.
INSERT INTO activity.user_activities (user_id, occurred_at, id, action, entity_type, entity_id, metadata)
VALUES (:user_id, :occurred_at, :id, :action, :entity_type, :entity_id, :metadata);

-- name: get_feed :many
-- The activities of a user, newest first.
--
-- The next page begins behind the last row of this one: give its occurred_at and id as before and before_id.
SELECT a.occurred_at, a.id, a.action, a.entity_type, a.entity_id, a.metadata
FROM activity.user_activities AS a
WHERE
    a.user_id = :user_id
    -- :if action
    AND a.action = :action
    -- :end
    -- :if before
    AND (a.occurred_at, a.id) < (:before, :before_id)
    -- :end
ORDER BY a.occurred_at DESC, a.id DESC
LIMIT :limit;

-- name: count_by_day :many
-- The number of activities on each day between two times, the second one excluded. Days are those of the time zone;
-- those without anything are there too.
WITH counted AS (
    SELECT (a.occurred_at AT TIME ZONE :timezone)::date AS day, count(*) AS activities
    FROM activity.user_activities AS a
    WHERE a.user_id = :user_id AND a.occurred_at >= :since AND a.occurred_at < :until
    GROUP BY day
)

SELECT d.day::date AS "day!", coalesce(c.activities, 0) AS activities
FROM
    generate_series(
        -- Of timestamps without a zone: dates would be taken in that of the session, where a day may lack midnight.
        (:since AT TIME ZONE :timezone)::date::timestamp,
        ((:until - interval '1 microsecond') AT TIME ZONE :timezone)::date::timestamp,
        interval '1 day'
    ) AS d (day)
LEFT JOIN counted AS c ON d.day::date = c.day
ORDER BY d.day;
