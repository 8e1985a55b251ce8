"""Rows in COPY's binary format, for tables whose types are all among those that are encoded here.

A field is its length in four bytes and its data; the formats are those of the types' ``send`` functions in
PostgreSQL's source, which have not changed since 8.4 (integer timestamps). ``psycopg`` dumps numeric, in C.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from struct import Struct
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.adapt import PyFormat

from codezest_sql.runtime.decoding import is_enum
from codezest_sql.runtime.encoding import encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.catalogue import Type
    from codezest_sql.runtime.encoding import Encoder

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_SECOND = 1_000_000
_length = Struct("!i").pack
_TEXTS = frozenset({"text", "character varying", "character", "name", "json", "bytea"})


def binary_encoder(kind: Type, python: Any) -> Encoder | None:
    """Return what makes a field of a value, or None for a type that is not encoded here.

    It raises ``TypeError``, ``ValueError`` or ``struct.error`` for a value that the type does not take.
    """
    kind = kind.bare
    if kind.name in _TEXTS or (kind.kind == "e" and (python is None or is_enum(python))):
        return _sized(encoder(kind, python))
    if kind.name == "jsonb":
        encode = encoder(kind, python)
        return _sized(lambda value: b"\x01" + encode(value))
    return _BY_NAME.get(kind.name)


def row_of(encoders: Sequence[Encoder]) -> Callable[[tuple[Any, ...]], bytes]:
    """Return what makes a row of its values, as many as there are encoders."""
    head = Struct("!h").pack(len(encoders))

    def row(values: tuple[Any, ...]) -> bytes:
        return head + b"".join(
            [NULL if value is None else encode(value) for encode, value in zip(encoders, values, strict=True)]
        )

    return row


def _sized(encode: Encoder) -> Encoder:
    def field(value: Any) -> bytes:
        data = encode(value)
        return _length(len(data)) + data

    return field


def _packed(form: str, *kinds: type) -> Encoder:
    struct = Struct(f"!i{form}")
    size, pack, exact = struct.size - 4, struct.pack, kinds[0]

    def field(value: Any) -> bytes:
        if type(value) is not exact and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise TypeError(type(value).__name__)
        return pack(size, value)

    return field


def _bool(value: Any) -> bytes:
    if value is True:
        return b"\0\0\0\x01\x01"
    if value is False:
        return b"\0\0\0\x01\0"
    raise TypeError(type(value).__name__)


def _uuid(value: Any) -> bytes:
    if not isinstance(value, UUID):
        raise TypeError(type(value).__name__)
    return b"\0\0\0\x10" + value.bytes


_pack_time = Struct("!iq").pack
_pack_day = Struct("!ii").pack


def _instant(value: Any) -> bytes:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise TypeError(type(value).__name__)
    since = value - _EPOCH
    return _pack_time(8, (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds)


def _local(value: Any) -> bytes:
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        raise TypeError(type(value).__name__)
    return _instant(value.replace(tzinfo=dt.UTC))


def _date(value: Any) -> bytes:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise TypeError(type(value).__name__)
    return _pack_day(4, value.toordinal() - _EPOCH_DAY)


# What psycopg registers is its C class, where there is one; the Python class takes 7 µs.
_dump_decimal = psycopg.adapters.get_dumper(Decimal, PyFormat.BINARY)(Decimal).dump


def _decimal(value: Any) -> bytes:
    if not isinstance(value, Decimal):
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(type(value).__name__)
        value = Decimal(value)
    data = bytes(_dump_decimal(value) or b"")
    return _length(len(data)) + data


_BY_NAME: dict[str, Encoder] = {
    "smallint": _packed("h", int),
    "integer": _packed("i", int),
    "bigint": _packed("q", int),
    "oid": _packed("I", int),
    "real": _packed("f", float, int),
    "double precision": _packed("d", float, int),
    "boolean": _bool,
    "uuid": _uuid,
    "timestamp with time zone": _instant,
    "timestamp without time zone": _local,
    "date": _date,
    "numeric": _decimal,
}
