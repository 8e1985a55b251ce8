"""What models are made from: the relations, enums and composite types of a database, with their comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.describe.types import TypeFacts


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A column of a relation, or an attribute of a composite type. ``number`` is pg_attribute's."""

    number: int
    name: str
    type_oid: int
    not_null: bool
    comment: str | None = None
    elements_not_null: bool = False  # CHECK (array_position(column, NULL) IS NULL)
    dimensions: int = 1  # as declared, of an array


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or composite type; ``kind`` is pg_class's relkind: r, p, v, m, f or c.

    ``primary_key`` are numbers of columns. ``row_type`` is the type of its rows. ``is_partition`` is one that shares
    the model of its parent.
    """

    oid: int
    schema: str
    name: str
    kind: str
    row_type: int
    columns: tuple[ModelColumn, ...]
    primary_key: tuple[int, ...] = ()
    comment: str | None = None
    is_partition: bool = False

    @property
    def qualified_name(self) -> str:
        """``schema.table``, unquoted."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """All of a database: relations by OID, types by OID, the comments of types by OID."""

    relations: Mapping[int, Relation]
    types: Mapping[int, TypeFacts]
    type_comments: Mapping[int, str] = field(default_factory=dict[int, str])
