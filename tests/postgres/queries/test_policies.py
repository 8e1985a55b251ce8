"""Each policy, on queries that break it and queries that do not, judged as ``check`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.actions.queries.check_files import Checker
from codezest_sql.actions.queries.folder import QueryFile
from codezest_sql.core.query_checks.policies import POLICIES
from codezest_sql.core.query_checks.policy_names import POLICY_NAMES, Severity
from codezest_sql.core.query_plans.findings import PLAN_POLICIES
from codezest_sql.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = """
CREATE TABLE people (
    id integer PRIMARY KEY, name text NOT NULL UNIQUE, updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE TABLE notes (
    id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES people (id), body text,
    UNIQUE (user_id, body)
);
CREATE VIEW living AS SELECT p.id, p.name FROM people AS p WHERE p.deleted_at IS NULL;
"""

GATHERED = """SELECT p.id, n.id AS "notes[].id" FROM people AS p LEFT JOIN notes AS n ON n.user_id = p.id"""

# Policy, SQL below a name line (kind first), whether it is broken.
EXAMPLES = [
    ("select-star", ":many", "SELECT * FROM people;", True),
    ("select-star", ":many", "SELECT p.* FROM people AS p;", True),
    ("select-star", ":many", "SELECT DISTINCT ON (name) * FROM people;", True),
    ("select-star", ":many", "SELECT id, (SELECT q FROM (SELECT * FROM notes) AS q LIMIT 1) FROM people;", True),
    ("select-star", ":many", "DELETE FROM people WHERE id = 1 RETURNING *;", True),
    ("select-star", ":many", "SELECT count(*) FROM people;", False),
    ("select-star", ":many", "SELECT id * 2 AS twice, (id) * 3 FROM people;", False),
    ("select-star", ":many", "SELECT id FROM people AS p WHERE EXISTS (SELECT * FROM notes);", False),
    ("select-star", ":many", "SELECT '*' AS star, id -- * FROM\nFROM people;", False),
    ("where", ":exec", "UPDATE people SET name = 'x';", True),
    ("where", ":exec", "DELETE FROM notes;", True),
    ("where", ":many", "WITH gone AS (DELETE FROM notes RETURNING id) SELECT id FROM gone;", True),
    ("where", ":exec", "DELETE FROM notes WHERE true;", False),
    ("where", ":exec", "UPDATE people SET name = 'x' WHERE id = :id;", False),
    ("where", ":exec", "UPDATE notes SET body = 'x' FROM people AS p WHERE p.id = notes.user_id;", False),
    ("where", ":exec", "INSERT INTO notes (id, user_id) VALUES (1, 1);", False),
    ("updated-at", ":exec", "UPDATE people SET name = 'x' WHERE id = :id;", True),
    ("updated-at", ":exec", "UPDATE people SET name = 'x', updated_at = now() WHERE id = :id;", False),
    ("updated-at", ":exec", "UPDATE notes SET body = 'x' WHERE id = :id;", False),
    (
        "updated-at",
        ":exec",
        "INSERT INTO people (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name;",
        True,
    ),
    (
        "updated-at",
        ":exec",
        "INSERT INTO people (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET updated_at = now();",
        False,
    ),
    ("updated-at", ":exec", "INSERT INTO people (id, name) VALUES (1, 'x') ON CONFLICT DO NOTHING;", False),
    (
        "updated-at",
        ":exec",
        "MERGE INTO people USING notes AS n ON n.user_id = people.id WHEN MATCHED THEN UPDATE SET name = n.body;",
        True,
    ),
    ("one-row", ":one", "SELECT id FROM people;", True),
    ("one-row", ":opt", "SELECT id FROM notes WHERE user_id = :user_id;", True),
    ("one-row", ":opt", "SELECT id FROM notes WHERE user_id = :user_id AND body = :body;", False),
    ("one-row", ":opt", "SELECT id FROM people WHERE id = :id;", False),
    ("one-row", ":one", "SELECT count(*) FROM people;", False),
    ("one-row", ":opt", "SELECT id FROM people ORDER BY id LIMIT 1;", False),
    ("one-row", ":many", "SELECT id FROM people;", False),
    ("one-row", ":one", f"{GATHERED} WHERE p.id = :id;", False),
    ("one-row", ":one", f"{GATHERED} WHERE p.name = :name;", True),
    ("one-row", ":one", f"{GATHERED} WHERE n.id = :id;", True),
    ("one-row", ":one", f"{GATHERED} JOIN people AS q ON q.name <> p.name WHERE p.id = :id;", True),
    ("soft-delete", ":many", "SELECT id FROM people;", True),
    ("soft-delete", ":many", "SELECT id FROM people WHERE deleted_at IS NOT NULL;", True),
    ("soft-delete", ":many", "SELECT id FROM people WHERE deleted_at IS NULL OR id = 1;", True),
    ("soft-delete", ":many", "SELECT n.id FROM notes AS n JOIN people AS p ON p.id = n.user_id;", True),
    ("soft-delete", ":exec", "UPDATE people SET name = 'x' WHERE id = :id;", True),
    (
        "soft-delete",
        ":many",
        "SELECT n.id FROM notes AS n LEFT JOIN people AS p ON p.id = n.user_id AND p.deleted_at IS NULL;",
        False,
    ),
    ("soft-delete", ":many", "WITH p AS (SELECT id FROM people WHERE deleted_at IS NULL) SELECT id FROM p;", False),
    ("soft-delete", ":many", "SELECT id FROM living;", False),
    ("soft-delete", ":many", "-- include-deleted\nSELECT id FROM people;", False),
    ("soft-delete", ":exec", "INSERT INTO people (id, name) VALUES (1, 'x');", False),
    ("user-scope", ":many", "SELECT id FROM notes;", True),
    ("user-scope", ":many", "SELECT n.id FROM notes AS n WHERE n.id = :id;", True),
    ("user-scope", ":many", "SELECT n.id FROM notes AS n JOIN people AS p ON p.id = n.user_id;", True),
    ("user-scope", ":many", "SELECT n.id FROM notes AS n WHERE n.user_id = :user_id;", False),
    ("user-scope", ":many", "SELECT n.id FROM notes AS n WHERE n.user_id = ANY(:ids);", False),
    (
        "user-scope",
        ":many",
        "SELECT n.id FROM notes AS n JOIN people AS p ON p.id = n.user_id WHERE p.id = :id;",
        False,
    ),
    ("user-scope", ":many", "SELECT n.id FROM notes AS n WHERE n.user_id <> :user_id;", True),
    ("user-scope", ":many", "SELECT n.id FROM notes AS n WHERE n.user_id = :user_id OR true;", True),
    ("user-scope", ":many", "-- across-users\nSELECT id FROM notes;", False),
    ("user-scope", ":exec", "INSERT INTO notes (id, user_id) VALUES (1, 1);", False),
    ("docstring", ":many", "SELECT id FROM people;", True),
    ("docstring", ":many", "-- Everybody.\nSELECT id FROM people;", False),
]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    """A checker of the schema above, for which every policy is an error."""
    root: Path = tmp_path_factory.mktemp("policies")
    (root / "m").mkdir()
    (root / "m" / "0001_all.sql").write_text(SCHEMA, "utf-8")
    severities = tuple((name, Severity.ERROR) for name in POLICY_NAMES)
    with Checker(Settings(str(root), str(root / "m"), str(root / "q"), policies=severities)) as found:
        yield found


@pytest.mark.parametrize(("policy", "kind", "sql", "broken"), EXAMPLES)
def test_a_policy_finds_what_breaks_it_and_nothing_else(
    checker: Checker, policy: str, kind: str, sql: str, *, broken: bool
) -> None:
    file = QueryFile("q/x.sql", "x.sql", f"-- name: it {kind}\n{sql}\n".encode())
    (checked,) = checker.check([file]).files
    assert not [problem for problem in checked.problems if problem.code not in POLICY_NAMES]
    assert (policy in {problem.code for problem in checked.problems}) == broken
    assert all(problem.hint and problem.line for problem in checked.problems)


def test_every_policy_has_examples_of_both_kinds() -> None:
    """Those of plans are in test_plans.py."""
    names = tuple(policy.name for policy in POLICIES)
    assert (*names, *PLAN_POLICIES) == POLICY_NAMES
    for name in names:
        assert {broken for policy, _, _, broken in EXAMPLES if policy == name} == {True, False}, name


def test_a_project_that_says_nothing_gets_warnings_of_likely_mistakes_only(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "0001_all.sql").write_text(SCHEMA, "utf-8")
    text = "-- name: a :exec\nDELETE FROM notes;\n-- name: b :one\nSELECT * FROM people;\n"
    with Checker(Settings(str(tmp_path), str(tmp_path / "m"), str(tmp_path / "q"))) as checker:
        checked = checker.check([QueryFile("q/x.sql", "x.sql", text.encode())])
    found = [(problem.code, problem.severity) for problem in checked.files[0].problems]
    assert found == [("where", Severity.WARNING), ("one-row", Severity.WARNING)]
    assert not checked.errors
