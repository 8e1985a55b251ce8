"""What follows from a condition: which columns and expressions are not NULL when it is true, false or not NULL.

Strictness is used backwards only: a strict function that returned something was given no NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.nullability.older_servers import OPAQUE
from codezest_sql.core.nullability.scope import NO_JOINS, Column, Fact, Present, Said
from codezest_sql.core.query_tree.nodes import Node, key, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.nullability.scope import Scope

IS_NOT_NULL = 1  # NullTestType of primnodes.h; IS NULL is 0
IS_TRUE, IS_FALSE, IS_NOT_UNKNOWN = 0, 2, 5  # BoolTestType
ANY_SUBLINK = 2  # SubLinkType
FULL_JOIN = 2  # JoinType
EXTERNAL_PARAMETER = 0  # ParamKind
BOOL = 16  # an OID of pg_type.dat

_NOTHING: frozenset[Fact] = frozenset()
# Wrappers that are NULL exactly when what they wrap is, or at least then.
_TRANSPARENT = frozenset(
    {
        *("RELABELTYPE", "COERCEVIAIO", "COLLATEEXPR", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "CONVERTROWTYPEEXPR"),
        *("FIELDSELECT", "NAMEDARGEXPR"),
    }
)
# Evaluated twice these may differ, or mean another thing elsewhere. A subquery with LIMIT may return another row.
_UNREPEATABLE = frozenset(
    {
        *(
            "SUBLINK",
            "SUBPLAN",
            "CASETESTEXPR",
            "COERCETODOMAINVALUE",
            "NEXTVALUEEXPR",
            "WINDOWFUNC",
            "CURRENTOFEXPR",
        ),
        *("SETTODEFAULT", "QUERY", "JSONEXPR", "MERGESUPPORTFUNC", OPAQUE),
    }
)


def when_true(node: Node, scope: Scope) -> frozenset[Fact]:  # noqa: PLR0911  # one line for each kind of node
    """Return what holds when a condition is true."""
    match node.kind:
        case "BOOLEXPR":
            match node.text("boolop"):
                case "and":
                    return _all(when_true(each, scope) for each in node.children("args"))
                case "or":
                    return _one_of(when_true(each, scope) for each in node.children("args") if not _never_true(each))
                case _:
                    return when_false(node.children("args")[0], scope)
        case "NULLTEST":
            return _when_null_test_holds(node, scope)
        case "BOOLEANTEST":
            return _when_boolean_test_holds(node, scope)
        case "SCALARARRAYOPEXPR":
            return _when_array_comparison_is(node, scope, needs_element=node.flag("useOr"))
        case "SUBLINK":
            if node.number("subLinkType") == ANY_SUBLINK and node.has("testexpr"):
                return when_true(node.child("testexpr"), scope)
            return _NOTHING
        case "COALESCEEXPR":
            return _one_of(
                when_true(each, scope) | when_not_null(each, scope)
                for each in node.children("args")
                if not _never_true(each)
            )
        case _:
            return when_not_null(node, scope)


def when_false(node: Node, scope: Scope) -> frozenset[Fact]:  # noqa: PLR0911  # one line for each kind of node
    """Return what holds when a condition is false."""
    match node.kind:
        case "BOOLEXPR":
            match node.text("boolop"):
                case "or":
                    return _all(when_false(each, scope) for each in node.children("args"))
                case "and":
                    return _one_of(when_false(each, scope) for each in node.children("args"))
                case _:
                    return when_true(node.children("args")[0], scope)
        case "NULLTEST":
            if node.number("nulltesttype") != IS_NOT_NULL and not node.flag("argisrow"):
                return when_not_null(node.child("arg"), scope)
            return _NOTHING
        case "DISTINCTEXPR":
            # They are equal, so where one is not NULL the other is not either.
            left, right = node.children("args")
            known_left, known_right = (scope.analysis.not_null(each, scope) for each in (left, right))
            return (when_not_null(right, scope) if known_left else _NOTHING) | (
                when_not_null(left, scope) if known_right else _NOTHING
            )
        case "SCALARARRAYOPEXPR":
            return _when_array_comparison_is(node, scope, needs_element=not node.flag("useOr"))
        case "BOOLEANTEST" | "SUBLINK":
            return _NOTHING
        case _:
            return when_not_null(node, scope)


def when_not_true(node: Node, scope: Scope) -> frozenset[Fact]:
    """Return what holds when a condition is false or NULL."""
    if node.kind == "BOOLEXPR":
        parts = node.children("args")
        match node.text("boolop"):
            case "or":
                return _all(when_not_true(each, scope) for each in parts)
            case "not":
                return when_not_false(parts[0], scope)
            case _:
                return _one_of(when_not_true(each, scope) for each in parts)
    return when_false(node, scope) if scope.analysis.not_null(node, scope) else _NOTHING


def when_not_false(node: Node, scope: Scope) -> frozenset[Fact]:
    """Return what holds when a condition is true or NULL."""
    if node.kind == "BOOLEXPR":
        parts = node.children("args")
        match node.text("boolop"):
            case "and":
                return _all(when_not_false(each, scope) for each in parts)
            case "not":
                return when_not_true(parts[0], scope)
            case _:
                return _one_of(when_not_false(each, scope) for each in parts)
    return when_true(node, scope) if scope.analysis.not_null(node, scope) else _NOTHING


def when_not_null(node: Node, scope: Scope) -> frozenset[Fact]:  # noqa: C901  # one line for each kind of node
    """Return what else cannot be NULL when this expression is not."""
    if node.kind == "VAR":
        return _when_column_not_null(node, scope)
    if node.kind in {"CONST", "PARAM"}:
        return _NOTHING
    found = _NOTHING
    match node.kind:
        case "OPEXPR" | "FUNCEXPR":
            if scope.catalog.is_strict(scope.catalog.function_of(node)):
                found = _all(when_not_null(each, scope) for each in node.children("args"))
        case "NULLIFEXPR":
            found = when_not_null(node.children("args")[0], scope)
        case "SUBSCRIPTINGREF" if not node.has("refassgnexpr"):
            found = when_not_null(node.child("refexpr"), scope)
        case "BOOLEXPR" if node.text("boolop") == "not":
            found = when_not_null(node.children("args")[0], scope)
        case "ROWCOMPAREEXPR":
            # It is NULL when the first pair cannot be compared; later pairs may not have been looked at.
            if scope.catalog.is_strict(scope.catalog.operators.get(node.numbers("opnos")[0], 0)):
                found = _all(when_not_null(node.children(side)[0], scope) for side in ("largs", "rargs"))
        case "SCALARARRAYOPEXPR":
            found = _when_array_comparison_is(node, scope, needs_element=False)
        case "COALESCEEXPR":
            found = _one_of(when_not_null(each, scope) for each in node.children("args"))
        case kind if kind in _TRANSPARENT:
            found = when_not_null(node.child("arg"), scope)
        case _:
            pass
    return found | {Said(key(node))} if _is_repeatable(node, scope) else found


def _when_column_not_null(node: Node, scope: Scope) -> frozenset[Fact]:
    if node.number("varlevelsup"):
        return _NOTHING
    relation, number, nulling = node.number("varno"), node.number("varattno"), node.set("varnullingrels")
    if node.number("varreturningtype"):
        return _NOTHING  # the old or the new row of RETURNING, not the row that was read
    if _is_computed_key(node, scope):
        return _NOTHING
    found: set[Fact] = {Column(relation, number, nulling)}
    found.update(Present(each, scope.joins[each].side(relation)) for each in nulling & scope.joins.keys())
    entry = scope.relation(relation)
    match entry.number("rtekind"):
        case 2 if number > 0:
            alias = entry.children("joinaliasvars")[number - 1]
            if alias.kind == "VAR":
                found |= _when_column_not_null(alias, scope)
        case 9 if not nulling:
            found |= when_not_null(entry.children("groupexprs")[number - 1], scope)
        case _:
            pass
    return frozenset(found)


def _is_computed_key(node: Node, scope: Scope) -> bool:
    """Return whether this is a key of grouping sets that is no mere column, on 18.

    HAVING may have been decided from its constants: ``GROUP BY ROLLUP (1) HAVING 1 IS NOT NULL`` lets a NULL through.
    """
    if not node.set("varnullingrels"):
        return False
    entry = scope.above(node.number("varlevelsup")).relation(node.number("varno"))
    if entry.number("rtekind") != 9:  # noqa: PLR2004  # RTE_GROUP
        return False
    return entry.children("groupexprs")[node.number("varattno") - 1].kind != "VAR"


def _when_null_test_holds(node: Node, scope: Scope) -> frozenset[Fact]:
    tested = node.child("arg")
    if node.number("nulltesttype") != IS_NOT_NULL:
        return _when_column_is_null(tested, scope)
    if node.flag("argisrow"):
        if tested.kind == "ROWEXPR":
            return _all(when_not_null(each, scope) for each in tested.children("args"))
        if tested.kind == "VAR" and not tested.number("varattno") and not tested.number("varlevelsup"):
            # A row IS NOT NULL when all its columns are not.
            relation, nulling = tested.number("varno"), tested.set("varnullingrels")
            count = scope.relation(relation).child("eref").length("colnames")
            return frozenset(Column(relation, number, nulling) for number in range(count + 1))
    return when_not_null(tested, scope)


def _when_column_is_null(tested: Node, scope: Scope) -> frozenset[Fact]:
    """In a FULL JOIN, a key that is NULL though its table has none shows that the row is of the other side."""
    if tested.kind != "VAR" or tested.number("varlevelsup"):
        return _NOTHING
    nulling = tested.set("varnullingrels")
    if len(nulling) != 1:
        return _NOTHING
    (number,) = nulling
    join = scope.joins.get(number)
    if join is None or join.kind != FULL_JOIN:
        return _NOTHING
    if not scope.analysis.not_null(tested.with_fields(varnullingrels=NO_JOINS), scope):
        return _NOTHING
    return frozenset({Present(number, "right" if join.side(tested.number("varno")) == "left" else "left")})


def _when_boolean_test_holds(node: Node, scope: Scope) -> frozenset[Fact]:
    tested = node.child("arg")
    match node.number("booltesttype"):
        case 0:
            return when_true(tested, scope) | when_not_null(tested, scope)
        case 2:
            return when_false(tested, scope) | when_not_null(tested, scope)
        case 5:
            return when_not_null(tested, scope)
        case _:
            return _NOTHING


def _when_array_comparison_is(node: Node, scope: Scope, *, needs_element: bool) -> frozenset[Fact]:
    """Return what holds when ``x op ANY (array)`` came out; over an empty array it does so whatever x is."""
    if not scope.catalog.is_strict(scope.catalog.function_of(node)):
        return _NOTHING
    left, array = node.children("args")
    found = when_not_null(array, scope)
    if needs_element or (array.kind == "ARRAYEXPR" and array.children("elements") and not array.flag("multidims")):
        found |= when_not_null(left, scope)
    return found


def _never_true(node: Node) -> bool:
    """Return whether this is the constant FALSE or NULL."""
    if node.kind != "CONST":
        return False
    if node.flag("constisnull"):
        return True
    value = node.fields.get("constvalue")
    return node.number("consttype") == BOOL and isinstance(value, tuple) and value[1:3] == ("[", "0")


def _is_repeatable(node: Node, scope: Scope) -> bool:
    """Return whether the expression has the same value wherever it is in a query."""
    for each in walk(node):
        if each.kind in _UNREPEATABLE or (each.kind == "PARAM" and each.number("paramkind") != EXTERNAL_PARAMETER):
            return False
        if "funcid" in each.fields or "opno" in each.fields:
            function = scope.catalog.function_of(each)
            if not function or function in scope.catalog.volatile or function in scope.catalog.set_returning:
                return False
        if each.kind == "VAR" and (
            each.number("varreturningtype") or _is_computed_key(each, scope) or scope.writes(each)
        ):
            return False
    return True


def _all(found: Iterable[frozenset[Fact]]) -> frozenset[Fact]:
    return frozenset[Fact]().union(*found)


def _one_of(found: Iterable[frozenset[Fact]]) -> frozenset[Fact]:
    each = [*found]
    return each[0].intersection(*each[1:]) if each else _NOTHING
