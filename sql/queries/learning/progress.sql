-- How far a learner is. What was completed stays so, and the percentage of a material only grows.
--
-- A module's percentage is the share of its published materials that are completed and of its assignments that were
-- passed, made of what is there now and rounded down: something new lowers it. It is kept in module_progress by
-- refresh_module_progress, the last of three: db.batch(lock_module_progress(…), record_material_progress(…),
-- refresh_module_progress(…)) is one round trip and one transaction. With record_result it is the same.

-- name: lock_module_progress :exec
-- Let others who record and refresh for this learner and module wait until this transaction ends: goes before both.
--
-- A statement sees what was committed before it began. So without it, of two at once each may count its own part
-- only, and the module stays below what is done until the next refresh.
SELECT pg_advisory_xact_lock(
    hashtextextended('learning.module_progress ' || :user_id::uuid || ' ' || :module_id::uuid, 0)
);

-- name: record_material_progress :opt
-- Note how far a learner is in a material; 100 percent completes it. Less than before changes nothing.
--
-- None where there is no such live learner or published material, or the learner is not enrolled in its language.
INSERT INTO learning.material_progress AS p (user_id, material_id, status, percent, position_seconds, completed_at)
SELECT
    e.user_id,
    t.id AS material_id,
    CASE WHEN :percent::integer >= 100 THEN 'COMPLETED' ELSE 'IN_PROGRESS' END::learning.progress_status AS status,
    :percent,
    :position_seconds,
    CASE WHEN :percent >= 100 THEN now() END AS completed_at
FROM learning.materials AS t
INNER JOIN learning.modules AS m ON t.module_id = m.id
INNER JOIN learning.language_enrollments AS e ON m.language_id = e.language_id
INNER JOIN auth.users AS u ON e.user_id = u.id
WHERE
    e.user_id = :user_id
    AND t.id = :material_id
    AND e.status <> 'DROPPED'
    AND u.deleted_at IS NULL
    AND t.is_published
    AND t.deleted_at IS NULL
    AND m.is_published
    AND m.deleted_at IS NULL
ON CONFLICT (user_id, material_id) DO UPDATE
    SET
        status = CASE WHEN p.status = 'COMPLETED' THEN p.status ELSE excluded.status END,
        percent = greatest(p.percent, excluded.percent),
        -- A repeated view replaces the position.
        position_seconds = excluded.position_seconds,
        completed_at = coalesce(p.completed_at, excluded.completed_at),
        updated_at = now()
RETURNING p.user_id, p.material_id, p.status, p.percent, p.position_seconds, p.completed_at;

-- name: refresh_module_progress :opt
-- Derive how far a learner is in a module, and keep it. It becomes COMPLETED at 100 percent, and stays so.
--
-- None where the module is not published or has nothing to do in it, and where the learner is not enrolled.
WITH work AS (
    SELECT
        count(*) AS parts,
        count(*) FILTER (WHERE p.status = 'COMPLETED') AS done,
        count(*) FILTER (WHERE p.status <> 'NOT_STARTED') AS begun
    FROM learning.materials AS t
    LEFT JOIN learning.material_progress AS p ON t.id = p.material_id AND p.user_id = :user_id
    WHERE t.module_id = :module_id AND t.is_published AND t.deleted_at IS NULL
    UNION ALL
    SELECT
        count(*) AS parts,
        count(*) FILTER (WHERE s.passed) AS done,
        count(*) FILTER (WHERE s.tried) AS begun
    FROM learning.assignments AS a
    CROSS JOIN
        LATERAL (
            SELECT coalesce(bool_or(s.status = 'PASSED'), FALSE) AS passed, count(*) > 0 AS tried
            FROM learning.assignment_submissions AS s
            WHERE s.user_id = :user_id AND s.assignment_id = a.id
        ) AS s
    WHERE a.module_id = :module_id AND a.deleted_at IS NULL
),

derived AS (
    SELECT
        -- A cast would round, and end a module before its last part.
        floor(100 * sum(w.done) / nullif(sum(w.parts), 0))::integer AS percent,
        sum(w.begun) > 0 AS is_begun
    FROM (SELECT w.parts::bigint AS parts, w.done::bigint AS done, w.begun::bigint AS begun FROM work AS w) AS w
)

INSERT INTO learning.module_progress AS p (user_id, module_id, status, percent, started_at, completed_at)
SELECT
    e.user_id,
    m.id AS module_id,
    CASE
        WHEN d.percent = 100 THEN 'COMPLETED' WHEN d.is_begun THEN 'IN_PROGRESS' ELSE 'NOT_STARTED'
    END::learning.progress_status AS status,
    d.percent,
    CASE WHEN d.is_begun THEN now() END AS started_at,
    CASE WHEN d.percent = 100 THEN now() END AS completed_at
FROM learning.modules AS m
INNER JOIN learning.language_enrollments AS e ON m.language_id = e.language_id
CROSS JOIN derived AS d
WHERE
    e.user_id = :user_id
    AND m.id = :module_id
    AND e.status <> 'DROPPED'
    AND m.is_published
    AND m.deleted_at IS NULL
    AND d.percent IS NOT NULL
ON CONFLICT (user_id, module_id) DO UPDATE
    SET
        status = CASE WHEN p.status = 'COMPLETED' THEN p.status ELSE excluded.status END,
        percent = excluded.percent,
        started_at = coalesce(p.started_at, excluded.started_at),
        completed_at = CASE
            WHEN p.status = 'COMPLETED' OR excluded.status <> 'COMPLETED' THEN p.completed_at
            -- now() is when the transaction began: another, for which it waited, may have noted a later start.
            ELSE greatest(excluded.completed_at, p.started_at)
        END,
        updated_at = now()
RETURNING p.user_id, p.module_id, p.status, p.percent, p.started_at, p.completed_at;

-- name: get_module_progress :opt
-- A learner's progress in a module: what is kept, None before anything is, and each published material in its order.
--
-- None where the module is not published. A material that was not begun is NOT_STARTED.
SELECT
    m.id,
    m.title,
    k.user_id AS "progress.user_id",
    k.status AS "progress.status",
    k.percent AS "progress.percent",
    k.started_at AS "progress.started_at",
    k.completed_at AS "progress.completed_at",
    t.id AS "materials[].id",
    t.title AS "materials[].title",
    t.type AS "materials[].type",
    coalesce(p.status, 'NOT_STARTED') AS "materials[].status",
    coalesce(p.percent, 0) AS "materials[].percent",
    coalesce(p.position_seconds, 0) AS "materials[].position_seconds",
    p.completed_at AS "materials[].completed_at"
FROM learning.modules AS m
LEFT JOIN learning.module_progress AS k ON m.id = k.module_id AND k.user_id = :user_id
LEFT JOIN learning.materials AS t ON m.id = t.module_id AND t.is_published AND t.deleted_at IS NULL
LEFT JOIN learning.material_progress AS p ON t.id = p.material_id AND p.user_id = :user_id
WHERE m.id = :module_id AND m.is_published AND m.deleted_at IS NULL
ORDER BY t.position, t.id;

-- name: list_module_progress :many
-- The published modules of a language in their order, with how far a learner is in each.
SELECT
    m.id AS module_id,
    m.slug,
    m.title,
    m.difficulty,
    m.estimated_minutes,
    coalesce(p.status, 'NOT_STARTED') AS status,
    coalesce(p.percent, 0) AS percent,
    p.started_at,
    p.completed_at
FROM learning.modules AS m
LEFT JOIN learning.module_progress AS p ON m.id = p.module_id AND p.user_id = :user_id
WHERE m.language_id = :language_id AND m.is_published AND m.deleted_at IS NULL
ORDER BY m.position, m.id;
