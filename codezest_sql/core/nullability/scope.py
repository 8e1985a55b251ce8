"""One query level while it is analysed: its range table, its joins, and what is known of every row that comes out.

A fact is about a row of the *result*: whatever removes rows makes facts. A fact from within the nullable side of an
outer join counts for rows where that side is present, and whoever asks for a column of that side has to show first
that it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from codezest_sql.core.query_tree.nodes import TreeError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from codezest_sql.core.nullability.facts import CatalogFacts
    from codezest_sql.core.query_tree.nodes import Key, Node

_WRITING = frozenset({2, 3, 5})  # CmdType of nodes.h: UPDATE, INSERT, MERGE
NO_JOINS: frozenset[int] = frozenset()


class Column(NamedTuple):
    """A column is not NULL, as seen above these outer joins."""

    relation: int  # index into the range table
    number: int
    nulling: frozenset[int]


class Present(NamedTuple):
    """A side of a join was not replaced by NULLs."""

    join: int
    side: str


class Said(NamedTuple):
    """An expression is not NULL."""

    key: Key


Fact: TypeAlias = Column | Present | Said


Consequence: TypeAlias = "tuple[frozenset[Present], Callable[[], Iterable[Fact]]]"


class Join(NamedTuple):
    """A join and which relations are on its sides."""

    kind: int  # JoinType of nodes.h
    left: frozenset[int]
    right: frozenset[int]

    def side(self, relation: int) -> str:
        """Return the side that a relation is on."""
        if relation in self.left:
            return "left"
        if relation in self.right:
            return "right"
        raise TreeError("a join nulls a relation that is not in it")


class Analysis(Protocol):
    """The parts of the analysis that call each other in a circle."""

    catalog: CatalogFacts
    nullable_parameters: frozenset[int]
    sublinks: list[Sequence[bool]]

    def not_null(self, node: Node, scope: Scope) -> bool:
        """Return whether an expression is inferred not to be NULL."""
        ...

    def query(self, node: Node, parent: Scope | None) -> tuple[bool, ...]:
        """Return the same for each column of a query."""
        ...

    def opened(self, node: Node, parent: Scope | None) -> Scope:
        """Return the scope of a query with all that is known of its rows."""
        ...


@dataclass(slots=True)
class CommonTable:
    """A WITH query: its node, where it stands, and what is known of its columns so far."""

    node: Node
    columns: tuple[bool, ...] | None = None


@dataclass(slots=True)
class Scope:
    """One query level."""

    analysis: Analysis
    query: Node
    parent: Scope | None
    relations: tuple[Node, ...]
    joins: dict[int, Join] = field(default_factory=dict[int, Join])
    common_tables: dict[str, CommonTable] = field(default_factory=dict[str, CommonTable])
    facts: set[Fact] = field(default_factory=set[Fact])
    # The facts of the whole query, once all are known.
    settled: set[Fact] = field(default_factory=set[Fact])
    # The facts about rows as they were read, in a statement that then writes others.
    before_writing: set[Fact] = field(default_factory=set[Fact])
    # What becomes true once a side of a join is present: the ON condition held for the row.
    when_present: list[Consequence] = field(default_factory=list["Consequence"])
    columns: dict[int, tuple[bool, ...]] = field(default_factory=dict[int, tuple[bool, ...]])
    # The queries behind relations, once opened for the shapes of their columns; None for one that cannot be followed.
    inner: dict[int, Scope | None] = field(default_factory=dict[int, "Scope | None"])
    pads_sets: bool = True  # several functions of sets in the select list: the shorter one is filled with NULL

    @property
    def catalog(self) -> CatalogFacts:
        """The facts of the database."""
        return self.analysis.catalog

    def relation(self, number: int) -> Node:
        """Return an entry of the range table, which counts from 1."""
        if not 1 <= number <= len(self.relations):
            raise TreeError("no such relation")
        return self.relations[number - 1]

    def above(self, levels: int) -> Scope:
        """Return the scope so many levels up."""
        scope = self
        for _ in range(levels):
            if scope.parent is None:
                raise TreeError("no query so far out")
            scope = scope.parent
        return scope

    def are_present(self, joins: frozenset[int], relation: int) -> bool:
        """Return whether none of these joins replaced the relation by NULLs. Grouping sets are no join: they may."""
        return all(
            number in self.joins and Present(number, self.joins[number].side(relation)) in self.facts
            for number in joins
        )

    def is_known(self, column: Column) -> bool:
        """Return whether a fact makes the column not NULL: above other joins it is the same value or NULL."""
        return any(
            fact.relation == column.relation
            and fact.number == column.number
            and self.are_present(column.nulling - fact.nulling, column.relation)
            for fact in self.facts
            if type(fact) is Column
        )

    def learn(self, facts: Iterable[Fact]) -> bool:
        """Add facts and what follows from them; return whether anything was new."""
        before = len(self.facts)
        self.facts.update(facts)
        while True:
            count = len(self.facts)
            for fact in [*self.facts]:
                if type(fact) is Column:
                    for number in fact.nulling & self.joins.keys():
                        self.facts.add(Present(number, self.joins[number].side(fact.relation)))
            for sides, facts_then in self.when_present:
                if sides <= self.facts:
                    self.facts.update(facts_then())
            if len(self.facts) == count:
                return count > before

    def writes(self, node: Node) -> bool:
        """Return whether a column is of the table that INSERT, UPDATE or MERGE writes: RETURNING has another row."""
        return (
            not node.number("varlevelsup")
            and self.query.number("commandType") in _WRITING
            and node.number("varno")
            in {self.query.number("resultRelation"), self.query.number("mergeTargetRelation")}
        )

    def settle(self) -> None:
        """Mark all facts of the query as known: what could not be verified without them may be now."""
        if self.query.number("commandType") in _WRITING:
            # Assignments and triggers come after WHERE.
            target = self.query.number("resultRelation")
            self.before_writing = self.facts
            self.facts = {fact for fact in self.facts if type(fact) is not Column or fact.relation != target}
        self.settled = set(self.facts)
        self.columns.clear()

    @contextmanager
    def assuming(self, facts: Iterable[Fact]) -> Generator[None]:
        """Hold more facts for a while: within a branch of CASE."""
        found = self.facts
        self.facts = set(found)
        try:
            self.learn(facts)
            yield
        finally:
            self.facts = found

    @contextmanager
    def knowing_only(self, facts: set[Fact]) -> Generator[None]:
        """Hold other facts for a while: those of the whole query, within a branch."""
        found, self.facts = self.facts, facts
        try:
            yield
        finally:
            self.facts = found
