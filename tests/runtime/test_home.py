"""Connections: which database, how many, what is said when there are none, what hooks are told."""

from __future__ import annotations

import ast
import inspect
import logging
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import codezest_sql
from codezest_sql import PoolSettings
from codezest_sql.errors import ConnectionUnusableError, NoRowFound, PoolExhausted, QueryError
from codezest_sql.runtime import Column, Database, Many, Model, One, Parameter, Statement
from codezest_sql.runtime.read_only import only_reads
from codezest_sql.runtime.server_url import may_prepare
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codezest_sql.runtime.session import QueryEvent
    from tests.runtime.faces import Face


class NumberRow(Model):
    n: int


PARAMETERS = (Parameter("n", "integer"),)
NUMBER = Statement(
    "number", "SELECT $1 + 0 AS n", PARAMETERS, (Column("n", "integer", None, nullable=False),), NumberRow
)
NONE = Statement("none", "SELECT $1 + 0 AS n WHERE false", PARAMETERS, NUMBER.columns, NumberRow)


def open_all(db: Face, size: int) -> None:
    """Use ``size`` connections at once, however often the pool's short limit ends before the server has made them."""
    began = time.monotonic()
    while True:
        try:
            with ExitStack() as stack:
                for _ in range(size):
                    stack.enter_context(db.transaction()).run(One(NUMBER, (1,)))
                return
        except PoolExhausted:
            assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("size", [1, 2])
def test_a_pool_that_is_exhausted_says_so_soon(connect: Callable[..., Face], database: str, size: int) -> None:
    db = connect(database, pool=PoolSettings(max_size=size, timeout=0.2))
    open_all(db, size)
    if size == 1:
        with db.transaction() as tx:
            assert tx.run(One(NUMBER, (1,))).n == 1
            with pytest.raises(PoolExhausted, match=r"0\.2 s"):
                db.run(One(NUMBER, (1,)))
    else:
        with db.transaction(), db.transaction() as tx:
            assert tx.run(One(NUMBER, (1,))).n == 1
            with pytest.raises(PoolExhausted, match=r"0\.2 s"):
                db.run(One(NUMBER, (1,)))
    assert db.run(One(NUMBER, (3,))).n == 3


def test_a_transaction_and_a_query_beside_it_have_connections_of_their_own(db: Face) -> None:
    with db.transaction() as tx:
        pid = Statement("pid", "SELECT pg_backend_pid() AS n", (), NUMBER.columns, NumberRow)
        assert tx.run(One(pid)) != db.run(One(pid))
        assert tx.run(One(pid)) == tx.run(One(pid))


def test_a_query_beside_a_stream_has_another_connection_but_not_within_a_transaction(database: str) -> None:
    with Database.connect(database) as db:
        rows: Many[NumberRow] = Many(
            Statement("rows", "SELECT g AS n FROM generate_series(1, 1000) AS g", (), NUMBER.columns, NumberRow)
        )
        assert sum(db.run(One(NUMBER, (row.n,))).n for row in db.stream(rows)) == 500_500
        with db.transaction() as tx:
            stream = tx.stream(rows)
            assert next(stream) == NumberRow(n=1)
            with pytest.raises(QueryError, match="rows are being streamed"):
                tx.run(One(NUMBER, (1,)))
            stream.close()
            assert tx.run(One(NUMBER, (1,))).n == 1


def test_a_hook_is_told_of_each_query_and_of_arguments_only_if_asked(
    connect: Callable[..., Face], database: str
) -> None:
    events: list[QueryEvent] = []
    db = connect(database, on_query=events.append)
    db.run(One(NUMBER, (1,)))
    db.batch(Many(NUMBER, (1,)), One(NUMBER, (2,)))
    with pytest.raises(NoRowFound):
        db.run(One(NONE, (4711,)))
    assert [(event.name, event.kind, event.rows) for event in events] == [
        ("number", "one", 1),
        ("number", "many", 1),
        ("number", "one", 1),
        ("none", "one", None),
    ]
    assert all(event.seconds > 0 and event.arguments is None for event in events)
    assert isinstance(events[-1].error, NoRowFound)
    asked = connect(database, on_query=events.append, show_arguments=True)
    asked.run(One(NUMBER, (4711,)))
    assert events[-1].arguments == (4711,)


def test_the_log_tells_names_and_times_but_no_arguments(db: Face, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "codezest_sql"):
        db.run(One(NUMBER, (4711,)))
        with pytest.raises(NoRowFound):
            db.run(One(NONE, (4711,)))
    assert "number: 1 rows in" in caplog.text
    assert "none failed after" in caplog.text
    assert "4711" not in caplog.text


def test_an_unreachable_database_is_said_without_its_password(unused_port: int) -> None:
    with (
        Database.connect(f"postgresql://u:s3cret@127.0.0.1:{unused_port}/d") as db,
        pytest.raises(ConnectionUnusableError, match="cannot be reached") as caught,
    ):
        db.run(One(NUMBER, (1,)))
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ConnectionUnusableError) as unreadable:
        Database.connect("postgresql://u:s3cret@[x/d")
    assert "s3cret" not in str(unreadable.value)


def test_without_a_url_it_is_that_of_the_environment_else_the_projects_server(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConnectionUnusableError, match="codezest-sql db start"):
        Database.connect()
    monkeypatch.setenv("DATABASE_URL", database)
    with Database.connect() as db:
        assert db.run(One(NUMBER, (1,))).n == 1


def test_a_closed_database_says_so(db: Face, database: str) -> None:
    with Database.connect(database) as other:
        other.run(One(NUMBER, (1,)))
    with pytest.raises(ConnectionUnusableError, match="closed"):
        other.run(One(NUMBER, (1,)))


def test_a_transaction_that_a_query_began_by_itself_does_not_outlive_it(database: str) -> None:
    """Nothing may leak to the next who gets the connection."""
    from codezest_sql.runtime import Exec  # noqa: PLC0415

    with Database.connect(database) as db, psycopg.connect(database, autocommit=True) as watch:
        db.run(Exec(Statement("begin", "BEGIN")))
        db.run(One(NUMBER, (1,)))
        left = watch.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'").fetchone()
    assert left == (0,)


@pytest.mark.parametrize(
    ("url", "prepared"),
    [
        ("postgresql://u@ep-x-pooler.eu.neon.tech/d", False),
        ("postgresql://u@localhost:6432/d", False),
        ("postgresql://u@ep-x.eu.neon.tech/d", True),
        ("host=/tmp dbname=d", True),
    ],
)
def test_nothing_is_prepared_by_name_through_a_pooler(url: str, prepared: bool) -> None:  # noqa: FBT001
    assert may_prepare(url) == prepared


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("SELECT 'INSERT' AS \"update\" -- delete", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", False),
        ("SELECT 1 FROM t FOR UPDATE", False),
        ("SELECT nextval('s')", False),
        ("INSERT INTO t SELECT 1", False),
        ("VALUES (1)", True),
    ],
)
def test_a_statement_reads_only_where_no_word_of_it_writes(text: str, reads: bool) -> None:  # noqa: FBT001
    assert only_reads(text) == reads


def test_a_database_serves_threads_in_transactions_at_once(database: str) -> None:
    with Database.connect(database, pool=PoolSettings(max_size=4)) as db:
        barrier = threading.Barrier(4)
        pids: list[int] = []

        def work() -> None:
            with db.transaction() as tx:
                pid = Statement("pid", "SELECT pg_backend_pid() AS n", (), NUMBER.columns, NumberRow)
                pids.append(tx.run(One(pid)).n)
                barrier.wait(PATIENCE)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(pids)) == 4


def test_every_public_name_is_there_and_is_known_to_type_checkers() -> None:
    tree = ast.parse(inspect.getsource(codezest_sql))
    typed = {alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed - {None} == {*codezest_sql.__all__} - {"__version__"}
    assert all(getattr(codezest_sql, name) is not None for name in codezest_sql.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _: Any = codezest_sql.nothing
