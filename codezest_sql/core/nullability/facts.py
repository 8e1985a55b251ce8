"""The facts about a database that the analysis needs in addition to the query, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.describe.value_shape import JSON, JSONB
from codezest_sql.core.nullability.total_functions import NULL_FOR_JSON_NULL, PARTS_OF_INTERVALS, TOTAL_FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.describe.types import Origin
    from codezest_sql.core.query_tree.nodes import Key, Node

_INFINITE_INTERVALS = 17  # the first version that has them
_CASTS_NULL_OF_JSON = 18  # the first version in which CAST ('null'::jsonb AS integer) is NULL; before, an error
# A column of one of these types is one value, not a row of several: typtype of pg_type.
_ONE_VALUE = frozenset("berm")


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A unique index: of each part the column or expression, the operator family and the collation; its WHERE."""

    parts: tuple[tuple[Key, int, int], ...]
    predicate: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class CatalogFacts:
    """Facts by OID. A relation, function, operator or type that is missing is one of which nothing is known."""

    version: int  # of the server: 15 to 18
    # Tables and partitioned tables only: columns whose NOT NULL is enforced in the table itself, and in the table and
    # all that inherit from it. A foreign table's is a mere promise, and what a materialized view holds is older.
    not_null: Mapping[int, frozenset[int]]
    not_null_in_children: Mapping[int, frozenset[int]]
    strict: frozenset[int]
    volatile: frozenset[int]
    set_returning: frozenset[int]
    builtins: Mapping[int, str]  # names of all functions of pg_catalog
    operators: Mapping[int, int]  # operator → function
    type_kinds: Mapping[int, str]
    not_null_domains: frozenset[int]
    # Of tables without children, and of partitioned tables.
    unique_keys: Mapping[int, tuple[UniqueKey, ...]] = field(default_factory=dict[int, tuple[UniqueKey, ...]])
    # Operators that are the equality of a family of B-trees, with these families.
    equalities: Mapping[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])
    # For the shapes of values: columns by relation and number, those of each relation in order, the relations by the
    # types of their rows, the types that are arrays, and whether the tree has its names and texts in UTF-8.
    columns: Mapping[tuple[int, int], Origin] = field(default_factory=dict[tuple[int, int], "Origin"])
    rows: Mapping[int, tuple[Origin, ...]] = field(default_factory=dict[int, "tuple[Origin, ...]"])
    row_types: Mapping[int, int] = field(default_factory=dict[int, int])
    array_types: frozenset[int] = frozenset()
    # Of array columns, by relation and number: how many dimensions are declared, where these are several.
    dimensions: Mapping[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    arrays_of_not_null: frozenset[int] = frozenset()  # of NOT NULL domains
    is_utf8: bool = True
    # The names of a function's arguments, "" for those without, if they describe what is passed.
    argument_names: Mapping[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])

    @property
    def built_types(self) -> frozenset[int]:
        """The types whose values have something inside that a statement may have built."""
        return self.array_types | {JSON, JSONB}

    def column_not_null(self, relation: int, column: int, *, children: bool) -> bool:
        """Return whether a stored column never holds NULL; system columns of a table never do."""
        known = (self.not_null_in_children if children else self.not_null).get(relation)
        return known is not None and (column <= 0 or column in known)

    def function_of(self, node: Node) -> int:
        """Return the function behind a node for a call or an operator; 0 when unknown."""
        if node.kind == "FUNCEXPR":
            return node.number("funcid")
        # The server itself may not have looked it up yet, in what it made for SEARCH and CYCLE.
        return node.number("opfuncid") or self.operators.get(node.number("opno"), 0)

    def is_total(self, function: int) -> bool:
        """Return whether the function returns no NULL for arguments that are not NULL."""
        if self.version >= _CASTS_NULL_OF_JSON and function in NULL_FOR_JSON_NULL:
            return False
        if self.version >= _INFINITE_INTERVALS and function in PARTS_OF_INTERVALS:
            return False
        return function in TOTAL_FUNCTIONS and function not in self.set_returning

    def is_strict(self, function: int) -> bool:
        """Return whether the function returns NULL if an argument is NULL. One of sets then returns no row."""
        return function in self.strict and function not in self.set_returning

    def is_one_value(self, type_oid: int) -> bool:
        """Return whether a type is no composite, no record, and no domain that may be over one."""
        return self.type_kinds.get(type_oid, "?") in _ONE_VALUE
