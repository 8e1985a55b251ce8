"""How many dimensions an array of a result can have: by the SQL that builds it, or the column that stores it.

PostgreSQL keeps no dimensions in a type. So a column has those of its declaration, an array constructor those that it
writes, and everything else that makes an array, such as a function of the user, has one. The runtime refuses an array
of other dimensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.nullability.constants import dimensions_of_constant, is_null
from codezest_sql.core.nullability.node_types import VALUE, node_type
from codezest_sql.core.nullability.relations import SELECT, UNION, output
from codezest_sql.core.nullability.shape_sources import COMMON_TABLE, SUBQUERY, TABLE, inner_query
from codezest_sql.core.query_tree.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.nullability.scope import Scope

ONE = frozenset({1})
_NONE = frozenset[int]()  # of NULL, and of an array without elements
_JOIN, _VALUES, _GROUP = 2, 5, 9  # RTEKind
_ARRAY = 6  # SubLinkType: ARRAY_SUBLINK
_MOST = 6  # MAXDIM of the server
_LIKE_THEIR_ARGUMENT = frozenset(
    {"RELABELTYPE", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "COLLATEEXPR", "NAMEDARGEXPR", "COERCEVIAIO"}
)
# Functions of arrays that return an array, or one of several arrays, as it is.
_LIKE_THEIR_FIRST = frozenset(
    {"array_replace", "array_reverse", "array_sample", "array_shuffle", "array_sort", "trim_array"}
    | {"any_value", "first_value", "lag", "last_value", "lead", "max", "min", "nth_value"}
)


def column_dimensions(scope: Scope, index: int) -> frozenset[int]:
    """Return the dimensions that a column, counted from 0, of the query of a scope can have."""
    return _of_query(scope, index) or ONE


def _of_query(scope: Scope, index: int) -> frozenset[int]:
    query = scope.query
    if query.number("commandType") == SELECT and query.has("setOperations"):
        return _of_sets(query.child("setOperations"), index, scope)
    return _of_value(output(query)[index], scope)


def _of_sets(node: Node, index: int, scope: Scope) -> frozenset[int]:
    if node.kind == "RANGETBLREF":
        return _within(node.number("rtindex"), index, scope)
    left = _of_sets(node.child("larg"), index, scope)
    return left | _of_sets(node.child("rarg"), index, scope) if node.number("op") == UNION else left


def _of_value(node: Node, scope: Scope) -> frozenset[int]:  # noqa: PLR0911  # a table of kinds
    if is_null(node):
        return _NONE
    match node.kind:
        case "VAR":
            return _of_column(node, scope)
        case "CONST":
            return dimensions_of_constant(node) if _is_array(node, scope) else ONE
        case "ARRAYEXPR":
            if not node.flag("multidims"):
                return ONE
            return _deeper(_of_any(node.children("elements"), scope) or ONE)
        case "AGGREF" | "WINDOWFUNC" | "FUNCEXPR" | "OPEXPR":
            return _of_call(node, scope)
        case "SUBLINK":
            return _of_subquery(node, scope)
        case "SUBSCRIPTINGREF":
            return _of_value(node.child("refexpr"), scope) if node.children("reflowerindexpr") else ONE
        case _:
            sources = [each for each in _sources(node) if is_null(each) or _is_array(each, scope)]
            return _of_any(sources, scope) if sources else ONE


def _sources(node: Node) -> tuple[Node, ...]:
    """Return the expressions of which a node is one, as it is."""
    match node.kind:
        case "COALESCEEXPR" | "MINMAXEXPR":
            return node.children("args")
        case "NULLIFEXPR":
            return node.children("args")[:1]
        case "CASEEXPR":
            results = tuple(each.child("result") for each in node.children("args"))
            return (*results, node.child("defresult")) if node.has("defresult") else results
        case kind if kind in _LIKE_THEIR_ARGUMENT:
            return (node.child("arg"),)
        case _:
            return ()


def _is_array(node: Node, scope: Scope) -> bool:
    return node_type(node) in scope.catalog.array_types


def _of_any(nodes: Iterable[Node], scope: Scope) -> frozenset[int]:
    return frozenset[int]().union(*(_of_value(each, scope) for each in nodes))


def _deeper(found: frozenset[int]) -> frozenset[int]:
    return frozenset(each + 1 for each in found if each < _MOST)


def _of_call(node: Node, scope: Scope) -> frozenset[int]:
    number = {"AGGREF": "aggfnoid", "WINDOWFUNC": "winfnoid"}.get(node.kind)
    function = node.number(number) if number else scope.catalog.function_of(node)
    name = scope.catalog.builtins.get(function)
    arguments = node.children("args")
    if node.kind == "AGGREF":
        arguments = tuple(each.child("expr") for each in arguments if not each.flag("resjunk"))
    if not arguments or not (_is_array(arguments[0], scope) or name == "array_cat"):
        return ONE
    if name == "array_agg":
        return _deeper(_of_value(arguments[0], scope) or ONE)
    if name == "array_cat":
        # Of one dimension and of two is of two: the first becomes an element.
        parts = [found for found in (_of_value(each, scope) for each in arguments) if found]
        return frozenset(max(pair) for pair in _pairs(parts))
    return _of_value(arguments[0], scope) if name in _LIKE_THEIR_FIRST else ONE


def _pairs(parts: list[frozenset[int]]) -> list[tuple[int, int]]:
    if not parts:
        return []
    return [(one, other) for one in parts[0] for other in parts[-1]]


def _of_subquery(node: Node, scope: Scope) -> frozenset[int]:
    kind, query = node.number("subLinkType"), node.child("subselect")
    if kind not in {VALUE, _ARRAY}:
        return ONE
    if kind == _ARRAY and not _is_array(output(query)[0], scope):
        return ONE
    found = _of_query(scope.analysis.opened(query, scope), 0)
    return _deeper(found or ONE) if kind == _ARRAY else found


def _of_column(node: Node, scope: Scope) -> frozenset[int]:
    scope = scope.above(node.number("varlevelsup"))
    relation, column = node.number("varno"), node.number("varattno")
    entry = scope.relation(relation)
    if column <= 0:
        return ONE
    match entry.number("rtekind"):
        case kind if kind == TABLE:
            return frozenset({scope.catalog.dimensions.get((entry.number("relid"), column), 1)})
        case kind if kind == _JOIN:
            return _of_value(entry.children("joinaliasvars")[column - 1], scope)
        case kind if kind == _GROUP:
            return _of_value(entry.children("groupexprs")[column - 1], scope)
        case kind if kind == _VALUES:
            return _of_cells(entry, column, scope)
        case kind if kind in {SUBQUERY, COMMON_TABLE}:
            return _within(relation, column - 1, scope)
        case _:
            return ONE


def _of_cells(entry: Node, column: int, scope: Scope) -> frozenset[int]:
    rows = entry.fields.get("values_lists")
    cells = [row[column - 1] for row in rows if isinstance(row, tuple)] if isinstance(rows, tuple) else []
    return _of_any([each for each in cells if isinstance(each, Node)], scope)


def _within(relation: int, index: int, scope: Scope) -> frozenset[int]:
    inner = inner_query(relation, scope)
    return ONE if inner is None else _of_query(inner, index)
