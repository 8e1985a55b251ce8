"""``check --plans`` on every server: the plans are those of a database with the rows, and what is wrong is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.postgres.explain.explain import Explainer
from tests.postgres.queries.plan_projects import fill, found, settings, shop, statistics

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import Project


@pytest.fixture
def project(tmp_path: Path, postgres_version: int) -> Project:
    return shop(tmp_path, postgres_version)


def plans(said: Any) -> dict[str, Any]:
    return {query["name"]: query["plan"] for query in said["queries"]}


def scanned(said: Any) -> dict[str, list[str]]:
    found = {name: [scan["table"] for scan in plan["scans"]] for name, plan in plans(said).items()}
    return {name: tables for name, tables in found.items() if tables}


def codes(said: Any) -> list[tuple[str, int | None, int | None]]:
    return [(each["code"], each["line"], each["column"]) for each in (*said["errors"], *said["warnings"])]


@pytest.mark.every_postgres
def test_costs_are_those_of_the_database_that_the_statistics_are_of(project: Project, database: str) -> None:
    """Within a tenth, as the sizes of indexes are worked out; a partition counts as one like all the others."""
    fill(database)
    assert project.run("stats", "dump", "--database-url", database).code == 0
    said, _ = found(project)
    texts = {
        "find_user": "SELECT u.id, u.email FROM users AS u WHERE lower(u.email) = lower($1)",
        "in_city": "SELECT u.id, u.email FROM users AS u WHERE u.city = $1",
        "joined_since": "SELECT u.id FROM users AS u WHERE u.joined >= $1",
        "orders_of": (
            "SELECT o.id, o.state, u.email FROM orders AS o JOIN users AS u ON u.id = o.user_id WHERE u.id = $1"
        ),
        "open_orders": "SELECT o.id FROM orders AS o WHERE o.at >= $1 AND o.state = 'open'",
        "notes": 'SELECT n.id FROM "Notes" AS n WHERE n.body = $1',
        "rename_city": "UPDATE users SET city = $1 WHERE city = $2",
    }
    with psycopg.connect(database, autocommit=True) as connection:
        explainer = Explainer(connection)
        for name, text in texts.items():
            live = explainer.explain(text, text.count("$"))
            assert not isinstance(live, str), live
            within = 0.5 if name in {"orders_of", "open_orders"} else 0.1
            assert plans(said)[name]["cost"] == pytest.approx(live.cost, rel=within), name
            assert len(plans(said)[name]["scans"]) == len({scan.table[:5] for scan in live.scans}), name


@pytest.mark.every_postgres
def test_a_sequential_scan_of_a_large_table_is_told_at_the_name_of_the_table(project: Project) -> None:
    said, code = found(project)
    assert code == 0
    assert scanned(said) == {
        "joined_since": ["public.users"],
        "open_orders": ["public.orders"],
        "notes": ['public."Notes"'],
    }
    assert codes(said) == [
        ("sequential-scan", 9, 18),
        ("sequential-scan", 20, 18),
        ("sequential-scan", 23, 18),
        ("missing-index", None, None),
    ]
    assert said["warnings"][0]["message"] == (
        "joined_since: a sequential scan reads all 1,000,000 rows of public.users"
    )
    assert ":since" in said["warnings"][0]["hint"]


def test_a_limit_that_takes_rows_as_they_come_is_no_scan_of_the_table(project: Project) -> None:
    said, _ = found(project)
    assert plans(said)["some_users"]["scans"] == []


def test_a_scan_that_only_one_variant_makes_is_told_once(project: Project) -> None:
    """With the city its index is used; without it there is none."""
    said, _ = found(project)
    assert [each["message"].split(":")[0] for each in said["warnings"]].count("joined_since") == 1
    assert plans(said)["joined_since"]["cost"] > plans(said)["in_city"]["cost"]


def test_small_tables_may_be_read_whole(project: Project) -> None:
    statistics(project, users=9_999, orders=10_000, **{'"Notes"': 12})
    said, _ = found(project)
    assert [(code, line) for code, line, _ in codes(said)] == [("sequential-scan", 20), ("missing-index", None)]
    settings(project, "large_table_rows = 10_001")
    said, _ = found(project)
    assert [code for code, *_ in codes(said)] == ["missing-index"]


@pytest.mark.every_postgres
def test_all_partitions_count_as_one_table(project: Project) -> None:
    statistics(project, orders=30_000)
    said, _ = found(project)
    assert [scan["rows"] for scan in plans(said)["open_orders"]["scans"]] == [30_000]


def test_without_statistics_the_assumed_size_is_said(project: Project) -> None:
    settings(project, "assumed_rows = 5_000")
    outcome = project.run("check", "--plans")
    assert "there is no stats.json: every table counts as 5,000 rows (assumed_rows)" in outcome.out
    assert "sequential-scan" not in outcome.err


def test_what_the_statistics_do_not_know_or_know_too_much_is_said(project: Project) -> None:
    statistics(project, users=5, gone=7)
    said, _ = found(project)
    assert said["plans"]["notes"][:3] == [
        "plans are for the statistics of stats.json",
        'stats.json does not know public."Notes", public.orders: counted as 1,000,000 rows (assumed_rows)',
        "stats.json knows public.gone, which the migrations do not make",
    ]


@pytest.mark.every_postgres
def test_a_foreign_key_without_an_index_is_told_once_with_the_index(project: Project) -> None:
    """That of the orders has one, on the partitioned table."""
    said, _ = found(project)
    assert said["plans"]["foreign_keys_without_index"] == [
        {"name": "Notes_user_id_fkey", "table": 'public."Notes"', "columns": ["user_id"], "accepted": False}
    ]
    assert said["warnings"][-1]["hint"].startswith('CREATE INDEX ON public."Notes" (user_id)')


def test_only_an_index_that_begins_with_all_columns_serves_a_foreign_key(project: Project) -> None:
    serves = {
        "(b, a)": True,
        "(a, b, c)": True,
        "(a, c, b)": False,
        "(a) INCLUDE (b)": False,
        "(a, b) WHERE b IS NOT NULL": True,
        "(a, b) WHERE c IS NOT NULL": False,
        "(a, b) WHERE a > 0": False,
        "USING brin (a, b)": False,
        "USING hash (a)": False,
        "((a + 0), b)": False,
    }
    tables = "\n".join(
        f"CREATE TABLE keys_{number} (a int, b int, c int, FOREIGN KEY (a, b) REFERENCES pairs);\n"
        f"CREATE INDEX ON keys_{number} {index};"
        for number, index in enumerate(serves)
    )
    project.write("0002_keys.sql", f"CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));\n{tables}\n")
    said, _ = found(project)
    told = {key["table"] for key in said["plans"]["foreign_keys_without_index"]}
    assert {index: f"public.keys_{number}" not in told for number, index in enumerate(serves)} == serves


@pytest.mark.every_postgres
def test_a_cost_over_the_budget_is_an_error_until_it_is_accepted(project: Project) -> None:
    statistics(project, users=20_000, orders=20_000, **{'"Notes"': 10})
    said, code = found(project, "--accept")
    assert code == 0
    assert codes(said) == []
    before = (project.root / "plans.json").read_text("utf-8")
    assert json.loads(before)["queries"]["shop.sql"]["joined_since"]["scans"] == ["public.users"]
    assert json.loads(before)["foreign_keys"] == ['public."Notes".Notes_user_id_fkey']
    said, code = found(project)
    assert (code, codes(said)) == (0, [])
    statistics(project, users=60_000, orders=20_000, **{'"Notes"': 10})
    said, code = found(project)
    assert code == 7
    assert {each["code"] for each in said["errors"]} == {"cost"}
    assert "joined_since" in {each["message"].split(":")[0] for each in said["errors"]}
    assert "find_user" not in {each["message"].split(":")[0] for each in said["errors"]}
    _, code = found(project, "--accept")
    assert code == 0
    assert (project.root / "plans.json").read_text("utf-8") != before
    assert found(project)[1] == 0


def test_a_new_scan_is_told_though_another_one_was_accepted(project: Project) -> None:
    found(project, "--accept")
    with (project.root / "queries" / "shop.sql").open("a", encoding="utf-8") as file:
        file.write("\n-- name: all_users :many\nSELECT u.id FROM users AS u ORDER BY u.joined;\n")
    said, _ = found(project)
    assert [each["message"].split(":")[0] for each in said["warnings"]] == ["all_users"]
    assert "plans.json has no budget for all_users, which --accept writes" in said["plans"]["notes"]


def test_policies_choose_what_a_finding_is(project: Project) -> None:
    settings(project, 'policies = { sequential-scan = "error", missing-index = "off" }')
    said, code = found(project)
    assert code == 7
    assert {each["code"] for each in said["errors"]} == {"sequential-scan"}
    assert said["warnings"] == []


def test_nothing_is_accepted_while_a_query_is_wrong(project: Project) -> None:
    with (project.root / "queries" / "shop.sql").open("a", encoding="utf-8") as file:
        file.write("\n-- name: wrong :many\nSELECT u.nothing FROM users AS u;\n")
    said, code = found(project, "--accept")
    assert code == 7
    assert not (project.root / "plans.json").exists()
    assert plans(said)["find_user"]["cost"] > 0


@pytest.mark.every_postgres
def test_a_statement_without_a_plan_is_said(project: Project) -> None:
    (project.root / "queries" / "tell.sql").write_text("-- name: tell :exec\nNOTIFY news;\n", "utf-8")
    said, code = found(project)
    assert code == 0
    assert plans(said)["tell"] is None
    assert [note for note in said["plans"]["notes"] if "tell has no plan" in note]


@pytest.mark.every_postgres
def test_settings_of_the_planner_come_with_the_statistics(project: Project) -> None:
    said, _ = found(project)
    path = project.root / "stats.json"
    path.write_text('{"planner": {"random_page_cost": "1.1"}, "tables": {}}', "utf-8")
    cheaper, _ = found(project)
    assert plans(cheaper)["in_city"]["cost"] < plans(said)["in_city"]["cost"]
    path.write_text('{"planner": {"random_page_cost": "much"}, "tables": {}}', "utf-8")
    outcome = project.run("check", "--plans")
    assert outcome.code == 7
    assert "random_page_cost" in outcome.err
    assert "[statistics]" in outcome.err


def test_the_next_check_finds_an_ordinary_database(project: Project) -> None:
    """What plans are made on is never kept, and its findings are in no snapshot."""
    found(project)
    snapshot = (project.root / "queries" / "snapshot.json").read_text("utf-8")
    assert "plan" not in snapshot
    outcome = project.run("check", "--json")
    assert outcome.code == 0
    assert "plans" not in outcome.json
    assert outcome.json["warnings"] == []


@pytest.mark.every_postgres
def test_a_table_of_a_terabyte_takes_no_room(project: Project) -> None:
    """Its file would be in 1024 parts."""
    tables = {"public.users": {"rows": 5_000_000_000, "pages": 134_217_728}}
    (project.root / "stats.json").write_text(json.dumps({"tables": tables}), "utf-8")
    said, _ = found(project)
    assert plans(said)["joined_since"]["scans"][0]["rows"] == 5_000_000_000
    assert plans(said)["joined_since"]["cost"] > 134_217_728
    assert plans(said)["some_users"]["cost"] < 10


@pytest.mark.every_postgres
def test_statistics_that_a_migration_made_are_replaced(project: Project) -> None:
    """A migration may fill a table and ANALYZE it; a partition may be older than its table."""
    project.write(
        "0002_kinds.sql",
        "CREATE TABLE kinds_all (id int, name text);\n"
        "INSERT INTO kinds_all SELECT n, 'x' FROM generate_series(1, 100) AS n;\n"
        "ANALYZE kinds_all;\n"
        "CREATE TABLE kinds (id int, name text) PARTITION BY LIST (id);\n"
        "ALTER TABLE kinds ATTACH PARTITION kinds_all DEFAULT;\n",
    )
    query = "-- name: kind :many\nSELECT k.name FROM kinds AS k WHERE k.id = :id;\n"
    (project.root / "queries" / "kinds.sql").write_text(query, "utf-8")
    table = {"rows": 50_000, "columns": {"id": {"n_distinct": 10}, "name": {"null_frac": 0.5}}}
    (project.root / "stats.json").write_text(json.dumps({"tables": {"public.kinds": table}}), "utf-8")
    said, _ = found(project)
    assert plans(said)["kind"]["scans"][0]["rows"] == 50_000
    assert [(code, line, column) for code, line, column in codes(said) if line == 2] == [("sequential-scan", 2, 20)]


@pytest.mark.parametrize("words", [["--accept"], ["--plans", "--offline"]])
def test_options_that_do_not_fit_together_are_refused(project: Project, words: list[str]) -> None:
    assert project.run("check", *words).code == 2


def test_a_server_that_is_not_ours_is_refused(project: Project) -> None:
    settings(project, 'shadow_url = "postgresql://db.example.com/x"')
    outcome = project.run("check", "--plans")
    assert outcome.code == 2
    assert "shadow_url" in outcome.err
