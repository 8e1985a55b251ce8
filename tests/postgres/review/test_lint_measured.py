"""What lint predicts of generated statements is what the review's tracer measures of them, on every PostgreSQL.

A sample runs in the suite. ``CODEZEST_LINT_STATEMENTS=all pytest tests/postgres/review/test_lint_measured.py`` runs
all of them: about 13,000 statements, some minutes for each version.
"""

from __future__ import annotations

import os
import re

import psycopg
import pytest

from tests.postgres.review.lint_measured import differences
from tests.postgres.review.lint_statements import SCHEMA, statements

pytestmark = pytest.mark.every_postgres

# Where lint and the server differ, and why: a pattern of the statement, the kinds of difference, the reason.
LISTED = (
    (r"ALTER TABLE IF EXISTS gen\.missing", {"false", "lock"}, "files do not show that a database lacks a table"),
    (r"DROP TRIGGER IF EXISTS missing", {"lock"}, "files do not show that a database lacks a trigger"),
    # The table has SHARE and its indexes ACCESS EXCLUSIVE, for which the planner of every query waits.
    (r"REINDEX", {"lock"}, "lint calls a lock on all indexes, which keeps readers out, ACCESS EXCLUSIVE"),
    (r"DROP TABLE .* CASCADE", {"lock"}, "a view that CASCADE takes along is locked too; the rule cascade names it"),
    (r"ALTER TABLE gen\.parent ADD CONSTRAINT k UNIQUE", {"lock"}, "15 and 16 lock partitions with SHARE for that"),
    (r"ALTER TABLE gen\.elder ADD .*FOREIGN KEY", {"lock"}, "15 and 16 do not lock the tables that inherit"),
    (
        r"ALTER TABLE gen\.parent ALTER COLUMN (?:id|kind|note) (?:SET|DROP) NOT NULL",
        {"lock"},
        "where nothing changes the server stops before it locks the partitions",
    ),
)


@pytest.fixture
def generated(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    return database


def test_lint_foretells_what_the_server_does(generated: str) -> None:
    every = list(dict.fromkeys(statements()))
    texts = every if os.environ.get("CODEZEST_LINT_STATEMENTS") == "all" else every[::61]
    found = [str(each) for each in differences(generated, texts) if not _is_listed(each.kind, each.text)]
    assert found == []


def _is_listed(kind: str, text: str) -> bool:
    return any(kind in kinds and re.match(pattern, text) for pattern, kinds, _ in LISTED)
