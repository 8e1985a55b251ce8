"""Demo data: dummy users and a year of what they did, over COPY, in one transaction."""

from __future__ import annotations

import queue
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import psycopg
from psycopg import sql

from codezest_sql.actions.project.seed import KEPT, read_seeds, run_seeds
from codezest_sql.core.seed_report import SeededTable, SeedReport
from codezest_sql.errors import ConnectionLostError, SeedFailedError, UsageError
from codezest_sql.executor.failure import is_lost
from codezest_sql.platform.demo.demo_data import DemoData
from codezest_sql.platform.demo.tables import CATALOGUE_TABLES, USER_TABLES, Rows
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from codezest_sql.actions.project.target import Target
    from codezest_sql.postgres.connection import Connection

_COLUMNS: Mapping[str, tuple[str, ...]] = {**CATALOGUE_TABLES, **USER_TABLES}
_SWITCH_INTERVAL = 0.0005
_Batch: TypeAlias = tuple[int, Rows] | BaseException | None


@dataclass(frozen=True, slots=True)
class DemoWishes:
    """How many users, which of the possible demos, and the day on which it ends.

    ``among_others`` lets it into a database that has users who are none of a demo.
    """

    users: int
    seed: int
    as_of: date
    among_others: bool = False


def seed_demo(target: Target, wishes: DemoWishes, *, advance: Callable[[int], None]) -> SeedReport:
    """Add the reference data and a demo; ``advance`` is called with the number of users of each batch.

    All or nothing. Raises ``UsageError`` for a database that has real users or this very demo, ``SeedFailedError``
    for rows that the server refused, and what ``seed`` raises.
    """
    scripts = read_seeds(Path(target.settings.seeds))
    url = target.url()
    until = datetime(wishes.as_of.year, wishes.as_of.month, wishes.as_of.day, tzinfo=UTC) + timedelta(days=1)
    began = time.monotonic()
    with closing(connect(url, purpose="seed")) as connection:
        _look_around(connection, wishes)
        with connection.transaction():
            connection.execute("SET LOCAL statement_timeout = 0")
            bound_waiting(connection, target.settings.lock_timeout, local=True)
            files = run_seeds(connection, scripts)
            data = DemoData(
                users=wishes.users,
                seed=wishes.seed,
                until=int(until.timestamp()),
                languages=_languages(connection),
            )
            _refuse_twice(connection, data)
            _make_months(connection, data.first_day, until)
            counts = _fill(connection, data, advance)
            _analyze(connection, [name for name, count in counts.items() if count])
        tables = tuple(SeededTable(name, count) for name, count in counts.items() if count)
        return SeedReport(target.describe(url), files, tables, time.monotonic() - began)


def _look_around(connection: Connection, wishes: DemoWishes) -> None:
    with server_errors("look for users"):
        found = connection.execute("SELECT to_regclass('auth.users') IS NOT NULL").fetchone()
        if found is None or not found[0]:
            raise UsageError(
                "demo data is for the CodeZest schema, which is not here", hint="codezest-sql migrate --bundled"
            )
        if wishes.among_others:
            return
        # RFC 2606 reserves these domains for examples.
        found = connection.execute(
            "SELECT EXISTS (SELECT FROM auth.users WHERE email NOT LIKE '%@example.org')"
        ).fetchone()
        if found and found[0]:
            raise UsageError(
                "the database has users who are none of a demo", hint="add --yes if demo users may be among them"
            )


def _refuse_twice(connection: Connection, data: DemoData) -> None:
    with server_errors("look for the demo", way_out=KEPT):
        found = connection.execute("SELECT FROM auth.users WHERE id = %s::uuid", [data.staff[0]]).fetchone()
    if found is not None:
        raise UsageError(
            f"the demo with --random-seed {data.seed} is already here",
            hint=f"add another one: --random-seed {data.seed + 1}",
        )


def _languages(connection: Connection) -> list[tuple[str, str]]:
    with server_errors("read the languages", way_out=KEPT):
        rows = connection.execute(
            "SELECT id, slug FROM learning.programming_languages WHERE deleted_at IS NULL ORDER BY position, id"
        ).fetchall()
    if not rows:
        raise UsageError("there is no language to learn", hint="add some to the seed files")
    return [(str(language_id).replace("-", ""), str(slug)) for language_id, slug in rows]


def _make_months(connection: Connection, first_day: int, until: datetime) -> None:
    with server_errors("make the partitions", way_out=KEPT):
        connection.execute(
            "CALL activity.create_monthly_partitions(from_month => %s::date, to_month => %s::date)",
            [datetime.fromtimestamp(first_day, UTC).date(), until.date()],
        )


def _fill(connection: Connection, data: DemoData, advance: Callable[[int], None]) -> dict[str, int]:
    counts = dict.fromkeys(("auth.users", *CATALOGUE_TABLES, *USER_TABLES), 0)
    _copy(connection, data.staff_rows(), counts)
    _copy(connection, data.catalogue.rows, counts)
    for users, rows in _made_ahead(data):
        _copy(connection, rows, counts)
        advance(users)
    return counts


def _analyze(connection: Connection, names: Sequence[str]) -> None:
    """Give the planner its statistics: autovacuum comes some minutes later, and to partitioned tables never."""
    tables = sql.SQL(", ").join(sql.Identifier(*name.split(".")) for name in names)
    with server_errors("analyse the tables", way_out=KEPT):
        connection.execute(sql.SQL("ANALYZE {}").format(tables))


def _made_ahead(data: DemoData) -> Iterator[tuple[int, Rows]]:
    """Give the batches, one of which is being made while the server takes the one before."""
    batches: queue.Queue[_Batch] = queue.Queue(maxsize=1)
    unwanted = threading.Event()

    def make() -> None:
        last: BaseException | None = None
        try:
            for batch in data.batches():
                if not _put(batch):
                    return
        except BaseException as error:  # noqa: BLE001  # raised below, in the thread that asked
            last = error
        _put(last)

    def _put(item: _Batch) -> bool:
        while not unwanted.is_set():
            try:
                batches.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    # The maker computes without a pause, and after each answer of the server we would wait the interpreter's usual
    # 5 ms for our turn: of a million rows, a tenth of the time.
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    thread = threading.Thread(target=make, name="codezest-sql demo", daemon=True)
    thread.start()
    try:
        while (batch := batches.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        unwanted.set()
        thread.join()
        sys.setswitchinterval(usual)


def _copy(connection: Connection, rows: Rows, counts: dict[str, int]) -> None:
    for name, lines in rows.items():
        if not lines:
            continue
        schema, table = name.split(".")
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(schema, table), sql.SQL(", ").join(map(sql.Identifier, _COLUMNS[name]))
        )
        try:
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write("\n".join([*lines, ""]).encode())
        except psycopg.Error as error:
            reason = error.diag.message_primary or str(error).strip().split("\n")[0]
            if is_lost(connection, error):
                raise ConnectionLostError(f"the connection was lost: {reason}", hint=KEPT) from None
            detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
            raise SeedFailedError(f"{name}: {reason}{detail} [{error.sqlstate}]", hint=KEPT) from None
        counts[name] += len(lines)
