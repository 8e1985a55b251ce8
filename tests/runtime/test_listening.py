"""Listening to what others NOTIFY, sync and async: in order, within bounds, and clear about what is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import BaseModel

from codezest_sql import Database, listen, listen_async
from codezest_sql.errors import CodezestError, ConnectionLostError, UnreadableValueError
from codezest_sql.platform.queries.notifications import messages
from tests.patience import PATIENCE
from tests.postgres.platform.course import learner

if TYPE_CHECKING:
    from collections.abc import Callable

FACES = ("sync", "async")


class Told(BaseModel):
    """What messages.notify sends."""

    user_id: UUID
    id: UUID


class Number(BaseModel):
    """A payload of the tests."""

    n: int


def heard(
    face: str, url: str, tell: Callable[[], None], timeouts: list[float], channel: str = "numbers"
) -> list[Any]:
    """Listen, let ``tell`` be heard, and return what each wait gives: a number, None, or the error."""

    def of(found: Number | None) -> int | None:
        return found.n if found else None

    said: list[Any] = []
    if face == "sync":
        with listen(channel, Number, url=url) as listener:
            tell()
            for timeout in timeouts:
                try:
                    said.append(of(listener.wait(timeout)))
                except CodezestError as error:
                    said.append(error)
        return said

    async def main() -> None:
        async with listen_async(channel, Number, url=url) as listener:
            tell()
            for timeout in timeouts:
                try:
                    said.append(of(await listener.wait(timeout)))
                except CodezestError as error:
                    said.append(error)

    asyncio.run(main())
    return said


def notify(url: str, *payloads: str, channel: str = "numbers") -> Callable[[], None]:
    def tell() -> None:
        with psycopg.connect(url) as connection:
            for payload in payloads:
                connection.execute("SELECT pg_notify(%s, %s)", [channel, payload])

    return tell


@pytest.mark.parametrize("face", FACES)
def test_what_comes_together_is_heard_one_by_one_and_nothing_is_none(face: str, database: str) -> None:
    tell = notify(database, '{"n": 1}', '{"n": 2}', '{"n": 3}')
    assert heard(face, database, tell, [PATIENCE, PATIENCE, PATIENCE, 0.2]) == [1, 2, 3, None]


@pytest.mark.parametrize("face", FACES)
def test_a_payload_that_is_no_such_model_is_told_and_the_next_is_heard(face: str, database: str) -> None:
    tell = notify(database, '{"n": "secret"}', "not JSON", '{"n": 2}')
    first, second, third = heard(face, database, tell, [PATIENCE, PATIENCE, PATIENCE])
    assert isinstance(first, UnreadableValueError)
    assert "a notification on numbers is no Number: n: " in first.message
    assert "secret" not in first.message
    assert isinstance(second, UnreadableValueError)
    assert third == 2


@pytest.mark.parametrize("face", FACES)
def test_a_connection_that_is_lost_is_told_with_the_way_on(face: str, database: str) -> None:
    def end() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
            )

    (error,) = heard(face, database, end, [PATIENCE])
    assert isinstance(error, ConnectionLostError)
    assert error.hint == "listen again, and read what is new from the tables first"


@pytest.mark.parametrize("face", FACES)
def test_a_server_that_is_not_there_is_told_without_the_password(face: str, unused_port: int) -> None:
    url = f"postgresql://me:secret@127.0.0.1:{unused_port}/shop"
    with pytest.raises(ConnectionLostError) as caught:
        heard(face, url, lambda: None, [])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("face", FACES)
def test_a_channel_may_have_any_name(face: str, database: str) -> None:
    name = 'odd "name"; DROP'
    assert heard(face, database, notify(database, '{"n": 7}', channel=name), [PATIENCE], name) == [7]


def test_a_new_message_is_heard_by_its_ids(migrated: str) -> None:
    key = uuid4()
    with Database.connect(migrated) as db, listen("codezest_notifications", Told, url=migrated) as listener:
        user_id = learner(db)
        db.run(
            messages.notify(
                user_id=user_id, id=key, kind="LEARNING", channel="IN_APP", title="Well done", body="…", data={}
            )
        )
        assert listener.wait(PATIENCE) == Told(user_id=user_id, id=key)
        assert listener.wait(0.1) is None
