"""``codezest-sql partitions`` on a real database."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import psycopg
import pytest

from codezest_sql.cli.main import run
from codezest_sql.errors import ExitCode


def months_ahead(count: int) -> str:
    """Return the month ``count`` months after this one, in UTC, as the command takes it."""
    now = datetime.now(UTC)
    year, month = divmod(now.year * 12 + now.month - 1 + count, 12)
    return f"{year:04}-{month + 1:02}"


def test_status_tells_how_many_months_are_left(migrated: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["platform", "partitions", "status", "--database-url", migrated, "--json"]) == ExitCode.DONE
    report = json.loads(capsys.readouterr().out)
    assert {entry["name"] for entry in report["tables"]} == {"analytics_events", "user_activities"}
    # This month and three ahead, as the migration made them.
    assert report["months_left"] == 4


def test_make_makes_the_months_ahead_and_may_run_again(migrated: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        arguments = ["platform", "partitions", "make", "--to", months_ahead(5), "--database-url", migrated]
        assert run(arguments) == ExitCode.DONE
        assert "6 months left" in capsys.readouterr().out
    with psycopg.connect(migrated) as connection:
        later = datetime.strptime(months_ahead(5), "%Y-%m").replace(tzinfo=UTC)
        connection.execute(
            "INSERT INTO activity.analytics_events (user_id, name, occurred_at) VALUES (gen_random_uuid(), 'a', %s)",
            [later],
        )


def test_check_fails_before_the_months_run_out(migrated: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["platform", "partitions", "status", "--check", "--database-url", migrated]
    assert run([*arguments, "--at-least", "4"]) == ExitCode.DONE
    assert run([*arguments, "--at-least", "5"]) == ExitCode.PENDING
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN EXECUTE format('DROP TABLE activity.user_activities_p%s', "
            "to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')); END $$"
        )
    capsys.readouterr()
    assert run(arguments) == ExitCode.PENDING
    assert "0 months left" in capsys.readouterr().out


@pytest.mark.parametrize(
    "months", [("--from", "2027-13"), ("--to", "soon"), ("--from", "2027-02", "--to", "2027-01")]
)
def test_what_is_no_range_of_months_is_refused(
    migrated: str, months: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["platform", "partitions", "make", *months, "--database-url", migrated]) == ExitCode.USAGE
    assert "hint" in capsys.readouterr().err


def test_a_database_of_another_schema_is_told_so(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("status", "make"):
        assert run(["platform", "partitions", command, "--database-url", database]) == ExitCode.FAILED
        assert "codezest-sql migrate" in capsys.readouterr().err
