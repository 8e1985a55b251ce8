"""What other tools' ledgers mean: rows to what was applied, that to the migrations of a folder, and every refusal."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from codezest_sql.core.adoption.decide import decide
from codezest_sql.core.adoption.digests import flyway_checksum, holds_what_was_applied
from codezest_sql.core.adoption.matching import match
from codezest_sql.core.adoption.readings import Reading, read_rows
from codezest_sql.core.adoption.tools import TOOLS, find_tool
from codezest_sql.core.migrations.files.folder import MigrationFolder
from codezest_sql.core.migrations.files.script import Migration, Script
from codezest_sql.core.migrations.history import Applied, Direction, History, JournalEntry, StatementState
from codezest_sql.errors import (
    EditedMigrationError,
    ExitCode,
    HalfRunError,
    IntegrityErrors,
    LedgerDirtyError,
    MissingMigrationError,
    ProjectErrors,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

WHEN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def folder(*ids: str) -> MigrationFolder:
    """Return a folder whose files hold their own id."""

    def script(name: str) -> Script:
        digest = hashlib.sha256(name.encode()).hexdigest()
        return Script(f"m/{name}.sql", name, digest, transactional=True, statements=())

    return MigrationFolder("m", tuple(Migration(name, script(name)) for name in ids))


def found(tool_name: str, rows: Sequence[tuple[Any, ...]], *ids: str) -> list[str]:
    """Return the ids that a tool's rows mean in a folder of these ids."""
    tool = find_tool(tool_name)
    contents = {name: name.encode() for name in ids}
    return [m.id for m in match(tool, read_rows(tool, rows), folder(*ids), contents)]


def flyway(
    rank: int, version: str | None, script: str, kind: str = "SQL", *, success: bool = True
) -> tuple[Any, ...]:
    return (rank, version, kind, script, None, success)


# --- what a version is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "rows", "ids", "expected"),
    [
        ("yoyo", [("0001_a",), ("0002_b",)], ["0001_a", "0002_b", "0003_c"], ["0001_a", "0002_b"]),
        ("dbmate", [("20240102",), ("20240101",)], ["20240101_a", "20240102", "3_c"], ["20240101_a", "20240102"]),
        ("golang-migrate", [(2, False)], ["000001_a", "000002_b", "000003_c"], ["000001_a", "000002_b"]),
        ("golang-migrate", [(-1, False)], ["000001_a"], []),
        ("golang-migrate", [], ["000001_a"], []),
        ("alembic", [("ae10",)], ["0001_99ff_a", "0002_ae10_b", "0003_ae10c"], ["0001_99ff_a", "0002_ae10_b"]),
        ("alembic", [("b2",), ("a1",)], ["1_a1", "2_b2", "3_c3"], ["1_a1", "2_b2"]),
        ("alembic", [], ["1_a1"], []),
        ("goose", [(1, 0, True), (2, 1, True), (3, 3, True)], ["01_a", "02_b", "03_c"], ["01_a", "03_c"]),
        ("diesel", [("20190226002946",)], ["2019-02-26-002946_a", "2019-02-27-000000_b"], ["2019-02-26-002946_a"]),
        ("diesel", [("00000000000000",)], ["00000000000000_setup"], ["00000000000000_setup"]),
        ("sql-migrate", [("1_a.sql",)], ["1_a", "2_b"], ["1_a"]),
        ("flyway", [flyway(1, "1.2", "V1_2__a.sql")], ["V1_2__a", "V1_10__b"], ["V1_2__a"]),
        ("flyway", [flyway(1, "2", "sub/V2__b.sql")], ["0001_a", "0002_b"], ["0002_b"]),
        ("flyway", [flyway(1, "1", "anything.sql")], ["V01_0__a"], ["V01_0__a"]),
    ],
)  # fmt: skip
def test_a_version_is_found_in_the_name_of_its_file(
    tool: str, rows: list[tuple[Any, ...]], ids: list[str], expected: list[str]
) -> None:
    assert found(tool, rows, *ids) == expected


def test_dbmate_compares_versions_as_text_and_golang_migrate_as_numbers() -> None:
    with pytest.raises(IntegrityErrors):
        found("dbmate", [("1",)], "001_a")
    assert found("golang-migrate", [(1, False)], "001_a") == ["001_a"]


def test_a_rollback_that_an_older_goose_noted_as_a_row_takes_the_migration_back() -> None:
    rows = [(1, 0, True), (2, 1, True), (3, 2, True), (4, 2, False)]
    assert found("goose", rows, "1_a", "2_b") == ["1_a"]
    assert found("goose", [*rows, (5, 2, True)], "1_a", "2_b") == ["1_a", "2_b"]


def test_prisma_counts_the_attempt_that_was_not_rolled_back() -> None:
    rows = [("1_a", "", WHEN, None), ("2_b", "x", None, WHEN), ("2_b", "", WHEN, None), ("3_c", "x", WHEN, WHEN)]
    assert found("prisma", rows, "1_a", "2_b", "3_c") == ["1_a", "2_b"]


# --- Flyway's log ----------------------------------------------------------------------------------------------


def test_everything_up_to_a_baseline_of_flyway_was_there() -> None:
    rows = [flyway(1, "2", "<< Flyway Baseline >>", "BASELINE"), flyway(2, "10", "V10__d.sql")]
    assert found("flyway", rows, "V1__a", "V2__b", "V3__c", "V10__d") == ["V1__a", "V2__b", "V10__d"]


def test_a_baseline_script_stands_for_what_it_replaces() -> None:
    rows = [flyway(1, "2.1", "B2_1__all.sql", "SQL_BASELINE"), flyway(2, "3", "V3__c.sql")]
    assert found("flyway", rows, "V1__a", "V2__b", "V3__c") == ["V1__a", "V2__b", "V3__c"]


@pytest.mark.parametrize("kind", ["UNDO_SQL", "DELETE"])
def test_what_flyway_undid_or_deleted_is_not_applied(kind: str) -> None:
    rows = [
        flyway(0, None, '"app"', "SCHEMA"),
        flyway(1, "1", "V1__a.sql"),
        flyway(2, "2", "V2__b.sql"),
        flyway(3, "2", "U2__b.sql", kind),
    ]
    assert found("flyway", rows, "V1__a", "V2__b") == ["V1__a"]
    assert found("flyway", [*rows, flyway(4, "2", "V2__b.sql")], "V1__a", "V2__b") == ["V1__a", "V2__b"]


def test_the_order_of_the_rows_is_that_of_their_ranks() -> None:
    rows = [flyway(10, "1", "U1__a.sql", "UNDO_SQL"), flyway(9, "1", "V1__a.sql")]
    assert found("flyway", rows, "V1__a") == []


def test_a_repeatable_migration_is_told_of_and_not_marked() -> None:
    rows = [flyway(1, "1", "V1__a.sql"), flyway(2, None, "R__views.sql"), flyway(3, None, "R__views.sql")]
    (note,) = read_rows(find_tool("flyway"), rows).notes
    assert note.startswith("flyway's repeatable migration R__views is not marked")


# --- refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "rows", "message"),
    [
        ("golang-migrate", [(3, True)], "its migration 3 failed half way"),
        ("golang-migrate", [(-1, True)], "its migration -1 failed half way"),
        ("sqlx", [(1, True, b""), (2, False, b"")], "its migration 2 failed"),
        ("prisma", [("1_a", "x", None, None)], "its migration 1_a failed, or is still running"),
        ("flyway", [flyway(1, "1", "V1__a.sql", success=False)], "V1__a.sql failed"),
    ],
)
def test_a_ledger_that_says_that_something_failed_is_refused(
    tool: str, rows: list[tuple[Any, ...]], message: str
) -> None:
    with pytest.raises(LedgerDirtyError, match=message) as caught:
        read_rows(find_tool(tool), rows)
    assert caught.value.exit_code is ExitCode.FAILED
    assert caught.value.hint


def test_a_table_with_two_versions_is_not_golang_migrates() -> None:
    with pytest.raises(UsageError, match="holds 2 rows, and golang-migrate keeps one"):
        read_rows(find_tool("golang-migrate"), [(1, False), (2, False)])


def test_every_version_without_a_file_is_told() -> None:
    with pytest.raises(IntegrityErrors) as caught:
        found("flyway", [flyway(1, "1", "V1__users.sql"), flyway(2, "2", "V2__b.sql"), flyway(3, "3", "x.Y", "JDBC")],
              "V1__users", "V5__e")  # fmt: skip
    assert [(type(error), error.message) for error in caught.value.errors] == [
        (MissingMigrationError, "flyway applied 2 (V2__b), and there is no such file in m"),
        (MissingMigrationError, "flyway applied 3 (x.Y), and there is no such file in m"),
    ]
    hint = caught.value.errors[1].hint
    assert hint == "restore the file, or name the last one that was applied: migrate baseline ID --from flyway"


def test_the_version_that_golang_migrate_is_at_must_have_a_file() -> None:
    with pytest.raises(IntegrityErrors):
        found("golang-migrate", [(3, False)], "1_a", "2_b")


def test_two_files_of_one_version_are_refused() -> None:
    with pytest.raises(ProjectErrors) as caught:
        found("sqlx", [(1, True, b"")], "1_a", "01_b")
    (error,) = caught.value.errors
    assert str(error).startswith("m/01_b.sql: has the version 1 of sqlx, as 1_a does")


@pytest.mark.parametrize(("ids", "what"), [(["1_a"], "no file"), (["1_ae10", "2_ae10"], "2 files")])
def test_a_revision_of_alembic_that_no_name_tells_asks_for_the_id(ids: list[str], what: str) -> None:
    with pytest.raises(
        UsageError, match=f"alembic is at revision ae10, and there is {what} of that name in m"
    ) as error:
        found("alembic", [("ae10",)], *ids)
    assert error.value.hint == "name the migration that the database is at: migrate baseline ID --from alembic"


def test_an_unknown_tool_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown tool 'flywya'") as caught:
        find_tool("flywya")
    assert str(caught.value.hint).startswith("did you mean flyway? (known tools are yoyo, dbmate, ")
    assert find_tool("Flyway").name == "flyway"
    with pytest.raises(UsageError) as caught:
        find_tool("liquibase")
    assert str(caught.value.hint).startswith("known tools are ")


# --- checksums -------------------------------------------------------------------------------------------------


def test_flyways_checksum_is_over_the_lines_without_their_ends() -> None:
    """0xCBF43926 is the check value of CRC-32 for 123456789 (ISO 3309); Java shows it signed."""
    expected = 0xCBF43926 - (1 << 32)
    for data in (b"123456789", b"1234\n56789\n", b"1234\r\n56789", b"1234\r56789", b"\xef\xbb\xbf123456789"):
        assert flyway_checksum(data) == expected
    assert flyway_checksum(b"") == 0
    assert flyway_checksum(b"12345678 9") != expected


def test_a_file_with_other_line_ends_is_the_same_file() -> None:
    unix, windows = b"SELECT 1;\nSELECT 2;\n", b"SELECT 1;\r\nSELECT 2;\r\n"
    for tool, digest in (("sqlx", hashlib.sha384), ("prisma", hashlib.sha256)):
        for applied in (unix, windows):
            checksum = digest(applied).hexdigest()
            assert holds_what_was_applied(find_tool(tool), unix, checksum)
            assert holds_what_was_applied(find_tool(tool), windows, checksum)
            assert not holds_what_was_applied(find_tool(tool), unix + b"-- edited", checksum)


def test_an_old_prisma_wrote_bytes_without_leading_zeros() -> None:
    digest = hashlib.sha256(b"a3")
    assert "0" in digest.hexdigest()[::2]
    old = "".join(f"{byte:x}" for byte in digest.digest())
    assert holds_what_was_applied(find_tool("prisma"), b"a3", old)
    assert not holds_what_was_applied(find_tool("prisma"), b"a4", old)


@pytest.mark.parametrize(
    ("tool", "row"),
    [
        ("sqlx", lambda data: (1, True, hashlib.sha384(data).digest())),
        ("prisma", lambda data: ("1_a", hashlib.sha256(data).hexdigest(), WHEN, None)),
        ("flyway", lambda data: (1, "1", "SQL", "1_a.sql", flyway_checksum(data), True)),
    ],
)
def test_a_file_that_was_edited_since_is_refused(tool: str, row: Any) -> None:
    assert found(tool, [row(b"1_a")], "1_a") == ["1_a"]
    with pytest.raises(IntegrityErrors) as caught:
        found(tool, [row(b"before")], "1_a")
    (error,) = caught.value.errors
    assert isinstance(error, EditedMigrationError)
    assert str(error).startswith(f"m/1_a.sql: is not what {tool} applied as 1")


# --- what is marked --------------------------------------------------------------------------------------------


def test_what_is_applied_already_stays_and_the_rest_is_marked() -> None:
    files = folder("1", "2", "3", "4")
    history = History("public", (Applied("1", files.migrations[0].up.sha256, WHEN), Applied("2", None, WHEN)))
    adoption = decide(files, history, files.migrations[:3])
    assert ([m.id for m in adoption.marked], adoption.hashed) == (["3"], ())
    assert (adoption.pending, adoption.notes) == (1, ("still pending: 4",))
    with_hashes = decide(files, history, files.migrations[:3], add_hashes=True)
    assert [m.id for m in with_hashes.hashed] == ["2"]


def test_a_gap_is_told() -> None:
    files = folder(*"1234567")
    adoption = decide(files, History(), [files.migrations[1], files.migrations[3]])
    assert adoption.notes == (
        'not applied, before others that are: 1, 3; "codezest-sql migrate up --allow-out-of-order" runs them',
        "still pending: 5, 6, 7",
    )
    assert decide(folder(*"12345678"), History(), ()).notes == ("still pending: 1, 2, 3, 4, 5 and 3 more",)


def test_nothing_is_marked_while_files_and_history_disagree() -> None:
    with pytest.raises(IntegrityErrors):
        decide(folder("1", "2"), History("public", (Applied("1", "0" * 64, WHEN),)), ())


@pytest.mark.parametrize("direction", Direction)
def test_nothing_is_marked_while_a_migration_is_half_run(direction: Direction) -> None:
    half = JournalEntry("1", direction, 1, "VACUUM", StatementState.DONE, WHEN)
    with pytest.raises(HalfRunError) as caught:
        decide(folder("1"), History("public", (), (half,)), ())
    assert f'finish it with "codezest-sql migrate {direction.value}"' in str(caught.value)


def test_the_state_of_a_ledger_is_told_in_a_few_words() -> None:
    def told(tool_name: str, *rows: tuple[Any, ...]) -> str:
        tool = find_tool(tool_name)
        return read_rows(tool, rows).describe(tool)

    assert told("dbmate", ("2",), ("1",)) == "dbmate applied 2, the last 2"
    assert told("alembic", ("b",), ("a",)) == "alembic is at a, b"
    assert told("golang-migrate", (7, False)) == "golang-migrate is at 7"
    assert told("flyway", flyway(1, "3", "x", "BASELINE")) == "flyway is at 3"
    assert told("sqlx") == "sqlx applied nothing"


def test_every_tool_reads_an_empty_ledger_as_nothing() -> None:
    for tool in TOOLS:
        assert read_rows(tool, []) == Reading(heads=tool.name == "alembic")
