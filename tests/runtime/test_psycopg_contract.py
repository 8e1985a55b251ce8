"""Each private or undocumented part of psycopg and Pydantic that the runtime uses is as it believes it to be."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import psycopg
import pytest
from psycopg import errors, generators, pq
from psycopg.adapt import Transformer
from pydantic import BaseModel
from pydantic._internal._model_construction import ModelMetaclass

from codezest_sql.runtime import prepared
from codezest_sql.runtime.waiting import WatchedConnection


@pytest.fixture
def connection(database: str) -> Any:
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def test_the_fast_way_is_used_with_the_psycopg_that_is_installed() -> None:
    """A new minor version fails here first: look at these tests, then at ``prepared.TRIED``."""
    assert prepared.is_possible() == (pq.__impl__ != "python")


def test_generators_run_what_was_sent_and_give_its_results(connection: Any) -> None:
    connection.pgconn.send_query_params(b"SELECT 1", [])
    (result,) = connection.wait(generators.execute(connection.pgconn))
    assert result.get_value(0, 0) == b"1"
    connection.pgconn.send_query_params(b"SELECT 2", [])
    connection.wait(generators.send(connection.pgconn))
    assert connection.wait(generators.fetch(connection.pgconn)).get_value(0, 0) == b"2"
    assert connection.wait(generators.fetch(connection.pgconn)) is None


def test_loaders_stay_with_a_transformer_from_result_to_result(connection: Any) -> None:
    """``set_loaders=False`` keeps those of ``set_loader_types``; a missing loader would crash."""
    transformer = Transformer(connection)
    transformer.set_loader_types([23, 25], pq.Format.TEXT)
    for number in (1, 2):
        result = connection.pgconn.exec_(b"SELECT %d::int4, 'x'" % number)
        transformer.set_pgresult(result, set_loaders=False)
        assert transformer.load_rows(0, 1, tuple) == [(number, "x")]
        transformer.set_pgresult(None, set_loaders=False)


def test_a_result_that_is_an_error_becomes_psycopgs_error(connection: Any) -> None:
    error = errors.error_from_result(connection.pgconn.exec_(b"SELECT 1/0"), encoding="utf-8")
    assert isinstance(error, errors.DivisionByZero)
    assert error.diag.message_primary == "division by zero"


def test_a_connection_without_a_threshold_keeps_our_statements_after_a_rollback(connection: Any) -> None:
    connection.prepare_threshold = None
    connection.pgconn.prepare(b"ours", b"SELECT 1")
    with pytest.raises(ZeroDivisionError), connection.transaction():
        connection.execute("SELECT 1")
        raise ZeroDivisionError
    assert connection.pgconn.exec_prepared(b"ours", []).get_value(0, 0) == b"1"


def test_close_is_no_error_for_an_unknown_name_nor_in_a_failed_transaction(connection: Any) -> None:
    """So it can come before each Parse."""
    pgconn = connection.pgconn
    pgconn.exec_(b"BEGIN")
    assert pgconn.exec_(b"SELECT 1/0").status == pq.ExecStatus.FATAL_ERROR
    pgconn.send_close_prepared(b"nobody's")
    (result,) = connection.wait(generators.execute(pgconn))
    assert result.status == pq.ExecStatus.COMMAND_OK


def test_a_direct_connection_knows_the_process_of_its_server(connection: Any) -> None:
    """Behind a pooler it is another one, which is how a pooler is recognised."""
    assert connection.execute("SELECT pg_backend_pid()").fetchone() == (connection.pgconn.backend_pid,)


def test_the_lock_of_a_connection_is_one_to_acquire_and_release(connection: Any) -> None:
    assert connection.lock.acquire()
    connection.lock.release()


def test_pydantic_keeps_an_instance_in_four_slots() -> None:
    assert BaseModel.__slots__ == (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
    assert type(BaseModel) is ModelMetaclass
    assert "__pydantic_decorators__" in inspect.get_annotations(BaseModel) or hasattr(
        BaseModel, "__pydantic_decorators__"
    )


def test_an_async_connection_that_stays_registered_can_be_interrupted_and_closed(database: str) -> None:
    """An interrupted query is cancelled in the server by psycopg, and who waits when it is closed is told."""

    async def main() -> None:
        connection = await WatchedConnection.connect(database, autocommit=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.execute("SELECT pg_sleep(30)"), 0.1)
        cursor = await connection.execute("SELECT repeat('x', 3000000), %s::text", ["y" * 3_000_000])
        row = await cursor.fetchone()
        assert row is not None
        assert [len(value) for value in row] == [3_000_000, 3_000_000]
        waiting = asyncio.create_task(connection.execute("SELECT pg_sleep(30)"))
        await asyncio.sleep(0.1)
        await connection.close()
        with pytest.raises(psycopg.OperationalError):
            await waiting

    asyncio.run(main())
