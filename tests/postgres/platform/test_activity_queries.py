"""The activity feed, and what is made of the events: counts, funnels, retention; by the generated functions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import CheckViolation, Database
from codezest_sql.platform.queries.activity import activities, events
from tests.postgres.platform.course import at_once, learner
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
END = MONDAY + 28 * DAY


@pytest.fixture
def url(migrated: str) -> str:
    execute(migrated, "CALL activity.create_monthly_partitions('2026-03-01', '2026-03-01')")
    return migrated


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with Database.connect(url) as opened:
        yield opened


def activity(user_id: UUID, at: datetime, action: str = "opened", key: UUID | None = None) -> dict[str, Any]:
    return {
        "user_id": user_id, "occurred_at": at, "id": key or uuid4(), "action": action, "entity_type": None,
        "entity_id": None, "metadata": {"from": "test"},
    }  # fmt: skip


def event(user_id: UUID, at: datetime, name: str) -> dict[str, Any]:
    return {
        "user_id": user_id, "occurred_at": at, "id": uuid4(), "name": name, "is_anonymous": True, "session_id": None,
        "properties": {}, "url": None, "referrer": None,
    }  # fmt: skip


def happen(db: Database, *happened: dict[str, Any]) -> None:
    for each in happened:
        assert db.run(events.record_event(**each)) is not None


def test_the_same_activity_again_is_one(db: Database, url: str) -> None:
    person = learner(db)
    call = activities.record_activity(**activity(person, MONDAY))
    found = at_once(url, [lambda db: db.run(call)] * 8)
    assert sum(each is not None for each in found) == 1
    assert db.run(activities.record_activity(**activity(uuid4(), MONDAY))) is None
    assert rows(url, "SELECT count(*) FROM activity.user_activities") == [(1,)]


def test_a_feed_is_read_in_pages_and_is_its_owners(db: Database) -> None:
    person, other = learner(db), learner(db)
    many = [activity(person, MONDAY + number * HOUR, f"step {number % 2}") for number in range(5)]
    made = [activities.RecordActivitiesRow(**each) for each in (*many, activity(other, MONDAY))]
    assert db.run(activities.record_activities(made)) == 6
    first = db.run(activities.get_feed(user_id=person, limit=2))
    assert [each.occurred_at for each in first] == [MONDAY + 4 * HOUR, MONDAY + 3 * HOUR]
    last = first[-1]
    rest = db.run(activities.get_feed(user_id=person, limit=9, before=last.occurred_at, before_id=last.id))
    assert [each.occurred_at for each in rest] == [MONDAY + number * HOUR for number in (2, 1, 0)]
    assert rest[0].metadata == {"from": "test"}
    assert len(db.run(activities.get_feed(user_id=person, limit=9, action="step 1"))) == 2
    assert len(db.run(activities.get_feed(user_id=other, limit=9))) == 1


def test_days_are_those_of_the_time_zone_and_none_is_left_out(db: Database) -> None:
    person = learner(db)
    for hours in (1, 2, 30, 23):
        db.run(activities.record_activity(**activity(person, MONDAY + timedelta(hours=hours))))

    def days(timezone: str) -> list[tuple[date, int]]:
        call = activities.count_by_day(user_id=person, since=MONDAY, until=MONDAY + 3 * DAY, timezone=timezone)
        return [(each.day, each.activities) for each in db.run(call)]

    assert days("UTC") == [(date(2026, 3, 2), 3), (date(2026, 3, 3), 1), (date(2026, 3, 4), 0)]
    assert days("Asia/Tokyo") == [
        (date(2026, 3, 2), 2), (date(2026, 3, 3), 2), (date(2026, 3, 4), 0), (date(2026, 3, 5), 0),
    ]  # fmt: skip


def test_a_month_without_a_partition_takes_nothing(db: Database, url: str) -> None:
    person = learner(db)
    with pytest.raises(CheckViolation):
        db.run(activities.record_activity(**activity(person, datetime(2040, 1, 1, tzinfo=UTC))))
    with pytest.raises(CheckViolation):
        happen(db, event(person, datetime(2040, 1, 1, tzinfo=UTC), "visited"))
    assert rows(url, "SELECT count(*) FROM activity.user_activities") == [(0,)]
    left = db.run(events.list_partition_months_left())
    assert [each.table_name for each in left] == ["analytics_events", "user_activities"]
    assert all(each.months_left >= 3 for each in left)  # made ahead by the migration


def test_an_entity_has_both_a_table_and_an_id(db: Database) -> None:
    half = activity(learner(db), MONDAY) | {"entity_type": "learning.modules"}
    with pytest.raises(CheckViolation):
        db.run(activities.record_activity(**half))


def test_events_are_counted_by_day_with_their_visitors(db: Database) -> None:
    one, two = uuid4(), uuid4()
    happen(
        db,
        event(one, MONDAY, "visited"), event(one, MONDAY + HOUR, "visited"), event(two, MONDAY, "visited"),
        event(two, MONDAY + DAY, "visited"), event(two, MONDAY, "left"), event(two, END, "visited"),
    )  # fmt: skip
    found = db.run(events.count_events_by_day(name="visited", since=MONDAY, until=END))
    assert [(each.day, each.events, each.visitors) for each in found] == [
        (date(2026, 3, 2), 3, 2), (date(2026, 3, 3), 1, 1),
    ]  # fmt: skip
    made = [events.RecordEventsRow(**event(one, MONDAY + 2 * DAY, "visited")) for _ in range(3)]
    assert db.run(events.record_events(made)) == 3
    assert len(db.run(events.count_events_by_day(name="visited", since=MONDAY, until=END))) == 3


def test_a_funnel_counts_who_did_all_steps_in_their_order(db: Database) -> None:
    whole, backwards, early, half = (uuid4() for _ in range(4))
    happen(
        db,
        event(whole, MONDAY, "visited"), event(whole, MONDAY + HOUR, "registered"),
        event(whole, MONDAY + 2 * HOUR, "enrolled"),
        event(backwards, MONDAY, "registered"), event(backwards, MONDAY + HOUR, "visited"),
        event(early, MONDAY, "visited"), event(early, END + HOUR, "registered"),
        event(half, MONDAY, "visited"), event(half, MONDAY, "registered"), event(half, MONDAY + HOUR, "visited"),
    )  # fmt: skip
    found = db.run(events.get_funnel(names=["visited", "registered", "enrolled"], since=MONDAY, until=END))
    assert [(each.name, each.visitors) for each in found] == [("visited", 4), ("registered", 2), ("enrolled", 1)]
    nothing = db.run(events.get_funnel(names=["danced", "visited"], since=MONDAY, until=END))
    assert [each.visitors for each in nothing] == [0, 0]
    assert db.run(events.get_funnel(names=[], since=MONDAY, until=END)) == []


def test_retention_tells_who_of_a_weeks_newcomers_came_back(db: Database) -> None:
    one, two, late = (uuid4() for _ in range(3))
    happen(
        db,
        event(one, MONDAY, "visited"), event(one, MONDAY + 15 * DAY, "visited"),
        event(two, MONDAY + 6 * DAY, "visited"), event(two, MONDAY + 7 * DAY, "left"),
        event(late, MONDAY + 8 * DAY, "visited"),
    )  # fmt: skip
    found = db.run(events.get_retention(since=MONDAY, until=END))
    assert [(each.cohort, each.week, each.visitors) for each in found] == [
        (date(2026, 3, 2), 0, 2), (date(2026, 3, 2), 1, 1), (date(2026, 3, 2), 2, 1), (date(2026, 3, 9), 0, 1),
    ]  # fmt: skip


def test_days_are_the_same_in_whatever_zone_the_session_is(url: str) -> None:
    """In Cairo the 26th of April 2024 had no midnight."""
    with Database.connect(f"{url}&options=-c%20TimeZone%3DAfrica/Cairo") as db:
        days = db.run(
            activities.count_by_day(
                user_id=learner(db),
                timezone="UTC",
                since=datetime(2024, 4, 25, tzinfo=UTC),
                until=datetime(2024, 4, 29, tzinfo=UTC),
            )
        )
    assert [each.day for each in days] == [date(2024, 4, day) for day in (25, 26, 27, 28)]


def test_one_event_is_one_step_of_a_funnel(db: Database) -> None:
    once, twice = uuid4(), uuid4()
    happen(db, event(once, MONDAY, "try"), event(twice, MONDAY, "try"), event(twice, MONDAY, "buy"))
    happen(db, event(twice, MONDAY + HOUR, "try"))
    names = ["try", "buy", "try", "try"]
    found = db.run(events.get_funnel(names=names, since=MONDAY, until=END))
    assert [(each.name, each.visitors) for each in found] == [("try", 2), ("buy", 1), ("try", 1), ("try", 0)]


def test_only_a_live_user_or_a_visitor_does_something(db: Database) -> None:
    person = learner(db)
    for user_id, is_anonymous, is_noted in ((person, False, True), (uuid4(), False, False), (uuid4(), True, True)):
        told = event(user_id, MONDAY, "seen") | {"is_anonymous": is_anonymous}
        assert (db.run(events.record_event(**told)) is not None) == is_noted
