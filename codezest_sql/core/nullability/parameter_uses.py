"""What the parameters of a statement are used as: the column they are compared with or assigned to, the argument.

Read from the server's tree, in which every name is resolved. A use that is none of these has no name: an operand of
``price * $1`` is no price, and a key of ``data ->> $1`` is no data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.describe.value_shape import JSON, JSONB
from codezest_sql.core.nullability.column_names import (
    CASTS,
    ONE_COLUMN,
    SAME_KIND,
    ColumnNames,
    ParameterKind,
    Queries,
    RelationKind,
    column_sources,
    common_table,
    entry_of,
    is_cast,
    is_like,
    nth,
    only,
    outermost,
    uncast,
    united_numbers,
    united_queries,
    value_of,
    written_names,
)
from codezest_sql.core.nullability.node_types import BOOLEAN, node_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.core.nullability.facts import CatalogFacts
    from codezest_sql.core.query_tree.nodes import Node

_SELECT, _UPDATE, _INSERT = 1, 2, 3  # CmdType
# What these add or remove is of the kind of the whole: SET points = points + $1, SET tags = array_append(tags, $1).
_CHANGE = frozenset({"array_append", "array_prepend", "array_cat", "array_remove"})
# What they are given is what they give, as elements or as a pattern.
_PASS = frozenset({"unnest", "like_escape", "similar_to_escape"})
# An operand of these is a factor, not a part: SET price = price * $1.
_FACTORS = ("mul", "div", "mod", "pow")


def parameter_uses(query: Node, catalog: CatalogFacts) -> dict[int, str]:
    """Return the name of what each parameter is used as, by its number; the first use in the text that has one."""
    reader = _Reader(catalog)
    if query.has("utilityStmt"):
        reader.utility(query.child("utilityStmt"))
    else:
        reader.query(query, (), ())
    found: dict[int, str] = {}
    for number, _, name in sorted(reader.found, key=lambda each: each[1]):
        found.setdefault(number, name)
    return found


class _Reader:
    """Walks one statement. ``found`` has numbers of parameters, their places in the text and names."""

    def __init__(self, catalog: CatalogFacts) -> None:
        self.found: list[tuple[int, int, str]] = []
        self._catalog = catalog
        self._names = ColumnNames(catalog)
        self._followed: set[tuple[int, int, str]] = set()

    def utility(self, node: Node) -> None:
        """Read a statement that is no query, such as CALL; EXPLAIN and others hold one."""
        for each in node.below:
            if each.kind == "QUERY":
                self.query(each, (), ())
            elif each.kind == "FUNCEXPR":
                self._visit(each, "", ())
            else:
                self.utility(each)

    def query(self, node: Node, outer: Queries, outputs: Sequence[str]) -> None:
        """Read a query; ``outputs`` are names for the columns of its result, "" for those without."""
        queries = (*outer, node)
        if node.number("commandType") in {_INSERT, _UPDATE}:
            self._assigned(node.children("targetList"), queries)
        else:
            self._targets(node.children("targetList"), outputs, queries)
        conflict = node.optional("onConflict")
        if conflict is not None:
            self._assigned(conflict.children("onConflictSet"), queries)
            self._each(conflict, ("arbiterElems", "arbiterWhere", "onConflictWhere"), queries)
        for action in node.children("mergeActionList"):
            self._assigned(action.children("targetList"), queries)
            self._each(action, ("qual",), queries)
        for name in ("limit", "offset"):
            clause = node.optional("limitCount" if name == "limit" else "limitOffset")
            if clause is not None:
                self._visit(clause, name, queries)
        self._each(node, ("jointree", "mergeJoinCondition", "havingQual", "windowClause", "returningList"), queries)
        united = united_numbers(node)
        for number, entry in enumerate(node.children("rtable"), 1):
            self._entry(entry, queries, outputs if number in united else written_names(entry))
        for each in node.children("cteList"):
            self.query(each.child("ctequery"), queries, each.texts("aliascolnames"))

    def _targets(self, entries: Sequence[Node], names: Sequence[str], queries: Queries) -> None:
        for entry in entries:
            name = "" if entry.flag("resjunk") else nth(names, entry.number("resno"))
            self._visit(entry.child("expr"), name, queries)

    def _assigned(self, entries: Sequence[Node], queries: Queries) -> None:
        for entry in entries:  # a view's column keeps its own name here, where its table has another
            name = entry.text("resname") if entry.has("resname") and not entry.flag("resjunk") else ""
            self._visit(entry.child("expr"), name, queries)

    def _entry(self, entry: Node, queries: Queries, names: Sequence[str]) -> None:
        """Read an entry of the range table; ``names`` are those that the text gives to its columns."""
        match entry.number("rtekind"):
            case RelationKind.SUBQUERY:
                self.query(entry.child("subquery"), queries, names)
            case RelationKind.VALUES | RelationKind.FUNCTION:
                for number in range(1, entry.child("eref").length("colnames") + 1):
                    for each in column_sources(entry, number):
                        self._visit(each, nth(names, number), queries)
            case RelationKind.JOIN:
                pass  # its columns are those of its sides
            case _:
                self._each(entry, entry.fields, queries)

    def _each(self, node: Node, fields: Iterable[str], queries: Queries) -> None:
        """Read fields that give no names."""
        for name in fields:
            for each in outermost(node.fields.get(name)):
                self._visit(each, "", queries)

    def _visit(self, node: Node, hint: str, queries: Queries) -> None:  # noqa: C901, PLR0912  # one for each kind
        """Read an expression; ``hint`` names what its value is compared with, assigned to or passed as."""
        match node.kind:
            case "PARAM":
                self._parameter(node, hint, queries)
            case "VAR":
                if hint:
                    self._follow(node, hint, queries)
            case "QUERY":
                self.query(node, queries, ())
            case "OPEXPR" | "DISTINCTEXPR" | "NULLIFEXPR" | "SCALARARRAYOPEXPR" if len(node.children("args")) > 1:
                self._operator(node, hint, queries)
            case "ROWCOMPAREEXPR":
                for left, right in zip(node.children("largs"), node.children("rargs"), strict=True):
                    self._compare(left, right, queries)
            case "FUNCEXPR":
                self._call(node, hint, queries)
            case "COALESCEEXPR" | "MINMAXEXPR":
                self._alternatives(node.children("args"), hint, queries)
            case "CASEEXPR":
                self._case(node, hint, queries)
            case "SUBLINK":
                self._subquery(node, hint, queries)
            case "NAMEDARGEXPR":
                self._visit(node.child("arg"), node.text("name"), queries)
            case "ARRAYEXPR":
                for each in node.children("elements"):
                    self._visit(each, hint, queries)
            case "ROWEXPR" | "FIELDSTORE":
                self._fields(node, queries)
            case "SUBSCRIPTINGREF" if node.has("refassgnexpr"):
                self._visit(node.child("refassgnexpr"), hint, queries)
                self._each(node, ("refupperindexpr", "reflowerindexpr", "refexpr"), queries)
            case kind if kind in CASTS:
                self._visit(node.child("arg"), hint, queries)
            case _:
                self._each(node, node.fields, queries)

    def _parameter(self, node: Node, hint: str, queries: Queries) -> None:
        number = node.number("paramid")
        match node.number("paramkind"):
            case ParameterKind.EXTERNAL if hint:
                self.found.append((number, node.number("location"), hint))
            case ParameterKind.MULTIPLE if hint:  # SET (a, b) = (SELECT …): the number of the subquery, the column's
                for entry in queries[-1].children("targetList"):
                    link = entry.child("expr")
                    if link.kind == "SUBLINK" and link.number("subLinkId") == number >> 16:
                        self._follow_output(link.child("subselect"), number & 0xFFFF, hint, queries)
            case _:
                pass

    def _operator(self, node: Node, hint: str, queries: Queries) -> None:
        left, right = node.children("args")[:2]
        if node.kind != "OPEXPR" or node.number("opresulttype") == BOOLEAN:
            self._compare(left, right, queries)
            if node.kind == "NULLIFEXPR":
                self._visit(left, hint, queries)
            return
        function = self._catalog.function_of(node)
        builtin = self._catalog.builtins.get(function)
        if builtin is None and node_type(left) == node_type(right):  # a distance, as of vectors
            self._compare(left, right, queries)
        else:
            changes = builtin is not None and not any(each in builtin for each in _FACTORS)
            self._change((left, right), hint if changes and is_like(left, right) else "", queries)

    def _change(self, operands: Sequence[Node], hint: str, queries: Queries) -> None:
        """Read operands of which one may be the very column that the result is assigned to, or all others constants.

        So ``SET points = points + $1`` names points, and ``email LIKE $1 || '%'`` email.
        """
        others = [each for each in map(uncast, operands) if each.kind != "CONST"]
        if len(others) > 1 and hint not in {self._names.direct(each, queries) for each in others}:
            hint = ""
        for each in operands:
            self._visit(each, hint, queries)

    def _compare(self, left: Node, right: Node, queries: Queries) -> None:
        for side, other in ((left, right), (right, left)):
            name = self._names.of(other, queries)
            inside = node_type(uncast(other)) in {JSON, JSONB} and node_type(uncast(side)) != node_type(uncast(other))
            self._visit(side, "" if inside else name, queries)

    def _call(self, node: Node, hint: str, queries: Queries) -> None:
        arguments = node.children("args")
        if is_cast(node):
            self._visit(arguments[0], hint, queries)
            return
        function = node.number("funcid")
        builtin = self._catalog.builtins.get(function)
        if builtin in _CHANGE:
            self._change(arguments, hint, queries)
            return
        names = self._catalog.argument_names.get(function, ())
        for number, each in enumerate(arguments, 1):
            passes = builtin in _PASS and number == 1
            if builtin in SAME_KIND:
                passes = each is value_of(node, builtin) and is_like(each, node)
            self._visit(each, nth(names, number) or (hint if passes else ""), queries)

    def _alternatives(self, values: Sequence[Node], hint: str, queries: Queries) -> None:
        """Read values of which one is taken: what has no name is named as the one that has."""
        name = hint or only(self._names.of(each, queries) for each in values)
        for each in values:
            self._visit(each, name, queries)

    def _case(self, node: Node, hint: str, queries: Queries) -> None:
        branches = node.children("args")
        tested = node.optional("arg")
        if tested is not None:
            self._visit(tested, "", queries)
        with self._names.testing(tested, queries):
            for each in branches:
                self._visit(each.child("expr"), "", queries)
        results = [each.child("result") for each in branches]
        other = node.optional("defresult")
        self._alternatives([*results, other] if other is not None else results, hint, queries)

    def _subquery(self, node: Node, hint: str, queries: Queries) -> None:
        query = node.child("subselect")
        outputs: tuple[str, ...] = (hint,) if node.number("subLinkType") in ONE_COLUMN else ()
        test = node.optional("testexpr")
        if test is not None:
            with self._names.comparing(query, (*queries, query)):
                self._visit(test, "", queries)
            outputs = self._names.compared(test, queries)
        self.query(query, queries, outputs)

    def _fields(self, node: Node, queries: Queries) -> None:
        """Read what the fields of a composite are assigned."""
        names = self._names.fields(node.number("row_typeid" if node.kind == "ROWEXPR" else "resulttype"))
        if node.kind == "ROWEXPR":
            for number, each in enumerate(node.children("args"), 1):
                self._visit(each, names.get(number, ""), queries)
            return
        for number, each in zip(node.numbers("fieldnums"), node.children("newvals"), strict=True):
            self._visit(each, names.get(number, ""), queries)
        self._each(node, ("arg",), queries)

    def _follow(self, node: Node, hint: str, queries: Queries) -> None:
        """Name the parameters that a column of a subquery, of VALUES, of a WITH query or of unnest is made of."""
        entry, seen = entry_of(node, queries)
        number = node.number("varattno")
        visit = (id(entry), number, hint)
        if entry is None or number <= 0 or visit in self._followed:
            return
        self._followed.add(visit)
        match entry.number("rtekind"):
            case RelationKind.SUBQUERY:
                self._follow_output(entry.child("subquery"), number, hint, seen)
            case RelationKind.CTE:
                found = common_table(entry, seen)
                if found is not None:
                    self._follow_output(found[0], number, hint, found[1])
            case RelationKind.VALUES | RelationKind.FUNCTION | RelationKind.GROUP | RelationKind.JOIN:
                for each in column_sources(entry, number):
                    self._visit(each, hint, seen)
            case _:
                pass

    def _follow_output(self, query: Node, number: int, hint: str, outer: Queries) -> None:
        if query.number("commandType") != _SELECT:
            return
        queries = (*outer, query)
        if query.has("setOperations"):
            for each in united_queries(query):
                self._follow_output(each, number, hint, queries)
            return
        for entry in query.children("targetList"):
            if entry.number("resno") == number:
                self._visit(entry.child("expr"), hint, queries)
