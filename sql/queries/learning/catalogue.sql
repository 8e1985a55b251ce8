-- The catalogue as learners see it: open languages, published modules, their content. Nothing here shows a
-- solution, a right answer or a hidden test case.

-- name: list_languages :many
-- The languages that learners may take up, in their order, with the number of published modules of each.
SELECT l.id, l.slug, l.name, l.description, l.icon_url, count(m.id) AS modules
FROM learning.programming_languages AS l
LEFT JOIN learning.modules AS m ON l.id = m.language_id AND m.is_published AND m.deleted_at IS NULL
WHERE l.is_active AND l.deleted_at IS NULL
GROUP BY l.id
ORDER BY l.position, l.id;

-- name: find_language :opt
-- A language by its slug. One that is no longer open is found too, for those who are enrolled.
SELECT l.id, l.slug, l.name, l.description, l.icon_url, l.is_active
FROM learning.programming_languages AS l
WHERE l.slug = :slug AND l.deleted_at IS NULL;

-- name: get_language :opt
-- A language with its published modules in their order, open or not.
SELECT
    l.id,
    l.slug,
    l.name,
    l.description,
    l.icon_url,
    l.is_active,
    m.id AS "modules[].id",
    m.slug AS "modules[].slug",
    m.title AS "modules[].title",
    m.description AS "modules[].description",
    m.difficulty AS "modules[].difficulty",
    m.estimated_minutes AS "modules[].estimated_minutes"
FROM learning.programming_languages AS l
LEFT JOIN learning.modules AS m ON l.id = m.language_id AND m.is_published AND m.deleted_at IS NULL
WHERE l.id = :language_id AND l.deleted_at IS NULL
ORDER BY m.position, m.id;

-- name: get_module :opt
-- A published module with all that is in it: materials, assignments and quizzes, each in its order; without their
-- bodies, which get_material, get_assignment and the paper of an attempt give.
SELECT
    m.id,
    m.slug,
    m.title,
    m.description,
    m.difficulty,
    m.estimated_minutes,
    l.id AS "language.id",
    l.slug AS "language.slug",
    l.name AS "language.name",
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'id', t.id, 'type', t.type, 'title', t.title, 'duration_seconds', t.duration_seconds
                    )
                    ORDER BY t.position, t.id
                ) AS items
            FROM learning.materials AS t
            WHERE t.module_id = m.id AND t.is_published AND t.deleted_at IS NULL
        ),
        '[]'
    ) AS materials,
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'id', a.id,
                        'title', a.title,
                        'difficulty', a.difficulty,
                        'max_score', a.max_score,
                        'max_attempts', a.max_attempts
                    )
                    ORDER BY a.position, a.id
                ) AS items
            FROM learning.assignments AS a
            WHERE a.module_id = m.id AND a.deleted_at IS NULL
        ),
        '[]'
    ) AS assignments,
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'id', z.id,
                        'title', z.title,
                        'difficulty', z.difficulty,
                        'questions', (
                            SELECT count(*) AS questions FROM learning.mcq_questions AS q
                            WHERE q.quiz_id = z.id AND q.deleted_at IS NULL
                        ),
                        'passing_percent', z.passing_percent,
                        'time_limit_seconds', z.time_limit_seconds,
                        'max_attempts', z.max_attempts
                    )
                    ORDER BY z.created_at, z.id
                ) AS items
            FROM learning.mcq_quizzes AS z
            WHERE z.module_id = m.id AND z.deleted_at IS NULL
        ),
        '[]'
    ) AS quizzes
FROM learning.modules AS m
INNER JOIN learning.programming_languages AS l ON m.language_id = l.id
WHERE m.id = :module_id AND m.is_published AND m.deleted_at IS NULL AND l.deleted_at IS NULL;

-- name: get_material :opt
-- A published material with its content.
SELECT t.id, t.module_id, t.type, t.title, t.body, t.url, t.code, t.duration_seconds
FROM learning.materials AS t
INNER JOIN learning.modules AS m ON t.module_id = m.id
WHERE t.id = :material_id AND t.is_published AND t.deleted_at IS NULL AND m.is_published AND m.deleted_at IS NULL;

-- name: get_assignment :opt
-- An assignment of a published module as learners see it: without its solution, and of its test cases only those that
-- are not hidden, in their order.
SELECT
    a.id,
    a.module_id,
    a.title,
    a.description,
    a.difficulty,
    a.starter_code,
    a.time_limit_ms,
    a.memory_limit_mb,
    a.max_score,
    a.max_attempts,
    jsonb_array_length(a.test_cases) AS test_cases,
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'name', c.value ->> 'name',
                        'input', c.value ->> 'input',
                        'expected_output', c.value ->> 'expected_output'
                    )
                    ORDER BY c.ordinality
                ) AS items
            FROM jsonb_array_elements(a.test_cases) WITH ORDINALITY AS c
            WHERE NOT coalesce((c.value ->> 'is_hidden')::boolean, FALSE)
        ),
        '[]'
    ) AS examples
FROM learning.assignments AS a
INNER JOIN learning.modules AS m ON a.module_id = m.id
WHERE a.id = :assignment_id AND a.deleted_at IS NULL AND m.is_published AND m.deleted_at IS NULL;
