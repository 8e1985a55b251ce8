"""``codezest-sql check --plans``: what the queries of the project would cost on tables of a real size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.migrations.sources import MigrationSources
from codezest_sql.actions.project.atomic_write import replace_file
from codezest_sql.actions.project.settings import show_path
from codezest_sql.actions.queries.check import check
from codezest_sql.actions.queries.folder import read_query_folder
from codezest_sql.core.query_checks.policy_names import Severity
from codezest_sql.core.query_checks.report import CheckReport, FileReport, Problem, counted
from codezest_sql.core.query_files.reading import read_queries
from codezest_sql.core.query_files.variants import variants
from codezest_sql.core.query_plans.budget import Budget, read_budget, write_budget
from codezest_sql.core.query_plans.findings import (
    PLAN_POLICIES,
    QueryPlan,
    TableScan,
    accepted,
    key_finding,
    key_json,
    plan_json,
    query_findings,
)
from codezest_sql.core.query_plans.foreign_keys import without_index
from codezest_sql.core.query_plans.report import (
    Planned,
    notes_of_budget,
    notes_of_queries,
    notes_of_statistics,
    rows_of_tables,
)
from codezest_sql.core.query_plans.statistics import Statistics
from codezest_sql.core.query_plans.statistics_file import read_statistics
from codezest_sql.core.text.decode import decode
from codezest_sql.errors import FileUnreadableError, PlanBudgetError, QueryPolicyError, UsageError
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.place import Place

if TYPE_CHECKING:
    from codezest_sql.actions.queries.plan_database import PlanDatabase
    from codezest_sql.core.query_files.query import Query, Variant
    from codezest_sql.core.query_plans.findings import PlanFinding
    from codezest_sql.core.settings import Settings
    from codezest_sql.core.text.json_value import Json


def check_plans(settings: Settings, *, accept: bool = False) -> CheckReport:
    """Return what ``check`` does, and what is wrong with the plans of the queries that are right.

    With ``accept`` the budget is written, in which all is right as it is. Raises what ``check`` does, ``UsageError``
    where a ``shadow_url`` is set, ``StatisticsError``, ``PlanBudgetError``.
    """
    if settings.shadow_url is not None:
        raise UsageError(
            "--plans: shadow_url names a server whose files are out of reach",
            hint="plans need a server on this machine: unset shadow_url, or set CODEZEST_PG_BINDIR to one that has "
            "the extensions",
        )
    statistics = _statistics(settings)
    before = _budget(settings)
    report = check(settings)
    planned = _explain(settings, report, statistics or Statistics())
    names = show_path(Path(settings.statistics)), show_path(Path(settings.plans))
    notes = [
        *notes_of_statistics(statistics, planned, names[0], settings.assumed_rows),
        *notes_of_queries(planned),
    ]
    budget = before or Budget()
    if not accept:
        notes.extend(notes_of_budget(before, planned, names[1]))
    elif report.failed:
        notes.append(f"{names[1]} was not written: correct the errors first")
    else:
        budget = accepted(planned.plans, planned.keys, budget, settings.large_table_rows)
        notes.append(_write(settings, budget))
    facts: dict[str, Json] = {
        "statistics": names[0] if statistics else None,
        "assumed_rows": settings.assumed_rows,
        "notes": [*notes],
        "foreign_keys_without_index": [key_json(key, budget) for key in planned.keys],
    }
    report = replace(report, notes=(*report.notes, *notes), plans=facts)
    return _with_findings(settings, report, planned, budget)


def _explain(settings: Settings, report: CheckReport, statistics: Statistics) -> Planned:
    """Explain every query that the check found right."""
    from codezest_sql.actions.queries.plan_database import PlanDatabase  # noqa: PLC0415  # after mistakes of the files

    right = {(str(each["file"]), each["name"]) for file in report.files for each in file.queries}
    plans: list[QueryPlan] = []
    with PlanDatabase(settings, MigrationSources(settings), statistics) as database:
        explaining = _Explaining(database)
        for file in read_query_folder(Path(settings.queries)):
            queries = read_queries(file.data, file=file.path, dialect=settings.dialect.of(file.name)).queries
            plans.extend(explaining.plan(file.name, each) for each in queries if (file.path, each.name) in right)
        keys = tuple(without_index(*database.foreign_keys))
        relations = database.tables
    tables = frozenset(
        each.relation.root
        for each in relations.values()
        if each.relation.kind != "i" and each.relation.name not in LEDGER_TABLES
    )
    return Planned(tuple(plans), keys, relations, tables)


class _Explaining:
    """Explains queries, variant by variant."""

    def __init__(self, database: PlanDatabase) -> None:
        self._database = database
        tables = [each.relation for each in database.tables.values() if each.relation.kind != "i"]
        self._roots = {(each.schema, each.name): each.root for each in tables}
        # A partition may be older than the table that it was attached to.
        self._names = {each.root: each.name for each in sorted(tables, key=lambda each: each.kind == "p")}
        self._rows = rows_of_tables(database.tables.values())

    def plan(self, file: str, query: Query) -> QueryPlan:
        cost = 0.0
        scans: dict[str, TableScan] = {}
        for variant in variants(query):
            said = self._database.explain(variant.text, len(variant.parameters))
            if isinstance(said, str):
                return QueryPlan(file, query, refusal=said)
            cost = max(cost, said.cost)
            for scan in said.scans:
                self._add(scans, scan.schema, scan.table, scan.condition, variant)
        return QueryPlan(file, query, cost, tuple(scans.values()))

    def _add(
        self, scans: dict[str, TableScan], schema: str, table: str, condition: str | None, variant: Variant
    ) -> None:
        # Tables of the system and of extensions do not count here.
        root = self._roots.get((schema, table))
        if root is not None:
            scans.setdefault(root, TableScan(root, self._names[root], self._rows[root], condition, variant))


def _with_findings(settings: Settings, report: CheckReport, planned: Planned, budget: Budget) -> CheckReport:
    severities = {**PLAN_POLICIES, **dict(settings.policies)}
    by_file: dict[str, list[QueryPlan]] = {}
    for plan in planned.plans:
        by_file.setdefault(plan.query.file, []).append(plan)

    def with_plan(file: FileReport) -> FileReport:
        plans = by_file.get(file.file, [])
        facts = {plan.query.name: plan_json(plan, budget) for plan in plans}
        problems = [
            _problem(plan.query, finding, severity)
            for plan in plans
            for finding in query_findings(plan, budget, settings.large_table_rows)
            if (severity := severities[finding.policy]) is not Severity.OFF
        ]
        merged = sorted((*file.problems, *problems), key=lambda problem: (problem.line, problem.column))
        queries = tuple({**query, "plan": facts.get(str(query["name"]))} for query in file.queries)
        return FileReport(file.file, queries, tuple(merged))

    keys = [
        _key_problem(key_finding(key, planned.rows_of(key)), severities["missing-index"])
        for key in planned.keys
        if key.id not in budget.foreign_keys and severities["missing-index"] is not Severity.OFF
    ]
    files = tuple(with_plan(file) for file in report.files)
    return replace(report, files=files, problems=(*report.problems, *keys))


def _problem(query: Query, finding: PlanFinding, severity: Severity) -> Problem:
    source = query.source
    offset = finding.offset
    if offset is None:
        offset = source.line_starts[query.place.line - 1] + query.place.column - 1
    error = source.mistake(QueryPolicyError, offset, finding.message, finding.hint)
    return Problem.of(error, severity, code=finding.policy)


def _key_problem(finding: PlanFinding, severity: Severity) -> Problem:
    return Problem(severity, finding.policy, finding.message, "", hint=finding.hint)


def _statistics(settings: Settings) -> Statistics | None:
    path = Path(settings.statistics)
    text = _read(path)
    return None if text is None else read_statistics(text, file=show_path(path))


def _budget(settings: Settings) -> Budget | None:
    path = Path(settings.plans)
    text = _read(path)
    return None if text is None else read_budget(text, file=show_path(path))


def _read(path: Path) -> str | None:
    shown = show_path(path)
    try:
        return decode(path.read_bytes(), file=shown)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(shown)) from None


def _write(settings: Settings, budget: Budget) -> str:
    path = Path(settings.plans)
    shown = show_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, write_budget(budget).encode(errors="surrogateescape"))
    except OSError as error:
        raise PlanBudgetError(f"cannot be written: {error.strerror}", place=Place(shown)) from None
    scans = sum(len(each.scans) for each in budget.queries.values())
    said = [
        counted(len(budget.queries), "cost", "costs"),
        counted(scans, "sequential scan", "sequential scans"),
        counted(len(budget.foreign_keys), "foreign key without an index", "foreign keys without an index"),
    ]
    return f"wrote {shown}: accepted {said[0]}, {said[1]} and {said[2]}"
