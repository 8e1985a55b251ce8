"""What a statement does with which relations, from the server's own tree: what policies judge. Judges nothing itself.

Names are long resolved there and views expanded, so no spelling, alias or WITH query can hide a table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codezest_sql.core.query_tree.nodes import Node

_COMMANDS = {2: "update", 3: "insert", 4: "delete", 5: "merge"}  # CmdType of nodes.h
_RELATION = 0  # RTEKind


class Effect(StrEnum):
    """What is done with a relation."""

    READ = "read"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class RelationUse:
    """One relation at one place of a statement; columns are numbers of pg_attribute.

    ``required_null`` are columns that WHERE or ON requires to be NULL, ``bound`` those that it sets equal to a value
    from outside of the relations at that place: a parameter, a constant, a column of another query level.
    ``assigned`` has the columns of every UPDATE that it makes: also of ON CONFLICT and MERGE. ``filtered`` lists
    whether it has a WHERE at all.
    """

    relation: int
    effect: Effect
    required_null: frozenset[int] = frozenset()
    bound: frozenset[int] = frozenset()
    assigned: tuple[frozenset[int], ...] = ()
    filtered: bool = True


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """The uses of relations, and the columns of the result, from 0, that the rows are sorted by before all else.

    ``assigned_parameters`` are those that go into a column as they are: number, relation, column.
    """

    uses: tuple[RelationUse, ...] = ()
    sorted_by: tuple[int, ...] = ()
    assigned_parameters: tuple[tuple[int, int, int], ...] = ()

    @property
    def relations(self) -> frozenset[int]:
        """Every relation that is used."""
        return frozenset(use.relation for use in self.uses)


def statement_facts(queries: Sequence[Node], equalities: Mapping[int, object]) -> StatementFacts:
    """Return the facts of a statement's QUERY nodes, outermost first; ``equalities`` are operators that mean equal.

    Raises ``TreeError`` where the tree is not what is known.
    """
    levels = [_Level(each, equalities) for each in queries]
    return StatementFacts(
        tuple(use for level in levels for use in level.uses()),
        _sorted_by(queries[0]),
        tuple(each for level in levels for each in level.assigned_parameters()),
    )


def _sorted_by(query: Node) -> tuple[int, ...]:
    entries = [entry for entry in query.children("targetList") if not entry.flag("resjunk")]
    by_reference = {entry.number("ressortgroupref"): place for place, entry in enumerate(entries)}
    found: list[int] = []
    for clause in query.children("sortClause"):
        place = by_reference.get(clause.number("tleSortGroupRef"))
        if place is None:
            break
        found.append(place)
    return tuple(found)


@dataclass(slots=True)
class _Classes:
    """Which columns are equal to each other, and which of them to something else."""

    parent: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict[tuple[int, int], tuple[int, int]])
    bound: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def root(self, column: tuple[int, int]) -> tuple[int, int]:
        while (above := self.parent.get(column, column)) != column:
            column = above
        return column

    def equate(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        first, second = self.root(one), self.root(other)
        self.parent[first] = second
        if first in self.bound:
            self.bound.add(second)

    def bind(self, column: tuple[int, int]) -> None:
        self.bound.add(self.root(column))


class _Level:
    """One query level."""

    def __init__(self, query: Node, equalities: Mapping[int, object]) -> None:
        self._query = query
        self._equalities = equalities
        self._relations = {
            number: entry.number("relid")
            for number, entry in enumerate(query.children("rtable"), 1)
            if entry.number("rtekind") == _RELATION
        }
        self._used: list[int] = []
        self._conditions: list[Node] = []
        if query.has("jointree"):
            self._join(query.child("jointree"))
        self._null: set[tuple[int, int]] = set()
        self._classes = _Classes()
        for each in self._conditions:
            self._learn(each)

    def uses(self) -> Iterator[RelationUse]:
        """Give the relations of this level, the one that is written first."""
        target = self._query.number("resultRelation")
        effect = Effect(_COMMANDS.get(self._query.number("commandType"), Effect.READ))
        if target in self._relations:
            filtered = any(self._conditions) or effect in {Effect.INSERT, Effect.MERGE}
            yield self._use(target, effect, tuple(self._assigned(effect)), filtered=filtered)
        for number in dict.fromkeys(self._used):
            if number != target and number in self._relations:
                yield self._use(number, Effect.READ)

    def _use(
        self, number: int, effect: Effect, assigned: tuple[frozenset[int], ...] = (), *, filtered: bool = True
    ) -> RelationUse:
        classes = self._classes
        roots = {classes.root(column) for column in classes.bound}
        seen = {*classes.parent, *classes.parent.values(), *classes.bound}
        return RelationUse(
            self._relations[number],
            effect,
            frozenset(column for relation, column in self._null if relation == number),
            frozenset(each[1] for each in seen if each[0] == number and classes.root(each) in roots),
            assigned,
            filtered,
        )

    def _assigned(self, effect: Effect) -> Iterator[frozenset[int]]:
        if effect is Effect.UPDATE:
            yield _targets(self._query)
        conflict = self._query.optional("onConflict")
        if conflict is not None and conflict.children("onConflictSet"):
            yield frozenset(entry.number("resno") for entry in conflict.children("onConflictSet"))
        for action in self._query.children("mergeActionList"):
            if _COMMANDS.get(action.number("commandType")) == Effect.UPDATE:
                yield _targets(action)

    def assigned_parameters(self) -> Iterator[tuple[int, int, int]]:
        """Give the parameters that go into a column of the relation that is written, as they are."""
        relation = self._relations.get(self._query.number("resultRelation"))
        if relation is None or self._query.number("commandType") not in _COMMANDS:
            return
        conflict = self._query.optional("onConflict")
        entries = [*self._query.children("targetList"), *(conflict.children("onConflictSet") if conflict else ())]
        entries.extend(e for action in self._query.children("mergeActionList") for e in action.children("targetList"))
        for entry in entries:
            value = self._selected(_uncast(entry.optional("expr")))
            if value is not None and value.kind == "PARAM" and not entry.flag("resjunk"):
                yield value.number("paramid"), relation, entry.number("resno")

    def _selected(self, value: Node | None) -> Node | None:
        """Return what an INSERT takes from its own SELECT: a parameter whose type is known already stays there."""
        if value is None or value.kind != "VAR" or value.number("varlevelsup"):
            return value
        source = self._query.children("rtable")[value.number("varno") - 1]
        selected = source.child("subquery").children("targetList") if source.has("subquery") else ()
        number = value.number("varattno")
        return _uncast(selected[number - 1].optional("expr")) if 0 < number <= len(selected) else value

    def _join(self, node: Node) -> None:
        """Collect the relations and the conditions of FROM; what is within a list of values is its own level."""
        if node.kind == "RANGETBLREF":
            self._used.append(node.number("rtindex"))
            return
        condition = node.optional("quals")
        if condition is not None:
            self._conditions.append(condition)
        if node.kind == "JOINEXPR":
            self._join(node.child("larg"))
            self._join(node.child("rarg"))
        for each in node.children("fromlist"):
            self._join(each)

    def _learn(self, node: Node) -> None:
        if node.kind == "BOOLEXPR" and node.fields.get("boolop") == "and":
            for each in node.children("args"):
                self._learn(each)
        elif node.kind == "NULLTEST" and node.number("nulltesttype") == 0:
            column = self._column(node.child("arg"))
            if column:
                self._null.add(column)
        elif node.kind in {"OPEXPR", "SCALARARRAYOPEXPR"} and node.number("opno") in self._equalities:
            self._equal(*node.children("args"))

    def _equal(self, *sides: Node) -> None:
        columns = [self._column(side) for side in sides]
        if len(columns) != 2:  # noqa: PLR2004  # an operator has two sides
            return
        one, other = columns
        if one and other:
            self._classes.equate(one, other)
        elif one or other:
            self._classes.bind(one or other or (0, 0))

    def _column(self, node: Node) -> tuple[int, int] | None:
        """Return the column of a relation of this level that an expression is."""
        while node.kind in {"RELABELTYPE", "COERCETODOMAIN"}:
            node = node.child("arg")
        if node.kind != "VAR" or node.number("varlevelsup") or node.number("varno") not in self._relations:
            return None
        return node.number("varno"), node.number("varattno")


def _uncast(value: Node | None) -> Node | None:
    while value is not None and value.kind in {"RELABELTYPE", "COERCETODOMAIN", "COERCEVIAIO"}:
        value = value.optional("arg")
    return value


def _targets(node: Node) -> frozenset[int]:
    return frozenset(entry.number("resno") for entry in node.children("targetList") if not entry.flag("resjunk"))
