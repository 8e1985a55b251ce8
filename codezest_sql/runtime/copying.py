"""COPY of rows into a table, in constant memory, with the types of its columns verified first."""

from __future__ import annotations

import struct
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import psycopg
from pydantic import BaseModel

from codezest_sql.errors import ArgumentError, SchemaMismatchError
from codezest_sql.runtime.copy_binary import packer
from codezest_sql.runtime.description import Described
from codezest_sql.runtime.session import COPYING
from codezest_sql.runtime.sync_async import enter, leave
from codezest_sql.runtime.type_check import prove
from codezest_sql.runtime.values import Statement
from codezest_sql.runtime.variant import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.runtime.query_kinds import CopyFrom
    from codezest_sql.runtime.session import Session
    from codezest_sql.runtime.sync_async import Steps
    from codezest_sql.runtime.type_check import Proven

_BLOCK = 64 * 1024
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_END = object()
_TUPLE: Any = tuple  # as a value it narrows no type
# Types whose text never holds a character that COPY escapes.
_PLAIN = frozenset(
    {"smallint", "integer", "bigint", "oid", "real", "double precision", "numeric", "boolean", "uuid", "date",
     "timestamp with time zone", "timestamp without time zone", "inet", "cidr"}
)  # fmt: skip


def copy_rows(session: Session, query: CopyFrom) -> Steps[int]:
    """Write the rows of a ``:copyfrom`` query and return their number; all of them or none."""
    name = query.statement.name
    session.check_free(name)
    connection = session.connection
    _check_iterable(query.rows, name, is_async=isinstance(connection, psycopg.AsyncConnection))
    try:
        proven = yield from _proven(session, query.statement)
        table, columns = _target(query.statement)
        packed = _packed_of(proven)
        lines = packed or _line_of(proven)
        begun = yield from session.secure([(proven, None)])
        cursor = connection.cursor()
        try:
            form = " (FORMAT BINARY)" if packed else ""
            manager = cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN{form}")
            copy = yield enter(manager)
            failed: BaseException | None = None
            session.stream = COPYING  # the caller's rows come between, who may try to run another query here
            try:
                if packed:
                    yield copy.write(_SIGNATURE)
                yield from _write(copy, query.rows, lines)
                if packed:
                    yield copy.write(_TRAILER)
            except BaseException as error:
                failed = error
                raise
            finally:
                session.stream = None
                # With an error COPY is ended by it, so that the server writes nothing.
                if failed is None:
                    yield leave(manager)
                else:
                    yield from _abandon(manager, failed)
            copied = int(cursor.rowcount)
            yield from session.release(None, begun=begun)
            return copied
        finally:
            yield cursor.close()
    except psycopg.Error as error:
        table, columns = _target(query.statement)
        session.fail(error, name, f"{table} {' '.join(columns)}".encode())


def _check_iterable(rows: Any, name: str, *, is_async: bool) -> None:
    if hasattr(rows, "__aiter__"):
        if not is_async:
            raise ArgumentError(f"{name}: rows that come asynchronously are for AsyncDatabase", query=name)
    elif not hasattr(rows, "__iter__"):
        raise ArgumentError(f"{name} takes an iterable of rows, not {type(rows).__name__}", query=name)


def _abandon(manager: Any, failed: BaseException) -> Steps[None]:
    try:
        yield leave(manager, failed)
    except psycopg.Error:
        return  # the server's answer to our giving up; what made us do so is raised


def _write(copy: Any, rows: Any, lines: Callable[[int, Any], bytes]) -> Steps[None]:
    if hasattr(rows, "__aiter__"):
        yield from _write_async(copy, rows, lines)
        return
    block: list[bytes] = []
    size = 0
    for number, row in enumerate(rows, 1):
        line = lines(number, row)
        block.append(line)
        size += len(line)
        if size > _BLOCK:
            yield copy.write(b"".join(block))
            block.clear()
            size = 0
    if block:
        yield copy.write(b"".join(block))


def _write_async(copy: Any, rows: Any, lines: Callable[[int, Any], bytes]) -> Steps[None]:
    block = bytearray()
    number = 0
    source = aiter(rows)
    while (row := (yield anext(source, _END))) is not _END:
        number += 1
        block += lines(number, row)
        if len(block) > _BLOCK:
            yield copy.write(bytes(block))
            block.clear()
    if block:
        yield copy.write(bytes(block))


def _target(statement: Statement) -> tuple[str, tuple[str, ...]]:
    if statement.copy is None:
        raise ArgumentError(f"{statement.name} is no :copyfrom", query=statement.name)
    return statement.copy


def _proven(session: Session, statement: Statement) -> Steps[Proven]:
    """Prove the types of the table's columns, by a SELECT of them that is described and never run."""
    plan: Plan | None = statement.variants.get("copy")
    if plan is None:
        table, columns = _target(statement)
        text = f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608  # quoted when the code was generated
        described = Statement(statement.name, text, row_types=statement.row_types, copy=statement.copy)
        plan = statement.variants["copy"] = Plan(described, text.encode(), statement.parameters)
    known = session.shared.proven.get(plan)
    if known is not None:
        return known
    asked = Plan(plan.statement, plan.text, ())
    try:
        found = (yield from session.proven(asked)).described
    finally:
        session.shared.proven.pop(asked, None)
    types = Described(found.columns, (), ())
    yield from session.learn_types(plan, types)  # a domain of a column is in no description
    proven = prove(types, plan, session.shared.catalog, validate=False)
    if len(found.columns) != len(plan.parameters):
        raise SchemaMismatchError(f"{statement.name}: the columns changed", query=statement.name)
    session.shared.proven[plan] = proven
    return proven


def _packed_of(proven: Proven) -> Callable[[int, Any], bytes] | None:
    """Return what makes a row of COPY's binary format; None where a type has to go as text."""
    make = packer(proven.types, proven.plan.parameters)
    if make is None:
        return None
    checked = _line_of(proven)
    name = proven.plan.name

    def packed(number: int, row: Any) -> bytes:
        values = _values(row, name, number)
        try:
            return make(values)
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, struct.error):
            checked(number, values)  # raises the error
            raise ArgumentError(f"{name}: row {number} has a value out of range", query=name) from None

    return packed


def _line_of(proven: Proven) -> Callable[[int, Any], bytes]:
    """Return what makes a line of COPY's text format of a row. Raises ``ArgumentError`` with the row's number."""
    encode = proven.encode
    count = len(proven.types)
    hidden = [number for number, kind in enumerate(proven.types) if kind.bare.name == "bytea"]
    escaped = [number for number, kind in enumerate(proven.types) if kind.bare.name not in _PLAIN]
    name = proven.plan.name

    def line(number: int, row: Any) -> bytes:
        values = _values(row, name, number)
        if len(values) != count:
            raise ArgumentError(f"{name}: row {number} has {len(values)} values instead of {count}", query=name)
        try:
            encoded = encode(values)
        except ArgumentError as error:
            raise ArgumentError(f"{error.message}, in row {number}", query=name) from None
        for place in hidden:
            data = encoded[place]
            if data is not None:
                encoded[place] = b"\\x" + data.hex().encode()
        for place in escaped:
            data = encoded[place]
            if data is not None:
                encoded[place] = (
                    data.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
                )
        return b"\t".join([b"\\N" if data is None else data for data in encoded]) + b"\n"

    return line


def _values(row: Any, name: str, number: int) -> tuple[Any, ...]:
    if type(row) is _TUPLE:
        values: tuple[Any, ...] = row
        return values
    if isinstance(row, BaseModel):
        return _fields_of(type(row))(row)
    if isinstance(row, str | bytes) or not hasattr(row, "__iter__"):
        raise ArgumentError(f"{name}: row {number} is {type(row).__name__} instead of a tuple of values", query=name)
    return tuple(row)


@lru_cache(maxsize=256)
def _fields_of(model: type[BaseModel]) -> Callable[[BaseModel], tuple[Any, ...]]:
    fields = list(model.model_fields)
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda row: tuple([getattr(row, field) for field in fields])
