"""From the printed tree of a statement to what is inferred of it. Anything unexpected proves nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codezest_sql.core.nullability import expressions
from codezest_sql.core.nullability.at_most_one_row import gives_at_most_one_row
from codezest_sql.core.nullability.dimensions import column_dimensions
from codezest_sql.core.nullability.implications import when_not_null, when_true
from codezest_sql.core.nullability.joins import read_joins
from codezest_sql.core.nullability.older_servers import FIRST_WITH_NULLING, with_groups, with_nulling
from codezest_sql.core.nullability.parameter_uses import parameter_uses
from codezest_sql.core.nullability.parameters import NullableParameters, nullable_parameters
from codezest_sql.core.nullability.relations import SELECT, output, set_operation_columns
from codezest_sql.core.nullability.scope import CommonTable, Scope
from codezest_sql.core.nullability.shapes import column_shape
from codezest_sql.core.query_tree.nodes import Node, read_nodes, walk
from codezest_sql.core.query_tree.table_access import StatementFacts, statement_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codezest_sql.core.describe.value_shape import ValueShape
    from codezest_sql.core.nullability.facts import CatalogFacts

UTILITY = 6  # CmdType
_GROUP = 9  # RTEKind of parsenodes.h
# What a tree of another shape than the known ones can lead to. TreeError is a ValueError.
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Nullability:
    """What is inferred: columns that are never NULL, parameters that may be, at most one row."""

    not_null: tuple[bool, ...]
    nullable_parameters: frozenset[int]
    nullable_elements: frozenset[int] = frozenset()  # of array parameters in which elements may be NULL
    at_most_one_row: bool = False
    facts: StatementFacts = field(default_factory=StatementFacts)
    shapes: Mapping[int, ValueShape] = field(default_factory=dict[int, "ValueShape"])  # of those that were asked for
    dimensions: Mapping[int, frozenset[int]] = field(
        default_factory=dict[int, frozenset[int]]
    )  # of the arrays among them
    parameter_uses: Mapping[int, str] = field(default_factory=dict[int, str])  # names, where they were asked for


def analyse_tree(
    text: str,
    *,
    columns: int,
    catalog: CatalogFacts,
    nullable: frozenset[int] = frozenset(),
    given: frozenset[int] = frozenset(),
    built: Sequence[int] = (),
    arrays: Sequence[int] = (),
    named: bool = False,
) -> Nullability:
    """Analyse the printed tree of a statement with so many columns; ``nullable`` parameters may be NULL anyway.

    With ``given`` columns (from 0) only the rows count in which none of these is NULL. ``built`` are the numbers,
    from 0, of columns whose shapes are wanted, ``arrays`` of those whose dimensions are. With ``named`` it is also
    found what each parameter is used as.
    """
    nothing = Nullability((False,) * columns, nullable)
    try:
        # A rule may have made several statements; the rows are those of the one that sets the command's tag.
        queries = [each for each in read_nodes(text) if each.flag("canSetTag")]
        if len(queries) != 1:
            return nothing
        uses = _uses(queries[0], catalog) if named else {}
        if queries[0].number("commandType") == UTILITY:
            return replace(nothing, parameter_uses=uses)
        query = with_nulling(queries[0]) if catalog.version < FIRST_WITH_NULLING else queries[0]
        found_nullable = nullable_parameters(query, catalog) if "{PARAM" in text else NullableParameters()
        parameters = found_nullable.values | nullable
    except UNREADABLE:
        return nothing
    analysis = _Analysis(catalog, parameters, query, given)
    try:
        found = analysis.query(query, None)
    except UNREADABLE:
        found = ()
    if len(found) != columns:
        found = (False,) * columns
    try:
        single = gives_at_most_one_row(query, catalog)
    except UNREADABLE:
        single = False
    try:
        # Mostly there is one level, and no need to look for others.
        levels = [query] if text.count("{QUERY") == 1 else [each for each in walk(query) if each.kind == "QUERY"]
        facts = statement_facts(levels, catalog.equalities)
    except UNREADABLE:
        facts = StatementFacts()
    shapes = analysis.shapes(query, built) if len(output(query)) == columns else {}
    dimensions = analysis.dimensions(query, arrays) if len(output(query)) == columns else {}
    return Nullability(found, parameters, found_nullable.elements, single, facts, shapes, dimensions, uses)


def _uses(query: Node, catalog: CatalogFacts) -> dict[int, str]:
    try:
        return parameter_uses(query, catalog)
    except UNREADABLE:
        return {}


class _Analysis:
    """One statement."""

    def __init__(
        self, catalog: CatalogFacts, nullable: frozenset[int], outermost: Node, given: frozenset[int]
    ) -> None:
        self.catalog = catalog
        self._outermost = outermost
        self._given = given
        self.nullable_parameters = nullable
        self.sublinks: list[Sequence[bool]] = []

    def not_null(self, node: Node, scope: Scope) -> bool:
        """Return whether an expression is inferred not to be NULL."""
        return expressions.not_null(node, scope)

    def query(self, node: Node, parent: Scope | None) -> tuple[bool, ...]:
        """Return for each column of a query whether it is inferred not to be NULL."""
        count = len(output(node))
        try:
            scope = self.opened(node, parent)
            if node.number("commandType") == SELECT and node.has("setOperations"):
                return set_operation_columns(node.child("setOperations"), scope)
        except UNREADABLE:
            return (False,) * count
        return tuple([self._proven(each, scope) for each in output(scope.query)])

    def opened(self, node: Node, parent: Scope | None) -> Scope:
        """Return the scope of a query with all that is known of its rows."""
        is_outermost = node is self._outermost
        old_sets = node.has("groupingSets") and not node.flag("hasGroupRTE")
        if old_sets:
            node = with_groups(node)
        scope = Scope(self, node, parent, node.children("rtable"))
        scope.common_tables = {each.text("ctename"): CommonTable(each) for each in node.children("cteList")}
        read_joins(scope)
        if node.has("havingQual") and not old_sets:
            scope.learn(when_true(node.child("havingQual"), scope))
        if is_outermost and self._given:
            columns = output(node)
            for each in self._given:
                scope.learn(when_not_null(columns[each], scope))
        scope.settle()
        scope.pads_sets = node.flag("hasTargetSRFs") and _functions_of_sets(node) > 1
        return scope

    def shapes(self, query: Node, columns: Sequence[int]) -> dict[int, ValueShape]:
        """Return the shapes of these columns, where they are known."""
        stored = [_is_stored(each, query) for each in output(query)]
        wanted = [each for each in columns if not stored[each]]
        found: dict[int, ValueShape] = {}
        if not wanted:
            return found
        with suppress(*UNREADABLE):
            scope = self.opened(query, None)
            for each in wanted:
                with suppress(*UNREADABLE):
                    shape = column_shape(scope, each)
                    if shape is not None:
                        found[each] = shape
        return found

    def dimensions(self, query: Node, columns: Sequence[int]) -> dict[int, frozenset[int]]:
        """Return the dimensions that these columns, which are arrays, can have."""
        found: dict[int, frozenset[int]] = {}
        if columns:
            with suppress(*UNREADABLE):
                scope = self.opened(query, None)
                for each in columns:
                    with suppress(*UNREADABLE):
                        found[each] = column_dimensions(scope, each)
        return found

    def _proven(self, node: Node, scope: Scope) -> bool:
        """One column that cannot be read does not spoil the others."""
        sublinks = len(self.sublinks)
        try:
            return expressions.not_null(node, scope)
        except UNREADABLE:
            del self.sublinks[sublinks:]
            return False


def _functions_of_sets(query: Node) -> int:
    """Count them in the select list; on 18 those that GROUP BY names are in an entry of the range table."""
    grouped = [each.fields.get("groupexprs") for each in query.children("rtable") if each.number("rtekind") == _GROUP]
    return sum(
        each.fields.get("funcretset") == "true" or each.fields.get("opretset") == "true"
        for part in (query.fields.get("targetList"), *grouped)
        for each in walk(part)
    )


def _is_stored(node: Node, query: Node) -> bool:
    """Return whether a column is one of a table, of whose shape nothing can be known: not to begin at all."""
    if node.kind != "VAR" or node.number("varlevelsup") or query.has("setOperations"):
        return False
    entries, number = query.children("rtable"), node.number("varno")
    return 1 <= number <= len(entries) and not entries[number - 1].number("rtekind") and node.number("varattno") > 0
