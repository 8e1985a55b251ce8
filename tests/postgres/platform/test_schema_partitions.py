"""Monthly partitions: made by a procedure, in UTC, again and again, by two at once; and how many months are left."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.patience import PATIENCE
from tests.postgres.platform.schema_rows import ADA, Connection, count, insert

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.every_postgres

PARENTS = ("analytics_events", "user_activities")


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database in which Ada may have activities."""
    with psycopg.connect(migrated, autocommit=True) as opened:
        insert(opened, "auth.users", ADA.rows["auth.users"])
        yield opened


def make(connection: Connection, first: str, last: str) -> None:
    """Call the procedure for a range of months."""
    connection.execute("CALL activity.create_monthly_partitions(%s, %s)", [first, last])


def bounds(connection: Connection, parent: str) -> dict[str, tuple[str, str]]:
    """Return the bounds of each partition of a table, as instants in UTC."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL timezone = 'UTC'")
        connection.execute("SET LOCAL datestyle = 'ISO'")
        rows = connection.execute(
            r"""
            SELECT c.relname, regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \('(.+)'\) TO \('(.+)'\)$$)
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = ('activity.' || %s)::regclass ORDER BY 1
            """,
            [parent],
        ).fetchall()
    return {name: (first, last) for name, (first, last) in rows}


def left(connection: Connection, as_of: str) -> dict[str, tuple[Any, int]]:
    """Return until when, and for how many months, each table has partitions."""
    rows = connection.execute(
        """
        SELECT table_name, to_char(covered_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), months_left
        FROM activity.partition_months_left(%s)
        """,
        [as_of],
    ).fetchall()
    return {name: (until, months) for name, until, months in rows}


def test_the_migration_makes_this_month_and_three_ahead(connection: Connection) -> None:
    """Counted in UTC from the day of the migration."""
    row = connection.execute(
        """
        SELECT to_char(month, '"_p"YYYYMM'),
               to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
               to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00'
        FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                             date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months',
                             interval '1 month') AS month
        """
    ).fetchall()
    for parent in PARENTS:
        made = bounds(connection, parent)
        assert len(made) == 4
        # A month may have begun since the migration.
        assert len({**made, **{f"{parent}{suffix}": (first, last) for suffix, first, last in row}}) in {4, 5}
        assert [last for _, last in made.values()][:-1] == [first for first, _ in made.values()][1:]
        assert made.get(f"{parent}{row[0][0]}") == row[0][1:]


def test_the_default_months_are_counted_in_utc(connection: Connection) -> None:
    """Around midnight of a month's last day the session's zone would give another month; the clock cannot be set."""
    row = connection.execute(
        "SELECT pg_get_function_arguments('activity.create_monthly_partitions'::regproc)"
    ).fetchone()
    assert row is not None
    first, last = row[0].split(", ")
    assert first == "IN from_month date DEFAULT ((now() AT TIME ZONE 'UTC'::text))::date"
    assert last.startswith("IN to_month date DEFAULT (((now() AT TIME ZONE 'UTC'::text) + '3 mons'::interval))::date")


def test_making_months_again_changes_nothing(connection: Connection) -> None:
    """Whether all of them exist or some."""
    make(connection, "2031-02-01", "2031-03-31")
    before = [bounds(connection, parent) for parent in PARENTS]
    connection.execute("CALL activity.create_monthly_partitions()")
    make(connection, "2031-02-28", "2031-02-01")
    assert [bounds(connection, parent) for parent in PARENTS] == before
    make(connection, "2031-01-01", "2031-04-01")
    assert [len(bounds(connection, parent)) for parent in PARENTS] == [8, 8]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Asia/Kolkata"])
def test_months_are_of_utc_whatever_the_time_zone_of_the_session(connection: Connection, zone: str) -> None:
    """14 hours ahead of UTC and 12 behind; and with dates written as the session likes."""
    connection.execute("SELECT set_config('timezone', %s, false), set_config('datestyle', 'SQL, DMY', false)", [zone])
    make(connection, "2031-01-01", "2031-03-01")
    for parent in PARENTS:
        made = bounds(connection, parent)
        assert made[f"{parent}_p203101"] == ("2031-01-01 00:00:00+00", "2031-02-01 00:00:00+00")
        assert made[f"{parent}_p203103"] == ("2031-03-01 00:00:00+00", "2031-04-01 00:00:00+00")
        assert len(made) == 7
    assert left(connection, "2031-02-28 23:59:59+00") == dict.fromkeys(PARENTS, ("2031-04-01 00:00", 2))


def test_a_year_has_twelve_months_and_december_is_followed_by_january(connection: Connection) -> None:
    make(connection, "2031-12-31", "2032-01-01")
    made = bounds(connection, "user_activities")
    assert made["user_activities_p203112"][1] == made["user_activities_p203201"][0] == "2032-01-01 00:00:00+00"


def test_rows_at_the_boundary_go_to_their_own_month(connection: Connection) -> None:
    """The first instant belongs to the month, the last microsecond before it to the one before."""
    make(connection, "2031-01-01", "2031-02-01")
    for at, partition in (
        ("2031-01-01 00:00:00+00", "user_activities_p203101"),
        ("2031-01-31 23:59:59.999999+00", "user_activities_p203101"),
        ("2031-02-01 00:00:00+00", "user_activities_p203102"),
        # The same instant as the first of February in UTC, written in another zone.
        ("2031-01-31 19:00:00-05", "user_activities_p203102"),
    ):
        row = connection.execute(
            """
            INSERT INTO activity.user_activities (user_id, occurred_at, action) VALUES (%s, %s, 'x')
            RETURNING tableoid::regclass::text
            """,
            [ADA.user_id, at],
        ).fetchone()
        assert row == (f"activity.{partition}",)


def test_a_missing_month_is_refused(connection: Connection) -> None:
    """There is no default partition to hide in."""
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition of relation"):
        connection.execute(
            "INSERT INTO activity.analytics_events (user_id, occurred_at, name) VALUES (%s, '2031-01-01Z', 'x')",
            [ADA.user_id],
        )


def test_a_partition_is_as_its_parent(connection: Connection) -> None:
    """Its key, its checks, its cascade and its comments are there."""
    make(connection, "2031-01-01", "2031-01-01")
    insert(
        connection,
        "activity.user_activities",
        {"user_id": ADA.user_id, "occurred_at": "2031-01-15Z", "action": "x"},
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        insert(
            connection,
            "activity.user_activities_p203101",
            {"user_id": ADA.user_id, "occurred_at": "2031-01-15Z", "action": "x", "entity_type": "only half"},
        )
    comments = connection.execute(
        """
        SELECT obj_description(c.oid, 'pg_class'), col_description(c.oid, 1) FROM pg_class AS c
        WHERE c.oid = 'activity.user_activities_p203101'::regclass
        """
    ).fetchone()
    assert comments == ("The rows of 2031-01 in UTC, of activity.user_activities.", "Owner: who did it.")
    connection.execute("DELETE FROM auth.users WHERE id = %s", [ADA.user_id])
    assert count(connection, "activity.user_activities") == 0


@pytest.mark.parametrize("isolation", [psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel.REPEATABLE_READ])
def test_two_callers_at_once_both_succeed(
    connection: Connection, migrated: str, isolation: psycopg.IsolationLevel
) -> None:
    """The second waits for the first to commit, then finds the months made."""
    failures: list[psycopg.Error] = []

    def call_too() -> None:
        try:
            with psycopg.connect(migrated, application_name="the second") as second:
                second.isolation_level = isolation
                second.execute("SELECT 1")
                make(second, "2031-01-01", "2031-03-01")
        except psycopg.Error as error:
            failures.append(error)

    caller = threading.Thread(target=call_too)
    with connection.transaction():
        make(connection, "2031-01-01", "2031-03-01")
        caller.start()
        wait_until_blocked(connection, "the second")
    caller.join(timeout=PATIENCE)
    assert not caller.is_alive()
    assert failures == []
    assert [len(bounds(connection, parent)) for parent in PARENTS] == [7, 7]


def wait_until_blocked(connection: Connection, application: str) -> None:
    """Wait until a session waits for a lock; pg_stat_activity is read afresh each time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        row = connection.execute(
            "SELECT wait_event_type FROM pg_stat_activity WHERE application_name = %s", [application]
        ).fetchone()
        if row == ("Lock",):
            return
        time.sleep(0.01)
    pytest.fail(f"{application} was never blocked")


def test_the_application_reads_and_writes_while_months_are_made(connection: Connection, migrated: str) -> None:
    """A partition is attached, which does not lock the parent against either."""
    with psycopg.connect(migrated) as application:
        insert(application, "activity.user_activities", {"user_id": ADA.user_id, "action": "x"})
        connection.execute("SET lock_timeout = '600s'")
        with connection.transaction():
            # It does not wait for the open transaction of the application, …
            connection.execute("SET LOCAL lock_timeout = '100ms'")
            connection.execute("CALL activity.create_monthly_partitions('2031-01-01', '2031-01-01')")
            # … nor the application for it.
            application.execute("SET LOCAL lock_timeout = '100ms'")
            insert(application, "activity.user_activities", {"user_id": ADA.user_id, "action": "y"})
            assert count(application, "activity.user_activities") == 2


def test_it_gives_up_rather_than_queue_in_front_of_sign_ups(connection: Connection, migrated: str) -> None:
    """The foreign key needs a lock on auth.users, behind which every new writer of it would wait too.

    Two seconds, though the caller sets no limit; and not at all where the months are there already.
    """
    with psycopg.connect(migrated) as sign_up:
        insert(sign_up, "auth.users", {"email": "new@example.com", "name": "New"})
        # The test's own patience, should the procedure have none.
        connection.execute("SET statement_timeout = '30s'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            make(connection, "2031-01-01", "2031-01-01")
        connection.execute("CALL activity.create_monthly_partitions()")
    assert "user_activities_p203101" not in bounds(connection, "user_activities")
    assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2031-02-01", "2031-01-31"),
        ("2031-01-01", "2131-01-01"),
        ("1031-01-01", "1031-02-01"),
        ("9999-12-01", "10000-01-01"),
        ("2031-01-01", "infinity"),
        ("-infinity", "2031-01-01"),
        (None, "2031-01-01"),
        ("2031-01-01", None),
    ],
)
def test_a_senseless_range_is_refused(connection: Connection, first: str | None, last: str | None) -> None:
    """Reversed, without an end, or so long that it must be a slip: nothing is made."""
    before = bounds(connection, "user_activities")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="no range of months"):
        connection.execute("CALL activity.create_monthly_partitions(%s::date, %s::date)", [first, last])
    assert bounds(connection, "user_activities") == before


def test_a_stranger_with_the_name_of_a_partition_is_not_taken_for_one(connection: Connection) -> None:
    """A month that was detached to be kept must not pass for a month that takes rows."""
    make(connection, "2031-01-01", "2031-01-01")
    connection.execute("ALTER TABLE activity.user_activities DETACH PARTITION activity.user_activities_p203101")
    with pytest.raises(psycopg.errors.DuplicateTable, match=r"activity\.user_activities_p203101 exists, but is not"):
        make(connection, "2031-01-01", "2031-02-01")
    assert left(connection, "2031-01-01Z")["user_activities"] == (None, 0)


def test_a_month_half_detached_does_not_count(connection: Connection, migrated: str) -> None:
    """DETACH CONCURRENTLY, broken off while it waits for a reader, leaves a partition that takes no rows."""
    make(connection, "2031-01-01", "2031-02-01")
    with psycopg.connect(migrated) as reader:
        reader.execute("SELECT FROM activity.user_activities WHERE occurred_at < '2031-01-15Z'")
        connection.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(
                "ALTER TABLE activity.user_activities DETACH PARTITION activity.user_activities_p203101 CONCURRENTLY"
            )
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition of relation"):
        insert(
            connection,
            "activity.user_activities",
            {"user_id": ADA.user_id, "occurred_at": "2031-01-15Z", "action": "x"},
        )
    assert left(connection, "2031-01-01Z")["user_activities"] == (None, 0)
    with pytest.raises(psycopg.errors.DuplicateTable, match="exists, but is not"):
        make(connection, "2031-01-01", "2031-02-01")


def test_a_schema_of_the_caller_cannot_get_in_between(connection: Connection) -> None:
    """The search_path is the routine's own: a function of the same name elsewhere is not called."""
    connection.execute(
        """
        CREATE SCHEMA hostile;
        CREATE FUNCTION hostile.format(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'DROP TABLE auth.users' $$;
        CREATE FUNCTION hostile.format(text, regclass) RETURNS text LANGUAGE sql AS $$ SELECT 'no SQL at all' $$;
        CREATE FUNCTION hostile.to_char(timestamp, text) RETURNS text LANGUAGE sql AS $$ SELECT 'oops' $$;
        CREATE FUNCTION hostile.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE sql AS $$ SELECT 'oops' $$;
        SET search_path = hostile, pg_catalog;
        """
    )
    make(connection, "2031-01-01", "2031-01-01")
    months = connection.execute("SELECT months_left FROM activity.partition_months_left('2031-01-01Z')").fetchall()
    assert months == [(1,), (1,)]
    connection.execute("RESET search_path")
    assert "user_activities_p203101" in bounds(connection, "user_activities")


def test_months_left_end_at_the_first_gap(connection: Connection) -> None:
    """What lies beyond a missing month does not help."""
    make(connection, "2031-01-01", "2031-06-01")
    assert left(connection, "2031-02-15Z") == dict.fromkeys(PARENTS, ("2031-07-01 00:00", 5))
    connection.execute("DROP TABLE activity.user_activities_p203104")
    assert left(connection, "2031-02-15Z")["user_activities"] == ("2031-04-01 00:00", 2)
    assert left(connection, "2031-02-15Z")["analytics_events"] == ("2031-07-01 00:00", 5)
    # The first instant of a month belongs to it, the last one too.
    assert left(connection, "2031-03-01 00:00Z")["user_activities"] == ("2031-04-01 00:00", 1)
    assert left(connection, "2031-03-31 23:59:59.999999Z")["user_activities"] == ("2031-04-01 00:00", 1)
    assert left(connection, "2031-04-01 00:00Z")["user_activities"] == (None, 0)


def test_months_left_today_are_those_of_the_migration(connection: Connection) -> None:
    """This one included; a month may have ended since."""
    rows = connection.execute("SELECT table_name, months_left FROM activity.partition_months_left()").fetchall()
    assert [name for name, _ in rows] == [*PARENTS]
    assert {months for _, months in rows} <= {3, 4}
