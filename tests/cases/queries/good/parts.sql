-- name: list_submissions :many
-- Submissions of a user.
SELECT s.id, s.score
FROM learning.submissions AS s
WHERE s.user_id = :user_id
    -- :if status
    AND s.status = :status
    -- :end
    -- :if scored
    AND s.score IS NOT NULL
        -- :if between
        AND s.score >= :between AND s.score < :below
        -- :end
    -- :end
-- :order newest
ORDER BY s.submitted_at DESC, s.id
-- :order best
-- ORDER BY s.score DESC NULLS LAST, -- the best first
--   s.id
-- :order nearest
-- ORDER BY abs(s.score - :near), s.id
-- :end
LIMIT :limit;

-- name: part_at_the_end :execrows
DELETE FROM learning.submissions WHERE user_id = :user_id
-- :if before
AND submitted_at < :before;
-- :end

-- name: part_at_the_start :many
-- :if only_live
WITH live AS (SELECT id FROM auth.users WHERE deleted_at IS NULL)
-- :end
SELECT 1;

-- name: order_at_the_end :many
SELECT id FROM auth.users
-- :order by_name
ORDER BY name
-- :order by_age
-- ORDER BY created_at;
-- :end
