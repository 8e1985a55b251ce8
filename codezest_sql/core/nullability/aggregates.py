"""Aggregates and window functions: not NULL where they surely see a row, and no NULL in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.core.nullability.scope import Scope
    from codezest_sql.core.query_tree.nodes import Node

# All of these are meant as functions of pg_catalog; a user's function of the same name is not.
_ALWAYS = frozenset({"count", "regr_count", "rank", "dense_rank", "percent_rank", "cume_dist"})
# Over one row or more, whatever is in it.
_WITH_A_ROW = frozenset({"array_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg"})
# Over one row or more without a NULL.
_WITH_A_VALUE = frozenset(
    {
        *("sum", "min", "max", "avg", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor", "any_value"),
        *("stddev_pop", "var_pop", "range_agg", "xmlagg"),
        *("covar_pop", "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy"),
    }
)
_OVER_AN_ORDER = frozenset({"mode", "percentile_cont", "percentile_disc"})
_NUMBERS_OF_ROWS = frozenset({"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "count", "regr_count"})

# Bits of frameOptions (parsenodes.h).
_STARTS_BEFORE = 0x20 | 0x200 | 0x800  # UNBOUNDED PRECEDING, CURRENT ROW, n PRECEDING
_ENDS_AFTER = 0x400 | 0x4000 | 0x100  # CURRENT ROW, n FOLLOWING, UNBOUNDED FOLLOWING
_EXCLUDES_CURRENT = 0x8000 | 0x10000  # EXCLUDE CURRENT ROW, EXCLUDE GROUP
_WITH_DEFAULT = 3  # lag(value, offset, default)


def aggregate_not_null(node: Node, scope: Scope, not_null: Callable[[Node, Scope], bool]) -> bool:
    """Return whether an aggregate is not NULL: ``count`` never is, others need a group, which has a row."""
    name = scope.catalog.builtins.get(node.number("aggfnoid"))
    if name is None:
        return False
    if name in _ALWAYS:
        return True
    if node.number("agglevelsup") or node.has("aggfilter") or not _groups_have_rows(scope.query):
        return False
    arguments = [each.child("expr") for each in node.children("args") if not each.flag("resjunk")]
    if name in _OVER_AN_ORDER:
        arguments.extend(node.children("aggdirectargs"))
    return _over_rows(name, arguments, scope, not_null)


def window_not_null(node: Node, scope: Scope, not_null: Callable[[Node, Scope], bool]) -> bool:
    """Return whether a window function is not NULL: its frame has to hold the current row."""
    name = scope.catalog.builtins.get(node.number("winfnoid"))
    if name is None:
        return False
    if name in _NUMBERS_OF_ROWS:
        return True
    arguments = [*node.children("args")]
    if name == "ntile" or (name in {"lag", "lead"} and len(arguments) == _WITH_DEFAULT):
        return all(not_null(each, scope) for each in arguments)
    if node.has("aggfilter") or not _frame_holds_current_row(node, scope):
        return False
    if name in {"first_value", "last_value"}:
        return all(not_null(each, scope) for each in arguments)
    return _over_rows(name, arguments, scope, not_null)


def _over_rows(name: str, arguments: list[Node], scope: Scope, not_null: Callable[[Node, Scope], bool]) -> bool:
    if name in _WITH_A_ROW:
        return True
    if name == "string_agg":
        return not_null(arguments[0], scope)  # a NULL delimiter is none
    return name in _WITH_A_VALUE | _OVER_AN_ORDER and all(not_null(each, scope) for each in arguments)


def _groups_have_rows(query: Node) -> bool:
    """Return whether each group has a row. The empty grouping set makes a group of no rows as well."""
    if not query.has("groupClause"):
        return False
    sets = query.children("groupingSets")
    return not sets or not all(_has_the_empty_set(each) for each in sets)


def _has_the_empty_set(node: Node) -> bool:
    match node.number("kind"):  # GroupingSetKind of parsenodes.h
        case 1:  # simple
            return False
        case 4:  # GROUPING SETS (…)
            return any(_has_the_empty_set(each) for each in node.children("content"))
        case _:  # empty, ROLLUP, CUBE
            return True


def _frame_holds_current_row(node: Node, scope: Scope) -> bool:
    windows = scope.query.children("windowClause")
    number = node.number("winref")
    if not 1 <= number <= len(windows):
        return False
    options = windows[number - 1].number("frameOptions")
    return bool(options & _STARTS_BEFORE and options & _ENDS_AFTER and not options & _EXCLUDES_CURRENT)
