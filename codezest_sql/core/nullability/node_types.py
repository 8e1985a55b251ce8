"""The type of an expression of the tree, as ``exprType`` of the server finds it (nodeFuncs.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.nullability.constants import TEXT, UNKNOWN

if TYPE_CHECKING:
    from codezest_sql.core.query_tree.nodes import Node

BOOLEAN, INTEGER = 16, 23  # OIDs of pg_type.dat
_FIELDS = {
    "CONST": "consttype",
    "VAR": "vartype",
    "PARAM": "paramtype",
    "FUNCEXPR": "funcresulttype",
    "OPEXPR": "opresulttype",
    "NULLIFEXPR": "opresulttype",
    "AGGREF": "aggtype",
    "WINDOWFUNC": "wintype",
    "RELABELTYPE": "resulttype",
    "COERCEVIAIO": "resulttype",
    "ARRAYCOERCEEXPR": "resulttype",
    "CONVERTROWTYPEEXPR": "resulttype",
    "COERCETODOMAIN": "resulttype",
    "FIELDSELECT": "resulttype",
    "SUBSCRIPTINGREF": "refrestype",
    "COALESCEEXPR": "coalescetype",
    "MINMAXEXPR": "minmaxtype",
    "CASEEXPR": "casetype",
    "ARRAYEXPR": "array_typeid",
    "ROWEXPR": "row_typeid",
    "SQLVALUEFUNCTION": "type",
    "NEXTVALUEEXPR": "typeId",
}
_BOOLEAN = frozenset({"BOOLEXPR", "NULLTEST", "BOOLEANTEST", "DISTINCTEXPR", "SCALARARRAYOPEXPR", "ROWCOMPAREEXPR"})
_LIKE_THEIR_ARGUMENT = frozenset({"COLLATEEXPR", "NAMEDARGEXPR"})
VALUE = 4  # SubLinkType: EXPR_SUBLINK
_TRUE_OR_FALSE = frozenset({0, 1, 2, 3})  # EXISTS, ALL, ANY, ROWCOMPARE


def node_type(node: Node) -> int:
    """Return the OID of an expression's type, 0 when unknown. A bare string is text, as the server takes it."""
    if node.kind in _FIELDS:
        found = node.number(_FIELDS[node.kind])
        return TEXT if found == UNKNOWN else found
    if node.kind in _BOOLEAN:
        return BOOLEAN
    if node.kind in _LIKE_THEIR_ARGUMENT:
        return node_type(node.child("arg"))
    if node.kind == "GROUPINGFUNC":
        return INTEGER
    if node.kind == "JSONCONSTRUCTOREXPR":
        return node.child("returning").number("typid")
    if node.kind == "SUBLINK":
        kind = node.number("subLinkType")
        if kind == VALUE:
            columns = [each for each in node.child("subselect").children("targetList") if not each.flag("resjunk")]
            return node_type(columns[0].child("expr"))
        return BOOLEAN if kind in _TRUE_OR_FALSE else 0
    return 0
