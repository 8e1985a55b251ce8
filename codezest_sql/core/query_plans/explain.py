"""Reads a plan, as ``EXPLAIN (VERBOSE, FORMAT JSON)`` prints it: what it costs, and which tables it reads whole.

Costs are in PostgreSQL's unit: reading one page in order is 1.0 (``seq_page_cost``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class SequentialScan:
    """A table that is read from its first page to its last; ``condition`` is what its rows are filtered by."""

    schema: str
    table: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A plan: the cost of all its rows, and its scans. ``is_pruned`` where parts of it are not shown."""

    cost: float
    scans: tuple[SequentialScan, ...] = ()
    is_pruned: bool = False


def read_plan(said: Any) -> Explained:
    """Return the values of the server's JSON. Raises ``KeyError``, ``IndexError`` or ``TypeError`` for any other."""
    root: dict[str, Any] = said[0]["Plan"]
    nodes = [*_nodes(root, None)]
    scans = dict.fromkeys(
        SequentialScan(node["Schema"], node["Relation Name"], node.get("Filter"))
        for node, parent in nodes
        if node["Node Type"] == "Seq Scan" and not _ends_early(node, parent)
    )
    pruned = any(node.get("Subplans Removed", 0) for node, _ in nodes)
    return Explained(float(root["Total Cost"]), tuple(scans), pruned)


def _nodes(
    node: dict[str, Any], parent: dict[str, Any] | None
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    yield node, parent
    for each in node.get("Plans", ()):
        yield from _nodes(each, node)


def _ends_early(node: dict[str, Any], parent: dict[str, Any] | None) -> bool:
    """Whether a LIMIT takes the rows as they come: then no longer are read than are given back."""
    return parent is not None and parent["Node Type"] == "Limit" and "Filter" not in node
