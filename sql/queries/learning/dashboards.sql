-- What learners and instructors see first: much of the schema in one answer, for reading only.
--
-- Percentages are made here and rounded down: 100 means all. Those of a learner's modules are as they were kept when
-- the learner last recorded something there (refresh_module_progress), though materials may have come and gone since.

-- name: get_learner_dashboard :opt
-- A learner's dashboard: languages with their percentage and the module to continue with, the days in a row, the last
-- submissions and the last quiz results, the newest first, at most so many of each.
--
-- A language's percentage is the mean of those of its published modules, but for those with nothing to do in them any
-- more. The module to continue with is the last one worked on, else the first that is not completed; None where
-- all are. Days are those of the time zone, on which the learner handed in code or began a quiz: in a row up to today
-- or yesterday, of the last 366. None where there is no such live account.
WITH active_days AS (
    SELECT (s.submitted_at AT TIME ZONE :timezone)::date AS day
    FROM learning.assignment_submissions AS s
    WHERE s.user_id = :user_id AND s.submitted_at > now() - interval '366 days'
    UNION
    SELECT (t.started_at AT TIME ZONE :timezone)::date AS day
    FROM learning.mcq_attempts AS t
    WHERE t.user_id = :user_id AND t.started_at > now() - interval '366 days'
),

ranked_days AS (
    -- Days in a row have the same sum of day and rank.
    SELECT d.day, d.day + row_number() OVER (ORDER BY d.day DESC)::integer AS run FROM active_days AS d
),

streak AS (
    SELECT count(*) AS days
    FROM ranked_days AS d
    WHERE
        d.run = (SELECT max(run_of.run) FROM ranked_days AS run_of)
        AND d.run > (now() AT TIME ZONE :timezone)::date - 1
),

last_submissions AS (
    SELECT s.id, s.assignment_id, a.title, s.attempt_number, s.status, s.score, a.max_score, s.submitted_at
    FROM learning.assignment_submissions AS s
    INNER JOIN learning.assignments AS a ON s.assignment_id = a.id
    WHERE s.user_id = :user_id AND a.deleted_at IS NULL
    ORDER BY s.submitted_at DESC, s.id DESC
    LIMIT :limit
),

last_results AS (
    SELECT
        t.id,
        t.quiz_id,
        z.title,
        t.attempt_number,
        100 * t.score::bigint / nullif(t.max_score, 0) AS percent,
        coalesce(t.passed, FALSE) AS passed,
        t.completed_at
    FROM learning.mcq_attempts AS t
    INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
    WHERE t.user_id = :user_id AND t.completed_at IS NOT NULL AND z.deleted_at IS NULL
    ORDER BY t.completed_at DESC, t.id DESC
    LIMIT :limit
),

enrolled AS (
    SELECT e.user_id, e.id, e.status, e.enrolled_at, l.id AS language_id, l.slug, l.name
    FROM learning.language_enrollments AS e
    INNER JOIN learning.programming_languages AS l ON e.language_id = l.id
    WHERE e.user_id = :user_id AND e.status <> 'DROPPED' AND l.deleted_at IS NULL
),

modules AS (
    SELECT
        m.id,
        m.language_id,
        m.title,
        m.position,
        coalesce(p.percent, 0) AS percent,
        coalesce(p.status, 'NOT_STARTED') AS status,
        CASE WHEN p.status = 'IN_PROGRESS' THEN p.updated_at END AS worked_on_at
    FROM enrolled AS e
    INNER JOIN learning.modules AS m ON e.language_id = m.language_id
    LEFT JOIN learning.module_progress AS p ON m.id = p.module_id AND p.user_id = :user_id
    WHERE
        m.is_published
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
),

courses AS (
    SELECT
        m.language_id,
        count(*) AS modules,
        count(*) FILTER (WHERE m.status = 'COMPLETED') AS completed_modules,
        floor(avg(m.percent))::integer AS percent
    FROM modules AS m
    GROUP BY m.language_id
),

current_modules AS (
    SELECT DISTINCT ON (m.language_id) m.language_id, m.id, m.title, m.percent
    FROM modules AS m
    WHERE m.status <> 'COMPLETED'
    ORDER BY m.language_id, m.worked_on_at DESC NULLS LAST, m.position, m.id
)

SELECT
    u.id,
    u.name,
    streak.days AS streak_days,
    e.user_id AS "enrollments[].user_id",
    e.id AS "enrollments[].id",
    e.slug AS "enrollments[].language",
    e.name AS "enrollments[].language_name",
    e.status AS "enrollments[].status",
    e.enrolled_at AS "enrollments[].enrolled_at",
    coalesce(k.modules, 0) AS "enrollments[].modules",
    coalesce(k.completed_modules, 0) AS "enrollments[].completed_modules",
    coalesce(k.percent, 0) AS "enrollments[].percent",
    c.id AS "enrollments[].current_module.id",
    c.title AS "enrollments[].current_module.title",
    c.percent AS "enrollments[].current_module.percent",
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'id', s.id,
                        'assignment_id', s.assignment_id,
                        'title', s.title,
                        'attempt_number', s.attempt_number,
                        'status', s.status,
                        'score', s.score,
                        'max_score', s.max_score,
                        'submitted_at', s.submitted_at
                    )
                    ORDER BY s.submitted_at DESC, s.id DESC
                ) AS items
            FROM last_submissions AS s
        ),
        '[]'
    ) AS submissions,
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'id', t.id,
                        'quiz_id', t.quiz_id,
                        'title', t.title,
                        'attempt_number', t.attempt_number,
                        'percent', t.percent,
                        'passed', t.passed,
                        'completed_at', t.completed_at
                    )
                    ORDER BY t.completed_at DESC, t.id DESC
                ) AS items
            FROM last_results AS t
        ),
        '[]'
    ) AS quiz_results
FROM auth.users AS u
CROSS JOIN streak
LEFT JOIN enrolled AS e ON u.id = e.user_id
LEFT JOIN courses AS k ON e.language_id = k.language_id
LEFT JOIN current_modules AS c ON e.language_id = c.language_id
WHERE
    u.id = :user_id
    AND u.deleted_at IS NULL
    -- An unknown time zone is refused even if there is no day to return.
    AND now() AT TIME ZONE :timezone > '-infinity'
ORDER BY e.enrolled_at, e.id;

-- name: get_module_dashboard :opt
-- How learners do in a module: how many began and completed it, mean scores, and the hardest assignments and
-- questions, at most so many of each.
--
-- A learner counts at an assignment with the best graded submission, and at a question in each completed attempt
-- whose quiz had it; no answer is a wrong one. Hard is what few pass or answer right. Learners whose account is gone
-- do not count. A percentage is None where there is nothing to make it of. No row where there is no such module.
-- across-users
WITH progress AS (
    SELECT
        count(*) AS learners,
        count(*) FILTER (WHERE p.status = 'COMPLETED') AS completed,
        floor(avg(p.percent))::integer AS average_percent
    FROM learning.module_progress AS p
    INNER JOIN auth.users AS u ON p.user_id = u.id
    WHERE p.module_id = :module_id AND p.status <> 'NOT_STARTED' AND u.deleted_at IS NULL
),

best_submissions AS (
    SELECT DISTINCT ON (s.user_id, a.id)
        a.id AS assignment_id,
        s.status = 'PASSED' AS passed,
        100.0 * least(coalesce(s.score, 0), a.max_score) / a.max_score AS percent
    FROM learning.assignments AS a
    INNER JOIN learning.assignment_submissions AS s ON a.id = s.assignment_id
    INNER JOIN auth.users AS u ON s.user_id = u.id
    WHERE
        a.module_id = :module_id
        AND a.deleted_at IS NULL
        AND s.status IN ('PASSED', 'FAILED')
        AND u.deleted_at IS NULL
    ORDER BY s.user_id, a.id, s.status = 'PASSED' DESC, s.score DESC NULLS LAST
),

completed_attempts AS (
    SELECT t.user_id, t.id, t.quiz_id, t.started_at, 100.0 * t.score / nullif(t.max_score, 0) AS percent
    FROM learning.mcq_quizzes AS z
    INNER JOIN learning.mcq_attempts AS t ON z.id = t.quiz_id
    INNER JOIN auth.users AS u ON t.user_id = u.id
    WHERE z.module_id = :module_id AND z.deleted_at IS NULL AND t.status = 'COMPLETED' AND u.deleted_at IS NULL
),

-- In both lists of the hardest, a group is never empty; coalesce makes the type NOT NULL.
hardest_assignments AS (
    SELECT
        a.id,
        a.title,
        count(*) AS learners,
        coalesce(100 * count(*) FILTER (WHERE b.passed) / count(*), 0) AS passed_percent,
        count(*) FILTER (WHERE b.passed)::numeric / count(*) AS share,
        avg(b.percent) AS average_percent
    FROM learning.assignments AS a
    INNER JOIN best_submissions AS b ON a.id = b.assignment_id
    WHERE a.deleted_at IS NULL
    GROUP BY a.id
    ORDER BY share, average_percent, a.id
    LIMIT :limit
),

hardest_questions AS (
    SELECT
        q.id,
        q.quiz_id,
        q.prompt,
        count(*) AS asked,
        coalesce(100 * count(*) FILTER (WHERE w.is_correct) / count(*), 0) AS right_percent,
        count(*) FILTER (WHERE w.is_correct)::numeric / count(*) AS share
    FROM completed_attempts AS t
    INNER JOIN learning.mcq_questions AS q ON t.quiz_id = q.quiz_id AND t.started_at >= q.created_at
    LEFT JOIN learning.mcq_answers AS w ON t.user_id = w.user_id AND t.id = w.attempt_id AND q.id = w.question_id
    WHERE q.deleted_at IS NULL
    GROUP BY q.id
    ORDER BY share, q.id
    LIMIT :limit
)

SELECT
    m.id,
    m.title,
    m.is_published,
    p.learners,
    p.completed,
    100 * p.completed / nullif(p.learners, 0) AS completed_percent,
    p.average_percent,
    (SELECT floor(avg(b.percent))::integer FROM best_submissions AS b) AS assignments_score_percent,
    (SELECT floor(avg(t.percent))::integer FROM completed_attempts AS t) AS quizzes_score_percent,
    a.id AS "hardest_assignments[].id",
    a.title AS "hardest_assignments[].title",
    a.learners AS "hardest_assignments[].learners",
    a.passed_percent AS "hardest_assignments[].passed_percent",
    floor(a.average_percent)::integer AS "hardest_assignments[].average_score_percent",
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'id', q.id,
                        'quiz_id', q.quiz_id,
                        'prompt', q.prompt,
                        'asked', q.asked,
                        'right_percent', q.right_percent
                    )
                    ORDER BY q.share, q.id
                ) AS items
            FROM hardest_questions AS q
        ),
        '[]'
    ) AS hardest_questions
FROM learning.modules AS m
CROSS JOIN progress AS p
LEFT JOIN hardest_assignments AS a ON TRUE
WHERE m.id = :module_id AND m.deleted_at IS NULL
ORDER BY a.share, a.average_percent, a.id;

-- name: list_review_queue :many
-- A page of what waits for review in the modules that an instructor made: submissions and attempts about which only a
-- model spoke, the longest waiting first. Each row has either a submission_id or an attempt_id.
--
-- The next page begins behind the last row of this one: give its waits_since and analysis_id as after and id_after.
-- Nothing for whom is no live INSTRUCTOR or ADMIN, and never the instructor's own work. What waits in the modules of
-- others is in list_submissions_to_review and list_attempts_to_review.
-- across-users
-- include-deleted
WITH taught AS (
    SELECT m.id, m.title, r.id AS instructor_id
    FROM learning.modules AS m
    INNER JOIN auth.users AS r ON m.created_by = r.id
    WHERE r.id = :instructor_id AND r.deleted_at IS NULL AND r.role IN ('INSTRUCTOR', 'ADMIN')
),

submissions AS (
    SELECT n.user_id, n.id, n.created_at, n.score, s.id AS submission_id, a.module_id, a.title
    FROM learning.assignment_analyses AS n
    INNER JOIN learning.assignment_submissions AS s ON n.user_id = s.user_id AND n.submission_id = s.id
    INNER JOIN learning.assignments AS a ON s.assignment_id = a.id
    INNER JOIN taught AS m ON a.module_id = m.id
    INNER JOIN auth.users AS u ON n.user_id = u.id
    WHERE
        n.reviewed_at IS NULL
        AND n.user_id <> m.instructor_id
        AND s.status IN ('PASSED', 'FAILED')
        AND u.deleted_at IS NULL
        -- :if after
        AND (n.created_at, n.id) > (:after, :id_after)
        -- :end
    ORDER BY n.created_at, n.id
    LIMIT :limit
),

attempts AS (
    SELECT n.user_id, n.id, n.created_at, n.score, t.id AS attempt_id, z.module_id, z.title
    FROM learning.quiz_analyses AS n
    INNER JOIN learning.mcq_attempts AS t ON n.user_id = t.user_id AND n.attempt_id = t.id
    INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
    INNER JOIN taught AS m ON z.module_id = m.id
    INNER JOIN auth.users AS u ON n.user_id = u.id
    WHERE
        n.reviewed_at IS NULL
        AND n.user_id <> m.instructor_id
        AND u.deleted_at IS NULL
        -- :if after
        AND (n.created_at, n.id) > (:after, :id_after)
        -- :end
    ORDER BY n.created_at, n.id
    LIMIT :limit
),

waiting AS (
    SELECT s.user_id, s.id, s.created_at, s.score, s.submission_id, NULL::uuid AS attempt_id, s.module_id, s.title
    FROM submissions AS s
    UNION ALL
    SELECT t.user_id, t.id, t.created_at, t.score, NULL::uuid AS submission_id, t.attempt_id, t.module_id, t.title
    FROM attempts AS t
)

SELECT
    w.id AS analysis_id,
    w.created_at AS waits_since,
    w.submission_id,
    w.attempt_id,
    w.title,
    w.score,
    m.id AS "module.id",
    m.title AS "module.title",
    u.id AS "learner.id",
    u.name AS "learner.name"
FROM waiting AS w
INNER JOIN taught AS m ON w.module_id = m.id
INNER JOIN auth.users AS u ON w.user_id = u.id
ORDER BY w.created_at, w.id
LIMIT :limit;
