"""``stats dump`` on every server: what it writes, and what it never does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.postgres.queries.plan_projects import fill, shop
from tests.projects import execute, role_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import Project


@pytest.fixture
def project(tmp_path: Path, postgres_version: int, database: str) -> Project:
    made = shop(tmp_path, postgres_version)
    made.url = database
    return made


def dumped(project: Project) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((project.root / "stats.json").read_text("utf-8"))
    tables: dict[str, Any] = said["tables"]
    return tables


@pytest.mark.every_postgres
def test_rows_and_columns_are_those_of_the_database(project: Project, database: str) -> None:
    fill(database)
    outcome = project.run("stats", "dump")
    assert (outcome.code, outcome.out) == (0, "wrote stats.json: 3 tables\n")
    tables = dumped(project)
    assert {name: table["rows"] for name, table in tables.items()} == {
        'public."Notes"': 300,
        "public.orders": 60_000,
        "public.users": 40_000,
    }
    users = tables["public.users"]
    assert users["pages"] == users["all_visible"] > 300
    city = users["columns"]["city"]
    assert city["null_frac"] == pytest.approx(0.1, abs=0.02)
    assert city["n_distinct"] == 36  # 40 but for those that are a multiple of 10
    assert len(city["most_common_freqs"]) == 10
    assert users["columns"]["id"]["n_distinct"] == -1
    assert users["columns"]["id"]["correlation"] == 1
    assert users["columns"]["id"]["histogram_bounds"] == 101
    assert users["expressions"]["users_email_key"]["lower"]["n_distinct"] == -1


@pytest.mark.every_postgres
def test_no_value_of_any_row_is_in_the_file(project: Project, database: str) -> None:
    fill(database)
    project.run("stats", "dump")
    text = (project.root / "stats.json").read_text("utf-8")
    assert "secret" not in text
    assert "2025-" not in text
    assert "open" not in text


def test_the_same_statistics_are_the_same_bytes(project: Project, database: str) -> None:
    fill(database)
    project.run("stats", "dump")
    before = (project.root / "stats.json").read_bytes()
    assert project.run("stats", "dump").out == "stats.json is up to date: 3 tables\n"
    assert (project.root / "stats.json").read_bytes() == before


@pytest.mark.every_postgres
def test_partitions_that_come_and_go_are_one_table(project: Project, database: str) -> None:
    """Autovacuum analyses the partitions alone; the largest one speaks for the columns then."""
    fill(database)
    execute(
        database,
        "DELETE FROM pg_statistic WHERE starelid = 'orders'::regclass;"
        "ALTER TABLE orders DETACH PARTITION orders_2025; DROP TABLE orders_2025",
    )
    project.run("stats", "dump")
    orders = dumped(project)["public.orders"]
    assert 29_000 < orders["rows"] < 31_000
    assert orders["columns"]["state"]["n_distinct"] == 2


@pytest.mark.every_postgres
def test_a_table_that_was_never_analysed_is_named(project: Project, database: str) -> None:
    fill(database)
    execute(database, "CREATE TABLE fresh (id int)")
    outcome = project.run("stats", "dump", "--json")
    assert outcome.json == {"file": "stats.json", "tables": 3, "unanalysed": ["public.fresh"]}
    assert "public.fresh" in project.run("stats", "dump").out


def test_a_role_that_may_not_read_a_table_is_told_so(project: Project, database: str) -> None:
    fill(database)
    with role_of(database, "watcher") as url:
        outcome = project.run("stats", "dump", "--database-url", url)
    assert outcome.code == 0
    assert "no statistics of" in outcome.out
    assert dumped(project)["public.users"] == {**dumped(project)["public.users"], "rows": 40_000, "columns": {}}


def test_schemas_and_tables_that_are_no_projects_own_are_left_out(project: Project, database: str) -> None:
    fill(database)
    execute(database, 'CREATE SCHEMA "a.b"; CREATE TABLE "a.b".t AS SELECT 1 AS x; ANALYZE')
    project.write(
        "../pyproject.toml",
        '[tool.codezest-sql]\nmigrations = "migrations"\nignore_schemas = ["a.b"]\nstatistics = "stats.json"\n',
    )
    project.run("stats", "dump")
    assert not [name for name in dumped(project) if "a.b" in name]


def test_a_folder_that_is_not_there_is_an_error(project: Project) -> None:
    outcome = project.run("stats", "dump", "--output", "nowhere/stats.json")
    assert outcome.code == 7
    assert "nowhere is not a folder" in outcome.err
