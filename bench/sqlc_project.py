"""Makes a project as sqlc's users have them: 117 tables in a folder of migrations, 800 queries in a file per table.

The same text each time. What the queries do is what those of a web service do: about half read rows by a key or a
filter, a quarter join, aggregate or use a CTE, a quarter write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOMAINS = (
    *("billing", "catalog", "chat", "courses", "events", "fleet", "forum", "health", "hiring", "library"),
    *("media", "orders", "travel"),
)
ENTITIES = ("accounts", "members", "projects", "tasks", "notes", "tags", "files", "reviews", "payments")
QUERIES = 800
SQLC_YAML = """version: "2"
sql:
  - engine: postgresql
    schema: schema
    queries: queries
    gen:
      go:
        package: db
        out: db
        sql_package: pgx/v5
"""
PYPROJECT = """[tool.codezest-sql]
migrations = "schema"
queries = "queries"
dialect = "sqlc"
"""


def write_project(folder: Path) -> list[Path]:
    """Write the project below a folder, with the settings of both tools; return the files of queries."""
    (folder / "schema").mkdir(parents=True)
    (folder / "queries").mkdir()
    (folder / "sqlc.yaml").write_text(SQLC_YAML)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    for number, domain in enumerate(DOMAINS, start=1):
        (folder / "schema" / f"{number:04}_{domain}.sql").write_text("\n".join(_schema(domain)))
    files: list[Path] = []
    left = QUERIES
    for domain in DOMAINS:
        for place, entity in enumerate(ENTITIES):
            parent = f"{domain}_{ENTITIES[place - 1]}" if place else None
            texts = [*_queries(domain, entity, parent, offset=len(files))]
            if len(files) % 6 == 5:
                texts.pop()
            left -= len(texts)
            files.append(folder / "queries" / f"{domain}_{entity}.sql")
            files[-1].write_text("\n\n".join(texts) + "\n")
    if left:
        raise ValueError(f"{left} queries are missing")
    return files


def _schema(domain: str) -> Iterator[str]:
    yield f"CREATE TYPE {domain}_status AS ENUM ('draft', 'active', 'archived');\n"
    for place, entity in enumerate(ENTITIES):
        table, above = f"{domain}_{entity}", f"{domain}_{ENTITIES[place - 1]}"
        reference = f"REFERENCES {above} (id) ON DELETE CASCADE" if place else ""
        yield (
            f"CREATE TABLE {table} (\n"
            "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
            f"    parent_id bigint {reference},\n"
            "    owner_id bigint NOT NULL,\n"
            "    email text NOT NULL,\n"
            "    title varchar(200) NOT NULL,\n"
            "    body text,\n"
            f"    status {domain}_status NOT NULL DEFAULT 'draft',\n"
            "    attributes jsonb NOT NULL DEFAULT '{}',\n"
            "    extra jsonb,\n"
            "    labels text[] NOT NULL DEFAULT '{}',\n"
            "    amount numeric(12, 2),\n"
            "    score integer NOT NULL DEFAULT 0,\n"
            "    token uuid,\n"
            "    due date,\n"
            "    created_at timestamptz NOT NULL DEFAULT now(),\n"
            "    updated_at timestamptz NOT NULL DEFAULT now(),\n"
            "    deleted_at timestamptz,\n"
            "    UNIQUE (owner_id, email)\n"
            ");\n"
            f"CREATE INDEX {table}_parent ON {table} (parent_id);\n"
            f"CREATE INDEX {table}_owner ON {table} (owner_id, created_at DESC) WHERE deleted_at IS NULL;\n"
        )


def _queries(domain: str, entity: str, parent: str | None, *, offset: int) -> Iterator[str]:
    """Give the queries of a table: four that every table has, and a run of the others."""
    table = f"{domain}_{entity}"
    name = "".join(word.capitalize() for word in table.split("_"))
    above = parent or table
    for template in COMMON:
        yield template.format(name=name, table=table, parent=above, domain=domain)
    for number in range(3):
        template = OTHERS[(offset * 3 + number) % len(OTHERS)]
        yield template.format(name=name, table=table, parent=above, domain=domain)


COMMON = (
    """-- name: Get{name} :one
-- One row by its key.
SELECT * FROM {table}
WHERE id = $1 AND deleted_at IS NULL LIMIT 1;""",
    """-- name: List{name} :many
SELECT id, email, title, status, amount, created_at
FROM {table}
WHERE owner_id = $1 AND deleted_at IS NULL
ORDER BY created_at DESC
LIMIT $2 OFFSET $3;""",
    """-- name: Create{name} :one
INSERT INTO {table} (parent_id, owner_id, email, title, body, status, attributes, labels, amount, due)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING *;""",
    """-- name: Update{name} :one
UPDATE {table}
SET title = COALESCE(sqlc.narg(title), title),
    body = COALESCE(sqlc.narg(body), body),
    status = COALESCE(sqlc.narg(status), status),
    updated_at = now()
WHERE id = sqlc.arg(id) AND deleted_at IS NULL
RETURNING id, title, body, status, updated_at;""",
)
OTHERS = (
    """-- name: Join{name} :many
SELECT t.id, t.title, t.status, p.id AS parent_id, p.title AS parent_title, p.amount
FROM {table} AS t
JOIN {parent} AS p ON p.id = t.parent_id
WHERE t.status = @status AND t.score >= @least
ORDER BY t.score DESC, t.id;""",
    """-- name: LeftJoin{name} :many
SELECT t.id, t.title, p.title AS parent_title, p.status AS parent_status, count(c.id) AS children
FROM {table} AS t
LEFT JOIN {parent} AS p ON p.id = t.parent_id
LEFT JOIN {table} AS c ON c.parent_id = t.id AND c.deleted_at IS NULL
WHERE t.owner_id = $1
GROUP BY t.id, p.id
HAVING count(c.id) >= $2::bigint
ORDER BY children DESC;""",
    """-- name: Summarize{name} :many
WITH recent AS (
    SELECT t.id, t.owner_id, t.status, t.amount, t.score
    FROM {table} AS t
    WHERE t.created_at >= @since AND t.deleted_at IS NULL
), totals AS (
    SELECT recent.owner_id, count(*) AS items, sum(recent.amount) AS total, max(recent.score) AS best
    FROM recent
    GROUP BY recent.owner_id
)
SELECT totals.owner_id, totals.items, totals.total, totals.best, first.email
FROM totals
LEFT JOIN {table} AS first ON first.owner_id = totals.owner_id AND first.score = totals.best
ORDER BY totals.items DESC
LIMIT @most;""",
    """-- name: Count{name}ByStatus :many
SELECT status, count(*) AS items, avg(score)::float8 AS average, coalesce(sum(amount), 0)::numeric AS total
FROM {table}
WHERE owner_id = ANY(@owners::bigint[])
GROUP BY status;""",
    """-- name: Search{name} :many
SELECT id, title, attributes ->> 'color' AS color, extra -> 'size' AS size
FROM {table}
WHERE attributes @> sqlc.arg(filter)::jsonb
    AND (title ILIKE '%' || @term::text || '%' OR body ILIKE '%' || @term::text || '%')
    AND (sqlc.narg(status)::{domain}_status IS NULL OR status = sqlc.narg(status))
ORDER BY CASE WHEN @by_score::boolean THEN score END DESC, id;""",
    """-- name: SoftDelete{name} :execrows
UPDATE {table}
SET deleted_at = now(), updated_at = now()
WHERE owner_id = $1 AND id = ANY($2::bigint[]) AND deleted_at IS NULL;""",
    """-- name: Upsert{name} :one
INSERT INTO {table} (owner_id, email, title, attributes)
VALUES (@owner_id, @email, @title, @attributes)
ON CONFLICT (owner_id, email) DO UPDATE
SET title = EXCLUDED.title, attributes = {table}.attributes || EXCLUDED.attributes, updated_at = now()
RETURNING id, (xmax = 0)::boolean AS inserted;""",
    """-- name: Delete{name} :exec
DELETE FROM {table}
WHERE id = $1 AND owner_id = $2;""",
    """-- name: Exists{name} :one
SELECT EXISTS (
    SELECT 1 FROM {table} WHERE owner_id = $1 AND lower(email) = lower($2) AND deleted_at IS NULL
) AS found;""",
    """-- name: Rank{name} :many
SELECT id, owner_id, score, rank() OVER (PARTITION BY owner_id ORDER BY score DESC) AS place,
    lag(score) OVER (PARTITION BY owner_id ORDER BY score DESC) AS before
FROM {table}
WHERE status <> 'archived' AND due BETWEEN @starts AND @ends;""",
    """-- name: Move{name} :many
WITH moved AS (
    UPDATE {table} AS m SET parent_id = @new_parent, updated_at = now()
    WHERE m.parent_id = @old_parent
    RETURNING m.id, m.parent_id, m.title
)
SELECT moved.id, moved.title, p.title AS parent_title
FROM moved
LEFT JOIN {parent} AS p ON p.id = moved.parent_id;""",
    """-- name: Tree{name} :many
WITH RECURSIVE tree AS (
    SELECT r.id, r.parent_id, r.title, 1 AS depth FROM {table} AS r WHERE r.id = $1
    UNION ALL
    SELECT c.id, c.parent_id, c.title, tree.depth + 1
    FROM {table} AS c
    JOIN tree ON tree.id = c.parent_id
)
SELECT id, title, depth FROM tree ORDER BY depth, id;""",
)
