"""Asks a server what a statement is, without running it: types by Describe, NULLs by the tree it prints at Parse.

``debug_print_rewritten`` makes the server send the tree, with all names resolved and all views expanded, as a notice.
It would also write it into its log; silencing that takes a superuser, which a temporary server gives.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import errors as pg
from psycopg import pq, sql

from codezest_sql.core.describe.description import Analysis, Described, Refusal, ResultColumn, StatementParameter
from codezest_sql.core.describe.value_shape import JsonArray, tells_more
from codezest_sql.core.nullability import Nullability, analyse_tree
from codezest_sql.core.nullability.dimensions import ONE
from codezest_sql.core.sql.statement_kind import gives_one_row
from codezest_sql.core.sql.statements import Statement
from codezest_sql.errors import ConnectionLostError
from codezest_sql.postgres.describe.analysis_facts import DatabaseFacts, read_database_facts

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from typing import Self

    from codezest_sql.core.describe.types import TypeFacts

# Statements that are sent before an answer is read.
_AT_ONCE = 32
_TREE = "rewritten parse tree:"
_SETTINGS = """
SET client_encoding = 'UTF8';
SET client_min_messages = log;
SET debug_pretty_print = off;
SET debug_print_rewritten = on
"""
_CHANGED = (
    *("debug_print_rewritten", "debug_pretty_print", "client_min_messages", "log_min_messages"),
    "client_encoding",
)


class Asked(NamedTuple):
    """A statement to analyse; ``nullable`` are numbers of parameters that may be NULL whatever it does with them.

    ``named`` asks what each parameter is used as.
    """

    text: str
    nullable: frozenset[int] = frozenset()
    named: bool = False


class Analyst:
    """Analyses statements on a connection in autocommit mode, and changes its settings: give it one of its own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Prepare the session."""
        self._connection = connection
        self._facts: DatabaseFacts | None = None
        self._trees: list[str] = []
        # A server that is not ours logs the trees; the analysis is the same.
        with suppress(pg.InsufficientPrivilege):
            connection.execute("SET log_min_messages = panic")
        connection.execute(_SETTINGS)
        connection.add_notice_handler(self._notice)

    def close(self) -> None:
        """Leave the session as it was. The connection stays open."""
        self._connection.remove_notice_handler(self._notice)
        if not self._connection.closed:
            for name in _CHANGED:
                with suppress(pg.InsufficientPrivilege):
                    self._connection.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def facts(self) -> DatabaseFacts:
        """What is known of the database, read once."""
        if self._facts is None:
            self._facts = read_database_facts(self._connection)
        return self._facts

    @property
    def types(self) -> Mapping[int, TypeFacts]:
        """The types of the database by OID, but for the rows of system tables."""
        return self.facts.types

    def forget(self) -> None:
        """Read the facts again when they are next needed: the schema has changed."""
        self._facts = None

    def analyse(self, text: str, *, nullable: Iterable[int] = ()) -> Described:
        """Return what a statement with ``$n`` is, or why the server refuses it.

        ``nullable`` are numbers of parameters that may be NULL whatever the statement does with them.

        Raises ``ConnectionLostError`` when the session ends meanwhile.
        """
        return self.analyse_all([Asked(text, frozenset(nullable))])[0]

    def analyse_all(self, statements: Sequence[Asked]) -> list[Described]:
        """Return what ``analyse`` returns for each of many, in order.

        The next ones are sent before the last answers are looked at, so that the server works meanwhile.
        """
        facts = self.facts
        parts = [statements[start : start + _AT_ONCE] for start in range(0, len(statements), _AT_ONCE)]
        found: list[Described] = []
        with self._pipeline():
            for number, part in enumerate(parts):
                for each in parts[number if number == 0 else number + 1 : number + 2]:
                    self._send(one.text for one in each)
                answers = [self._receive() for _ in part]
                for asked, (answer, trees) in zip(part, answers, strict=True):
                    if isinstance(answer, Refusal):
                        found.append(answer)
                    else:
                        found.append(self._analysis(answer, trees, facts, asked))
        return found

    def _analysis(self, found: pq.abc.PGresult, trees: Sequence[str], facts: DatabaseFacts, asked: Asked) -> Analysis:
        proven = _prove(found, trees, facts, asked.nullable, named=asked.named)
        columns = tuple([self._column(found, index, proven) for index in range(found.nfields)])
        parameters = tuple(
            [
                StatementParameter(
                    oid,
                    self._type_name(oid),
                    index + 1 in proven.nullable_parameters,
                    index + 1 in proven.nullable_elements,
                    proven.parameter_uses.get(index + 1, ""),
                )
                for index, oid in enumerate(map(found.param_type, range(found.nparams)))
            ]
        )
        # 15 does not print the tree of a statement that is no query.
        single = proven.at_most_one_row or gives_one_row(asked.text, Statement(0, len(asked.text)))
        return Analysis(columns, parameters, single, proven.facts)

    def trees(self, texts: Sequence[str]) -> list[str | None]:
        """Return the server's tree of each statement; None where it refuses one, or a rule makes several of it.

        Raises ``ConnectionLostError``.
        """
        found: list[str | None] = []
        with self._pipeline():
            for text in texts:
                self._send([text])
                answer, trees = self._receive()
                found.append(None if isinstance(answer, Refusal) or len(trees) != 1 else trees[0])
        return found

    def not_null_where(self, text: str, given: Iterable[int]) -> tuple[bool, ...] | None:
        """Return which columns are not NULL in the rows in which none of the ``given`` ones (from 0) is.

        None where the server refuses the statement. Raises ``ConnectionLostError``.
        """
        with self._pipeline():
            self._send([text])
            found, trees = self._receive()
        if isinstance(found, Refusal):
            return None
        return _prove(found, trees, self.facts, frozenset(), frozenset(given)).not_null

    def _notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.message_primary == _TREE:
            self._trees.append(diagnostic.message_detail or "")

    @contextmanager
    def _pipeline(self) -> Generator[None]:
        """Let statements be sent before earlier ones are answered; all have to be received within."""
        server = self._connection.pgconn
        self._trees.clear()
        try:
            with self._connection.lock:
                server.enter_pipeline_mode()
                yield
                server.exit_pipeline_mode()
        except psycopg.OperationalError as error:
            raise ConnectionLostError(f"the server went away while it analysed a statement: {error}") from error

    def _send(self, texts: Iterable[str]) -> None:
        """Send Parse and Describe of each, and what ends it: a refused one does not take the next with it."""
        server = self._connection.pgconn
        for text in texts:
            server.send_prepare(b"", text.encode())
            server.send_describe_prepared(b"")
            server.pipeline_sync()

    def _receive(self) -> tuple[pq.abc.PGresult | Refusal, tuple[str, ...]]:
        """Return the answer to the next statement that was sent, and the trees that came with it.

        libpq hands on a notice once all before it has been taken: those of the next statement come after the
        synchronisation of this one.
        """
        server = self._connection.pgconn
        results: list[pq.abc.PGresult] = []
        trees: tuple[str, ...] = ()
        ends = 0
        while True:
            result = server.get_result()
            if result is None:
                ends += 1
                if ends > 2:  # noqa: PLR2004  # two messages, and nothing comes any more
                    raise psycopg.OperationalError("the server closed the connection unexpectedly")
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
            else:
                results.append(result)
                trees = tuple(self._trees)
        del self._trees[: len(trees)]
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                return _refusal(result, self._connection.info.encoding), trees
        return results[1], trees

    def _column(self, found: pq.abc.PGresult, index: int, proven: Nullability) -> ResultColumn:
        name = (found.fname(index) or b"").decode(self._connection.info.encoding)
        oid = found.ftype(index)
        origin = self.facts.columns.get((found.ftable(index), found.ftablecol(index)))
        shape = proven.shapes.get(index)
        is_array = oid in self.facts.catalog.array_types
        return ResultColumn(
            name,
            oid,
            self._type_name(oid),
            proven.not_null[index],
            origin,
            shape if shape is not None and tells_more(shape, oid, self.types) else None,
            is_array and isinstance(shape, JsonArray) and shape.elements_not_null,
            proven.dimensions.get(index, ONE),
        )

    def _type_name(self, oid: int) -> str:
        known = self.facts.types.get(oid)
        return known.name if known else "record"


def _prove(
    found: pq.abc.PGresult,
    trees: Sequence[str],
    facts: DatabaseFacts,
    nullable: frozenset[int],
    given: frozenset[int] = frozenset(),
    *,
    named: bool = False,
) -> Nullability:
    if len(trees) != 1:
        return Nullability((False,) * found.nfields, nullable)
    catalog = facts.catalog
    types = catalog.built_types
    built = [index for index in range(found.nfields) if found.ftype(index) in types]
    arrays = [index for index in built if found.ftype(index) in catalog.array_types]
    return analyse_tree(
        trees[0],
        columns=found.nfields,
        catalog=catalog,
        nullable=nullable,
        given=given,
        built=built,
        arrays=arrays,
        named=named,
    )


def _refusal(result: pq.abc.PGresult, encoding: str) -> Refusal:
    def field(code: pq.DiagnosticField) -> str | None:
        value = result.error_field(code)
        return value.decode(encoding, "replace") if value is not None else None

    position = field(pq.DiagnosticField.STATEMENT_POSITION)
    return Refusal(
        field(pq.DiagnosticField.MESSAGE_PRIMARY) or "refused without a reason",
        field(pq.DiagnosticField.SQLSTATE) or "",
        int(position) if position else None,
        field(pq.DiagnosticField.MESSAGE_DETAIL),
        field(pq.DiagnosticField.MESSAGE_HINT),
    )
