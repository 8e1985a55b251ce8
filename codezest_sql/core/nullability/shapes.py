"""Finds the shape of a value where SQL builds it: JSON objects and arrays, SQL arrays, whole rows.

Two things are distinguished. The *structure* comes from the expression, followed through subqueries, views and WITH
queries to where it is built. Whether the value is NULL is inferred where it is used: above an outer join a row that
is not there makes the whole object NULL, and never its fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.describe.value_shape import (
    JSON,
    JSONB,
    JsonArray,
    JsonObject,
    Scalar,
    ValueShape,
    merged,
    with_not_null,
)
from codezest_sql.core.nullability.constants import is_null, shape_of_constant, text_of
from codezest_sql.core.nullability.expressions import not_null
from codezest_sql.core.nullability.implications import when_not_true, when_true
from codezest_sql.core.nullability.node_types import VALUE, node_type
from codezest_sql.core.nullability.relations import output
from codezest_sql.core.nullability.shape_sources import column_structure, query_column

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from codezest_sql.core.nullability.scope import Fact, Scope
    from codezest_sql.core.query_tree.nodes import Node

_ARRAY = 6  # SubLinkType: ARRAY_SUBLINK
_WITHOUT_NULLS = frozenset({"json_agg_strict", "jsonb_agg_strict"})  # what JSON_ARRAYAGG becomes
_AN_ARRAY_OF = frozenset({"array_agg", "json_agg", "jsonb_agg"}) | _WITHOUT_NULLS
_AS_JSON = frozenset({"to_json", "to_jsonb", "row_to_json"})
_JSON_TYPES = frozenset({JSON, JSONB})


def value_shape(node: Node, scope: Scope) -> ValueShape | None:
    """Return the shape of an expression's value; None when not even its type is known."""
    found = _structure(node, scope)
    if found is None:
        type_oid = node_type(node)
        if not type_oid:
            return None
        found = Scalar(type_oid, not_null=False)
    return with_not_null(found, not_null(node, scope))


def column_shape(scope: Scope, index: int) -> ValueShape | None:
    """Return the shape of a column, counted from 0, of the query that a scope is of."""
    return query_column(scope, index, value_shape)


def _structure(node: Node, scope: Scope) -> ValueShape | None:
    rule = _RULES.get(node.kind)
    return None if rule is None else rule(node, scope)


def _variable(node: Node, scope: Scope) -> ValueShape | None:
    return column_structure(node, scope, value_shape)


def _constant(node: Node, scope: Scope) -> ValueShape | None:
    return shape_of_constant(node, is_array=node.number("consttype") in scope.catalog.array_types)


def _function(node: Node, scope: Scope) -> ValueShape | None:
    name = scope.catalog.builtins.get(scope.catalog.function_of(node))
    arguments = node.children("args")
    if name is None or (node.kind == "FUNCEXPR" and node.flag("funcvariadic")):
        return None
    if name in {"json_build_object", "jsonb_build_object"}:
        return _object(arguments, scope)
    if name in {"json_build_array", "jsonb_build_array"}:
        return _array(arguments, scope)
    if name in _AS_JSON:
        return value_shape(arguments[0], scope)
    if name == "array_remove":
        return _without(arguments, scope)
    if name == "jsonb_concat":
        return _concatenated(arguments, scope)
    if name == "jsonb_delete":
        return _without_key(arguments, scope)
    return None


def _object(arguments: tuple[Node, ...], scope: Scope) -> JsonObject | None:
    fields: dict[str, ValueShape] = {}
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        name, shape = text_of(key, utf8=scope.catalog.is_utf8), value_shape(value, scope)
        if name is None or name in fields or shape is None:
            return None
        fields[name] = shape
    return JsonObject(tuple(fields.items()))


def _array(elements: tuple[Node, ...], scope: Scope) -> JsonArray | None:
    if not elements:
        return JsonArray(None)
    element = merged(value_shape(each, scope) for each in elements)
    return None if element is None else JsonArray(element)


def _without(arguments: tuple[Node, ...], scope: Scope) -> ValueShape | None:
    """``array_remove(array, NULL)`` leaves no NULL, and takes no array of several dimensions."""
    found = _structure(arguments[0], scope)
    if is_null(arguments[1]) and isinstance(found, JsonArray) and found.element is not None:
        return JsonArray(with_not_null(found.element, not_null=True))
    return found


def _concatenated(arguments: tuple[Node, ...], scope: Scope) -> ValueShape | None:
    """Of a field in both objects the right one counts; of arrays there are all elements."""
    left, right = (_structure(each, scope) for each in arguments)
    if isinstance(left, JsonObject) and isinstance(right, JsonObject):
        return JsonObject(tuple({**dict(left.fields), **dict(right.fields)}.items()))
    if isinstance(left, JsonArray) and isinstance(right, JsonArray):
        return merged((left, right))
    return None


def _without_key(arguments: tuple[Node, ...], scope: Scope) -> ValueShape | None:
    found, key = _structure(arguments[0], scope), text_of(arguments[1], utf8=scope.catalog.is_utf8)
    if not isinstance(found, JsonObject) or key is None:
        return None
    return JsonObject(tuple((name, value) for name, value in found.fields if name != key))


def _aggregate(node: Node, scope: Scope) -> ValueShape | None:
    name = scope.catalog.builtins.get(node.number("aggfnoid"))
    if name not in _AN_ARRAY_OF or node.number("agglevelsup"):
        return None
    arguments = [each.child("expr") for each in node.children("args") if not each.flag("resjunk")]
    return _elements(node, arguments[0], scope, without_nulls=name in _WITHOUT_NULLS)


def _window(node: Node, scope: Scope) -> ValueShape | None:
    name = scope.catalog.builtins.get(node.number("winfnoid"))
    if name not in _AN_ARRAY_OF:
        return None
    return _elements(node, node.children("args")[0], scope, without_nulls=name in _WITHOUT_NULLS)


def _elements(node: Node, argument: Node, scope: Scope, *, without_nulls: bool) -> JsonArray | None:
    """Each element is of one row that passed FILTER, so what that proves holds for it."""
    if _makes_dimensions(node, argument, scope):
        return None
    passed = node.optional("aggfilter")
    with scope.assuming(when_true(passed, scope) if passed is not None else ()):
        element = value_shape(argument, scope)
    if element is None:
        return None
    return JsonArray(with_not_null(element, not_null=True) if without_nulls else element)


def _makes_dimensions(node: Node, argument: Node, scope: Scope) -> bool:
    """Return whether SQL makes one array of several dimensions of arrays, or that cannot be excluded."""
    return node_type(node) not in _JSON_TYPES and node_type(argument) in {0, *scope.catalog.array_types}


def _array_of_values(node: Node, scope: Scope) -> JsonArray | None:
    return None if node.flag("multidims") else _array(node.children("elements"), scope)


def _first_that_is_not_null(node: Node, scope: Scope) -> ValueShape | None:
    return merged(value_shape(each, scope) for each in node.children("args") if not is_null(each))


def _case(node: Node, scope: Scope) -> ValueShape | None:
    found: list[ValueShape | None] = []
    for result, facts in _branches(node, scope):
        if not is_null(result):
            with scope.assuming(facts):
                found.append(value_shape(result, scope))
    return merged(found)


def _branches(node: Node, scope: Scope) -> Generator[tuple[Node, set[Fact]]]:
    """Give each result of a CASE with what is true when it is reached."""
    before: set[Fact] = set()
    for branch in node.children("args"):
        condition = branch.child("expr")
        with scope.assuming(before):
            facts = {*before, *when_true(condition, scope)}
            after = set(when_not_true(condition, scope))
        yield branch.child("result"), facts
        if node.optional("arg") is None:
            before |= after
    if node.has("defresult"):
        yield node.child("defresult"), before


def _subquery(node: Node, scope: Scope) -> ValueShape | None:
    kind, query = node.number("subLinkType"), node.child("subselect")
    if kind not in {VALUE, _ARRAY}:
        return None
    inner = scope.analysis.opened(query, scope)
    column = column_shape(inner, 0)
    if kind == VALUE or column is None:
        return column
    if node_type(output(query)[0]) in {0, *scope.catalog.array_types}:
        return None
    return JsonArray(column)


def _constructor(node: Node, scope: Scope) -> ValueShape | None:
    """JSON_OBJECT, JSON_ARRAY and JSON_ARRAYAGG of the standard, which may leave NULLs out."""
    if node.has("coercion") or node_type(node) not in _JSON_TYPES:
        return None
    absent, arguments = node.flag("absent_on_null"), node.children("args")
    match node.number("type"):
        case 1:
            built = _object(arguments, scope)
            may_miss = absent and built is not None and not all(value.not_null for _, value in built.fields)
            return None if may_miss else built
        case 2:
            found = _array(arguments, scope)
            if not absent or found is None or found.element is None:
                return found
            return JsonArray(with_not_null(found.element, not_null=True))
        case 4 if node.has("func"):
            return _structure(node.child("func"), scope)
        case _:
            return None


def _as_its_argument(node: Node, scope: Scope) -> ValueShape | None:
    return _structure(node.child("arg"), scope)


def _cast(node: Node, scope: Scope) -> ValueShape | None:
    """Between json and jsonb the text is the same."""
    argument = node.child("arg")
    both = {node.number("resulttype"), node_type(argument)} <= _JSON_TYPES
    return _structure(argument, scope) if both else None


def _unless_equal(node: Node, scope: Scope) -> ValueShape | None:
    return _structure(node.children("args")[0], scope)


_RULES: Mapping[str, Callable[[Node, Scope], ValueShape | None]] = {
    "VAR": _variable,
    "CONST": _constant,
    "FUNCEXPR": _function,
    "OPEXPR": _function,
    "AGGREF": _aggregate,
    "WINDOWFUNC": _window,
    "ARRAYEXPR": _array_of_values,
    "COALESCEEXPR": _first_that_is_not_null,
    "CASEEXPR": _case,
    "SUBLINK": _subquery,
    "COERCEVIAIO": _cast,
    "COLLATEEXPR": _as_its_argument,
    "NAMEDARGEXPR": _as_its_argument,
    "NULLIFEXPR": _unless_equal,
    "JSONCONSTRUCTOREXPR": _constructor,
}
