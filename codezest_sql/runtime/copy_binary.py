"""Makes the function that packs a row for COPY's binary format: generated code, one function for each table.

Fields of a fixed size that are next to each other, and the lengths of others, are packed by one ``Struct``; types are
checked inline. That takes half the time of an encoder for each field.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.adapt import PyFormat

from codezest_sql.runtime.decoding import is_enum
from codezest_sql.runtime.encoding import encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.pg_types import Type
    from codezest_sql.runtime.values import Parameter

NULL = b"\xff\xff\xff\xff"
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY = EPOCH.toordinal()
_TEXTS = frozenset({"text", "character varying", "character", "name"})
_length = Struct("!i").pack


class Field(NamedTuple):
    """How a type's values are packed; ``{a}`` in its source is the variable that holds the value.

    ``check`` are lines that refuse a value, or replace it. A field of a fixed size has its ``form`` (of ``struct``)
    and an expression of what is packed by it; another one an expression of its bytes, with their length in front of
    them if ``sized``.
    """

    check: tuple[str, ...]
    value: str
    form: str = ""
    sized: bool = False


def packer(types: Sequence[Type], parameters: Sequence[Parameter]) -> Callable[[tuple[Any, ...]], bytes] | None:
    """Return what makes a row of its values; None where a type is not packed here.

    It raises ``TypeError``, ``ValueError``, ``ArithmeticError``, ``AttributeError``, ``RecursionError`` or
    ``struct.error`` for values that the types do not take.
    """
    names: dict[str, Any] = dict(_NAMES)
    fields: list[Field] = []
    for number, (kind, parameter) in enumerate(zip(types, parameters, strict=True)):
        field = _field(kind.bare, parameter.python, f"c{number}", names)
        if field is None:
            return None
        fields.append(field)
    source = _source(fields, [parameter.nullable for parameter in parameters], names)
    exec(compile(source, "<packer>", "exec"), names)  # noqa: S102  # our own text: no value and no name is in it
    made: Callable[[tuple[Any, ...]], bytes] = names["pack_row"]
    return made


class _Pieces:
    """The expressions that are joined; what goes into one ``Struct`` is gathered until something else comes."""

    def __init__(self, count: int, names: dict[str, Any]) -> None:
        self.done: list[str] = []
        self._names = names
        self._form = "h"
        self._values = [str(count)]

    def fixed(self, form: str, *values: str) -> None:
        self._form += form
        self._values += values

    def other(self, expression: str) -> None:
        self.end()
        self.done.append(expression)

    def end(self) -> None:
        if not self._form:
            return
        name = f"pack{len(self.done)}"
        self._names[name] = Struct(f"!{self._form}").pack
        self.done.append(f"{name}({', '.join(self._values)})")
        self._form, self._values = "", []


def _source(fields: Sequence[Field], nullable: Sequence[bool], names: dict[str, Any]) -> str:
    pieces = _Pieces(len(fields), names)
    variables = [f"a{number}" for number in range(len(fields))]
    lines = [f"{', '.join(variables)}, = values"]
    for number, (a, field, may_be_null) in enumerate(zip(variables, fields, nullable, strict=True)):
        check = [line.format(a=a) for line in field.check]
        value = field.value.format(a=a)
        if may_be_null:
            pack = "sized"
            if field.form:
                pack = f"null{number}"
                struct = Struct(f"!i{field.form}")
                names[pack] = struct.pack
                value = f"{pack}({struct.size - 4}, {value})"
            elif field.sized:
                value = f"sized({value})"
            lines += [f"if {a} is None:", f"    d{number} = NULL", "else:"]
            lines += [f"    {line}" for line in [*check, f"d{number} = {value}"]]
            pieces.other(f"d{number}")
            continue
        lines += check
        if field.form:
            pieces.fixed(f"i{field.form}", str(Struct(f"!{field.form}").size), value)
        elif field.sized:
            lines.append(f"d{number} = {value}")
            pieces.fixed("i", f"len(d{number})")
            pieces.other(f"d{number}")
        else:
            pieces.other(value)
    pieces.end()
    lines.append(f"return join(({', '.join(pieces.done)},))")
    return "def pack_row(values):\n" + "".join(f"    {line}\n" for line in lines)


def _field(kind: Type, python: Any, name: str, names: dict[str, Any]) -> Field | None:
    if kind.kind == "e":
        if python is None:
            return _TEXT
        if not is_enum(python):
            return None
        encode = encoder(kind, python)
        names[name] = {member: _sized(encode(member)) for member in python}
        names[f"{name}k"] = python
        return Field((f"if type({{a}}) is not {name}k: refuse({{a}})",), f"{name}[{{a}}]")
    if kind.name in {"json", "jsonb", "bytea"}:
        names[name] = encoder(kind, python)
        return Field((), f"b'\\x01' + {name}({{a}})" if kind.name == "jsonb" else f"{name}({{a}})", sized=True)
    return _TEXT if kind.name in _TEXTS else _FIELDS.get(kind.name)


def _sized(data: bytes) -> bytes:
    return _length(len(data)) + data


def _refuse(value: object) -> Any:
    raise TypeError(type(value).__name__)


def _text(value: Any) -> str:
    return value if isinstance(value, str) and "\0" not in value else _refuse(value)


def _integer(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else _refuse(value)


def _real(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else _refuse(value)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else _refuse(value)


def _aware(value: Any) -> dt.timedelta:
    return value - EPOCH if isinstance(value, dt.datetime) and value.tzinfo is not None else _refuse(value)


def _naive(value: Any) -> dt.timedelta:
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        return _refuse(value)  # type: ignore[no-any-return]  # it never returns
    return value.replace(tzinfo=dt.UTC) - EPOCH


def _day(value: Any) -> int:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        return _refuse(value)  # type: ignore[no-any-return]
    return value.toordinal() - _EPOCH_DAY


# What psycopg registers is its C class, where there is one; the Python class takes 7 µs.
_dump_decimal = psycopg.adapters.get_dumper(Decimal, PyFormat.BINARY)(Decimal).dump


def _decimal(value: Any) -> bytes:
    if type(value) is not Decimal and not isinstance(value, Decimal):
        value = Decimal(_integer(value))
    return _dump_decimal(value) or b""  # type: ignore[return-value]  # what can be joined is as good as bytes


_NAMES: dict[str, Any] = {
    "join": b"".join, "NULL": NULL, "sized": _sized, "refuse": _refuse, "text": _text, "integer": _integer,
    "real": _real, "UUID": UUID, "uuid": _uuid, "aware": _aware, "naive": _naive, "day": _day, "decimal": _decimal,
}  # fmt: skip

_TEXT = Field(("if type({a}) is not str or '\\0' in {a}: {a} = text({a})",), "{a}.encode()", sized=True)
_INTEGER = ("if type({a}) is not int: {a} = integer({a})",)
_FLOAT = ("if type({a}) is not float: {a} = real({a})",)
# Integer timestamps: microseconds since 2000.
_SINCE = "({a}.days * 86400 + {a}.seconds) * 1000000 + {a}.microseconds"
_FIELDS = {
    "smallint": Field(_INTEGER, "{a}", "h"),
    "integer": Field(_INTEGER, "{a}", "i"),
    "bigint": Field(_INTEGER, "{a}", "q"),
    "oid": Field(_INTEGER, "{a}", "I"),
    "real": Field(_FLOAT, "{a}", "f"),
    "double precision": Field(_FLOAT, "{a}", "d"),
    "boolean": Field(("if {a} is not True and {a} is not False: refuse({a})",), "{a}", "?"),
    "uuid": Field(("if type({a}) is not UUID: {a} = uuid({a})",), "{a}.int.to_bytes(16, 'big')", "16s"),
    "timestamp with time zone": Field(("{a} = aware({a})",), _SINCE, "q"),
    "timestamp without time zone": Field(("{a} = naive({a})",), _SINCE, "q"),
    "date": Field((), "day({a})", "i"),
    "numeric": Field((), "decimal({a})", sized=True),
}
