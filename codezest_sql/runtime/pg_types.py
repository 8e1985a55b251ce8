"""The types of a database by OID and by name: built-in ones are known, the others are read once, in one query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from psycopg import adapt, postgres
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types import TypeInfo
from psycopg.types.array import register_all_arrays, register_array
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.multirange import MultirangeInfo, register_multirange
from psycopg.types.range import RangeInfo, register_range
from psycopg.types.string import TextBinaryLoader, TextLoader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from psycopg.abc import AdaptContext, Buffer
    from psycopg.adapt import AdaptersMap

FIRST_USER_OID = 16384
"""Types of a user or an extension have OIDs from here on (FirstNormalObjectId in access/transam.h)."""

# Names do not depend on search_path: a type is qualified unless it is of pg_catalog.
TYPES_QUERY = """
SELECT t.oid::int8, t.typtype::text, n.nspname::text, t.typname::text, t.typarray::int8, t.typbasetype::int8,
    coalesce(r.rngsubtype, 0)::int8, coalesce(r.rngmultitypid, 0)::int8,
    CASE
        WHEN n.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL)
        ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname)
    END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT a.atttypid::int8 FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    ) END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    ) END
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
WHERE
    (
        t.oid >= 16384
        OR (n.nspname = 'information_schema' AND t.typtype = 'd')
        OR (n.nspname = 'pg_catalog' AND t.typtype IN ('b', 'p'))
    )
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS e WHERE e.typarray = t.oid)
"""


# Ordered as ``Catalog.attributes`` gives them.
ATTRIBUTES = b"""
SELECT c.reltype::pg_catalog.text, a.attname::pg_catalog.text, a.atttypid::pg_catalog.text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.reltype = ANY ($1::pg_catalog.oid[])
ORDER BY c.reltype, a.attnum
"""


@dataclass(frozen=True, slots=True)
class Type:
    """A type; ``kind`` is typtype of pg_type, or ``a`` for an array."""

    oid: int
    name: str
    kind: str = "b"
    element: Type | None = None  # of an array; of a range its subtype; of a multirange its range's subtype
    base: Type | None = None  # of a domain
    attributes: tuple[tuple[str, Type], ...] = ()  # of a composite type

    @property
    def bare(self) -> Type:
        """The type below all domains."""
        return self.base.bare if self.base else self


def parts_of(kind: Type, around: frozenset[int] = frozenset()) -> Iterator[Type]:
    """Go through a type and all that is in it: elements, subtypes, what a domain is over, attributes."""
    if kind.oid in around:
        return
    yield kind
    for each in (kind.element, kind.base, *[one for _, one in kind.attributes]):
        if each:
            yield from parts_of(each, around | {kind.oid})


_ESCAPED = re.compile(rb"\\(?:([0-7]{3})|\\)")


class ByteaLoader(Loader):
    """Loads bytea from text of either ``bytea_output``.

    psycopg's own (3.3.9) reads what follows an element of an array that is written by ``escape``.
    """

    def load(self, data: Buffer) -> bytes:
        """Return the bytes."""
        text = bytes(data)
        if text.startswith(b"\\x"):
            return bytes.fromhex(text[2:].decode())
        return _ESCAPED.sub(_unescaped, text)


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if found[1] else b"\\"


@cache
def _builtin() -> tuple[dict[int, Type], dict[str, Type]]:
    """Return the built-in types by OID and by name; psycopg's registry comes from PostgreSQL's own list."""
    found: dict[int, Type] = {}
    infos = [info for info in _pristine().types if info.oid < FIRST_USER_OID]
    for info in infos:
        found[info.oid] = Type(info.oid, info.regtype)
    for info in infos:
        if isinstance(info, RangeInfo):
            found[info.oid] = Type(info.oid, info.regtype, "r", found[info.subtype_oid])
    for info in infos:
        if isinstance(info, MultirangeInfo):
            found[info.oid] = Type(info.oid, info.regtype, "m", found[info.range_oid].element)
    for info in infos:
        if info.array_oid:
            found[info.array_oid] = Type(info.array_oid, f"{info.regtype}[]", "a", found[info.oid])
    names = {one.name: one for one in found.values()}
    names["bpchar"], names["bpchar[]"] = found[1042], found[1014]
    return found, names


def _known() -> tuple[dict[int, Type], dict[str, Type]]:
    by_oid, by_name = _builtin()
    return dict(by_oid), dict(by_name)


@cache
def _pristine() -> AdaptersMap:
    """Return psycopg's own adapters, without what an application may have registered globally."""
    made = adapt.AdaptersMap()
    postgres.register_default_types(made.types)
    postgres.register_default_adapters(_Context(made))
    register_all_arrays(_Context(made))
    # Converted by our row functions, from text.
    for oid in (1184, 1114, 114, 3802, 1186):  # timestamptz, timestamp, json, jsonb, interval
        made.register_loader(oid, TextLoader)
    made.register_loader(17, ByteaLoader)
    return made


@dataclass(frozen=True, slots=True)
class _Context:
    adapters: AdaptersMap
    connection: Any = None


class Catalog:
    """The types of one database, and psycopg's adapters for them. Never shared between databases."""

    def __init__(self) -> None:
        self.by_oid, self.by_name = _known()
        self.adapters = adapt.AdaptersMap(_pristine())

    def context(self, connection: Any) -> AdaptContext:
        """Return what makes a Transformer use these adapters."""
        return _Context(self.adapters, connection)

    def name(self, oid: int) -> str:
        """Return the name of a type."""
        known = self.by_oid.get(oid)
        return known.name if known else f"type {oid}"

    def attributes(self, oids: Iterable[int]) -> list[tuple[str | None, ...]]:
        """Return the attributes of row types, each with the numbers of both types as text."""
        return [(str(oid), name, str(kind.oid)) for oid in sorted(oids) for name, kind in self.by_oid[oid].attributes]

    def learn(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take in the rows of ``TYPES_QUERY``."""
        self.by_oid, self.by_name = _known()
        raw = {row[0]: row for row in rows if row[0] not in self.by_oid}
        for oid in raw:
            self._add(oid, raw)
        for oid, *_, array, _base, _subtype, multirange, _name, _types, _names in raw.values():
            one = self.by_oid[oid]
            if multirange:
                self._keep(Type(multirange, self.by_oid[multirange].name, "m", one.element))
            if array:
                self._keep(Type(array, f"{one.name}[]", "a", one))
        _register(self, raw)

    def _keep(self, one: Type) -> Type:
        self.by_oid[one.oid] = self.by_name[one.name] = one
        return one

    def _add(self, oid: int, raw: dict[int, tuple[Any, ...]]) -> Type:
        if oid in self.by_oid:
            return self.by_oid[oid]
        if oid not in raw:  # an array within a composite type
            owner = next((row for row in raw.values() if row[4] == oid), None)
            if owner is None:
                return Type(oid, f"type {oid}")
            element = self._add(owner[0], raw)
            return self._keep(Type(oid, f"{element.name}[]", "a", element))
        _, kind, _schema, _bare, _array, base, subtype, _multi, name, types, names = raw[oid]
        if kind == "m":  # pg_range names it in the row of its range
            subtype = next((row[6] for row in raw.values() if row[7] == oid), 0)
        self.by_oid[oid] = Type(oid, name, kind)  # ends circles: a table's type may hold an array on its own
        attributes = tuple(zip(names or (), [self._add(each, raw) for each in types or ()], strict=True))
        return self._keep(
            Type(
                oid,
                name,
                kind,
                self._add(subtype, raw) if subtype else None,
                self._add(base, raw) if base else None,
                attributes,
            )
        )


def _register(catalog: Catalog, raw: dict[int, tuple[Any, ...]]) -> None:
    """Register loaders; elements, bounds and attributes then come through the loaders of *their* types."""
    context = _Context(catalog.adapters)
    adapters = catalog.adapters
    for oid, kind, _schema, bare, array, _base, subtype, multirange, name, types, names in raw.values():
        info: TypeInfo
        if kind == "d":
            base = catalog.by_oid[oid].bare.oid
            for loader in _loaders(adapters, base):
                adapters.register_loader(oid, loader)
            info = TypeInfo(bare, oid, array, regtype=name)
        elif kind == "r":
            info = RangeInfo(bare, oid, array, regtype=name, subtype_oid=subtype)
            register_range(info, context)
            if multirange in raw:
                many = raw[multirange]
                several = MultirangeInfo(
                    many[3], multirange, many[4], regtype=many[8], range_oid=oid, subtype_oid=subtype
                )
                register_multirange(several, context)
            continue
        elif kind == "c":
            composite = CompositeInfo(
                bare, oid, array, regtype=name, field_names=names or (), field_types=types or ()
            )
            register_composite(composite, context, factory=_values)
            continue
        elif kind == "m":
            continue
        else:
            adapters.register_loader(oid, TextLoader)
            if kind == "e":
                adapters.register_loader(oid, TextBinaryLoader)
            info = TypeInfo(bare, oid, array, regtype=name)
        if array:
            register_array(info, context)


def _values(*values: Any) -> tuple[Any, ...]:
    return values


def _loaders(adapters: AdaptersMap, oid: int) -> Iterator[Any]:
    for form in (Format.TEXT, Format.BINARY):
        loader = adapters.get_loader(oid, form)
        if loader:
            yield loader
