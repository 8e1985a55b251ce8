"""The way past psycopg's cursors: prepared statements through libpq, and loaders that are looked up once.

Uses private parts of psycopg, each held by a test in ``tests/runtime/test_psycopg_contract.py``; ``is_possible``
returns no for a psycopg that these were not tried on, and ``cursor_way`` gives the same results.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer
from psycopg.generators import execute, fetch, fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus

from codezest_sql.errors import SchemaMismatchError
from codezest_sql.runtime.failures import MISMATCH_HINT, unreadable
from codezest_sql.runtime.settings import check_encoding, check_reported, check_strings
from codezest_sql.runtime.waiting import close_now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.pg_types import Catalog
    from codezest_sql.runtime.sync_async import Steps
    from codezest_sql.runtime.type_check import Proven

TRIED = (3, 3)
CHUNK = 100
"""Rows a chunk: measured best between 50 and 200 (performance/README.md)."""

FATAL = int(ExecStatus.FATAL_ERROR)
_TUPLES_CHUNK = int(ExecStatus.TUPLES_CHUNK)
_OFF = int(PipelineStatus.OFF)
_IDLE = int(TransactionStatus.IDLE)


def is_possible() -> bool:
    """Whether this psycopg is one that the private parts were tried on, with a libpq that can close statements."""
    # libpq 17 brought PQsendClosePrepared and chunks of rows.
    recent = pq.version() >= 170000 and pq.__build_version__ >= 170000  # noqa: PLR2004
    return recent and pq.__impl__ != "python" and tuple(map(int, psycopg.__version__.split(".")[:2])) == TRIED


class Bound:
    """A plan on one connection: prepared under a name, and with loaders for its columns."""

    __slots__ = (
        "columns",
        "direct",
        "forget",
        "formats",
        "is_plain",
        "name",
        "pgconn",
        "proven",
        "reported",
        "result_format",
        "transformer",
        "width",
    )

    def __init__(
        self,
        connection: Any,
        catalog: Catalog,
        name: bytes,
        proven: Proven,
        forget: Callable[[Any], None],
        *,
        direct: bool,
    ) -> None:
        self.proven = proven
        self.forget = forget
        self.pgconn = connection.pgconn
        self.columns = list(proven.described.columns)
        self.width = len(self.columns)
        self.direct = direct
        self.is_plain = not proven.row_types and not proven.sets
        self.reported = proven.needs.reported
        self.name = name
        self.formats = list(proven.formats)
        self.result_format = proven.result_format
        self.transformer = Transformer(catalog.context(connection))
        self.transformer.set_loader_types(proven.described.columns, proven.result_format)

    def require(self) -> None:
        """Raise ``ConnectionUnusableError`` for a reported setting that is not as needed; call it before ``send``."""
        check_encoding(self.pgconn)
        if self.reported:
            check_reported(self.pgconn, self.reported)

    def send(self, values: Sequence[bytes | None]) -> None:
        """Start the statement."""
        self.pgconn.send_query_prepared(self.name, values, self.formats, self.result_format)

    def check(self, result: Any) -> None:
        """Raise ``SchemaMismatchError`` for a result of other types than were inferred: it cannot be read."""
        width = result.nfields
        # On a direct connection of ours no other session prepares, and the server itself keeps the types of a
        # statement.
        if width != self.width or (
            not self.direct and [result.ftype(number) for number in range(width)] != self.columns
        ):
            self.forget(self.proven.plan)
            name = self.proven.plan.name
            raise SchemaMismatchError(f"{name}: the types of the result changed", query=name, hint=MISMATCH_HINT)
        if self.reported:
            check_reported(self.pgconn, self.reported)

    def read_one(self, result: Any) -> Any:
        """Return the only row of a result."""
        self.check(result)
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
        self.check(result)
        transformer = self.transformer
        transformer.set_pgresult(result, set_loaders=False)
        try:
            return transformer.load_rows(0, result.ntuples, self.proven.make_row)
        except (ValueError, OverflowError) as error:  # a loader's, such as for an interval of a million years
            raise unreadable(self.proven.plan.name, error) from error
        finally:
            transformer.set_pgresult(None, set_loaders=False)


def run(connection: Any, bound: Bound, values: Sequence[bytes | None]) -> Steps[Any]:
    """Run a bound statement and return libpq's result; the caller holds the connection's lock."""
    bound.send(values)
    try:
        results = yield connection.wait(execute(connection.pgconn))
    except BaseException:
        close_if_active(connection)
        raise
    result = results[-1]
    if result.status == FATAL:
        raise errors.error_from_result(result, encoding="utf-8")
    return result


def run_in_chunks(connection: Any, bound: Bound, values: Sequence[bytes | None]) -> Steps[list[Any]]:
    """Run a bound statement and return its rows, read while the next ones arrive."""
    pgconn = connection.pgconn
    bound.send(values)
    pgconn.set_chunked_rows_mode(CHUNK)
    yield connection.wait(send(pgconn))
    rows: list[Any] = []
    failure: Exception | None = None
    try:
        while (result := (yield connection.wait(fetch(pgconn)))) is not None:
            if result.status == FATAL:  # also after rows
                failure = errors.error_from_result(result, encoding="utf-8")
            elif failure is None:
                try:
                    rows += bound.read(result)
                except Exception as error:  # noqa: BLE001  # what the server still sends must be taken first
                    failure = error
    except BaseException:
        yield from abandon(connection)
        raise
    if failure:
        raise failure
    return rows


def send_stream(connection: Any, bound: Bound, values: Sequence[bytes | None], size: int) -> Steps[None]:
    """Start a statement whose rows are fetched chunk by chunk."""
    pgconn = connection.pgconn
    bound.send(values)
    pgconn.set_chunked_rows_mode(size)
    yield connection.wait(send(pgconn))


def next_chunk(connection: Any, bound: Bound) -> Steps[list[Any] | None]:
    """Return the next rows of a started statement; None at its end."""
    while (result := (yield connection.wait(fetch(connection.pgconn)))) is not None:
        if result.status == FATAL:
            raise errors.error_from_result(result, encoding="utf-8")
        rows = bound.read(result)
        if rows:
            return rows
    return None


def drain(connection: Any) -> Steps[None]:
    """Take what is left of a statement's results, whatever it is."""
    while (yield connection.wait(fetch(connection.pgconn))) is not None:
        pass


def abandon(connection: Any) -> Steps[None]:
    """Leave a connection that was interrupted ready for the next statement, or closed."""
    pgconn = connection.pgconn
    try:
        # psycopg asked the server to cancel; what arrived before that is still to be taken.
        if pgconn.status == ConnStatus.OK and pgconn.transaction_status == TransactionStatus.ACTIVE:
            yield from drain(connection)
    finally:
        close_if_active(connection)


def close_if_active(connection: Any) -> None:
    """Close a connection whose statement was given up halfway: the next one would read its results."""
    pgconn = connection.pgconn
    if pgconn.status == ConnStatus.OK and pgconn.transaction_status == TransactionStatus.ACTIVE:
        close_now(connection)


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
        _leave_pipeline(connection)
    made: list[list[Any]] = results[:-1]
    return made


def _leave_pipeline(connection: Any) -> None:
    pgconn = connection.pgconn
    if pgconn.status == ConnStatus.OK:
        try:
            pgconn.exit_pipeline_mode()
        except psycopg.Error:
            # Results are outstanding, after a second interruption: what comes next would read them as its own.
            close_now(connection)


def _flush_and_fetch(pgconn: Any, count: int) -> Any:
    # libpq buffers what the socket does not take (psycopg's connections do not block), and ``send`` reads while it
    # writes, so that neither side waits for the other. One flush for all commands wakes the server once.
    yield from send(pgconn)
    results: list[Any] = []
    while len(results) <= count:  # the last one is that of the synchronisation
        results.append((yield from fetch_many(pgconn)))
    return results


def describe(connection: Any, name: bytes, text: bytes) -> Steps[Any]:
    """Prepare a statement and return libpq's description of it, in one round trip; the caller holds the lock.

    What may have that name already is closed first. Close is no error for an unknown name, and works in a failed
    transaction.
    """
    pgconn = connection.pgconn
    check_encoding(pgconn)
    check_strings(pgconn, text)
    results = yield from pipeline(
        connection,
        [
            partial(pgconn.send_close_prepared, name),
            partial(pgconn.send_prepare, name, text),
            partial(pgconn.send_describe_prepared, name),
        ],
    )
    return _last(results)


def _last(results: Sequence[Sequence[Any]]) -> Any:
    for parts in results:
        if parts[-1].status == FATAL:
            raise errors.error_from_result(parts[-1], encoding="utf-8")
    return results[-1][-1]


def describe_unnamed(connection: Any, text: bytes) -> Steps[Any]:
    """As ``describe``, without a name, and without what only recent libpqs have."""
    pgconn = connection.pgconn
    check_encoding(pgconn)
    check_strings(pgconn, text)
    results = yield from pipeline(
        connection, [partial(pgconn.send_prepare, b"", text), partial(pgconn.send_describe_prepared, b"")]
    )
    return _last(results)


def ask(connection: Any, text: bytes, arguments: Sequence[bytes] | None = None) -> Steps[Any]:
    """Run a statement of ours and return libpq's result; the caller holds the lock."""
    pgconn = connection.pgconn
    if arguments is None:
        pgconn.send_query(text)
    else:
        pgconn.send_query_params(text, arguments)
    try:
        results = yield connection.wait(execute(pgconn))
    except BaseException:
        close_if_active(connection)
        raise
    for result in results:
        if result.status == FATAL:
            raise errors.error_from_result(result, encoding="utf-8")
    return results[-1]
