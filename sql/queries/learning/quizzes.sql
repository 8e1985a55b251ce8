-- Quizzes as their authors write them; attempts.sql is how learners take them. Ids are the caller's.
--
-- A question that was answered keeps its options: take it out and add another. An attempt sees the questions that the
-- quiz had when it began.

-- name: save_quiz :opt
-- Add a quiz to a module, or change one. None where there is no such module, or the id is that of a quiz elsewhere.
INSERT INTO learning.mcq_quizzes AS z
(
    id, module_id, title, description, difficulty, time_limit_seconds, passing_percent, max_attempts,
    shuffle_questions
)
SELECT
    :id,
    m.id AS module_id,
    :title,
    :description,
    :difficulty,
    :time_limit_seconds,
    :passing_percent,
    :max_attempts,
    :shuffle_questions
FROM learning.modules AS m
WHERE m.id = :module_id AND m.deleted_at IS NULL
ON CONFLICT (id) DO UPDATE
    SET
        title = excluded.title,
        description = excluded.description,
        difficulty = excluded.difficulty,
        time_limit_seconds = excluded.time_limit_seconds,
        passing_percent = excluded.passing_percent,
        max_attempts = excluded.max_attempts,
        shuffle_questions = excluded.shuffle_questions,
        updated_at = now()
    WHERE z.module_id = excluded.module_id AND z.deleted_at IS NULL
RETURNING z.id, z.module_id, z.title, z.passing_percent, z.updated_at;

-- name: delete_quiz :execrows
-- Take a quiz out of the catalogue; 0 where there is none.
UPDATE learning.mcq_quizzes AS z
SET deleted_at = now(), updated_at = now()
WHERE z.id = :id AND z.deleted_at IS NULL;

-- name: get_quiz_to_edit :opt
-- A quiz with its questions and options in their order, and which of them is right.
SELECT
    z.id,
    z.module_id,
    z.title,
    z.description,
    z.difficulty,
    z.time_limit_seconds,
    z.passing_percent,
    z.max_attempts,
    z.shuffle_questions,
    z.updated_at,
    q.id AS "questions[].id",
    q.prompt AS "questions[].prompt",
    q.code_snippet AS "questions[].code_snippet",
    q.explanation AS "questions[].explanation",
    q.points AS "questions[].points",
    o.id AS "questions[].options[].id",
    o.body AS "questions[].options[].body",
    o.is_correct AS "questions[].options[].is_correct"
FROM learning.mcq_quizzes AS z
LEFT JOIN learning.mcq_questions AS q ON z.id = q.quiz_id AND q.deleted_at IS NULL
LEFT JOIN learning.mcq_options AS o ON q.id = o.question_id
WHERE z.id = :id AND z.deleted_at IS NULL
ORDER BY q.position, q.id, o.position, o.id;

-- name: add_question :opt
-- Add a question with its options behind the others of its quiz; options are in their order, and right is the number
-- of the one that is, from 1. None where there is no such quiz, fewer than two options, or none of that number.
WITH quiz AS MATERIALIZED (
    -- Held until the end: an attempt begins before this question is there or after it.
    SELECT z.id
    FROM learning.mcq_quizzes AS z
    WHERE
        z.id = :quiz_id
        AND z.deleted_at IS NULL
        AND cardinality(:options::text[]) >= 2
        AND :right::integer BETWEEN 1 AND cardinality(:options)
    FOR NO KEY UPDATE
),

question AS (
    INSERT INTO learning.mcq_questions AS q
    (id, quiz_id, prompt, code_snippet, explanation, points, position, created_at)
    SELECT
        :id,
        z.id AS quiz_id,
        :prompt,
        :code_snippet,
        :explanation,
        :points,
        coalesce(
            (
                SELECT max(other.position) + 1 AS position
                FROM learning.mcq_questions AS other
                WHERE other.quiz_id = z.id AND other.deleted_at IS NULL
            ),
            0
        ),
        -- Not now(), when the transaction began: what waited for the lock is later than what held it.
        clock_timestamp()
    FROM quiz AS z
    ON CONFLICT (id) DO NOTHING
    RETURNING q.id, q.quiz_id, q.position
),

options AS (
    INSERT INTO learning.mcq_options (question_id, body, is_correct, position)
    SELECT q.id AS question_id, o.body, o.place = :right AS is_correct, o.place - 1 AS position
    FROM question AS q
    CROSS JOIN unnest(:options::text[]) WITH ORDINALITY AS o (body, place)
    RETURNING question_id
)

SELECT q.id, q.quiz_id, q.position, (SELECT count(*) AS made FROM options) AS options
FROM question AS q;

-- name: remove_question :execrows
-- Take a question out of its quiz; 0 where there is none. Attempts that have it keep it.
-- include-deleted
WITH quiz AS MATERIALIZED (
    -- As in add_question.
    SELECT z.id
    FROM learning.mcq_questions AS q
    INNER JOIN learning.mcq_quizzes AS z ON q.quiz_id = z.id
    WHERE q.id = :id
    FOR NO KEY UPDATE OF z
)

UPDATE learning.mcq_questions AS q
SET deleted_at = clock_timestamp(), updated_at = now()
FROM quiz
WHERE q.id = :id AND q.quiz_id = quiz.id AND q.deleted_at IS NULL;

-- name: reorder_questions :execrows
-- Give the questions of a quiz the order of the list.
WITH locked AS MATERIALIZED (
    -- In the order of ids: two orders at once would else wait for each other.
    SELECT q.id
    FROM learning.mcq_questions AS q
    WHERE q.quiz_id = :quiz_id AND q.deleted_at IS NULL
    ORDER BY q.id
    FOR UPDATE
)

UPDATE learning.mcq_questions AS q
SET position = o.place - 1, updated_at = now()
FROM locked AS l
INNER JOIN unnest(:ids::uuid[]) WITH ORDINALITY AS o (id, place) ON l.id = o.id
WHERE q.id = l.id AND q.quiz_id = :quiz_id AND q.deleted_at IS NULL;
