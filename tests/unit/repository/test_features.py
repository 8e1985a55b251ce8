"""``docs/features.md`` has every query in one feature, with the tables that it uses and a test that runs it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from codezest_sql.core.query_files.reading import read_query_file
from codezest_sql.core.sql.lexer import COMMENTS, TokenKind, tokens
from tests.paths import ROOT
from tests.unit.repository.test_docs import rows

FEATURES = (ROOT / "docs" / "features.md").read_text("utf-8")
CODE = re.compile(r"`([^`]+)`")
SERVICES = sorted(path.name for path in (ROOT / "sql" / "queries").iterdir() if path.is_dir())
TABLES = {
    name
    for path in (ROOT / "sql" / "migrations").glob("*.sql")
    for name in re.findall(r"^CREATE TABLE (\w+\.\w+)", path.read_text("utf-8"), re.MULTILINE)
}


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of the page; queries are ``service.file.name``."""

    service: str
    name: str
    tables: tuple[str, ...]
    queries: tuple[str, ...]
    tests: tuple[str, ...]


def features() -> list[Feature]:
    """Return the rows of the page."""
    found: list[Feature] = []
    for service, text in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", FEATURES, re.MULTILINE | re.DOTALL):
        for name, *cells in rows(text)[1:]:
            tables, queries, tests = (tuple(CODE.findall(cell)) for cell in cells)
            found.append(Feature(service, name, tables, tuple(f"{service}.{query}" for query in queries), tests))
    return found


def queries() -> dict[str, frozenset[str]]:
    """Return every query, as ``service.file.name``, with the tables that its SQL names."""
    return {
        f"{path.parent.name}.{path.stem}.{query.name}": tables_of(query.text)
        for path in sorted((ROOT / "sql" / "queries").rglob("*.sql"))
        for query in read_query_file(path.read_bytes(), file=path.name)
    }


def tables_of(text: str) -> frozenset[str]:
    """Return the tables that a statement names; neither comments nor strings name any."""
    words = [token for token in tokens(text) if token.kind not in COMMENTS]
    code = " ".join("''" if token.kind is TokenKind.STRING else token.text(text) for token in words)
    return frozenset(re.findall(r"\b\w+\.\w+\b", code.replace(" . ", "."))) & TABLES


@cache
def run_by(test: str) -> frozenset[str]:
    """Return the queries that a test runs, on its own or by modules of the tests that it imports."""
    tree = ast.parse((ROOT / test).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    helpers = {f"{node.module.replace('.', '/')}.py" for node in imports if node.module and node.level == 0}
    modules = {
        each.asname or each.name: f"{node.module.removeprefix('codezest_sql.platform.queries.')}.{each.name}"
        for node in imports
        if node.module and node.module.startswith("codezest_sql.platform.queries.")
        for each in node.names
    }
    own = {
        f"{modules[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
    }
    return frozenset(own).union(*(run_by(name) for name in helpers if re.match(r"tests/(?!conftest)", name)))


ALL = queries()
EACH = pytest.mark.parametrize("feature", features(), ids=lambda feature: feature.name)


def test_every_query_is_in_one_feature_and_no_feature_has_another() -> None:
    counted = Counter(query for feature in features() for query in feature.queries)
    assert {
        "in no feature": sorted(ALL.keys() - counted.keys()),
        "not a query": sorted(counted.keys() - ALL.keys()),
        "in several": sorted(query for query, times in counted.items() if times > 1),
    } == {"in no feature": [], "not a query": [], "in several": []}


def test_every_service_with_queries_has_a_section_that_links_to_its_page() -> None:
    assert sorted({feature.service for feature in features()}) == SERVICES
    assert [service for service in SERVICES if f"(services/{service}.md)" not in FEATURES] == []


@EACH
def test_the_tables_of_a_feature_are_used_and_no_table_of_its_service_is_forgotten(feature: Feature) -> None:
    used = frozenset[str]().union(*(ALL[query] for query in feature.queries))
    own = {table for table in used if table.startswith(f"{feature.service}.")}
    assert {"not used": set(feature.tables) - used, "forgotten": own - set(feature.tables)} == {
        "not used": set(),
        "forgotten": set(),
    }


@EACH
def test_the_tests_of_a_feature_run_its_queries(feature: Feature) -> None:
    assert [test for test in feature.tests if not run_by(test).intersection(feature.queries)] == []
    ran = frozenset[str]().union(*(run_by(test) for test in feature.tests))
    assert [query for query in feature.queries if query not in ran] == []


def test_a_table_in_a_string_or_a_comment_is_not_used() -> None:
    text = "SELECT 'auth.users', 1 -- auth.sessions\nFROM learning.modules AS m JOIN auth.users_old ON true"
    assert tables_of(text) == {"learning.modules"}


def test_what_a_test_runs_is_found_in_itself_and_in_what_it_imports() -> None:
    ran = run_by("tests/postgres/platform/test_analysis_queries.py")
    assert {"learning.submissions.grade_again", "learning.analyses.add_attempt_review"} <= ran
    assert "learning.attempts.get_paper" not in ran


def test_every_lock_is_told_of_with_what_goes_behind_it() -> None:
    text = FEATURES[FEATURES.index("## What goes behind a lock") : FEATURES.index("## auth")]
    named = {
        name: set(CODE.findall(behind))
        for (name,), behind in ((CODE.findall(row[0]), row[1]) for row in rows(text)[1:])
    }
    known = {query.split(".", 1)[1] for query in ALL}
    assert set(named) == {query for query in known if query.split(".")[1].startswith("lock_")}
    for behind in named.values():
        assert behind
        assert behind <= known
