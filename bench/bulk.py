"""Prints what it costs to write many rows, next to psycopg, asyncpg and SQLAlchemy.

Usage: python bench/bulk.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import asyncpg
import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from bench.peers import ALL, COPY, NAMES, ROWS, OrmAccount, filled_server, interleaved, table
from codezest_sql.runtime import CopyFrom, Database, Many


def main() -> None:
    """Measure 10,000 rows of twelve columns."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    loop = asyncio.new_event_loop()
    with filled_server() as url, Database.connect(url) as db, psycopg.connect(url, autocommit=True) as connection:
        accounts = db.run(Many(ALL, (ROWS,)))
        tuples = [tuple(getattr(one, name) for name in NAMES) for one in accounts]
        texts = [(*row[:2], str(row[2]), *row[3:6], Jsonb(row[6]), *row[7:]) for row in tuples]
        records = [(*row[:2], str(row[2]), *row[3:6], json.dumps(row[6]), *row[7:]) for row in tuples]
        dictionaries = [dict(zip(NAMES, row, strict=True)) for row in tuples]
        insert = f"INSERT INTO app.written VALUES ({', '.join(['%s'] * len(NAMES))})"
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        peer = loop.run_until_complete(asyncpg.connect(url))
        written = OrmAccount.__table__.to_metadata(sa.MetaData(), name="written")

        def empty() -> None:
            connection.execute("TRUNCATE app.written")

        def executemany() -> None:
            empty()
            with connection.transaction():
                connection.cursor().executemany(insert, texts)

        def psycopg_copy() -> None:
            empty()
            with connection.cursor().copy("COPY app.written FROM STDIN") as copy:
                for row in texts:
                    copy.write_row(row)

        def ours(rows: list[Any]) -> None:
            empty()
            db.copy(CopyFrom(COPY, rows))

        def asyncpg_copy() -> None:
            empty()
            loop.run_until_complete(
                peer.copy_records_to_table("written", schema_name="app", records=records, columns=NAMES)
            )

        def sqlalchemy() -> None:
            empty()
            with engine.begin() as opened:
                opened.execute(sa.insert(written), dictionaries)

        base = "psycopg: executemany"
        found = interleaved(
            {
                "codezest-sql: copy of tuples": lambda: ours(tuples),
                "codezest-sql: copy of models": lambda: ours(accounts),
                "psycopg: COPY, write_row": psycopg_copy,
                "asyncpg: copy_records_to_table": asyncpg_copy,
                base: executemany,
                "SQLAlchemy Core: insert": sqlalchemy,
            },
            rounds=rounds,
            times=1,
        )
        goals = {"codezest-sql: copy of tuples": 0.25}
        table(f"{ROWS:,} rows written", found, against=base, unit="µs a row", scale=1e6 / ROWS, goals=goals)
        engine.dispose()
        loop.run_until_complete(peer.close())
    loop.close()


if __name__ == "__main__":
    main()
