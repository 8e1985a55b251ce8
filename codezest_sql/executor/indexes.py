"""The state in the catalog of objects that are changed CONCURRENTLY, and the one clean-up.

A CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY that fails leaves an INVALID index behind, which costs every
write and serves no read (documentation, CREATE INDEX, "Building Indexes Concurrently").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql
from psycopg.rows import args_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.postgres.connection import Connection

# What REINDEX CONCURRENTLY calls the index that it builds, and after the swap the old one (ChooseRelationName in
# ReindexRelationConcurrently, src/backend/commands/indexcmds.c); a number follows where the name is taken.
_REBUILT = re.compile(r"_cc(new|old)[0-9]*$")


@dataclass(frozen=True, slots=True)
class IndexState:
    """One index: its OID, its schema and name, whether it is valid, whether someone is building it now."""

    oid: int
    schema: str
    name: str
    valid: bool
    building: bool

    @property
    def of_reindex(self) -> bool:
        """Whether it bears a name as REINDEX CONCURRENTLY makes for the time of its work."""
        return _REBUILT.search(self.name) is not None


_COLUMNS = """
    SELECT i.indexrelid, n.nspname, c.relname, i.indisvalid AND i.indisready AND i.indislive,
        EXISTS (
            SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid
        )
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
"""
# A table, all partitions below it, and the TOAST tables of them all: REINDEX TABLE works on the indexes of each.
_TREE = """
    WITH named AS (
        SELECT CASE c.relkind WHEN 'i' THEN i.indrelid WHEN 'I' THEN i.indrelid ELSE c.oid END AS oid
        FROM pg_catalog.pg_class AS c
        LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
        WHERE c.oid = pg_catalog.to_regclass(%s)
    ),
    tree AS (
        SELECT named.oid FROM named
        UNION
        SELECT t.relid FROM named, pg_catalog.pg_partition_tree(named.oid) AS t
    ),
    wanted AS (
        SELECT tree.oid FROM tree
        UNION
        SELECT c.reltoastrelid FROM tree JOIN pg_catalog.pg_class AS c ON c.oid = tree.oid
    )
"""
_OF_RELATION = _TREE + _COLUMNS + "JOIN wanted ON wanted.oid = i.indrelid"


def indexes_around(connection: Connection, relation: str) -> tuple[IndexState, ...]:
    """Return the indexes of a table, its partitions and their TOAST tables; () where there is no such table.

    ``relation`` is the table, or an index of it, written as in SQL and found by the session's search_path.
    """
    return _states(connection, _OF_RELATION, [relation])


def all_indexes(connection: Connection) -> tuple[IndexState, ...]:
    """Return all indexes of the database."""
    return _states(connection, _COLUMNS, [])


def drop_invalid(connection: Connection, found: Iterable[IndexState]) -> None:
    """Drop the INVALID indexes among ``found`` that no session is building."""
    for index in found:
        if not index.valid and not index.building:
            connection.execute(
                sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(index.schema, index.name))
            )


def oid_of(connection: Connection, relation: str) -> int | None:
    """Return the OID of a table or index, written as in SQL and found by the session's search_path."""
    row = connection.execute("SELECT pg_catalog.to_regclass(%s)::oid", [relation]).fetchone()
    return None if row is None or row[0] is None else int(str(row[0]))


def is_partitioned(connection: Connection, relation: str) -> bool:
    """Whether a table or index, written as in SQL, is a partitioned one."""
    row = connection.execute(
        "SELECT c.relkind IN ('p', 'I') FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.to_regclass(%s)",
        [relation],
    ).fetchone()
    return bool(row and row[0])


def any_exists(connection: Connection, oids: Iterable[int]) -> bool:
    """Whether one of the relations with these OIDs is there."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = ANY (%s::oid []))", [list(oids)]
    ).fetchone()
    return bool(row and row[0])


def is_attached(connection: Connection, parent: str, child: str) -> tuple[bool, bool]:
    """Return whether ``child`` is a partition of ``parent``, and whether its detaching was left half done."""
    row = connection.execute(
        "SELECT h.inhdetachpending FROM pg_catalog.pg_inherits AS h "
        "WHERE h.inhparent = pg_catalog.to_regclass(%s) AND h.inhrelid = pg_catalog.to_regclass(%s)",
        [parent, child],
    ).fetchone()
    return (False, False) if row is None else (True, bool(row[0]))


def _states(connection: Connection, query: LiteralString, parameters: list[str]) -> tuple[IndexState, ...]:
    with connection.cursor(row_factory=args_row(IndexState)) as cursor:
        return tuple(cursor.execute(query, parameters).fetchall())
