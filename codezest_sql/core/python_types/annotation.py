"""How Python writes the values of PostgreSQL's types: an annotation, and what it imports.

The names of classes made from the schema (enums, composite types) and the declared types of JSON columns come from
outside; everything else is the table below. ``runtime`` turns values into just these types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.core.describe.types import TypeFacts


@dataclass(frozen=True, slots=True)
class PythonType:
    """An annotation, and the names in it that are imported, each as its module and itself.

    ``class_name`` is what a value becomes beyond the default of its PostgreSQL type: an enum, the model of a
    composite type, a declared type of JSON; for an array that of the element. None where the default is right.
    """

    text: str
    imports: frozenset[tuple[str, str]] = field(default_factory=frozenset[tuple[str, str]])
    class_name: str | None = None

    def or_none(self) -> PythonType:
        """Return the type that None belongs to as well."""
        if self.text == "None" or self.text.endswith("| None"):  # void, or a declared type of JSON
            return self
        return PythonType(f"{self.text} | None", self.imports, self.class_name)

    def within(self, outer: str, *imports: tuple[str, str]) -> PythonType:
        """Return ``outer[this]``."""
        return PythonType(f"{outer}[{self.text}]", self.imports | set(imports), self.class_name)


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class that is made or named elsewhere: ``module`` imports ``name``."""

    module: str
    name: str

    @property
    def type(self) -> PythonType:
        """The class as an annotation."""
        return PythonType(self.name, frozenset({(self.module, self.name)}), self.name)


def _from(module: str, name: str) -> PythonType:
    return PythonType(name, frozenset({(module, name)}))


_STR = PythonType("str")
_INT = PythonType("int")
_NETWORK = ("IPv4Network", "IPv6Network")
_ADDRESS = ("IPv4Address", "IPv6Address", "IPv4Interface", "IPv6Interface")
JSON = _from("pydantic", "JsonValue")
RECORD = PythonType("tuple[str | None, ...]")
# By pg_type.typname in pg_catalog. Whatever is not here is the server's text.
_BUILT_IN: Mapping[str, PythonType] = {
    "int2": _INT,
    "int4": _INT,
    "int8": _INT,
    "oid": _INT,
    "float4": PythonType("float"),
    "float8": PythonType("float"),
    "numeric": _from("decimal", "Decimal"),
    "bool": PythonType("bool"),
    "bytea": PythonType("bytes"),
    "uuid": _from("uuid", "UUID"),
    "date": _from("datetime", "date"),
    "time": _from("datetime", "time"),
    "timetz": _from("datetime", "time"),
    "timestamp": _from("datetime", "datetime"),
    "timestamptz": _from("datetime", "datetime"),
    "interval": _from("datetime", "timedelta"),
    "json": JSON,
    "jsonb": JSON,
    "inet": PythonType(" | ".join(_ADDRESS), frozenset(("ipaddress", name) for name in _ADDRESS)),
    "cidr": PythonType(" | ".join(_NETWORK), frozenset(("ipaddress", name) for name in _NETWORK)),
    "record": RECORD,
    "void": PythonType("None"),
}
_VECTORS = frozenset({"int2vector", "oidvector"})
_JSON_OIDS = frozenset({114, 3802})  # json and jsonb, of pg_type.dat
_RUNTIME = "codezest_sql.runtime"
_JSON_NULL = (_RUNTIME, "JsonNull")
_RANGE = (_RUNTIME, "Range")
_MULTIRANGE = (_RUNTIME, "Multirange")
_SEQUENCE = ("collections.abc", "Sequence")


@dataclass(frozen=True, slots=True)
class PythonTypes:
    """Finds the annotation of a type of one database; ``classes`` are those of its enums and composite types."""

    types: Mapping[int, TypeFacts]
    classes: Mapping[int, ClassRef]

    def result(
        self,
        oid: int,
        *,
        declared: PythonType | None = None,
        elements_not_null: bool = False,
        dimensions: frozenset[int] = frozenset({1}),
    ) -> PythonType:
        """Return the annotation of a result that is not NULL.

        ``declared`` is the Python type that the configuration gives to a JSON column. The elements of an array may be
        NULL unless that is excluded. An array with one number of dimensions or another is a union.
        """
        facts = self._below_domains(oid)
        if facts is None:
            return RECORD if oid == 0 else _STR
        if _is_array(facts):
            element = self.result(facts.element, declared=declared)
            return _nested(element if elements_not_null else element.or_none(), "list", dimensions)
        return self._scalar(facts, declared)

    def parameter(
        self, oid: int, *, declared: PythonType | None = None, elements_nullable: bool = False, dimensions: int = 1
    ) -> PythonType:
        """Return the annotation of an argument that is not None: arrays are any sequence."""
        facts = self._below_domains(oid)
        if facts is None:
            return _STR
        if _is_array(facts):
            element = self.parameter(facts.element, declared=declared)
            element = element.or_none() if elements_nullable else element
            return _nested(element, "Sequence", frozenset({dimensions}), _SEQUENCE)
        found = self._scalar(facts, declared)
        return _or_json_null(found) if facts.oid in _JSON_OIDS else found

    def base(self, oid: int) -> int:
        """Return the type below all domains."""
        facts = self._below_domains(oid)
        return facts.oid if facts else oid

    def _below_domains(self, oid: int) -> TypeFacts | None:
        facts = self.types.get(oid)
        while facts is not None and facts.kind == "d":
            facts = self.types.get(facts.base)
        return facts

    def _scalar(self, facts: TypeFacts, declared: PythonType | None) -> PythonType:
        if facts.bare_name in {"json", "jsonb"} and facts.schema == "pg_catalog":
            return declared or JSON
        if facts.oid in self.classes:
            return self.classes[facts.oid].type
        if facts.kind in {"r", "m"} and facts.subtype:
            outer = _RANGE if facts.kind == "r" else _MULTIRANGE
            return self.result(facts.subtype).within(outer[1], outer)
        if facts.kind == "c":
            return RECORD
        return _BUILT_IN.get(facts.bare_name, _STR) if facts.schema == "pg_catalog" else _STR


def _nested(element: PythonType, outer: str, dimensions: frozenset[int], *imports: tuple[str, str]) -> PythonType:
    """Return lists of lists of an element, as deep as there are dimensions; a union of several depths."""
    found: list[PythonType] = []
    nested = element
    for depth in range(1, max(dimensions) + 1):
        nested = nested.within(outer, *imports)
        if depth in dimensions:
            found.append(nested)
    return PythonType(" | ".join(each.text for each in found), nested.imports, element.class_name)


def _is_array(facts: TypeFacts) -> bool:
    """Whether values come as lists; the vectors of the catalog are arrays to SQL, and have a text of their own."""
    return bool(facts.element) and not (facts.schema == "pg_catalog" and facts.bare_name in _VECTORS)


def _or_json_null(found: PythonType) -> PythonType:
    """Return the type of an argument of JSON that may be the value null, which None does not write."""
    if found is not JSON and not found.text.endswith("| None"):
        return found
    text = found.text.removesuffix(" | None")
    end = " | None" if text != found.text else ""
    return PythonType(f"{text} | JsonNull{end}", found.imports | {_JSON_NULL}, found.class_name)


def import_lines(used: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return ``from module import a, b`` for each module, sorted as a formatter sorts them."""
    by_module: dict[str, set[str]] = {}
    for module, name in used:
        by_module.setdefault(module, set()).add(name)
    return tuple(
        f"from {module} import {', '.join(sorted(names, key=_isort_key))}"
        for module, names in sorted(by_module.items())
    )


def _isort_key(name: str) -> tuple[int, str]:
    """Constants come first, then classes, then the rest, each by name: what isort calls order-by-type."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return rank, name
