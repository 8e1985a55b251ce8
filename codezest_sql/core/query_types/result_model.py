"""The models that a result makes: which columns identify them, and which of them may be missing.

The aliases give the shape (``nested_shape``), the catalog the primary keys. A list needs them: the parent's key
identifies which rows belong together, and a NULL in the child's means that there is none. A single model is missing
where a column that its table declares NOT NULL is NULL all the same: it came from the nullable side of an outer join.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.query_types.nested_shape import AliasMistake, Leaf, Shape
from codezest_sql.core.query_types.typed_query import ResultModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codezest_sql.core.describe.description import ResultColumn
    from codezest_sql.core.describe.model_facts import ModelColumn, Relation


class Presence(NamedTuple):
    """Which columns are not NULL where a model is there: what is inferred under it counts for ``columns``."""

    given: frozenset[int]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Models:
    """The outermost model, the questions to the server that its missing parts raise, and what cannot be."""

    root: ResultModel
    questions: tuple[Presence, ...]
    mistakes: tuple[AliasMistake, ...]


def result_models(
    shape: Shape, columns: Sequence[ResultColumn], not_null: Sequence[bool], relations: Mapping[int, Relation]
) -> Models:
    """Return the models of a shape; ``not_null`` is, for each column, whether it is inferred not to be NULL."""
    builder = _Builder(columns, not_null, relations)
    root = builder.model(shape, frozenset(), is_parent=_has_list(shape))
    return Models(root, tuple(builder.questions), tuple(builder.mistakes))


def origin_column(column: ResultColumn, relations: Mapping[int, Relation]) -> ModelColumn | None:
    """Return the table column that a column of a result is, unchanged."""
    relation = relations.get(column.origin.table_oid) if column.origin else None
    if relation is None or column.origin is None:
        return None
    return next((each for each in relation.columns if each.number == column.origin.number), None)


class _Builder:
    def __init__(
        self, columns: Sequence[ResultColumn], not_null: Sequence[bool], relations: Mapping[int, Relation]
    ) -> None:
        self._columns = columns
        self._not_null = not_null
        self._relations = relations
        self.questions: list[Presence] = []
        self.mistakes: list[AliasMistake] = []

    def model(self, shape: Shape, given: frozenset[int], *, is_parent: bool) -> ResultModel:
        """Return the model of a shape, of which ``given`` columns are not NULL where it is there at all."""
        leaves = tuple(leaf.column for leaf in shape.leaves)
        key = self._primary_key(leaves) if is_parent or shape.is_list else ()
        optional = False
        if (is_parent or shape.is_list) and not key:
            self._keyless(shape, leaves)
        elif shape.name and not shape.is_list and not any(self._not_null[column] for column in _own(shape)):
            key = key or self._primary_key(leaves) or self._declared_not_null(leaves)
            optional = bool(key)
        if key and (optional or shape.is_list):
            given |= frozenset(key)
        if given and leaves:
            self.questions.append(Presence(given, leaves))
        fields = tuple(
            each.column if isinstance(each, Leaf) else self.model(each, given, is_parent=_parent(each))
            for each in shape.fields
        )
        return ResultModel(shape.name, fields, key, many=shape.is_list, optional=optional)

    def _primary_key(self, leaves: Sequence[int]) -> tuple[int, ...]:
        """Return the columns of every primary key that is whole among these."""
        found: dict[int, dict[int, int]] = {}
        for column in leaves:
            origin = self._columns[column].origin
            if origin is not None:
                found.setdefault(origin.table_oid, {}).setdefault(origin.number, column)
        key: list[int] = []
        for table, numbers in found.items():
            relation = self._relations.get(table)
            if relation and relation.primary_key and set(relation.primary_key) <= set(numbers):
                key.extend(numbers[number] for number in relation.primary_key)
        return tuple(key)

    def _declared_not_null(self, leaves: Sequence[int]) -> tuple[int, ...]:
        for column in leaves:
            declared = origin_column(self._columns[column], self._relations)
            if declared is not None and declared.not_null:
                return (column,)
        return ()

    def _keyless(self, shape: Shape, leaves: Sequence[int]) -> None:
        what = (
            f"of the list {shape.name!r}" if shape.is_list else f"of {shape.name!r}" if shape.name else "of the rows"
        )
        why = (
            "its NULL states that the list is empty" if shape.is_list else "it identifies which rows belong together"
        )
        keys = self._keys_in_words(leaves)
        hint = f"select {keys} there" if keys else "select columns of a table with a primary key, and the key"
        column = leaves[0] if leaves else _own(shape)[0]
        self.mistakes.append(AliasMistake(column, f"the primary key {what} is not selected: {why}", hint))

    def _keys_in_words(self, leaves: Sequence[int]) -> str:
        for column in leaves:
            origin = self._columns[column].origin
            relation = self._relations.get(origin.table_oid) if origin else None
            if relation and relation.primary_key:
                names = [each.name for each in relation.columns if each.number in relation.primary_key]
                return f"{' and '.join(names)} of {relation.qualified_name}"
        return ""


def _own(shape: Shape) -> tuple[int, ...]:
    """Return the columns of a model and of the single models within it."""
    return tuple(_own_columns(shape))


def _own_columns(shape: Shape) -> Iterator[int]:
    for each in shape.fields:
        if isinstance(each, Leaf):
            yield each.column
        elif not each.is_list:
            yield from _own_columns(each)


def _has_list(shape: Shape) -> bool:
    """Whether the rows of a model are several: a list is in it, or in a single model within it."""
    return any(each.is_list or _has_list(each) for each in shape.models)


def _parent(shape: Shape) -> bool:
    """Whether a model has to be identified because a list stands right in it."""
    return shape.is_list and _has_list(shape)
