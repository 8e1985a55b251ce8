"""Migrations on tables with a row in each: what fails on any row is an error, a dummy row alone refuses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.lint.finding import Severity
from tests.postgres.review.review_projects import flown

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.core.lint.finding import Finding

ALONE = "-- transactional: false\n"


def found(folder: Path, change: str, code: str) -> list[Finding]:
    return [each for each in flown(folder, change).findings if each.code == code]


def test_a_required_column_without_a_default_fails_on_the_first_row(tmp_path: Path) -> None:
    change = "COMMENT ON TABLE shop.items IS 'Things.';\nALTER TABLE shop.items ADD COLUMN colour text NOT NULL;\n"
    (finding,) = found(tmp_path, change, "fails-with-rows")
    assert (finding.severity, str(finding.place)) == (Severity.ERROR, "0002_new.sql:2:1")
    assert 'column "colour" of relation "items" contains null values' in finding.message


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE shop.items ADD CONSTRAINT c CHECK (title = 'nothing invented')",
        "ALTER TABLE shop.items ADD CONSTRAINT c CHECK (score > 1000000)",
        "ALTER TABLE shop.items ALTER COLUMN note TYPE varchar(3)",
        "ALTER TABLE shop.items ALTER COLUMN note TYPE integer USING note::integer",
        "ALTER TABLE shop.items ADD COLUMN colour text; ALTER TABLE shop.items ALTER COLUMN colour SET NOT NULL",
    ],
)
def test_what_only_the_dummy_row_breaks_is_measured_on_empty_tables(change: str, tmp_path: Path) -> None:
    flight = flown(tmp_path, change)
    assert {each.code for each in flight.findings} <= {"query-breaks"}
    last = flight.measured[-1]
    assert last.scanned or last.rewritten
    note, *_ = last.notes
    assert note.startswith("the dummy rows do not fit (")


def test_a_migration_can_insert_into_its_tables_whatever_it_likes(tmp_path: Path) -> None:
    change = "INSERT INTO shop.owners (id, email) SELECT n, 'a' FROM generate_series(0, 40000) AS n"
    assert flown(tmp_path, change).findings == ()


def test_a_role_that_a_file_sets_for_its_later_statements_needs_no_right_to_make_dummy_rows(tmp_path: Path) -> None:
    change = (
        f"{ALONE}CREATE ROLE deployer;\nGRANT USAGE, CREATE ON SCHEMA shop TO deployer;\nSET ROLE deployer;\n"
        "CREATE TABLE shop.mine (id int PRIMARY KEY, note text);\n"
        "CREATE UNIQUE INDEX CONCURRENTLY mine_note ON shop.mine (note);\n"
        "ALTER TABLE shop.mine ALTER COLUMN note SET NOT NULL;\nRESET ROLE;\nDROP ROLE IF EXISTS nobody;\n"
    )
    flight = flown(tmp_path, change)
    assert (flight.findings, flight.unmeasured) == ((), ())
    assert flight.measured[-3].scanned == ("shop.mine",)


@pytest.mark.parametrize(
    ("change", "code", "severity", "words"),
    [
        (
            "CREATE TABLE shop.others (id int PRIMARY KEY, item_id int REFERENCES shop.items ON DELETE CASCADE)",
            "unindexed-foreign-key",
            Severity.WARNING,
            "no index of shop.others begins with item_id",
        ),
        (
            "CREATE TABLE shop.others (id integer)",
            "no-primary-key",
            Severity.WARNING,
            "shop.others has no primary key",
        ),
        (
            "CREATE INDEX one ON shop.items (title); CREATE INDEX two ON shop.items (title, note)",
            "redundant-index",
            Severity.NOTE,
            "shop.two covers the index shop.one of shop.items",
        ),
        (
            "ALTER TABLE shop.items ADD CONSTRAINT high CHECK (score > 0) NOT VALID",
            "not-validated",
            Severity.NOTE,
            "high of shop.items is not validated",
        ),
    ],
)
def test_what_is_left_behind_is_told_once(
    change: str, code: str, severity: Severity, words: str, tmp_path: Path
) -> None:
    findings = found(tmp_path, change, code)
    assert [(each.severity, words in each.message) for each in findings] == [(severity, True)]


def test_what_is_left_behind_is_placed_at_the_statement_that_makes_it(tmp_path: Path) -> None:
    """Not at the last one that names its table."""
    change = (
        "CREATE TABLE shop.others (id int, item_id int REFERENCES shop.items);\n"
        "DO $$ BEGIN EXECUTE 'ALTER TABLE shop.others ADD owner_id int REFERENCES shop.owners'; END $$;\n"
        "CREATE INDEX one ON shop.items (title);\n"
        "CREATE INDEX two ON shop.items (title, note);\n"
        "ALTER TABLE shop.others ADD CHECK (item_id > 0) NOT VALID;\n"
        "COMMENT ON TABLE shop.others IS 'others_item_id_fkey, owner_id';\n"
        "ALTER TABLE shop.others ADD COLUMN note text;\nALTER TABLE shop.items ADD COLUMN one text;\n"
    )
    left = {"unindexed-foreign-key", "no-primary-key", "redundant-index", "not-validated"}
    findings = flown(tmp_path, change).findings
    assert [(each.code, each.place.line) for each in findings if each.code in left] == [
        ("no-primary-key", 1),
        ("unindexed-foreign-key", 1),
        ("unindexed-foreign-key", 2),
        ("redundant-index", 3),
        ("not-validated", 5),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE INDEX one ON shop.items (title); CREATE INDEX two ON shop.items (title DESC, note)",
        "CREATE INDEX one ON shop.items (title) WHERE score > 0; CREATE INDEX two ON shop.items (title, note)",
        "CREATE UNIQUE INDEX one ON shop.items (note); CREATE INDEX two ON shop.items (note, title)",
        "CREATE INDEX one ON shop.items USING hash (title); CREATE INDEX two ON shop.items (title, note)",
        "CREATE INDEX one ON shop.items (lower(title)); CREATE INDEX two ON shop.items (lower(title), note)",
    ],
)
def test_an_index_that_can_do_something_else_is_not_redundant(change: str, tmp_path: Path) -> None:
    assert found(tmp_path, change, "redundant-index") == []


def test_an_index_that_breaks_off_is_told(tmp_path: Path) -> None:
    """A build with CONCURRENTLY that fails leaves an invalid index: the run ends there, at its statement."""
    change = (
        f"{ALONE}INSERT INTO shop.owners (id, email) VALUES (1, 'a'), (2, 'a');\n"
        "CREATE UNIQUE INDEX CONCURRENTLY one ON shop.owners (email);\n"
    )
    (finding,) = flown(tmp_path, change).findings
    assert (finding.code, str(finding.place)) == ("migration-failed", "0002_new.sql:3:1")
    assert "could not create unique index" in finding.message
