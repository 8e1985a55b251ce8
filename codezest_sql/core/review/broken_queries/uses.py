"""What a statement uses of a schema, from the server's own tree: columns, relations, functions, its writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.query_tree.nodes import read_nodes, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.query_tree.nodes import Node

# FirstLowInvalidHeapAttributeNumber of sysattr.h: sets of columns are shifted by it.
_SHIFT = -7
FIRST_NORMAL_OID = 16384  # FirstNormalObjectId of transam.h
_FUNCTIONS = ("funcid", "aggfnoid", "winfnoid", "opfuncid")
_UPDATE, _INSERT, _DELETE = 2, 3, 4  # CmdType
_WRITES = frozenset({_UPDATE, _INSERT, _DELETE})
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Write:
    """What a statement writes into a relation: the columns that it names, and those that get a plain NULL."""

    relation: int
    inserts: bool
    columns: frozenset[int]
    nulls: frozenset[int] = frozenset()
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class Uses:
    """All that a statement uses. ``columns`` are (OID of the relation, number); 0 is the whole row."""

    relations: frozenset[int] = frozenset()
    columns: frozenset[tuple[int, int]] = frozenset()
    functions: frozenset[int] = frozenset()
    writes: tuple[Write, ...] = ()

    @property
    def calls_own_functions(self) -> bool:
        """Return whether it calls a function that is not PostgreSQL's own."""
        return any(oid >= FIRST_NORMAL_OID for oid in self.functions)


def read_uses(tree: str | None) -> Uses:
    """Return what the statement of a printed tree uses; of an unreadable one, nothing."""
    if tree is None:
        return Uses()
    try:
        nodes = [node for root in read_nodes(tree) for node in walk(root)]
        return Uses(
            frozenset(node.number("relid") for node in nodes if node.has("relid")) - {0},
            frozenset(column for node in nodes if node.has("selectedCols") for column in _columns(node)),
            frozenset(node.number(name) for node in nodes for name in _FUNCTIONS if node.has(name)),
            tuple(write for node in nodes if node.kind == "QUERY" for write in _writes(node)),
        )
    except _UNREADABLE:
        return Uses()


def _columns(node: Node) -> Iterator[tuple[int, int]]:
    for name in ("selectedCols", "insertedCols", "updatedCols"):
        for number in node.set(name):
            yield node.number("relid"), number + _SHIFT


def _writes(query: Node) -> Iterator[Write]:
    target = query.number("resultRelation")
    if not target:
        return
    rows = query.children("rtable")
    relation = rows[target - 1].number("relid")
    steps = [query, *query.children("mergeActionList")]
    for step in steps:
        command = step.number("commandType")
        if command in _WRITES:
            entries = [each for each in step.children("targetList") if not each.flag("resjunk")]
            nulls = frozenset(each.number("resno") for each in entries if _is_null(each.child("expr"), rows))
            columns = frozenset(each.number("resno") for each in entries)
            yield Write(relation, command == _INSERT, columns, nulls, command == _DELETE)
    conflict = query.optional("onConflict")
    if conflict is not None and conflict.children("onConflictSet"):
        entries = list(conflict.children("onConflictSet"))
        yield Write(
            relation,
            inserts=False,
            columns=frozenset(each.number("resno") for each in entries),
            nulls=frozenset(each.number("resno") for each in entries if _is_null(each.child("expr"), rows)),
        )


def _is_null(node: Node, rows: tuple[Node, ...]) -> bool:
    """Return whether an expression is a NULL as it is written, also one in a list of VALUES."""
    while node.kind in {"RELABELTYPE", "COERCETODOMAIN", "COERCEVIAIO"}:
        node = node.child("arg")
    if node.kind == "VAR" and not node.number("varlevelsup") and 0 < node.number("varno") <= len(rows):
        lists = rows[node.number("varno") - 1].fields.get("values_lists")
        number = node.number("varattno")
        if not isinstance(lists, tuple):
            return False
        values = [each[number - 1] for each in lists if isinstance(each, tuple) and 0 < number <= len(each)]
        return any(getattr(value, "kind", "") == "CONST" and value.flag("constisnull") for value in values)  # type: ignore[union-attr]
    return node.kind == "CONST" and node.flag("constisnull")
