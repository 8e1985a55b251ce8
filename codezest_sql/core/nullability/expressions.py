"""Proves that an expression is not NULL. Whatever is not listed here can be NULL."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from codezest_sql.core.nullability.aggregates import aggregate_not_null, window_not_null
from codezest_sql.core.nullability.at_least_one_row import gives_a_row
from codezest_sql.core.nullability.constants import has_no_null, text_of
from codezest_sql.core.nullability.implications import when_not_false, when_not_true, when_true
from codezest_sql.core.nullability.joins import FULL
from codezest_sql.core.nullability.relations import VALUES_NOT_NULL, column_not_null
from codezest_sql.core.nullability.scope import Present, Said
from codezest_sql.core.nullability.total_functions import GROWING_PARTS, PARTS_OF_INTERVALS
from codezest_sql.core.query_tree.nodes import key, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codezest_sql.core.nullability.scope import Fact, Scope
    from codezest_sql.core.query_tree.nodes import Node

# Their value is NULL only as an argument of VARIADIC is.
_NEVER_NULL = frozenset(
    {
        *("concat", "json_build_object", "jsonb_build_object", "json_build_array", "jsonb_build_array"),
        *("num_nulls", "num_nonnulls", "array_append", "array_prepend", "quote_nullable", "pg_typeof"),
    }
)
_NULL_WITH_THE_FIRST = frozenset(
    {"format", "concat_ws", "array_remove", "array_replace", "array_positions", "string_to_array"}
)
CURRENT_SCHEMA = 14  # SVFOP_CURRENT_SCHEMA of primnodes.h, NULL when the search path is empty
SUBLINK_PARAMETER = 2  # ParamKind
XML_ELEMENT = 1  # XmlExprOp


def not_null(node: Node, scope: Scope) -> bool:
    """Return whether an expression is inferred not to be NULL."""
    rule = _RULES.get(node.kind)
    if rule is not None and rule(node, scope):
        return True
    return node.kind not in {"CONST", "PARAM", "VAR"} and bool(scope.facts) and _is_said(node, scope)


def _is_said(node: Node, scope: Scope) -> bool:
    return any(type(fact) is Said for fact in scope.facts) and Said(key(node)) in scope.facts


def _each(nodes: Iterable[Node], scope: Scope) -> bool:
    return all(not_null(each, scope) for each in nodes)


def _always(_node: Node, _scope: Scope) -> bool:
    return True


def _as_its_argument(node: Node, scope: Scope) -> bool:
    return not_null(node.child("arg"), scope)


def _constant(node: Node, _scope: Scope) -> bool:
    return not node.flag("constisnull")


def _parameter(node: Node, scope: Scope) -> bool:
    kind, number = node.number("paramkind"), node.number("paramid")
    if kind == 0:
        return number not in scope.analysis.nullable_parameters
    if kind == SUBLINK_PARAMETER and scope.analysis.sublinks:
        columns = scope.analysis.sublinks[-1]
        return 1 <= number <= len(columns) and columns[number - 1]
    return False


def _operator(node: Node, scope: Scope) -> bool:
    function = scope.catalog.function_of(node)
    arguments = node.children("args")
    return _not_null_by_name(function, arguments, scope) or (
        scope.catalog.is_total(function) and _each(arguments, scope)
    )


def _not_null_by_name(function: int, arguments: tuple[Node, ...], scope: Scope) -> bool:
    name = scope.catalog.builtins.get(function)
    if name in _NEVER_NULL:
        return True
    if name == "array_cat":  # NULL || array is the array
        return any(not_null(each, scope) for each in arguments)
    return name in _NULL_WITH_THE_FIRST and not_null(arguments[0], scope)


def _function(node: Node, scope: Scope) -> bool:
    function = node.number("funcid")
    name = scope.catalog.builtins.get(function)
    arguments = node.children("args")
    if node.flag("funcretset") or function in scope.catalog.set_returning:
        return name is not None and name in VALUES_NOT_NULL and not scope.pads_sets
    if not node.flag("funcvariadic") and _not_null_by_name(function, arguments, scope):
        return True
    is_total = scope.catalog.is_total(function) or _is_growing_part(function, arguments, scope)
    return is_total and _each(arguments, scope)


def _is_growing_part(function: int, arguments: tuple[Node, ...], scope: Scope) -> bool:
    """Return whether this is a part of an interval, such as the year, that is infinite where the interval is."""
    return function in PARTS_OF_INTERVALS and text_of(arguments[0], utf8=scope.catalog.is_utf8) in GROWING_PARTS


def _domain(node: Node, scope: Scope) -> bool:
    # A cast to a NOT NULL domain fails for NULL. A *column* of such a domain may well be NULL, above a join.
    return node.number("resulttype") in scope.catalog.not_null_domains or _as_its_argument(node, scope)


def _first_that_is_not_null(node: Node, scope: Scope) -> bool:
    """COALESCE, GREATEST and LEAST need one. In a FULL JOIN one of the sides is there, so one for each will do."""
    arguments = node.children("args")
    if any(not_null(each, scope) for each in arguments):
        return True
    for number in _joins_above(arguments, scope):
        if scope.joins[number].kind == FULL and all(
            _holds_with({Present(number, side)}, arguments, scope) for side in ("left", "right")
        ):
            return True
    return False


def _joins_above(arguments: tuple[Node, ...], scope: Scope) -> frozenset[int]:
    found: set[int] = set()
    for each in chain.from_iterable(walk(argument) for argument in arguments):
        if each.kind == "VAR" and not each.number("varlevelsup"):
            found |= each.set("varnullingrels")
    return frozenset(scope.joins.keys() & found)


def _holds_with(facts: set[Fact], arguments: tuple[Node, ...], scope: Scope) -> bool:
    with scope.assuming(facts):
        return any(not_null(each, scope) for each in arguments)


def _boolean(node: Node, scope: Scope) -> bool:
    """AND is NULL when nothing is false and something NULL; OR when nothing is true and something NULL."""
    arguments = node.children("args")
    operator = node.text("boolop")
    if operator == "not":
        return not_null(arguments[0], scope)
    implied = when_not_true if operator == "or" else when_not_false
    for number, each in enumerate(arguments):
        if not_null(each, scope):
            continue
        others = [other for index, other in enumerate(arguments) if index != number]
        with scope.assuming(chain.from_iterable([*implied(other, scope)] for other in others)):
            if not not_null(each, scope):
                return False
    return True


def _array_comparison(node: Node, scope: Scope) -> bool:
    left, array = node.children("args")
    return (
        scope.catalog.is_total(scope.catalog.function_of(node))
        and not_null(left, scope)
        and (
            has_no_null(array)
            if array.kind == "CONST"
            else array.kind == "ARRAYEXPR"
            and not array.flag("multidims")
            and _each(array.children("elements"), scope)
        )
    )


def _row_comparison(node: Node, scope: Scope) -> bool:
    catalog = scope.catalog
    return all(catalog.is_total(catalog.operators.get(each, 0)) for each in node.numbers("opnos")) and _each(
        (*node.children("largs"), *node.children("rargs")), scope
    )


def _case(node: Node, scope: Scope) -> bool:
    """Each branch is reached when its condition is true and those before it were not."""
    if not node.has("defresult"):
        return False
    before: set[Fact] = set()
    tested = node.optional("arg")
    for branch in node.children("args"):
        condition = branch.child("expr")
        with scope.assuming(before):
            with scope.assuming(when_true(condition, scope)):
                if not not_null(branch.child("result"), scope):
                    return False
            if tested is None:
                before |= when_not_true(condition, scope)
    with scope.assuming(before):
        return not_null(node.child("defresult"), scope)


def _subquery(node: Node, scope: Scope) -> bool:
    kind = node.number("subLinkType")
    query = node.child("subselect")
    match kind:
        case 0 | 6:  # EXISTS, ARRAY
            return True
        case 4:  # a value
            return gives_a_row(query) and all(scope.analysis.query(query, scope)[:1])
        case 1 | 2:  # ALL, ANY
            columns = scope.analysis.query(query, scope)
            scope.analysis.sublinks.append(columns)
            try:
                return not_null(node.child("testexpr"), scope)
            finally:
                scope.analysis.sublinks.pop()
        case _:
            return False


def _json_constructor(node: Node, scope: Scope) -> bool:
    if node.has("coercion"):
        return False
    match node.number("type"):
        case 1 | 2:  # JSON_OBJECT, JSON_ARRAY
            return True
        case 3 | 4:  # their aggregates
            return node.has("func") and not_null(node.child("func"), scope)
        case 5 | 6 | 7:  # JSON, JSON_SCALAR, JSON_SERIALIZE
            return _each(node.children("args"), scope)
        case _:
            return False


def _is_json(node: Node, scope: Scope) -> bool:
    return not_null(node.child("expr"), scope)


def _session_value(node: Node, _scope: Scope) -> bool:
    return node.number("op") < CURRENT_SCHEMA


def _xml(node: Node, _scope: Scope) -> bool:
    return node.number("op") == XML_ELEMENT


def _aggregate(node: Node, scope: Scope) -> bool:
    return aggregate_not_null(node, scope, not_null)


def _window(node: Node, scope: Scope) -> bool:
    return window_not_null(node, scope, not_null)


_RULES: Mapping[str, Callable[[Node, Scope], bool]] = {
    "CONST": _constant,
    "PARAM": _parameter,
    "VAR": column_not_null,
    "OPEXPR": _operator,
    "FUNCEXPR": _function,
    "RELABELTYPE": _as_its_argument,
    "COERCEVIAIO": _as_its_argument,  # an input or output function that returns NULL is an error (execExprInterp.c)
    "COLLATEEXPR": _as_its_argument,
    "ARRAYCOERCEEXPR": _as_its_argument,
    "CONVERTROWTYPEEXPR": _as_its_argument,
    "NAMEDARGEXPR": _as_its_argument,
    "COERCETODOMAIN": _domain,
    "COALESCEEXPR": _first_that_is_not_null,
    "MINMAXEXPR": _first_that_is_not_null,
    "NULLTEST": _always,
    "BOOLEANTEST": _always,
    "DISTINCTEXPR": _always,
    "ROWEXPR": _always,
    "ARRAYEXPR": _always,
    "GROUPINGFUNC": _always,
    "MERGESUPPORTFUNC": _always,
    "NEXTVALUEEXPR": _always,
    "SQLVALUEFUNCTION": _session_value,
    "BOOLEXPR": _boolean,
    "SCALARARRAYOPEXPR": _array_comparison,
    "ROWCOMPAREEXPR": _row_comparison,
    "CASEEXPR": _case,
    "SUBLINK": _subquery,
    "AGGREF": _aggregate,
    "WINDOWFUNC": _window,
    "JSONCONSTRUCTOREXPR": _json_constructor,
    "JSONISPREDICATE": _is_json,
    "XMLEXPR": _xml,
}
