"""``$jsonSchema`` of MongoDB from a Pydantic model, so that the store refuses what the model would. Pure.

MongoDB reads JSON Schema draft 4 with ``bsonType``. What is not known here is an error, never "anything".
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import BaseMetadata, Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import AwareDatetime, BaseModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_PLAIN: dict[object, dict[str, Any]] = {
    str: {"bsonType": "string"},
    bool: {"bsonType": "bool"},
    # A number of Python's is stored as whichever of these holds it.
    int: {"bsonType": ["int", "long"]},
    float: {"bsonType": ["double", "int", "long"]},
    dt.datetime: {"bsonType": "date"},
    UUID: {"bsonType": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    bytes: {"bsonType": "binData"},
}


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the validator of a collection of such documents. Raises ``TypeError`` for a field of another type."""
    return {"$jsonSchema": _object(model, key="_id")}


def _object(model: type[BaseModel], *, key: str = "id") -> dict[str, Any]:
    properties = {
        key if name == "id" else name: _field(model, name, field) for name, field in model.model_fields.items()
    }
    found: dict[str, Any] = {"bsonType": "object", "required": sorted(properties), "properties": properties}
    if model.model_config.get("extra") == "forbid":
        found["additionalProperties"] = False
    return found


def _field(model: type[BaseModel], name: str, field: FieldInfo) -> dict[str, Any]:
    try:
        found = _type(field.annotation)
        for rule in field.metadata:
            _constrain(found, rule)
    except TypeError as error:
        raise TypeError(f"{model.__name__}.{name}: {error}") from None
    return found


def _type(annotation: Any) -> dict[str, Any]:  # noqa: PLR0911  # a case each
    if annotation in _PLAIN:
        return dict(_PLAIN[annotation])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        found = _type(arguments[0])
        for rule in arguments[1:]:
            _constrain(found, rule)
        return found
    if origin in {Union, UnionType}:
        return _union([each for each in arguments if each is not NoneType], optional=NoneType in arguments)
    if origin is Literal:
        return {"enum": [*arguments]}
    if origin in {list, tuple} and arguments:
        return {"bsonType": "array", "items": _type(arguments[0])}
    if origin is dict:
        return {"bsonType": "object", "additionalProperties": _type(arguments[1])}
    if annotation is Any:
        return {}
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {"enum": [each.value for each in annotation]}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _object(annotation)
    # AwareDatetime of Pydantic's is a class of its own.
    if annotation is AwareDatetime:
        return dict(_PLAIN[dt.datetime])
    raise TypeError(f"{annotation!r} has no type in MongoDB that is known here")


def _union(members: list[Any], *, optional: bool) -> dict[str, Any]:
    found = _type(members[0]) if len(members) == 1 else {"anyOf": [_type(each) for each in members]}
    if not optional:
        return found
    if "bsonType" in found:
        types = found["bsonType"]
        return found | {"bsonType": [*(types if isinstance(types, list) else [types]), "null"]}
    if "enum" in found:
        return {"enum": [*found["enum"], None]}
    return {"anyOf": [*found.get("anyOf", [found]), {"bsonType": "null"}]}


def _constrain(found: dict[str, Any], rule: object) -> None:
    if isinstance(rule, MinLen):
        found[_length(found, "min")] = rule.min_length
    elif isinstance(rule, MaxLen):
        found[_length(found, "max")] = rule.max_length
    elif isinstance(rule, Ge):
        found["minimum"] = rule.ge
    elif isinstance(rule, Gt):
        found |= {"minimum": rule.gt, "exclusiveMinimum": True}
    elif isinstance(rule, Le):
        found["maximum"] = rule.le
    elif isinstance(rule, Lt):
        found |= {"maximum": rule.lt, "exclusiveMaximum": True}
    elif isinstance(rule, MultipleOf):
        found["multipleOf"] = rule.multiple_of
    elif isinstance(pattern := getattr(rule, "pattern", None), str):  # Pydantic's own, of Field(pattern=…)
        found["pattern"] = pattern
    elif isinstance(rule, BaseMetadata):
        raise TypeError(f"{rule!r} is no rule of MongoDB's that is known here")


def _length(found: dict[str, Any], end: str) -> str:
    return f"{end}Items" if "array" in found.get("bsonType", ()) else f"{end}Length"
