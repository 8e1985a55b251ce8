"""Which tables a statement locks, that were there before its file, and how strongly: as far as words can tell.

Source: "Explicit Locking" and the pages of the statements in PostgreSQL's manual. The measured report of ``review``
has the last word.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import (
    Action,
    ActionKind,
    AlterDomain,
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

    from codezest_sql.core.ddl.changes import Deed
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

_RECURSES = frozenset({
    ActionKind.ADD_COLUMN, ActionKind.DROP_COLUMN, ActionKind.TYPE, ActionKind.SET_NOT_NULL, ActionKind.RENAME_COLUMN,
    ActionKind.ADD_CONSTRAINT, ActionKind.DROP_CONSTRAINT, ActionKind.RENAME_CONSTRAINT, ActionKind.VALIDATE,
    ActionKind.SET_DEFAULT, ActionKind.DROP_NOT_NULL, ActionKind.DETACH,
})  # fmt: skip


def locks(look: Look) -> Iterator[tuple[str, Lock]]:
    """Give the tables with the lock that each gets, partitions and inheriting tables included."""
    recurses = _recurses(look.deed)
    for table, lock in _all(look):
        for name in (table, *(look.state.descendants(table) if recurses else ())):
            if name and not look.is_new(name) and (name == table or lock >= Lock.SHARE):
                yield name, lock


def access_exclusive(look: Look) -> list[str]:
    """Return the tables that nobody else can even read from here to COMMIT."""
    return [table for table, lock in locks(look) if lock is Lock.ACCESS_EXCLUSIVE]


def _recurses(deed: Deed | None) -> bool:
    """Tell whether a statement goes on to partitions and to the tables that inherit."""
    if isinstance(deed, AlterTable):
        return not deed.only and any(each.kind in _RECURSES for each in deed.actions)
    return not (isinstance(deed, CreateTable) or (isinstance(deed, CreateIndex) and deed.only))


def _all(look: Look) -> Iterator[tuple[str, Lock]]:
    deed = look.deed
    if isinstance(deed, AlterTable):
        if deed.what in {"TABLE", "MATERIALIZED VIEW"}:
            for action in deed.actions:
                yield from _of_action(look, deed, action)
    elif isinstance(deed, CreateTable):
        yield from _of_create(look, deed)
    elif isinstance(deed, CreateIndex):
        yield deed.table, Lock.SHARE_UPDATE_EXCLUSIVE if deed.concurrently else Lock.SHARE
    elif isinstance(deed, Drop):
        yield from _of_drop(look, deed)
    elif isinstance(deed, Truncate):
        for name in _truncated(look, deed):
            yield name, Lock.ACCESS_EXCLUSIVE
    elif isinstance(deed, (OnTable, Rebuild, AlterDomain)):
        yield from _of_rest(look, deed)


def _of_rest(look: Look, deed: OnTable | Rebuild | AlterDomain) -> Iterator[tuple[str, Lock]]:
    if isinstance(deed, OnTable):
        weak = deed.what == "TRIGGER" and deed.deed == "CREATE"
        yield deed.table, Lock.SHARE_ROW_EXCLUSIVE if weak else Lock.ACCESS_EXCLUSIVE
    elif isinstance(deed, Rebuild):
        yield from _of_rebuild(look, deed)
    elif deed.valid:
        for table in look.state.tables_with(deed.name):
            yield table.name, Lock.SHARE


def _of_rebuild(look: Look, deed: Rebuild) -> Iterator[tuple[str, Lock]]:
    if deed.deed == "LOCK":
        yield deed.name, Lock[deed.mode.replace(" ", "_")]
    elif not deed.concurrently:
        # REINDEX keeps readers out too: the planner locks every index of a table.
        yield look.state.indexes.get(deed.name, ("", ""))[0] if deed.index else deed.name, Lock.ACCESS_EXCLUSIVE
    elif deed.deed == "REFRESH":
        yield deed.name, Lock.EXCLUSIVE


def _truncated(look: Look, deed: Truncate) -> list[str]:
    """Return the tables that are emptied: with CASCADE those that refer to them too."""
    found = list(deed.names)
    for name in found:  # which grows
        if deed.cascade:
            found.extend(each.name for each in look.state.children(name) if each.name not in found)
    return found


def _of_create(look: Look, deed: CreateTable) -> Iterator[tuple[str, Lock]]:
    if deed.partition_of:
        yield deed.partition_of, Lock.ACCESS_EXCLUSIVE
        parent = look.state.table(deed.partition_of)
        if parent and parent.default:
            yield parent.default, Lock.ACCESS_EXCLUSIVE
    for each in (*deed.constraints, *(each for column in deed.columns for each in column.constraints)):
        if each.references and each.references != deed.name:
            yield each.references, Lock.SHARE_ROW_EXCLUSIVE


def _of_action(look: Look, deed: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    if action.kind is ActionKind.ADD_CONSTRAINT and action.constraint:
        if action.constraint.kind is ConstraintKind.FOREIGN_KEY:
            yield deed.name, Lock.SHARE_ROW_EXCLUSIVE
            yield action.constraint.references or "", Lock.SHARE_ROW_EXCLUSIVE
            return
    elif action.kind in {ActionKind.ATTACH, ActionKind.DETACH, ActionKind.INHERIT}:
        yield from _of_parent(look, deed, action)
        return
    elif action.kind in {ActionKind.ALTER_CONSTRAINT, ActionKind.ENFORCE, ActionKind.UNENFORCE}:
        yield from _of_altered_key(look, deed, action)
    elif action.kind is ActionKind.ADD_COLUMN and action.column:
        for each in action.column.constraints:
            if each.references:
                yield each.references, Lock.SHARE_ROW_EXCLUSIVE
    elif action.kind in {ActionKind.DROP_CONSTRAINT, ActionKind.DROP_COLUMN}:
        yield from _of_dropped(look, deed, action)
    yield deed.name, _WEAK.get(action.kind, Lock.ACCESS_EXCLUSIVE)


def _of_parent(look: Look, deed: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    """Give the locks of what a table is attached to or detached from."""
    if action.kind is ActionKind.INHERIT:
        yield deed.name, Lock.ACCESS_EXCLUSIVE
    elif action.concurrently:
        yield deed.name, Lock.SHARE_UPDATE_EXCLUSIVE
    elif action.kind is ActionKind.DETACH:
        yield deed.name, Lock.ACCESS_EXCLUSIVE
    else:
        yield deed.name, Lock.SHARE_UPDATE_EXCLUSIVE
        yield action.name, Lock.ACCESS_EXCLUSIVE
        table = look.state.table(deed.name)
        if table and table.default:
            yield table.default, Lock.ACCESS_EXCLUSIVE


def _of_altered_key(look: Look, deed: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    table = look.state.table(deed.name)
    known = table.constraints.get(action.name) if table else None
    if known and known.references and action.kind is ActionKind.UNENFORCE:
        yield known.references, Lock.ACCESS_EXCLUSIVE
    elif known and known.references and action.kind is ActionKind.ENFORCE and not known.enforced:
        yield known.references, Lock.SHARE_ROW_EXCLUSIVE


def _of_dropped(look: Look, deed: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    """Give the locks of the tables at the other end of the foreign keys that go."""
    table = look.state.table(deed.name)
    if table is None:
        return
    if action.kind is ActionKind.DROP_CONSTRAINT:
        gone = [table.constraints[action.name]] if action.name in table.constraints else []
    else:
        gone = [each for each in table.constraints.values() if action.name in each.columns]
    for each in gone:
        if each.references:
            yield each.references, Lock.ACCESS_EXCLUSIVE
        if action.cascade and each.kind in {ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE}:
            for child in look.state.children(deed.name):
                for key in child.foreign_keys():
                    if key.references == deed.name and (key.referenced or table.primary_key()) == each.columns:
                        yield child.name, Lock.ACCESS_EXCLUSIVE


def _of_drop(look: Look, deed: Drop) -> Iterator[tuple[str, Lock]]:
    names: list[str] = []
    for name in deed.names:
        if deed.what == "TABLE":
            names += _with_table(look, name, cascade=deed.cascade)
        elif deed.what == "INDEX" and not deed.concurrently:
            names.append(look.state.indexes.get(name, ("", ""))[0])
        elif deed.what == "MATERIALIZED VIEW":
            names.append(name)
        elif deed.what in {"TYPE", "DOMAIN"} and deed.cascade:
            names += (each.name for each in look.state.tables_with(name))
        elif deed.what == "SCHEMA" and deed.cascade:
            names += (each for each in look.state.tables if each.startswith(f"{name}."))
    for each in (*names, deed.table or ""):
        yield each, Lock.ACCESS_EXCLUSIVE


def _with_table(look: Look, name: str, *, cascade: bool) -> Iterator[str]:
    """Give a table that is dropped, its parent, and the tables at the other end of foreign keys."""
    yield name
    table = look.state.table(name)
    if table:
        yield table.parent or ""
        yield from (key.references or "" for key in table.foreign_keys())
        yield from (child.name for child in look.state.children(name) if cascade)
