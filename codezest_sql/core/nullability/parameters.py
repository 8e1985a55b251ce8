"""Which parameters may be NULL: those that a nullable column is assigned, and those whose NULL the query asks for.

It asks with ``IS NULL``, ``IS [NOT] DISTINCT FROM``, and with COALESCE, unless the parameter is its last resort. A
parameter that is also assigned to a NOT NULL column may not.
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
            for number, by_domain in _sources(entry.child("expr"), query, catalogue):
                yield number, refuses or by_domain


def _sources(node: Node, query: Node, catalogue: CatalogueFacts, *, by_domain: bool = False) -> Iterator[tuple[int, bool]]:
    """Give the parameters that an expression hands on as they are, and whether a domain refuses their NULL."""
    below: tuple[Node, ...] = ()
    match node.kind:
        case "PARAM":
            if not node.number("paramkind"):
                yield node.number("paramid"), by_domain
        case "COERCETODOMAIN":
            by_domain |= node.number("resulttype") in catalogue.not_null_domains
            below = (node.child("arg"),)
        case "CASEEXPR":
            below = tuple(each.child("result") for each in node.children("args"))
            if node.has("defresult"):
                below += (node.child("defresult"),)
        case "FIELDSTORE":
            below = node.children("newvals")
        case "SUBSCRIPTINGREF" if node.has("refassgnexpr"):
            below = (node.child("refassgnexpr"),)
        case "VAR" if not node.number("varlevelsup"):
            yield from _sources_of_column(node, query, catalogue, by_domain=by_domain)
        case kind if kind in _WRAPPERS:
            below = (node.child("arg"),)
        case _ if _is_cast(node):
            below = node.children("args")[:1]
        case _:
            pass
    for each in below:
        yield from _sources(each, query, catalogue, by_domain=by_domain)


def _sources_of_column(
    node: Node, query: Node, catalogue: CatalogueFacts, *, by_domain: bool
) -> Iterator[tuple[int, bool]]:
    """Follow a column into VALUES, into a subquery or into a WITH query."""
    entry = query.children("rtable")[node.number("varno") - 1]
    number = node.number("varattno")
    match entry.number("rtekind"):
        case 1:
            below = entry.child("subquery")
        case 5:
            rows = entry.fields.get("values_lists")
            for row in rows if isinstance(rows, tuple) else ():
                cell = row[number - 1] if isinstance(row, tuple) and 0 < number <= len(row) else None
                if isinstance(cell, Node):
                    yield from _sources(cell, query, catalogue, by_domain=by_domain)
            return
        case 6 if not entry.number("ctelevelsup"):
            name = entry.text("ctename")
            found = [each for each in query.children("cteList") if each.text("ctename") == name]
            if not found or found[0].flag("cterecursive"):
                return
            below = found[0].child("ctequery")
        case _:
            return
    if below.number("commandType") == _SELECT:
        yield from _sources_of_output(below, number, catalogue, by_domain=by_domain)


def _sources_of_output(
    query: Node, number: int, catalogue: CatalogueFacts, *, by_domain: bool
) -> Iterator[tuple[int, bool]]:
    if query.has("setOperations"):
        for leaf in walk(query.child("setOperations")):
            if leaf.kind == "RANGETBLREF":
                entry = query.children("rtable")[leaf.number("rtindex") - 1]
                if entry.has("subquery"):
                    yield from _sources_of_output(entry.child("subquery"), number, catalogue, by_domain=by_domain)
        return
    for entry in query.children("targetList"):
        if entry.number("resno") == number:
            yield from _sources(entry.child("expr"), query, catalogue, by_domain=by_domain)
