"""Which tables a statement locks, that were there before its file, and how strongly: as far as words can tell.

Source: "Explicit Locking" and the pages of the statements in PostgreSQL's manual. The measured report of ``review``
has the last word.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from codezest_sql.core.lint.ddl import (
    Action,
    ActionKind,
    AlterTable,
    ConstraintKind,
    CreateIndex,
    CreateTable,
    Drop,
    OnTable,
    Rebuild,
    Truncate,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.rule import Look


class Lock(IntEnum):
    """The modes that rules tell apart, in order of strength."""

    SHARE_UPDATE_EXCLUSIVE = 4  # beside reads and writes
    SHARE = 5  # writes wait
    SHARE_ROW_EXCLUSIVE = 6  # writes wait
    EXCLUSIVE = 7  # writes wait
    ACCESS_EXCLUSIVE = 8  # reads and writes wait


_WEAK = {
    ActionKind.VALIDATE: Lock.SHARE_UPDATE_EXCLUSIVE,
    ActionKind.ATTACH: Lock.SHARE_UPDATE_EXCLUSIVE,
    ActionKind.STATISTICS: Lock.SHARE_UPDATE_EXCLUSIVE,
    ActionKind.OPTIONS: Lock.SHARE_UPDATE_EXCLUSIVE,
    ActionKind.TRIGGER: Lock.SHARE_ROW_EXCLUSIVE,
}


def locks(look: Look) -> Iterator[tuple[str, Lock]]:
    """Give the tables with the lock that each gets."""
    for table, lock in _all(look):
        if table and not look.is_new(table):
            yield table, lock


def access_exclusive(look: Look) -> list[str]:
    """Return the tables that nobody else can even read from here to COMMIT."""
    return [table for table, lock in locks(look) if lock is Lock.ACCESS_EXCLUSIVE]


def _all(look: Look) -> Iterator[tuple[str, Lock]]:
    deed = look.deed
    if isinstance(deed, AlterTable):
        if deed.what == "TABLE":
            for action in deed.actions:
                yield from _of_action(look, deed, action)
    elif isinstance(deed, CreateTable):
        yield from _of_create(deed)
    elif isinstance(deed, CreateIndex):
        yield deed.table, Lock.SHARE_UPDATE_EXCLUSIVE if deed.concurrently else Lock.SHARE
    elif isinstance(deed, Drop):
        yield from _of_drop(look, deed)
    elif isinstance(deed, Truncate):
        for name in deed.names:
            yield name, Lock.ACCESS_EXCLUSIVE
    elif isinstance(deed, OnTable):
        weak = deed.what == "TRIGGER" and deed.deed == "CREATE"
        yield deed.table, Lock.SHARE_ROW_EXCLUSIVE if weak else Lock.ACCESS_EXCLUSIVE
    elif isinstance(deed, Rebuild) and not deed.concurrently:
        yield deed.name, Lock.ACCESS_EXCLUSIVE


def _of_create(deed: CreateTable) -> Iterator[tuple[str, Lock]]:
    if deed.partition_of:
        yield deed.partition_of, Lock.ACCESS_EXCLUSIVE
    for each in (*deed.constraints, *(each for column in deed.columns for each in column.constraints)):
        if each.references and each.references != deed.name:
            yield each.references, Lock.SHARE_ROW_EXCLUSIVE


def _of_action(look: Look, deed: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    if action.kind is ActionKind.ADD_CONSTRAINT and action.constraint:
        if action.constraint.kind is ConstraintKind.FOREIGN_KEY:
            yield deed.name, Lock.SHARE_ROW_EXCLUSIVE
            yield action.constraint.references or "", Lock.SHARE_ROW_EXCLUSIVE
            return
    elif action.kind is ActionKind.DETACH and action.concurrently:
        yield deed.name, Lock.SHARE_UPDATE_EXCLUSIVE
        return
    elif action.kind is ActionKind.ADD_COLUMN and action.column:
        for each in action.column.constraints:
            if each.references:
                yield each.references, Lock.SHARE_ROW_EXCLUSIVE
    elif action.kind is ActionKind.DROP_CONSTRAINT:
        table = look.state.table(deed.name)
        known = table.constraints.get(action.name) if table else None
        if known and known.references:
            yield known.references, Lock.ACCESS_EXCLUSIVE
    yield deed.name, _WEAK.get(action.kind, Lock.ACCESS_EXCLUSIVE)


def _of_drop(look: Look, deed: Drop) -> Iterator[tuple[str, Lock]]:
    for name in deed.names:
        if deed.what == "TABLE":
            yield name, Lock.ACCESS_EXCLUSIVE
            table = look.state.table(name)
            if table:
                yield table.parent or "", Lock.ACCESS_EXCLUSIVE
                for key in table.foreign_keys():
                    yield key.references or "", Lock.ACCESS_EXCLUSIVE
        elif deed.what == "INDEX" and not deed.concurrently:
            yield look.state.indexes.get(name, ("", ""))[0], Lock.ACCESS_EXCLUSIVE
    if deed.table:
        yield deed.table, Lock.ACCESS_EXCLUSIVE
