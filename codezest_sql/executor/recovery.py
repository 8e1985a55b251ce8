"""What became of a statement that runs outside a transaction and whose end nobody saw. The catalogue tells.

Each function takes a statement's text as it was journalled. Rules, for a statement that began:

- CREATE INDEX CONCURRENTLY: a new valid index means done; a new INVALID one is dropped, and it runs again.
- REINDEX CONCURRENTLY: what it left is dropped, and it runs again.
- DROP INDEX CONCURRENTLY: done when the index is gone.
- DETACH PARTITION CONCURRENTLY: done when detached; finished by FINALIZE when it is pending.
- VACUUM, ALTER SYSTEM and others that may run twice: they run again.
- CREATE and DROP of databases, tablespaces, subscriptions: run again, where "exists already" means done.
- Anything else, such as a CALL that commits: only a person can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import errors as pg
from psycopg import sql

from codezest_sql.core.concurrently import (
    CreateIndex,
    DetachPartition,
    DropIndex,
    Reindex,
    concurrent_statement,
)
from codezest_sql.core.identifiers import split_name, stored_name
from codezest_sql.core.statements import leading_words, split_statements
from codezest_sql.errors import HalfRunError
from codezest_sql.executor import indexes

if TYPE_CHECKING:
    import psycopg

    from codezest_sql.core.history import JournalEntry
    from codezest_sql.core.source import Place
    from codezest_sql.executor.indexes import IndexState
    from codezest_sql.postgres.connection import Connection

# Run a second time, these change nothing more. ALTER covers SYSTEM, DATABASE … SET TABLESPACE and SUBSCRIPTION.
_REPEATABLE = frozenset({"VACUUM", "ANALYZE", "ALTER", "REINDEX", "CLUSTER", "CHECKPOINT", "DISCARD", "SET", "RESET"})
_EXISTS_ALREADY = (pg.DuplicateDatabase, pg.DuplicateObject)
_GONE_ALREADY = (pg.InvalidCatalogName, pg.UndefinedObject)


def is_done(connection: Connection, earlier: JournalEntry, now: JournalEntry, *, place: Place) -> bool:
    """Return whether the statement that began in an earlier run took effect; else it is safe to run it now.

    What the earlier attempt left behind is dropped. Where the text was edited since, only that is done. Raises
    ``HalfRunError`` at ``place`` where neither can be told.
    """
    same = earlier.statement == now.statement
    kind = concurrent_statement(earlier.statement)
    match kind:
        case CreateIndex():
            drop_leftovers(connection, earlier)
            return same and _is_built(connection, kind, earlier.known_indexes or ())
        case Reindex():
            drop_leftovers(connection, earlier)
            return False
        case DropIndex():
            return same and not indexes.exists(connection, kind.name)
        case DetachPartition():
            return _is_detached(connection, kind) and same
        case None:
            pass
    first, *_ = (*leading_words(earlier.statement, split_statements(earlier.statement)[0], 1), "")
    if first in _REPEATABLE or _is_cluster_wide(earlier.statement):
        return False
    raise HalfRunError(
        f"an earlier run stopped within this statement, which is not in a transaction "
        f"(statement {earlier.number} of {earlier.migration_id}): whether it took effect cannot be told",
        place=place,
        hint='look at the database, then "codezest-sql migrate repair --done" or "--again"',
    )


def means_done(statement: str, error: psycopg.Error) -> bool:
    """Whether the error of a second run says that the first one took effect: it exists, or is gone, already."""
    words = leading_words(statement, split_statements(statement)[0], 1)
    if not _is_cluster_wide(statement):
        return False
    return isinstance(error, _EXISTS_ALREADY if words[0] == "CREATE" else _GONE_ALREADY)


def known_indexes(connection: Connection, statement: str) -> tuple[int, ...] | None:
    """Return the OIDs of the indexes that are there before the statement; None where it makes none."""
    found = _indexes(connection, statement)
    return None if found is None else tuple(index.oid for index in found)


def leftovers(connection: Connection, entry: JournalEntry) -> tuple[IndexState, ...]:
    """Return the INVALID indexes that came while the statement ran."""
    known = entry.known_indexes or ()
    found = _indexes(connection, entry.statement) or ()
    return tuple(index for index in found if not index.valid and index.oid not in known)


def drop_leftovers(connection: Connection, entry: JournalEntry) -> None:
    """Drop the INVALID indexes that came while the statement ran."""
    if entry.known_indexes is not None:
        indexes.drop_invalid(connection, leftovers(connection, entry), known=entry.known_indexes)


def drop_invalid_namesake(connection: Connection, statement: str) -> None:
    """Drop an INVALID index that bears the name a CREATE INDEX CONCURRENTLY is about to use on the same table.

    Some earlier tool's attempt left it. IF NOT EXISTS would take it for the index that is wanted.
    """
    kind = concurrent_statement(statement)
    if isinstance(kind, CreateIndex) and kind.name is not None:
        name = stored_name(kind.name)
        found = [index for index in indexes.indexes_of_table(connection, kind.table) if index.name == name]
        indexes.drop_invalid(connection, found, known=())


def _indexes(connection: Connection, statement: str) -> tuple[IndexState, ...] | None:
    kind = concurrent_statement(statement)
    match kind:
        case CreateIndex():
            return indexes.indexes_of_table(connection, kind.table)
        case Reindex(target="INDEX", name=str(name)):
            return indexes.indexes_of_index(connection, name)
        case Reindex(target="TABLE", name=str(name)):
            return indexes.indexes_of_table(connection, name)
        case Reindex():
            return indexes.rebuilt_indexes(connection)
        case _:
            return None


def _is_built(connection: Connection, kind: CreateIndex, known: tuple[int, ...]) -> bool:
    new = [i for i in indexes.indexes_of_table(connection, kind.table) if i.valid and i.oid not in known]
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


def _is_cluster_wide(statement: str) -> bool:
    words = leading_words(statement, split_statements(statement)[0], 2)
    return words[:1] in (("CREATE",), ("DROP",)) and words[1:] in (("DATABASE",), ("TABLESPACE",), ("SUBSCRIPTION",))


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*(stored_name(part) for part in split_name(name)))
