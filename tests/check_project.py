"""A project with query files to check, in this process, with a cache of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.projects import Outcome, Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    nick text,
    mood mood NOT NULL DEFAULT 'glad',
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author bigint NOT NULL REFERENCES people,
    editor bigint REFERENCES people,
    title text NOT NULL
);
CREATE TABLE tags (id bigint PRIMARY KEY, post bigint NOT NULL REFERENCES posts, word text NOT NULL);
"""


class CheckProject:
    """A folder with migrations and queries. ``settings`` are lines of ``[tool.codezest-sql]``."""

    def __init__(self, root: Path, settings: str = "", *, schema: str = SCHEMA, cache: Path | None = None) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.project = Project(root)
        self.project.environment = {"XDG_CACHE_HOME": str(cache or root / "cache"), "GITHUB_ACTIONS": ""}
        self.queries = root / "queries"
        self.queries.mkdir(exist_ok=True)
        self.configure(settings)
        self.project.write("0001_schema.sql", schema)

    def configure(self, settings: str) -> None:
        """Write the settings."""
        head = '[tool.codezest-sql]\nmigrations = "migrations"\nqueries = "queries"\n'
        self.project.write("../pyproject.toml", f"{head}{settings}\n")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write query files."""
        for name, content in files.items():
            path = self.queries / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def check(self, *words: str, **files: str | bytes) -> Outcome:
        """Write ``NAME.sql`` for each keyword, and run ``codezest-sql check WORDS``."""
        self.write({f"{name}.sql": content for name, content in files.items()})
        outcome = self.project.run("check", *words)
        assert "Traceback" not in outcome.err
        assert "[bug]" not in outcome.err
        return outcome

    def refused(self, sql: str | bytes) -> str:
        """Return what a check says of the one file ``q.sql``, which it refuses."""
        outcome = self.check(q=sql)
        assert outcome.code == 7, outcome.out + outcome.err
        return outcome.err

    def typed(self, sql: str) -> list[dict[str, Any]]:
        """Return the queries of the one file ``q.sql``, in which nothing is wrong, as ``--json`` prints them."""
        outcome = self.check("--json", q=sql)
        assert outcome.code == 0, outcome.err
        found: list[dict[str, Any]] = outcome.json["queries"]
        return found
