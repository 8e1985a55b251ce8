"""What a run did, to text and to JSON values. Apart from the other reports: most runs need this one alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan_report import PlanReport, note_lines, plan_text, plan_value
from codezest_sql.core.text.duration import format_duration

if TYPE_CHECKING:
    from codezest_sql.core.migrations.plan import Plan
    from codezest_sql.core.text.json_value import Json


@dataclass(frozen=True, slots=True)
class StepReport:
    """One migration that was run, one way, and how many seconds it took."""

    id: str
    direction: Direction
    seconds: float


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; ``plan`` is what it would have done, where it only looked (``--dry-run``)."""

    database: str
    steps: tuple[StepReport, ...]
    notes: tuple[str, ...] = ()
    plan: Plan | None = None


def run_text(report: RunReport) -> str:
    """Return what a run did, in a sentence; the steps were printed as they ran."""
    if report.plan is not None:
        lines = [plan_text(PlanReport(report.database, report.plan, report.notes)), "nothing was run (--dry-run)"]
        return "\n".join(lines)
    if not report.steps:
        sentence = f"nothing to do: {report.database}"
    else:
        last = report.steps[-1].direction
        redone = report.steps[0].direction is not last
        verb = "redid" if redone else "applied" if last is Direction.UP else "rolled back"
        count = sum(step.direction is last for step in report.steps)
        seconds = format_duration(sum(step.seconds for step in report.steps))
        sentence = f"{verb} {count} {'migration' if count == 1 else 'migrations'} in {seconds}: {report.database}"
    return "\n".join([*note_lines(report.notes), sentence])


def run_json(report: RunReport) -> Json:
    """Return what a run did as JSON values."""
    steps: list[Json] = [
        {"id": step.id, "direction": step.direction.value, "duration_ms": round(step.seconds * 1000, 1)}
        for step in report.steps
    ]
    result: dict[str, Json] = {"database": report.database, "steps": steps, "notes": list(report.notes)}
    if report.plan is not None:
        result["plan"] = plan_value(report.plan)
    return result
