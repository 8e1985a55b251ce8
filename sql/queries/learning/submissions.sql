-- Code that learners hand in, and its way through the graders.
--
-- To submit, run db.batch(lock_submissions(…), submit(…)): one round trip and one transaction. Alone, submit
-- can still neither repeat a number nor pass the limit: of two at once one is then refused by the unique index.

-- name: lock_submissions :exec
-- Let other submissions of this learner to this assignment wait until this transaction ends: goes before submit.
--
-- A statement sees what was committed before it began, so the lock must be held by then: it cannot be part of submit.
SELECT pg_advisory_xact_lock(
    hashtextextended('learning.assignment_submissions ' || :user_id::uuid || ' ' || :assignment_id::uuid, 0)
);

-- name: submit :opt
-- Hand in code under the next attempt number. The caller chooses the id: the same again gives what is there already.
--
-- None where there is no such live learner or published assignment, where max_attempts are used up, or where the id
-- is that of another submission. Without lock_submissions before it, one of two at once can be refused by the unique
-- index assignment_submissions_user_id_assignment_id_attempt_number_key, and may be tried again.
INSERT INTO learning.assignment_submissions AS s (user_id, id, assignment_id, attempt_number, code)
SELECT u.id AS user_id, :id, a.id AS assignment_id, used.attempts + 1, :code
FROM auth.users AS u
CROSS JOIN learning.assignments AS a
INNER JOIN learning.modules AS m ON a.module_id = m.id
CROSS JOIN
    LATERAL (
        SELECT
            coalesce(max(earlier.attempt_number), 0) AS attempts,
            coalesce(bool_or(earlier.id = :id), FALSE) AS is_repeated
        FROM learning.assignment_submissions AS earlier
        WHERE earlier.user_id = u.id AND earlier.assignment_id = a.id
    ) AS used
WHERE
    u.id = :user_id
    AND a.id = :assignment_id
    AND u.deleted_at IS NULL
    AND a.deleted_at IS NULL
    AND m.deleted_at IS NULL
    AND m.is_published
    AND (used.is_repeated OR a.max_attempts IS NULL OR used.attempts < a.max_attempts)
ON CONFLICT (user_id, id) DO UPDATE
    SET updated_at = now()
    WHERE s.assignment_id = excluded.assignment_id AND s.code = excluded.code
RETURNING s.user_id, s.id, s.assignment_id, s.attempt_number, s.status, s.submitted_at;

-- name: get_allowance :opt
-- How many submissions a learner made to an assignment, and how many are left; None for left where there is no limit.
WITH used AS (
    SELECT coalesce(max(s.attempt_number), 0) AS attempts
    FROM learning.assignment_submissions AS s
    WHERE s.user_id = :user_id AND s.assignment_id = :assignment_id
)

SELECT
    a.id AS assignment_id,
    a.max_attempts,
    used.attempts AS used,
    a.max_attempts - least(used.attempts, a.max_attempts) AS remaining
FROM learning.assignments AS a
CROSS JOIN used
WHERE a.id = :assignment_id AND a.deleted_at IS NULL;

-- name: claim_submissions :many
-- Take submissions to grade, the oldest first, at most so many, for as long as the lease: those that wait, and those
-- whose grader let its claim expire.
--
-- Concurrent graders get different ones. Keep claim_expires_at: with the grader's name it identifies this
-- claim from a later one, and extend_claim, release_claim and record_result ask for it.
-- across-users
-- include-deleted
WITH due AS MATERIALIZED (
    -- Materialized: joined as a subquery it could run, and lock, more than once.
    SELECT s.user_id, s.id
    FROM learning.assignment_submissions AS s
    WHERE
        s.status IN ('PENDING', 'RUNNING')
        AND (s.status = 'PENDING' OR s.claim_expires_at <= now())
    ORDER BY s.submitted_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
),

claimed AS (
    UPDATE learning.assignment_submissions AS s
    SET status = 'RUNNING', claimed_by = :grader, claim_expires_at = now() + :lease, updated_at = now()
    FROM due
    WHERE s.user_id = due.user_id AND s.id = due.id
    RETURNING s.user_id, s.id, s.assignment_id, s.attempt_number, s.code, s.submitted_at, s.claim_expires_at
)

SELECT
    c.user_id,
    c.id,
    c.attempt_number,
    c.code,
    c.submitted_at,
    c.claim_expires_at AS "claim_expires_at!",
    l.slug AS language,
    a.id AS "assignment.id",
    a.module_id AS "assignment.module_id",
    a.title AS "assignment.title",
    a.test_cases AS "assignment.test_cases",
    a.time_limit_ms AS "assignment.time_limit_ms",
    a.memory_limit_mb AS "assignment.memory_limit_mb",
    a.max_score AS "assignment.max_score"
FROM claimed AS c
INNER JOIN learning.assignments AS a ON c.assignment_id = a.id
INNER JOIN learning.modules AS m ON a.module_id = m.id
INNER JOIN learning.programming_languages AS l ON m.language_id = l.id
ORDER BY c.submitted_at, c.id;

-- name: extend_claim :opt
-- Keep a claim for the lease from now on, and return when it ends then; None where it is lost. It never gets shorter.
UPDATE learning.assignment_submissions AS s
SET claim_expires_at = greatest(s.claim_expires_at, now() + :lease), updated_at = now()
WHERE
    s.user_id = :user_id
    AND s.id = :id
    AND s.status = 'RUNNING'
    AND s.claimed_by = :grader
    AND s.claim_expires_at = :claim_expires_at
    AND s.claim_expires_at > now()
RETURNING s.claim_expires_at AS "claim_expires_at!";

-- name: release_claim :execrows
-- Give a submission back ungraded, for another grader to take at once. 0 where the claim is lost.
UPDATE learning.assignment_submissions AS s
SET status = 'PENDING', claimed_by = NULL, claim_expires_at = NULL, updated_at = now()
WHERE
    s.user_id = :user_id
    AND s.id = :id
    AND s.status = 'RUNNING'
    AND s.claimed_by = :grader
    AND s.claim_expires_at = :claim_expires_at
    AND s.claim_expires_at > now();

-- name: record_result :opt
-- End grading with PASSED, FAILED or ERROR; None where the claim is lost, or the score is over the assignment's.
--
-- Any other status is refused by assignment_submissions_status_graded_at_check. Recording twice gives None the second
-- time, and the first result stays.
-- include-deleted
UPDATE learning.assignment_submissions AS s
SET
    status = :status,
    score = :score,
    test_results = :test_results,
    execution_ms = :execution_ms,
    memory_kb = :memory_kb,
    error_message = :error_message,
    graded_at = now(),
    updated_at = now()
FROM learning.assignments AS a
WHERE
    s.user_id = :user_id
    AND s.id = :id
    AND s.status = 'RUNNING'
    AND s.claimed_by = :grader
    AND s.claim_expires_at = :claim_expires_at
    AND s.claim_expires_at > now()
    AND s.assignment_id = a.id
    AND coalesce(:score, 0) <= a.max_score
RETURNING
    s.user_id, s.id, s.assignment_id, s.attempt_number, s.status, s.score, a.max_score, s.graded_at AS "graded_at!";

-- name: grade_again :execrows
-- Put a graded submission back into the queue and forget its result, as after test cases were mended. 0 where it is
-- not graded.
UPDATE learning.assignment_submissions AS s
SET
    status = 'PENDING',
    score = NULL,
    test_results = NULL,
    execution_ms = NULL,
    memory_kb = NULL,
    error_message = NULL,
    claimed_by = NULL,
    claim_expires_at = NULL,
    graded_at = NULL,
    updated_at = now()
WHERE s.user_id = :user_id AND s.id = :id AND s.graded_at IS NOT NULL;

-- name: get_backlog :one
-- How much there is to grade: what waits, what runs, what a grader left behind, and since when the oldest waits.
-- across-users
SELECT
    count(*) FILTER (WHERE s.status = 'PENDING') AS waiting,
    count(*) FILTER (WHERE s.status = 'RUNNING' AND s.claim_expires_at > now()) AS running,
    count(*) FILTER (WHERE s.status = 'RUNNING' AND s.claim_expires_at <= now()) AS expired,
    min(s.submitted_at) AS oldest_submitted_at
FROM learning.assignment_submissions AS s
WHERE s.status IN ('PENDING', 'RUNNING');

-- name: get_submission :opt
-- A submission of a learner, with its code, its result and its analysis.
-- include-deleted
SELECT
    s.user_id,
    s.id,
    s.attempt_number,
    s.code,
    s.status,
    s.score,
    s.test_results,
    s.execution_ms,
    s.memory_kb,
    s.error_message,
    s.submitted_at,
    s.graded_at,
    a.id AS "assignment.id",
    a.title AS "assignment.title",
    a.max_score AS "assignment.max_score",
    n.id AS "analysis.id",
    n.type AS "analysis.type",
    n.ai_result AS "analysis.ai_result",
    n.reviewer_notes AS "analysis.reviewer_notes",
    n.score AS "analysis.score",
    n.reviewed_at AS "analysis.reviewed_at"
FROM learning.assignment_submissions AS s
INNER JOIN learning.assignments AS a ON s.assignment_id = a.id
LEFT JOIN learning.assignment_analyses AS n ON s.user_id = n.user_id AND s.id = n.submission_id
WHERE s.user_id = :user_id AND s.id = :id;

-- name: list_submissions :many
-- A page of a learner's submissions, the newest first: all, of one assignment, or in one status.
--
-- The next page begins behind the last row of this one: give its submitted_at and id as before and id_before.
-- include-deleted
SELECT
    s.id,
    s.assignment_id,
    a.title,
    s.attempt_number,
    s.status,
    s.score,
    a.max_score,
    s.submitted_at,
    s.graded_at
FROM learning.assignment_submissions AS s
INNER JOIN learning.assignments AS a ON s.assignment_id = a.id
WHERE
    s.user_id = :user_id
    -- :if assignment_id
    AND s.assignment_id = :assignment_id
    -- :end
    -- :if status
    AND s.status = :status
    -- :end
    -- :if before
    AND (s.submitted_at, s.id) < (:before, :id_before)
    -- :end
ORDER BY s.submitted_at DESC, s.id DESC
LIMIT :limit;

-- name: list_submissions_to_assignment :many
-- A page of all learners' submissions to an assignment, the newest first: for its instructors.
--
-- The next page begins behind the last row of this one: give its submitted_at and id as before and id_before.
-- across-users
-- include-deleted
SELECT
    s.id,
    s.attempt_number,
    s.status,
    s.score,
    s.submitted_at,
    s.graded_at,
    u.id AS "learner.id",
    u.name AS "learner.name"
FROM learning.assignment_submissions AS s
INNER JOIN auth.users AS u ON s.user_id = u.id
WHERE
    s.assignment_id = :assignment_id
    -- :if status
    AND s.status = :status
    -- :end
    -- :if before
    AND (s.submitted_at, s.id) < (:before, :id_before)
    -- :end
ORDER BY s.submitted_at DESC, s.id DESC
LIMIT :limit;

-- name: find_best_submission :opt
-- The best graded submission of a learner to an assignment: one that passed before one that failed, then by score; of
-- equal ones the first.
SELECT s.id, s.attempt_number, s.code, s.status, s.score, s.test_results, s.submitted_at
FROM learning.assignment_submissions AS s
WHERE s.user_id = :user_id AND s.assignment_id = :assignment_id AND s.status IN ('PASSED', 'FAILED')
ORDER BY s.status = 'PASSED' DESC, s.score DESC NULLS LAST, s.attempt_number
LIMIT 1;

-- name: list_best_submissions :many
-- The assignments of a module in their order, each with the best result of a learner, or None, and the tries it took.
SELECT
    a.id,
    a.title,
    a.max_score,
    a.max_attempts,
    tries.total AS attempts,
    best.id AS "best.id",
    best.attempt_number AS "best.attempt_number",
    best.status AS "best.status",
    best.score AS "best.score"
FROM learning.assignments AS a
CROSS JOIN
    LATERAL (
        SELECT count(*) AS total
        FROM learning.assignment_submissions AS s
        WHERE s.user_id = :user_id AND s.assignment_id = a.id
    ) AS tries
LEFT JOIN LATERAL (
    SELECT s.id, s.attempt_number, s.status, s.score
    FROM learning.assignment_submissions AS s
    WHERE s.user_id = :user_id AND s.assignment_id = a.id AND s.status IN ('PASSED', 'FAILED')
    ORDER BY s.status = 'PASSED' DESC, s.score DESC NULLS LAST, s.attempt_number
    LIMIT 1
) AS best ON TRUE
WHERE a.module_id = :module_id AND a.deleted_at IS NULL
ORDER BY a.position, a.id;
