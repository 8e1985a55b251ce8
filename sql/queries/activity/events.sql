-- What visitors did in the product, and what follows from it. One without an account has a random uuid as user_id.

-- name: record_event :opt
-- Note an event. The caller chooses id and moment: the same again is harmless, and gives None.
--
-- None also where it is not of an anonymous visitor, and there is no such live user.
INSERT INTO activity.analytics_events AS v
(user_id, occurred_at, id, name, is_anonymous, session_id, properties, url, referrer)
SELECT :user_id, :occurred_at, :id, :name, :is_anonymous, :session_id, :properties, :url, :referrer
WHERE
    :is_anonymous
    OR EXISTS (
        SELECT FROM auth.users AS u
        WHERE u.id = :user_id AND u.deleted_at IS NULL
    )
ON CONFLICT (user_id, occurred_at, id) DO NOTHING
RETURNING v.user_id, v.occurred_at, v.id;

-- name: record_events :copyfrom
-- Record many events. Whether the users exist is not checked; erase_user deletes events without a user, too.
INSERT INTO activity.analytics_events
(user_id, occurred_at, id, name, is_anonymous, session_id, properties, url, referrer)
VALUES (:user_id, :occurred_at, :id, :name, :is_anonymous, :session_id, :properties, :url, :referrer);

-- name: count_events_by_day :many
-- How often an event happened on each day of UTC, and to how many visitors.
-- across-users
SELECT
    (v.occurred_at AT TIME ZONE 'UTC')::date AS "day!",
    count(*) AS events,
    count(DISTINCT v.user_id) AS visitors
FROM activity.analytics_events AS v
WHERE v.name = :name AND v.occurred_at >= :since AND v.occurred_at < :until
GROUP BY "day!"
ORDER BY "day!";

-- name: get_funnel :many
-- How many visitors did the named steps one after the other, each at least as late as the one before, within a time.
--
-- A step counts those who did all before it too; one after the other at the same moment counts, but for a name that
-- is there twice: again is later.
-- across-users
WITH RECURSIVE steps AS (
    SELECT s.name, s.number::integer AS number, s.number > array_position(:names, s.name) AS is_repeated
    FROM unnest(:names::text[]) WITH ORDINALITY AS s (name, number)
),

reached AS (
    SELECT v.user_id, s.number, min(v.occurred_at) AS at
    FROM steps AS s
    INNER JOIN activity.analytics_events AS v ON s.name = v.name
    WHERE s.number = 1 AND v.occurred_at >= :since AND v.occurred_at < :until
    GROUP BY v.user_id, s.number
    UNION ALL
    SELECT r.user_id, s.number, following.at
    FROM reached AS r
    INNER JOIN steps AS s ON r.number + 1 = s.number
    CROSS JOIN
        LATERAL (
            SELECT min(v.occurred_at) AS at
            FROM activity.analytics_events AS v
            WHERE
                v.user_id = r.user_id
                AND v.name = s.name
                AND v.occurred_at >= r.at
                AND (v.occurred_at > r.at OR NOT s.is_repeated)
                AND v.occurred_at < :until
        ) AS following
    WHERE following.at IS NOT NULL
)

SELECT s.number, s.name, count(r.user_id) AS visitors
FROM steps AS s
LEFT JOIN reached AS r ON s.number = r.number
GROUP BY s.number, s.name
ORDER BY s.number;

-- name: get_retention :many
-- Of those whose first event between two moments was in a week, how many came back in each later week. Weeks begin on
-- Monday, in UTC; week 0 is the first one itself.
-- across-users
WITH weeks AS (
    SELECT DISTINCT v.user_id, date_trunc('week', v.occurred_at, 'UTC') AS week
    FROM activity.analytics_events AS v
    WHERE v.occurred_at >= :since AND v.occurred_at < :until
),

cohorts AS (
    SELECT w.user_id, min(w.week) AS cohort
    FROM weeks AS w
    GROUP BY w.user_id
)

SELECT
    (c.cohort AT TIME ZONE 'UTC')::date AS "cohort!",
    ((w.week AT TIME ZONE 'UTC')::date - (c.cohort AT TIME ZONE 'UTC')::date) / 7 AS "week!",
    count(*) AS visitors
FROM cohorts AS c
INNER JOIN weeks AS w ON c.user_id = w.user_id
GROUP BY c.cohort, w.week
ORDER BY c.cohort, w.week;

-- name: list_partition_months_left :many
-- For each table of the feed and the events, how many months, this one included, have a partition; 0 means that
-- inserts fail now.
SELECT m.table_name AS "table_name!", m.months_left AS "months_left!", m.covered_until
FROM activity.partition_months_left() AS m
ORDER BY m.table_name;
