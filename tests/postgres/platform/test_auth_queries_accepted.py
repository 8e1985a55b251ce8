"""Each variant of each query of the auth service is accepted by the server, and keeps the rules of its policies."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.actions.queries.check_files import Checker
from codezest_sql.actions.queries.folder import QueryFile
from codezest_sql.core.describe.description import Analysis
from codezest_sql.core.query_checks.policy_names import POLICY_NAMES, Severity
from codezest_sql.core.query_files.reading import Query, QueryKind
from codezest_sql.core.query_files.variants import variants
from codezest_sql.core.query_types.nested_shape import Shape, nested_shape
from codezest_sql.core.settings import Settings
from codezest_sql.postgres.describe.describe import Analyst
from tests.postgres.platform.auth_queries import FOLDER, queries

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERIES = [pytest.param(query, id=name) for name, query in queries().items()]
# A count over all accounts, and a search that somebody does by hand.
READ_THE_TABLE = {"count_users_by_role", "list_deleted_users"}


@pytest.fixture
def analyst(migrated_shared: str) -> Iterator[Analyst]:
    with psycopg.connect(migrated_shared, autocommit=True) as connection, Analyst(connection) as analyst:
        yield analyst


def accepted(analyst: Analyst, text: str) -> Analysis:
    found = analyst.analyse(text)
    assert isinstance(found, Analysis), f"{found}\n{text}"
    return found


@pytest.mark.every_postgres
@pytest.mark.parametrize("query", QUERIES)
def test_every_variant_is_accepted_with_one_shape(analyst: Analyst, query: Query) -> None:
    found = {variant: accepted(analyst, variant.text) for variant in variants(query)}
    assert len({analysis.columns for analysis in found.values()}) == 1
    types = defaultdict(set)
    for variant, analysis in found.items():
        for name, parameter in zip(variant.parameters, analysis.parameters, strict=True):
            types[name].add(parameter.type_name)
    assert {name: each for name, each in types.items() if len(each) > 1} == {}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_for_one_row_cannot_give_two(analyst: Analyst, query: Query) -> None:
    """One that gathers a list has several rows for the one that it is about."""
    found = accepted(analyst, query.text)
    shape = nested_shape([column.name for column in found.columns])
    assert isinstance(shape, Shape)
    assert found.returns_rows == query.kind.gives_rows
    if query.kind in {QueryKind.ONE, QueryKind.OPT} and not any(model.is_list for model in shape.models):
        assert found.at_most_one_row


def test_every_query_keeps_every_policy() -> None:
    severities = tuple((name, Severity.ERROR) for name in POLICY_NAMES)
    root = FOLDER.parents[2]
    settings = Settings(str(root), str(root / "sql" / "migrations"), str(FOLDER.parent), policies=severities)
    files = [QueryFile(path.name, path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.sql"))]
    with Checker(settings) as checker:
        checked = checker.check(files).files
    assert [problem for each in checked for problem in each.problems] == []
    assert sum(len(each.queries) for each in checked) == len(QUERIES)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_its_rows_by_an_index(migrated_shared: str, query: Query) -> None:
    """Where it can: a server that shuns sequential scans shows whether there is another way."""
    if query.name in READ_THE_TABLE:
        pytest.skip("rare, and meant to read the table")
    with psycopg.connect(migrated_shared, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        for variant in variants(query):
            if variant.choice.order == "newest" and query.name == "list_users":
                continue
            plan = connection.execute(f"EXPLAIN (GENERIC_PLAN) {variant.text}".encode()).fetchall()
            assert not [line for (line,) in plan if "Seq Scan" in line], variant.text


def test_rows_of_one_name_have_one_shape(analyst: Analyst) -> None:
    shapes = defaultdict(set)
    for query in queries().values():
        if query.row:
            columns = accepted(analyst, query.text).columns
            shapes[query.row].add(tuple((each.name, each.type_oid, each.not_null) for each in columns))
    assert {name: len(each) for name, each in shapes.items()} == {"UserSummary": 1, "UserListed": 1}


def test_the_rows_of_a_whole_table_are_its_columns_in_order(analyst: Analyst) -> None:
    """So that these queries return the models User, OAuthAccount and UserProfile."""
    whole = {
        "users.find_user_for_login": "users",
        "oauth.get_oauth_account": "oauth_accounts",
        "profiles.find_profile": "user_profiles",
        "profiles.upsert_profile": "user_profiles",
        "profiles.update_profile": "user_profiles",
    }
    for name, table in whole.items():
        columns = accepted(analyst, f"SELECT * FROM auth.{table}").columns
        assert [each.origin for each in accepted(analyst, queries()[name].text).columns] == [
            each.origin for each in columns
        ]
