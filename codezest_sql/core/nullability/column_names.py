"""The name of the column that an expression of the server's tree is, and how a column is reached through the tree."""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

from codezest_sql.core.nullability.node_types import node_type
from codezest_sql.core.query_tree.nodes import Node, walk

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from codezest_sql.core.nullability.facts import CatalogFacts

Queries = tuple[Node, ...]  # the query that an expression is in, and those around it, innermost last


class RelationKind(IntEnum):
    """RTEKind of parsenodes.h."""

    TABLE = 0
    SUBQUERY = 1
    JOIN = 2
    FUNCTION = 3
    VALUES = 5
    CTE = 6
    GROUP = 9


class ParameterKind(IntEnum):
    """ParamKind of primnodes.h."""

    EXTERNAL = 0
    SUBLINK = 2
    MULTIPLE = 3


CASTS = frozenset(
    {"RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "COLLATEEXPR", "CONVERTROWTYPEEXPR"}
)
ONE_COLUMN = frozenset({4, 6})  # SubLinkType: a value, ARRAY
# Their result is a value of the same kind as an argument: lower(email) is an e-mail address too, md5(email) is none.
SAME_KIND = frozenset(
    {
        *("lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "normalize"),
        *("date_trunc", "timezone", "date", "timestamp", "timestamptz"),
        *("round", "trunc", "ceil", "ceiling", "floor", "abs", "min", "max", "any_value"),
    }
)
_VALUE_IS_SECOND = frozenset({"date_trunc", "timezone"})
_EXPLICIT_CAST, _IMPLICIT_CAST = 1, 2  # CoercionForm; the others are calls
_SYSTEM = {-1: "ctid", -2: "xmin", -3: "cmin", -4: "xmax", -5: "cmax", -6: "tableoid"}  # sysattr.h
_FAMILIES: Mapping[int, str] = {
    **dict.fromkeys((20, 21, 23, 700, 701, 1700), "number"),
    **dict.fromkeys((19, 25, 1042, 1043), "string"),
    **dict.fromkeys((1082, 1114, 1184), "moment"),
}


class ColumnNames:
    """Finds the names of columns in one statement."""

    def __init__(self, catalog: CatalogFacts) -> None:
        self._catalog = catalog
        self._compared: list[tuple[Node, Queries]] = []  # the subqueries of x IN (SELECT …) around
        self._tested: list[str] = []  # the names of what CASE x WHEN … compares

    @contextmanager
    def comparing(self, query: Node, queries: Queries) -> Generator[None]:
        """Know, within, the subquery that an expression is compared with."""
        self._compared.append((query, queries))
        try:
            yield
        finally:
            self._compared.pop()

    @contextmanager
    def testing(self, tested: Node | None, queries: Queries) -> Generator[None]:
        """Know, within, what CASE compares."""
        self._tested.append("" if tested is None else self.of(tested, queries))
        try:
            yield
        finally:
            self._tested.pop()

    def direct(self, node: Node, queries: Queries) -> str:
        """Return the name of the column that an expression is, casts aside; "" for any other."""
        node = uncast(node)
        match node.kind:
            case "VAR":
                return self._variable(node, queries)
            case "FIELDSELECT":
                return self.fields(node_type(node.child("arg"))).get(node.number("fieldnum"), "")
            case "SUBSCRIPTINGREF":
                return self.direct(node.child("refexpr"), queries)
            case "CASETESTEXPR":
                return self._tested[-1] if self._tested else ""
            case "PARAM" if node.number("paramkind") == ParameterKind.SUBLINK and self._compared:
                query, inside = self._compared[-1]
                return self._output(query, node.number("paramid"), inside)
            case _:
                return ""

    def of(self, node: Node, queries: Queries) -> str:
        """Return the name of the column that an expression is, or is a value of the same kind as."""
        node = uncast(node)
        match node.kind:
            case "FUNCEXPR" | "AGGREF" | "WINDOWFUNC":
                function = node.number("aggfnoid") or node.number("winfnoid") or node.number("funcid")
                if self._catalog.builtins.get(function) not in SAME_KIND:
                    return ""
                value = value_of(node, self._catalog.builtins[function])
                return self.of(value, queries) if value is not None and is_like(value, node) else ""
            case "COALESCEEXPR" | "MINMAXEXPR":
                return only(self.of(each, queries) for each in node.children("args"))
            case "NULLIFEXPR":
                return self.of(node.children("args")[0], queries)
            case "SUBLINK" if node.number("subLinkType") in ONE_COLUMN:
                query = node.child("subselect")
                return self._output(query, 1, (*queries, query))
            case _:
                return self.direct(node, queries)

    def compared(self, test: Node, queries: Queries) -> tuple[str, ...]:
        """Return the names of what each column of a subquery is compared with."""
        found: dict[int, str] = {}
        parts = test.children("args") if test.kind == "BOOLEXPR" else (test,)
        for part in parts:
            sides = (
                zip(part.children("largs"), part.children("rargs"), strict=True)
                if part.kind == "ROWCOMPAREEXPR"
                else [part.children("args")[:2]]
            )
            for left, right in sides:
                column = uncast(right)
                if column.kind == "PARAM" and column.number("paramkind") == ParameterKind.SUBLINK:
                    found[column.number("paramid")] = self.of(left, queries)
        return tuple(found.get(number, "") for number in range(1, max(found, default=0) + 1))

    def fields(self, row_type: int) -> dict[int, str]:
        """Return the names of a composite type's attributes, or of a table's columns, by number."""
        relation = self._catalog.row_types.get(row_type, 0)
        return {each.number: each.column for each in self._catalog.rows.get(relation, ())}

    def _variable(self, node: Node, queries: Queries) -> str:
        entry, seen = entry_of(node, queries)
        number = node.number("varattno")
        if entry is None or number <= 0:
            return _SYSTEM.get(number, "")
        if entry.number("rtekind") == RelationKind.GROUP:
            return self.of(entry.children("groupexprs")[number - 1], seen)
        return nth(entry.child("eref").texts("colnames"), number)

    def _output(self, query: Node, number: int, queries: Queries) -> str:
        found = [each for each in query.children("targetList") if each.number("resno") == number]
        return self.of(found[0].child("expr"), queries) if found else ""


def uncast(node: Node) -> Node:
    """Return an expression without the casts around it."""
    while node.kind in CASTS or is_cast(node):
        node = node.children("args")[0] if node.kind == "FUNCEXPR" else node.child("arg")
    return node


def is_cast(node: Node) -> bool:
    """Return whether a call of a function is how the server casts."""
    return node.kind == "FUNCEXPR" and node.number("funcformat") in {_EXPLICIT_CAST, _IMPLICIT_CAST}


def is_like(node: Node, other: Node) -> bool:
    """Return whether two expressions have types of one family."""
    one, two = (node_type(each) for each in (node, other))
    return one == two or _FAMILIES.get(one, "") == _FAMILIES.get(two)


def value_of(node: Node, function: str) -> Node | None:
    """Return the argument that the result of one of ``SAME_KIND`` is a value of; the others define how it is made."""
    arguments = [each.child("expr") if each.kind == "TARGETENTRY" else each for each in node.children("args")]
    place = function in _VALUE_IS_SECOND
    return arguments[place] if place < len(arguments) else None


def only(names: Iterable[str]) -> str:
    """Return the one name among these; "" where there are several, or none."""
    found = set(names) - {""}
    return found.pop() if len(found) == 1 else ""


def nth(names: Sequence[str], number: int) -> str:
    """Return a name by its number from 1; "" where there is none."""
    return names[number - 1] if 1 <= number <= len(names) else ""


def outermost(value: object) -> tuple[Node, ...]:
    """Return the nodes in a field, without those that these hold."""
    return Node("", {"": value}).below  # type: ignore[dict-item]  # a value of a field


def entry_of(node: Node, queries: Queries) -> tuple[Node | None, Queries]:
    """Return the entry of the range table that a column is of, and the queries that see it."""
    seen = queries[: len(queries) - node.number("varlevelsup")]
    entries = seen[-1].children("rtable") if seen else ()
    number = node.number("varno")
    return (entries[number - 1] if 1 <= number <= len(entries) else None), seen


def written_names(entry: Node) -> tuple[str, ...]:
    """Return the names that the text gives to the columns of an entry: ``AS v (a, b)``."""
    alias = entry.optional("alias")
    return () if alias is None else alias.texts("colnames")


def united_numbers(query: Node) -> frozenset[int]:
    """Return the numbers, in the range table, of the queries that UNION, INTERSECT or EXCEPT put together."""
    leaves = walk(query.fields.get("setOperations"))
    return frozenset(leaf.number("rtindex") for leaf in leaves if leaf.kind == "RANGETBLREF")


def united_queries(query: Node) -> tuple[Node, ...]:
    """Return those queries themselves."""
    entries = query.children("rtable")
    found = [entries[number - 1] for number in sorted(united_numbers(query))]
    return tuple([entry.child("subquery") for entry in found if entry.has("subquery")])


def column_sources(entry: Node, number: int) -> tuple[Node, ...]:
    """Return the expressions that a column of VALUES, of functions, of a join or of GROUP BY is made of."""
    match entry.number("rtekind"):
        case RelationKind.VALUES:
            rows = entry.fields.get("values_lists")
            cells = [outermost(row) for row in rows] if isinstance(rows, tuple) else []
            return tuple([row[number - 1] for row in cells if number <= len(row)])
        case RelationKind.FUNCTION:
            first = 1
            for each in entry.children("functions"):
                count = each.number("funccolcount")
                if first <= number < first + count and (count == 1 or number == first):
                    return (each.child("funcexpr"),)
                first += count
            return ()
        case RelationKind.JOIN:
            return outermost(entry.children("joinaliasvars")[number - 1 : number])
        case RelationKind.GROUP:
            return entry.children("groupexprs")[number - 1 : number]
        case _:
            return ()


def common_table(entry: Node, seen: Queries) -> tuple[Node, Queries] | None:
    """Return the WITH query that an entry means, and the queries around it; None for a recursive one."""
    outer = seen[: len(seen) - entry.number("ctelevelsup")]
    name = entry.text("ctename")
    for each in outer[-1].children("cteList") if outer else ():
        if each.text("ctename") == name and not each.flag("cterecursive"):
            return each.child("ctequery"), outer
    return None
