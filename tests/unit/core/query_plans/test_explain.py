"""Plans, budgets, foreign keys and sizes, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from codezest_sql.core.query_plans.assumed_sizes import MOST_PAGES, FoundAttribute, FoundRelation, sized
from codezest_sql.core.query_plans.budget import Accepted, Budget, is_over, read_budget, write_budget
from codezest_sql.core.query_plans.explain import SequentialScan, read_plan
from codezest_sql.core.query_plans.statistics import ColumnStatistics, Statistics, TableStatistics
from codezest_sql.errors import PlanBudgetError

COLUMNS = (FoundAttribute(1, "id", 8), FoundAttribute(2, "name", -1))


def node(kind: str, *plans: dict[str, Any], cost: float = 1.0, **facts: Any) -> dict[str, Any]:
    return {"Node Type": kind, "Total Cost": cost, "Plans": [*plans], **facts}


def scan(table: str, **facts: Any) -> dict[str, Any]:
    return node("Seq Scan", Schema="s", **{"Relation Name": table, **facts})


def relation(oid: int, kind: str, name: str, leaves: int = 1, **facts: Any) -> FoundRelation:
    root = facts.pop("root", f"s.{name}")
    attributes = facts.pop("attributes", COLUMNS)
    return FoundRelation(oid, "s", name, kind, root, leaves, attributes, **facts)


def test_scans_are_found_at_any_depth_and_each_once() -> None:
    said = [{"Plan": node("Hash Join", scan("a", Filter="(x)"), node("Append", scan("b"), scan("b")), cost=9.5)}]
    plan = read_plan(said)
    assert plan.cost == 9.5
    assert plan.scans == (SequentialScan("s", "a", "(x)"), SequentialScan("s", "b"))


def test_a_limit_directly_above_an_unfiltered_scan_ends_it() -> None:
    assert read_plan([{"Plan": node("Limit", scan("a"))}]).scans == ()
    assert read_plan([{"Plan": node("Limit", scan("a", Filter="(x)"))}]).scans
    assert read_plan([{"Plan": node("Limit", node("Sort", scan("a")))}]).scans


def test_partitions_that_are_not_shown_are_noticed() -> None:
    assert read_plan([{"Plan": node("Append", **{"Subplans Removed": 2})}]).is_pruned
    assert not read_plan([{"Plan": node("Append", **{"Subplans Removed": 0})}]).is_pruned


@pytest.mark.parametrize(
    ("cost", "budget", "over"),
    [
        (150, 100, False),
        (150.1, 100, True),
        (1, 0.01, False),
        (1.02, 0.01, True),
        (5, 100, False),
        (9, float("inf"), False),
    ],
)
def test_a_cost_is_over_its_budget_by_half_and_by_more_than_a_page(cost: float, budget: float, over: bool) -> None:  # noqa: FBT001
    assert is_over(cost, budget) is over


def test_a_budget_is_read_as_it_was_written() -> None:
    budget = Budget(
        {
            ("a/b.sql", "find"): Accepted(4.19),
            ("a/b.sql", "all"): Accepted(9000.5, ("s.t",)),
            ("c.sql", "x"): Accepted(0),
        },
        frozenset({'s."T".key', "s.t.key"}),
    )
    assert read_budget(write_budget(budget), file="x") == budget
    assert read_budget(write_budget(Budget()), file="x") == Budget()
    assert '   "all": {"cost": 9000.5, "scans": ["s.t"]},' in write_budget(budget).splitlines()


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "queries": {}, "foreign_keys": []}', '{"version": 1}'])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(PlanBudgetError, match="is not a budget of this version"):
        read_budget(text, file="sql/plans.json")


def test_pages_are_worked_out_of_rows_and_widths() -> None:
    """28 bytes of header and pointer, 8 of id, 32 of a name of unknown width: 120 rows in a page's 8168 bytes."""
    found = {each.relation.oid: each for each in sized([relation(1, "r", "t")], Statistics(), 120_001)}
    assert (found[1].rows, found[1].pages, found[1].all_visible) == (120_001, 1_001, 1_001)
    known = TableStatistics(120_000, columns={"name": ColumnStatistics(avg_width=100, null_frac=0.5)})
    (one,) = sized([relation(1, "r", "t")], Statistics({"s.t": known}), 1)
    assert one.pages == 120_000 // (8168 // (28 + 64)) + 1  # 8 + 50, aligned to 64


def test_a_column_without_a_width_gets_that_of_its_type() -> None:
    known = TableStatistics(10, columns={"id": ColumnStatistics(n_distinct=-1), "gone": ColumnStatistics()})
    (one,) = sized([relation(1, "r", "t")], Statistics({"s.t": known}), 1)
    assert one.columns == ((1, ColumnStatistics(avg_width=8, n_distinct=-1)),)


def test_partitions_share_rows_and_pages() -> None:
    statistics = Statistics({"s.t": TableStatistics(100, 10, 5)})
    relations = [relation(n, "r", f"t{n}", 4, root="s.t") for n in range(1, 5)]
    root = relation(9, "p", "t")
    assert [(each.rows, each.pages, each.all_visible) for each in sized([*relations, root], statistics, 1)] == [
        *[(25, 3, 2)] * 4,
        (100, 0, 0),
    ]


def test_an_empty_table_stays_empty_and_one_with_rows_has_a_page() -> None:
    tables = {"s.t": TableStatistics(0), "s.u": TableStatistics(3, 0)}
    found = [each.pages for each in sized([relation(1, "r", "t"), relation(2, "r", "u")], Statistics(tables), 9)]
    assert found == [0, 1]


def test_no_table_has_more_pages_than_the_server_can_number() -> None:
    (one,) = sized([relation(1, "r", "t")], Statistics({"s.t": TableStatistics(10**15)}), 1)
    assert one.pages == MOST_PAGES


def test_an_index_is_as_large_as_a_new_one() -> None:
    """7351 bytes filled of a leaf, 20 for each bigint, a page more for the root of all."""
    index = relation(2, "i", "i", table=1, root="s.t", attributes=(FoundAttribute(1, "id", 8, 1),), method="btree")
    summary = relation(3, "i", "b", table=1, root="s.t", attributes=index.attributes, method="brin")
    found = {
        each.relation.oid: each.pages for each in sized([relation(1, "r", "t"), index, summary], Statistics(), 36_700)
    }
    assert found[2] == 1 + 100  # 367 on each leaf
    assert found[3] == 3
