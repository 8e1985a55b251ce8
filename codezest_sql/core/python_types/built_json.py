"""What JSON that SQL builds is in Python: models, lists and the values in them, as JSON writes PostgreSQL's types.

``to_jsonb`` writes most types as strings (``datum_to_jsonb`` of ``src/backend/utils/adt/jsonb.c``), of which pydantic
reads some back: dates and times are ISO 8601 there. What it could not read back stays a string. A numeric is a float:
that is what pydantic makes of a number's digits, whatever it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from codezest_sql.core.describe.value_shape import JsonArray, JsonObject, Scalar, ValueShape
from codezest_sql.core.python_types.annotation import JSON, PythonType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.python_types.annotation import PythonTypes

_STR = PythonType("str")
# By pg_type.typname: their form in JSON is read back as the type of a column.
_READ_BACK = frozenset(
    {
        *("int2", "int4", "int8", "float4", "float8", "bool", "oid"),
        *("uuid", "date", "time", "timetz", "timestamp", "timestamptz", "json", "jsonb"),
    }
)


class JsonField(NamedTuple):
    """A field of an object: its name in JSON, its type without ``| None``, whether null is allowed."""

    name: str
    type: JsonType
    nullable: bool


@dataclass(frozen=True, slots=True)
class JsonModel:
    """An object with just these fields."""

    fields: tuple[JsonField, ...]


@dataclass(frozen=True, slots=True)
class JsonList:
    """An array whose elements are all of one type."""

    element: JsonType
    nullable: bool


JsonType: TypeAlias = "PythonType | JsonModel | JsonList"


def json_type(shape: ValueShape, python: PythonTypes, declared: Mapping[str, PythonType]) -> JsonType:
    """Return the type of a value of this shape; an array that is always empty is one of anything.

    ``declared`` are the configured types of JSON columns, by ``schema.table.column``.
    """
    match shape:
        case JsonObject(fields):
            if len({name for name, _ in fields}) < len(fields):
                return JSON  # of two fields of one name a reader takes either
            return JsonModel(
                tuple(
                    [JsonField(name, json_type(each, python, declared), not each.not_null) for name, each in fields]
                )
            )
        case JsonArray(element):
            if element is None:
                return JsonList(JSON, nullable=False)
            return JsonList(json_type(element, python, declared), not element.not_null)
        case Scalar(type_oid, _, origin):
            configured = declared.get(f"{origin.schema}.{origin.table}.{origin.column}") if origin else None
            return _scalar(type_oid, python, configured)


def _scalar(type_oid: int, python: PythonTypes, configured: PythonType | None) -> JsonType:
    oid = python.base(type_oid)
    facts = python.types.get(oid)
    if facts is None:
        return JSON
    if facts.element:
        # Of one dimension or several: JSON nests, and the type does not define how deep.
        return JSON
    if facts.kind == "e":
        return python.result(oid)
    if facts.kind == "c":
        return JSON
    if facts.schema == "pg_catalog" and facts.bare_name in _READ_BACK:
        return python.result(oid, declared=configured)
    if facts.schema == "pg_catalog" and facts.bare_name == "numeric":
        return PythonType("float")
    # A type of an extension may have a cast to json, as hstore has, and be any JSON then.
    is_text = facts.schema == "pg_catalog" and facts.bare_name != "record"
    return _STR if is_text or facts.kind in {"r", "m"} else JSON


def has_model(found: JsonType) -> bool:
    """Whether a class has to be made for a value of the type."""
    match found:
        case JsonModel():
            return True
        case JsonList(element):
            return has_model(element)
        case _:
            return False
