-- name: get_quiz_document :opt
-- A quiz as a document that SQL builds: every value of it is typed.
SELECT q.id,
    jsonb_build_object('id', u.id, 'email', u.email, 'role', u.role, 'class', u.name, 'since', u.created_at) AS author,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', o.id, 'body', o.body, 'right', o.is_correct, 'row', to_jsonb(o))
            ORDER BY o.id)
        FROM shop.mcq_options AS o WHERE o.quiz_id = q.id
    ), '[]'::jsonb) AS options,
    jsonb_build_object('price', q.price, 'tags', q.tags, 'settings', q.settings, 'size', q.size, 'address', q.address,
        'during', q.during, 'inner', jsonb_build_object('date', q.date)) AS details,
    array(SELECT o.body FROM shop.mcq_options AS o) AS bodies
FROM shop.mcq_quizzes AS q
JOIN auth.users AS u ON u.id = q.author_id
WHERE q.id = :id;
