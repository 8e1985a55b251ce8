"""Which parameters may be NULL: those that a nullable column is assigned, and those whose NULL the query asks for.

It asks with ``IS NULL``, ``IS [NOT] DISTINCT FROM``, and with COALESCE, unless the parameter is its last resort. A
parameter that is also assigned to a NOT NULL column, or of a NOT NULL domain, may not.

The same is asked of the elements of an array: ``unnest`` and a subscript hand on one at a time, an array column takes
them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.nullability.column_names import united_queries
from codezest_sql.core.query_tree.nodes import Node, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.nullability.facts import CatalogFacts

_SELECT, _UPDATE, _INSERT, _MERGE = 1, 2, 3, 5  # CmdType
_WRAPPERS = frozenset({"RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "COLLATEEXPR"})
_IS_UNKNOWN, _IS_NOT_UNKNOWN = 4, 5  # BoolTestType


class NullableParameters(NamedTuple):
    """The numbers of the parameters that may be NULL, and of the arrays in which elements may be."""

    values: frozenset[int] = frozenset()
    elements: frozenset[int] = frozenset()


class _Flow(NamedTuple):
    """A parameter that a column is assigned, or its elements are; whether that column refuses NULL."""

    number: int
    refuses: bool
    of_elements: bool = False


def nullable_parameters(query: Node, catalog: CatalogFacts) -> NullableParameters:
    """Return which parameters, and which elements of them, may be NULL."""
    refused: set[tuple[int, bool]] = set()
    wanted: set[tuple[int, bool]] = set()
    for node in walk(query):
        if node.kind == "QUERY":
            for flow in _assigned(node, catalog):
                (refused if flow.refuses else wanted).add((flow.number, flow.of_elements))
            wanted.update((number, True) for number in _elements_asked(node, catalog))
        elif node.kind == "PARAM":
            # NULL does not even get in.
            if node.number("paramtype") in catalog.not_null_domains:
                refused.add((node.number("paramid"), False))
            if node.number("paramtype") in catalog.arrays_of_not_null:
                refused.add((node.number("paramid"), True))
        elif node.kind == "ARRAYCOERCEEXPR" and node.number("resulttype") in catalog.arrays_of_not_null:
            refused.update((flow.number, True) for flow in _elements(node.child("arg"), refuses=True))
        wanted.update((number, False) for number in _asked(node))
    found = wanted - refused
    return NullableParameters(
        frozenset(number for number, of_elements in found if not of_elements),
        frozenset(number for number, of_elements in found if of_elements),
    )


def _elements_asked(query: Node, catalog: CatalogFacts) -> Iterator[int]:
    """Give the arrays whose elements a query treats as possibly NULL, once ``unnest`` has made a column of them."""
    for node in _own_nodes(query):
        for tested in _tested(node):
            column = tested
            while column.kind in _WRAPPERS:
                column = column.child("arg")
            if column.kind == "VAR" and not column.number("varlevelsup"):
                flows = _sources_of_column(column, (query,), catalog, refuses=False)
                yield from (flow.number for flow in flows if flow.of_elements)


def _own_nodes(query: Node) -> Iterator[Node]:
    """Give the nodes of a query without those of queries within it."""
    waiting = [*query.below]
    while waiting:
        node = waiting.pop()
        if node.kind != "QUERY":
            yield node
            waiting.extend(node.below)


def _tested(node: Node) -> tuple[Node, ...]:
    """Return what a node treats as possibly NULL."""
    match node.kind:
        case "NULLTEST":
            return (node.child("arg"),)
        case "BOOLEANTEST" if node.number("booltesttype") in {_IS_UNKNOWN, _IS_NOT_UNKNOWN}:
            return (node.child("arg"),)
        case "COALESCEEXPR":
            return node.children("args")[:-1]
        case "DISTINCTEXPR":
            return node.children("args")
        case _:
            return ()


def _asked(node: Node) -> Iterator[int]:
    """Give the parameters that a node treats as possibly NULL."""
    for each in _tested(node):
        number = _parameter(each)
        if number is not None:
            yield number


def _parameter(node: Node) -> int | None:
    """Return the number of a parameter below casts."""
    while node.kind in _WRAPPERS or _is_cast(node):
        node = node.children("args")[0] if node.kind == "FUNCEXPR" else node.child("arg")
    return node.number("paramid") if node.kind == "PARAM" and not node.number("paramkind") else None


def _is_cast(node: Node) -> bool:
    return node.kind == "FUNCEXPR" and bool(node.number("funcformat")) and bool(node.children("args"))


def _assigned(query: Node, catalog: CatalogFacts) -> Iterator[_Flow]:
    """Give the parameters that columns are assigned."""
    command, target = query.number("commandType"), query.number("resultRelation")
    if command not in {_UPDATE, _INSERT, _MERGE} or not target:
        return
    table = query.children("rtable")[target - 1].number("relid")
    entries = [*(query.children("targetList") if command != _MERGE else ())]
    conflict = query.optional("onConflict")
    if conflict is not None:
        entries.extend(conflict.children("onConflictSet"))
    for action in query.children("mergeActionList"):
        entries.extend(action.children("targetList"))
    for entry in entries:
        if not entry.flag("resjunk"):
            refuses = catalog.column_not_null(table, entry.number("resno"), children=False)
            yield from _sources(entry.child("expr"), (query,), catalog, refuses=refuses)


def _sources(node: Node, queries: tuple[Node, ...], catalog: CatalogFacts, *, refuses: bool) -> Iterator[_Flow]:
    """Give the parameters that an expression hands on as they are, where a column may refuse their NULL.

    ``queries`` are those around the expression, innermost last.
    """
    below: tuple[Node, ...] = ()
    match node.kind:
        case "PARAM":
            if not node.number("paramkind"):
                yield _Flow(node.number("paramid"), refuses)
                if node.number("paramtype") in catalog.array_types:
                    yield _Flow(node.number("paramid"), refuses=False, of_elements=True)
        case "CASEEXPR":
            below = tuple(each.child("result") for each in node.children("args"))
            if node.has("defresult"):
                below += (node.child("defresult"),)
        case "FIELDSTORE":  # a field of a composite, and an element of an array, can be NULL where the whole may not
            below, refuses = node.children("newvals"), False
        case "SUBSCRIPTINGREF" if node.has("refassgnexpr"):
            below, refuses = (node.child("refassgnexpr"),), False
        case "VAR" if not node.number("varlevelsup"):
            yield from _sources_of_column(node, queries, catalog, refuses=refuses)
        case kind if kind in _WRAPPERS:
            refuses = refuses or node.number("resulttype") in catalog.not_null_domains
            below = (node.child("arg"),)
        case _ if _is_cast(node):
            below = node.children("args")[:1]
        case _:
            yield from _sources_of_elements(node, queries, catalog, refuses=refuses)
    for each in below:
        yield from _sources(each, queries, catalog, refuses=refuses)


def _sources_of_elements(
    node: Node, queries: tuple[Node, ...], catalog: CatalogFacts, *, refuses: bool
) -> Iterator[_Flow]:
    """Give the array parameters whose elements an expression hands on: one at a time, or within another array."""
    whole: tuple[Node, ...] = ()
    match node.kind:
        case "SUBSCRIPTINGREF" if not node.children("reflowerindexpr"):
            yield from _elements(node.child("refexpr"), refuses=refuses)
        case "FUNCEXPR" if _builtin(node, catalog) == "unnest":
            yield from _elements(node.children("args")[0], refuses=refuses)
        case "FUNCEXPR" | "OPEXPR" if _builtin(node, catalog) == "array_cat":
            whole = node.children("args")
        case "COALESCEEXPR":
            whole = node.children("args")
        case _:
            pass
    for each in whole:
        flows = _sources(each, queries, catalog, refuses=False)
        yield from (flow for flow in flows if flow.of_elements)


def _builtin(node: Node, catalog: CatalogFacts) -> str | None:
    return catalog.builtins.get(catalog.function_of(node))


def _elements(array: Node, *, refuses: bool) -> Iterator[_Flow]:
    """Give the parameter whose elements come one by one."""
    number = _parameter(array)
    if number is not None:
        yield _Flow(number, refuses, of_elements=True)


def _sources_of_column(
    node: Node, queries: tuple[Node, ...], catalog: CatalogFacts, *, refuses: bool
) -> Iterator[_Flow]:
    """Follow a column into VALUES, into a subquery or into a WITH query."""
    entry = queries[-1].children("rtable")[node.number("varno") - 1]
    number = node.number("varattno")
    match entry.number("rtekind"):
        case 1:
            yield from _sources_of_output(entry.child("subquery"), number, queries, catalog, refuses=refuses)
        case 3:
            function = _function_of_column(entry, number)
            if function is not None and _builtin(function, catalog) == "unnest":
                yield from _elements(function.children("args")[0], refuses=refuses)
        case 5:
            rows = entry.fields.get("values_lists")
            for row in rows if isinstance(rows, tuple) else ():
                cell = row[number - 1] if isinstance(row, tuple) and 0 < number <= len(row) else None
                if isinstance(cell, Node):
                    yield from _sources(cell, queries, catalog, refuses=refuses)
        case 6:
            outer = queries[: len(queries) - entry.number("ctelevelsup")]
            name = entry.text("ctename")
            for each in outer[-1].children("cteList") if outer else ():
                if each.text("ctename") == name and not each.flag("cterecursive"):
                    yield from _sources_of_output(each.child("ctequery"), number, outer, catalog, refuses=refuses)
        case _:
            pass


def _function_of_column(entry: Node, number: int) -> Node | None:
    """Return the call whose only column is this one of FROM's functions, counted from 1."""
    before = 0
    for each in entry.children("functions"):
        count = each.number("funccolcount")
        if number <= before + count:
            call = each.child("funcexpr")
            return call if count == 1 and call.kind == "FUNCEXPR" else None
        before += count
    return None  # the number of WITH ORDINALITY


def _sources_of_output(
    query: Node, number: int, outer: tuple[Node, ...], catalog: CatalogFacts, *, refuses: bool
) -> Iterator[_Flow]:
    if query.number("commandType") != _SELECT:
        return
    queries = (*outer, query)
    if query.has("setOperations"):
        for each in united_queries(query):
            yield from _sources_of_output(each, number, queries, catalog, refuses=refuses)
        return
    for entry in query.children("targetList"):
        if entry.number("resno") == number:
            yield from _sources(entry.child("expr"), queries, catalog, refuses=refuses)
