"""How many rows a query gives, whatever the tables hold: one at least, or one at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.nodetree import Node

SELECT, INSERT = 1, 3  # CmdType of nodes.h


def gives_a_row(query: Node) -> bool:
    """Tell whether a SELECT surely gives a row: a scalar subquery without one is NULL. More than one is an error where a value is wanted."""
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
    """Tell whether LIMIT is a constant above 0. LIMIT NULL is none."""
    while limit.kind == "FUNCEXPR" and len(limit.children("args")) == 1:
        limit = limit.children("args")[0]  # int8(int4)
    if limit.kind != "CONST":
        return False
    value = limit.fields.get("constvalue")
    # A number's bytes, the sign in the highest.
    return limit.flag("constisnull") or (
        isinstance(value, tuple)
        and any(each != "0" for each in value[2:-1])
        and isinstance(value[-2], str)
        and not value[-2].startswith("-")
    )


def gives_at_most_one_row(query: Node) -> bool:
    """Tell whether a second row is impossible, whatever the tables hold and their keys are.

    That is so of an aggregate over everything, of a constant LIMIT of 1, and of what reads no table.
    """
    command = query.number("commandType")
    if query.flag("hasTargetSRFs") and not query.has("limitCount"):
        return False
    if command == INSERT:
        return all(_adds_a_row(each, query) for each in query.child("jointree").children("fromlist"))
    if command != SELECT:
        return False
    if query.has("limitCount") and query.fields.get("limitOption") in {None, "0"}:
        limit = query.child("limitCount")
        while limit.kind == "FUNCEXPR" and len(limit.children("args")) == 1:
            limit = limit.children("args")[0]
        if limit.kind == "CONST" and not limit.flag("constisnull"):
            value = limit.fields.get("constvalue")
            if isinstance(value, tuple) and value[2] in {"0", "1"} and all(each == "0" for each in value[3:-1]):
                return True
    if query.has("setOperations") or query.flag("hasTargetSRFs"):
        return False
    if query.flag("hasAggs") and not query.has("groupClause") and not query.has("groupingSets"):
        return True
    return all(_adds_a_row(each, query) for each in query.child("jointree").children("fromlist"))


def _adds_a_row(item: Node, query: Node) -> bool:
    if item.kind != "RANGETBLREF":
        return False
    entry = query.children("rtable")[item.number("rtindex") - 1]
    match entry.number("rtekind"):
        case 1:
            return gives_at_most_one_row(entry.child("subquery"))
        case 5:
            return entry.length("values_lists") == 1
        case 8:
            return True
        case _:
            return False
