"""Rows of a join to models in models: groups by keys, whatever the rows' order. Does no I/O.

A ``Grouper`` takes the converted values of one row after another. Objects are made when all rows are in (or, in a
stream, when the outermost key changes), since a model is frozen and its list must be whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.runtime.decoding import maker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.runtime.values import Nested


class Level:
    """One ``Nested``, ready to group: which single models and which list it has, and how an object is made."""

    def __init__(self, nested: Nested, *, validate: bool) -> None:
        self.fields = tuple(
            each if isinstance(each, int) else Level(each, validate=validate) for each in nested.fields
        )
        self.key = nested.key
        self.many = nested.many
        self.optional = nested.optional
        self.make = maker(nested.model, validate=validate)

    def is_missing(self, values: Sequence[Any]) -> bool:
        """Whether the row has no such object: its key is NULL."""
        return bool(self.key) and all(values[column] is None for column in self.key)


class Group:
    """An object in the making: the first of its rows, and the groups of its list, by their key."""

    __slots__ = ("children", "level", "values")

    def __init__(self, level: Level, values: Sequence[Any]) -> None:
        self.level = level
        self.values = values
        self.children: dict[Level, dict[Any, Group]] = {}

    def add(self, level: Level, values: Sequence[Any]) -> None:
        """Take in what a row says of the lists of the object, and of the single models in it."""
        for field in level.fields:
            if isinstance(field, int):
                continue
            if not field.many:
                if not (field.optional and field.is_missing(values)):
                    self.add(field, values)
                continue
            groups = self.children.setdefault(field, {})
            if not field.is_missing(values):
                _add(groups, field, values)

    def make(self, level: Level | None = None) -> Any:
        """Return the object."""
        level = level or self.level
        made: list[Any] = []
        for field in level.fields:
            if isinstance(field, int):
                made.append(self.values[field])
            elif field.many:
                made.append([group.make() for group in self.children.get(field, {}).values()])
            else:
                missing = field.optional and field.is_missing(self.values)
                made.append(None if missing else self.make(field))
        return level.make(made)


def _add(groups: dict[Any, Group], level: Level, values: Sequence[Any]) -> None:
    # Without a key every row is an object of its own.
    key = tuple([values[column] for column in level.key]) if level.key else len(groups)
    group = groups.get(key)
    if group is None:
        group = groups[key] = Group(level, values)
    group.add(level, values)


class Grouper:
    """Groups the rows of one result."""

    def __init__(self, nested: Nested, *, validate: bool = False) -> None:
        self._level = Level(nested, validate=validate)

    def all(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Return the objects of all rows, in the order in which they first appear."""
        groups: dict[Any, Group] = {}
        for values in rows:
            _add(groups, self._level, values)
        return [group.make() for group in groups.values()]

    def streamed(self, open_group: dict[Any, Group], rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Return the objects that are whole, of rows that come grouped; the last one stays in ``open_group``."""
        done: list[Any] = []
        level = self._level
        for values in rows:
            key = tuple([values[column] for column in level.key])
            if open_group and key not in open_group:
                done += self.rest(open_group)
            _add(open_group, level, values)
        return done

    def rest(self, open_group: dict[Any, Group]) -> list[Any]:
        """Return what is in the open group, and empty it."""
        done = [group.make() for group in open_group.values()]
        open_group.clear()
        return done
