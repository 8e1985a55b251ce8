"""What new migrations do to the queries of the code that still runs: each kind of break is named, nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.lint.finding import Severity
from tests.postgres.queries.shop import ERRORS, EVERY, OF_ITEMS, SAFE, WARNINGS, Change
from tests.postgres.review.review_projects import flown

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.actions.review.broken_queries import Flight


def names(flight: Flight, severity: Severity) -> set[str]:
    return {
        each.message.split(" of v1")[0].removeprefix("items.")
        for each in flight.findings
        if each.severity is severity and each.code == "query-breaks"
    }


def cases(kinds: dict[str, tuple[Change, ...]]) -> list[object]:
    return [
        pytest.param(change, id=f"{kind} {number}")
        for kind, changes in kinds.items()
        for number, change in enumerate(changes, 1)
    ]


def test_every_kind_of_break_has_cases() -> None:
    assert {kind for kind, changes in (ERRORS | WARNINGS).items() if len(changes) >= 3} >= {
        "column dropped", "column renamed", "column retyped", "made not null", "table renamed", "schema renamed",
        "enum value renamed", "function changed", "constraint added", "privilege revoked",
    }  # fmt: skip


@pytest.mark.parametrize("change", cases(ERRORS))
def test_a_migration_that_breaks_queries_names_each_of_them(change: Change, tmp_path: Path) -> None:
    flight = flown(tmp_path, change.sql)
    said = [each.message for each in flight.findings]
    assert names(flight, Severity.ERROR) == change.broken, said
    assert all(each.place.file == "0002_new.sql" and each.place.line for each in flight.findings)
    assert any(change.words in each for each in said), said


@pytest.mark.parametrize("change", cases(WARNINGS))
def test_what_may_break_a_query_is_a_warning(change: Change, tmp_path: Path) -> None:
    flight = flown(tmp_path, change.sql)
    said = [each.message for each in flight.findings]
    assert names(flight, Severity.ERROR) == set(), said
    assert names(flight, Severity.WARNING) == change.broken, said
    assert any(change.words in each for each in said), said


@pytest.mark.parametrize("change", SAFE)
def test_what_breaks_nothing_is_not_told(change: str, tmp_path: Path) -> None:
    assert [each for each in flown(tmp_path, change).findings if each.code == "query-breaks"] == []


def test_who_waits_is_told(tmp_path: Path) -> None:
    flight = flown(tmp_path, "ALTER TABLE shop.items ADD COLUMN colour text")
    waiting = {name for each in flight.blocked for name in each.queries}
    assert waiting == {f"items.{name} of v1" for name in OF_ITEMS | {"of_owner", "live", "named", "best"}}


def test_a_migration_that_does_not_run_is_told_at_its_statement(tmp_path: Path) -> None:
    flight = flown(tmp_path, "CREATE TABLE shop.more (id integer);\nALTER TABLE shop.nothing ADD x integer;")
    (finding,) = flight.findings
    assert str(finding.place) == "0002_new.sql:2:1"
    assert 'relation "shop.nothing" does not exist' in finding.message
    assert EVERY  # the queries were there to be broken
