"""Names, numbers and texts of new files, in the layout of the folder's newest migration."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codezest_sql.core.migrations.files.folder import assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.migrations.files.new_files import new_files

NOW = datetime(2026, 1, 31, 9, 30, 15, 123456, tzinfo=UTC)
GOOSE = "-- +goose Up\nSELECT 1;\n"
SQL_MIGRATE = "-- +migrate Up\nSELECT 1;\n"
DBMATE = "-- migrate:up\nSELECT 1;\n"


def new(*names: str, text: str = "SELECT 1;", title: str = "Add C", transactional: bool = True) -> dict[str, str]:
    files = [FoundFile(name, f"m/{name}", text.encode()) for name in names]
    return new_files(assemble(files, folder="m"), title, transactional=transactional, now=NOW)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["000001_a.up.sql"], ["000002_add_c.up.sql", "000002_add_c.down.sql"]),
        (["9_a.up.sql", "10_b.up.sql"], ["11_add_c.up.sql", "11_add_c.down.sql"]),
        (["20240101120000_a.up.sql"], ["20260131093015_add_c.up.sql", "20260131093015_add_c.down.sql"]),
        (["1700000000000_a/up.sql"], ["1700000000001_add_c/up.sql", "1700000000001_add_c/down.sql"]),
        (
            ["00000000000000_diesel_initial_setup/up.sql", "2019-02-26-002946_a/up.sql"],
            ["2026-01-31-093015_add_c/up.sql", "2026-01-31-093015_add_c/down.sql"],
        ),
        (["0_init/migration.sql"], ["1_add_c/migration.sql", "1_add_c/down.sql"]),
        (["V1__a.sql"], ["V2__add_c.sql", "U2__add_c.sql"]),
        (["V009__a.sql"], ["V010__add_c.sql", "U010__add_c.sql"]),
        (["V1__a.sql", "V1.9__b.sql"], ["V1.10__add_c.sql", "U1.10__add_c.sql"]),
        (["V1_2__a.sql"], ["V1_3__add_c.sql", "U1_3__add_c.sql"]),
        (["V10__a.sql", "V9__b.sql"], ["V11__add_c.sql", "U11__add_c.sql"]),
        (["V20240101120000__a.sql"], ["V20260131093015__add_c.sql", "U20260131093015__add_c.sql"]),
        # The newest decides.
        (["0001_a.sql", "0002_b/up.sql"], ["0003_add_c/up.sql", "0003_add_c/down.sql"]),
        (["0001_a/up.sql", "0002_b.sql"], ["0003_add_c.sql", "0003_add_c.rollback.sql"]),
    ],
)
def test_names_go_on_as_the_folder_does(present: list[str], expected: list[str]) -> None:
    assert list(new(*present)) == expected


def test_only_our_own_layout_has_dependencies() -> None:
    """The other tools would not see them, and order by number."""
    assert new("0001_a.sql")["0002_add_c.sql"] == "-- Add C\n-- depends: 0001_a\n\n"
    assert new("0001_a.up.sql")["0002_add_c.up.sql"] == "-- Add C\n\n"
    assert new("V1__a.sql")["V2__add_c.sql"] == "-- Add C\n\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DBMATE, "-- Add C\n-- migrate:up\n\n\n-- migrate:down\n\n"),
        (GOOSE, "-- Add C\n-- +goose Up\n\n\n-- +goose Down\n\n"),
        (SQL_MIGRATE, "-- Add C\n-- +migrate Up\n\n\n-- +migrate Down\n\n"),
    ],
)
def test_a_file_with_sections_has_both(text: str, expected: str) -> None:
    assert new("0001_a.sql", text=text) == {"0002_add_c.sql": expected}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("1_a.sql", DBMATE, "-- Add C\n-- migrate:up transaction:false\n\n\n-- migrate:down transaction:false\n\n"),
        ("1_a.sql", GOOSE, "-- Add C\n-- +goose NO TRANSACTION\n-- +goose Up\n\n\n-- +goose Down\n\n"),
        ("1_a.sql", SQL_MIGRATE, "-- Add C\n-- +migrate Up notransaction\n\n\n-- +migrate Down notransaction\n\n"),
        ("1_a.up.sql", "SELECT 1;", "-- no-transaction\n-- Add C\n\n"),
        ("1_a/up.sql", "SELECT 1;", "-- Add C\n-- transactional: false\n\n"),
        ("1_a.sql", "SELECT 1;", "-- Add C\n-- depends: 1_a\n-- transactional: false\n\n"),
    ],
)
def test_no_transaction_is_said_in_the_tools_own_words(name: str, text: str, expected: str) -> None:
    """So that the tool, where it is used next to this one, runs the file as this one does."""
    assert next(iter(new(name, text=text, transactional=False).values())) == expected


def test_what_is_written_can_be_read_again() -> None:
    for name, text in (
        ("1_a.sql", DBMATE),
        ("1_a.sql", GOOSE),
        ("1_a.up.sql", ""),
        ("1_a/up.sql", ""),
        ("V1__a.sql", ""),
    ):
        for transactional in (True, False):
            files = {name: text, **new(name, text=text, transactional=transactional)}
            found = [FoundFile(each, f"m/{each}", body.encode()) for each, body in files.items()]
            last = assemble(found, folder="m").migrations[-1]
            assert last.up.transactional is transactional
            assert last.down
            assert last.down.transactional is transactional
