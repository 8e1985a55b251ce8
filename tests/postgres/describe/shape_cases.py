"""The corpus of tests/cases/shapes: statements with a sentence on top, and after ``-->`` a shape for each column.

``{name: shape, …}`` is an object, ``[shape]`` an array, a bare name a type; ``!`` is never NULL, ``?`` may be.
``-`` is no shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.describe.value_shape import JsonArray, JsonObject, Scalar, ValueShape
from tests.paths import CASES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.describe.types import TypeFacts

CORPUS = CASES / "shapes"
NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}
ANYTHING = {"json", "jsonb"}


@dataclass(frozen=True, slots=True)
class ShapeCase:
    """One statement and the shapes of its columns."""

    sentence: str
    statement: str
    expected: tuple[str, ...]


def read_shape_cases(name: str) -> tuple[ShapeCase, ...]:
    """Return the cases of a file."""
    return tuple(_case(block) for block in (CORPUS / name).read_text("utf-8").strip().split("\n\n"))


def _case(block: str) -> ShapeCase:
    lines = block.split("\n")
    shapes = tuple(line.removeprefix("--> ") for line in lines if line.startswith("--> "))
    statement = "\n".join(line for line in lines[1:] if not line.startswith("--> "))
    return ShapeCase(lines[0].removeprefix("-- "), statement, shapes)


def written(shape: ValueShape | None, types: Mapping[int, TypeFacts]) -> str:
    """Return a shape as the corpus writes it."""
    if shape is None:
        return "-"
    mark = "!" if shape.not_null else "?"
    match shape:
        case Scalar():
            return (types[shape.type_oid].name if shape.type_oid in types else "record") + mark
        case JsonArray():
            return f"[{written(shape.element, types) if shape.element else ''}]{mark}"
        case JsonObject():
            return f"{{{', '.join(f'{name}: {written(each, types)}' for name, each in shape.fields)}}}{mark}"


def fits(value: object, shape: ValueShape, types: Mapping[int, TypeFacts]) -> bool:
    """Return whether a value, as JSON is read, is of a shape."""
    if value is None:
        return not shape.not_null or _may_be_null_of_json(shape, types)
    match shape:
        case JsonObject():
            return (
                isinstance(value, dict)
                and value.keys() == {name for name, _ in shape.fields}
                and all(fits(value[name], each, types) for name, each in shape.fields)
            )
        case JsonArray():
            return isinstance(value, list) and all(
                shape.element is not None and fits(each, shape.element, types) for each in value
            )
        case Scalar():
            return _fits_type(value, types.get(shape.type_oid))


def _may_be_null_of_json(shape: ValueShape, types: Mapping[int, TypeFacts]) -> bool:
    return isinstance(shape, Scalar) and types[shape.type_oid].name in ANYTHING


def _fits_type(value: object, facts: TypeFacts | None) -> bool:
    if facts is None or facts.name in ANYTHING:
        return True
    if facts.name in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if facts.name == "boolean":
        return isinstance(value, bool)
    if facts.element:
        return isinstance(value, list)
    if facts.name == "record":
        return isinstance(value, dict)
    if facts.relation:
        return isinstance(value, dict) and value.keys() == {name for name, _ in facts.attributes}
    return isinstance(value, str)
