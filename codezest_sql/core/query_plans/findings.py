"""What is wrong with the plans of a project: the three policies of ``check --plans``. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.query_checks.policy_names import Severity
from codezest_sql.core.query_plans.budget import FACTOR, Accepted, Budget, is_over
from codezest_sql.core.sql.identifiers import stored_name
from codezest_sql.core.sql.lexer import TokenKind, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codezest_sql.core.query_files.query import Query, Variant
    from codezest_sql.core.query_plans.foreign_keys import ForeignKey
    from codezest_sql.core.text.json_value import Json

# The defaults. A budget exists because a developer committed it, so exceeding it is an error.
PLAN_POLICIES = {
    "sequential-scan": Severity.WARNING,
    "missing-index": Severity.WARNING,
    "cost": Severity.ERROR,
}


@dataclass(frozen=True, slots=True)
class TableScan:
    """A table that a query reads whole: ``schema.table``, its rows, the condition, the variant that does it first."""

    table: str
    name: str
    rows: int
    condition: str | None
    variant: Variant


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The plans of all variants of a query: the dearest one's cost, every table that one of them reads whole.

    ``file`` is the way from the folder of the queries. ``refusal`` is why there is no plan.
    """

    file: str
    query: Query
    cost: float | None = None
    scans: tuple[TableScan, ...] = ()
    refusal: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the budget knows it by."""
        return self.file, self.query.name


class PlanFinding(NamedTuple):
    """A broken policy: ``offset`` in the query's file, None for the query as a whole."""

    policy: str
    offset: int | None
    message: str
    hint: str


def query_findings(plan: QueryPlan, budget: Budget, large: int) -> Iterator[PlanFinding]:
    """Give what is wrong with a query: tables of ``large`` rows or more that it reads whole, and its cost."""
    known = budget.queries.get(plan.key, Accepted(float("inf")))
    name = plan.query.name
    for scan in plan.scans:
        if scan.rows >= large and scan.table not in known.scans:
            yield PlanFinding(
                "sequential-scan",
                _place_of(scan),
                f"{name}: a sequential scan reads {_all_rows(scan.rows)} of {scan.table}",
                _way_out(scan),
            )
    if plan.cost is not None and is_over(plan.cost, known.cost):
        yield PlanFinding(
            "cost",
            None,
            f"{name}: costs {cost_in_words(plan.cost)}, {plan.cost / max(known.cost, 0.01):,.1f} times its budget of "
            f"{cost_in_words(known.cost)}; {FACTOR:g} times is allowed",
            "EXPLAIN shows why; if it is intended, run check --plans --accept and commit the budget",
        )


def key_finding(key: ForeignKey, rows: int) -> PlanFinding:
    """Return what is wrong with a foreign key without an index; its table has so many rows."""
    columns = ", ".join(key.columns)
    return PlanFinding(
        "missing-index",
        None,
        f"no index of {key.table} begins with ({columns}): a DELETE of what foreign key {key.name} points at reads "
        f"{_all_rows(rows)}",
        f"CREATE INDEX ON {key.table} ({columns}); where it is never needed, run check --plans --accept",
    )


def accepted(plans: Iterable[QueryPlan], keys: Iterable[ForeignKey], before: Budget, large: int) -> Budget:
    """Return the budget that the current plans fulfil; for a query without a plan, its old one."""
    queries: dict[tuple[str, str], Accepted] = {}
    for plan in plans:
        if plan.cost is not None:
            scans = sorted({scan.table for scan in plan.scans if scan.rows >= large})
            queries[plan.key] = Accepted(plan.cost, tuple(scans))
        elif plan.key in before.queries:
            queries[plan.key] = before.queries[plan.key]
    return Budget(queries, frozenset(key.id for key in keys))


def plan_json(plan: QueryPlan, budget: Budget) -> Json:
    """Return the plan for programs; None where there is none."""
    if plan.cost is None:
        return None
    known = budget.queries.get(plan.key)
    return {
        "cost": plan.cost,
        "budget": known.cost if known else None,
        "scans": [
            {
                "table": scan.table,
                "rows": scan.rows,
                "condition": scan.condition,
                "accepted": known is not None and scan.table in known.scans,
            }
            for scan in plan.scans
        ],
    }


def key_json(key: ForeignKey, budget: Budget) -> Json:
    """Return a foreign key without an index for programs."""
    return {
        "name": key.name,
        "table": key.table,
        "columns": [*key.columns],
        "accepted": key.id in budget.foreign_keys,
    }


def rows_in_words(rows: int) -> str:
    """Return a number of rows, such as "1,000,000 rows"."""
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def cost_in_words(cost: float) -> str:
    """Return a cost, with decimals where they matter."""
    return f"{cost:,.2f}" if cost < 100 else f"{cost:,.0f}"  # noqa: PLR2004  # three digits are enough


def _all_rows(rows: int) -> str:
    return "the one row" if rows == 1 else f"all {rows:,} rows"


def _way_out(scan: TableScan) -> str:
    if scan.condition is None:
        return "no condition is left to an index: add one or a LIMIT; where it is meant, run check --plans --accept"
    condition = _named(scan.condition, scan.variant)
    return f"an index for {condition} may help; where it is meant, run check --plans --accept"


def _named(condition: str, variant: Variant) -> str:
    """Return a condition as the server prints it with the parameters' names."""
    parts: list[str] = []
    end = 0
    for token in tokens(condition):
        if token.kind is TokenKind.PARAMETER:
            number = int(token.text(condition)[1:]) - 1
            if 0 <= number < len(variant.parameters):
                parts.extend((condition[end : token.start], f":{variant.parameters[number]}"))
                end = token.end
    return "".join(parts) + condition[end:]


def _place_of(scan: TableScan) -> int | None:
    """Return where the table's name first is in the query; None where only a view or a function reads it."""
    text = scan.variant.text
    for token in tokens(text):
        identifier = token.kind in {TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER}
        if identifier and stored_name(token.text(text)) == scan.name:
            return scan.variant.source_map.offset(token.start)
    return None
