"""A ``Schema`` as JSON text and back, for a cache: what is written is what is read."""

from __future__ import annotations

import json
from typing import Any

from codezest_sql.core.schema.objects import CatalogObject, ObjectKey, ObjectKind, Schema


def write_schema(schema: Schema) -> str:
    """Return the schema as one line of JSON: a list of [kind, name, parent kind, parent, position, properties]."""
    rows = [
        [
            each.kind.value,
            each.name,
            each.parent.kind.value if each.parent else None,
            each.parent.name if each.parent else None,
            each.position,
            each.properties,
        ]
        for each in schema.objects
    ]
    return json.dumps(rows, separators=(",", ":"))


def parse_schema(text: str) -> Schema:
    """Return the schema that ``write_schema`` was given. Raises ``ValueError`` for any other text."""
    try:
        return Schema(tuple(_object(row) for row in json.loads(text)))
    except (TypeError, KeyError) as error:
        raise ValueError(str(error)) from None


def _object(row: list[Any]) -> CatalogObject:
    kind, name, parent_kind, parent, position, properties = row
    return CatalogObject(
        ObjectKey(ObjectKind(kind), name),
        ObjectKey(ObjectKind(parent_kind), parent) if parent_kind else None,
        position,
        tuple([(key, value) for key, value in properties]),
    )
