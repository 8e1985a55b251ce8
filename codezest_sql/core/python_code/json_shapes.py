"""Types of what SQL builds as JSON: a model for each ``jsonb_build_object``, a list for each ``jsonb_agg``.

Values are typed as JSON has them once PostgreSQL wrote them: what JSON has no word for is PostgreSQL's text, and a
numeric is a float, since that is what readers of JSON make of its digits. Whatever is not sure is ``JsonValue``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codezest_sql.core.python_type import JSON, PythonType
from codezest_sql.core.value_shape import JsonArray, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codezest_sql.core.described import TypeFacts
    from codezest_sql.core.python_code.models import Models
    from codezest_sql.core.value_shape import ValueShape

# By pg_type.typname in pg_catalog: those that PostgreSQL writes as Pydantic reads them. All others are text.
_AS_THEY_ARE: Mapping[str, PythonType] = {
    "int2": PythonType("int"),
    "int4": PythonType("int"),
    "int8": PythonType("int"),
    "oid": PythonType("int"),
    "float4": PythonType("float"),
    "float8": PythonType("float"),
    "numeric": PythonType("float"),
    "bool": PythonType("bool"),
    "uuid": PythonType("UUID", frozenset({("uuid", "UUID")})),
    "date": PythonType("date", frozenset({("datetime", "date")})),
    "time": PythonType("time", frozenset({("datetime", "time")})),
    "timestamp": PythonType("datetime", frozenset({("datetime", "datetime")})),
    "timestamptz": PythonType("datetime", frozenset({("datetime", "datetime")})),
    "json": JSON,
    "jsonb": JSON,
    "record": JSON,
}
_TEXT = PythonType("str")


class Word(Protocol):
    """Turns a name of SQL into a word of a class name, in the singular where there are many."""

    def __call__(self, name: str, *, many: bool) -> str:
        """Return the word."""
        ...


class JsonShapes:
    """Finds the types of shapes; ``add`` is given the name and fields of each class that one needs, in order."""

    def __init__(
        self,
        models: Models,
        add: Callable[[str, tuple[tuple[str, PythonType], ...]], PythonType],
        word: Word,
    ) -> None:
        self._models = models
        self._types = models.facts.types
        self._json_types = models.json_types
        self._add = add
        self._word = word

    def column(self, shape: ValueShape | None, type_oid: int, name: str) -> PythonType | None:
        """Return the type of a column's value that is not NULL; None where its shape says no more than its type.

        ``name`` is that of the column's class where it is an object, without what a list takes off.
        """
        facts = self._below_domains(type_oid)
        if shape is None or facts is None:
            return None
        if facts.bare_name in {"json", "jsonb"} and not facts.element:
            return None if isinstance(shape, Scalar) else _whole(self._value(shape, name))
        element = self._below_domains(facts.element)
        if element is None or element.bare_name not in {"json", "jsonb"} or not isinstance(shape, JsonArray):
            return None
        if shape.element is None or isinstance(shape.element, Scalar):
            return None
        inner = _whole(self._value(shape.element, name))
        return (inner if shape.element.not_null else inner.or_none()).within("list")

    def _value(self, shape: ValueShape, name: str) -> PythonType:
        """Return the type of a value that is not null."""
        if isinstance(shape, Scalar):
            return self._scalar(shape)
        if isinstance(shape, JsonArray):
            return (self._or_null(shape.element, name) if shape.element else JSON).within("list")
        keys = [key for key, _ in shape.fields]
        if len(set(keys)) != len(keys):
            return JSON
        return self._add(
            name, tuple((key, self._or_null(each, self._named(name, key, each))) for key, each in shape.fields)
        )

    def _or_null(self, shape: ValueShape, name: str) -> PythonType:
        found = self._value(shape, name)
        return found if shape.not_null or found is JSON else found.or_none()

    def _named(self, name: str, key: str, shape: ValueShape) -> str:
        return name + self._word(key, many=isinstance(shape, JsonArray))

    def _scalar(self, shape: Scalar) -> PythonType:
        origin = shape.origin
        declared = self._json_types.get(f"{origin.schema}.{origin.table}.{origin.column}") if origin else None
        return self._of_type(shape.type_oid, declared, frozenset())

    def _of_type(self, oid: int, declared: PythonType | None, around: frozenset[int]) -> PythonType:
        facts = self._below_domains(oid)
        if facts is None:
            return JSON
        if facts.element:
            return self._of_type(facts.element, declared, around).or_none().within("list")
        if facts.kind == "c":
            return self._composite(facts, around)
        if facts.oid in self._models.names.classes:
            return self._models.names.classes[facts.oid].type
        if facts.schema != "pg_catalog":  # a type of an extension may have a cast to json, as hstore has
            return _TEXT if facts.kind in {"r", "m"} else JSON
        if facts.bare_name in {"json", "jsonb"} and declared:
            return declared
        return _AS_THEY_ARE.get(facts.bare_name, _TEXT)

    def _composite(self, facts: TypeFacts, around: frozenset[int]) -> PythonType:
        """Return the class of a row where JSON has each of its values as the class does, under the same name."""
        relation = self._models.facts.relations.get(facts.relation)
        fields = self._models.fields.get(facts.relation)
        if relation is None or fields is None or facts.oid in around or facts.oid not in self._models.names.classes:
            return JSON
        for column, field in zip(relation.columns, fields, strict=True):
            declared = self._json_types.get(f"{relation.qualified_name}.{column.name}")
            found = self._of_type(column.type_oid, declared, around | {facts.oid})
            found = found if column.not_null else found.or_none()
            if field.name != column.name or found.text != field.type.text:
                return JSON
        return self._models.names.classes[facts.oid].type

    def _below_domains(self, oid: int) -> TypeFacts | None:
        facts = self._types.get(oid)
        while facts is not None and facts.kind == "d":
            facts = self._types.get(facts.base)
        return facts


def _whole(found: PythonType) -> PythonType:
    """Return the type as one that values become as a whole, lists included."""
    return PythonType(found.text, found.imports, found.text)
