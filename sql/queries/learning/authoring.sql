-- The catalogue as its authors write it: drafts too. Whoever calls these has made sure that the user is an INSTRUCTOR
-- or ADMIN. Ids are the caller's: the same insert again is harmless, and gives None where the id is another's.
--
-- Order is a list of ids: reorder_… gives each its place in the list in one UPDATE, and ignores unknown ids.

-- name: save_language :opt
-- Add a language behind the others, or change one. None where it is deleted.
INSERT INTO learning.programming_languages AS l (id, slug, name, description, icon_url, is_active, position)
VALUES (
    :id,
    :slug,
    :name,
    :description,
    :icon_url,
    :is_active,
    coalesce(
        (
            SELECT max(other.position) + 1 AS position
            FROM learning.programming_languages AS other
            WHERE other.deleted_at IS NULL
        ),
        0
    )
)
ON CONFLICT (id) DO UPDATE
    SET
        slug = excluded.slug,
        name = excluded.name,
        description = excluded.description,
        icon_url = excluded.icon_url,
        is_active = excluded.is_active,
        updated_at = now()
    WHERE l.deleted_at IS NULL
RETURNING l.id, l.slug, l.name, l.is_active, l.position, l.updated_at;

-- name: delete_language :execrows
-- Take a language out of the catalogue; 0 where there is none, and where learners still work in it: a module of it is
-- published. Drafts and the rows of learners stay.
WITH language AS MATERIALIZED (
    SELECT l.id
    FROM learning.programming_languages AS l
    WHERE l.id = :id AND l.deleted_at IS NULL
    FOR NO KEY UPDATE
),

-- Locked, so that one that is just being published counts as what it is then.
modules AS MATERIALIZED (
    SELECT m.is_published
    FROM language
    INNER JOIN learning.modules AS m ON language.id = m.language_id
    WHERE m.deleted_at IS NULL
    ORDER BY m.id
    FOR NO KEY UPDATE OF m
)

UPDATE learning.programming_languages AS l
SET deleted_at = now(), is_active = FALSE, updated_at = now()
FROM language
WHERE
    l.id = language.id
    AND l.deleted_at IS NULL
    AND NOT EXISTS (
        SELECT FROM modules AS m
        WHERE m.is_published
    );

-- name: reorder_languages :execrows
-- Give the languages the order of the list.
WITH locked AS MATERIALIZED (
    -- In the order of ids: two orders at once would else wait for each other.
    SELECT l.id
    FROM learning.programming_languages AS l
    WHERE l.deleted_at IS NULL
    ORDER BY l.id
    FOR UPDATE
)

UPDATE learning.programming_languages AS l
SET position = o.place - 1, updated_at = now()
FROM locked
INNER JOIN unnest(:ids::uuid[]) WITH ORDINALITY AS o (id, place) ON locked.id = o.id
WHERE l.id = locked.id AND l.deleted_at IS NULL;

-- name: create_module :opt
-- Add a module behind the others of its language, as a draft. None where there is no such language or author.
INSERT INTO learning.modules AS m
(id, language_id, slug, title, description, difficulty, estimated_minutes, position, created_by)
SELECT
    :id,
    l.id AS language_id,
    :slug,
    :title,
    :description,
    :difficulty,
    :estimated_minutes,
    coalesce(
        (
            SELECT max(other.position) + 1 AS position
            FROM learning.modules AS other
            WHERE other.language_id = l.id AND other.deleted_at IS NULL
        ),
        0
    ),
    u.id AS created_by
FROM learning.programming_languages AS l
CROSS JOIN auth.users AS u
WHERE l.id = :language_id AND l.deleted_at IS NULL AND u.id = :created_by AND u.deleted_at IS NULL
ON CONFLICT (id) DO NOTHING
RETURNING m.id, m.language_id, m.slug, m.title, m.position, m.is_published, m.created_at;

-- name: edit_module :opt
-- Change the texts of a module, unless another session changed it meanwhile: updated_at is the value that was read.
UPDATE learning.modules AS m
SET
    slug = :slug,
    title = :title,
    description = :description,
    difficulty = :difficulty,
    estimated_minutes = :estimated_minutes,
    updated_at = now()
WHERE m.id = :id AND m.deleted_at IS NULL AND m.updated_at = :updated_at
RETURNING m.id, m.slug, m.title, m.description, m.difficulty, m.estimated_minutes, m.updated_at;

-- name: publish_module :opt
-- Show a module to learners. None where it is published already, where it has nothing to do in it, and where its
-- language is deleted.
WITH language AS MATERIALIZED (
    -- Locked before the module, as delete_language does.
    SELECT l.id
    FROM learning.modules AS draft
    INNER JOIN learning.programming_languages AS l ON draft.language_id = l.id
    WHERE draft.id = :id AND draft.deleted_at IS NULL AND l.deleted_at IS NULL
    FOR SHARE OF l
)

UPDATE learning.modules AS m
SET is_published = TRUE, updated_at = now()
FROM language
WHERE
    m.id = :id
    AND m.language_id = language.id
    AND m.deleted_at IS NULL
    AND NOT m.is_published
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
RETURNING m.id, m.is_published, m.updated_at;

-- name: unpublish_module :opt
-- Take a module back into drafts; what learners did in it stays.
UPDATE learning.modules AS m
SET is_published = FALSE, updated_at = now()
WHERE m.id = :id AND m.deleted_at IS NULL AND m.is_published
RETURNING m.id, m.is_published, m.updated_at;

-- name: delete_module :execrows
-- Take a module out of the catalogue; 0 where there is none. Its rows and those of learners stay.
UPDATE learning.modules AS m
SET deleted_at = now(), is_published = FALSE, updated_at = now()
WHERE m.id = :id AND m.deleted_at IS NULL;

-- name: list_modules :many
-- All modules of a language in their order, drafts too.
SELECT
    m.id,
    m.slug,
    m.title,
    m.difficulty,
    m.position,
    m.is_published,
    m.updated_at,
    m.created_by,
    (
        SELECT count(*) AS materials
        FROM learning.materials AS t
        WHERE t.module_id = m.id AND t.deleted_at IS NULL
    ) AS materials
FROM learning.modules AS m
WHERE m.language_id = :language_id AND m.deleted_at IS NULL
ORDER BY m.position, m.id;

-- name: reorder_modules :execrows
-- Give the modules of a language the order of the list.
WITH locked AS MATERIALIZED (
    -- In the order of ids: two orders at once would else wait for each other.
    SELECT m.id
    FROM learning.modules AS m
    WHERE m.language_id = :language_id AND m.deleted_at IS NULL
    ORDER BY m.id
    FOR UPDATE
)

UPDATE learning.modules AS m
SET position = o.place - 1, updated_at = now()
FROM locked AS l
INNER JOIN unnest(:ids::uuid[]) WITH ORDINALITY AS o (id, place) ON l.id = o.id
WHERE m.id = l.id AND m.language_id = :language_id AND m.deleted_at IS NULL;

-- name: save_material :opt
-- Add a material behind the others of its module, as a draft, or change one. None where there is no such module, or
-- the id is that of a material elsewhere. What its type is nothing without is asked for by the table's CHECKs.
INSERT INTO learning.materials AS t (id, module_id, type, title, body, url, code, duration_seconds, position)
SELECT
    :id,
    m.id AS module_id,
    :type,
    :title,
    :body,
    :url,
    :code,
    :duration_seconds,
    coalesce(
        (
            SELECT max(other.position) + 1 AS position
            FROM learning.materials AS other
            WHERE other.module_id = m.id AND other.deleted_at IS NULL
        ),
        0
    )
FROM learning.modules AS m
WHERE m.id = :module_id AND m.deleted_at IS NULL
ON CONFLICT (id) DO UPDATE
    SET
        type = excluded.type,
        title = excluded.title,
        body = excluded.body,
        url = excluded.url,
        code = excluded.code,
        duration_seconds = excluded.duration_seconds,
        updated_at = now()
    WHERE t.module_id = excluded.module_id AND t.deleted_at IS NULL
RETURNING t.id, t.module_id, t.type, t.title, t.position, t.is_published, t.updated_at;

-- name: show_material :execrows
-- Publish a material, or take it back; 0 where there is none, or it is so already.
UPDATE learning.materials AS t
SET is_published = :is_published, updated_at = now()
WHERE t.id = :id AND t.deleted_at IS NULL AND t.is_published <> :is_published;

-- name: delete_material :execrows
-- Take a material out of the catalogue; 0 where there is none.
UPDATE learning.materials AS t
SET deleted_at = now(), updated_at = now()
WHERE t.id = :id AND t.deleted_at IS NULL;

-- name: reorder_materials :execrows
-- Give the materials of a module the order of the list.
WITH locked AS MATERIALIZED (
    -- In the order of ids: two orders at once would else wait for each other.
    SELECT t.id
    FROM learning.materials AS t
    WHERE t.module_id = :module_id AND t.deleted_at IS NULL
    ORDER BY t.id
    FOR UPDATE
)

UPDATE learning.materials AS t
SET position = o.place - 1, updated_at = now()
FROM locked AS l
INNER JOIN unnest(:ids::uuid[]) WITH ORDINALITY AS o (id, place) ON l.id = o.id
WHERE t.id = l.id AND t.module_id = :module_id AND t.deleted_at IS NULL;

-- name: save_assignment :opt
-- Add an assignment behind the others of its module, or change one. None where there is no such module, or the id is
-- that of an assignment elsewhere.
INSERT INTO learning.assignments AS a
(
    id, module_id, title, description, difficulty, starter_code, solution_code, test_cases, time_limit_ms,
    memory_limit_mb, max_score, max_attempts, position
)
SELECT
    :id,
    m.id AS module_id,
    :title,
    :description,
    :difficulty,
    :starter_code,
    :solution_code,
    :test_cases,
    :time_limit_ms,
    :memory_limit_mb,
    :max_score,
    :max_attempts,
    coalesce(
        (
            SELECT max(other.position) + 1 AS position
            FROM learning.assignments AS other
            WHERE other.module_id = m.id AND other.deleted_at IS NULL
        ),
        0
    )
FROM learning.modules AS m
WHERE m.id = :module_id AND m.deleted_at IS NULL
ON CONFLICT (id) DO UPDATE
    SET
        title = excluded.title,
        description = excluded.description,
        difficulty = excluded.difficulty,
        starter_code = excluded.starter_code,
        solution_code = excluded.solution_code,
        test_cases = excluded.test_cases,
        time_limit_ms = excluded.time_limit_ms,
        memory_limit_mb = excluded.memory_limit_mb,
        max_score = excluded.max_score,
        max_attempts = excluded.max_attempts,
        updated_at = now()
    WHERE a.module_id = excluded.module_id AND a.deleted_at IS NULL
RETURNING a.id, a.module_id, a.title, a.position, a.updated_at;

-- name: get_assignment_to_edit :opt
-- An assignment with its solution and all test cases.
SELECT
    a.id,
    a.module_id,
    a.title,
    a.description,
    a.difficulty,
    a.starter_code,
    a.solution_code,
    a.test_cases,
    a.time_limit_ms,
    a.memory_limit_mb,
    a.max_score,
    a.max_attempts,
    a.updated_at
FROM learning.assignments AS a
WHERE a.id = :id AND a.deleted_at IS NULL;

-- name: delete_assignment :execrows
-- Take an assignment out of the catalogue; 0 where there is none.
UPDATE learning.assignments AS a
SET deleted_at = now(), updated_at = now()
WHERE a.id = :id AND a.deleted_at IS NULL;

-- name: reorder_assignments :execrows
-- Give the assignments of a module the order of the list.
WITH locked AS MATERIALIZED (
    -- In the order of ids: two orders at once would else wait for each other.
    SELECT a.id
    FROM learning.assignments AS a
    WHERE a.module_id = :module_id AND a.deleted_at IS NULL
    ORDER BY a.id
    FOR UPDATE
)

UPDATE learning.assignments AS a
SET position = o.place - 1, updated_at = now()
FROM locked AS l
INNER JOIN unnest(:ids::uuid[]) WITH ORDINALITY AS o (id, place) ON l.id = o.id
WHERE a.id = l.id AND a.module_id = :module_id AND a.deleted_at IS NULL;
