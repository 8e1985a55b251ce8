"""How large tables are and how their columns are distributed, as a value. Holds no value of any row.

The planner's own words (``pg_stats``): fractions are of all rows, an ``n_distinct`` below 0 is minus a share of
them, widths are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What is known of a column. ``avg_width`` None and ``n_distinct`` 0 are unknown.

    ``correlation`` is that of the order of values with the order of rows, from -1 to 1. ``most_common_freqs`` and
    ``histogram_bounds`` (how many there are) are for people: the server takes neither without values.
    """

    null_frac: float = 0.0
    avg_width: int | None = None
    n_distinct: float = 0.0
    correlation: float | None = None
    most_common_freqs: tuple[float, ...] = ()
    histogram_bounds: int = 0


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """A table, or a partitioned one with all its partitions. ``pages`` are of 8 kB; None is worked out of ``rows``.

    ``all_visible`` are the pages that an index-only scan need not look at; None for all of them.
    ``expressions`` are the columns of indexes that are no columns of the table, by the index's name.
    """

    rows: int
    pages: int | None = None
    all_visible: int | None = None
    columns: Mapping[str, ColumnStatistics] = field(default_factory=dict[str, ColumnStatistics])
    expressions: Mapping[str, Mapping[str, ColumnStatistics]] = field(
        default_factory=dict[str, "Mapping[str, ColumnStatistics]"]
    )


@dataclass(frozen=True, slots=True)
class Statistics:
    """The tables by qualified name, as SQL writes it (``auth.users``), and settings of the planner."""

    tables: Mapping[str, TableStatistics] = field(default_factory=dict[str, TableStatistics])
    planner: Mapping[str, str] = field(default_factory=dict[str, str])


# The settings that change what a plan costs (PostgreSQL documentation, 19.7.2, and work_mem of 19.4.1). A URL, a
# path or a password cannot be in any of them.
PLANNER_SETTINGS = (
    "cpu_index_tuple_cost",
    "cpu_operator_cost",
    "cpu_tuple_cost",
    "effective_cache_size",
    "hash_mem_multiplier",
    "max_parallel_workers_per_gather",
    "min_parallel_index_scan_size",
    "min_parallel_table_scan_size",
    "parallel_setup_cost",
    "parallel_tuple_cost",
    "random_page_cost",
    "seq_page_cost",
    "work_mem",
)
