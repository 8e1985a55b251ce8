"""A project with a shop's tables, and the same tables with rows: what plans are made for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg

from codezest_sql.postgres.server.binaries import find_binaries
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, city text, joined date NOT NULL
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_city_idx ON users (city);
CREATE TABLE orders (
    id bigint NOT NULL, user_id bigint NOT NULL REFERENCES users, state text NOT NULL, at date NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX orders_user_id_idx ON orders (user_id);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE "Notes" (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE, body text NOT NULL);
"""
# With values that no file may ever hold.
ROWS = """
INSERT INTO users (email, city, joined)
SELECT 'secret' || n || '@example.com', CASE WHEN n % 10 > 0 THEN 'secret city ' || n % 40 END,
    date '2020-01-01' + n % 1000
FROM generate_series(1, 40000) AS n;
INSERT INTO orders (id, user_id, state, at)
SELECT n, 1 + n * 7919 % 40000, CASE WHEN n % 4 = 0 THEN 'secret' ELSE 'open' END, date '2025-01-01' + n % 730
FROM generate_series(1, 60000) AS n;
INSERT INTO "Notes" SELECT n, n, 'secret note ' || n FROM generate_series(1, 300) AS n;
VACUUM ANALYZE;
"""
QUERIES = """
-- name: find_user :opt
SELECT u.id, u.email FROM users AS u WHERE lower(u.email) = lower(:email);

-- name: in_city :many
SELECT u.id, u.email FROM users AS u WHERE u.city = :city;

-- name: joined_since :many
SELECT u.id FROM users AS u
WHERE u.joined >= :since
  -- :if city
  AND u.city = :city
  -- :end
;

-- name: orders_of :many
SELECT o.id, o.state, u.email FROM orders AS o JOIN users AS u ON u.id = o.user_id WHERE u.id = :id;

-- name: open_orders :many
SELECT o.id FROM orders AS o WHERE o.at >= :since AND o.state = 'open';

-- name: notes :many
SELECT n.id FROM "Notes" AS n WHERE n.body = :body;

-- name: some_users :many
SELECT u.id FROM users AS u LIMIT 10;

-- name: rename_city :execrows
UPDATE users SET city = :new WHERE city = :old;
"""


def shop(root: Path, major: int) -> Project:
    """Make the project; its commands use the server programs of one version."""
    project = Project(root)
    project.environment["CODEZEST_PG_BINDIR"] = str(find_binaries(major).bindir) if major else ""
    project.write("0001_shop.sql", SCHEMA)
    project.write("0001_shop.rollback.sql", 'DROP TABLE "Notes"; DROP TABLE orders; DROP TABLE users;')
    settings(project)
    (root / "queries").mkdir()
    (root / "queries" / "shop.sql").write_text(QUERIES, "utf-8")
    return project


def settings(project: Project, *lines: str) -> None:
    """Write the project's settings."""
    kept = ('migrations = "migrations"', 'queries = "queries"', 'statistics = "stats.json"', 'plans = "plans.json"')
    project.write("../pyproject.toml", "\n".join(("[tool.codezest-sql]", *kept, *lines)) + "\n")


def fill(url: str) -> None:
    """Make the shop's tables in a database, with rows and statistics."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        for statement in ROWS.strip().split(";\n"):
            connection.execute(statement.encode())


def statistics(project: Project, **tables: int) -> None:
    """Write statistics by hand: rows of tables in the schema public."""
    said = {f"public.{name}": {"rows": rows} for name, rows in tables.items()}
    (project.root / "stats.json").write_text(json.dumps({"tables": said}), "utf-8")


def found(project: Project, *options: str) -> tuple[Any, int]:
    """Return what ``check --plans --json`` says, and its exit code."""
    outcome = project.run("check", "--plans", "--json", *options)
    return outcome.json, outcome.code
