"""From what psycopg's loaders give to the values that rows hold: which conversion a column needs, if any.

Timestamps and JSON are loaded as text and converted here, since ``fromisoformat`` and ``from_json`` are faster than
psycopg's loaders. ``None`` for a conversion means that the loader's value is it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, Union, cast, get_args, get_origin

from psycopg.types.multirange import Multirange
from psycopg.types.range import Range
from pydantic import BaseModel, PydanticUserError, ValidationError
from pydantic_core import from_json

from codezest_sql.runtime.unvalidated import can_build, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic import TypeAdapter

    from codezest_sql.runtime.pg_types import Type

# A dict is subscripted, which costs a tenth of a call.
Conversion: TypeAlias = "Callable[[Any], Any] | dict[str, Any] | None"

JSON = frozenset({"json", "jsonb"})
ISO = frozenset({"timestamp with time zone", "timestamp without time zone"})


class DimensionsError(ValueError):
    """An array has other dimensions than its type."""


def conversion(kind: Type, python: Any, dimensions: Sequence[int] = (1,)) -> Conversion:  # noqa: PLR0911  # by kinds
    """Return what makes ``python`` of a value as psycopg loads it; it is never called with None.

    ``dimensions`` are those that an array can have; any, where none is named.
    """
    kind = kind.bare
    if kind.kind == "a" and kind.element:
        each = as_function(conversion(kind.element, python))
        if kind.element.bare.kind == "a":  # a domain over arrays: its values are lists too
            return _each_of_one(each) if each else None
        return _with_dimensions(_each(each) if each else None, dimensions)
    if kind.kind == "c":
        return _composite(kind, python)
    if kind.kind in {"r", "m"} and kind.element:
        bound = as_function(conversion(kind.element, python))
        if bound is None:
            return None
        return _range(bound) if kind.kind == "r" else _multirange(_range(bound))
    if kind.name in JSON:
        return from_json if python is None else adapter(python).validate_json
    if is_enum(python):
        return {member.value: member for member in python}
    if kind.name in ISO:
        return datetime.fromisoformat
    if kind.name == "interval":
        return interval
    if kind.name == "void":
        return _nothing  # the server sends an empty text
    return adapter(python).validate_python if python is not None else None


_INTERVAL = re.compile(
    r"(?:(-?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-])?(\d+):(\d\d):(\d\d)(?:\.(\d+))?)?"
)


def interval(text: str) -> timedelta:
    """Return an interval as a timedelta: a month has 30 days and a year 365, as psycopg has it.

    psycopg's own loader in C gives a wrong value where the days do not fit into 32 bits (3.3.9). Raises
    ``ValueError`` and ``OverflowError``.
    """
    found = _INTERVAL.fullmatch(text)
    if found is None or not text:
        raise ValueError("the interval is infinite, or the session's IntervalStyle is not postgres")
    years, months, days, sign, hours, minutes, seconds, fraction = found.groups(default="0")
    time = timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=int(fraction[:6].ljust(6, "0"))
    )
    whole = timedelta(days=365 * int(years) + 30 * int(months) + int(days))
    return whole - time if sign == "-" else whole + time


@cache
def adapter(python: Any) -> TypeAdapter[Any]:
    """Return pydantic's adapter of a type."""
    # 10 ms that an application without declared JSON saves.
    from pydantic import TypeAdapter  # noqa: PLC0415

    try:
        # NaN stays what it is, for the server to refuse, and does not become null.
        return TypeAdapter(python, config={"ser_json_inf_nan": "constants"})
    except PydanticUserError:  # a model has a configuration of its own
        return TypeAdapter(python)


def _nothing(_: object) -> None:
    return None


def mistake(error: Exception, python: Any) -> str:
    """Return the place and pydantic's message of a value's first error, and nothing of the value."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # The message of an application's own validator may repeat the value.
    said = "refused" if first["type"] in {"value_error", "assertion_error"} else first["msg"]
    # And a key that is no field's is the caller's.
    try:
        fields = set(_fields(adapter(python).json_schema()))
    except PydanticUserError:  # of a type that has no schema
        fields = set[str]()
    place = ".".join(str(part) if isinstance(part, int) or part in fields else "…" for part in first["loc"])
    return f"{place}: {said}" if place else said


def _fields(schema: Any) -> Iterator[str]:
    """Yield the names of all properties in a JSON schema."""
    if isinstance(schema, dict):
        entries = cast("dict[str, Any]", schema)
        yield from entries.get("properties", ())
        for entry in entries.values():
            yield from _fields(entry)
    elif isinstance(schema, list):
        items = cast("Iterable[Any]", schema)
        for each in items:
            yield from _fields(each)


def is_enum(python: Any) -> bool:
    """Whether values become members of an enum."""
    return isinstance(python, type) and issubclass(python, Enum)


def as_function(found: Conversion) -> Callable[[Any], Any] | None:
    """Return a conversion as something to call."""
    return _subscript(found) if isinstance(found, dict) else found


def _subscript(labels: Any) -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = labels.__getitem__
    return function


def _each(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Convert the elements of an array, whatever its dimensions are."""
    nests: Any = list

    def through(values: list[Any]) -> list[Any]:
        return [
            None if value is None else through(value) if type(value) is nests else convert(value) for value in values
        ]

    return through


def _each_of_one(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: [None if value is None else convert(value) for value in values]


def _with_dimensions(convert: Callable[[Any], Any] | None, dimensions: Sequence[int]) -> Callable[[Any], Any] | None:
    """Refuse an array of other dimensions. Its first element is a list as every other one is, or none is."""
    if not dimensions:
        return convert
    nests: Any = list

    def through(values: Any) -> Any:
        count, inner = 1, values
        while inner and type(inner[0]) is nests:
            count, inner = count + 1, inner[0]
        if values and count not in dimensions:
            allowed = " or ".join(map(str, dimensions))
            raise DimensionsError(f"an array of {count} dimensions, where its type has {allowed}")
        return convert(values) if convert else values

    return through


def _range(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def through(value: Range[Any]) -> Range[Any]:
        if value.isempty:
            return value
        lower = None if value.lower is None else convert(value.lower)
        upper = None if value.upper is None else convert(value.upper)
        return Range(lower, upper, value.bounds)

    return through


def _multirange(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: Multirange([convert(each) for each in value])


def _composite(kind: Type, python: Any) -> Callable[[Any], Any]:
    """Make a model of a row value; its fields are in the order of the type's attributes. Without one, a tuple."""
    model = python if isinstance(python, type) and issubclass(python, BaseModel) else None
    names = list(model.model_fields) if model else [name for name, _ in kind.attributes]
    wanted = [
        inner_type(model.model_fields[name].annotation, each) if model else None
        for name, (_, each) in zip(names, kind.attributes, strict=False)
    ]
    deep = [
        _depths(model.model_fields[name].annotation, of) if model else ()
        for name, (_, of) in zip(names, kind.attributes, strict=False)
    ]
    each = [
        as_function(conversion(of, to, depths))
        for (_, of), to, depths in zip(kind.attributes, wanted, deep, strict=False)
    ]

    def values(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            [value if value is None or to is None else to(value) for value, to in zip(row, each, strict=True)]
        )

    if model is None:
        return values
    required = [number for number, name in enumerate(names) if not takes_none(model.model_fields[name].annotation)]
    make = maker(model)

    def through(row: tuple[Any, ...]) -> Any:
        if any(row[number] is None for number in required):
            # A table's row type is made of values anywhere, where no NOT NULL of the table holds.
            raise ValueError(f"a NULL in {model.__name__}")
        return make(values(row))

    return through


def maker(model: type[BaseModel], *, validate: bool = False) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a model of the values of all its fields, in their order; validated where it has to be."""
    fields = list(model.model_fields)
    if validate or not can_build(model):
        made = adapter(model).validate_python
        keys = [field_key(model, name) for name in fields]
        return lambda values: made(dict(zip(keys, values, strict=True)))
    names: dict[str, Any] = {}
    body = source_of(fields, model, names, [f"values[{number}]" for number in range(len(fields))])
    exec(f"def make(values):\n    if True:\n{body}        return m\n", names)  # noqa: S102  # our own text
    function: Callable[[Sequence[Any]], Any] = names["make"]
    return function


def takes_none(annotation: Any) -> bool:
    """Whether a field may be None."""
    return annotation is None or annotation is Any or type(None) in getattr(annotation, "__args__", ())


def field_key(model: type[BaseModel], name: str) -> str:
    """Return the key under which validation takes a field."""
    alias = model.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else name


def inner_type(annotation: Any, kind: Type) -> Any:
    """Return what an attribute becomes beyond its type's default: a model or an enum, also within ``list``."""
    bare = kind.bare
    if bare.element:
        inner = next(iter(get_args(_not_none(annotation))), None)
        if bare.element.bare.name not in JSON and bare.element.bare.kind != "a":
            while get_origin(_not_none(inner)) is list:  # another dimension
                inner = get_args(_not_none(inner))[0]
        return inner_type(inner, bare.element)
    if bare.name in JSON:
        return annotation
    found = _not_none(annotation)
    return found if isinstance(found, type) and issubclass(found, Enum | BaseModel) else None


def _depths(annotation: Any, kind: Type) -> tuple[int, ...]:
    """Return the dimensions of an array with this annotation; none for one of JSON, whose elements may be lists."""
    if kind.bare.element and kind.bare.element.bare.name in JSON:
        return ()
    count, inner = 0, _not_none(annotation)
    while get_origin(inner) is list:
        count, inner = count + 1, _not_none(get_args(inner)[0])
    return (count or 1,)


def _not_none(annotation: Any) -> Any:
    """Return the type of an annotation without None and without the metadata of ``Annotated``."""
    if get_origin(annotation) in {Union, UnionType}:
        annotation = next((each for each in get_args(annotation) if each is not type(None)), None)
    return annotation.__origin__ if get_origin(annotation) is Annotated else annotation
