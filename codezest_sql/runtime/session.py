"""Runs queries on one connection, sync or async: proof at first use, the faster of both ways, errors in our words.

Every method gives steps (see ``steps``). A ``Session`` belongs to one connection and is kept with it; what was
verified belongs to the ``Shared`` of the database.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import psycopg
from psycopg.adapt import Transformer
from psycopg.generators import execute
from psycopg.pq import ConnStatus, Format, PipelineStatus, TransactionStatus
from psycopg.rows import tuple_row

from codezest_sql.errors import (
    ArgumentError,
    CodezestError,
    NoRowFound,
    QueryError,
    SchemaMismatchError,
    TooManyRows,
)
from codezest_sql.runtime import cursors, prepared
from codezest_sql.runtime.description import Described
from codezest_sql.runtime.failures import MISMATCH_HINT, translated
from codezest_sql.runtime.pg_types import ATTRIBUTES, TYPES_QUERY, Catalog
from codezest_sql.runtime.redaction import scrub
from codezest_sql.runtime.settings import (
    CHANGES_SETTINGS,
    CHECK,
    DATE_STYLE,
    DROPS_STATEMENTS,
    INTERVAL_STYLE,
    LOCALLY,
    NEEDED,
    PREPARED,
    SETTINGS,
    STRINGS,
    check_needed,
    is_as_needed,
)
from codezest_sql.runtime.sync_async import enter, leave
from codezest_sql.runtime.type_check import Proven, is_known, prove, unproven
from codezest_sql.runtime.variant import Plan, choose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.query_kinds import Query
    from codezest_sql.runtime.sync_async import Steps

_log = logging.getLogger("codezest_sql")
_ROWS = frozenset({"one", "first", "opt", "many"})
_SHORT = frozenset({"one", "first", "opt", "exec", "execrows"})
COPYING = "copy"
"""What ``Session.stream`` is while rows are copied."""
MISSED = object()
"""What ``run_now`` returns if the full path must be used."""

# The result type changed (0A000), or the statement was deallocated (26000): prepare it again.
STALE = frozenset({"0A000", "26000"})
_UNKNOWN = "26000"
_ATTEMPTS = 2
_OPEN = frozenset({TransactionStatus.INTRANS, TransactionStatus.INERROR})


class QueryEvent(NamedTuple):
    """The event of a query for a hook: without arguments, unless the database was configured to include them.

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
    catalog: Catalog = field(default_factory=Catalog)
    proven: dict[Plan, Proven] = field(default_factory=dict[Plan, Proven])
    learnt: bool = False
    forced: bool = False  # ``prepare=True``: by name, whatever the server seems to be
    direct: bool = True  # False if the URL is a pooler's

    @property
    def watched(self) -> bool:
        """Whether anybody wants to know of queries."""
        return self.on_query is not None or _log.isEnabledFor(logging.DEBUG)


def statement_name(plan: Plan, described: Described) -> bytes:
    """Return the name under which a plan is prepared.

    It is the same in every process, and another one for any other statement: behind a pooler that is not recognised,
    a name that another session has prepared is the same statement.
    """
    import hashlib  # noqa: PLC0415  # brings OpenSSL

    types = ",".join(map(str, described.parameters)).encode()
    return b"cz_" + hashlib.blake2b(plan.text + b"\0" + types, digest_size=20).hexdigest().encode()


class Session:
    """One connection."""

    def __init__(self, connection: Any, shared: Shared, *, own: bool = False) -> None:
        self.connection = connection
        self.shared = shared
        self.fast = shared.prepare and prepared.is_possible()
        self.own = own  # opened by us: in autocommit mode, and no pipeline is opened on it
        self.pinned = False  # its settings are as the runtime needs them
        self.pooled = False  # it is ours for a transaction only
        self.relearnt = False  # row types changed, and types were read again
        self.local = False  # its settings are as needed until the end of the transaction
        self.bound: dict[Plan, prepared.Bound] = {}
        self.stream: Any = None  # the open StreamCore, or what else has the connection for itself
        self.pool: Any = None  # where the connection goes back to, if not to the Database itself
        self.born = self.used = time.monotonic()
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
            if isinstance(raised, CodezestError) and not shared.show_arguments:
                scrub(raised, None)
            raise
        finally:
            self.tell(query, began, result, error)
        return result

    def _run(self, query: Query[Any]) -> Steps[Any]:
        plan, arguments = choose(query)
        attempt = 1
        while True:
            try:
                return (yield from self._attempt(query, plan, arguments))
            except SchemaMismatchError:
                if not self.relearnt:
                    raise
                self.relearnt = False  # compare once more, with the row types as they are now
            except psycopg.Error as error:
                # The table has a column more, or the statement is gone: prepare it again.
                if not self.may_prepare_again(error, plan, attempt) or not self._is_idle():
                    self.fail(error, plan.name, plan.text)
            attempt += 1

    def may_prepare_again(self, error: BaseException | None, plan: Plan, attempt: int = 1) -> bool:
        """Take in that the server refused a statement as it was prepared; False where it refused something else."""
        if not isinstance(error, psycopg.Error) or error.sqlstate not in STALE or attempt > _ATTEMPTS:
            return False
        self.forget(plan)
        if attempt > 1 and error.sqlstate == _UNKNOWN:
            # It was prepared a moment ago: statements of this connection go to different servers.
            self.fast = self.shared.prepare = False
        return True

    def _attempt(self, query: Query[Any], plan: Plan, arguments: tuple[Any, ...]) -> Steps[Any]:
        connection = self.connection
        self.check_free(plan.name)
        rows: list[Any] = []
        result: Any = None
        if not self.goes_fast():
            proven = yield from self.proven(plan)
            result = yield from self._execute(proven, proven.encode(arguments))
            if query.kind in _ROWS and not cursors.has_types(proven, result):
                # A type was created again since the proof, or the table was changed. The rows that came are read by a
                # new proof: the statement must not run twice.
                self.forget(plan)
                proven = yield from self.proven(plan)
            if query.kind in _ROWS:
                rows = cursors.read_rows(connection, self.shared.catalog, proven, result)
            return self.given(query, proven, rows, result)
        yield connection.lock.acquire()
        try:
            bound, values = yield from self.prepared(plan, arguments)
            proven = bound.proven
            begun = yield from self.secure([(proven, values)], held=True)
            try:
                if query.kind == "many":
                    rows = yield from prepared.run_in_chunks(connection, bound, values)
                else:
                    result = yield from prepared.run(connection, bound, values)
            except BaseException as error:
                yield from self.release(error, begun=begun, held=True)
                raise
            yield from self.release(None, begun=begun, held=True)
            if result is not None and query.kind in _ROWS:
                rows = bound.read(result)
            return self.given(query, proven, rows, result)
        finally:
            connection.lock.release()

    def _execute(self, proven: Proven, values: list[bytes | None]) -> Steps[Any]:
        """Run a statement through a cursor, with the settings that it depends on."""
        begun = yield from self.secure([(proven, values)])
        try:
            result = yield from cursors.execute(self.connection, proven, values)
        except BaseException as error:
            yield from self.release(error, begun=begun)
            raise
        yield from self.release(None, begun=begun)
        return result

    # --- what the text of values depends on ------------------------------------------------------------

    def settle(self, *, again: bool = False) -> Steps[None]:
        """Look at a connection that was opened: whether it is the server's own, and give it the settings we need.

        ``again`` is for after a reset, which may have dropped what is prepared.
        """
        if again and self.bound:
            left = {name for (name,) in (yield from self._ask(PREPARED))}
            for plan, bound in list(self.bound.items()):
                if bound.name.decode() not in left:
                    del self.bound[plan]
        (row,) = yield from self._ask(CHECK)
        direct = int(row[0] or 0) == self.connection.pgconn.backend_pid
        if not direct and not self.shared.forced:
            # A pooler: the next statement may go to another server, where a prepared one is not.
            self.fast = self.shared.prepare = False
        self.pooled = not direct or not self.shared.direct
        if self.pooled:
            return
        status = self.connection.pgconn.parameter_status
        different = [name for (name, value), found in zip(NEEDED.items(), row[1:], strict=True) if found != value]
        different += [name.decode() for name, do in (DATE_STYLE, INTERVAL_STYLE, STRINGS) if status(name) not in do]
        if different:
            yield from self._ask("; ".join([SETTINGS[name] for name in different]).encode())
        self.pinned = True

    def secure(
        self, several: Sequence[tuple[Proven, Sequence[bytes | None] | None]], *, held: bool = False
    ) -> Steps[bool]:
        """Make sure that what was inferred, and the settings that values depend on, hold in this session now.

        True if that took a transaction, which ``release`` ends. Raises ``SchemaMismatchError`` and
        ``ConnectionUnusableError``.
        """
        for proven, _ in several:
            if proven.row_types:
                yield from self._check_row_types(proven, held=held)
        if self.pinned:
            return False
        wanted = {name for proven, values in several for name in self._depends(proven, values)}
        if not wanted:
            return False
        if self.pooled:
            if self._is_idle():
                self.local = True
                yield from self._ask(f"BEGIN; {LOCALLY}".encode(), held=held)
                return True
            if not self.local:
                self.local = True
                yield from self._ask(LOCALLY.encode(), held=held)
            return False
        (row,) = yield from self._ask(CHECK, held=held)
        found = dict(zip(NEEDED, row[1:], strict=True))
        for name in sorted(wanted):
            check_needed(name, found[name] or "")
        if self.own and self._is_idle():
            self.pinned = all(is_as_needed(name, value or "") for name, value in found.items())
        return False

    def release(self, error: BaseException | None, *, begun: bool, held: bool = False) -> Steps[None]:
        """End the transaction that ``secure`` began."""
        if not begun:
            return
        self.local = False
        if error is None:
            yield from self._ask(b"COMMIT", held=held)
        elif self.connection.pgconn.status == ConnStatus.OK and not self._is_idle():
            try:
                yield from self._ask(b"ROLLBACK", held=held)
            except psycopg.Error:
                return  # the connection is dropped when it is given back

    def begin_text(self, text: str) -> str:
        """Return a BEGIN with the settings that a session behind a pooler needs in its transaction."""
        if not self.pooled:
            return text
        self.local = True
        return f"{text}; {LOCALLY}"

    def _depends(self, proven: Proven, values: Sequence[bytes | None] | None) -> frozenset[str]:
        """Return the settings that the server does not report and that these values depend on."""
        needs = proven.needs
        if needs.nulls and (values is None or any(value is not None and b"NULL" in value for value in values)):
            return needs.others | {"array_nulls"}
        return needs.others

    def _check_row_types(self, proven: Proven, *, held: bool) -> Steps[None]:
        oids = ",".join(map(str, sorted(proven.row_types)))
        found = yield from self._ask(ATTRIBUTES, [f"{{{oids}}}".encode()], held=held)
        if found != proven.attributes:
            self.forget(proven.plan)
            yield from self._read_types(held=held)
            self.shared.proven.clear()
            self.relearnt = True
            raise SchemaMismatchError(
                f"{proven.plan.name}: the attributes of a row type changed",
                query=proven.plan.name,
                hint=MISMATCH_HINT,
            )

    def _ask(
        self, text: bytes, arguments: Sequence[bytes] | None = None, *, held: bool = False
    ) -> Steps[list[tuple[str | None, ...]]]:
        """Run a statement of ours and return its rows as texts."""
        connection = self.connection
        if connection.pgconn.pipeline_status != PipelineStatus.OFF:
            cursor = cursors.cursor_of(connection)
            try:
                encoded: Any = [cursors.Encoded(each, 0, Format.TEXT) for each in arguments or ()]
                yield cursor.execute(text, encoded)
                result = yield from cursors.finished(connection, cursor)
            finally:
                yield cursor.close()
            return cursors.texts_of(result)
        if not held:
            yield connection.lock.acquire()
        try:
            result = yield from prepared.ask(connection, text, arguments)
        finally:
            if not held:
                connection.lock.release()
        return cursors.texts_of(result)

    # --- the shortest way ------------------------------------------------------------------------------

    def ready(self, query: Query[Any]) -> tuple[prepared.Bound, list[bytes | None]] | None:
        """Return a query's statement and encoded arguments where it can be sent at once, else None."""
        plan: Any = query.statement.variants.get(None)
        bound = self.bound.get(plan)
        if (
            bound is None
            or not bound.is_plain
            or query.kind not in _SHORT
            or self.stream is not None
            or len(query.arguments) != len(bound.formats)
            or self.shared.watched
            or not (self.own or self.goes_fast())
        ):
            return None
        values = bound.proven.encode(query.arguments)
        if not self.pinned:
            bound.require()
            if self._depends(bound.proven, values):
                return None
        return bound, values

    def run_now(self, query: Query[Any]) -> Any:
        """Run a query that was checked on this sync connection, without steps; ``MISSED`` where that cannot be."""
        ready = self.ready(query)
        if ready is None:
            return MISSED
        bound, values = ready
        connection = self.connection
        pgconn = connection.pgconn
        try:
            with connection.lock:
                bound.send(values)
                return self._made(query, bound, connection.wait(execute(pgconn))[-1])
        except psycopg.Error as error:
            return self._missed(error, bound)
        except BaseException:
            prepared.close_if_active(connection)
            raise

    async def run_now_async(self, query: Query[Any]) -> Any:
        """Run a query that was checked on this async connection, without steps; ``MISSED`` where that cannot be."""
        ready = self.ready(query)
        if ready is None:
            return MISSED
        bound, values = ready
        connection = self.connection
        pgconn = connection.pgconn
        try:
            async with connection.lock:
                bound.send(values)
                return self._made(query, bound, (await connection.wait(execute(pgconn)))[-1])
        except psycopg.Error as error:
            return self._missed(error, bound)
        except BaseException:
            prepared.close_if_active(connection)
            raise

    def _made(self, query: Query[Any], bound: prepared.Bound, result: Any) -> Any:
        if result.status == prepared.FATAL:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        kind = query.kind
        if kind in _ROWS:
            if result.ntuples == 1 and bound.proven.grouper is None:
                return bound.read_one(result)
            return given(query, bound.proven, bound.read(result), result)
        return self.given(query, bound.proven, [], result)

    def _missed(self, error: psycopg.Error, bound: prepared.Bound) -> Any:
        """Prepare and run again where the server refused to run at all; else raise our error."""
        if not self.may_prepare_again(error, bound.proven.plan) or not self._is_idle():
            self.fail(error, bound.proven.plan.name, bound.proven.plan.text)
        return MISSED

    def check_free(self, name: str) -> None:
        """Raise ``QueryError`` while rows are streamed or copied: the connection has one thing to do at a time."""
        if self.stream is not None:
            what = "copied" if self.stream == COPYING else "streamed"
            raise QueryError(
                f"{name}: rows are being {what} on this connection",
                query=name,
                hint="let that come to completion first, or run the query outside this transaction",
            )

    def goes_fast(self) -> bool:
        """Whether the next statement takes the prepared path."""
        connection = self.connection
        if not self.fast or connection.pgconn.pipeline_status != PipelineStatus.OFF:
            return False
        # Outside autocommit psycopg sends BEGIN before the first statement: its cursors know when.
        return bool(connection.autocommit) or not self._is_idle()

    def _is_idle(self) -> bool:
        return bool(self.connection.pgconn.transaction_status == TransactionStatus.IDLE)

    def fail(self, error: psycopg.Error, name: str, sql: bytes = b"") -> NoReturn:
        """Raise our error for psycopg's; ``sql`` is what was run."""
        raise translated(error, name, sql.decode(), show=self.shared.show_arguments)

    def tell(self, query: Query[Any], began: float, result: Any, error: BaseException | None) -> None:
        """Report a query to the log and the hook."""
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
                yield from self.learn_types()
                described = unproven(plan, self.shared.catalog)
                return self._keep(plan, described)
            yield self.connection.lock.acquire()
            try:
                proven = yield from self._prove(plan)
            finally:
                self.connection.lock.release()
        return proven

    def _keep(self, plan: Plan, described: Described) -> Proven:
        shared = self.shared
        proven = prove(described, plan, shared.catalog, validate=shared.validate)
        shared.proven[plan] = proven
        return proven

    def _prove(self, plan: Plan) -> Steps[Proven]:
        """Ask the server for the types of a plan; the lock is held."""
        described = _described((yield from prepared.describe_unnamed(self.connection, plan.text)))
        yield from self._learn_types(plan, described)
        return self._keep(plan, described)

    def bind(self, plan: Plan) -> Steps[prepared.Bound]:
        """Prepare a plan on this connection; the lock is held."""
        shared = self.shared
        proven = shared.proven.get(plan) or (yield from self._prove(plan))
        for last in (False, True):
            name = statement_name(plan, proven.described)
            described = _described((yield from prepared.describe(self.connection, name, plan.text)))
            if (described.parameters, described.columns) == (proven.described.parameters, proven.described.columns):
                break
            # The database changed since the types were compared.
            if last:
                raise SchemaMismatchError(
                    f"{plan.name}: the types of the query change", query=plan.name, hint=MISMATCH_HINT
                )
            proven = yield from self._prove(plan)
        bound = self.bound[plan] = prepared.Bound(
            self.connection, shared.catalog, name, proven, self.forget, direct=self.own and not self.pooled
        )
        return bound

    def learn_types(self, plan: Plan | None = None, described: Described | None = None) -> Steps[None]:
        """Read the types of the database where some are unknown, or are not those that were verified."""
        shared = self.shared
        if plan is None or described is None:
            if shared.learnt:
                return
        elif is_known(described, plan, shared.catalog):
            return
        if self.connection.pgconn.pipeline_status == PipelineStatus.OFF:
            yield from self._read_types(held=False)
            return
        cursor = self.connection.cursor(row_factory=tuple_row)
        try:
            yield cursor.execute(TYPES_QUERY)
            rows = yield cursor.fetchall()
        finally:
            yield cursor.close()
        self._learn(rows)

    def _learn_types(self, plan: Plan, described: Described) -> Steps[None]:
        """Do the same while the lock is held."""
        if not is_known(described, plan, self.shared.catalog):
            yield from self._read_types(held=True)

    def _read_types(self, *, held: bool) -> Steps[None]:
        if not self.pinned:
            # Names of types depend on quote_all_identifiers.
            (row,) = yield from self._ask(CHECK, held=held)
            check_needed("quote_all_identifiers", row[-1] or "")
        if not held:
            yield self.connection.lock.acquire()
        try:
            result = yield from prepared.ask(self.connection, TYPES_QUERY.encode())
        finally:
            if not held:
                self.connection.lock.release()
        transformer = Transformer(Catalog().context(None))
        transformer.set_pgresult(result)
        self._learn(transformer.load_rows(0, result.ntuples, tuple))

    def _learn(self, rows: list[tuple[Any, ...]]) -> None:
        catalog = Catalog()
        catalog.learn(rows)
        self.shared.catalog = catalog
        self.shared.learnt = True

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
        attempt = 1
        results: list[Any]
        while True:
            try:
                if self.goes_fast():
                    results = yield from self._batch_fast(queries, chosen)
                else:
                    results = yield from self._batch_by_cursors(queries, chosen)
                break
            except CodezestError as error:
                if not self._is_idle() or not self.may_prepare_again(error.__cause__, chosen[0][0], attempt):
                    raise
            attempt += 1
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
            bounds: list[prepared.Bound] = []
            secured: list[tuple[Proven, list[bytes | None]]] = []
            for plan, arguments in chosen:
                name = plan.name
                bound, values = yield from self.prepared(plan, arguments)
                bounds.append(bound)
                secured.append((bound.proven, values))
            if not bounds:
                return []
            begun = yield from self.secure(secured, held=True)
            try:
                results = yield from prepared.pipeline(
                    connection,
                    [partial(bound.send, values) for bound, (_, values) in zip(bounds, secured, strict=True)],
                )
                for query, bound, parts in zip(queries, bounds, results, strict=True):
                    name = query.statement.name
                    self._raise(parts[-1], bound.proven.plan)
            except BaseException as error:
                yield from self.release(error, begun=begun, held=True)
                raise
            yield from self.release(None, begun=begun, held=True)
            made: list[Any] = []
            for query, bound, parts in zip(queries, bounds, results, strict=True):
                rows = [row for part in parts for row in bound.read(part)] if query.kind in _ROWS else []
                made.append((query, bound.proven, rows, parts[-1]))
            return [self.given(*each) for each in made]
        except psycopg.Error as error:
            self.fail(error, name, b"\n".join(plan.text for plan, _ in chosen))
        finally:
            connection.lock.release()

    def _raise(self, result: Any, plan: Plan) -> None:
        """Raise psycopg's error for a result that is one."""
        error = cursors.raised(result, self.connection)
        if error:
            if error.sqlstate in STALE:
                self.forget(plan)
            raise error

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
            opened = [cursors.cursor_of(connection) for _ in chosen]
            if self.chunked:
                # libpq would still give chunks to the first query of a pipeline, which psycopg does not expect.
                self.chunked = False
                yield from self.command("")
            secured = list(zip(proofs, encoded, strict=True))
            begun = yield from self.secure(secured)
            manager = connection.pipeline()
            yield enter(manager)
            failed: BaseException | None = None
            made: list[Any] = []
            try:
                for cursor, proven, values in zip(opened, proofs, encoded, strict=True):
                    yield cursors.start(cursor, proven, values)
                for query, cursor, proven in zip(queries, opened, proofs, strict=True):
                    name = query.statement.name
                    result = yield from cursors.finished(connection, cursor)
                    rows = (
                        cursors.read_rows(connection, self.shared.catalog, proven, result)
                        if query.kind in _ROWS
                        else []
                    )
                    made.append((query, proven, rows, result))
            except BaseException as error:
                failed = error
                name = queries[cursors.first_without_result(opened)].statement.name
                raise
            finally:
                yield leave(manager, failed)
                yield from self.release(failed, begun=begun)
            return [self.given(*each) for each in made]
        except psycopg.Error as error:
            self.fail(error, name, b"\n".join(plan.text for plan, _ in chosen))

    def run_between(self, query: Query[Any], before: Sequence[bytes], after: Sequence[bytes]) -> Steps[Any]:
        """Run a query between commands such as BEGIN and COMMIT, in one round trip; the caller rolls back."""
        chosen = choose(query)
        name = query.statement.name
        self.check_free(name)
        connection = self.connection
        yield connection.lock.acquire()
        try:
            (bound, values) = yield from self.prepared(*chosen)
            if self.pooled:
                before = [*before, *[text.encode() for text in LOCALLY.split("; ")]]
            else:
                yield from self.secure([(bound.proven, values)], held=True)
            plain = connection.pgconn.send_query_params
            commands = [
                *[partial(plain, text, []) for text in before],
                partial(bound.send, values),
                *[partial(plain, text, []) for text in after],
            ]
            results = yield from prepared.pipeline(connection, commands)
            for parts in results:
                self._raise(parts[-1], chosen[0])
            parts = results[len(before)]
            rows = [row for part in parts for row in bound.read(part)] if query.kind in _ROWS else []
            return self.given(query, bound.proven, rows, parts[-1])
        except psycopg.Error as error:
            self.fail(error, name, chosen[0].text)
        finally:
            connection.lock.release()

    def prepared(self, plan: Plan, arguments: tuple[Any, ...]) -> Steps[tuple[prepared.Bound, list[bytes | None]]]:
        """Return a plan's statement, ready to be sent, and its encoded arguments; the lock is held."""
        bound = self.bound.get(plan) or (yield from self.bind(plan))
        values = bound.proven.encode(arguments)
        if not self.pinned:
            bound.require()
        return bound, values

    # --- transactions ------------------------------------------------------------------------------------

    def end_transaction(self) -> Steps[None]:
        """Roll back what an interrupted command left open."""
        if self.connection.pgconn.transaction_status in _OPEN:
            try:
                yield from self._ask(b"ROLLBACK")
            except psycopg.Error:
                return  # the connection is gone, and the transaction with it

    def command(self, text: str) -> Steps[None]:
        """Run a command of ours without arguments, such as BEGIN."""
        self.check_free(text.split(maxsplit=1)[0] if text else "a query")
        yield from self._ask(text.encode())

    def given(self, query: Query[Any], proven: Proven, rows: list[Any], result: Any) -> Any:
        """Return what a query gives, and take in what it did to the session."""
        if proven.sets:
            self.pinned = False
        if query.kind not in _ROWS:
            tag = result.command_status
            if tag in CHANGES_SETTINGS:
                self.pinned = self.local = False
            if tag in DROPS_STATEMENTS:
                self.bound.clear()
        return given(query, proven, rows, result)


def _described(result: Any) -> Described:
    return Described(
        tuple([result.param_type(number) for number in range(result.nparams)]),
        tuple([(result.fname(number) or b"").decode() for number in range(result.nfields)]),
        tuple([result.ftype(number) for number in range(result.nfields)]),
    )


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
