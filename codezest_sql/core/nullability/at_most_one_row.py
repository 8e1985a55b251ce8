"""Infers whether a second row is impossible: by LIMIT, by an aggregate over all, or by unique keys that are compared.

A relation gives one row at most when every part of a unique key is equal to something that is fixed: a constant, a
parameter, or a column of a relation that gives one row at most itself. When all do, so does the query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.nullability.at_least_one_row import constant
from codezest_sql.core.nullability.joins import FULL, INNER, LEFT
from codezest_sql.core.query_tree.nodes import Node, TreeError, key, read_nodes, walk

if TYPE_CHECKING:
    from codezest_sql.core.nullability.facts import CatalogFacts, UniqueKey
    from codezest_sql.core.query_tree.nodes import Key, Value

SELECT, UPDATE, INSERT, DELETE = 1, 2, 3, 4  # CmdType of nodes.h
WITH_TIES = 1  # LimitOption
_UNFIXED = frozenset({"SUBLINK", "AGGREF", "WINDOWFUNC", "CASETESTEXPR", "NEXTVALUEEXPR", "CURRENTOFEXPR"})
_BINARY = 2


@dataclass(slots=True)
class _Relations:
    """What FROM names, and each condition with the relations whose rows it can choose."""

    numbers: list[int] = field(default_factory=list[int])
    conditions: list[tuple[Node, frozenset[int] | None]] = field(
        default_factory=list[tuple[Node, frozenset[int] | None]]
    )


def gives_at_most_one_row(query: Node, catalog: CatalogFacts, outer: tuple[Node, ...] = ()) -> bool:
    """Return whether a second row is impossible, whatever the tables hold.

    ``outer`` are the queries around this one, outermost first: it may read their WITH queries.
    """
    command = query.number("commandType")
    if command == SELECT and query.has("limitCount") and query.number("limitOption") != WITH_TIES:
        limit = constant(query.child("limitCount"))
        if limit is not None and limit <= 1:
            return True
    if command not in {SELECT, UPDATE, INSERT, DELETE} or query.has("setOperations") or query.flag("hasTargetSRFs"):
        return False
    if query.has("groupingSets"):
        return False
    if query.flag("hasAggs") and not query.has("groupClause"):
        return True
    found = _Relations()
    _read(query.child("jointree"), found)
    entries, around = query.children("rtable"), (*outer, query)
    fixed = {number for number in found.numbers if _is_single(entries[number - 1], catalog, around)}
    more = True
    while more:
        chosen = {
            number
            for number in found.numbers
            if number not in fixed and _is_chosen(number, query, found, fixed, catalog)
        }
        more = bool(chosen)
        fixed |= chosen
    return fixed.issuperset(found.numbers)


def _read(node: Node, found: _Relations) -> frozenset[int]:
    """Return the relations below a node of the join tree."""
    if node.kind == "RANGETBLREF":
        found.numbers.append(node.number("rtindex"))
        return frozenset({node.number("rtindex")})
    below = node.children("fromlist") if node.kind == "FROMEXPR" else (node.child("larg"), node.child("rarg"))
    sides = [_read(each, found) for each in below]
    chosen: frozenset[int] | None = None
    if node.kind == "JOINEXPR":
        kind = node.number("jointype")
        if kind == FULL:
            raise TreeError("rows of both sides")
        # The condition of an outer join drops no row of its other side.
        chosen = None if kind == INNER else sides[1] if kind == LEFT else sides[0]
    if node.has("quals"):
        found.conditions.extend((each, chosen) for each in _parts(node.child("quals")))
    return frozenset[int]().union(*sides)


def _parts(condition: Node) -> list[Node]:
    """Return the conditions that AND joins."""
    if condition.kind == "BOOLEXPR" and condition.text("boolop") == "and":
        return [part for each in condition.children("args") for part in _parts(each)]
    return [condition]


def _is_single(entry: Node, catalog: CatalogFacts, around: tuple[Node, ...]) -> bool:
    match entry.number("rtekind"):
        case 1:
            return gives_at_most_one_row(entry.child("subquery"), catalog, around)
        case 3:
            # Only calls have the field; FROM current_date, for example, is one value.
            return all(
                each.child("funcexpr").fields.get("funcretset", "false") == "false"
                for each in entry.children("functions")
            )
        case 5:
            return entry.length("values_lists") == 1
        case 6:
            return _is_single_with(entry, catalog, around[: len(around) - entry.number("ctelevelsup")])
        case 8:
            return True
        case _:
            return False


def _is_single_with(entry: Node, catalog: CatalogFacts, around: tuple[Node, ...]) -> bool:
    """Return whether a WITH query of the innermost of these queries gives one row at most."""
    named = around[-1].children("cteList") if around else ()
    return any(
        each.text("ctename") == entry.text("ctename")
        and not each.flag("cterecursive")
        and gives_at_most_one_row(each.child("ctequery"), catalog, around)
        for each in named
    )


def _is_chosen(number: int, query: Node, found: _Relations, fixed: set[int], catalog: CatalogFacts) -> bool:
    entry = query.children("rtable")[number - 1]
    if entry.number("rtekind") or not catalog.unique_keys.get(entry.number("relid")):
        return False
    conditions = [each for each, chosen in found.conditions if chosen is None or number in chosen]
    said = {key(normal(each, number)) for each in conditions}
    equal: set[tuple[Key, int, int]] = set()  # an expression of the relation, a family, a collation
    for each in conditions:
        if each.kind == "OPEXPR" and len(each.children("args")) == _BINARY:
            left, right = each.children("args")
            for one, other in ((left, right), (right, left)):
                if _is_fixed(other, fixed, catalog):
                    for family in catalog.equalities.get(each.number("opno"), ()):
                        equal.add((key(normal(one, number)), family, each.number("inputcollid")))

    def holds(unique: UniqueKey) -> bool:
        return unique.predicate <= said and equal.issuperset(unique.parts)

    return any(holds(unique) for unique in catalog.unique_keys[entry.number("relid")])


def _is_fixed(node: Node, fixed: set[int], catalog: CatalogFacts) -> bool:
    """Return whether an expression has one value for all rows of the query."""
    for each in walk(node):
        if each.kind in _UNFIXED:
            return False
        if each.kind == "VAR" and not each.number("varlevelsup") and each.number("varno") not in fixed:
            return False
        if ("funcid" in each.fields or "opno" in each.fields) and catalog.function_of(each) in catalog.volatile:
            return False
    return True


def normal(value: Node, number: int) -> Node:
    """Return an expression as an index on the relation has it: its columns are of relation 1, above no join."""
    found = _normal(value, number)
    if not isinstance(found, Node):
        raise TreeError("no expression")
    return found


def _normal(value: Value, number: int) -> Value:
    if isinstance(value, Node):
        if value.kind == "VAR":
            own = value.number("varno") == number and not value.number("varlevelsup")
            return Node(
                "VAR", {"varno": "1" if own else f"other {value.number('varno')}", "column": value.text("varattno")}
            )
        if value.kind == "RELABELTYPE" and value.child("arg").kind == "VAR":
            return _normal(value.child("arg"), number)
        # What the server looks up only when it plans.
        return Node(value.kind, {n: _normal(each, number) for n, each in value.fields.items() if n != "opfuncid"})
    if type(value) is tuple:
        return tuple([_normal(each, number) for each in value])
    return value


def column_key(number: int) -> Key:
    """Return what a plain column of an index is compared as."""
    return key(Node("VAR", {"varno": "1", "column": str(number)}))


def expression_keys(text: str | None) -> tuple[Key, ...]:
    """Return the same for the printed expressions of an index, or the parts of its printed WHERE."""
    if not text:
        return ()
    return tuple(key(normal(part, 1)) for each in read_nodes(text) for part in _parts(each))
