"""The way past psycopg's cursors: prepared statements through libpq, and loaders that are looked up once.

Uses private parts of psycopg, each held by a test in ``tests/runtime/test_psycopg_contract.py``; ``is_possible`` says
no for a psycopg that these were not tried on, and ``cursor_way`` gives the same results.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer
from psycopg.generators import execute, fetch, fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus

from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.runtime.failures import unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.runtime.catalogue import Catalogue
    from codezest_sql.runtime.proof import Proven
    from codezest_sql.runtime.steps import Steps

TRIED = (3, 3)
CHUNK = 100
"""Rows a chunk: measured best between 50 and 200 (performance/README.md)."""

CHUNKED = pq.version() >= 170000 and pq.__build_version__ >= 170000  # noqa: PLR2004  # libpq 17 brought chunks
FATAL = int(ExecStatus.FATAL_ERROR)
_TUPLES_CHUNK = int(ExecStatus.TUPLES_CHUNK)
_OFF = int(PipelineStatus.OFF)
_IDLE = int(TransactionStatus.IDLE)


def is_possible() -> bool:
    """Whether this psycopg is one that the private parts were tried on."""
    return pq.__impl__ != "python" and tuple(map(int, psycopg.__version__.split(".")[:2])) == TRIED


class Bound:
    """A plan on one connection: prepared under a name, and with loaders for its columns."""

    __slots__ = ("formats", "name", "proven", "result_format", "transformer")

    def __init__(self, connection: Any, catalogue: Catalogue, proven: Proven) -> None:
        self.proven = proven
        self.name = proven.name
        self.formats = list(proven.formats)
        self.result_format = proven.result_format
        self.transformer = Transformer(catalogue.context(connection))
        self.transformer.set_loader_types(proven.described.columns, proven.result_format)

    def read_one(self, result: Any) -> Any:
        """Return the only row of a result."""
        transformer = self.transformer
        transformer.set_pgresult(result, set_loaders=False)
        try:
            return transformer.load_row(0, self.proven.make_row)
        except (ValueError, OverflowError) as error:
            raise unreadable(self.proven.plan.name, error) from error
        finally:
            transformer.set_pgresult(None, set_loaders=False)

    def read(self, result: Any) -> list[Any]:
        """Return the rows of a result."""
        transformer = self.transformer
        transformer.set_pgresult(result, set_loaders=False)
        try:
            return transformer.load_rows(0, result.ntuples, self.proven.make_row)
        except (ValueError, OverflowError) as error:  # a loader's, such as for an interval of a million years
            raise unreadable(self.proven.plan.name, error) from error
        finally:
            transformer.set_pgresult(None, set_loaders=False)


def check_session(pgconn: Any) -> None:
    """Raise ``ConnectionUnusableError`` where the session writes text otherwise than it is read here."""
    encoding = pgconn.parameter_status(b"client_encoding")
    style = pgconn.parameter_status(b"DateStyle") or b""
    if encoding not in {b"UTF8", b"UTF-8"} or not style.startswith(b"ISO"):
        raise ConnectionUnusableError(
            "queries need client_encoding UTF8 and DateStyle ISO", hint="RESET client_encoding; RESET datestyle"
        )


def run(connection: Any, bound: Bound, values: Sequence[bytes | None]) -> Steps[Any]:
    """Run a bound statement and return libpq's result; the caller holds the connection's lock."""
    pgconn = connection.pgconn
    pgconn.send_query_prepared(bound.name, values, bound.formats, bound.result_format)
    results = yield connection.wait(execute(pgconn))
    result = results[-1]
    if result.status == FATAL:
        raise errors.error_from_result(result, encoding="utf-8")
    return result


def run_in_chunks(connection: Any, bound: Bound, values: Sequence[bytes | None]) -> Steps[list[Any]]:
    """Run a bound statement and return its rows, read while the next ones arrive."""
    pgconn = connection.pgconn
    pgconn.send_query_prepared(bound.name, values, bound.formats, bound.result_format)
    if not CHUNKED:
        results = yield connection.wait(execute(pgconn))
        if results[-1].status == FATAL:
            raise errors.error_from_result(results[-1], encoding="utf-8")
        return bound.read(results[-1])
    pgconn.set_chunked_rows_mode(CHUNK)
    yield connection.wait(send(pgconn))
    rows: list[Any] = []
    failure: Exception | None = None
    while (result := (yield connection.wait(fetch(pgconn)))) is not None:
        if result.status == FATAL:  # also after rows
            failure = errors.error_from_result(result, encoding="utf-8")
        elif failure is None and result.ntuples:
            try:
                rows += bound.read(result)
            except Exception as error:  # noqa: BLE001  # what the server still sends must be taken first
                failure = error
    if failure:
        raise failure
    return rows


def send_stream(connection: Any, bound: Bound, values: Sequence[bytes | None], size: int) -> Steps[None]:
    """Start a statement whose rows are fetched chunk by chunk."""
    pgconn = connection.pgconn
    pgconn.send_query_prepared(bound.name, values, bound.formats, bound.result_format)
    if CHUNKED:
        pgconn.set_chunked_rows_mode(size)
    else:
        pgconn.set_single_row_mode()
    yield connection.wait(send(pgconn))


def next_chunk(connection: Any, bound: Bound) -> Steps[list[Any] | None]:
    """Return the next rows of a started statement; None at its end."""
    while (result := (yield connection.wait(fetch(connection.pgconn)))) is not None:
        if result.status == FATAL:
            raise errors.error_from_result(result, encoding="utf-8")
        if result.ntuples:
            return bound.read(result)
    return None


def drain(connection: Any) -> Steps[None]:
    """Take what is left of a statement's results, whatever it is."""
    while (yield connection.wait(fetch(connection.pgconn))) is not None:
        pass


def pipeline(connection: Any, commands: Sequence[Any]) -> Steps[list[list[Any]]]:
    """Send commands in one go and return the results of each; the caller holds the connection's lock.

    The first one has several where chunks were asked for before: libpq takes that back when a query is sent, but for
    the first of a pipeline.
    """
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    try:
        for command in commands:
            command()
        pgconn.pipeline_sync()
        results = yield connection.wait(_flush_and_fetch(pgconn, len(commands)))
    finally:
        if pgconn.status == ConnStatus.OK:
            pgconn.exit_pipeline_mode()
    made: list[list[Any]] = results[:-1]
    return made


def _flush_and_fetch(pgconn: Any, count: int) -> Any:
    # libpq buffers what the socket does not take (psycopg's connections do not block), and ``send`` reads while it
    # writes, so that neither side waits for the other. One flush for all commands wakes the server once.
    yield from send(pgconn)
    results: list[Any] = []
    while len(results) <= count:  # the last one is that of the synchronisation
        results.append((yield from fetch_many(pgconn)))
    return results


def describe(connection: Any, name: bytes, text: bytes) -> Steps[Any]:
    """Prepare a statement and return libpq's description of it, in one round trip; the caller holds the lock."""
    pgconn = connection.pgconn
    results = yield from pipeline(
        connection, [partial(pgconn.send_prepare, name, text), partial(pgconn.send_describe_prepared, name)]
    )
    for (result,) in results:
        if result.status == FATAL:
            raise errors.error_from_result(result, encoding="utf-8")
    return results[-1][0]
