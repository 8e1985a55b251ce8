"""Schema × Schema → Diff: which objects were added, removed or changed, and in which facts. Pure.

The law: a diff is empty exactly when the fingerprints are equal, and its order depends on the names alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codezest_sql.core.schema.objects import ObjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codezest_sql.core.schema.objects import CatalogObject, ObjectKey, Schema
    from codezest_sql.core.text.json_value import Json


class Action(StrEnum):
    """What happened to an object on the way from ``before`` to ``after``."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One fact that differs. ``before`` is ``None`` where the object did not have it, ``after`` likewise."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs, with its facts: all of them where it was added or removed, else those that differ."""

    action: Action
    key: ObjectKey
    parent: ObjectKey | None
    properties: tuple[PropertyChange, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Every difference of two schemas. False when there is none.

    ``changes`` holds a removed table *and* each of its columns, constraints and grants; ``roots`` leaves out what
    came or went with its parent.
    """

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def roots(self) -> tuple[Change, ...]:
        """Return the changes that are not merely part of an added or removed whole."""
        gone = {change.key: change.action for change in self.changes if change.action is not Action.CHANGED}
        return tuple(change for change in self.changes if not _goes_with_parent(change, gone))


def diff(before: Schema, after: Schema, *, column_order: bool = True) -> Diff:
    """Return what turns ``before`` into ``after``.

    With ``column_order`` a different order of the columns that both sides have is a change of their table (or of
    their composite type). PostgreSQL cannot move a column: without it, a dropped column that came back at the
    end is no difference.
    """
    old, new = before.by_key(), after.by_key()
    changes = {key: _whole(Action.REMOVED, old[key]) for key in old.keys() - new.keys()}
    changes |= {key: _whole(Action.ADDED, new[key]) for key in new.keys() - old.keys()}
    reordered = _reordered(old, new) if column_order else {}
    for key in old.keys() & new.keys():
        facts = (*_differing(old[key], new[key]), *reordered.get(key, ()))
        if facts:
            changes[key] = Change(Action.CHANGED, key, new[key].parent, facts)
    parents = {key: each.parent for key, each in (new | old).items()}
    return Diff(tuple(changes[key] for key in sorted(changes, key=lambda key: _path(key, parents))))


def to_json(found: Diff) -> list[Json]:
    """Return the diff as JSON values: one object per change, in the diff's order."""
    return [
        {
            "action": change.action.value,
            "kind": change.key.kind.value,
            "name": change.key.name,
            "parent": {"kind": change.parent.kind.value, "name": change.parent.name} if change.parent else None,
            "properties": [
                {"name": fact.name, "before": fact.before, "after": fact.after} for fact in change.properties
            ],
        }
        for change in found.changes
    ]


def _whole(action: Action, each: CatalogObject) -> Change:
    facts = (
        PropertyChange(name, value if action is Action.REMOVED else None, value if action is Action.ADDED else None)
        for name, value in each.properties
    )
    return Change(action, each.key, each.parent, tuple(facts))


def _differing(old: CatalogObject, new: CatalogObject) -> Iterator[PropertyChange]:
    if old.properties == new.properties:
        # Where an object belongs to follows from its name or a property; this is for a reader that shows it in none.
        if old.parent != new.parent:
            yield PropertyChange("part of", *(str(side.parent) if side.parent else None for side in (old, new)))
        return
    before, after = dict(old.properties), dict(new.properties)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield PropertyChange(name, before.get(name), after.get(name))


def _reordered(
    old: Mapping[ObjectKey, CatalogObject], new: Mapping[ObjectKey, CatalogObject]
) -> dict[ObjectKey, tuple[PropertyChange, ...]]:
    """Return, for each parent whose common children are in another order, that order as a fact of it.

    Only the common ones: a column that was added or dropped in the middle moves the others, and that is not a
    second change.
    """
    before = _ordered_children(old.values(), new)
    after = _ordered_children(new.values(), old)
    found: dict[ObjectKey, tuple[PropertyChange, ...]] = {}
    for parent, children in before.items():
        others = after.get(parent, children)
        if children != others:
            names = (
                ", ".join(child.removeprefix(f"{parent.name}.") for child in side) for side in (children, others)
            )
            found[parent] = (PropertyChange("column order", *names),)
    return found


def _ordered_children(
    objects: Iterable[CatalogObject], other: Mapping[ObjectKey, CatalogObject]
) -> dict[ObjectKey, tuple[str, ...]]:
    children: dict[ObjectKey, list[tuple[int, str]]] = {}
    for each in objects:
        if each.position and each.parent and each.key in other:
            children.setdefault(each.parent, []).append((each.position, each.name))
    return {parent: tuple(name for _, name in sorted(found)) for parent, found in children.items()}


_RANK = {kind: rank for rank, kind in enumerate(ObjectKind)}


def _path(key: ObjectKey, parents: Mapping[ObjectKey, ObjectKey | None]) -> tuple[tuple[int, str], ...]:
    """Return the way from the outermost parent to ``key``: sorted by it, parts follow their whole."""
    path: list[tuple[int, str]] = []
    step: ObjectKey | None = key
    while step is not None:
        path.append((_RANK[step.kind], step.name))
        step = parents.get(step)
    return tuple(reversed(path))


def _goes_with_parent(change: Change, gone: Mapping[ObjectKey, Action]) -> bool:
    return (
        change.action is not Action.CHANGED and change.parent is not None and gone.get(change.parent) is change.action
    )
