"""What is inside a value that SQL builds: the fields of a JSON object, the elements of an array, plain values.

Only what is certain: every object has just these fields, every element is of this shape. NULL of SQL is null in
JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.core.describe.types import Origin, TypeFacts

JSON, JSONB, RECORD = 114, 3802, 2249  # OIDs of pg_type.dat
_JSON = frozenset({JSON, JSONB})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value of a PostgreSQL type, as it is or, within JSON, as ``to_jsonb`` writes it.

    ``type_oid`` can be any type: also a domain, an array, a composite, and json or jsonb, which may hold anything, a
    null of JSON too. ``origin`` is the table column that it is, unchanged. In JSON a number is a number, but for NaN
    and infinity; bool, arrays and composites are JSON's own; a type with a cast to json is what that makes; all
    else is a string (PostgreSQL documentation, 9.16, ``to_jsonb``).
    """

    type_oid: int
    not_null: bool
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object of JSON with these fields and no others, each there, in the order in which they were written."""

    fields: tuple[tuple[str, ValueShape], ...]
    not_null: bool = True


@dataclass(frozen=True, slots=True)
class JsonArray:
    """An array of JSON, or one of SQL with one dimension. ``element`` is None where it is always empty."""

    element: ValueShape | None
    not_null: bool = True

    @property
    def elements_not_null(self) -> bool:
        """Whether no element is NULL; so it is when there is none."""
        return self.element is None or self.element.not_null


ValueShape: TypeAlias = Scalar | JsonObject | JsonArray


def with_not_null(shape: ValueShape, not_null: bool) -> ValueShape:  # noqa: FBT001
    """Return the same shape with something else known of its NULL."""
    return shape if shape.not_null == not_null else replace(shape, not_null=not_null)


def tells_more(shape: ValueShape, type_oid: int, types: Mapping[int, TypeFacts]) -> bool:
    """Return whether the shape of a column is more precise than its type, for values as they arrive.

    A row within an array of SQL is no object of JSON there, which it would be within an array of JSON.
    """
    element = types[type_oid].element if type_oid in types else 0
    if not element:
        return not isinstance(shape, Scalar) or shape.type_oid not in {JSON, JSONB, RECORD}
    return isinstance(shape, JsonArray) and (
        not isinstance(shape.element, JsonObject | JsonArray) or element in _JSON
    )


def merged(shapes: Iterable[ValueShape | None]) -> ValueShape | None:
    """Return the shape of a value that is of one of these shapes; None where they differ, or one is not known."""
    found = tuple(shapes)
    return reduce(_both, found[1:], found[0]) if found else None


def _both(one: ValueShape | None, other: ValueShape | None) -> ValueShape | None:
    if one is None or other is None:
        return None
    not_null = one.not_null and other.not_null
    match one, other:
        case Scalar(), Scalar() if one.type_oid == other.type_oid:
            return Scalar(one.type_oid, not_null, one.origin if one.origin == other.origin else None)
        case JsonArray(), JsonArray():
            if one.element is None or other.element is None:
                return JsonArray(one.element or other.element, not_null)
            element = _both(one.element, other.element)
            return None if element is None else JsonArray(element, not_null)
        case JsonObject(), JsonObject():
            return _objects(one, other, not_null=not_null)
        case _:
            return None


def _objects(one: JsonObject, other: JsonObject, *, not_null: bool) -> JsonObject | None:
    others = dict(other.fields)
    if len(others) != len(one.fields):
        return None
    fields: list[tuple[str, ValueShape]] = []
    for name, value in one.fields:
        both = _both(value, others.get(name))
        if both is None:
            return None
        fields.append((name, both))
    return JsonObject(tuple(fields), not_null)
