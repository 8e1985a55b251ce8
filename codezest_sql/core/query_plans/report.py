"""The plans of a whole project, and what a reader must know of what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.query_plans.findings import rows_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codezest_sql.core.query_plans.assumed_sizes import Sized
    from codezest_sql.core.query_plans.budget import Budget
    from codezest_sql.core.query_plans.findings import QueryPlan
    from codezest_sql.core.query_plans.foreign_keys import ForeignKey
    from codezest_sql.core.query_plans.statistics import Statistics

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of all queries that are right, the foreign keys without an index, the relations by OID.

    ``tables`` are those of the project: what a tool keeps for itself is not among them.
    """

    plans: tuple[QueryPlan, ...]
    keys: tuple[ForeignKey, ...]
    relations: Mapping[int, Sized]
    tables: frozenset[str]

    def rows_of(self, key: ForeignKey) -> int:
        """Return the rows of the table of a foreign key, with those of all partitions."""
        relation = self.relations.get(key.oid)
        return rows_of_tables(self.relations.values()).get(relation.relation.root, 0) if relation else 0


def rows_of_tables(relations: Iterable[Sized]) -> dict[str, int]:
    """Return the rows of each table by its name; of a partitioned one those of all partitions."""
    found: dict[str, int] = {}
    for each in relations:
        if each.relation.kind in {"r", "m"}:
            found[each.relation.root] = found.get(each.relation.root, 0) + each.rows
    return found


def notes_of_statistics(
    statistics: Statistics | None, planned: Planned, file: str, assumed_rows: int
) -> Iterator[str]:
    """Return for which sizes the plans were made; None if there is no ``file``."""
    assumed = f"{rows_in_words(assumed_rows)} (assumed_rows)"
    if statistics is None:
        yield f"there is no {file}: every table counts as {assumed}"
        return
    yield f"plans are for the statistics of {file}"
    if missing := sorted(planned.tables - set(statistics.tables)):
        yield f"{file} does not know {_some(missing)}: counted as {assumed}"
    if gone := sorted(set(statistics.tables) - planned.tables):
        yield f"{file} knows {_some(gone)}, which the migrations do not make"


def notes_of_budget(budget: Budget | None, planned: Planned, file: str) -> Iterator[str]:
    """Return which costs have no budget; None if there is no ``file``."""
    if budget is None:
        yield f"no cost is compared: there is no {file}, which --accept writes"
        return
    new = sorted(
        each.query.name for each in planned.plans if each.cost is not None and each.key not in budget.queries
    )
    if new:
        yield f"{file} has no budget for {_some(new)}, which --accept writes"


def notes_of_queries(planned: Planned) -> Iterator[str]:
    """Return which queries have no plan."""
    for plan in planned.plans:
        if plan.refusal is not None:
            yield f"{plan.query.file}: {plan.query.name} has no plan: {plan.refusal}"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
