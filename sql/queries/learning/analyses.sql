-- Analyses of submissions and attempts by a model, a person or both: at most one for each.
--
-- A model comes first (AI), a reviewer after it (HYBRID), or a reviewer alone (MANUAL). An analysis waits for review
-- as long as only a model spoke. What is reviewed has its result: it PASSED or FAILED, or is a completed attempt.
-- A reviewer is a live INSTRUCTOR or ADMIN, and never the learner. Without a score of theirs the model's counts.

-- name: record_submission_analysis :opt
-- Store a model's analysis of a graded submission. A repeated call is harmless; another result replaces it.
--
-- None, and nothing changed, if it was reviewed already, so that a review stays with the analysis that it is about;
-- also where the submission is not the learner's, is not graded, or its grading failed, and for a model without a
-- name. The score is the result's.
-- row: RecordedAnalysis
INSERT INTO learning.assignment_analyses AS n (user_id, submission_id, type, ai_model, ai_result, score)
SELECT s.user_id, s.id AS submission_id, 'AI', btrim(:ai_model), :ai_result, (:ai_result::jsonb ->> 'score')::integer
FROM learning.assignment_submissions AS s
WHERE s.user_id = :user_id AND s.id = :submission_id AND s.status IN ('PASSED', 'FAILED') AND :ai_model ~ '\S'
ON CONFLICT (user_id, submission_id) DO UPDATE
    SET ai_model = excluded.ai_model, ai_result = excluded.ai_result, score = excluded.score, updated_at = now()
    WHERE n.reviewed_at IS NULL
RETURNING n.user_id, n.id, n.type, n.score, n.created_at;

-- name: add_submission_review :opt
-- Review a graded submission: a model's analysis becomes HYBRID; without one the review is MANUAL.
--
-- None, and nothing changed, where it is reviewed already: of two reviewers at once the first one's review stays.
-- Also where the submission is not that of a live learner, is not graded, or its grading failed; where the reviewer
-- may not; and for notes silently.
-- row: Review
-- nullable: score
INSERT INTO learning.assignment_analyses AS n
(user_id, submission_id, type, reviewer_id, reviewer_notes, score, reviewed_at)
SELECT s.user_id, s.id AS submission_id, 'MANUAL', r.id AS reviewer_id, rtrim(:reviewer_notes), :score, now()
FROM learning.assignment_submissions AS s
CROSS JOIN auth.users AS r
CROSS JOIN auth.users AS u
WHERE
    s.user_id = :user_id
    AND s.id = :submission_id
    AND s.status IN ('PASSED', 'FAILED')
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND r.role IN ('INSTRUCTOR', 'ADMIN')
    AND r.id <> s.user_id
    AND u.id = s.user_id
    AND u.deleted_at IS NULL
    AND :reviewer_notes ~ '\S'
ON CONFLICT (user_id, submission_id) DO UPDATE
    SET
        type = 'HYBRID',
        reviewer_id = excluded.reviewer_id,
        reviewer_notes = excluded.reviewer_notes,
        score = coalesce(excluded.score, n.score),
        reviewed_at = excluded.reviewed_at,
        updated_at = now()
    WHERE n.reviewed_at IS NULL
RETURNING
    n.user_id,
    n.id,
    n.type,
    n.reviewer_id,
    n.reviewer_notes AS "reviewer_notes!",
    n.score,
    n.reviewed_at AS "reviewed_at!";

-- name: revise_submission_review :opt
-- Write a review again: its own reviewer, or an ADMIN, whose review it is from then on.
--
-- reviewed_at is that of the review as it was read. None, and nothing changed, if it was revised meanwhile,
-- or there is none; also while the submission is being graded again, where its learner is gone or the reviewer may
-- not (any more), and for notes silently.
-- row: Review
-- nullable: score
UPDATE learning.assignment_analyses AS n
SET
    reviewer_id = r.id,
    reviewer_notes = rtrim(:reviewer_notes),
    score = coalesce(:score, (n.ai_result ->> 'score')::integer),
    -- Later than before, regardless of the clock: it distinguishes this review from the one that it replaces.
    reviewed_at = greatest(now(), n.reviewed_at + interval '1 microsecond'),
    updated_at = now()
FROM auth.users AS r
WHERE
    n.user_id = :user_id
    AND n.submission_id = :submission_id
    AND n.type IN ('MANUAL', 'HYBRID')
    AND n.reviewed_at = :reviewed_at
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND (r.role = 'ADMIN' OR (r.role = 'INSTRUCTOR' AND n.reviewer_id = r.id))
    AND r.id <> n.user_id
    AND EXISTS (
        SELECT FROM auth.users AS u
        WHERE u.id = n.user_id AND u.deleted_at IS NULL
    )
    AND EXISTS (
        SELECT FROM learning.assignment_submissions AS s
        WHERE s.user_id = n.user_id AND s.id = n.submission_id AND s.status IN ('PASSED', 'FAILED')
    )
    AND :reviewer_notes ~ '\S'
RETURNING
    n.user_id,
    n.id,
    n.type,
    n.reviewer_id,
    n.reviewer_notes AS "reviewer_notes!",
    n.score,
    n.reviewed_at AS "reviewed_at!";

-- name: get_submission_analysis :opt
-- The analysis of a learner's submission, for the learner. A reviewer whose account is gone is None; the
-- review stays.
-- row: LearnerAnalysis
SELECT
    n.user_id,
    n.id,
    n.type,
    n.ai_result,
    n.reviewer_notes,
    n.score,
    n.reviewed_at,
    r.id AS "reviewer.id",
    r.name AS "reviewer.name"
FROM learning.assignment_analyses AS n
LEFT JOIN auth.users AS r ON n.reviewer_id = r.id AND r.deleted_at IS NULL
WHERE n.user_id = :user_id AND n.submission_id = :submission_id;

-- name: get_submission_for_review :opt
-- A graded submission with all that a reviewer judges by: task, solution, code, results, and what was stated so far.
--
-- None where the submission is not the learner's or is not graded, where the learner's account is gone, and for whom
-- is no reviewer of it.
-- include-deleted
SELECT
    s.user_id,
    s.id,
    s.attempt_number,
    s.code,
    s.status,
    s.score,
    s.test_results,
    s.submitted_at,
    s.graded_at AS "graded_at!",
    u.id AS "learner.id",
    u.name AS "learner.name",
    a.id AS "assignment.id",
    a.title AS "assignment.title",
    a.description AS "assignment.description",
    a.solution_code AS "assignment.solution_code",
    a.max_score AS "assignment.max_score",
    n.id AS "analysis.id",
    n.type AS "analysis.type",
    n.ai_model AS "analysis.ai_model",
    n.ai_result AS "analysis.ai_result",
    n.reviewer_id AS "analysis.reviewer_id",
    n.reviewer_notes AS "analysis.reviewer_notes",
    n.score AS "analysis.score",
    n.reviewed_at AS "analysis.reviewed_at"
FROM learning.assignment_submissions AS s
INNER JOIN auth.users AS u ON s.user_id = u.id
INNER JOIN learning.assignments AS a ON s.assignment_id = a.id
CROSS JOIN auth.users AS r
LEFT JOIN learning.assignment_analyses AS n ON s.user_id = n.user_id AND s.id = n.submission_id
WHERE
    s.user_id = :user_id
    AND s.id = :submission_id
    AND s.status IN ('PASSED', 'FAILED')
    AND u.deleted_at IS NULL
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND r.role IN ('INSTRUCTOR', 'ADMIN')
    AND r.id <> s.user_id;

-- name: list_submissions_to_review :many
-- A page of the submissions about which only a model spoke, the longest waiting first: of all modules, or of one.
--
-- The next page begins behind the last row of this one: give its waits_since and analysis_id as after and id_after.
-- Nothing for whom is no reviewer, and never the reviewer's own submissions.
-- across-users
-- include-deleted
SELECT
    n.id AS analysis_id,
    n.created_at AS waits_since,
    n.ai_model AS "ai_model!",
    n.score,
    s.id AS "submission.id",
    s.attempt_number AS "submission.attempt_number",
    s.status AS "submission.status",
    s.submitted_at AS "submission.submitted_at",
    a.id AS "assignment.id",
    a.module_id AS "assignment.module_id",
    a.title AS "assignment.title",
    u.id AS "learner.id",
    u.name AS "learner.name"
FROM learning.assignment_analyses AS n
INNER JOIN learning.assignment_submissions AS s ON n.user_id = s.user_id AND n.submission_id = s.id
INNER JOIN learning.assignments AS a ON s.assignment_id = a.id
INNER JOIN auth.users AS u ON n.user_id = u.id
CROSS JOIN auth.users AS r
WHERE
    n.reviewed_at IS NULL
    AND s.status IN ('PASSED', 'FAILED')
    AND u.deleted_at IS NULL
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND r.role IN ('INSTRUCTOR', 'ADMIN')
    AND r.id <> n.user_id
    -- :if module_id
    AND a.module_id = :module_id
    -- :end
    -- :if after
    AND (n.created_at, n.id) > (:after, :id_after)
    -- :end
ORDER BY n.created_at, n.id
LIMIT :limit;

-- name: record_attempt_analysis :opt
-- Store a model's analysis of a completed attempt. A repeated call is harmless; another result replaces it.
--
-- None, and nothing changed, if it was reviewed already, so that a review stays with the analysis that it is about;
-- also where the attempt is not the learner's or is not completed, and for a model without a name. The score is the
-- result's.
-- row: RecordedAnalysis
INSERT INTO learning.quiz_analyses AS n (user_id, attempt_id, type, ai_model, ai_result, score)
SELECT t.user_id, t.id AS attempt_id, 'AI', btrim(:ai_model), :ai_result, (:ai_result::jsonb ->> 'score')::integer
FROM learning.mcq_attempts AS t
WHERE t.user_id = :user_id AND t.id = :attempt_id AND t.status = 'COMPLETED' AND :ai_model ~ '\S'
ON CONFLICT (user_id, attempt_id) DO UPDATE
    SET ai_model = excluded.ai_model, ai_result = excluded.ai_result, score = excluded.score, updated_at = now()
    WHERE n.reviewed_at IS NULL
RETURNING n.user_id, n.id, n.type, n.score, n.created_at;

-- name: add_attempt_review :opt
-- Review a completed attempt: a model's analysis becomes HYBRID; without one the review is MANUAL.
--
-- None, and nothing changed, where it is reviewed already: of two reviewers at once the first one's review stays.
-- Also where the attempt is not that of a live learner or is not completed; where the reviewer may not; and for notes
-- silently.
-- row: Review
-- nullable: score
INSERT INTO learning.quiz_analyses AS n
(user_id, attempt_id, type, reviewer_id, reviewer_notes, score, reviewed_at)
SELECT t.user_id, t.id AS attempt_id, 'MANUAL', r.id AS reviewer_id, rtrim(:reviewer_notes), :score, now()
FROM learning.mcq_attempts AS t
CROSS JOIN auth.users AS r
CROSS JOIN auth.users AS u
WHERE
    t.user_id = :user_id
    AND t.id = :attempt_id
    AND t.status = 'COMPLETED'
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND r.role IN ('INSTRUCTOR', 'ADMIN')
    AND r.id <> t.user_id
    AND u.id = t.user_id
    AND u.deleted_at IS NULL
    AND :reviewer_notes ~ '\S'
ON CONFLICT (user_id, attempt_id) DO UPDATE
    SET
        type = 'HYBRID',
        reviewer_id = excluded.reviewer_id,
        reviewer_notes = excluded.reviewer_notes,
        score = coalesce(excluded.score, n.score),
        reviewed_at = excluded.reviewed_at,
        updated_at = now()
    WHERE n.reviewed_at IS NULL
RETURNING
    n.user_id,
    n.id,
    n.type,
    n.reviewer_id,
    n.reviewer_notes AS "reviewer_notes!",
    n.score,
    n.reviewed_at AS "reviewed_at!";

-- name: revise_attempt_review :opt
-- Write a review again: its own reviewer, or an ADMIN, whose review it is from then on.
--
-- reviewed_at is that of the review as it was read. None, and nothing changed, if it was revised meanwhile,
-- or there is none; also where the learner is gone or the reviewer may not (any more), and for notes silently.
-- row: Review
-- nullable: score
UPDATE learning.quiz_analyses AS n
SET
    reviewer_id = r.id,
    reviewer_notes = rtrim(:reviewer_notes),
    score = coalesce(:score, (n.ai_result ->> 'score')::integer),
    -- Later than before, regardless of the clock: it distinguishes this review from the one that it replaces.
    reviewed_at = greatest(now(), n.reviewed_at + interval '1 microsecond'),
    updated_at = now()
FROM auth.users AS r
WHERE
    n.user_id = :user_id
    AND n.attempt_id = :attempt_id
    AND n.type IN ('MANUAL', 'HYBRID')
    AND n.reviewed_at = :reviewed_at
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND (r.role = 'ADMIN' OR (r.role = 'INSTRUCTOR' AND n.reviewer_id = r.id))
    AND r.id <> n.user_id
    AND EXISTS (
        SELECT FROM auth.users AS u
        WHERE u.id = n.user_id AND u.deleted_at IS NULL
    )
    AND :reviewer_notes ~ '\S'
RETURNING
    n.user_id,
    n.id,
    n.type,
    n.reviewer_id,
    n.reviewer_notes AS "reviewer_notes!",
    n.score,
    n.reviewed_at AS "reviewed_at!";

-- name: get_attempt_analysis :opt
-- The analysis of a learner's attempt, for the learner. A reviewer whose account is gone is None; the
-- review stays.
-- row: LearnerAnalysis
SELECT
    n.user_id,
    n.id,
    n.type,
    n.ai_result,
    n.reviewer_notes,
    n.score,
    n.reviewed_at,
    r.id AS "reviewer.id",
    r.name AS "reviewer.name"
FROM learning.quiz_analyses AS n
LEFT JOIN auth.users AS r ON n.reviewer_id = r.id AND r.deleted_at IS NULL
WHERE n.user_id = :user_id AND n.attempt_id = :attempt_id;

-- name: get_attempt_for_review :opt
-- A completed attempt with all that a reviewer judges by: each question, what was chosen and what is right, and what
-- was stated so far.
--
-- None where the attempt is not the learner's or is not completed, where the learner's account is gone, and for whom
-- is no reviewer of it.
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
    u.id AS "learner.id",
    u.name AS "learner.name",
    z.id AS "quiz.id",
    z.title AS "quiz.title",
    z.passing_percent AS "quiz.passing_percent",
    n.id AS "analysis.id",
    n.type AS "analysis.type",
    n.ai_model AS "analysis.ai_model",
    n.ai_result AS "analysis.ai_result",
    n.reviewer_id AS "analysis.reviewer_id",
    n.reviewer_notes AS "analysis.reviewer_notes",
    n.score AS "analysis.score",
    n.reviewed_at AS "analysis.reviewed_at",
    q.id AS "questions[].id",
    q.prompt AS "questions[].prompt",
    q.code_snippet AS "questions[].code_snippet",
    q.points AS "questions[].points",
    coalesce(w.points_awarded, 0) AS "questions[].points_awarded",
    chosen.body AS "questions[].chosen",
    answer.body AS "questions[].right"
FROM learning.mcq_attempts AS t
INNER JOIN auth.users AS u ON t.user_id = u.id
INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
CROSS JOIN auth.users AS r
LEFT JOIN learning.quiz_analyses AS n ON t.user_id = n.user_id AND t.id = n.attempt_id
LEFT JOIN learning.mcq_questions AS q
    ON
        z.id = q.quiz_id
        AND t.started_at >= q.created_at
        AND (q.deleted_at IS NULL OR t.started_at < q.deleted_at)
LEFT JOIN learning.mcq_answers AS w ON t.user_id = w.user_id AND t.id = w.attempt_id AND q.id = w.question_id
LEFT JOIN learning.mcq_options AS chosen ON w.option_id = chosen.id
LEFT JOIN learning.mcq_options AS answer ON q.id = answer.question_id AND answer.is_correct
WHERE
    t.user_id = :user_id
    AND t.id = :attempt_id
    AND t.status = 'COMPLETED'
    AND u.deleted_at IS NULL
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND r.role IN ('INSTRUCTOR', 'ADMIN')
    AND r.id <> t.user_id
ORDER BY q.position, q.id;

-- name: list_attempts_to_review :many
-- A page of the attempts about which only a model spoke, the longest waiting first: of all modules, or of one.
--
-- The next page begins behind the last row of this one: give its waits_since and analysis_id as after and id_after.
-- Nothing for whom is no reviewer, and never the reviewer's own attempts.
-- across-users
-- include-deleted
SELECT
    n.id AS analysis_id,
    n.created_at AS waits_since,
    n.ai_model AS "ai_model!",
    n.score,
    t.id AS "attempt.id",
    t.attempt_number AS "attempt.attempt_number",
    t.score AS "attempt.score!",
    t.max_score AS "attempt.max_score",
    t.passed AS "attempt.passed!",
    t.completed_at AS "attempt.completed_at!",
    z.id AS "quiz.id",
    z.module_id AS "quiz.module_id",
    z.title AS "quiz.title",
    u.id AS "learner.id",
    u.name AS "learner.name"
FROM learning.quiz_analyses AS n
INNER JOIN learning.mcq_attempts AS t ON n.user_id = t.user_id AND n.attempt_id = t.id
INNER JOIN learning.mcq_quizzes AS z ON t.quiz_id = z.id
INNER JOIN auth.users AS u ON n.user_id = u.id
CROSS JOIN auth.users AS r
WHERE
    n.reviewed_at IS NULL
    AND u.deleted_at IS NULL
    AND r.id = :reviewer_id
    AND r.deleted_at IS NULL
    AND r.role IN ('INSTRUCTOR', 'ADMIN')
    AND r.id <> n.user_id
    -- :if module_id
    AND z.module_id = :module_id
    -- :end
    -- :if after
    AND (n.created_at, n.id) > (:after, :id_after)
    -- :end
ORDER BY n.created_at, n.id
LIMIT :limit;
