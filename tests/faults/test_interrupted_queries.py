"""Tasks are cancelled, and callers interrupted, at every moment of an exchange with a server that answers late.

Afterwards every query works on every connection, in and outside of transactions.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql import PoolSettings
from codezest_sql.runtime import (
    AsyncDatabase,
    Column,
    CopyFrom,
    Database,
    Exec,
    Many,
    Model,
    One,
    Parameter,
    Statement,
)
from tests.faults.slow_proxy import SlowProxy
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

pytestmark = pytest.mark.faults

LATENCY = 0.04
SIZE = 3


class Number(Model):
    """A row."""

    n: int


COLUMNS = (Column("n", "integer", nullable=False),)
N = Parameter("n", "integer")
INTO = Statement("into", "", (N,), copy=("public.t", ("n",)))


def statement(number: int) -> Statement:
    """Return a statement that was never prepared before."""
    return Statement(f"number_{number}", f"SELECT $1 + {number} AS n", (N,), COLUMNS, Number)


def rows(number: int) -> Statement:
    return Statement(
        f"rows_{number}", f"SELECT g + $1 + {number} AS n FROM generate_series(1, 300) AS g", (N,), COLUMNS, Number
    )


@pytest.fixture
def slow(database: str) -> Iterator[str]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (n integer)")
    with SlowProxy(database, LATENCY) as proxy:
        yield proxy.url


async def _one(db: AsyncDatabase, number: int) -> None:
    await db.run(One(statement(number), (0,)))


async def _many(db: AsyncDatabase, number: int) -> None:
    await db.run(Many(rows(number), (0,)))


async def _timed(db: AsyncDatabase, number: int) -> None:
    await db.run(One(statement(number), (0,)), timeout=PATIENCE)


async def _batch(db: AsyncDatabase, number: int) -> None:
    await db.batch(One(statement(number), (0,)), Many(rows(number), (0,)))


async def _transaction(db: AsyncDatabase, number: int) -> None:
    async with db.transaction() as tx:
        await tx.run(One(statement(number), (0,)))
        async with tx.transaction() as inner:
            await inner.run(Exec(Statement(f"add_{number}", f"INSERT INTO t SELECT {number}")))


async def _stream(db: AsyncDatabase, number: int) -> None:
    query: Many[Number] = Many(rows(number), (0,))
    async with aclosing(db.stream(query, size=7)) as stream:
        async for _ in stream:
            await asyncio.sleep(0)


async def _copy(db: AsyncDatabase, number: int) -> None:
    await db.copy(CopyFrom(INTO, [(number,)] * 100))


WORK: list[Callable[[AsyncDatabase, int], Awaitable[None]]] = [
    _one, _many, _timed, _batch, _transaction, _stream, _copy
]  # fmt: skip


async def _all_works(db: AsyncDatabase, numbers: range) -> None:
    """Run each query on every connection at once, outside of transactions and within them."""

    async def within(meet: asyncio.Barrier) -> None:
        async with db.transaction() as tx:
            await meet.wait()
            for number in numbers:
                assert (await tx.run(One(statement(number), (1,)))).n == number + 1

    async def outside(meet: asyncio.Barrier) -> None:
        await meet.wait()
        for number in numbers:
            assert (await db.run(One(statement(number), (1,)))).n == number + 1

    for work in (within, outside):
        meet = asyncio.Barrier(SIZE)
        async with asyncio.timeout(300):
            await asyncio.gather(*[work(meet) for _ in range(SIZE)])


@pytest.mark.parametrize("prepare", [True, False])
@pytest.mark.parametrize("work", WORK)
def test_after_a_storm_of_cancellations_every_query_works_on_every_connection(
    slow: str,
    work: Callable[[AsyncDatabase, int], Awaitable[None]],
    prepare: bool,  # noqa: FBT001
) -> None:
    """The moments go from the first byte to the last, in steps of an eighth of the latency."""
    moments = 24

    async def storm() -> None:
        async with AsyncDatabase.connect(
            slow, prepare=prepare, pool=PoolSettings(max_size=SIZE, timeout=PATIENCE)
        ) as db:
            numbers = range(0, moments, SIZE)
            for number in numbers:
                tasks = [asyncio.ensure_future(work(db, number)) for _ in range(SIZE)]
                for place, task in enumerate(tasks):
                    asyncio.get_running_loop().call_later((number + place) * LATENCY / 8 + 0.001, task.cancel)
                done = await asyncio.gather(*tasks, return_exceptions=True)
                unexpected = [one for one in done if isinstance(one, Exception)]
                assert not unexpected, unexpected
            await _all_works(db, numbers)

    asyncio.run(storm())


@pytest.mark.parametrize("prepare", [True, False])
def test_a_connection_of_the_callers_works_after_cancellations_or_is_closed(slow: str, prepare: bool) -> None:  # noqa: FBT001
    """It is the caller's, who opens another one when it is closed."""

    async def storm() -> None:
        connection: Any = None
        for number, work in enumerate(WORK * 4):
            if connection is None or connection.closed:
                connection = await psycopg.AsyncConnection.connect(slow, autocommit=True)
            db = AsyncDatabase.on(connection, prepare=prepare)
            task = asyncio.ensure_future(work(db, number))
            asyncio.get_running_loop().call_later((number % 9) * LATENCY / 3 + 0.001, task.cancel)
            with suppress(asyncio.CancelledError):
                await task
            if not connection.closed:
                async with db.transaction() as tx:
                    assert (await tx.run(One(statement(number), (1,)))).n == number + 1
        await connection.close()

    asyncio.run(storm())


def test_a_sync_query_that_is_interrupted_leaves_nothing_behind(slow: str) -> None:
    """As by Control-C, in the main thread."""
    main = threading.main_thread().ident
    assert main is not None
    with Database.connect(slow) as db:
        for number in range(12):
            timer = threading.Timer(number * LATENCY / 4 + 0.001, signal.pthread_kill, (main, signal.SIGINT))
            with suppress(KeyboardInterrupt):
                timer.start()
                db.run(One(statement(number), (0,)))
                timer.join(30)
                threading.Event().wait(1)
            timer.join()
            with db.transaction() as tx:
                assert tx.run(One(statement(number), (1,))).n == number + 1
            assert db.run(One(statement(number), (1,))).n == number + 1
