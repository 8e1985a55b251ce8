"""Reads FROM and WHERE: which relations an outer join may replace by NULLs, and what rules that out.

A column above an outer join that is not NULL shows that its side of the join was there, and so that the ON
condition held. From that more follows, until nothing new does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.nullability.implications import when_true
from codezest_sql.core.nullability.scope import Column, Join, Present
from codezest_sql.core.query_tree.nodes import Node, TreeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.nullability.scope import Fact, Scope

INNER, LEFT, FULL, RIGHT = range(4)  # JoinType of nodes.h

# A condition, and the relations for which it holds: all of them, or one side of its join.
_Condition: TypeAlias = "tuple[Node, frozenset[int] | None]"


def read_joins(scope: Scope) -> None:
    """Fill the scope with its joins, and with the facts that hold for every row."""
    tree = scope.query.optional("jointree")
    if tree is None:
        return
    conditions: list[_Condition] = []
    _relations(tree, scope, conditions)
    new = True
    while new:
        new = False
        for condition, only in conditions:
            found = when_true(condition, scope)
            new |= scope.learn(found if only is None else _about(found, only))


def _about(facts: frozenset[Fact], only: frozenset[int]) -> Iterator[Fact]:
    """Give the facts about these relations. A condition of LEFT JOIN sets nothing of rows that it did not match."""
    for fact in facts:
        if (type(fact) is Column and fact.relation in only) or (type(fact) is Present and fact.join in only):
            yield fact


def _relations(node: Node, scope: Scope, conditions: list[_Condition]) -> frozenset[int]:
    """Return the indexes of all relations below a node of the join tree, the joins' own included."""
    match node.kind:
        case "RANGETBLREF":
            return frozenset({node.number("rtindex")})
        case "FROMEXPR":
            found = frozenset[int]().union(
                *(_relations(each, scope, conditions) for each in node.children("fromlist"))
            )
            if node.has("quals"):
                conditions.append((node.child("quals"), None))
            return found
        case "JOINEXPR":
            left = _relations(node.child("larg"), scope, conditions)
            right = _relations(node.child("rarg"), scope, conditions)
            number, kind = node.number("rtindex"), node.number("jointype")
            if kind not in {INNER, LEFT, FULL, RIGHT}:
                raise TreeError("a join of the planner")
            scope.joins[number] = Join(kind, left, right)
            if node.has("quals"):
                _read_condition(node.child("quals"), scope, conditions, number)
            return left | right | {number}
        case _:
            raise TreeError("an unknown node in FROM")


def _read_condition(condition: Node, scope: Scope, conditions: list[_Condition], number: int) -> None:
    join = scope.joins[number]
    if join.kind == INNER:
        conditions.append((condition, None))
        return
    sides = {
        LEFT: frozenset({Present(number, "right")}),
        RIGHT: frozenset({Present(number, "left")}),
        FULL: frozenset({Present(number, "left"), Present(number, "right")}),
    }[join.kind]
    scope.when_present.append((sides, lambda: when_true(condition, scope)))
    if join.kind != FULL:
        conditions.append((condition, join.right if join.kind == LEFT else join.left))
