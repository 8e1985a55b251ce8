-- Which languages a learner has taken up: at most one enrolment for each, and its moves.
--
-- ACTIVE and PAUSED change into each other; either can be completed or dropped; enrolling again takes up what was
-- dropped. A move that is none gives None, and changes nothing.

-- name: enroll :opt
-- Enrol in a language. A repeated call returns the existing row; a dropped enrolment is reopened, a paused one stays.
--
-- None where there is no such live learner, and where the language is not open; who is enrolled already continues.
INSERT INTO learning.language_enrollments AS e (user_id, language_id)
SELECT u.id AS user_id, l.id AS language_id
FROM auth.users AS u
CROSS JOIN learning.programming_languages AS l
WHERE
    u.id = :user_id
    AND u.deleted_at IS NULL
    AND l.id = :language_id
    AND l.deleted_at IS NULL
    AND (
        l.is_active
        OR EXISTS (
            SELECT FROM learning.language_enrollments AS known
            WHERE known.user_id = u.id AND known.language_id = l.id AND known.status <> 'DROPPED'
        )
    )
ON CONFLICT (user_id, language_id) DO UPDATE
    SET
        status = CASE WHEN e.status = 'DROPPED' THEN 'ACTIVE' ELSE e.status END,
        enrolled_at = CASE WHEN e.status = 'DROPPED' THEN now() ELSE e.enrolled_at END,
        updated_at = now()
RETURNING e.user_id, e.id, e.language_id, e.status, e.enrolled_at, e.completed_at;

-- name: pause_enrollment :opt
-- Let an active enrolment rest.
-- row: EnrollmentState
UPDATE learning.language_enrollments AS e
SET status = 'PAUSED', updated_at = now()
WHERE e.user_id = :user_id AND e.language_id = :language_id AND e.status = 'ACTIVE'
RETURNING e.language_id, e.status, e.completed_at;

-- name: resume_enrollment :opt
-- Go on with a paused enrolment.
-- row: EnrollmentState
UPDATE learning.language_enrollments AS e
SET status = 'ACTIVE', updated_at = now()
WHERE e.user_id = :user_id AND e.language_id = :language_id AND e.status = 'PAUSED'
RETURNING e.language_id, e.status, e.completed_at;

-- name: drop_enrollment :opt
-- Give a language up. What was done in it stays, and counts again for who enrols again.
-- row: EnrollmentState
UPDATE learning.language_enrollments AS e
SET status = 'DROPPED', updated_at = now()
WHERE e.user_id = :user_id AND e.language_id = :language_id AND e.status IN ('ACTIVE', 'PAUSED')
RETURNING e.language_id, e.status, e.completed_at;

-- name: complete_enrollment :opt
-- End a language whose published modules are all completed; None where one is not, and where there is none. A module
-- that has nothing to do in it any more does not count.
-- row: EnrollmentState
UPDATE learning.language_enrollments AS e
SET status = 'COMPLETED', completed_at = greatest(now(), e.enrolled_at), updated_at = now()
WHERE
    e.user_id = :user_id
    AND e.language_id = :language_id
    AND e.status IN ('ACTIVE', 'PAUSED')
    -- Not true where there is no module at all.
    AND (
        SELECT bool_and(p.status IS NOT DISTINCT FROM 'COMPLETED') AS is_done
        FROM learning.modules AS m
        LEFT JOIN learning.module_progress AS p ON m.id = p.module_id AND p.user_id = e.user_id
        WHERE
            m.language_id = e.language_id
            AND m.is_published
            AND m.deleted_at IS NULL
            AND (
                EXISTS (
                    SELECT FROM learning.materials AS t
                    WHERE t.module_id = m.id AND t.is_published AND t.deleted_at IS NULL
                )
                OR EXISTS (
                    SELECT FROM learning.assignments AS a
                    WHERE a.module_id = m.id AND a.deleted_at IS NULL
                )
            )
    )
RETURNING e.language_id, e.status, e.completed_at;

-- name: get_enrollment :opt
-- A learner's enrolment in a language.
-- include-deleted
SELECT e.user_id, e.id, e.language_id, e.status, e.enrolled_at, e.completed_at
FROM learning.language_enrollments AS e
WHERE e.user_id = :user_id AND e.language_id = :language_id;

-- name: list_enrollments :many
-- A learner's enrolments with the percentage of each language, which is the mean of its published modules that have
-- something to do in them, rounded down; the newest first. Those that were dropped are left out.
SELECT
    e.user_id,
    e.id,
    e.status,
    e.enrolled_at,
    e.completed_at,
    l.id AS "language.id",
    l.slug AS "language.slug",
    l.name AS "language.name",
    l.icon_url AS "language.icon_url",
    count(m.id) AS modules,
    count(m.id) FILTER (WHERE p.status = 'COMPLETED') AS completed_modules,
    coalesce(floor(avg(coalesce(p.percent, 0)) FILTER (WHERE m.id IS NOT NULL))::integer, 0) AS percent
FROM learning.language_enrollments AS e
INNER JOIN learning.programming_languages AS l ON e.language_id = l.id
LEFT JOIN learning.modules AS m
    ON
        l.id = m.language_id
        AND m.is_published
        AND m.deleted_at IS NULL
        AND (
            EXISTS (
                SELECT FROM learning.materials AS t
                WHERE t.module_id = m.id AND t.is_published AND t.deleted_at IS NULL
            )
            OR EXISTS (
                SELECT FROM learning.assignments AS a
                WHERE a.module_id = m.id AND a.deleted_at IS NULL
            )
        )
LEFT JOIN learning.module_progress AS p ON m.id = p.module_id AND e.user_id = p.user_id
WHERE e.user_id = :user_id AND e.status <> 'DROPPED' AND l.deleted_at IS NULL
GROUP BY e.user_id, e.id, l.id
ORDER BY e.enrolled_at DESC, e.id DESC;
