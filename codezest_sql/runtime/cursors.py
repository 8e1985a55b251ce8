"""The way through psycopg's public cursors: for any connection, whatever made it and whoever owns it.

Slower than ``fast_way``, with the same results: arguments are encoded and values are read by the same functions.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor, RawCursor, errors
from psycopg.adapt import Dumper, Transformer
from psycopg.pq import ExecStatus, Format, PipelineStatus

from codezest_sql.errors import SchemaMismatchError
from codezest_sql.runtime.failures import MISMATCH_HINT, unreadable
from codezest_sql.runtime.settings import check_encoding, check_reported, check_strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codezest_sql.runtime.pg_types import Catalog, Type
    from codezest_sql.runtime.sync_async import Steps
    from codezest_sql.runtime.type_check import Proven


class Encoded:
    """An argument as the server reads it."""

    __slots__ = ("data", "format", "oid")

    def __init__(self, data: bytes | None, oid: int, form: Format) -> None:
        self.data = data
        self.oid = oid
        self.format = form


class EncodedDumper(Dumper):
    """Gives psycopg the type of each ``Encoded``, and its bytes as they are."""

    def get_key(self, obj: Any, format: Any) -> Any:  # noqa: A002  # psycopg's name
        """Return what distinguishes one kind of argument from another."""
        del format
        return (Encoded, obj.oid, obj.format)

    def upgrade(self, obj: Any, format: Any) -> Any:  # noqa: A002
        """Return the dumper of an argument's type and format."""
        del format
        made = EncodedDumper(Encoded)
        made.oid = obj.oid
        made.format = obj.format
        return made

    def dump(self, obj: Any) -> bytes | None:
        """Return the bytes."""
        data: bytes | None = obj.data
        return data


def cursor_of(connection: Any) -> Any:
    """Return a cursor that takes ``$1`` and ``Encoded`` arguments."""
    kind: Any = AsyncRawCursor if isinstance(connection, AsyncConnection) else RawCursor
    cursor = kind(connection)
    cursor.adapters.register_dumper(Encoded, EncodedDumper)
    return cursor


def wrapped(proven: Proven, values: Sequence[bytes | None]) -> list[Encoded]:
    """Return encoded arguments with their types."""
    return [
        Encoded(value, oid, form)
        for value, oid, form in zip(values, proven.described.parameters, proven.formats, strict=True)
    ]


def execute(connection: Any, proven: Proven, values: Sequence[bytes | None]) -> Steps[Any]:
    """Run a statement and return libpq's result."""
    cursor = cursor_of(connection)
    try:
        yield start(cursor, proven, values)
        result = yield from finished(connection, cursor)
    finally:
        yield cursor.close()
    return result


def start(cursor: Any, proven: Proven, values: Sequence[bytes | None]) -> Any:
    """Run a statement, or in a pipeline only send it."""
    pgconn = cursor.connection.pgconn
    check_encoding(pgconn)
    check_reported(pgconn, proven.needs.reported)
    check_strings(pgconn, proven.plan.text)
    binary = proven.result_format is Format.BINARY
    return cursor.execute(proven.plan.text.decode(), wrapped(proven, values), binary=binary)


def finished(connection: Any, cursor: Any) -> Steps[Any]:
    """Return libpq's result of a cursor; in an open pipeline wait for it."""
    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
        # Only the methods that fetch make psycopg wait for the result of a cursor.
        try:
            yield cursor.fetchmany(1)
        except (psycopg.ProgrammingError, psycopg.DataError, psycopg.InterfaceError) as error:
            # Without rows there is nothing to fetch; the result may be of another cursor of the pipeline.
            if error.sqlstate or cursor.pgresult is None or cursor.pgresult.status == ExecStatus.FATAL_ERROR:
                raise
    return cursor.pgresult


def texts_of(result: Any) -> list[tuple[str | None, ...]]:
    """Return the rows of a result as texts."""
    value = result.get_value
    return [
        tuple([None if (data := value(row, column)) is None else data.decode() for column in range(result.nfields)])
        for row in range(result.ntuples)
    ]


def first_without_result(cursors: Sequence[Any]) -> int:
    """Return the number of the cursor in a pipeline whose statement failed.

    psycopg reads all results that have arrived and raises the error of any of them, whichever cursor it is asked for.
    """
    for number, cursor in enumerate(cursors):
        if cursor.pgresult is None or cursor.pgresult.status == ExecStatus.FATAL_ERROR:
            return number
    return len(cursors) - 1


def read_rows(connection: Any, catalog: Catalog, proven: Proven, result: Any) -> list[Any]:
    """Return the rows of a result, after a look at the types that came with it."""
    check_types(proven, result)
    check_reported(connection.pgconn, proven.needs.reported)
    transformer = Transformer(catalog.context(connection))
    loads = [transformer.get_loader(oid, proven.result_format).load for oid in proven.described.columns]
    make, value = proven.make_row, result.get_value
    rows: list[Any] = []
    try:
        for row in range(result.ntuples):
            values = [
                None if (data := value(row, column)) is None else load(data) for column, load in enumerate(loads)
            ]
            rows.append(make(values))
    except (ValueError, OverflowError) as error:
        raise unreadable(proven.plan.name, error) from error
    return rows


def has_types(proven: Proven, result: Any) -> bool:
    """Whether a result has the types, and the format, that a proof is for."""
    columns = range(result.nfields)
    return tuple([result.ftype(column) for column in columns]) == proven.described.columns and all(
        result.fformat(column) == proven.result_format for column in columns
    )


def check_types(proven: Proven, result: Any) -> None:
    """Raise ``SchemaMismatchError`` where a result has other types than were verified."""
    if not has_types(proven, result):
        raise SchemaMismatchError(
            f"{proven.plan.name}: the types of the result changed", query=proven.plan.name, hint=MISMATCH_HINT
        )


def stream(connection: Any, catalog: Catalog, proven: Proven, values: Sequence[bytes | None], size: int) -> Any:
    """Return psycopg's stream of rows, sync or async as the connection is."""
    cursor = cursor_of(connection)
    for kind in proven.column_types:
        for oid in _needed(kind):
            for form in (Format.TEXT, Format.BINARY):
                loader = catalog.adapters.get_loader(oid, form)
                if loader:
                    cursor.adapters.register_loader(oid, loader)
    cursor.row_factory = partial(_row_maker, proven)
    check_encoding(connection.pgconn)
    check_reported(connection.pgconn, proven.needs.reported)
    check_strings(connection.pgconn, proven.plan.text)
    chunked = psycopg.pq.version() >= 170000 and psycopg.pq.__build_version__ >= 170000  # noqa: PLR2004
    binary = proven.result_format is Format.BINARY
    more = {"size": size} if chunked else {}
    return cursor.stream(proven.plan.text.decode(), wrapped(proven, values), binary=binary, **more)


def _row_maker(proven: Proven, cursor: Any) -> Any:
    if cursor.pgresult is not None and cursor.pgresult.nfields:
        check_types(proven, cursor.pgresult)
    return proven.make_row


def _needed(kind: Type) -> Iterator[int]:
    yield kind.oid
    for each in (kind.element, kind.base, *[one for _, one in kind.attributes]):
        if each:
            yield from _needed(each)


def raised(result: Any, connection: Any) -> psycopg.Error | None:
    """Return psycopg's error for a result that is one."""
    if result.status == ExecStatus.FATAL_ERROR:
        return errors.error_from_result(result, encoding=connection.info.encoding)
    return None
