"""Infers whether a query returns at least one row, regardless of the content of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.query_tree.nodes import Node

SELECT = 1  # CmdType of nodes.h
_INTEGERS = frozenset({20, 21, 23})  # OIDs of int8, int2 and int4


def gives_a_row(query: Node) -> bool:
    """Return whether a SELECT surely gives a row: a scalar subquery without one is NULL, and with two an error."""
    if query.number("commandType") != SELECT or query.has("limitOffset") or query.has("setOperations"):
        return False
    if query.has("limitCount") and not _is_positive(query.child("limitCount")):
        return False
    if query.flag("hasTargetSRFs") or query.has("havingQual") or query.has("groupingSets"):
        return False
    if query.has("groupClause"):
        return False
    if query.flag("hasAggs"):
        return True
    tree = query.child("jointree")
    return not tree.has("quals") and all(_has_a_row(each, query) for each in tree.children("fromlist"))


def _has_a_row(item: Node, query: Node) -> bool:
    if item.kind != "RANGETBLREF":
        return False
    entry = query.children("rtable")[item.number("rtindex") - 1]
    match entry.number("rtekind"):
        case 1:
            return gives_a_row(entry.child("subquery"))
        case 5 | 8:  # VALUES, or no FROM at all
            return True
        case _:
            return False


def _is_positive(limit: Node) -> bool:
    """Return whether LIMIT is a constant above 0."""
    number = constant(limit)
    return number is not None and number > 0


def constant(node: Node) -> int | None:
    """Return a whole number that is in the query; a parameter or an expression is none, nor is ``0.4``."""
    if node.kind == "FUNCEXPR" and node.number("funcformat") and len(node.children("args")) == 1:
        node = node.children("args")[0]  # int8(int4); what a function makes of a number is another one
    is_integer = node.kind == "CONST" and node.number("consttype") in _INTEGERS
    value = node.fields.get("constvalue") if is_integer else None
    if not isinstance(value, tuple):
        return None
    # `8 [ 1 0 0 0 0 0 0 0 ]`: the bytes of a Datum as signed characters, in the server's own order.
    numbers = bytes(int(each) % 256 for each in value[2:-1] if isinstance(each, str))
    return int.from_bytes(numbers, "little", signed=True)
