"""Adds to trees what newer servers print: 15 has no outer joins above a column, 17 no grouping sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.query_tree.nodes import Node, key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.query_tree.nodes import Key, Value

# For each relation of a query the outer joins that may replace it by NULLs.
_Nulling: TypeAlias = "Mapping[int, frozenset[int]]"

FIRST_WITH_NULLING = 16
_LEFT, _FULL, _RIGHT = 1, 2, 3  # JoinType
# A node of which nothing is known, not even that it is the same when it is written twice.
OPAQUE = "OPAQUE"
_NONE: frozenset[int] = frozenset()


def with_nulling(query: Node) -> Node:
    """Return a query of PostgreSQL 15 with the field ``varnullingrels`` of 16 in every column reference.

    On 18 the field includes grouping sets too.
    """
    return _query(query, ())


def _query(query: Node, outer: tuple[_Nulling, ...]) -> Node:
    nulled: dict[int, set[int]] = {}
    below: dict[int, set[int]] = {}  # joins within a join
    tree = query.optional("jointree")
    if tree is not None:
        _read_tree(tree, nulled, below)
    above: _Nulling = {relation: frozenset(joins) for relation, joins in nulled.items()}

    def within(joins: set[int]) -> _Nulling:
        return {relation: each & joins for relation, each in above.items()}

    def entry(number: int, node: Node) -> Value:
        if node.number("rtekind") == 2:  # noqa: PLR2004  # a join: its columns are seen from itself
            return _marked(node, (*outer, within(below.get(number, set()) | {number})))
        return _marked(node, (*outer, above))

    def place(node: Node) -> Node:
        if node.kind == "JOINEXPR":
            seen = (*outer, within(below[node.number("rtindex")]))
            return node.with_fields(
                larg=place(node.child("larg")),
                rarg=place(node.child("rarg")),
                quals=_marked(node.fields.get("quals"), seen),
            )
        if node.kind == "FROMEXPR":
            items = tuple([place(each) for each in node.children("fromlist")])
            return node.with_fields(fromlist=items, quals=_marked(node.fields.get("quals"), (*outer, above)))
        return node

    changed: dict[str, Value] = {
        name: _marked(value, (*outer, above))
        for name, value in query.fields.items()
        if name not in {"jointree", "rtable"} and isinstance(value, Node | tuple)
    }
    if tree is not None:
        changed["jointree"] = place(tree)
    changed["rtable"] = tuple([entry(number, node) for number, node in enumerate(query.children("rtable"), 1)])
    return query.with_fields(**changed)


def _read_tree(node: Node, nulled: dict[int, set[int]], below: dict[int, set[int]]) -> set[int]:
    """Return the relations below a node, and note which joins null which of them."""
    if node.kind == "RANGETBLREF":
        return {node.number("rtindex")}
    if node.kind != "JOINEXPR":
        return set[int]().union(*(_read_tree(each, nulled, below) for each in node.children("fromlist")))
    left = _read_tree(node.child("larg"), nulled, below)
    right = _read_tree(node.child("rarg"), nulled, below)
    number, kind = node.number("rtindex"), node.number("jointype")
    below[number] = (left | right) & below.keys()
    for kinds, side in (((_LEFT, _FULL), right), ((_RIGHT, _FULL), left)):
        if kind in kinds:
            for relation in side:
                nulled.setdefault(relation, set()).add(number)
    return left | right | {number}


def _marked(value: Value, levels: tuple[_Nulling, ...]) -> Value:
    """Return a value with marked column references; ``levels`` are the enclosing queries', innermost last."""
    if isinstance(value, Node):
        if value.kind == "QUERY":
            return _query(value, levels)
        if value.kind == "VAR":
            up = value.number("varlevelsup")
            found = levels[-1 - up].get(value.number("varno"), _NONE) if up < len(levels) else _NONE
            return value.with_fields(varnullingrels=found)
        return Node(value.kind, {name: _marked(each, levels) for name, each in value.fields.items()})
    if type(value) is tuple:
        return tuple([_marked(each, levels) for each in value])
    return value


def with_groups(query: Node) -> Node:
    """Return a query that has grouping sets with a range table entry for its groups, as 18 makes it.

    Above the groups a grouped expression is NULL in the sets that leave it out, whatever it is below. Where it is no
    mere column, these servers may still compute it from its constants, in one place and not in another: found by
    the fuzz with ``GROUP BY ROLLUP (abs(1)) HAVING abs(1) IS NOT NULL``, which lets a NULL through.
    So nothing is inferred about those.
    """
    wanted = {each.number("tleSortGroupRef") for each in query.children("groupClause")}
    grouped = [
        each.child("expr") for each in query.children("targetList") if each.number("ressortgroupref") in wanted
    ]
    entries = query.children("rtable")
    number = len(entries) + 1
    groups = Node("RANGETBLENTRY", {"rtekind": "9", "groupexprs": tuple(grouped)})
    replaced = _Groups({key(each): index for index, each in enumerate(grouped, 1)}, number)
    return query.with_fields(
        rtable=(*entries, groups),
        targetList=replaced.of(query.fields.get("targetList"), 0),
        havingQual=replaced.of(query.fields.get("havingQual"), 0),
    )


class _Groups:
    """Replaces grouped expressions by references to the groups."""

    def __init__(self, columns: dict[Key, int], number: int) -> None:
        self._columns = columns
        self._number = number

    def of(self, value: Value, depth: int) -> Value:
        """Return the value, found so many queries below the grouped one, with references to the groups."""
        if isinstance(value, Node):
            column = self._column(value, depth)
            if column is not None:
                if value.kind != "VAR":
                    return Node(OPAQUE, {})
                return Node(
                    "VAR",
                    {
                        "varno": str(self._number),
                        "varattno": str(column),
                        "varlevelsup": str(depth),
                        "varnullingrels": frozenset({self._number}),
                    },
                )
            if value.kind == "AGGREF" and value.number("agglevelsup") == depth:
                return value.with_fields(aggdirectargs=self.of(value.fields.get("aggdirectargs"), depth))
            if value.kind == "GROUPINGFUNC":
                return value
            below = depth + 1 if value.kind == "QUERY" else depth
            return Node(value.kind, {name: self.of(each, below) for name, each in value.fields.items()})
        if type(value) is tuple:
            return tuple([self.of(each, depth) for each in value])
        return value

    def _column(self, node: Node, depth: int) -> int | None:
        if depth and not (node.kind == "VAR" and node.number("varlevelsup") == depth):
            return None  # the server matches whole expressions in the query itself only
        return self._columns.get(key(node.with_fields(varlevelsup="0") if depth else node))
