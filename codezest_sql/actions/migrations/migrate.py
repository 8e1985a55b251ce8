"""Apply, undo, plan, look at and repair migrations: read files and history, plan in ``core``, run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from codezest_sql import ledger
from codezest_sql.actions.migrations.folder import read_doubtful_folder
from codezest_sql.core.migrations import plan as planning
from codezest_sql.core.migrations.applied_files import settle
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan_report import PlanReport
from codezest_sql.core.migrations.run_report import RunReport, StepReport
from codezest_sql.errors import UsageError
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors
from codezest_sql.postgres.url import normalise_url, refuse_pooler_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.actions.project.target import Target
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.history import History
    from codezest_sql.core.migrations.plan import Plan
    from codezest_sql.core.migrations.repair_report import RepairReport  # start-up time
    from codezest_sql.core.migrations.status import MigrationStatus, StatusReport
    from codezest_sql.executor.observer import Observer


def up(
    target: Target,
    *,
    observer: Observer,
    to: str | None = None,
    plan_sha256: str | None = None,
    dry_run: bool = False,
    allow_out_of_order: bool = False,
) -> RunReport:
    """Apply what is pending, and return what was applied.

    The history is read twice: before the lock, since most runs find nothing to do and need no lock for that,
    and under it, since another deployer may have done the work meanwhile. Raises the errors of ``read_folder``,
    ``plan_up``, ``require_plan`` and ``Deployer``.
    """

    def make_plan(folder: MigrationFolder, history: History) -> Plan:
        plan = planning.plan_up(folder, history, to=to, allow_out_of_order=allow_out_of_order)
        if plan_sha256 is not None:
            planning.require_plan(plan, plan_sha256)
        return plan

    return _run(target, make_plan, observer=observer, dry_run=dry_run)


def down(
    target: Target,
    *,
    observer: Observer,
    confirm: Callable[[tuple[str, ...], str], bool],
    steps: int = 1,
    to: str | None = None,
    dry_run: bool = False,
) -> RunReport:
    """Undo the last ``steps`` migrations, or all after ``to``, once ``confirm`` agrees to (their ids, the database).

    Raises what ``up`` raises, and ``ProjectErrors`` where a rollback file is missing.
    """

    def make_plan(folder: MigrationFolder, history: History) -> Plan:
        return planning.plan_down(folder, history, steps=steps, to=to)

    return _run(target, make_plan, observer=observer, dry_run=dry_run, confirm=confirm)


def redo(
    target: Target,
    *,
    observer: Observer,
    confirm: Callable[[tuple[str, ...], str], bool],
    steps: int = 1,
    dry_run: bool = False,
) -> RunReport:
    """Undo the last ``steps`` migrations and apply their files again, after ``confirm`` returns True.

    A file that was edited since is applied with its current content, and a note. Raises what ``down`` raises.
    """

    def make_plan(folder: MigrationFolder, history: History) -> Plan:
        return planning.plan_redo(folder, history, steps=steps)

    return _run(target, make_plan, observer=observer, dry_run=dry_run, confirm=confirm)


def status(target: Target) -> StatusReport:
    """Return the state of every migration of the folder and of the ledger. Takes no lock, writes nothing."""
    from codezest_sql.core.migrations.status import StatusReport, statuses  # noqa: PLC0415  # start-up time

    folder = read_doubtful_folder(target.settings)
    url = target.url()
    history = _read(target, url, purpose="status")
    folder = settle(folder, history)
    lines, errors = statuses(folder, history)
    return StatusReport(target.describe(url), lines, (*folder.notes, *_yoyo_notes(lines)), errors)


def plan(target: Target, *, to: str | None = None, allow_out_of_order: bool = False) -> PlanReport:
    """Return what ``up`` would run now. Takes no lock, writes nothing."""
    folder = read_doubtful_folder(target.settings)
    url = target.url()
    history = _read(target, url, purpose="plan")
    folder = settle(folder, history)
    found = planning.plan_up(folder, history, to=to, allow_out_of_order=allow_out_of_order)
    return PlanReport(target.describe(url), found, folder.notes)


def repair(target: Target, *, done: bool = False, again: bool = False) -> RepairReport:
    """Return what is half run; with ``done`` or ``again``, note first what became of the unfinished statement.

    Raises ``UsageError`` if no statement needs it: ``up`` and ``down`` find out on their own
    what became of most statements, and a person's word must not make an INVALID index a finished one.
    """
    from codezest_sql.core.migrations.repair_report import RepairReport  # noqa: PLC0415  # start-up time
    from codezest_sql.executor.deployer import Deployer  # noqa: PLC0415  # only for a repair that writes
    from codezest_sql.executor.observer import Silent  # noqa: PLC0415

    url = target.url()
    database = target.describe(url)
    if not (done or again):
        return RepairReport(database, _read(target, url, purpose="repair").journal)
    with Deployer(url, target.settings, observer=Silent(), purpose="repair") as deployer:
        running = [entry for entry in deployer.history().journal if entry.needs_decision]
        if not running:
            raise UsageError(
                "no statement needs a decision", hint='"codezest-sql migrate up" or "down" continues on its own'
            )
        for entry in running:
            deployer.resolve(entry, done=done)
        return RepairReport(database, deployer.history().journal, repaired=tuple(running))


def _run(
    target: Target,
    make_plan: Callable[[MigrationFolder, History], Plan],
    *,
    observer: Observer,
    dry_run: bool,
    confirm: Callable[[tuple[str, ...], str], bool] | None = None,
) -> RunReport:
    doubtful = read_doubtful_folder(target.settings)
    url = target.url()
    database = target.describe(url)
    if not dry_run:
        refuse_pooler_host(normalise_url(url))
    history = _read(target, url, purpose="migrate")
    folder = settle(doubtful, history)
    planned = make_plan(folder, history)
    notes = (
        *folder.notes,
        *(f"{each} was edited since it was applied" for each in planning.edited(folder, history, planned)),
    )
    if dry_run:
        return RunReport(database, (), notes, planned)
    if not planned.steps:
        return RunReport(database, (), notes)
    undone = tuple(step.migration.id for step in planned.steps if step.direction is Direction.DOWN)
    if confirm is not None and not confirm(undone, database):
        return RunReport(database, (), (*notes, "nothing was run: not confirmed"))

    from codezest_sql.executor.deployer import Deployer  # noqa: PLC0415  # a run with nothing to do needs none

    done: list[StepReport] = []
    with Deployer(url, target.settings, observer=observer) as deployer:
        now = deployer.history()
        under_lock = make_plan(settle(doubtful, now), now)
        if confirm is not None and under_lock.sha256 != planned.sha256:
            raise UsageError(
                "another deployer changed what would be rolled back", hint="look at it, and run the command again"
            )
        for step in under_lock.steps:
            began = time.perf_counter()
            deployer.run(step)
            done.append(StepReport(step.migration.id, step.direction, time.perf_counter() - began))
    return RunReport(database, tuple(done), notes)


def _read(target: Target, url: str, *, purpose: str) -> History:
    """Read the ledger over a connection of its own, which may be a pooled one: it sets nothing in the session."""
    connection = connect(url, purpose=purpose)
    try:
        with server_errors("read the ledger"), connection.transaction():
            bound_waiting(connection, target.settings.lock_timeout, local=True)
            return ledger.read_history(connection)
    finally:
        connection.close()


def _yoyo_notes(lines: tuple[MigrationStatus, ...]) -> tuple[str, ...]:
    foreign = [line.id for line in lines if line.state == "applied" and line.sha256 is None]
    if not foreign:
        return ()
    return (f"applied by yoyo itself, so that their content cannot be checked: {', '.join(foreign)}",)
