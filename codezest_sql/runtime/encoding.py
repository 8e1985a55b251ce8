"""Python values to parameters as the server reads them, by the checked types; wrong types are refused.

All is text but bytea, which is binary: in text it would be twice as long. An encoder returns bytes, or raises
``TypeError`` or ``ValueError`` for a value that its type does not take. Nothing of a value is ever part of SQL.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from types import GenericAlias
from typing import TYPE_CHECKING, Any, TypeAlias, get_args
from uuid import UUID

from psycopg.types.multirange import Multirange
from psycopg.types.range import Range
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from codezest_sql.runtime.decoding import JSON, adapter, inner_type, mistake
from codezest_sql.runtime.values import JSON_NULL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.pg_types import Type

Encoder: TypeAlias = "Callable[[Any], bytes]"

_INTEGERS = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
    "oid": (0, 2**32 - 1),
}
_FLOATS = frozenset({"real", "double precision"})


def encoder(kind: Type, python: Any) -> Encoder:
    """Return the encoder of a parameter's values; never called with None."""
    kind = kind.bare
    if kind.kind == "a" and kind.element:
        return _array(encoder(kind.element, python), kind.element.bare)
    if kind.kind == "c":
        return _composite(kind, python)
    if kind.kind in {"r", "m"} and kind.element:
        one = _range(encoder(kind.element, python))
        return one if kind.kind == "r" else _multirange(one)
    if kind.name in JSON:
        return _json(python)
    if isinstance(python, type) and issubclass(python, Enum):
        return _enum(python)
    return _BY_NAME.get(kind.name, _text)


def expected(kind: Type, python: Any) -> str:
    """Return the Python type that a parameter takes, for messages."""
    kind = kind.bare
    if kind.kind == "a" and kind.element:
        return f"list[{expected(kind.element, python)}]"
    if kind.kind in {"r", "m"} and kind.element:
        return f"{'Range' if kind.kind == 'r' else 'Multirange'}[{expected(kind.element, python)}]"
    if python is not None:
        return _name(python)
    if kind.kind == "c":
        return "tuple"
    if kind.name in JSON:
        return "JSON"
    return _EXPECTED.get(kind.name, "str")


def _name(python: Any) -> str:
    """Return how a type is written in code: list[LineItem], whose ``__name__`` is list alone."""
    name = str(getattr(python, "__name__", python))
    if not isinstance(python, GenericAlias):
        return name
    return f"{name}[{', '.join(map(_name, get_args(python)))}]"


def _refuse(value: object) -> TypeError:
    return TypeError(type(value).__name__)


def _is(value: Any, *kinds: Any) -> bool:
    """Whether a value is of one of the types, silently to type checkers of what is in it."""
    return isinstance(value, kinds)


def _text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise _refuse(value)
    if "\0" in value:
        raise ValueError("a text with a NUL character, which PostgreSQL cannot hold")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise ValueError("a text with a lone surrogate, which UTF-8 cannot hold") from None


def _integer(low: int, high: int) -> Encoder:
    def encode(value: Any) -> bytes:
        if type(value) is not int and (not isinstance(value, int) or isinstance(value, bool)):
            raise _refuse(value)
        if not low <= value <= high:
            raise ValueError("an int out of range")  # the server's own message repeats the value
        return b"%d" % value

    return encode


def _float(value: Any) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refuse(value)
    return repr(float(value)).encode()


def _decimal(value: Any) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refuse(value)
    return str(value).encode()


def _bool(value: Any) -> bytes:
    if value is True:
        return b"t"
    if value is False:
        return b"f"
    raise _refuse(value)


def _uuid(value: Any) -> bytes:
    if not isinstance(value, UUID):
        raise _refuse(value)
    return value.hex.encode()


def _bytes(value: Any) -> bytes:
    if not _is(value, bytes, bytearray, memoryview):
        raise _refuse(value)
    return bytes(value)


def _date(value: Any) -> bytes:
    if type(value) is not dt.date and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
        raise _refuse(value)
    return value.isoformat().encode()


def _aware(value: Any) -> bytes:
    if not isinstance(value, dt.datetime | dt.time):
        raise _refuse(value)
    if value.utcoffset() is None:
        raise ValueError(f"a {type(value).__name__} without a time zone")
    return value.isoformat().encode()


def _naive(value: Any) -> bytes:
    if not isinstance(value, dt.datetime | dt.time):
        raise _refuse(value)
    if value.tzinfo is not None:
        raise ValueError(f"a {type(value).__name__} with a time zone")
    return value.isoformat().encode()


def _only(wanted: type, encode: Encoder) -> Encoder:
    def checked(value: Any) -> bytes:
        if not isinstance(value, wanted):
            raise _refuse(value)
        return encode(value)

    return checked


def _interval(value: Any) -> bytes:
    if not isinstance(value, dt.timedelta):
        raise _refuse(value)
    # With IntervalStyle sql_standard a sign at the beginning counts for all that has none of its own.
    return f"{value.days} days +{value.seconds} seconds +{value.microseconds} microseconds".encode()


_NETWORK = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)


def _network(value: Any) -> bytes:
    if not isinstance(value, _NETWORK):
        raise _refuse(value)
    return str(value).encode()


def _enum(python: type[Enum]) -> Encoder:
    labels = {member: str(member.value).encode() for member in python}

    def encode(value: Any) -> bytes:
        if not isinstance(value, python):
            raise _refuse(value)
        return labels[value]

    return encode


def _json(python: Any) -> Encoder:
    if python is None:
        return _to_json
    of = adapter(python)

    def encode(value: Any) -> bytes:
        try:
            value = None if value is JSON_NULL else value
            return of.dump_json(of.validate_python(value, strict=True), by_alias=True)
        except ValidationError as error:
            raise ValueError(
                f"{type(value).__name__}: {mistake(error, python)}"
            ) from None  # its own repeats the value
        except PydanticSerializationError:
            raise _without_json(value) from None
        except ValueError as error:
            raise _refuse(value) from error

    return encode


def _to_json(value: Any) -> bytes:
    try:
        return to_json(value)
    except PydanticSerializationError:
        raise _without_json(value) from None


def _without_json(value: object) -> ValueError:
    # Pydantic's own words repeat a part of the value.
    return ValueError(f"{type(value).__name__}: a text with a lone surrogate, or what has no form in JSON")


def _array(encode: Encoder, element: Type) -> Encoder:
    prefix = b"\\x" if element.name == "bytea" else b""
    comma = b";" if element.name == "box" else b","

    # A list within a JSON array is a JSON value, not another dimension; a tuple may be a row.
    nests = () if element.name in JSON else (list,) if element.kind == "c" else (list, tuple)

    def one(value: Any) -> bytes:
        if isinstance(value, nests):
            return through(value)
        if value is None:
            return b"NULL"
        text = prefix + encode(value).hex().encode() if prefix else encode(value)
        return b'"%s"' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')

    def through(values: Any) -> bytes:
        if not _is(values, list, tuple):
            raise _refuse(values)
        return b"{%s}" % comma.join([one(value) for value in values])

    return through


def _quoted(text: bytes) -> bytes:
    return b'"%s"' % text.replace(b"\\", b"\\\\").replace(b'"', b'""')


def _range(encode: Encoder) -> Encoder:
    def through(value: Any) -> bytes:
        if not _is(value, Range):
            raise _refuse(value)
        if value.isempty:
            return b"empty"
        lower = b"" if value.lower is None else _quoted(encode(value.lower))
        upper = b"" if value.upper is None else _quoted(encode(value.upper))
        bounds: bytes = value.bounds.encode()
        return bounds[:1] + lower + b"," + upper + bounds[1:]

    return through


def _multirange(encode: Encoder) -> Encoder:
    def through(value: Any) -> bytes:
        if not _is(value, Multirange):
            raise _refuse(value)
        return b"{%s}" % b",".join([encode(each) for each in value])

    return through


def _composite(kind: Type, python: Any) -> Encoder:
    model = python if isinstance(python, type) and issubclass(python, BaseModel) else None
    names = list(model.model_fields) if model else []
    annotations = [model.model_fields[name].annotation for name in names] if model else [None] * len(kind.attributes)
    each = [_attribute(of, to) for (_, of), to in zip(kind.attributes, annotations, strict=False)]

    def values(value: Any) -> Sequence[Any]:
        if model is not None:
            if not isinstance(value, model):
                raise _refuse(value)
            return [getattr(value, name) for name in names]
        if not _is(value, tuple) or len(value) != len(each):
            raise _refuse(value)
        made: Sequence[Any] = value
        return made

    def through(value: Any) -> bytes:
        parts = [
            b"" if part is None else _quoted(encode(part)) for encode, part in zip(each, values(value), strict=True)
        ]
        return b"(%s)" % b",".join(parts)

    return through


def _attribute(kind: Type, annotation: Any) -> Encoder:
    made = encoder(kind, inner_type(annotation, kind) if annotation is not None else None)
    if kind.bare.name != "bytea":
        return made
    return lambda value: b"\\x" + made(value).hex().encode()


_BY_NAME: dict[str, Encoder] = {
    **{name: _integer(*limits) for name, limits in _INTEGERS.items()},
    **dict.fromkeys(_FLOATS, _float),
    "numeric": _decimal,
    "boolean": _bool,
    "uuid": _uuid,
    "bytea": _bytes,
    "date": _date,
    "timestamp with time zone": _only(dt.datetime, _aware),
    "timestamp without time zone": _only(dt.datetime, _naive),
    "time with time zone": _only(dt.time, _aware),
    "time without time zone": _only(dt.time, _naive),
    "interval": _interval,
    "inet": _network,
    "cidr": _network,
}
_EXPECTED = {
    **dict.fromkeys(_INTEGERS, "int"),
    **dict.fromkeys(_FLOATS, "float"),
    "numeric": "Decimal",
    "boolean": "bool",
    "uuid": "UUID",
    "bytea": "bytes",
    "date": "date",
    "timestamp with time zone": "datetime with a time zone",
    "timestamp without time zone": "datetime without a time zone",
    "time with time zone": "time with a time zone",
    "time without time zone": "time without a time zone",
    "interval": "timedelta",
    "inet": "IPv4Address and the like",
    "cidr": "IPv4Network and the like",
}
