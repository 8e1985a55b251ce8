"""What an application does to connections when they are made and given back, on the staying one and the pool's."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import psycopg
import pytest

from codezest_sql import PoolSettings
from codezest_sql.errors import ArgumentError, ConnectionUnusableError
from codezest_sql.runtime import AsyncDatabase, Column, CopyFrom, Database, Exec, Many, One, Opt, Parameter, Statement
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

NAME = Statement("name", "SELECT current_setting('app.tenant', true) AS a", (), (Column("a", "text"),))
PID = Statement("pid", "SELECT pg_backend_pid() AS a", (), (Column("a", "integer"),))
SET = Exec(Statement("set", "SET app.tenant = 'left behind'"))


def hook(way: str, text: str) -> Any:
    """Return a hook of a test's face that runs SQL."""

    async def run_async(connection: Any) -> None:
        await connection.execute(text)

    def run(connection: Any) -> None:
        connection.execute(text)

    return run_async if way.startswith("async") else run


def test_a_new_connection_is_configured_and_each_is_reset_when_it_is_given_back(
    connect: Callable[..., Face], database: str, way: str
) -> None:
    db = connect(
        database,
        configure=hook(way, "SET app.tenant = 'new'"),
        reset=hook(way, "SET app.tenant = 'reset'"),
        pool=PoolSettings(max_size=2),
    )
    assert db.run(One(NAME)) == ("new",)
    assert db.run(One(NAME)) == ("reset",)
    with db.transaction() as tx:
        assert tx.run(One(NAME)) == ("reset",)
        assert db.run(One(NAME)) == ("new",)  # the pool's
        assert db.run(One(NAME)) == ("reset",)
        tx.run(SET)
    assert db.run(One(NAME)) == ("reset",)


def test_a_reset_that_drops_what_is_prepared_is_seen(connect: Callable[..., Face], database: str, way: str) -> None:
    db = connect(database, reset=hook(way, "DISCARD ALL"))
    for _ in range(3):
        with db.transaction() as tx:
            assert tx.run(Opt(NAME)) in {(None,), ("",)}


@pytest.mark.parametrize("kind", ["configure", "reset"])
def test_a_hook_that_leaves_a_transaction_open_is_named_or_its_connection_replaced(
    connect: Callable[..., Face], database: str, way: str, kind: str
) -> None:
    db = connect(database, **{kind: hook(way, "BEGIN")})
    if kind == "configure":
        with pytest.raises(ConnectionUnusableError, match="configure hook"):
            db.run(One(NAME))
        return
    assert db.run(One(PID)) != db.run(One(PID))


def test_an_error_of_configure_reaches_the_caller_and_nothing_is_lost(
    connect: Callable[..., Face], database: str, way: str
) -> None:
    bad = [True]

    def configure(connection: Any) -> None:
        if bad:
            bad.clear()
            raise LookupError("the application's own")

    async def configure_async(connection: Any) -> None:
        configure(connection)

    db = connect(
        database,
        configure=configure_async if way.startswith("async") else configure,
        pool=PoolSettings(max_size=1, timeout=PATIENCE),
    )
    with pytest.raises(LookupError):
        db.run(One(NAME))
    assert len(db.run(Many(NAME))) == 1


def test_queries_are_equal_by_statement_and_arguments() -> None:
    twice = [Statement("s", "SELECT $1", (Parameter("v", "text"),)) for _ in range(2)]
    assert One(twice[0], (1,)) == One(twice[1], (1,))
    assert One(twice[0], ([1, {"a": 2}],)) == One(twice[0], ([1, {"a": 2}],))
    assert len({One(twice[0], ([1],)), One(twice[1], ([1],)), One(twice[0], (1,))}) == 2
    assert One(twice[0], (1,)) != One(twice[0], (2,))
    assert One(twice[0], (1,)) != Opt(twice[0], (1,))
    assert One(twice[0], (1,), order="a") != One(twice[0], (1,), order="b")
    assert One(twice[0], (1,)) != 1
    assert CopyFrom(twice[0], [(1,)]) == CopyFrom(twice[0], [(1,)])
    assert CopyFrom(twice[0], [(1,)]) != CopyFrom(twice[0], [(2,)])
    assert hash(CopyFrom(twice[0], [(1,)])) == hash(CopyFrom(twice[0], [(1,)]))
    database = Mock()
    database.run(One(twice[0], ({"a": 1},)))
    database.run.assert_called_once_with(One(twice[1], ({"a": 1},)))


def test_a_batch_that_only_reads_runs_again_after_a_lost_connection_and_one_that_writes_does_not(
    db: Face, execute: Callable[[str], None]
) -> None:
    execute("CREATE TABLE t (n integer)")
    read: Any = One(PID)
    (pid,) = db.run(read)
    execute(f"SELECT pg_terminate_backend({pid}, 60000)")
    first, second = db.batch(read, read)
    assert first == second != (pid,)
    execute(f"SELECT pg_terminate_backend({first[0]}, 60000)")
    with pytest.raises(Exception, match="connection was lost"):
        db.batch(read, Exec(Statement("add", "INSERT INTO t VALUES (1)")))
    gc.collect()


def test_callers_that_give_up_waiting_leave_the_pool_whole(database: str) -> None:
    """Whoever is cancelled while it waits for a connection is skipped, and what it was handed continues."""

    async def main() -> None:
        async with AsyncDatabase.connect(database, pool=PoolSettings(max_size=3, timeout=PATIENCE)) as db:
            slow = Statement("slow", "SELECT pg_sleep(0.01)::text AS a", (), (Column("a", "text"),))
            for number in range(20):
                tasks: list[Any] = [asyncio.ensure_future(db.run(One(slow))) for _ in range(12)]
                await asyncio.sleep(number / 1000)
                for task in tasks[::2]:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            meet = asyncio.Barrier(3)

            async def hold() -> Any:
                async with db.transaction() as tx:
                    await meet.wait()
                    return await tx.run(One(PID))

            assert len(set(await asyncio.gather(hold(), hold(), hold()))) == 3

    asyncio.run(main())


def test_idle_connections_of_the_pool_are_closed_in_time(database: str) -> None:
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'codezest-sql'"
    settings = PoolSettings(max_idle=0.5)
    with Database.connect(database, pool=settings) as db, psycopg.connect(database, autocommit=True) as watch:
        with db.transaction(), db.transaction():
            assert watch.execute(count.encode()).fetchone() == (2,)
        pause = threading.Event()
        while watch.execute(count.encode()).fetchone() != (1,):
            pause.wait(0.05)
        assert db.run(One(PID))


@pytest.mark.parametrize("channel", ["", "a\0b", "\u00e9" * 32, "\ud800", 5])
def test_a_channel_that_cannot_be_one_is_refused(database: str, channel: Any) -> None:
    from pydantic import BaseModel  # noqa: PLC0415

    from codezest_sql import listen, listen_async  # noqa: PLC0415

    async def asynchronously() -> None:
        async with listen_async(channel, BaseModel, url=database):
            pass

    with pytest.raises(ArgumentError, match="the channel"), listen(channel, BaseModel, url=database):
        pass
    with pytest.raises(ArgumentError, match="the channel"):
        asyncio.run(asynchronously())
