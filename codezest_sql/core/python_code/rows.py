"""The classes of a module's rows: one for each name, shared by queries that agree on its fields.

A result that is all of a table, column by column, is that table's model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.json_classes import JsonClasses
from codezest_sql.core.python_code.layout import Node, call, keyword, sequence
from codezest_sql.core.python_code.literals import string
from codezest_sql.core.python_code.names.field_names import BASE_MODEL, TUPLE, field_names
from codezest_sql.core.python_types.annotation import PythonType
from codezest_sql.core.query_types.column_alias import read_alias
from codezest_sql.errors import RowNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from codezest_sql.core.describe.model_facts import Relation
    from codezest_sql.core.python_code.models import Models
    from codezest_sql.core.python_code.names.class_names import Speller
    from codezest_sql.core.python_code.namespace import Namespace
    from codezest_sql.core.query_files.query import Query
    from codezest_sql.core.query_types.typed_query import ResultModel, TypedColumn, TypedQuery


@dataclass(frozen=True, slots=True)
class RowClass:
    """A class of the module: ``base`` is ``Model``, or ``NamedTuple`` for rows that are copied.

    ``keys`` are what JSON calls the fields, where the class is of an object.
    """

    name: str
    base: str
    fields: tuple[tuple[str, PythonType], ...]
    docstring: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowShape:
    """The model of a result: its annotation, and for each of its fields a number or the shape of another one."""

    type: PythonType
    model: ResultModel
    fields: tuple[int | RowShape, ...]
    name: str = ""

    def imports(self) -> Iterable[tuple[str, str]]:
        """Go through what the statement of such a result imports."""
        yield from self.type.imports
        for each in self.fields:
            if isinstance(each, RowShape):
                yield from each.imports()

    def expression(self, names: Namespace) -> Node:
        """Return the value of ``row=``: a class, or a ``Nested``."""
        if not self.name and not self.model.models:
            return names.text(self.type)
        fields = tuple(str(each) if isinstance(each, int) else each.expression(names) for each in self.fields)
        items: list[Node] = [names.text(self.type), sequence(fields)]
        if self.model.key:
            items.append(keyword("key", sequence(tuple(map(str, self.model.key)))))
        if self.name:
            items.append(keyword("name", string(self.name)))
        items += [f"{word}=True" for word, on in (("many", self.model.many), ("optional", self.model.optional)) if on]
        return call(names.runtime("Nested"), *items)

    @property
    def is_nested(self) -> bool:
        """Whether models are within it."""
        return bool(self.model.models)


class Rows:
    """Collects the classes of one module; mistakes are appended to ``errors``."""

    def __init__(
        self, models: Models, speller: Speller, singular: Callable[[str], str], errors: list[RowNameError]
    ) -> None:
        self.classes: dict[str, RowClass] = {}
        self._owners: dict[str, Query] = {}
        self._models = models
        self._speller = speller
        self._singular = singular
        self._errors = errors

    def shaped(self, query: TypedQuery) -> TypedQuery:
        """Return the query with the classes of the JSON that it builds as the types of its columns."""
        if all(column.json is None for column in query.columns):
            return query
        base = query.query.row or self._speller.class_name(query.name)

        def add(name: str, fields: tuple[tuple[str, PythonType], ...]) -> PythonType:
            keys = tuple(key for key, _ in fields)
            names = field_names(keys, reserved=BASE_MODEL, avoid={name})
            typed = tuple((field, python) for field, (_, python) in zip(names, fields, strict=True))
            what = f"An object in the JSON of ``{query.name}``."
            return self._add(query.query, RowClass(name, "Model", typed, what, keys))

        classes = JsonClasses(add, self._word)
        columns: list[TypedColumn] = []
        for column in query.columns:
            alias = read_alias(column.name)
            way = base + "".join(self._word(step.name, many=step.is_list) for step in alias.path)
            json = column.json
            columns.append(column if json is None else replace(column, python=classes.whole(json, way, alias.name)))
        return replace(query, columns=tuple(columns))

    def _word(self, name: str, *, many: bool) -> str:
        return self._speller.class_name(name, singular=self._singular if many else None)

    def of_result(self, query: TypedQuery) -> RowShape | None:
        """Return the shape of a query's rows; None where it gives none."""
        if query.result is None:
            return None
        camel = self._speller.class_name(query.name)
        name = self._speller.row_name(query.name, query.query.row)
        return self._shape(query, query.result, name, query.query.row or camel)

    def of_copy(self, query: TypedQuery) -> PythonType:
        """Return the class of the rows that a ``:copyfrom`` takes."""
        names = field_names([one.name for one in query.parameters], reserved=TUPLE)
        types = [one.python.or_none() if one.nullable else one.python for one in query.parameters]
        name = self._speller.row_name(query.name, None)
        return self._add(
            query.query,
            RowClass(name, "NamedTuple", tuple(zip(names, types, strict=True)), f"A row for ``{query.name}``."),
        )

    def _shape(self, query: TypedQuery, model: ResultModel, name: str, base: str) -> RowShape:
        table = self._table(query, model)
        if table is not None and (model.name or query.query.row in {None, table.text}):
            numbers = tuple(each for each in model.fields if isinstance(each, int))
            return RowShape(table, model, numbers, model.name)
        columns = [
            read_alias(query.columns[each].name).name if isinstance(each, int) else each.name for each in model.fields
        ]
        inner: dict[int, RowShape] = {}
        for index, each in enumerate(model.fields):
            if not isinstance(each, int):
                word = self._word(each.name, many=each.many)
                inner[index] = self._shape(query, each, f"{base}{word}", f"{base}{word}")
        names = field_names(columns, reserved=BASE_MODEL, avoid={name, *(one.type.text for one in inner.values())})
        types: list[PythonType] = []
        fields: list[int | RowShape] = []
        for index, each in enumerate(model.fields):
            if isinstance(each, int):
                types.append(_column(query.columns[each]))
                fields.append(each)
            else:
                shape = inner[index]
                types.append(_around(shape))
                fields.append(RowShape(shape.type, shape.model, shape.fields, names[index]))
        what = (
            f"A row of ``{query.name}``." if not model.name else f"The ``{model.name}`` of a row of ``{query.name}``."
        )
        made = RowClass(name, "Model", tuple(zip(names, types, strict=True)), what)
        return RowShape(self._add(query.query, made), model, tuple(fields), model.name)

    def _add(self, query: Query, made: RowClass) -> PythonType:
        there = self.classes.setdefault(made.name, made)
        owner = self._owners.setdefault(made.name, query)
        if (there.fields, there.base, there.keys) != (made.fields, made.base, made.keys):
            place = query.row_place or query.place
            at = query.source.line_starts[place.line - 1] + place.column - 1
            other = f"{owner.name!r}, at {owner.row_place or owner.place}"
            message = f"{made.name} has other fields in {other}: {_difference(there, made)}"
            hint = "name one of them otherwise with -- row: …, or select the same columns in both"
            self._errors.append(query.source.mistake(RowNameError, at, message, hint))
        return PythonType(made.name)

    def _table(self, query: TypedQuery, model: ResultModel) -> PythonType | None:
        """Return the model of the table that a result has all columns of, in order, as NULL as they are there."""
        columns = [query.columns[each] for each in model.fields if isinstance(each, int)]
        if model.models or not columns:
            return None
        origin = columns[0].origin
        relation = self._models.facts.relations.get(origin.table_oid) if origin else None
        if relation is None or relation.oid not in self._models.fields or not self._is_all_of(columns, relation):
            return None
        return self._models.names.relations[relation.oid].type

    def _is_all_of(self, columns: Sequence[TypedColumn], relation: Relation) -> bool:
        fields = self._models.fields[relation.oid]
        if len(columns) != len(fields):
            return False
        return all(
            column.origin is not None
            and column.origin.table_oid == relation.oid
            and column.origin.number == there.number
            and read_alias(column.name).name == there.name
            and _column(column).text == field.type.text
            for column, there, field in zip(columns, relation.columns, fields, strict=True)
        )


def _column(column: TypedColumn) -> PythonType:
    return column.python.or_none() if column.nullable else column.python


def _around(shape: RowShape) -> PythonType:
    if shape.model.many:
        return shape.type.within("list")
    return shape.type.or_none() if shape.model.optional else shape.type


def _difference(there: RowClass, made: RowClass) -> str:
    """Return in a few words what two classes of one name do not share."""
    before = {name: python.text for name, python in there.fields}
    now = {name: python.text for name, python in made.fields}
    for name, text in now.items():
        if name not in before:
            return f"it has no {name} there"
        if before[name] != text:
            return f"{name} is {before[name]} there, and {text} here"
    missing = next((name for name in before if name not in now), None)
    return f"it has {missing} there" if missing else "their order is another one there"
