"""Columns of what is in FROM: tables, subqueries, VALUES, functions, WITH queries, joins; and of UNION."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.nullability.scope import Column, CommonTable
from codezest_sql.core.query_tree.nodes import Node, TreeError

if TYPE_CHECKING:
    from codezest_sql.core.nullability.scope import Fact, Scope

SELECT, UPDATE, INSERT, DELETE, MERGE = range(1, 6)  # CmdType of nodes.h
OLD, NEW = 1, 2  # VarReturningType
NOT_MATCHED_BY_SOURCE = 1  # MergeMatchKind
UNION, INTERSECT, EXCEPT = 1, 2, 3  # SetOperation
_TWO_COLUMNS = {
    "jsonb_each": (True, True),
    "json_each": (True, True),
    "jsonb_each_text": (True, False),
    "json_each_text": (True, False),
}
# Functions of sets whose values are never NULL.
VALUES_NOT_NULL = frozenset(
    {
        *("generate_series", "generate_subscripts", "jsonb_array_elements", "json_array_elements"),
        *("jsonb_object_keys", "json_object_keys", "regexp_split_to_table", "regexp_matches", "jsonb_path_query"),
    }
)


def column_not_null(node: Node, scope: Scope) -> bool:
    """Return whether a reference to a column is inferred not to be NULL where it stands."""
    scope = scope.above(node.number("varlevelsup"))
    column = Column(node.number("varno"), node.number("varattno"), node.set("varnullingrels"))
    entry = scope.relation(column.relation)
    facts = scope.facts
    if scope.query.number("commandType") != SELECT:
        allowed = _facts_in_returning(node, column.relation, scope)
        if allowed is None:
            return False
        facts = allowed
    with scope.knowing_only(facts):
        if scope.is_known(column):
            return True
        return scope.are_present(column.nulling, column.relation) and _stored_not_null(entry, column, scope)


def _facts_in_returning(node: Node, relation: int, scope: Scope) -> set[Fact] | None:
    """Return the facts that hold for a column of RETURNING; None: not even NOT NULL does."""
    command = scope.query.number("commandType")
    target = scope.query.number("resultRelation")
    which = node.number("varreturningtype")
    if command == MERGE:
        if relation == target:
            return None if which in {OLD, NEW} else scope.facts
        actions = scope.query.children("mergeActionList")
        # Without a source row the source's columns are NULL.
        missing = any(each.number("matchKind") == NOT_MATCHED_BY_SOURCE for each in actions)
        return None if missing or relation == scope.query.number("mergeTargetRelation") else scope.facts
    if relation != target:
        return scope.facts
    if (which == OLD and command == INSERT) or (which == NEW and command == DELETE):
        return None
    return scope.before_writing if which == OLD and command == UPDATE else scope.facts


def _stored_not_null(entry: Node, column: Column, scope: Scope) -> bool:
    kind, number = entry.number("rtekind"), column.number
    if kind == 0:
        if number == 0:
            return True
        return scope.catalog.column_not_null(entry.number("relid"), number, children=entry.flag("inh"))
    if kind == 2:  # noqa: PLR2004  # a join's own column: of USING
        return number > 0 and scope.analysis.not_null(entry.children("joinaliasvars")[number - 1], scope)
    if kind == 9:  # noqa: PLR2004  # a column of GROUP BY, on 18
        return scope.analysis.not_null(entry.children("groupexprs")[number - 1], scope)
    if kind == 1 and entry.number("relid") and scope.query.number("resultRelation") == column.relation:
        return False  # a view with INSTEAD OF triggers, which return what they like
    if kind in {1, 3, 5, 6}:
        if number == 0:
            return kind != 3  # noqa: PLR2004  # the value of a function
        known = relation_columns(column.relation, scope)
        return 0 < number <= len(known) and known[number - 1]
    return False


def relation_columns(number: int, scope: Scope) -> tuple[bool, ...]:
    """Return for each column of an entry of the range table whether it is inferred not to be NULL."""
    if number not in scope.columns:
        # LATERAL may refer to rows of this query: only what holds for all of them counts, not a branch of CASE.
        with scope.knowing_only(scope.settled):
            scope.columns[number] = _columns_of(scope.relation(number), scope)
    return scope.columns[number]


def _columns_of(entry: Node, scope: Scope) -> tuple[bool, ...]:
    match entry.number("rtekind"):
        case 1:
            return scope.analysis.query(entry.child("subquery"), scope)
        case 3:
            return _function_columns(entry, scope)
        case 5:
            return _values_columns(entry, scope)
        case 6:
            return _common_table_columns(entry, scope)
        case _:
            return ()


def set_operation_columns(node: Node, scope: Scope) -> tuple[bool, ...]:
    """Return the same for UNION, INTERSECT and EXCEPT."""
    if node.kind == "RANGETBLREF":
        return relation_columns(node.number("rtindex"), scope)
    if node.kind != "SETOPERATIONSTMT":
        raise TreeError("an unknown set operation")
    left = set_operation_columns(node.child("larg"), scope)
    right = set_operation_columns(node.child("rarg"), scope)
    match node.number("op"):
        case 1:
            return tuple(one and other for one, other in zip(left, right, strict=True))
        case 2:
            # A row of the result is in both; NULL equals NULL here.
            return tuple(one or other for one, other in zip(left, right, strict=True))
        case 3:
            return left
        case _:
            raise TreeError("an unknown set operation")


def _values_columns(entry: Node, scope: Scope) -> tuple[bool, ...]:
    rows = entry.fields.get("values_lists")
    if not isinstance(rows, tuple) or not rows:
        raise TreeError("VALUES without rows")
    columns = zip(*(row for row in rows if isinstance(row, tuple)), strict=True)
    return tuple(
        [all(isinstance(each, Node) and scope.analysis.not_null(each, scope) for each in cells) for cells in columns]
    )


def _function_columns(entry: Node, scope: Scope) -> tuple[bool, ...]:
    functions = entry.children("functions")
    found: list[bool] = []
    for each in functions:
        count = each.number("funccolcount")
        # Several functions side by side: the shorter ones are filled with NULL.
        alone = len(functions) == 1
        found.extend(_columns_of_function(each.child("funcexpr"), count, scope) if alone else [False] * count)
    if entry.flag("funcordinality"):
        found.append(True)
    return tuple(found)


def _columns_of_function(node: Node, count: int, scope: Scope) -> tuple[bool, ...]:
    unknown = (False,) * count
    if node.kind != "FUNCEXPR":
        return unknown
    function = node.number("funcid")
    name = scope.catalog.builtins.get(function)
    if name in _TWO_COLUMNS and count == len(_TWO_COLUMNS[name]):
        return _TWO_COLUMNS[name]
    if count != 1 or not scope.catalog.is_one_value(node.number("funcresulttype")):
        return unknown
    if node.flag("funcretset") or function in scope.catalog.set_returning:
        return (name in VALUES_NOT_NULL,)
    return (scope.analysis.not_null(node, scope),)


def _common_table_columns(entry: Node, scope: Scope) -> tuple[bool, ...]:
    origin = scope.above(entry.number("ctelevelsup"))
    table = origin.common_tables.get(entry.text("ctename"))
    if table is None:
        raise TreeError("no such WITH query")
    if table.columns is not None:
        return table.columns
    query = table.node.child("ctequery")
    count = len(output(query))
    if not table.node.flag("cterecursive"):
        table.columns = (False,) * count  # while it is read, so that a circle ends
        table.columns = origin.analysis.query(query, origin)
        return table.columns
    return _recursive_columns(table, query, count, origin)


def _recursive_columns(table: CommonTable, query: Node, count: int, origin: Scope) -> tuple[bool, ...]:
    """Suppose that no column is ever NULL, and take back what the terms do not confirm, until all is confirmed."""
    supposed = (True,) * count
    while True:
        table.columns = supposed
        found = origin.analysis.query(query, origin)
        confirmed = tuple(one and other for one, other in zip(supposed, found, strict=True))
        if confirmed == supposed:
            return confirmed
        supposed = confirmed


def output(query: Node) -> list[Node]:
    """Return the expressions of the columns that a query gives."""
    name = "targetList" if query.number("commandType") == SELECT else "returningList"
    return [each.child("expr") for each in query.children(name) if not each.flag("resjunk")]
