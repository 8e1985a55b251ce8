"""A rolling deploy: what ``review`` predicts of the old release's queries is what happens to them while it runs."""

from __future__ import annotations

import subprocess
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest

from codezest_sql import Database, load_queries
from codezest_sql.errors import QueryError
from tests.postgres.review.test_review_command import SETTINGS
from tests.projects import Project, git

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE TYPE stage AS ENUM ('draft', 'live');
CREATE TABLE items (
    id integer PRIMARY KEY, title text NOT NULL, note text, score integer, stage stage NOT NULL DEFAULT 'draft'
);
INSERT INTO items (id, title, note, score) VALUES (1, 'A lamp', 'green', 3);
"""
QUERIES = """
-- name: get_score :opt
SELECT i.score FROM items AS i WHERE i.id = :id;
-- name: titles :many
SELECT i.title FROM items AS i;
-- name: set_note :exec
UPDATE items SET note = :note WHERE id = :id;
-- name: drafts :many
SELECT i.id FROM items AS i WHERE i.stage = 'draft';
-- name: add_item :exec
INSERT INTO items (id, title) VALUES (:id, :title) ON CONFLICT (id) DO UPDATE SET title = excluded.title;
"""
ARGUMENTS: dict[str, dict[str, object]] = {
    "get_score": {"id": 1}, "titles": {}, "set_note": {"id": 1, "note": None}, "drafts": {},
    "add_item": {"id": 2, "title": "A chair"},
}  # fmt: skip
CHANGES = {
    "ALTER TABLE items ADD COLUMN colour text;": set[str](),
    "CREATE INDEX items_title_idx ON items (title);": set[str](),
    "ALTER TABLE items DROP COLUMN score;": {"get_score"},
    "ALTER TABLE items RENAME COLUMN title TO name;": {"titles", "add_item"},
    "UPDATE items SET note = ''; ALTER TABLE items ALTER COLUMN note SET NOT NULL;": {"set_note", "add_item"},
    "ALTER TYPE stage RENAME VALUE 'draft' TO 'new';": {"drafts"},
    "ALTER TABLE items RENAME TO goods;": set(ARGUMENTS),
}


class OldRelease:
    """Instances of the old release that run all its queries, over and over, until they are stopped."""

    def __init__(self, queries: Any, url: str) -> None:
        self._queries, self._url = queries, url
        self._stopped = threading.Event()
        self.rounds = 0
        self.failed: dict[str, str] = {}
        self._threads = [threading.Thread(target=self._work) for _ in range(3)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.wait_for_rounds(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for_rounds(self, count: int) -> None:
        """Wait until all its queries have been run so many times more."""
        pause = threading.Event()
        wanted = self.rounds + count
        for _ in range(600):
            if self.rounds >= wanted:
                return
            pause.wait(0.05)
        pytest.fail(f"the old release made {self.rounds} rounds, {wanted} were awaited; failed: {self.failed}")

    def _work(self) -> None:
        # Each round connects again, as an instance does that starts now: a prepared statement knows an enum's value
        # by its number, and would not see that it has another name.
        while not self._stopped.is_set():
            with Database.connect(self._url) as db:
                for name, arguments in ARGUMENTS.items():
                    try:
                        db.run(getattr(self._queries, name)(**arguments))
                    except QueryError as error:
                        self.failed[name] = error.message
            self.rounds += 1


@pytest.fixture
def released(tmp_path: Path, database: str) -> Project:
    """Make a project whose release v1 is tagged and deployed, and whose tree is free for what comes next."""
    root = tmp_path / "project"
    root.mkdir()
    project = Project(root, database)
    (root / "pyproject.toml").write_text(SETTINGS)
    (root / "queries").mkdir()
    (root / "queries" / "items.sql").write_text(QUERIES)
    project.write("0001_items.sql", SCHEMA)
    project.write("0001_items.rollback.sql", "DROP TABLE items;\nDROP TYPE stage;\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "v1")
    git(root, "tag", "v1")
    project.succeed()
    # The next release has other queries; those of v1 are in git alone.
    (root / "queries" / "items.sql").write_text("-- name: one :one\nSELECT 1 AS one;\n")
    return project


@pytest.mark.parametrize("change", CHANGES)
def test_what_review_foretells_is_what_happens(change: str, released: Project, tmp_path: Path) -> None:
    released.write("0002_change.sql", change + "\n")
    report = released.run("review", "--base", "v1", "--format", "json")
    foretold = {
        each["message"].split(" of v1 ")[0].removeprefix("items.")
        for each in report.json["findings"]
        if each["code"] == "query-breaks" and each["severity"] == "error"
    }
    assert foretold == CHANGES[change]
    assert report.code == 1 or not foretold
    old = tmp_path / "old"
    old.mkdir()
    shown = subprocess.run(
        ["git", "-C", str(released.root), "show", "v1:queries/items.sql"], check=True, capture_output=True
    )
    (old / "items.sql").write_bytes(shown.stdout)
    with OldRelease(load_queries(old / "items.sql"), released.url or "") as running:
        assert running.failed == {}
        released.succeed()
        running.wait_for_rounds(10)
    assert set(running.failed) == foretold, running.failed
