"""What the catalogue says of indexes that were built CONCURRENTLY: the questions, and the one clean-up.

A CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY that fails leaves an INVALID index behind, which costs every
write and serves no read (documentation, CREATE INDEX, "Building Indexes Concurrently").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql
from psycopg.rows import args_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from codezest_sql.postgres.connection import Connection


@dataclass(frozen=True, slots=True)
class IndexState:
    """One index: its OID, its schema and name, whether it is valid, whether someone is building it now."""

    oid: int
    schema: str
    name: str
    valid: bool
    building: bool


_COLUMNS = """
    SELECT i.indexrelid, n.nspname, c.relname, i.indisvalid AND i.indisready AND i.indislive,
        EXISTS (
            SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid
        )
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
"""


_OF_TABLE = _COLUMNS + " WHERE i.indrelid = pg_catalog.to_regclass(%s)"
_OF_INDEX = (
    _COLUMNS  # noqa: S608  # put together from literals of this module only
    + " WHERE i.indrelid = (SELECT o.indrelid FROM pg_catalog.pg_index AS o"
    + " WHERE o.indexrelid = pg_catalog.to_regclass(%s))"
)
_REBUILT = _COLUMNS + " WHERE c.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname <> %s"


def indexes_of_table(connection: Connection, table: str) -> tuple[IndexState, ...]:
    """Return the indexes of ``table``, written as in SQL and found by the session's search_path; () for no table."""
    return _states(connection, _OF_TABLE, table)


def indexes_of_index(connection: Connection, index: str) -> tuple[IndexState, ...]:
    """Return all indexes of the table that ``index`` belongs to."""
    return _states(connection, _OF_INDEX, index)


def rebuilt_indexes(connection: Connection) -> tuple[IndexState, ...]:
    """Return what a failed REINDEX CONCURRENTLY leaves in the whole database (…_ccnew, …_ccold and numbered)."""
    return _states(connection, _REBUILT, "pg_catalog")


def exists(connection: Connection, index: str) -> bool:
    """Whether the session's search_path finds a relation of this name, written as in SQL."""
    row = connection.execute("SELECT pg_catalog.to_regclass(%s) IS NOT NULL", [index]).fetchone()
    return bool(row and row[0])


def drop_invalid(connection: Connection, found: Collection[IndexState], *, known: Collection[int]) -> None:
    """Drop the INVALID indexes among ``found`` whose OIDs are not ``known`` and that nobody is building."""
    for index in found:
        if index.valid or index.building or index.oid in known:
            continue
        connection.execute(
            sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(index.schema, index.name))
        )


def is_attached(connection: Connection, parent: str, child: str) -> tuple[bool, bool]:
    """Return whether ``child`` is a partition of ``parent``, and whether its detaching was left half done."""
    row = connection.execute(
        "SELECT h.inhdetachpending FROM pg_catalog.pg_inherits AS h "
        "WHERE h.inhparent = pg_catalog.to_regclass(%s) AND h.inhrelid = pg_catalog.to_regclass(%s)",
        [parent, child],
    ).fetchone()
    return (False, False) if row is None else (True, bool(row[0]))


def _states(connection: Connection, query: LiteralString, parameter: str) -> tuple[IndexState, ...]:
    with connection.cursor(row_factory=args_row(IndexState)) as cursor:
        return tuple(cursor.execute(query, [parameter]).fetchall())
