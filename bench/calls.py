"""Prints what one statement costs, sync and async, in transactions and in batches, next to the peers.

Usage: python bench/calls.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import psycopg_pool
import sqlalchemy as sa
from psycopg.rows import class_row
from sqlalchemy.orm import Session

from bench.peers import ONE, SELECT, OrmAccount, PlainAccount, filled_server, interleaved, table
from codezest_sql.runtime import AsyncDatabase, Database, One

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LIBPQ = "libpq exec_prepared"
TIMES = 300
BATCH = 100


def main() -> None:
    """Measure single calls, transactions and batches."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    loop = asyncio.new_event_loop()
    with (
        filled_server() as url,
        Database.connect(url) as db,
        psycopg.connect(url, autocommit=True) as connection,
        psycopg_pool.ConnectionPool(url, min_size=1, kwargs={"row_factory": class_row(PlainAccount)}) as pool,
    ):
        ids = [row[0] for row in connection.execute("SELECT id FROM app.account LIMIT 100")]
        some = ids[0]
        connection.prepare_threshold = 0
        text = f"{SELECT} WHERE id = %s"
        cursor = connection.cursor()
        libpq = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        libpq.pgconn.prepare(b"get", ONE.text.encode())
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

        def pooled() -> Any:
            with pool.connection() as taken:
                return taken.execute(text, [some]).fetchone()

        def orm() -> Any:
            with Session(engine) as session:
                return session.get(OrmAccount, some)

        calls: dict[str, Callable[[], object]] = {
            "codezest-sql: model": lambda: db.run(One(ONE, (some,))),
            LIBPQ: lambda: libpq.pgconn.exec_prepared(b"get", [some.hex.encode()]),
            "psycopg: one cursor, tuple": lambda: cursor.execute(text, [some]).fetchone(),
            "psycopg: conn.execute, tuple": lambda: connection.execute(text, [some]).fetchone(),
            "psycopg: pool, class_row": pooled,
            "SQLAlchemy ORM": orm,
        }
        found = interleaved(calls, rounds=rounds, times=TIMES)
        table("one row by its key", found, against=LIBPQ, unit="µs", scale=1e6, goals={"codezest-sql: model": 1.4})

        adb = AsyncDatabase.connect(url)
        aconnection = loop.run_until_complete(psycopg.AsyncConnection.connect(url, autocommit=True))
        peer = loop.run_until_complete(asyncpg.connect(url))
        peer_text = f"{SELECT} WHERE id = $1"

        def many(call: Callable[[], Awaitable[object]]) -> Callable[[], object]:
            async def repeat() -> None:
                for _ in range(TIMES):
                    await call()

            return lambda: loop.run_until_complete(repeat())

        async def apsycopg() -> Any:
            return await (await aconnection.execute(text, [some])).fetchone()

        acalls: dict[str, Callable[[], object]] = {
            "codezest-sql: model": many(lambda: adb.run(One(ONE, (some,)))),
            "asyncpg: fetchrow": many(lambda: peer.fetchrow(peer_text, some)),
            "psycopg: conn.execute, tuple": many(apsycopg),
            LIBPQ: lambda: [libpq.pgconn.exec_prepared(b"get", [some.hex.encode()]) for _ in range(TIMES)],
        }
        found = {name: one / TIMES for name, one in interleaved(acalls, rounds=rounds, times=1).items()}
        table("the same, async", found, against=LIBPQ, unit="µs", scale=1e6, goals={"codezest-sql: model": 2})

        def psycopg_transaction() -> Any:
            with connection.transaction():
                return connection.execute(text, [some]).fetchone()

        def transaction() -> Any:
            with db.transaction() as tx:
                return tx.run(One(ONE, (some,)))

        base = "psycopg: transaction()"
        found = interleaved(
            {
                "codezest-sql: run with a timeout": lambda: db.run(One(ONE, (some,)), timeout=5),
                "codezest-sql: transaction()": transaction,
                base: psycopg_transaction,
            },
            rounds=rounds,
            times=TIMES,
        )
        goals = {"codezest-sql: run with a timeout": 0.4}
        table("BEGIN, a statement, COMMIT", found, against=base, unit="µs", scale=1e6, goals=goals)

        queries = [One(ONE, (each,)) for each in ids]

        def psycopg_pipeline() -> Any:
            with connection.pipeline():
                cursors = [connection.execute(text, [each]) for each in ids]
                return [one.fetchone() for one in cursors]

        base = "psycopg: pipeline()"
        found = interleaved(
            {"codezest-sql: batch": lambda: db.batch(*queries), base: psycopg_pipeline}, rounds=rounds, times=10
        )
        title = f"{BATCH} rows by their keys"
        table(title, found, against=base, unit="µs", scale=1e6, goals={"codezest-sql: batch": 0.3})
        libpq.close()
        engine.dispose()
        for closing in (adb.close(), aconnection.close(), peer.close()):
            loop.run_until_complete(closing)
    loop.close()


if __name__ == "__main__":
    main()
