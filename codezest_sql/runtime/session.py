"""Runs queries on one connection, sync or async: proof at first use, the faster of both ways, errors in our words.

Every method gives steps (see ``steps``). A ``Session`` belongs to one connection and is kept with it; what was proven
belongs to the ``Shared`` of the database.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg.generators import execute
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.rows import tuple_row

from codezest_sql.errors import (
    ArgumentError,
    CodezestError,
    NoRowFound,
    QueryError,
    TooManyRows,
)
from codezest_sql.runtime import cursor_way, fast_way
from codezest_sql.runtime.catalogue import TYPES_QUERY, Catalogue
from codezest_sql.runtime.failures import translated
from codezest_sql.runtime.plan import Plan, choose
from codezest_sql.runtime.proof import Described, Proven, is_known, prove, unproven
from codezest_sql.runtime.steps import enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.kinds import Query
    from codezest_sql.runtime.steps import Steps

_log = logging.getLogger("codezest_sql")
_ROWS = frozenset({"one", "first", "opt", "many"})
_SHORT = frozenset({"one", "first", "opt", "exec", "execrows"})
COPYING = "copy"
"""What ``Session.stream`` is while rows are copied."""
MISSED = object()
"""What ``run_now`` gives where the long way is to be taken."""

# The plan changed (0A000), or somebody deallocated it (26000): prepare once more.
STALE = frozenset({"0A000", "26000"})


class QueryEvent(NamedTuple):
    """What a hook is told of a query that was run: never an argument unless the database was told to.

    ``seconds`` is wall time; ``rows`` those that came or were written, None where there are none to count.
    """

    name: str
    kind: str
    seconds: float
    rows: int | None
    error: BaseException | None
    arguments: tuple[Any, ...] | None


@dataclass(eq=False)
class Shared:
    """What the connections of one database share. ``prepare`` False is for poolers: nothing is prepared by name."""

    prepare: bool = True
    validate: bool = False
    on_query: Callable[[QueryEvent], None] | None = None
    show_arguments: bool = False
    catalogue: Catalogue = field(default_factory=Catalogue)
    proven: dict[Plan, Proven] = field(default_factory=dict[Plan, Proven])
    names: dict[Plan, bytes] = field(default_factory=dict[Plan, bytes])
    learnt: bool = False

    @property
    def watched(self) -> bool:
        """Whether anybody wants to know of queries."""
        return self.on_query is not None or _log.isEnabledFor(logging.DEBUG)

    def name(self, plan: Plan) -> bytes:
        """Return the name under which a plan is prepared."""
        return self.names.setdefault(plan, b"cz%d" % (len(self.names) + 1))


class Session:
    """One connection."""

    def __init__(self, connection: Any, shared: Shared, *, own: bool = False) -> None:
        self.connection = connection
        self.shared = shared
        self.fast = shared.prepare and fast_way.is_possible()
        self.own = own  # made by us: in autocommit mode, and nobody opens a pipeline on it
        self.bound: dict[Plan, fast_way.Bound] = {}
        self.stream: Any = None  # the open StreamCore, or what else has the connection for itself
        self.pool: Any = None  # where the connection goes back to, if not to the Database itself
        self.depth = 0  # of savepoints
        self.chunked = False  # since the last pipeline
        if self.fast:
            # psycopg then never prepares, and so never sends DEALLOCATE ALL after a rollback, under our statements.
            connection.prepare_threshold = None

    # --- one query -----------------------------------------------------------------------------------

    def run(self, query: Query[Any]) -> Steps[Any]:
        """Run a query of any kind but ``:copyfrom`` and return what it gives."""
        shared = self.shared
        if not shared.watched:
            return (yield from self._run(query))
        began = time.perf_counter()
        result: Any = None
        error: BaseException | None = None
        try:
            result = yield from self._run(query)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self.tell(query, began, result, error)
        return result

    def _run(self, query: Query[Any]) -> Steps[Any]:
        plan, arguments = choose(query)
        try:
            return (yield from self._attempt(query, plan, arguments))
        except psycopg.Error as error:
            if error.sqlstate not in STALE or not self._is_idle():
                raise self.failure(error, plan.name) from error
        # Once more: the table has a column more, or the statement is gone.
        self.forget(plan)
        try:
            return (yield from self._attempt(query, plan, arguments))
        except psycopg.Error as error:
            raise self.failure(error, plan.name) from error

    def _attempt(self, query: Query[Any], plan: Plan, arguments: tuple[Any, ...]) -> Steps[Any]:
        connection = self.connection
        self.check_free(plan.name)
        if not self.goes_fast():
            proven = yield from self.proven(plan)
            result = yield from cursor_way.execute(connection, proven, proven.encode(arguments))
            if query.kind in _ROWS and not cursor_way.has_types(proven, result):
                # A type was made anew since the proof, or the table was changed. The rows that came are read by a
                # new proof: the statement must not run twice.
                self.forget(plan)
                proven = yield from self.proven(plan)
            rows = (
                cursor_way.read_rows(connection, self.shared.catalogue, proven, result) if query.kind in _ROWS else []
            )
            return given(query, proven, rows, result)
        yield connection.lock.acquire()
        try:
            bound = self.bound.get(plan)
            if bound is None:
                bound = yield from self.bind(plan)
            proven = bound.proven
            values = proven.encode(arguments)
            if query.kind == "many":
                return given(query, proven, (yield from fast_way.run_in_chunks(connection, bound, values)), None)
            result = yield from fast_way.run(connection, bound, values)
            return given(query, proven, bound.read(result) if query.kind in _ROWS else [], result)
        finally:
            connection.lock.release()

    # --- the shortest way ------------------------------------------------------------------------------

    def ready(self, query: Query[Any]) -> tuple[fast_way.Bound, list[bytes | None]] | None:
        """Return a query's statement and encoded arguments where it can be sent at once, else None."""
        plan: Any = query.statement.variants.get(None)
        bound = self.bound.get(plan)
        if (
            bound is None
            or query.kind not in _SHORT
            or self.stream is not None
            or len(query.arguments) != len(bound.formats)
            or self.shared.watched
            or not (self.own or self.goes_fast())
        ):
            return None
        return bound, bound.proven.encode(query.arguments)

    def run_now(self, query: Query[Any]) -> Any:
        """Run a query that was proven on this sync connection, without steps; ``MISSED`` where that cannot be."""
        ready = self.ready(query)
        if ready is None:
            return MISSED
        bound, values = ready
        connection = self.connection
        pgconn = connection.pgconn
        try:
            with connection.lock:
                pgconn.send_query_prepared(bound.name, values, bound.formats, bound.result_format)
                return self._made(query, bound, connection.wait(execute(pgconn))[-1])
        except psycopg.Error as error:
            return self._missed(error, bound)

    async def run_now_async(self, query: Query[Any]) -> Any:
        """Run a query that was proven on this async connection, without steps; ``MISSED`` where that cannot be."""
        ready = self.ready(query)
        if ready is None:
            return MISSED
        bound, values = ready
        connection = self.connection
        pgconn = connection.pgconn
        try:
            async with connection.lock:
                pgconn.send_query_prepared(bound.name, values, bound.formats, bound.result_format)
                return self._made(query, bound, (await connection.wait(execute(pgconn)))[-1])
        except psycopg.Error as error:
            return self._missed(error, bound)

    def _made(self, query: Query[Any], bound: fast_way.Bound, result: Any) -> Any:
        if result.status == fast_way.FATAL:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        kind = query.kind
        if kind in _ROWS:
            if result.ntuples == 1 and bound.proven.grouper is None:
                return bound.read_one(result)
            return given(query, bound.proven, bound.read(result), result)
        return None if kind == "exec" else int(result.command_tuples or 0)

    def _missed(self, error: psycopg.Error, bound: fast_way.Bound) -> Any:
        """Prepare and run again where the server refused to run at all; else raise our error."""
        if error.sqlstate in STALE and self._is_idle():
            self.forget(bound.proven.plan)
            return MISSED
        raise self.failure(error, bound.proven.plan.name) from error

    def check_free(self, name: str) -> None:
        """Raise ``QueryError`` while rows are streamed or copied: the connection has one thing to do at a time."""
        if self.stream is not None:
            what = "copied" if self.stream == COPYING else "streamed"
            raise QueryError(
                f"{name}: rows are being {what} on this connection",
                query=name,
                hint="let that come to its end first, or run the query outside this transaction",
            )

    def goes_fast(self) -> bool:
        """Whether the next statement takes the fast way."""
        connection = self.connection
        if not self.fast or connection.pgconn.pipeline_status != PipelineStatus.OFF:
            return False
        # Outside autocommit psycopg sends BEGIN before the first statement: its cursors know when.
        return bool(connection.autocommit) or not self._is_idle()

    def _is_idle(self) -> bool:
        return bool(self.connection.pgconn.transaction_status == TransactionStatus.IDLE)

    def failure(self, error: psycopg.Error, name: str) -> CodezestError:
        """Return our error for psycopg's."""
        return translated(error, name)

    def tell(self, query: Query[Any], began: float, result: Any, error: BaseException | None) -> None:
        """Tell the log and the hook of a query."""
        seconds = time.perf_counter() - began
        counted = query.kind in {"execrows", "copyfrom"}
        rows: int | None = result if counted else None
        if query.kind == "many" and result is not None:
            rows = len(result)
        if rows is None and query.kind in _ROWS and error is None:
            rows = int(result is not None)
        name = query.statement.name
        if error is None:
            _log.debug("%s: %s rows in %.1f ms", name, "no" if rows is None else rows, seconds * 1000)
        else:
            _log.debug("%s failed after %.1f ms: %s", name, seconds * 1000, type(error).__name__)
        if self.shared.on_query:
            arguments = query.arguments if self.shared.show_arguments else None
            self.shared.on_query(QueryEvent(name, query.kind, seconds, rows, error, arguments))

    # --- proof -----------------------------------------------------------------------------------------

    def forget(self, plan: Plan) -> None:
        """Take back what is known of a plan, since the database changed."""
        self.shared.proven.pop(plan, None)
        self.bound.clear()

    def proven(self, plan: Plan) -> Steps[Proven]:
        """Return a plan's proof, made at its first use in this database."""
        proven = self.shared.proven.get(plan)
        if proven is None:
            if self.connection.pgconn.pipeline_status != PipelineStatus.OFF:
                yield from self._learn_types()
                described = unproven(plan, self.shared.catalogue)
                return self._keep(plan, described)
            yield self.connection.lock.acquire()
            try:
                described = yield from self._described(plan, b"")
            finally:
                self.connection.lock.release()
            yield from self._learn_types(plan, described)
            proven = self._keep(plan, described)
        return proven

    def _keep(self, plan: Plan, described: Described) -> Proven:
        shared = self.shared
        name = shared.name(plan)
        proven = prove(described, plan, shared.catalogue, name=name, validate=shared.validate)
        shared.proven[plan] = proven
        return proven

    def _described(self, plan: Plan, name: bytes) -> Steps[Described]:
        fast_way.check_session(self.connection.pgconn)
        result = yield from fast_way.describe(self.connection, name, plan.text)
        return Described(
            tuple([result.param_type(number) for number in range(result.nparams)]),
            tuple([(result.fname(number) or b"").decode() for number in range(result.nfields)]),
            tuple([result.ftype(number) for number in range(result.nfields)]),
        )

    def bind(self, plan: Plan) -> Steps[fast_way.Bound]:
        """Prepare a plan on this connection; the lock is held."""
        shared = self.shared
        name = shared.name(plan)
        described = yield from self._prepared(plan, name)
        proven = shared.proven.get(plan)
        if proven is None or (proven.described.parameters, proven.described.columns) != (
            described.parameters,
            described.columns,
        ):
            self.connection.lock.release()
            try:
                yield from self._learn_types(plan, described)
            finally:
                yield self.connection.lock.acquire()
            proven = self._keep(plan, described)
        bound = self.bound[plan] = fast_way.Bound(self.connection, shared.catalogue, proven)
        return bound

    def _prepared(self, plan: Plan, name: bytes) -> Steps[Described]:
        try:
            return (yield from self._described(plan, name))
        except psycopg.errors.DuplicatePreparedStatement:
            if not self._is_idle():
                raise
        yield self.connection.wait(_simple(self.connection.pgconn, b"DEALLOCATE " + name))
        return (yield from self._described(plan, name))

    def _learn_types(self, plan: Plan | None = None, described: Described | None = None) -> Steps[None]:
        """Read the types of the database where some are unknown, or are not those that were proven."""
        shared = self.shared
        if plan is None or described is None:
            if shared.learnt:
                return
        elif is_known(described, plan, shared.catalogue):
            return
        cursor = self.connection.cursor(row_factory=tuple_row)
        try:
            yield cursor.execute(TYPES_QUERY)
            rows = yield cursor.fetchall()
        finally:
            yield cursor.close()
        catalogue = Catalogue()
        catalogue.learn(rows)
        shared.catalogue = catalogue
        shared.learnt = True

    # --- several queries -------------------------------------------------------------------------------

    def batch(self, queries: Sequence[Query[Any]]) -> Steps[list[Any]]:
        """Run queries in one round trip, as one transaction unless one is open; return what each gives."""
        for query in queries:
            if query.kind == "copyfrom":
                name = query.statement.name
                raise ArgumentError(f"{name}: COPY cannot be in a batch", query=name, hint="call db.copy()")
        chosen = [choose(query) for query in queries]
        for plan, _ in chosen:
            self.check_free(plan.name)
        began = time.perf_counter()
        if not self.goes_fast():
            results = yield from self._batch_by_cursors(queries, chosen)
        else:
            try:
                results = yield from self._batch_fast(queries, chosen)
            except CodezestError as error:
                if not self.is_stale(error):
                    raise
                results = yield from self._batch_fast(queries, chosen)
        if self.shared.watched:
            for query, result in zip(queries, results, strict=True):
                self.tell(query, began, result, None)
        return results

    def _batch_fast(
        self, queries: Sequence[Query[Any]], chosen: Sequence[tuple[Plan, tuple[Any, ...]]]
    ) -> Steps[Any]:
        connection = self.connection
        yield connection.lock.acquire()
        name = queries[0].statement.name if queries else ""
        try:
            bounds: list[fast_way.Bound] = []
            commands: list[Any] = []
            send = connection.pgconn.send_query_prepared
            for plan, arguments in chosen:
                name = plan.name
                bound = self.bound.get(plan) or (yield from self.bind(plan))
                bounds.append(bound)
                values = bound.proven.encode(arguments)
                commands.append(partial(send, bound.name, values, bound.formats, bound.result_format))
            if not commands:
                return []
            results = yield from fast_way.pipeline(connection, commands)
            made: list[Any] = []
            for query, bound, parts in zip(queries, bounds, results, strict=True):
                name = query.statement.name
                result = parts[-1]
                error = cursor_way.raised(result, connection)
                if error:
                    if error.sqlstate in STALE:
                        self.forget(bound.proven.plan)
                    raise error
                rows = [row for part in parts for row in bound.read(part)] if query.kind in _ROWS else []
                made.append((query, bound.proven, rows, result))
            return [given(*each) for each in made]
        except psycopg.Error as error:
            raise self.failure(error, name) from error
        finally:
            connection.lock.release()

    def _batch_by_cursors(
        self, queries: Sequence[Query[Any]], chosen: Sequence[tuple[Plan, tuple[Any, ...]]]
    ) -> Steps[list[Any]]:
        connection = self.connection
        name = queries[0].statement.name if queries else ""
        try:
            proofs: list[Proven] = []
            for plan, _ in chosen:
                name = plan.name
                proofs.append((yield from self.proven(plan)))
            encoded = [proven.encode(arguments) for proven, (_, arguments) in zip(proofs, chosen, strict=True)]
            cursors = [cursor_way.cursor_of(connection) for _ in chosen]
            if self.chunked:
                # libpq would still give chunks to the first query of a pipeline, which psycopg does not expect.
                self.chunked = False
                yield from self.command("")
            manager = connection.pipeline()
            yield enter(manager)
            failed: BaseException | None = None
            made: list[Any] = []
            try:
                for cursor, proven, values in zip(cursors, proofs, encoded, strict=True):
                    yield cursor_way.start(cursor, proven, values)
                for query, cursor, proven in zip(queries, cursors, proofs, strict=True):
                    name = query.statement.name
                    result = yield from cursor_way.finished(connection, cursor)
                    rows = (
                        cursor_way.read_rows(connection, self.shared.catalogue, proven, result)
                        if query.kind in _ROWS
                        else []
                    )
                    made.append((query, proven, rows, result))
            except BaseException as error:
                failed = error
                name = queries[cursor_way.first_without_result(cursors)].statement.name
                raise
            finally:
                yield leave(manager, failed)
            return [given(*each) for each in made]
        except psycopg.Error as error:
            raise self.failure(error, name) from error

    def is_stale(self, error: CodezestError, *, within: bool = False) -> bool:
        """Whether the server refused a statement as it was prepared: outside a transaction, or ``within`` our own."""
        cause = error.__cause__
        return isinstance(cause, psycopg.Error) and cause.sqlstate in STALE and (within or self._is_idle())

    def run_between(self, query: Query[Any], before: Sequence[bytes], after: Sequence[bytes]) -> Steps[Any]:
        """Run a query between commands such as BEGIN and COMMIT, in one round trip; the caller rolls back."""
        chosen = choose(query)
        name = query.statement.name
        self.check_free(name)
        connection = self.connection
        yield connection.lock.acquire()
        try:
            (bound, values) = yield from self._bound(*chosen)
            plain = connection.pgconn.send_query_params
            commands = [
                *[partial(plain, text, []) for text in before],
                partial(
                    connection.pgconn.send_query_prepared, bound.name, values, bound.formats, bound.result_format
                ),
                *[partial(plain, text, []) for text in after],
            ]
            results = yield from fast_way.pipeline(connection, commands)
            for parts in results:
                error = cursor_way.raised(parts[-1], connection)
                if error:
                    raise error
            parts = results[len(before)]
            rows = [row for part in parts for row in bound.read(part)] if query.kind in _ROWS else []
            return given(query, bound.proven, rows, parts[-1])
        except psycopg.Error as error:
            if error.sqlstate in STALE:
                self.forget(chosen[0])
            raise self.failure(error, name) from error
        finally:
            connection.lock.release()

    def _bound(self, plan: Plan, arguments: tuple[Any, ...]) -> Steps[tuple[fast_way.Bound, list[bytes | None]]]:
        bound = self.bound.get(plan) or (yield from self.bind(plan))
        return bound, bound.proven.encode(arguments)

    # --- transactions ------------------------------------------------------------------------------------

    def command(self, text: str) -> Steps[None]:
        """Run a command of ours without arguments, such as BEGIN."""
        self.check_free(text.split(maxsplit=1)[0] if text else "a query")
        connection = self.connection
        yield connection.lock.acquire()
        try:
            results = yield connection.wait(_simple(connection.pgconn, text.encode()))
            if results[-1].status == ExecStatus.FATAL_ERROR:
                error = cursor_way.raised(results[-1], connection)
                if error:
                    raise error
        finally:
            connection.lock.release()


def _simple(pgconn: Any, text: bytes) -> Any:
    pgconn.send_query(text)
    return execute(pgconn)


def given(query: Query[Any], proven: Proven, rows: list[Any], result: Any) -> Any:
    """Return what a query of its kind gives. Raises ``NoRowFound`` and ``TooManyRows``."""
    kind = query.kind
    if kind not in _ROWS:
        return None if kind == "exec" else int(result.command_tuples or 0)
    if proven.grouper is not None:
        rows = proven.grouper.all(rows)
    if kind == "many":
        return rows
    if len(rows) == 1 or (rows and kind == "first"):
        return rows[0]
    name = query.statement.name
    if rows:
        raise TooManyRows(
            f"{name}: several rows instead of one", query=name, hint="make its condition unique, or :many"
        )
    if kind == "opt":
        return None
    raise NoRowFound(f"{name}: no row", query=name, hint=":opt gives None instead")
