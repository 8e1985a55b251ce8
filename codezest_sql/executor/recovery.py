"""The outcome of a statement outside a transaction whose end was not recorded, read from the catalog.

Before such a statement begins, the OIDs of what it is about are noted; afterwards they are looked for again. So a
statement that was refused, or that never began, is never taken for one that took effect. The rules:

- CREATE INDEX CONCURRENTLY: a new valid index means done; a new INVALID one is dropped, and it runs again.
- REINDEX CONCURRENTLY: what it left is dropped, and it runs again.
- DROP INDEX CONCURRENTLY: done when the index that was there is gone.
- DETACH PARTITION CONCURRENTLY: done when what was attached no longer is; finished by FINALIZE when it is pending.
- CREATE and DROP of databases, tablespaces, subscriptions: done when what was not there is, or the other way round.
- VACUUM, ALTER SYSTEM and others that may run twice: they run again.
- Anything else, such as a CALL that commits: only a person can decide.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

from codezest_sql.core.migrations.interrupted import is_repeatable, shared_object
from codezest_sql.core.sql.concurrent_statements import (
    CreateIndex,
    DetachPartition,
    DropIndex,
    Reindex,
    concurrent_statement,
)
from codezest_sql.core.sql.identifiers import split_name, stored_name
from codezest_sql.executor import indexes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.migrations.history import JournalEntry
    from codezest_sql.core.migrations.interrupted import SharedObject
    from codezest_sql.executor.indexes import IndexState
    from codezest_sql.postgres.connection import Connection

_FIND_OBJECT: Mapping[str, LiteralString] = {
    "DATABASE": "SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = %s",
    "TABLESPACE": "SELECT t.oid FROM pg_catalog.pg_tablespace AS t WHERE t.spcname = %s",
    "SUBSCRIPTION": "SELECT s.oid FROM pg_catalog.pg_subscription AS s WHERE s.subname = %s AND s.subdbid = "
    "(SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())",
}


class Outcome(Enum):
    """The outcome of a statement that began, according to the catalog."""

    DONE = auto()
    """It took effect."""
    NOT_DONE = auto()
    """It did not, what it left is removed, and it may run now."""
    UNKNOWN = auto()
    """The catalog does not show the outcome."""


def note_before(connection: Connection, statement: str) -> tuple[int, ...] | None:
    """Return what to record in the journal as ``known_oids`` before the statement begins."""
    kind = concurrent_statement(statement)
    match kind:
        case CreateIndex():
            return tuple(index.oid for index in indexes.indexes_around(connection, kind.table))
        case Reindex():
            # Only what is a remnant already: the indexes that are to be rebuilt may become remnants themselves.
            return tuple(index.oid for index in _remnants(connection, kind))
        case DropIndex():
            oid = indexes.oid_of(connection, kind.name)
            return () if oid is None else (oid,)
        case DetachPartition():
            attached, _ = indexes.is_attached(connection, kind.parent, kind.child)
            oid = indexes.oid_of(connection, kind.child) if attached else None
            return () if oid is None else (oid,)
        case None:
            found = shared_object(statement)
            return None if found is None else _oids_of(connection, found)


def settle(connection: Connection, earlier: JournalEntry, statement: str) -> Outcome:
    """Return the outcome of the statement that ``earlier`` recorded as begun, after removing what it left behind.

    ``statement`` is the text that is to run now. Where it is another one, only the removing is done.
    """
    known = earlier.known_oids or ()
    kind = concurrent_statement(earlier.statement)
    match kind:
        case CreateIndex():
            drop_leftovers(connection, earlier)
            done = _is_built(connection, kind, known)
        case Reindex():
            drop_leftovers(connection, earlier)
            done = False
        case DropIndex():
            done = bool(known) and not indexes.any_exists(connection, known)
        case DetachPartition():
            done = bool(known) and _is_detached(connection, kind)
        case None:
            found = shared_object(earlier.statement)
            if found is None:
                return Outcome.NOT_DONE if is_repeatable(earlier.statement) else Outcome.UNKNOWN
            there = bool(_oids_of(connection, found))
            done = there and not known if found.creates else bool(known) and not there
    return Outcome.DONE if done and earlier.statement == statement else Outcome.NOT_DONE


def blocks_nobody(connection: Connection, statement: str) -> bool:
    """Whether the statement, and the removing of what it leaves, stalls no other session while it waits for locks.

    Work on indexes CONCURRENTLY does not: SHARE UPDATE EXCLUSIVE lets readers and writers pass. But REINDEX of a
    partitioned table first takes SHARE on each partition (``ReindexPartitions`` in indexcmds.c), and DETACH
    PARTITION ends with ACCESS EXCLUSIVE on the partition (documentation, ALTER TABLE).
    """
    kind = concurrent_statement(statement)
    if isinstance(kind, Reindex) and kind.name is not None and kind.target in {"INDEX", "TABLE"}:
        return not indexes.is_partitioned(connection, kind.name)
    return isinstance(kind, (CreateIndex, DropIndex, Reindex))


def leftovers(connection: Connection, entry: JournalEntry) -> tuple[IndexState, ...]:
    """Return the INVALID indexes that the statement left, or that bear the name of the one it is to create.

    Some other tool's attempt may have left one of that name. IF NOT EXISTS would take it for the index wanted.
    """
    known = entry.known_oids or ()
    kind = concurrent_statement(entry.statement)
    match kind:
        case CreateIndex():
            wanted = None if kind.name is None else stored_name(kind.name)
            found = indexes.indexes_around(connection, kind.table)
            return tuple(i for i in found if not i.valid and (i.oid not in known or i.name == wanted))
        case Reindex():
            return tuple(index for index in _remnants(connection, kind) if index.oid not in known)
        case _:
            return ()


def drop_leftovers(connection: Connection, entry: JournalEntry) -> None:
    """Drop what ``leftovers`` returns, except an index that another session is building."""
    if entry.known_oids is not None:
        indexes.drop_invalid(connection, leftovers(connection, entry))


def _remnants(connection: Connection, kind: Reindex) -> tuple[IndexState, ...]:
    """Return the INVALID indexes with a name that REINDEX CONCURRENTLY makes, where the statement works."""
    if kind.target in {"INDEX", "TABLE"} and kind.name is not None:
        found = indexes.indexes_around(connection, kind.name)
    else:
        found = indexes.all_indexes(connection)
    return tuple(index for index in found if index.of_reindex and not index.valid)


def _is_built(connection: Connection, kind: CreateIndex, known: tuple[int, ...]) -> bool:
    new = [i for i in indexes.indexes_around(connection, kind.table) if i.valid and i.oid not in known]
    if kind.name is None:
        return len(new) == 1
    return any(index.name == stored_name(kind.name) for index in new)


def _is_detached(connection: Connection, kind: DetachPartition) -> bool:
    attached, pending = indexes.is_attached(connection, kind.parent, kind.child)
    if attached and pending:
        # Names as the file wrote them, already split by our lexer into quoted parts: never a caller's text.
        connection.execute(
            sql.SQL("ALTER TABLE {} DETACH PARTITION {} FINALIZE").format(
                _identifier(kind.parent), _identifier(kind.child)
            )
        )
        return True
    return not attached


def _oids_of(connection: Connection, found: SharedObject) -> tuple[int, ...]:
    return tuple(int(str(row[0])) for row in connection.execute(_FIND_OBJECT[found.kind], [found.name]).fetchall())


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*(stored_name(part) for part in split_name(name)))
