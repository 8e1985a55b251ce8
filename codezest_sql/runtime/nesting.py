"""Rows of a join to models in models: groups by keys, whatever the rows' order. Does no I/O.

A ``Grouper`` takes the converted values of one row after another. Objects are made when all rows are in (or, in a
stream, when the outermost key changes), since a model is frozen and its list must be whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.errors import SchemaMismatchError
from codezest_sql.runtime.decoding import adapter, maker
from codezest_sql.runtime.failures import MISMATCH_HINT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.runtime.values import Nested


class Level:
    """One ``Nested``, ready to group: which single models and which list it has, and how an object is made."""

    def __init__(self, nested: Nested, *, validate: bool, query: str) -> None:
        self.fields = tuple(
            each if isinstance(each, int) else Level(each, validate=validate, query=query) for each in nested.fields
        )
        self.key = nested.key
        self.many = nested.many
        self.optional = nested.optional
        self._build = maker(nested.model, validate=validate)
        self._what = f"{query}: the column {nested.name}." if nested.name else f"{query}: the column "
        self._query = query
        # An outer join makes every column of it nullable; where there is an object, its model defines which are not.
        self._required = tuple(
            (number, name)
            for number, (name, field) in enumerate(nested.model.model_fields.items())
            if not _takes_none(field.annotation)
        )

    def make(self, values: list[Any]) -> Any:
        """Return the object of a row. Raises ``SchemaMismatchError`` for a NULL where its model has none."""
        if None in values:
            for number, name in self._required:
                if values[number] is None:
                    raise SchemaMismatchError(
                        f"{self._what}{name} is NULL, and was inferred never to be",
                        query=self._query,
                        hint=MISMATCH_HINT,
                    )
        return self._build(values)

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
        """Add a row to the lists of the object, and to the single models in it."""
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

    def __init__(self, nested: Nested, *, validate: bool = False, query: str = "") -> None:
        self._level = Level(nested, validate=validate, query=query)

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


def _takes_none(annotation: Any) -> bool:
    """Whether a field may be None; ``JsonValue`` and the like may, since JSON has a null."""
    try:
        adapter(annotation).validate_python(None)
    except ValueError:
        return False
    return True
