"""``plans.json``: what the plans of a project may cost, and what was looked at and found right. Committed.

``check --plans --accept`` writes it, so that a reviewer sees in its diff which query became dearer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codezest_sql.errors import PlanBudgetError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTOR = 1.5
"""How many times its budget a query may cost: less is what a new minor version or fresher statistics change."""
LEAST = 1.0
"""Costs nearer to each other than this, one page read in order, are the same."""
_VERSION = 1
_AGAIN = "rewrite it: codezest-sql check --plans --accept"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A query's budget, and the tables (``schema.table``) that it may scan sequentially."""

    cost: float
    scans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Queries by the file's way from the folder and their name; foreign keys that need no index (``table.name``)."""

    queries: Mapping[tuple[str, str], Accepted] = field(default_factory=dict[tuple[str, str], Accepted])
    foreign_keys: frozenset[str] = frozenset()


def is_over(cost: float, budget: float) -> bool:
    """Whether a cost is over the budget by more than what chance explains."""
    return cost > budget * FACTOR and cost - budget > LEAST


def write_budget(budget: Budget) -> str:
    """Return the text of the file: a line for each query, in a stable order."""
    files: dict[str, list[str]] = {}
    for (file, name), accepted in sorted(budget.queries.items()):
        said: dict[str, object] = {"cost": accepted.cost}
        if accepted.scans:
            said["scans"] = list(accepted.scans)
        files.setdefault(file, []).append(f"   {_text(name)}: {_text(said)}")
    queries = _block([f"  {_text(file)}: {_block(lines, '  ')}" for file, lines in files.items()], " ")
    keys = _text(sorted(budget.foreign_keys))
    return f'{{\n "version": {_VERSION},\n "queries": {queries},\n "foreign_keys": {keys}\n}}\n'


def read_budget(text: str, *, file: str) -> Budget:
    """Return what ``write_budget`` wrote; raises ``PlanBudgetError`` for anything else."""
    try:
        said: dict[str, Any] = json.loads(text)
        queries = {
            (path, name): Accepted(float(each["cost"]), tuple(map(str, each.get("scans", ()))))
            for path, names in said["queries"].items()
            for name, each in names.items()
        }
        budget = Budget(queries, frozenset(map(str, said["foreign_keys"]))) if said["version"] == _VERSION else None
    except (ValueError, TypeError, KeyError, AttributeError):
        budget = None
    if budget is None:
        raise PlanBudgetError("is not a budget of this version", place=Place(file), hint=_AGAIN)
    return budget


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(lines: list[str], indent: str) -> str:
    text = ",\n".join(lines)
    return f"{{\n{text}\n{indent}}}" if text else "{}"
