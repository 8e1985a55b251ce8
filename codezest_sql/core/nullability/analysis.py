"""From the printed tree of a statement to what is proven of it. Anything unexpected proves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.nodetree import Node, read_nodes, walk
from codezest_sql.core.nullability import expressions
from codezest_sql.core.nullability.implications import when_not_null, when_true
from codezest_sql.core.nullability.joins import read_joins
from codezest_sql.core.nullability.keys import gives_at_most_one_row
from codezest_sql.core.nullability.older import FIRST_WITH_NULLING, with_groups, with_nulling
from codezest_sql.core.nullability.parameters import nullable_parameters
from codezest_sql.core.nullability.relations import SELECT, output, set_operation_columns
from codezest_sql.core.nullability.scope import CommonTable, Scope
from codezest_sql.core.statement_facts import StatementFacts, statement_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.nullability.catalogue import CatalogueFacts

UTILITY = 6  # CmdType
# What a tree of another shape than the known ones can lead to. TreeError is a ValueError.
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Nullability:
    """What is proven: columns that are never NULL, parameters that may be, and that no second row can come."""

    not_null: tuple[bool, ...]
    nullable_parameters: frozenset[int]
    at_most_one_row: bool = False
    facts: StatementFacts = field(default_factory=StatementFacts)


def analyse_tree(
    text: str,
    *,
    columns: int,
    catalogue: CatalogueFacts,
    nullable: frozenset[int] = frozenset(),
    given: frozenset[int] = frozenset(),
) -> Nullability:
    """Analyse the printed tree of a statement with so many columns; ``nullable`` parameters may be NULL anyway.

    With ``given`` columns (from 0) only the rows count in which none of these is NULL.
    """
    nothing = Nullability((False,) * columns, nullable)
    try:
        # A rule may have made several statements; the rows are those of the one that sets the command's tag.
        queries = [each for each in read_nodes(text) if each.flag("canSetTag")]
        if len(queries) != 1 or queries[0].number("commandType") == UTILITY:
            return nothing
        query = with_nulling(queries[0]) if catalogue.version < FIRST_WITH_NULLING else queries[0]
        parameters = (nullable_parameters(query, catalogue) if "{PARAM" in text else frozenset[int]()) | nullable
    except UNREADABLE:
        return nothing
    analysis = _Analysis(catalogue, parameters, given)
    try:
        found = analysis.query(query, None)
    except UNREADABLE:
        found = ()
    if len(found) != columns:
        found = (False,) * columns
    try:
        single = gives_at_most_one_row(query, catalogue)
    except UNREADABLE:
        single = False
    try:
        # Mostly there is one level, and no need to look for others.
        levels = [query] if text.count("{QUERY") == 1 else [each for each in walk(query) if each.kind == "QUERY"]
        facts = statement_facts(levels, catalogue.equalities)
    except UNREADABLE:
        facts = StatementFacts()
    return Nullability(found, parameters, single, facts)


class _Analysis:
    """One statement."""

    def __init__(self, catalogue: CatalogueFacts, nullable: frozenset[int], given: frozenset[int]) -> None:
        self.catalogue = catalogue
        self._given = given
        self.nullable_parameters = nullable
        self.sublinks: list[Sequence[bool]] = []

    def not_null(self, node: Node, scope: Scope) -> bool:
        """Tell whether an expression is proven not to be NULL."""
        return expressions.not_null(node, scope)

    def query(self, node: Node, parent: Scope | None) -> tuple[bool, ...]:
        """Tell for each column of a query whether it is proven not to be NULL."""
        columns = output(node)
        old_sets = node.has("groupingSets") and not node.flag("hasGroupRTE")
        if old_sets:
            node = with_groups(node)
            columns = output(node)
        scope = Scope(self, node, parent, node.children("rtable"))
        scope.common_tables = {each.text("ctename"): CommonTable(each) for each in node.children("cteList")}
        try:
            read_joins(scope)
            if node.has("havingQual") and not old_sets:
                scope.learn(when_true(node.child("havingQual"), scope))
            if parent is None:
                for each in self._given:
                    scope.learn(when_not_null(columns[each], scope))
            scope.settle()
            if node.number("commandType") == SELECT and node.has("setOperations"):
                return set_operation_columns(node.child("setOperations"), scope)
        except UNREADABLE:
            return (False,) * len(columns)
        scope.pads_sets = node.flag("hasTargetSRFs") and _functions_of_sets(node) > 1
        return tuple([self._proven(each, scope) for each in columns])

    def _proven(self, node: Node, scope: Scope) -> bool:
        """One column that cannot be read does not spoil the others."""
        sublinks = len(self.sublinks)
        try:
            return expressions.not_null(node, scope)
        except UNREADABLE:
            del self.sublinks[sublinks:]
            return False


def _functions_of_sets(query: Node) -> int:
    return sum(
        each.fields.get("funcretset") == "true" or each.fields.get("opretset") == "true"
        for each in walk(query.fields.get("targetList"))
    )
