"""Which tables a statement locks, that were there before its file, and in which mode, as far as the text shows.

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

    from codezest_sql.core.ddl.changes import Effect
    from codezest_sql.core.lint.rule import Look


class Lock(IntEnum):
    """The modes that rules distinguish, in order of strength."""

    SHARE_UPDATE_EXCLUSIVE = 4  # allows reads and writes
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
    recurses = _recurses(look.effect)
    for table, lock in _all(look):
        for name in (table, *(look.state.descendants(table) if recurses else ())):
            if name and not look.is_new(name) and (name == table or lock >= Lock.SHARE):
                yield name, lock


def access_exclusive(look: Look) -> list[str]:
    """Return the tables that no other session can even read from here to COMMIT."""
    return [table for table, lock in locks(look) if lock is Lock.ACCESS_EXCLUSIVE]


def _recurses(effect: Effect | None) -> bool:
    """Return whether a statement continues to partitions and to the tables that inherit."""
    if isinstance(effect, AlterTable):
        return not effect.only and any(each.kind in _RECURSES for each in effect.actions)
    return not (isinstance(effect, CreateTable) or (isinstance(effect, CreateIndex) and effect.only))


def _all(look: Look) -> Iterator[tuple[str, Lock]]:
    effect = look.effect
    if isinstance(effect, AlterTable):
        if effect.what in {"TABLE", "MATERIALIZED VIEW"}:
            for action in effect.actions:
                yield from _of_action(look, effect, action)
    elif isinstance(effect, CreateTable):
        yield from _of_create(look, effect)
    elif isinstance(effect, CreateIndex):
        yield effect.table, Lock.SHARE_UPDATE_EXCLUSIVE if effect.concurrently else Lock.SHARE
    elif isinstance(effect, Drop):
        yield from _of_drop(look, effect)
    elif isinstance(effect, Truncate):
        for name in _truncated(look, effect):
            yield name, Lock.ACCESS_EXCLUSIVE
    elif isinstance(effect, (OnTable, Rebuild, AlterDomain)):
        yield from _of_rest(look, effect)


def _of_rest(look: Look, effect: OnTable | Rebuild | AlterDomain) -> Iterator[tuple[str, Lock]]:
    if isinstance(effect, OnTable):
        weak = effect.what == "TRIGGER" and effect.effect == "CREATE"
        yield effect.table, Lock.SHARE_ROW_EXCLUSIVE if weak else Lock.ACCESS_EXCLUSIVE
    elif isinstance(effect, Rebuild):
        yield from _of_rebuild(look, effect)
    elif effect.valid:
        for table in look.state.tables_with(effect.name):
            yield table.name, Lock.SHARE


def _of_rebuild(look: Look, effect: Rebuild) -> Iterator[tuple[str, Lock]]:
    if effect.effect == "LOCK":
        yield effect.name, Lock[effect.mode.replace(" ", "_")]
    elif not effect.concurrently:
        # REINDEX keeps readers out too: the planner locks every index of a table.
        yield look.state.indexes.get(effect.name, ("", ""))[0] if effect.index else effect.name, Lock.ACCESS_EXCLUSIVE
    elif effect.effect == "REFRESH":
        yield effect.name, Lock.EXCLUSIVE


def _truncated(look: Look, effect: Truncate) -> list[str]:
    """Return the tables that are emptied: with CASCADE those that refer to them too."""
    found = list(effect.names)
    for name in found:  # which grows
        if effect.cascade:
            found.extend(each.name for each in look.state.children(name) if each.name not in found)
    return found


def _of_create(look: Look, effect: CreateTable) -> Iterator[tuple[str, Lock]]:
    if effect.partition_of:
        yield effect.partition_of, Lock.ACCESS_EXCLUSIVE
        parent = look.state.table(effect.partition_of)
        if parent and parent.default:
            yield parent.default, Lock.ACCESS_EXCLUSIVE
    for each in (*effect.constraints, *(each for column in effect.columns for each in column.constraints)):
        if each.references and each.references != effect.name:
            yield each.references, Lock.SHARE_ROW_EXCLUSIVE


def _of_action(look: Look, effect: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    if action.kind is ActionKind.ADD_CONSTRAINT and action.constraint:
        if action.constraint.kind is ConstraintKind.FOREIGN_KEY:
            yield effect.name, Lock.SHARE_ROW_EXCLUSIVE
            yield action.constraint.references or "", Lock.SHARE_ROW_EXCLUSIVE
            return
    elif action.kind in {ActionKind.ATTACH, ActionKind.DETACH, ActionKind.INHERIT}:
        yield from _of_parent(look, effect, action)
        return
    elif action.kind in {ActionKind.ALTER_CONSTRAINT, ActionKind.ENFORCE, ActionKind.UNENFORCE}:
        yield from _of_altered_key(look, effect, action)
    elif action.kind is ActionKind.ADD_COLUMN and action.column:
        for each in action.column.constraints:
            if each.references:
                yield each.references, Lock.SHARE_ROW_EXCLUSIVE
    elif action.kind in {ActionKind.DROP_CONSTRAINT, ActionKind.DROP_COLUMN}:
        yield from _of_dropped(look, effect, action)
    yield effect.name, _WEAK.get(action.kind, Lock.ACCESS_EXCLUSIVE)


def _of_parent(look: Look, effect: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    """Give the locks of what a table is attached to or detached from."""
    if action.kind is ActionKind.INHERIT:
        yield effect.name, Lock.ACCESS_EXCLUSIVE
    elif action.concurrently:
        yield effect.name, Lock.SHARE_UPDATE_EXCLUSIVE
    elif action.kind is ActionKind.DETACH:
        yield effect.name, Lock.ACCESS_EXCLUSIVE
    else:
        yield effect.name, Lock.SHARE_UPDATE_EXCLUSIVE
        yield action.name, Lock.ACCESS_EXCLUSIVE
        table = look.state.table(effect.name)
        if table and table.default:
            yield table.default, Lock.ACCESS_EXCLUSIVE


def _of_altered_key(look: Look, effect: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    table = look.state.table(effect.name)
    known = table.constraints.get(action.name) if table else None
    if known and known.references and action.kind is ActionKind.UNENFORCE:
        yield known.references, Lock.ACCESS_EXCLUSIVE
    elif known and known.references and action.kind is ActionKind.ENFORCE and not known.enforced:
        yield known.references, Lock.SHARE_ROW_EXCLUSIVE


def _of_dropped(look: Look, effect: AlterTable, action: Action) -> Iterator[tuple[str, Lock]]:
    """Give the locks of the tables at the other end of the foreign keys that go."""
    table = look.state.table(effect.name)
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
            for child in look.state.children(effect.name):
                for key in child.foreign_keys():
                    if key.references == effect.name and (key.referenced or table.primary_key()) == each.columns:
                        yield child.name, Lock.ACCESS_EXCLUSIVE


def _of_drop(look: Look, effect: Drop) -> Iterator[tuple[str, Lock]]:
    names: list[str] = []
    for name in effect.names:
        if effect.what == "TABLE":
            names += _with_table(look, name, cascade=effect.cascade)
        elif effect.what == "INDEX" and not effect.concurrently:
            names.append(look.state.indexes.get(name, ("", ""))[0])
        elif effect.what == "MATERIALIZED VIEW":
            names.append(name)
        elif effect.what in {"TYPE", "DOMAIN"} and effect.cascade:
            names += (each.name for each in look.state.tables_with(name))
        elif effect.what == "SCHEMA" and effect.cascade:
            names += (each for each in look.state.tables if each.startswith(f"{name}."))
    for each in (*names, effect.table or ""):
        yield each, Lock.ACCESS_EXCLUSIVE


def _with_table(look: Look, name: str, *, cascade: bool) -> Iterator[str]:
    """Give a table that is dropped, its parent, and the tables at the other end of foreign keys."""
    yield name
    table = look.state.table(name)
    if table:
        yield table.parent or ""
        yield from (key.references or "" for key in table.foreign_keys())
        yield from (child.name for child in look.state.children(name) if cascade)
