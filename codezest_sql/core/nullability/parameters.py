"""Which parameters may be NULL: those that a nullable column is assigned, and those whose NULL the query asks for.

It asks with ``IS NULL``, ``IS [NOT] DISTINCT FROM``, and with COALESCE, unless the parameter is its last resort. A
parameter that is also assigned to a NOT NULL column, or of a NOT NULL domain, may not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.nodetree import Node, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.nullability.catalogue import CatalogueFacts

_SELECT, _UPDATE, _INSERT, _MERGE = 1, 2, 3, 5  # CmdType
_WRAPPERS = frozenset({"RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "COLLATEEXPR"})
_IS_UNKNOWN, _IS_NOT_UNKNOWN = 4, 5  # BoolTestType


def nullable_parameters(query: Node, catalogue: CatalogueFacts) -> frozenset[int]:
    """Return the numbers of the parameters that may be NULL."""
    refused: set[int] = set()
    wanted: set[int] = set()
    for node in walk(query):
        if node.kind == "QUERY":
            for number, refuses in _assigned(node, catalogue):
                (refused if refuses else wanted).add(number)
        elif node.kind == "PARAM" and node.number("paramtype") in catalogue.not_null_domains:
            refused.add(node.number("paramid"))  # NULL does not even get in
        wanted.update(_asked(node))
    return frozenset(wanted - refused)


def _asked(node: Node) -> Iterator[int]:
    """Give the parameters that a node treats as possibly NULL."""
    tested: tuple[Node, ...] = ()
    match node.kind:
        case "NULLTEST":
            tested = (node.child("arg"),)
        case "BOOLEANTEST" if node.number("booltesttype") in {_IS_UNKNOWN, _IS_NOT_UNKNOWN}:
            tested = (node.child("arg"),)
        case "COALESCEEXPR":
            tested = node.children("args")[:-1]
        case "DISTINCTEXPR":
            tested = node.children("args")
        case _:
            pass
    for each in tested:
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


def _assigned(query: Node, catalogue: CatalogueFacts) -> Iterator[tuple[int, bool]]:
    """Give the parameters that columns are assigned, and whether NULL is refused there."""
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
            refuses = catalogue.column_not_null(table, entry.number("resno"), children=False)
            yield from _sources(entry.child("expr"), (query,), refuses=refuses)


def _sources(node: Node, queries: tuple[Node, ...], *, refuses: bool) -> Iterator[tuple[int, bool]]:
    """Give the parameters that an expression hands on as they are, and whether a column refuses their NULL.

    ``queries`` are those around the expression, innermost last.
    """
    below: tuple[Node, ...] = ()
    match node.kind:
        case "PARAM":
            if not node.number("paramkind"):
                yield node.number("paramid"), refuses
        case "CASEEXPR":
            below = tuple(each.child("result") for each in node.children("args"))
            if node.has("defresult"):
                below += (node.child("defresult"),)
        case "FIELDSTORE":  # a field of a composite, and an element of an array, can be NULL where the whole may not
            below, refuses = node.children("newvals"), False
        case "SUBSCRIPTINGREF" if node.has("refassgnexpr"):
            below, refuses = (node.child("refassgnexpr"),), False
        case "VAR" if not node.number("varlevelsup"):
            yield from _sources_of_column(node, queries, refuses=refuses)
        case kind if kind in _WRAPPERS:
            below = (node.child("arg"),)
        case _ if _is_cast(node):
            below = node.children("args")[:1]
        case _:
            pass
    for each in below:
        yield from _sources(each, queries, refuses=refuses)


def _sources_of_column(node: Node, queries: tuple[Node, ...], *, refuses: bool) -> Iterator[tuple[int, bool]]:
    """Follow a column into VALUES, into a subquery or into a WITH query."""
    entry = queries[-1].children("rtable")[node.number("varno") - 1]
    number = node.number("varattno")
    match entry.number("rtekind"):
        case 1:
            yield from _sources_of_output(entry.child("subquery"), number, queries, refuses=refuses)
        case 5:
            rows = entry.fields.get("values_lists")
            for row in rows if isinstance(rows, tuple) else ():
                cell = row[number - 1] if isinstance(row, tuple) and 0 < number <= len(row) else None
                if isinstance(cell, Node):
                    yield from _sources(cell, queries, refuses=refuses)
        case 6:
            outer = queries[: len(queries) - entry.number("ctelevelsup")]
            name = entry.text("ctename")
            for each in outer[-1].children("cteList") if outer else ():
                if each.text("ctename") == name and not each.flag("cterecursive"):
                    yield from _sources_of_output(each.child("ctequery"), number, outer, refuses=refuses)
        case _:
            pass


def _sources_of_output(
    query: Node, number: int, outer: tuple[Node, ...], *, refuses: bool
) -> Iterator[tuple[int, bool]]:
    if query.number("commandType") != _SELECT:
        return
    queries = (*outer, query)
    if query.has("setOperations"):
        for leaf in walk(query.child("setOperations")):
            if leaf.kind == "RANGETBLREF":
                entry = query.children("rtable")[leaf.number("rtindex") - 1]
                if entry.has("subquery"):
                    yield from _sources_of_output(entry.child("subquery"), number, queries, refuses=refuses)
        return
    for entry in query.children("targetList"):
        if entry.number("resno") == number:
            yield from _sources(entry.child("expr"), queries, refuses=refuses)
