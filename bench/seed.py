"""Prints how long `codezest-sql platform demo` takes next to the bare COPY of the same bytes into the same tables.

Usage: python bench/seed.py [USERS] [ROUNDS]

Both run on one temporary server, each round in databases of its own, in turn. The bare COPY gets bytes that were
made before it begins, in one transaction, table by table in the order of the foreign keys, with every index and
constraint in place. The goal is 1.5.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime, timedelta
from statistics import median

import psycopg
from psycopg import sql

from codezest_sql.actions.project.seed import seed
from codezest_sql.actions.project.target import make_target
from codezest_sql.cli.main import run
from codezest_sql.platform.demo.demo_data import DemoData
from codezest_sql.platform.demo.load import DemoWishes, seed_demo
from codezest_sql.platform.demo.tables import CATALOGUE_TABLES, USER_TABLES
from codezest_sql.platform.packaged_schema import packaged_schema
from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server

COLUMNS = {**CATALOGUE_TABLES, **USER_TABLES}
DAY = date(2026, 11, 20)


def main() -> None:
    """Measure a million rows: about 67 for each user."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 15_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    texts: dict[str, bytes] = {}
    rows = 0
    ours: list[float] = []
    bare: list[float] = []
    with temporary_server(find_binaries()) as server:
        execute(server.url(), "CREATE DATABASE made")
        assert run(["migrate", "--bundled", "--database-url", server.url("made")]) == 0
        seed(make_target(database_url=server.url("made"), packaged=packaged_schema()))
        with psycopg.connect(server.url("made"), autocommit=True) as connection:
            until = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(days=1)
            languages = connection.execute(
                "SELECT replace(id::text, '-', ''), slug FROM learning.programming_languages ORDER BY position, id"
            ).fetchall()
            data = DemoData(users=users, seed=1, until=int(until.timestamp()), languages=languages)
            connection.execute(
                "CALL activity.create_monthly_partitions(from_month => %s::date, to_month => %s::date)",
                [datetime.fromtimestamp(data.first_day, UTC).date(), until.date()],
            )
        parts: dict[str, list[str]] = {name: [] for name in ("auth.users", *COLUMNS)}
        for more in (data.staff_rows(), data.catalogue.rows, *(batch for _, batch in data.batches())):
            for name, lines in more.items():
                parts[name] += lines
        rows = sum(map(len, parts.values()))
        texts = {name: "\n".join([*lines, ""]).encode() for name, lines in parts.items() if lines}
        parts.clear()
        for number in range(rounds):
            for kind, seconds in ((ours_in, ours), (bare_in, bare)):
                execute(server.url(), "CREATE DATABASE tried TEMPLATE made")
                execute(server.url(), "CHECKPOINT")
                began = time.perf_counter()
                kind(server.url("tried"), users, texts)
                seconds.append(time.perf_counter() - began)
                execute(server.url(), "DROP DATABASE tried WITH (FORCE)")
            print(f"round {number + 1}: platform demo {ours[-1]:.2f} s, bare COPY {bare[-1]:.2f} s", flush=True)
    size = sum(map(len, texts.values())) / 1e6
    print(f"{rows:,} rows, {size:.0f} MB: demo {median(ours):.2f} s, bare COPY {median(bare):.2f} s,", end=" ")
    print(f"ratio {median(a / b for a, b in zip(ours, bare, strict=True)):.2f} (goal 1.5)")


def ours_in(url: str, users: int, _: dict[str, bytes]) -> None:
    """Fill a database as the command does, the data being made meanwhile."""
    seed_demo(
        make_target(database_url=url, packaged=packaged_schema()),
        DemoWishes(users=users, seed=1, as_of=DAY),
        advance=lambda _: None,
    )


def bare_in(url: str, _: int, texts: dict[str, bytes]) -> None:
    """Copy the same bytes."""
    with psycopg.connect(url) as connection:
        for name, text in texts.items():
            columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[name]))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*name.split(".")), columns)
            with connection.cursor().copy(statement) as copy:
                copy.write(text)


def execute(url: str, text: str) -> None:
    """Run one statement of this file."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


if __name__ == "__main__":
    main()
