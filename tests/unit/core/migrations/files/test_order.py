"""The order of migrations by name and by number, and which of the two a folder has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.migrations.files.order import leading_digits

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.order import Order

GOOSE = "-- +goose Up\nSELECT 1;\n"
DBMATE = "-- migrate:up\nSELECT 1;\n"
SQL_MIGRATE = "-- +migrate Up\nSELECT 1;\n"


def folder(files: dict[str, str], order: Order = "auto") -> MigrationFolder:
    found = [FoundFile(name, f"m/{name}", text.encode()) for name, text in files.items()]
    return assemble(found, folder="m", order=order)


def ids(files: dict[str, str], order: Order = "auto") -> list[str]:
    return [migration.id for migration in folder(files, order).migrations]


@pytest.mark.parametrize(
    ("endings", "text"),
    [(".up.sql", "SELECT 1;"), (".sql", GOOSE), (".sql", SQL_MIGRATE)],
    ids=["up", "goose", "sql"],
)
def test_files_of_tools_that_count_run_by_number(endings: str, text: str) -> None:
    files = {f"{name}{endings}": text for name in ("10_a", "2_b", "1_c", "x")}
    assert ids(files) == ["1_c", "2_b", "10_a", "x"]
    assert ids(files, "name") == ["10_a", "1_c", "2_b", "x"]
    assert not folder(files).notes
    assert "different widths" in folder(files, "name").notes[0]


@pytest.mark.parametrize(
    "files",
    [
        {f"{name}.sql": DBMATE for name in ("10_a", "2_b")},
        {f"{name}.sql": "SELECT 1;" for name in ("10_a", "2_b")},
        {f"{name}/up.sql": "SELECT 1;" for name in ("10_a", "2_b")},
        {f"{name}/migration.sql": "SELECT 1;" for name in ("10_a", "2_b")},
    ],
    ids=["dbmate", "plain", "folder", "prisma"],
)
def test_files_of_tools_that_sort_names_run_by_name(files: dict[str, str]) -> None:
    assert ids(files) == ["10_a", "2_b"]
    assert ids(files, "number") == ["2_b", "10_a"]
    (note,) = folder(files).notes
    assert note.endswith('order = "number" in [tool.codezest-sql] runs them by number')
    assert not folder(files, "number").notes


def test_flyways_versions_are_compared_part_by_part() -> None:
    names = ["V1__a", "V1.1__b", "V1_2__c", "V1.10__d", "V2__e", "V10__f"]
    assert ids({f"{name}.sql": "SELECT 1;" for name in reversed(names)}) == names


def test_one_file_of_a_tool_that_counts_makes_the_whole_folder_count() -> None:
    assert ids({"10_a.sql": "SELECT 1;", "9_b.sql": "SELECT 1;", "11_c.up.sql": "SELECT 1;"}) == [
        "9_b",
        "10_a",
        "11_c",
    ]


def test_of_one_number_the_smaller_id_runs_first() -> None:
    files = {"1_b.up.sql": "SELECT 1;", "01_a.up.sql": "SELECT 1;", "001_c.up.sql": "SELECT 1;"}
    assert ids(files) == ["001_c", "01_a", "1_b"]
    assert folder(files).notes == (
        "two migrations have the number 01: 001_c and 01_a",
        "two migrations have the number 1: 001_c and 1_b",
    )


def test_dependencies_come_before_numbers() -> None:
    files = {"1_a.up.sql": "-- depends: 10_b\nSELECT 1;", "10_b.up.sql": "SELECT 1;", "2_c.up.sql": "SELECT 1;"}
    assert ids(files) == ["2_c", "10_b", "1_a"]


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("0001_a", "0001"),
        ("2019-02-26-002946_a", "20190226002946"),
        ("2019-02-26_a", "2019"),
        ("2019-02-26-0029461_a", "2019"),
        ("a1", ""),
        ("٣_a", ""),
    ],
)
def test_diesels_moments_are_one_number(name: str, digits: str) -> None:
    assert leading_digits(name) == digits


def test_moments_of_one_year_are_not_one_number_twice() -> None:
    names = ("00000000000000_diesel_initial_setup", "2019-02-26-002946_a", "2019-02-27-002946_b")
    assert folder({f"{name}/up.sql": "SELECT 1;" for name in names}).notes == ()
