"""Messages by preference, reading them, e-mails and their webhooks, by the generated functions on real rows."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from codezest_sql import CheckViolation, Database, UniqueViolation
from codezest_sql.platform.queries.auth import profiles, users
from codezest_sql.platform.queries.notifications import email_logs, messages, preferences
from codezest_sql.platform.types import SocialLinks
from tests.patience import PATIENCE
from tests.postgres.platform.course import at_once, learner
from tests.projects import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

NIGHT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


@pytest.fixture
def url(migrated: str) -> str:
    return migrated


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with Database.connect(url) as opened:
        yield opened


@pytest.fixture
def person(db: Database) -> UUID:
    return learner(db)


def tell(
    db: Database, user_id: UUID, key: UUID | None = None, *, channel: str = "IN_APP", title: str = "Hello"
) -> Any:
    return db.run(
        messages.notify(
            user_id=user_id, id=key or uuid4(), kind="GRADING", channel=channel, title=title, body="…",
            data={"score": 7},
        )
    )  # fmt: skip


def choose(db: Database, user_id: UUID, **change: Any) -> Any:
    said: dict[str, Any] = {
        "channel": "IN_APP", "kind": "GRADING", "enabled": True, "quiet_hours_from": None, "quiet_hours_to": None,
    }  # fmt: skip
    return db.run(preferences.set_preference(user_id=user_id, **(said | change)))


def test_a_message_is_made_where_it_is_wanted(db: Database, person: UUID) -> None:
    assert tell(db, person) is not None  # nothing was chosen: it is wanted
    choose(db, person, enabled=False)
    assert tell(db, person) is None
    assert tell(db, person, channel="PUSH") is not None
    choose(db, person, enabled=True)
    assert tell(db, person) is not None
    assert db.run(messages.count_unread(user_id=person)).unread == 2


def test_nobody_is_told_who_is_not_there(db: Database, person: UUID) -> None:
    assert tell(db, uuid4()) is None
    db.run(users.delete_user(id=person))
    assert tell(db, person) is None
    assert choose(db, person) is None


def test_the_same_message_again_is_one_and_another_under_its_id_is_none(db: Database, url: str, person: UUID) -> None:
    key = uuid4()
    first = tell(db, person, key)
    assert tell(db, person, key) == first
    assert tell(db, person, key, title="Something else") is None
    assert rows(url, "SELECT title FROM notifications.notifications") == [("Hello",)]


def test_many_who_tell_the_same_at_once_tell_it_once(db: Database, url: str, person: UUID) -> None:
    key = uuid4()
    found = at_once(url, [lambda db: tell(db, person, key)] * 10)
    assert {each.id for each in found} == {key}
    assert db.run(messages.count_unread(user_id=person)).unread == 1


def test_listeners_hear_of_a_new_message_once_it_is_committed(db: Database, url: str, person: UUID) -> None:
    key = uuid4()
    with psycopg.connect(url, autocommit=True) as listening:
        listening.execute("LISTEN codezest_notifications")
        with contextlib.suppress(ZeroDivisionError), db.transaction() as undone:
            undone.run(
                messages.notify(
                    user_id=person, id=uuid4(), kind="GRADING", channel="IN_APP", title="a", body="b", data={}
                )
            )
            raise ZeroDivisionError
        tell(db, person, key)
        tell(db, person, key)
        listening.execute("NOTIFY codezest_notifications, 'the end'")
        payloads = [each.payload for each in listening.notifies(timeout=PATIENCE, stop_after=2)]
    assert payloads[-1] == "the end"
    assert [json.loads(each) for each in payloads[:-1]] == [{"user_id": str(person), "id": str(key)}]


@pytest.mark.parametrize(("kind", "channel"), [("GOSSIP", "IN_APP"), ("GRADING", "PIGEON")])
def test_a_kind_or_channel_that_is_none_is_refused(kind: str, channel: str, db: Database, person: UUID) -> None:
    with pytest.raises(CheckViolation):
        db.run(messages.notify(user_id=person, id=uuid4(), kind=kind, channel=channel, title="a", body="b", data={}))
    with pytest.raises(CheckViolation):
        choose(db, person, kind=kind, channel=channel)


def test_pages_follow_each_other_and_reading_is_noted_once(db: Database, person: UUID) -> None:
    other = learner(db)
    tell(db, other)
    made = [tell(db, person, title=str(number)) for number in range(5)]
    first = db.run(messages.list_notifications(user_id=person, limit=2))
    assert [each.title for each in first] == ["4", "3"]
    last = first[-1]
    second = db.run(messages.list_notifications(user_id=person, limit=9, before=last.created_at, before_id=last.id))
    assert [each.title for each in second] == ["2", "1", "0"]
    assert db.run(messages.read_notification(user_id=other, id=made[0].id)) is None
    read = db.run(messages.read_notification(user_id=person, id=made[0].id))
    again = db.run(messages.read_notification(user_id=person, id=made[0].id))
    assert read == again
    unread = db.run(messages.list_notifications(user_id=person, limit=9, unread=True))
    assert [each.title for each in unread] == ["4", "3", "2", "1"]
    assert db.run(messages.read_notifications(user_id=person, until=made[2].created_at)) == 2
    assert db.run(messages.count_unread(user_id=person)).unread == 2
    assert db.run(messages.count_unread(user_id=other)).unread == 1
    assert db.run(messages.delete_notification(user_id=person, id=made[4].id)) == 1
    assert db.run(messages.delete_notification(user_id=person, id=made[4].id)) == 0
    assert db.run(messages.get_notification(user_id=person, id=made[4].id)) is None
    assert db.run(messages.count_unread(user_id=person)).unread == 1
    found = db.run(messages.get_notification(user_id=person, id=made[3].id))
    assert found is not None
    assert found.data == {"score": 7}


def test_many_who_read_all_at_once_count_each_message_once(db: Database, url: str, person: UUID) -> None:
    until = max(tell(db, person).created_at for _ in range(20))
    call = messages.read_notifications(user_id=person, until=until)
    assert sum(at_once(url, [lambda db: db.run(call)] * 8)) == 20


def test_every_choice_is_listed_as_it_holds(db: Database, person: UUID) -> None:
    choose(db, person, channel="EMAIL", enabled=False)
    choose(db, person, channel="PUSH", quiet_hours_from=time(22), quiet_hours_to=time(7))
    found = {(each.channel, each.kind): each for each in db.run(preferences.list_preferences(user_id=person))}
    assert len(found) == 15
    assert not found["EMAIL", "GRADING"].enabled
    assert found["PUSH", "GRADING"].quiet_hours_to == time(7)
    assert sum(each.enabled for each in found.values()) == 14
    assert all(each.enabled for each in db.run(preferences.list_preferences(user_id=learner(db))))


def test_quiet_hours_are_by_the_persons_own_clock(db: Database, person: UUID) -> None:
    def may(at: datetime, user_id: UUID = person) -> Any:
        return db.run(preferences.may_disturb(user_id=user_id, channel="PUSH", kind="GRADING", at=at))

    assert may(NIGHT).may_disturb
    choose(db, person, channel="PUSH", quiet_hours_from=time(22), quiet_hours_to=time(7))
    assert (may(NIGHT).is_wanted, may(NIGHT).may_disturb) == (True, False)
    assert not may(NIGHT + timedelta(hours=7, minutes=29)).may_disturb  # 06:59
    assert may(NIGHT + timedelta(hours=7, minutes=30)).may_disturb  # 07:00
    db.run(
        profiles.upsert_profile(
            user_id=person,
            bio=None,
            avatar_url=None,
            location=None,
            timezone="America/New_York",
            locale="en",
            social_links=SocialLinks(),
        )
    )
    assert may(NIGHT).may_disturb  # 18:30 there
    choose(db, person, channel="PUSH", quiet_hours_from=time(12), quiet_hours_to=time(19))
    assert not may(NIGHT).may_disturb
    choose(db, person, channel="PUSH", enabled=False)
    assert (may(NIGHT).is_wanted, may(NIGHT).may_disturb) == (False, False)
    assert may(NIGHT, uuid4()) is None
    for hours in ((time(1), None), (time(1), time(1))):
        with pytest.raises(CheckViolation):
            choose(db, person, quiet_hours_from=hours[0], quiet_hours_to=hours[1])


def queue(db: Database, person: UUID, key: UUID, address: str = "Ada@Example.org") -> Any:
    return db.run(
        email_logs.queue_email(user_id=person, id=key, to_address=address, template="welcome", subject="Welcome")
    )


def test_an_email_goes_through_its_states(db: Database, person: UUID) -> None:
    key = uuid4()
    assert queue(db, person, key).state == "QUEUED"
    assert queue(db, person, key).state == "QUEUED"
    failed = db.run(email_logs.record_failed(user_id=person, id=key, error="full"))
    assert failed is not None
    assert (failed.state, failed.error) == ("FAILED", "full")
    sent = db.run(email_logs.record_sent(user_id=person, id=key, provider_message_id="m1"))
    assert sent is not None
    assert (sent.state, sent.error) == ("SENT", None)
    assert db.run(email_logs.record_sent(user_id=person, id=key, provider_message_id="m2")) is None
    assert db.run(email_logs.record_failed(user_id=person, id=key, error="late")) is None
    arrived = email_logs.record_delivered(provider_message_id="m1", at=NIGHT)
    delivered = db.run(arrived)
    assert delivered is not None
    assert (delivered.user_id, delivered.delivered_at) == (person, NIGHT)
    assert db.run(arrived) is None
    assert not db.run(email_logs.has_bounced(user_id=person, to_address="ada@example.org")).has_bounced
    bounced = db.run(email_logs.record_bounced(provider_message_id="m1", error="unknown"))
    assert bounced is not None
    assert db.run(email_logs.has_bounced(user_id=person, to_address="ADA@example.org")).has_bounced
    assert db.run(email_logs.record_bounced(provider_message_id="m1", error="unknown")) is None
    (listed,) = db.run(email_logs.list_emails(user_id=person, limit=5))
    assert (listed.state, listed.to_address) == ("BOUNCED", "ada@example.org")
    assert db.run(email_logs.list_emails(user_id=learner(db), limit=5)) == []


def test_what_is_no_move_of_an_email_changes_nothing(db: Database, person: UUID) -> None:
    key = uuid4()
    queue(db, person, key)
    assert db.run(email_logs.record_delivered(provider_message_id="m9", at=NIGHT)) is None
    assert db.run(email_logs.record_bounced(provider_message_id="m9", error="x")) is None
    assert db.run(email_logs.record_sent(user_id=learner(db), id=key, provider_message_id="m9")) is None
    assert db.run(email_logs.queue_email(
        user_id=uuid4(), id=uuid4(), to_address="a@b.org", template="t", subject="s"
    )) is None  # fmt: skip
    with pytest.raises(CheckViolation):
        queue(db, person, uuid4(), "nowhere")
    other = uuid4()
    queue(db, person, other)
    db.run(email_logs.record_sent(user_id=person, id=key, provider_message_id="m9"))
    with pytest.raises(UniqueViolation):
        db.run(email_logs.record_sent(user_id=person, id=other, provider_message_id="m9"))


def test_a_webhook_that_comes_many_times_at_once_counts_once(db: Database, url: str, person: UUID) -> None:
    key = uuid4()
    queue(db, person, key)
    db.run(email_logs.record_sent(user_id=person, id=key, provider_message_id="m5"))
    call = email_logs.record_delivered(provider_message_id="m5", at=NIGHT)
    found = at_once(url, [lambda db: db.run(call)] * 8)
    assert sum(each is not None for each in found) == 1


def test_what_was_shown_is_read_and_nothing_that_came_meanwhile(db: Database, url: str, person: UUID) -> None:
    """The transaction of one message began before that of another which was shown: it is older, and was not seen."""
    tell(db, person, channel="EMAIL")
    with Database.connect(url) as other, other.transaction() as slow:
        slow.run(messages.count_unread(user_id=person))
        shown = tell(db, person)
        tell(slow, person, title="Not seen")  # type: ignore[arg-type]
    listed = db.run(messages.list_notifications(user_id=person, limit=9))
    assert listed[0].id == shown.id
    assert listed[1].created_at < shown.created_at
    assert db.run(messages.read_notifications(user_id=person, ids=[shown.id, uuid4()])) == 1
    assert db.run(messages.count_unread(user_id=person)).unread == 1
    assert db.run(messages.read_notifications(user_id=learner(db), ids=[listed[1].id])) == 0
    assert db.run(messages.read_notifications(user_id=person)) == 1
    assert rows(url, "SELECT channel FROM notifications.notifications WHERE read_at IS NULL") == [("EMAIL",)]


def test_a_message_that_was_deleted_is_not_told_again(db: Database, url: str, person: UUID) -> None:
    key = uuid4()
    assert tell(db, person, key) is not None
    assert db.run(messages.delete_notification(user_id=person, id=key)) == 1
    assert tell(db, person, key) is None
    assert rows(url, "SELECT count(*) FROM notifications.notifications") == [(1,)]


def test_an_email_under_the_id_of_another_is_none(db: Database, person: UUID) -> None:
    key = uuid4()
    first = queue(db, person, key)
    assert queue(db, person, key, "ADA@example.org") == first
    assert queue(db, person, key, "eve@example.org") is None
    for change in ({"template": "reset"}, {"subject": "Else"}):
        words = {"to_address": "ada@example.org", "template": "welcome", "subject": "Welcome"} | change
        assert db.run(email_logs.queue_email(user_id=person, id=key, **words)) is None
    assert len(db.run(email_logs.list_emails(user_id=person, limit=9))) == 1
