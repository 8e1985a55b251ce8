"""A plan to text and to JSON values: the exact SQL of what would run. Never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.migrations.plan import Plan
    from codezest_sql.core.text.json_value import Json


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What the next run would do."""

    database: str
    plan: Plan
    notes: tuple[str, ...] = ()


def plan_text(report: PlanReport) -> str:
    """Return the exact SQL of a plan, file by file, with its name at the end."""
    if not report.plan.steps:
        return "\n".join([*note_lines(report.notes), f"nothing to do: {report.database}"])
    parts: list[str] = []
    for step in report.plan.steps:
        how = "in one transaction" if step.script.transactional else "statement by statement, without a transaction"
        parts.append(f"-- {step.direction.value} {step.migration.id}, {how} ({step.script.file})")
        parts.append(_without_blank_lines(step.script.text))
        parts.append("")
    parts.extend(note_lines(report.notes))
    parts.append(f"-- plan {report.plan.sha256[:12]}: {len(report.plan.steps)} to run on {report.database}")
    return "\n".join(parts)


def _without_blank_lines(text: str) -> str:
    """Leave out blank lines at both ends: instead of a section before this one there are many."""
    first = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, first) + 1 :].rstrip()


def plan_json(report: PlanReport) -> Json:
    """Return a plan as JSON values, its exact SQL included."""
    plan = plan_value(report.plan)
    return {"database": report.database, **plan, "notes": list(report.notes)}


def plan_value(plan: Plan) -> dict[str, Json]:
    """Return the steps of a plan as JSON values."""
    return {
        "sha256": plan.sha256,
        "steps": [
            {
                "id": step.migration.id,
                "direction": step.direction.value,
                "file": step.script.file,
                "sha256": step.script.sha256,
                "transactional": step.script.transactional,
                "sql": step.script.text,
            }
            for step in plan.steps
        ],
    }


def note_lines(notes: Sequence[str]) -> list[str]:
    """Return the notes as lines of text."""
    return [f"note: {note}" for note in notes]
