"""Where a column comes from, for its shape: the table that stores it, or the expression that makes it further in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.describe.value_shape import RECORD, JsonObject, Scalar, ValueShape, merged
from codezest_sql.core.nullability.relations import SELECT, UNION, output
from codezest_sql.core.query_tree.nodes import Node, TreeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.core.nullability.scope import Scope

Shaper: TypeAlias = "Callable[[Node, Scope], ValueShape | None]"

TABLE, SUBQUERY, COMMON_TABLE = 0, 1, 6  # RTEKind of parsenodes.h


def column_structure(node: Node, scope: Scope, shape: Shaper) -> ValueShape | None:
    """Return the shape of what a reference to a column refers to; ``shape`` finds those of expressions."""
    scope = scope.above(node.number("varlevelsup"))
    relation, column = node.number("varno"), node.number("varattno")
    entry = scope.relation(relation)
    if column == 0:
        return _row(node, entry, scope, shape)
    if column < 0:
        return None
    match entry.number("rtekind"):
        case 0:
            origin = scope.catalog.columns.get((entry.number("relid"), column))
            return Scalar(node.number("vartype"), not_null=False, origin=origin)
        case 2:
            return shape(entry.children("joinaliasvars")[column - 1], scope)
        case 9:
            return shape(entry.children("groupexprs")[column - 1], scope)
        case 5:
            return _cells(entry, column, scope, shape)
        case 1 | 6:
            return _column_within(relation, column - 1, scope, shape)
        case _:
            return None


def query_column(scope: Scope, index: int, shape: Shaper) -> ValueShape | None:
    """Return the shape of a column, counted from 0, of the query that a scope is of."""
    query = scope.query
    if query.number("commandType") == SELECT and query.has("setOperations"):
        return _of_sets(query.child("setOperations"), index, scope, shape)
    return shape(output(query)[index], scope)


def _of_sets(node: Node, index: int, scope: Scope, shape: Shaper) -> ValueShape | None:
    """What INTERSECT and EXCEPT leave is of their left side, too."""
    if node.kind == "RANGETBLREF":
        return _column_within(node.number("rtindex"), index, scope, shape)
    left = _of_sets(node.child("larg"), index, scope, shape)
    if node.number("op") != UNION:
        return left
    return merged((left, _of_sets(node.child("rarg"), index, scope, shape)))


def _cells(entry: Node, column: int, scope: Scope, shape: Shaper) -> ValueShape | None:
    rows = entry.fields.get("values_lists")
    cells = [row[column - 1] for row in rows if isinstance(row, tuple)] if isinstance(rows, tuple) else []
    return merged([shape(each, scope) if isinstance(each, Node) else None for each in cells])


def _column_within(relation: int, index: int, scope: Scope, shape: Shaper) -> ValueShape | None:
    inner = inner_query(relation, scope)
    if inner is None:
        return None
    # LATERAL may refer to rows of this query: only what holds for all of them counts, not a branch of CASE.
    with scope.knowing_only(scope.settled):
        return query_column(inner, index, shape)


def inner_query(relation: int, scope: Scope) -> Scope | None:
    """Return the query behind a relation; None for a recursive one, and for a view that is written."""
    if relation in scope.inner:
        return scope.inner[relation]
    entry = scope.relation(relation)
    found: Scope | None = None
    if entry.number("rtekind") == SUBQUERY:
        # INSTEAD OF triggers return what they like.
        if scope.query.number("resultRelation") != relation:
            with scope.knowing_only(scope.settled):
                found = scope.analysis.opened(entry.child("subquery"), scope)
    else:
        origin = scope.above(entry.number("ctelevelsup"))
        table = origin.common_tables.get(entry.text("ctename"))
        if table is None:
            raise TreeError("no such WITH query")
        if not table.node.flag("cterecursive"):
            found = origin.analysis.opened(table.node.child("ctequery"), origin)
    scope.inner[relation] = found
    return found


def _row(node: Node, entry: Node, scope: Scope, shape: Shaper) -> JsonObject | None:
    """Return the object that a row becomes: its fields are those of the row, which is there or NULL as a whole."""
    kind, row_type = entry.number("rtekind"), node.number("vartype")
    numbers: list[int]
    if kind == TABLE:
        columns = scope.catalog.rows.get(entry.number("relid"), ())
        numbers, names = [each.number for each in columns], [each.column for each in columns]
    elif kind in {SUBQUERY, COMMON_TABLE}:
        inner = inner_query(node.number("varno"), scope)
        if inner is None:
            return None
        if row_type == RECORD:
            names = [*entry.child("eref").texts("colnames")]
        else:  # of a view
            names = [each.column for each in scope.catalog.rows.get(scope.catalog.row_types.get(row_type, 0), ())]
        numbers = [*range(1, len(output(inner.query)) + 1)]
    else:
        return None
    if not names or len(set(names)) != len(names) or len(names) != len(numbers):
        return None
    fields: list[tuple[str, ValueShape]] = []
    for name, number in zip(names, numbers, strict=True):
        column = node.with_fields(
            varattno=str(number),
            varnullingrels=frozenset[int](),
            varlevelsup="0",
            vartype=_type(entry, number, scope),
        )
        found = shape(column, scope)
        if found is None:
            return None
        fields.append((name, found))
    return JsonObject(tuple(fields))


def _type(entry: Node, number: int, scope: Scope) -> str:
    origin = scope.catalog.columns.get((entry.number("relid"), number))
    return str(origin.type_oid) if origin is not None and entry.number("rtekind") == TABLE else "0"
