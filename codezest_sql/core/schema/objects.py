"""The catalog of a database as values: what exists, and the facts of each object. Reads nothing itself.

An object is its kind, its name and its properties, in PostgreSQL's own words (``type``, ``default``,
``definition``). Two objects are the same when these are equal: oids, holes of dropped columns and the order in
which they were created do not count. ``postgres/catalog/reader.py`` reads a ``Schema`` from a server,
``core/schema/diff.py`` compares two.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codezest_sql.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Iterable


class ObjectKind(StrEnum):
    """What an object is, in the words of ``COMMENT ON``. The order is the order in which a diff shows objects.

    ``table`` includes partitioned tables and partitions, ``type`` enums, composite types, ranges and base types
    (the property ``form`` is which).
    """

    EXTENSION = "extension"
    LANGUAGE = "language"
    TRANSFORM = "transform"
    ACCESS_METHOD = "access method"
    CAST = "cast"
    FOREIGN_DATA_WRAPPER = "foreign-data wrapper"
    SERVER = "server"
    USER_MAPPING = "user mapping"
    EVENT_TRIGGER = "event trigger"
    PUBLICATION = "publication"
    SUBSCRIPTION = "subscription"
    SCHEMA = "schema"
    DEFAULT_PRIVILEGES = "default privileges"
    COLLATION = "collation"
    CONVERSION = "conversion"
    TYPE = "type"
    DOMAIN = "domain"
    ATTRIBUTE = "attribute"
    SEQUENCE = "sequence"
    TABLE = "table"
    FOREIGN_TABLE = "foreign table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    TRIGGER = "trigger"
    RULE = "rule"
    POLICY = "policy"
    STATISTICS = "statistics"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"
    OPERATOR = "operator"
    OPERATOR_CLASS = "operator class"
    OPERATOR_FAMILY = "operator family"
    TEXT_SEARCH_PARSER = "text search parser"
    TEXT_SEARCH_TEMPLATE = "text search template"
    TEXT_SEARCH_DICTIONARY = "text search dictionary"
    TEXT_SEARCH_CONFIGURATION = "text search configuration"
    GRANT = "grant"
    SECURITY_LABEL = "security label"


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """What identifies an object: ``column auth.users.email``, ``constraint users_pk on auth.users``.

    ``name`` is qualified, and quoted where SQL needs it.
    """

    kind: ObjectKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class CatalogObject:
    """One object and its facts.

    ``parent`` is what it goes away with: the table of a column, the schema of a table. ``position`` counts from
    1 among the siblings whose order is a fact (columns, attributes), 0 elsewhere. ``properties`` holds only
    what the object has: a column without a default has no property ``default``.
    """

    key: ObjectKey
    parent: ObjectKey | None = None
    position: int = 0
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> ObjectKind:
        """Return the kind, the first half of the key."""
        return self.key.kind

    @property
    def name(self) -> str:
        """Return the qualified name, the second half of the key."""
        return self.key.name

    def get(self, name: str) -> str | None:
        """Return the property of this name, ``None`` where the object has none."""
        for known, value in self.properties:
            if known == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that was read of one database, sorted by kind and name. Make it with ``Schema.of``."""

    objects: tuple[CatalogObject, ...] = ()

    @classmethod
    def of(cls, objects: Iterable[CatalogObject]) -> Schema:
        """Return the schema that holds these objects, whatever their order.

        Raises ``Bug`` when two of them have one key: the second would hide the first from every diff.
        """
        by_key: dict[ObjectKey, CatalogObject] = {}
        for each in objects:
            if by_key.setdefault(each.key, each) is not each:
                raise Bug(f"the catalog names two objects {each.key}")
        return cls(tuple(sorted(by_key.values(), key=_sort_key)))

    def of_kind(self, kind: ObjectKind) -> tuple[CatalogObject, ...]:
        """Return the objects of one kind, by name."""
        return tuple(each for each in self.objects if each.kind is kind)

    def by_key(self) -> dict[ObjectKey, CatalogObject]:
        """Return the objects under their keys, a new dictionary each time."""
        return {each.key: each for each in self.objects}


@dataclass(frozen=True, slots=True)
class Ignored:
    """What is left out of a comparison, as plain names, unquoted, as ``pg_class`` and ``pg_namespace`` have them.

    ``schemas`` are left out with all that is in them, ``tables`` (any relation) in whatever schema they are,
    with their columns, indexes, sequences and grants.
    """

    schemas: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()


def fingerprint(schema: Schema) -> str:
    """Return the SHA-256 of all facts, in hexadecimal: equal exactly when the diff of two schemas is empty."""
    digest = hashlib.sha256()
    for each in schema.objects:
        parent = str(each.parent) if each.parent else None
        facts = [each.kind, each.name, parent, each.position, dict(each.properties)]
        digest.update(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()


_RANK = {kind: rank for rank, kind in enumerate(ObjectKind)}


def _sort_key(each: CatalogObject) -> tuple[int, str]:
    return _RANK[each.kind], each.name
