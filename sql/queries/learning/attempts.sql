-- Quiz attempts of learners: begin, answer, finish, look back.
--
-- To begin, run db.batch(lock_attempts(…), start_attempt(…)): one round trip and one transaction. Alone,
-- start_attempt can still neither repeat a number nor pass the limit: of two at once one is then refused by the
-- unique index. Answering and finishing are one statement each: an answer takes the lock of its attempt and keeps the
-- score in it, so that the end counts all that was accepted. The score of an attempt that is not finished is shown to
-- no one.

-- name: lock_attempts :exec
-- Let other attempts of this learner at this quiz wait until this transaction ends, and so who adds or removes a
-- question of it: goes before start_attempt.
--
-- A statement sees what was committed before it began, so the lock must be held by then: it cannot be part of it.
SELECT
    pg_advisory_xact_lock(
        hashtextextended('learning.mcq_attempts ' || :user_id::uuid || ' ' || :quiz_id::uuid, 0)
    )
FROM learning.mcq_quizzes AS z
WHERE z.id = :quiz_id AND z.deleted_at IS NULL
FOR SHARE;

-- name: start_attempt :opt
-- Begin a quiz under the next attempt number. The caller chooses the id: the same again gives what is there already.
--
-- None where there is no such live learner or published quiz with a question, where max_attempts are used up, while
-- another attempt is unfinished (overdue or not), or where the id is that of an attempt at another quiz. Without
-- lock_attempts before it, one of two at once can be refused by the unique index
-- mcq_attempts_user_id_quiz_id_attempt_number_key, and may be tried again; and max_score can be that of other
-- questions than the paper has.
WITH started AS (
    -- Not now(), when the transaction began: behind the lock, what was added or removed before this moment is seen.
    INSERT INTO learning.mcq_attempts AS t (user_id, id, quiz_id, attempt_number, max_score, started_at)
    SELECT u.id AS user_id, :id, z.id AS quiz_id, used.attempts + 1, paper.points, statement_timestamp()
    FROM auth.users AS u
    CROSS JOIN learning.mcq_quizzes AS z
    INNER JOIN learning.modules AS m ON z.module_id = m.id
    CROSS JOIN
        LATERAL (
            SELECT
                coalesce(max(earlier.attempt_number), 0) AS attempts,
                coalesce(bool_or(earlier.status <> 'COMPLETED'), FALSE) AS is_busy,
                coalesce(bool_or(earlier.id = :id), FALSE) AS is_repeated
            FROM learning.mcq_attempts AS earlier
            WHERE earlier.user_id = u.id AND earlier.quiz_id = z.id
        ) AS used
    CROSS JOIN
        LATERAL (
            SELECT sum(q.points) AS points
            FROM learning.mcq_questions AS q
            WHERE
                q.quiz_id = z.id
                AND q.created_at <= statement_timestamp()
                AND q.deleted_at IS NULL
        ) AS paper
    WHERE
        u.id = :user_id
        AND z.id = :quiz_id
        AND u.deleted_at IS NULL
        AND z.deleted_at IS NULL
        AND m.deleted_at IS NULL
        AND m.is_published
        AND paper.points IS NOT NULL
        AND (
            used.is_repeated
            OR (NOT used.is_busy AND (z.max_attempts IS NULL OR used.attempts < z.max_attempts))
        )
    ON CONFLICT (user_id, id) DO UPDATE
        SET updated_at = now()
        WHERE t.quiz_id = excluded.quiz_id
    RETURNING t.user_id, t.id, t.quiz_id, t.attempt_number, t.status, t.max_score, t.started_at
)

SELECT
    s.user_id,
    s.id,
    s.quiz_id,
    s.attempt_number,
    s.status,
    s.max_score,
    s.started_at,
    s.started_at + make_interval(secs => z.time_limit_seconds) AS ends_at
FROM started AS s
INNER JOIN learning.mcq_quizzes AS z ON s.quiz_id = z.id
WHERE z.deleted_at IS NULL;

-- name: get_allowance :opt
-- How many attempts a learner made at a quiz and how many are left (None where there is no limit), and the one that
-- is not finished yet, if any.
SELECT
    z.id AS quiz_id,
    z.max_attempts,
    used.attempts AS used,
    z.max_attempts - least(used.attempts, z.max_attempts) AS remaining,
    t.id AS "unfinished.id",
    t.started_at AS "unfinished.started_at",
    t.started_at + make_interval(secs => z.time_limit_seconds) AS "unfinished.ends_at"
FROM learning.mcq_quizzes AS z
CROSS JOIN
    LATERAL (
        SELECT coalesce(max(a.attempt_number), 0) AS attempts
        FROM learning.mcq_attempts AS a
        WHERE a.user_id = :user_id AND a.quiz_id = z.id
    ) AS used
LEFT JOIN learning.mcq_attempts AS t
    ON z.id = t.quiz_id AND t.user_id = :user_id AND used.attempts = t.attempt_number AND t.status <> 'COMPLETED'
WHERE z.id = :quiz_id AND z.deleted_at IS NULL;

-- name: get_paper :opt
-- The questions of an attempt that is not finished, with their options and the chosen answers so far; nothing shows
-- which is right. They are those that the quiz had when the attempt began, in an order that stays the same
-- throughout.
-- include-deleted
SELECT
    t.user_id,
    t.id,
    t.attempt_number,
    t.max_score,
    t.started_at,
    t.started_at + make_interval(secs => z.time_limit_seconds) AS ends_at,
    z.id AS "quiz.id",
    z.title AS "quiz.title",
    z.description AS "quiz.description",
    z.passing_percent AS "quiz.passing_percent",
    q.id AS "questions[].id",
    q.prompt AS "questions[].prompt",
    q.code_snippet AS "questions[].code_snippet",
    q.points AS "questions[].points",
    w.option_id AS "questions[].chosen_option_id",
    o.id AS "questions[].options[].id",
    o.body AS "questions[].options[].body"
FROM learning.mcq_attempts AS t
INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
LEFT JOIN learning.mcq_questions AS q
    ON
        z.id = q.quiz_id
        AND t.started_at >= q.created_at
        AND (q.deleted_at IS NULL OR t.started_at < q.deleted_at)
LEFT JOIN learning.mcq_answers AS w ON t.user_id = w.user_id AND t.id = w.attempt_id AND q.id = w.question_id
LEFT JOIN learning.mcq_options AS o ON q.id = o.question_id
WHERE t.user_id = :user_id AND t.id = :id AND t.status <> 'COMPLETED'
ORDER BY
    CASE WHEN z.shuffle_questions THEN md5(t.id::text || q.id::text) END,
    q.position,
    q.id,
    o.position,
    o.id;

-- name: answer_question :opt
-- Choose an option for a question of an attempt, or another one, until the attempt ends. The same again is harmless.
--
-- None, and nothing changed, where the attempt is not the learner's, is finished or out of time, where the question
-- is not of its quiz or the option not of the question, or where two first answers to one question come at once and
-- differ: then one of them stands. Whether it is right, and its points, are decided here, and shown by
-- review_attempt.
-- include-deleted
WITH attempt AS MATERIALIZED (
    -- Held until the end: answers come one after another, and the attempt is finished before them or after them.
    SELECT t.user_id, t.id, t.quiz_id, t.started_at, gen_random_uuid() AS answer_id
    FROM learning.mcq_attempts AS t
    INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
    WHERE
        t.user_id = :user_id
        AND t.id = :attempt_id
        AND t.status <> 'COMPLETED'
        AND (z.time_limit_seconds IS NULL OR now() <= t.started_at + make_interval(secs => z.time_limit_seconds))
    FOR NO KEY UPDATE OF t
),

previous AS MATERIALIZED (
    -- FOR UPDATE: the current row, not the one from before the wait for the attempt's lock.
    SELECT w.id, w.points_awarded
    FROM attempt AS t
    INNER JOIN learning.mcq_answers AS w ON t.user_id = w.user_id AND t.id = w.attempt_id AND t.quiz_id = w.quiz_id
    WHERE w.user_id = :user_id AND w.question_id = :question_id
    FOR UPDATE OF w
),

saved AS (
    INSERT INTO learning.mcq_answers AS w
    (user_id, id, attempt_id, quiz_id, question_id, option_id, is_correct, points_awarded)
    SELECT
        t.user_id,
        coalesce(p.id, t.answer_id) AS id,
        t.id AS attempt_id,
        q.quiz_id,
        q.id AS question_id,
        o.id AS option_id,
        o.is_correct,
        CASE WHEN o.is_correct THEN q.points ELSE 0 END AS points_awarded
    FROM attempt AS t
    LEFT JOIN previous AS p ON TRUE
    INNER JOIN learning.mcq_questions AS q ON t.quiz_id = q.quiz_id
    INNER JOIN learning.mcq_options AS o ON q.id = o.question_id
    WHERE
        q.id = :question_id
        AND q.created_at <= t.started_at
        AND (q.deleted_at IS NULL OR q.deleted_at > t.started_at)
        AND o.id = :option_id
    ON CONFLICT (user_id, attempt_id, quiz_id, question_id) DO UPDATE
        SET
            option_id = excluded.option_id,
            is_correct = excluded.is_correct,
            points_awarded = excluded.points_awarded,
            answered_at = now(),
            updated_at = now()
        -- An answer that this statement cannot see was given while it waited: its points are known if it is the same.
        WHERE w.id = excluded.id OR w.option_id = excluded.option_id
    RETURNING w.user_id, w.id, w.attempt_id, w.question_id, w.option_id, w.points_awarded, w.answered_at
),

scored AS (
    UPDATE learning.mcq_attempts AS t
    SET
        score = greatest(0, least(t.max_score, coalesce(t.score, 0) + change.points)),
        updated_at = now()
    FROM (
        SELECT
            s.user_id,
            s.attempt_id,
            CASE
                WHEN p.id IS NOT NULL THEN s.points_awarded - p.points_awarded
                WHEN s.id = a.answer_id THEN s.points_awarded
                ELSE 0
            END AS points
        FROM saved AS s
        CROSS JOIN attempt AS a
        LEFT JOIN previous AS p ON TRUE
    ) AS change
    WHERE t.user_id = change.user_id AND t.id = change.attempt_id
)

SELECT s.attempt_id, s.question_id, s.option_id, s.answered_at FROM saved AS s;

-- name: finish_attempt :opt
-- End an attempt, in time or late: its score is final, and passed is whether passing_percent was reached.
--
-- Exactly one call gives the result; None where it is finished already (get_attempt has it) or there is none. One
-- that is overdue was completed when its time was over. Questions without an answer count as wrong.
-- include-deleted
-- row: AttemptResult
UPDATE learning.mcq_attempts AS t
SET
    status = 'COMPLETED',
    score = coalesce(t.score, 0),
    passed = 100 * coalesce(t.score, 0)::bigint >= z.passing_percent * t.max_score::bigint,
    completed_at = least(greatest(now(), t.started_at), t.started_at + make_interval(secs => z.time_limit_seconds)),
    updated_at = now()
FROM learning.mcq_quizzes AS z
WHERE t.user_id = :user_id AND t.id = :id AND t.status <> 'COMPLETED' AND t.quiz_id = z.id
RETURNING
    t.user_id,
    t.id,
    t.quiz_id,
    t.attempt_number,
    t.score AS "score!",
    t.max_score,
    t.passed AS "passed!",
    t.started_at,
    t.completed_at AS "completed_at!";

-- name: finish_overdue_attempts :many
-- End attempts of all learners whose time is over, the oldest first, at most so many, and return their results.
--
-- Several can run at once: each skips what another is ending, or a learner is just answering.
-- across-users
-- include-deleted
-- row: AttemptResult
WITH overdue AS MATERIALIZED (
    SELECT t.user_id, t.id
    FROM learning.mcq_attempts AS t
    INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
    WHERE t.status <> 'COMPLETED' AND t.started_at + make_interval(secs => z.time_limit_seconds) < now()
    ORDER BY t.started_at
    LIMIT :limit
    FOR NO KEY UPDATE OF t SKIP LOCKED
)

UPDATE learning.mcq_attempts AS t
SET
    status = 'COMPLETED',
    score = coalesce(t.score, 0),
    passed = 100 * coalesce(t.score, 0)::bigint >= z.passing_percent * t.max_score::bigint,
    completed_at = least(greatest(now(), t.started_at), t.started_at + make_interval(secs => z.time_limit_seconds)),
    updated_at = now()
FROM overdue AS o, learning.mcq_quizzes AS z
WHERE t.user_id = o.user_id AND t.id = o.id AND t.quiz_id = z.id
RETURNING
    t.user_id,
    t.id,
    t.quiz_id,
    t.attempt_number,
    t.score AS "score!",
    t.max_score,
    t.passed AS "passed!",
    t.started_at,
    t.completed_at AS "completed_at!";

-- name: get_attempt :opt
-- An attempt of a learner; its score is None until it is finished.
-- include-deleted
SELECT
    t.user_id,
    t.id,
    t.attempt_number,
    t.status,
    CASE WHEN t.status = 'COMPLETED' THEN t.score END AS score,
    t.max_score,
    t.passed,
    t.started_at,
    t.started_at + make_interval(secs => z.time_limit_seconds) AS ends_at,
    t.completed_at,
    z.id AS "quiz.id",
    z.title AS "quiz.title",
    z.passing_percent AS "quiz.passing_percent"
FROM learning.mcq_attempts AS t
INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
WHERE t.user_id = :user_id AND t.id = :id;

-- name: review_attempt :opt
-- A finished attempt with each question that the quiz had when it began, what was chosen, which option is right and
-- why. None until it is finished.
-- include-deleted
SELECT
    t.user_id,
    t.id,
    t.attempt_number,
    t.score AS "score!",
    t.max_score,
    t.passed AS "passed!",
    t.started_at,
    t.completed_at AS "completed_at!",
    z.id AS "quiz.id",
    z.title AS "quiz.title",
    z.passing_percent AS "quiz.passing_percent",
    q.id AS "questions[].id",
    q.prompt AS "questions[].prompt",
    q.code_snippet AS "questions[].code_snippet",
    q.explanation AS "questions[].explanation",
    q.points AS "questions[].points",
    w.option_id AS "questions[].chosen_option_id",
    coalesce(w.is_correct, FALSE) AS "questions[].is_correct",
    coalesce(w.points_awarded, 0) AS "questions[].points_awarded",
    o.id AS "questions[].options[].id",
    o.body AS "questions[].options[].body",
    o.is_correct AS "questions[].options[].is_correct"
FROM learning.mcq_attempts AS t
INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
LEFT JOIN learning.mcq_questions AS q
    ON
        z.id = q.quiz_id
        AND t.started_at >= q.created_at
        AND (q.deleted_at IS NULL OR t.started_at < q.deleted_at)
LEFT JOIN learning.mcq_answers AS w ON t.user_id = w.user_id AND t.id = w.attempt_id AND q.id = w.question_id
LEFT JOIN learning.mcq_options AS o ON q.id = o.question_id
WHERE t.user_id = :user_id AND t.id = :id AND t.status = 'COMPLETED'
ORDER BY q.position, q.id, o.position, o.id;

-- name: list_attempts :many
-- A page of a learner's attempts, the newest first: all, or those at one quiz. Scores are those of finished ones.
--
-- The next page begins behind the last row of this one: give its started_at and id as before and id_before.
-- include-deleted
SELECT
    t.id,
    t.quiz_id,
    z.title,
    t.attempt_number,
    t.status,
    CASE WHEN t.status = 'COMPLETED' THEN t.score END AS score,
    t.max_score,
    t.passed,
    t.started_at,
    t.completed_at
FROM learning.mcq_attempts AS t
INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
WHERE
    t.user_id = :user_id
    -- :if quiz_id
    AND t.quiz_id = :quiz_id
    -- :end
    -- :if before
    AND (t.started_at, t.id) < (:before, :id_before)
    -- :end
ORDER BY t.started_at DESC, t.id DESC
LIMIT :limit;

-- name: find_best_attempt :opt
-- The best finished attempt of a learner at a quiz, by its share of the points; of equal ones the first.
-- row: AttemptResult
SELECT
    t.user_id,
    t.id,
    t.quiz_id,
    t.attempt_number,
    t.score AS "score!",
    t.max_score,
    t.passed AS "passed!",
    t.started_at,
    t.completed_at AS "completed_at!"
FROM learning.mcq_attempts AS t
WHERE t.user_id = :user_id AND t.quiz_id = :quiz_id AND t.status = 'COMPLETED'
ORDER BY t.score::numeric / nullif(t.max_score, 0) DESC NULLS LAST, t.attempt_number
LIMIT 1;
