"""Prints what a row costs from the server to a model, next to psycopg, asyncpg, SQLAlchemy and SQLModel.

Usage: python bench/rows.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import asyncpg
import psycopg
import sqlalchemy as sa
from psycopg.rows import class_row
from sqlalchemy.orm import Session
from sqlmodel import Session as SqlModelSession
from sqlmodel import select

from bench.peers import (
    ALL,
    NARROW,
    ROWS,
    SELECT,
    OrmAccount,
    PlainAccount,
    SqlModelAccount,
    filled_server,
    interleaved,
    table,
)
from codezest_sql.runtime import Database, Many

OURS, TUPLES = "codezest-sql: models", "psycopg: tuples"


def main() -> None:
    """Measure 10,000 rows, 1,000, 1 and narrow ones."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    loop = asyncio.new_event_loop()
    with filled_server() as url, Database.connect(url) as db, psycopg.connect(url, autocommit=True) as connection:
        connection.prepare_threshold = 1
        models = psycopg.connect(url, autocommit=True, row_factory=class_row(PlainAccount))
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        peer = loop.run_until_complete(asyncpg.connect(url))
        core = sa.select(*OrmAccount.__table__.columns)

        async def records() -> Any:
            return await peer.fetch(SELECT)

        def orm() -> Any:
            with Session(engine) as session:
                return session.scalars(sa.select(OrmAccount)).all()

        def sqlmodels() -> Any:
            with SqlModelSession(engine) as session:
                return session.exec(select(SqlModelAccount)).all()

        def core_rows() -> Any:
            with engine.connect() as opened:
                return opened.execute(core).all()

        ways = {
            OURS: lambda: db.run(Many(ALL, (ROWS,))),
            TUPLES: lambda: connection.execute(SELECT).fetchall(),
            "asyncpg: records": lambda: loop.run_until_complete(records()),
            "asyncpg: models": lambda: [PlainAccount(**row) for row in loop.run_until_complete(records())],
            "psycopg: class_row": lambda: models.execute(SELECT).fetchall(),
            "SQLAlchemy Core: rows": core_rows,
            "SQLAlchemy ORM": orm,
            "SQLModel": sqlmodels,
            "codezest-sql: a stream": lambda: sum(1 for _ in db.stream(Many(ALL, (ROWS,)))),
        }
        found = interleaved(ways, rounds=rounds, times=1)
        table(
            f"12 columns, {ROWS:,} rows", found, against=TUPLES, unit="ns a row", scale=1e9 / ROWS, goals={OURS: 0.75}
        )
        for count, times, goal in ((1000, 10, 0.75), (1, 1000, 0.9)):
            limited = f"{SELECT} LIMIT %s"
            found = interleaved(
                {
                    OURS: lambda: db.run(Many(ALL, (count,))),  # noqa: B023
                    TUPLES: lambda: connection.execute(limited, [count]).fetchall(),  # noqa: B023
                },
                rounds=rounds,
                times=times,
            )
            title = f"12 columns, {count:,} row{'s' if count > 1 else ''}"
            table(title, found, against=TUPLES, unit="ns a row", scale=1e9 / count, goals={OURS: goal})
        found = interleaved(
            {
                OURS: lambda: db.run(Many(NARROW)),
                TUPLES: lambda: connection.execute(NARROW.text).fetchall(),
            },
            rounds=rounds,
            times=2,
        )
        table(
            f"int, text, bool, {ROWS:,} rows",
            found,
            against=TUPLES,
            unit="ns a row",
            scale=1e9 / ROWS,
            goals={OURS: 1.3},
        )
        models.close()
        engine.dispose()
        loop.run_until_complete(peer.close())
    loop.close()


if __name__ == "__main__":
    main()
