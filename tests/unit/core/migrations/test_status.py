"""The state of each migration, as ``migrate status`` lists it."""

from __future__ import annotations

from datetime import UTC, datetime

from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.migrations.history import Applied, Direction, History, JournalEntry, StatementState
from codezest_sql.core.migrations.status import StatusReport, statuses

WHEN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def folder(*names: str) -> MigrationFolder:
    return assemble(
        [FoundFile(f"{name}.sql", f"m/{name}.sql", f"SELECT '{name}'".encode()) for name in names], folder="m"
    )


def history(*names: str, journal: tuple[tuple[str, Direction], ...] = (), edited: str = "") -> History:
    known = {migration.id: migration.up.sha256 for migration in folder(*names).migrations} if names else {}
    return History(
        "public",
        tuple(Applied(name, "0" * 64 if name == edited else known[name], WHEN) for name in names),
        tuple(JournalEntry(name, way, 1, "VACUUM", StatementState.DONE, WHEN) for name, way in journal),
    )


def states(found: MigrationFolder, known: History) -> dict[str, str]:
    return {line.id: line.state for line in statuses(found, known)[0]}


def test_what_the_ledger_has_is_applied_and_the_rest_pending() -> None:
    assert states(folder("a", "b"), history("a")) == {"a": "applied", "b": "pending"}
    assert states(folder("a"), History()) == {"a": "pending"}


def test_an_applied_migration_has_its_time_and_its_content() -> None:
    (line,), errors = statuses(folder("a"), history("a"))
    assert (line.applied_at, line.sha256) == (WHEN, folder("a").migrations[0].up.sha256)
    assert errors == ()


def test_files_come_first_in_the_order_they_run_then_what_only_the_ledger_has() -> None:
    known = history("gone", "b", "a", "away")
    assert list(states(folder("b", "a"), known)) == ["a", "b", "gone", "away"]
    assert states(folder("b", "a"), known)["gone"] == "missing"


def test_every_disagreement_is_a_state_and_an_error() -> None:
    lines, errors = statuses(folder("a", "b", "c"), history("a", "c", "gone", edited="a"))
    assert {line.id: line.state for line in lines} == {
        "a": "edited",
        "b": "out of order",
        "c": "applied",
        "gone": "missing",
    }
    assert [error.code for error in errors] == ["edited-migration", "missing-migration", "out-of-order"]


def test_a_half_run_migration_says_so() -> None:
    known = history("a", journal=(("a", Direction.DOWN), ("b", Direction.UP)))
    assert states(folder("a", "b"), known) == {"a": "half rolled back", "b": "half applied"}


def test_what_is_not_whole_is_pending() -> None:
    """For ``status --check``: a half applied one and one out of order as well."""
    known = history("b", journal=(("c", Direction.UP),))
    report = StatusReport("db", statuses(folder("a", "b", "c", "d"), known)[0])
    assert report.pending == 3
