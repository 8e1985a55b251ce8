"""Builds instances of Pydantic models without validating them, for values whose types were verified.

An instance is made of a *twin* of the model: a class with the same layout, but with object's plain ``__setattr__``,
so that fields are set by the interpreter's fastest way. Then it gets its true class. ``tests/runtime/test_twin.py``
proves on many shapes of models that such an instance is indistinguishable from a validated one.

A model whose construction does more than take values (validators, an ``__init__`` of its own, a root model, a
dataclass-like decorator) is not built so: ``can_build`` returns False, and it is validated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from codezest_sql.runtime.ranges import MultirangeForm, RangeForm

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a validator or a configuration would do to values that are of the right type already.
_CHANGING = ("str_strip_whitespace", "str_to_lower", "str_to_upper", "coerce_numbers_to_str", "use_enum_values")
# Metadata of a field that leaves a value of the right type as it is.
_KEEPING = (RangeForm, MultirangeForm)
_SLOTS = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")


def can_build(model: type[BaseModel]) -> bool:
    """Whether an instance that was not validated is the same as one that was."""
    decorators = model.__pydantic_decorators__
    return (
        not model.__pydantic_root_model__
        and model.__init__ is BaseModel.__init__
        and model.__new__ is object.__new__
        and not any(
            (
                decorators.validators,
                decorators.field_validators,
                decorators.root_validators,
                decorators.model_validators,
            )
        )
        and not any(model.model_config.get(name) for name in _CHANGING)
        and model.model_config.get("revalidate_instances", "never") == "never"
        and all(isinstance(each, _KEEPING) for field in model.model_fields.values() for each in field.metadata)
    )


def twin_of(model: type[BaseModel]) -> type[Any] | None:
    """Return the twin, or None where Python refuses to exchange both classes."""
    names: dict[str, Any] = {
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
        "__module__": model.__module__,
    }
    if "__slots__" in model.__dict__:
        names["__slots__"] = ()
    try:
        # type's own constructor: pydantic's would build validators for it, and register it as a subclass.
        made: type[Any] = type.__new__(type(model), model.__name__, model.__bases__, names)
        object.__new__(made).__class__ = model
    except TypeError:
        return None
    return made


def source_of(
    fields: Sequence[str], model: type[BaseModel], names: dict[str, Any], expressions: Sequence[str]
) -> str:
    """Return the lines that make ``m``, a ``model`` with ``expressions`` in its fields; ``names`` gets what they use.

    The lines are indented by eight spaces. Nothing of a value or of the database is in them: ``fields`` are those of
    the model, and ``expressions`` our own.
    """
    twin = twin_of(model)
    # Shared by all instances: it is frozen in effect, since setting a field that is in it already changes nothing.
    allows_extra = model.model_config.get("extra") == "allow"
    names |= {"new": object.__new__, "model": model, "given": set(fields)}
    given = "given.copy()" if allows_extra or len(fields) < len(model.model_fields) else "given"
    extra = "{}" if allows_extra else "None"
    if twin is not None:
        names["twin"] = twin
        lines = ["m = new(twin)"]
        lines += [f"m.{field} = {value}" for field, value in zip(fields, expressions, strict=True)]
        lines += [
            f"m.__pydantic_fields_set__ = {given}",
            f"m.__pydantic_extra__ = {extra}",
            "m.__pydantic_private__ = None",
            "m.__class__ = model",
        ]
    else:
        for slot in _SLOTS:
            names[f"set{slot}"] = BaseModel.__dict__[slot].__set__
        inner = ", ".join(f"{field!r}: {value}" for field, value in zip(fields, expressions, strict=True))
        lines = [
            "m = new(model)",
            f"set__dict__(m, {{{inner}}})",
            f"set__pydantic_fields_set__(m, {given})",
            f"set__pydantic_extra__(m, {extra})",
            "set__pydantic_private__(m, None)",
        ]
    if model.__pydantic_post_init__:
        lines.append("m.model_post_init(None)")
    return "".join(f"        {line}\n" for line in lines)
