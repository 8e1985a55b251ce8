-- name: date :many
-- row: Model
SELECT p.id, m.status, p.status AS other_status, m.time
FROM other.parameters AS p JOIN "class".models AS m ON m.id = p.id
WHERE m.time = :time AND p.status = :status;

-- name: whole :many
SELECT id, status, theirs, "Status", field, literal FROM other.parameters;

-- name: both :many
SELECT m.id AS "model.id", m.status AS "model.status", m.theirs AS "model.theirs", m.pairs AS "model.pairs",
    m."UUID" AS "model.UUID", m.time AS "model.time", m."Decimal" AS "model.Decimal",
    p.id AS "parameter.id"
FROM "class".models AS m JOIN other.parameters AS p ON p.id = m.id;

-- name: with_flag :execrows
UPDATE other.parameters SET status = :status
-- :if narrow
WHERE id = :id
-- :end
;

-- name: copy_things :copyfrom
INSERT INTO other."OddlyNamed Things" ("Some Value", "anotherValue") VALUES (:count, :index);
