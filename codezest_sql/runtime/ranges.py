"""Ranges in models: psycopg's own classes, with a form in JSON and in a JSON schema.

Generated code annotates a field as ``Range[int]``; type checkers and values see psycopg's ``Range``. Its JSON is
``{"lower": 1, "upper": null, "bounds": "[)"}``; the bounds of an empty range are ``empty``. A multirange is a list.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, get_args

from psycopg.types.multirange import Multirange as PsycopgMultirange
from psycopg.types.range import Range as PsycopgRange
from pydantic_core import core_schema as core

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler

T = TypeVar("T")
_EMPTY = "empty"
_BOUNDS = ["[)", "(]", "[]", "()", _EMPTY]
# As in Model: a configuration does not reach into an object within a field.
_CONFIG = core.CoreConfig(
    allow_inf_nan=True, ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="strings"
)


class RangeForm:
    """What pydantic makes of a range. Values of the right type stay equal."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core.CoreSchema:
        """Return the schema of ``Range[T]``."""
        return _range(handler.generate_schema(_bound_of(source)))


class MultirangeForm:
    """What pydantic makes of a multirange. Values of the right type stay equal."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core.CoreSchema:
        """Return the schema of ``Multirange[T]``."""
        many = core.list_schema(_range(handler.generate_schema(_bound_of(source))))
        return _through(many, _ranges_of, PsycopgMultirange)


Range: TypeAlias = Annotated[PsycopgRange[T], RangeForm()]
Multirange: TypeAlias = Annotated[PsycopgMultirange[T], MultirangeForm()]


def _bound_of(source: Any) -> Any:
    return next(iter(get_args(source)), Any)


def _range(bound: core.CoreSchema) -> core.CoreSchema:
    bound = core.nullable_schema(bound)
    fields = core.typed_dict_schema(
        {
            "lower": core.typed_dict_field(core.with_default_schema(bound, default=None), required=False),
            "upper": core.typed_dict_field(core.with_default_schema(bound, default=None), required=False),
            "bounds": core.typed_dict_field(
                core.with_default_schema(core.literal_schema(_BOUNDS), default="[)"), required=False
            ),
        },
        config=_CONFIG,
    )
    return _through(fields, _parts_of, _made)


def _through(form: core.CoreSchema, apart: Any, together: Any) -> core.CoreSchema:
    """Return the schema of values that are validated as another form; only JSON shows that form."""

    def write(value: Any, handler: Callable[[Any], Any], info: Any) -> Any:
        return value if info.mode == "python" else _finite(handler(apart(value)))

    return core.no_info_after_validator_function(
        together,
        core.no_info_before_validator_function(apart, form),
        serialization=core.wrap_serializer_function_ser_schema(write, info_arg=True, schema=form),
    )


def _is(value: Any, kind: Any) -> bool:
    """Whether a value is of a type, silently to type checkers of what is in it."""
    return isinstance(value, kind)


def _finite(form: Any) -> Any:
    """Return the form with a text for a float that JSON has not: the configuration of a model does not reach it."""
    if not _is(form, dict):
        return form
    return {name: _spelt(part) if isinstance(part, float) else part for name, part in form.items()}


def _spelt(number: float) -> float | str:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _parts_of(value: Any) -> Any:
    if not _is(value, PsycopgRange):
        return value
    return {"lower": value.lower, "upper": value.upper, "bounds": _EMPTY if value.isempty else value.bounds}


def _made(parts: dict[str, Any]) -> PsycopgRange[Any]:
    if parts["bounds"] == _EMPTY:
        return PsycopgRange(empty=True)
    return PsycopgRange(parts["lower"], parts["upper"], parts["bounds"])


def _ranges_of(value: Any) -> Any:
    return [*value] if _is(value, PsycopgMultirange) else value
