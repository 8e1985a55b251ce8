"""Reads everything a database's schemas hold into a ``Schema``, and changes nothing.

The queries are the files of ``catalog/``, one per shape of object; ``catalog/scope.sql`` is in front of each.
They need no rights beyond CONNECT: the catalogs they read are open to every role. Not read: data (a sequence's
value, a large object), the settings and rights of the database itself, roles and tablespaces. Secrets are hidden, and
what only a superuser may read is marked as not visible.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from codezest_sql.core.schema.canonical_text import without_lone_qualifier, without_new_quotes, without_rule_alias
from codezest_sql.core.schema.objects import CatalogObject, Ignored, ObjectKey, ObjectKind, Schema
from codezest_sql.errors import CatalogUnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

NOTHING_IGNORED = Ignored()

_IDENTITY = ("kind", "name", "parent kind", "parent", "position")

# The transaction sees one state of the catalogs, but the server's printing functions see the newest: while tables
# are dropped concurrently, they stop at what is gone with an internal error (XX000, "cache lookup failed"). Reading
# again sees the state after it. More attempts would only wait for whoever drops tables all the time.
_ATTEMPTS = 5

# Written by a person and printed as they wrote it; every other text is the server's.
_VERBATIM = frozenset({
    "comment", "index comment", "not null comment", "body", "labels", "options", "foreign options",
})  # fmt: skip

# What the server's printing of expressions depends on, as pg_dump sets it (src/bin/pg_dump/pg_dump.c,
# setup_connection): the same schema reads the same whatever the session, role or database has set. The last two
# cost more than they bring for short queries over many catalogs.
_SETTINGS = """
    SELECT set_config(s.name, s.value, true)
    FROM (
        VALUES
        ('search_path', ''),
        -- The server refuses to send bytes of an SQL_ASCII database as UTF-8 that are none.
        (
            'client_encoding',
            CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END
        ),
        ('quote_all_identifiers', 'off'),
        ('DateStyle', 'ISO, YMD'),
        ('IntervalStyle', 'postgres'),
        ('TimeZone', 'UTC'),
        ('extra_float_digits', '1'),
        ('bytea_output', 'hex'),
        ('lc_monetary', 'C'),
        ('xmloption', 'content'),
        ('jit', 'off'),
        ('max_parallel_workers_per_gather', '0')
    ) AS s (name, value)
"""


def read_schema(
    connection: psycopg.Connection[Any],
    *,
    ignore: Ignored = NOTHING_IGNORED,
    partitions: bool = True,
    owners: bool = True,
    migrator: str | None = None,
) -> Schema:
    """Return all that the connected database's schemas hold, except system schemas and members of extensions.

    ``partitions=False`` leaves out every partition of a partitioned table with its columns, indexes, constraints,
    triggers and grants. ``owners=False`` leaves out who owns what, and that default privileges are for objects of the
    role ``migrator`` (by default the current one).

    Reads in one read-only REPEATABLE READ transaction of its own. A connection that is within a transaction is
    read as that transaction sees the database. Either way nothing stays set. Takes ACCESS SHARE on what the views
    are over, for as long as it reads.

    Raises ``CatalogUnreadableError`` when the server refuses.
    """
    return _attempted(connection, partial(_read, connection, _parameters(ignore, partitions, owners, migrator)))


class SchemaReader:
    """Reads the schema of one connection again and again: the server plans the queries once, at the first reading.

    Planning is three quarters of the time of a reading. The session must have no prepared statements of its own.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        ignore: Ignored = NOTHING_IGNORED,
        partitions: bool = True,
        owners: bool = True,
    ) -> None:
        self._connection = connection
        self._parameters = _parameters(ignore, partitions, owners, None)
        self._execute = b""

    def read(self) -> Schema:
        """Return what ``read_schema`` returns, and raise what it raises."""
        return _attempted(self._connection, self._read)

    def _read(self) -> Iterator[CatalogObject]:
        with psycopg.ClientCursor(self._connection, row_factory=tuple_row) as cursor:
            cursor.execute(_SETTINGS)
            if not self._execute:
                queries = _each_query()
                prepared = b";\n".join(
                    b"PREPARE codezest_catalog_%d AS %s" % (number, query) for number, query in enumerate(queries)
                )
                # What an attempt that broke off has prepared stays otherwise.
                cursor.execute(b"DEALLOCATE ALL;\n" + prepared, self._parameters)
                self._execute = b";".join(b"EXECUTE codezest_catalog_%d" % number for number in range(len(queries)))
            cursor.execute(self._execute)
            for result in cursor.results():
                yield from _objects(result)


def _parameters(
    ignore: Ignored,
    partitions: bool,  # noqa: FBT001
    owners: bool,  # noqa: FBT001
    migrator: str | None,
) -> dict[str, object]:
    return {
        "schemas": sorted(ignore.schemas),
        "tables": sorted(ignore.tables),
        "partitions": partitions,
        "owners": owners,
        "migrator": migrator,
    }


def _attempted(connection: psycopg.Connection[Any], read: Callable[[], Iterator[CatalogObject]]) -> Schema:
    attempts = _ATTEMPTS if connection.info.transaction_status is TransactionStatus.IDLE else 1
    while True:
        attempts -= 1
        try:
            with _snapshot(connection):
                return Schema.of(read())
        except psycopg.Error as error:
            if isinstance(error, psycopg.errors.InternalError_) and attempts:
                continue
            raise CatalogUnreadableError(
                f"cannot read the catalog: {error}",
                hint="if a migration was running meanwhile, try again after it",
            ) from error


@contextmanager
def _snapshot(connection: psycopg.Connection[Any]) -> Generator[None]:
    """Open a transaction, or a savepoint within the caller's, that is rolled back and takes its settings with it."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        with connection.transaction(force_rollback=True):
            yield
        return
    found = connection.isolation_level, connection.read_only, connection.deferrable
    connection.isolation_level, connection.read_only, connection.deferrable = (
        IsolationLevel.REPEATABLE_READ,
        True,
        False,
    )
    try:
        with connection.transaction(force_rollback=True):
            yield
    finally:
        if not connection.closed:
            connection.isolation_level, connection.read_only, connection.deferrable = found


def _read(connection: psycopg.Connection[Any], parameters: Mapping[str, object]) -> Iterator[CatalogObject]:
    # Every query in one message, so in one round trip: for that psycopg itself puts the parameters in as literals.
    with psycopg.ClientCursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(_queries(), parameters)
        for result in cursor.results():
            yield from _objects(result)


def queries_sha256() -> str:
    """Return the SHA-256 of the queries: what other queries read may differ."""
    return hashlib.sha256(_queries()).hexdigest()


@cache
def _queries() -> bytes:
    return b";\n".join(_each_query())


def _each_query() -> list[bytes]:
    folder = files("codezest_sql.postgres").joinpath("catalog")
    texts = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.endswith(".sql")}
    scope = texts.pop("scope.sql")
    return [scope + texts[name] for name in sorted(texts)]


def _objects(result: psycopg.Cursor[tuple[object, ...]]) -> Iterator[CatalogObject]:
    columns = [column.name for column in result.description or ()]
    identity = {name: columns.index(name) for name in _IDENTITY if name in columns}
    facts = [(index, name) for index, name in enumerate(columns) if name not in identity]
    for row in result:
        kind, name, parent_kind, parent = (row[identity[column]] for column in _IDENTITY[:4])
        position = row[identity["position"]] if "position" in identity else 0
        yield CatalogObject(
            _key(kind, name),
            _key(parent_kind, parent) if parent is not None else None,
            cast("int", position),
            _properties(row, facts),
        )


def _key(kind: object, name: object) -> ObjectKey:
    return ObjectKey(ObjectKind(str(kind)), without_new_quotes(str(name)))


def _properties(row: Sequence[object], facts: list[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _same_on_every_version(name, str(row[index]))) for index, name in facts if row[index] is not None
    )


def _same_on_every_version(name: str, value: str) -> str:
    if name in _VERBATIM:
        return value
    if name == "query":
        value = without_lone_qualifier(without_rule_alias(value))
    return without_new_quotes(value)
