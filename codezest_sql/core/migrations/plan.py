"""Files and history to a plan: what runs, in which order, or why nothing may. Never runs anything."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.layout import MARKERS, Layout, down_name, id_of, up_name
from codezest_sql.core.migrations.history import Direction, History
from codezest_sql.core.text.decode import composed
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import (
    CodezestError,
    EditedMigrationError,
    HalfRunError,
    IntegrityErrors,
    IrreversibleError,
    MissingMigrationError,
    OutOfOrderError,
    PlanChangedError,
    ProjectErrors,
    RenamedMigrationError,
    RollbackMissingError,
    UsageError,
)
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration, Script


@dataclass(frozen=True, slots=True)
class Step:
    """One migration, one way."""

    migration: Migration
    direction: Direction

    @property
    def script(self) -> Script:
        """The script that this step runs. A step down is planned only where there is one."""
        if self.direction is Direction.UP:
            return self.migration.up
        if self.migration.down is None:
            raise no_way_back(self.migration)
        return self.migration.down


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one run, in order."""

    steps: tuple[Step, ...] = ()

    @property
    def sha256(self) -> str:
        """A name for exactly these steps with exactly this content, 64 hexadecimal digits."""
        steps: list[list[str]] = []
        for step in self.steps:
            # Whether a file has a transaction may be set in another file (diesel's metadata.toml).
            how = [] if step.script.transactional else ["without a transaction"]
            steps.append([step.direction, step.migration.id, step.script.sha256, *how])
        return hashlib.sha256(json.dumps(["codezest-sql plan 1", steps]).encode()).hexdigest()


def check_history(folder: MigrationFolder, history: History) -> list[CodezestError]:
    """Return every disagreement between the files and what was applied: edited, renamed, swapped, missing."""
    errors: list[CodezestError] = []
    by_hash = {migration.up.sha256: migration for migration in folder.migrations}
    applied_hash = {entry.sha256: entry.id for entry in history.applied if entry.sha256}
    for entry in history.applied:
        migration = folder.find(entry.id)
        if migration is None:
            namesake = by_hash.get(entry.sha256 or "")
            if namesake and not history.has(namesake.id):
                errors.append(
                    RenamedMigrationError(
                        f"{entry.id} was applied on {entry.applied_at:%Y-%m-%d %H:%M} UTC; its content is "
                        f"{namesake.id} now",
                        place=Place(namesake.up.file),
                        hint=_rename_back(namesake, entry.id),
                    )
                )
            else:
                errors.append(
                    MissingMigrationError(
                        f"{entry.id} was applied on {entry.applied_at:%Y-%m-%d %H:%M} UTC, and there is no such "
                        f"file in {folder.path}",
                        hint="the database is ahead of this folder, or the file was deleted: "
                        "use the newer version of the project, or restore the file",
                    )
                )
        elif entry.sha256 and entry.sha256 != migration.up.sha256:
            other = applied_hash.get(migration.up.sha256)
            namesake = folder.find(other) if other else None
            swapped = namesake is None or namesake.up.sha256 != migration.up.sha256
            errors.append(
                EditedMigrationError(
                    f"holds what was applied as {other}: the files were reordered"
                    if other and swapped
                    else f"was edited after it was applied on {entry.applied_at:%Y-%m-%d %H:%M} UTC",
                    place=Place(migration.up.file),
                    hint="restore the file, and make the change in a new migration",
                )
            )
    return errors


def plan_up(
    folder: MigrationFolder, history: History, *, to: str | None = None, allow_out_of_order: bool = False
) -> Plan:
    """Return the steps that bring the database to the folder's newest migration, or to ``to``.

    Raises ``IntegrityErrors`` where files and history disagree or a pending file comes before an applied one
    (unless that is allowed), ``HalfRunError`` where a rollback stopped half way, ``UsageError`` for an unknown
    ``to``.
    """
    errors = check_history(folder, history)
    refuse_half_run(folder, history, Direction.DOWN)
    selected = folder.migrations
    if to is not None:
        target = resolve(folder, to)
        selected = selected[: selected.index(target) + 1]
    pending = [migration for migration in selected if not history.has(migration.id)]
    if not allow_out_of_order:
        errors.extend(out_of_order(folder, history, pending))
    if errors:
        raise IntegrityErrors(errors)
    _require_resumed(folder, history, Direction.UP, pending)
    return Plan(tuple(Step(migration, Direction.UP) for migration in pending))


def plan_down(folder: MigrationFolder, history: History, *, steps: int = 1, to: str | None = None) -> Plan:
    """Return the steps that undo the last ``steps`` migrations, or all that come after ``to``.

    "Last" is by the order of the files, as in yoyo. Raises ``IntegrityErrors``, ``HalfRunError`` and
    ``UsageError`` as ``plan_up`` does, and ``ProjectErrors`` where a migration has no rollback file
    or is irreversible.
    """
    errors = check_history(folder, history)
    if errors:
        raise IntegrityErrors(errors)
    refuse_half_run(folder, history, Direction.UP)
    if to is None:
        undone = _last_applied(folder, history, steps)
    else:
        applied = [migration for migration in folder.migrations if history.has(migration.id)]
        target = resolve(folder, to)
        if target not in applied:
            raise UsageError(f"{target.id} is not applied", hint='see "codezest-sql migrate status"')
        later = folder.migrations[folder.migrations.index(target) + 1 :]
        undone = [migration for migration in applied if migration in later]
    missing = [error for migration in undone if migration.down is None for error in unusable_rollback(migration)]
    if missing:
        raise ProjectErrors([*missing, *folder.down_errors])
    _require_resumed(folder, history, Direction.DOWN, undone)
    return Plan(tuple(Step(migration, Direction.DOWN) for migration in reversed(undone)))


def plan_redo(folder: MigrationFolder, history: History, *, steps: int = 1) -> Plan:
    """Return the steps that undo the last ``steps`` migrations and apply the files again, as they are now.

    A file that was edited since it was applied is what this is for, so that is no error here; every other
    disagreement is. Raises what ``plan_down`` raises.
    """
    undone = {migration.id for migration in _last_applied(folder, history, steps)}
    entries = tuple(replace(entry, sha256=None) if entry.id in undone else entry for entry in history.applied)
    down = plan_down(folder, replace(history, applied=entries), steps=steps)
    return Plan((*down.steps, *(Step(step.migration, Direction.UP) for step in reversed(down.steps))))


def edited(folder: MigrationFolder, history: History, plan: Plan) -> tuple[str, ...]:
    """Return the ids of the plan's migrations whose files are not what was applied."""
    applied = {entry.id: entry.sha256 for entry in history.applied}
    ids = dict.fromkeys(step.migration.id for step in plan.steps)
    return tuple(
        migration.id
        for migration in folder.migrations
        if migration.id in ids and applied.get(migration.id) not in (None, migration.up.sha256)
    )


def in_order_of_application(folder: MigrationFolder, history: History) -> tuple[Migration, ...]:
    """Return the applied migrations in the order of the ledger's times; for equal times, in the folder's order."""
    position = {migration.id: index for index, migration in enumerate(folder.migrations)}
    entries = [entry for entry in history.applied if entry.id in position]
    entries.sort(key=lambda entry: (entry.applied_at, position[entry.id]))
    return tuple(folder.migrations[position[entry.id]] for entry in entries)


def _last_applied(folder: MigrationFolder, history: History, steps: int) -> list[Migration]:
    if steps < 1:
        raise UsageError("--steps takes a number from 1 on")
    return [migration for migration in folder.migrations if history.has(migration.id)][-steps:]


def require_plan(plan: Plan, sha256: str) -> None:
    """Raise ``PlanChangedError`` unless ``sha256`` (whole, or its first 12 digits or more) names this plan.

    Nothing to run is within any plan: of two deployers with the same reviewed plan, the second finds it done.
    Raises ``UsageError`` for what is no such name.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{12,64}", sha256):
        raise UsageError(
            "--plan takes the name of a plan: 12 to 64 hexadecimal digits", hint='see "codezest-sql migrate plan"'
        )
    if plan.steps and not plan.sha256.startswith(sha256.lower()):
        raise PlanChangedError(
            f"what would run now is plan {plan.sha256[:12]}, not {sha256[:12]}",
            hint='look at "codezest-sql migrate plan" again: files or database changed since',
        )


def resolve(folder: MigrationFolder, name: str) -> Migration:
    """Return the migration that ``name`` means: its id, or a beginning that only one id has."""
    name = composed(name)
    exact = folder.find(name) or folder.find(id_of(name))
    if exact:
        return exact
    alike = [migration for migration in folder.migrations if migration.id.startswith(name)] if name else []
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise UsageError(
            f"{name} could mean {', '.join(migration.id for migration in alike[:5])}", hint="write more of the name"
        )
    raise UsageError(
        f"there is no migration {name!r}",
        hint=did_you_mean(name, (migration.id for migration in folder.migrations))
        or '"codezest-sql migrate status" lists them',
    )


def out_of_order(folder: MigrationFolder, history: History, pending: Sequence[Migration]) -> list[CodezestError]:
    """Return an error for each pending file that comes before an applied one.

    Elsewhere it ran in the order of the files: here the result may differ.
    """
    position = {migration.id: index for index, migration in enumerate(folder.migrations)}
    known = [entry for entry in history.applied if entry.id in position]
    last = max(known, key=lambda entry: position[entry.id], default=None)
    if last is None:
        return []
    return [
        OutOfOrderError(
            f"{migration.id} comes before {last.id}, which is applied already",
            place=Place(migration.up.file),
            hint=f"rename it so that it comes after {last.id}, or pass --allow-out-of-order",
        )
        for migration in pending
        if position[migration.id] < position[last.id]
    ]


def _require_resumed(
    folder: MigrationFolder, history: History, direction: Direction, planned: Sequence[Migration]
) -> None:
    """A half-run migration is finished before anything else runs: a plan without it is refused."""
    refuse_half_run(folder, history, direction, except_for={migration.id for migration in planned})


def refuse_half_run(
    folder: MigrationFolder, history: History, direction: Direction, *, except_for: Collection[str] = ()
) -> None:
    """Raise ``HalfRunError`` where a migration is half run in this direction: nothing else is done before it."""
    for entry in history.journal:
        if entry.direction is direction and entry.migration_id not in except_for:
            half, way_out = ("applied", "up") if direction is Direction.UP else ("rolled back", "down")
            migration = folder.find(entry.migration_id)
            raise HalfRunError(
                f"{entry.migration_id} is half {half}",
                place=Place(migration.up.file) if migration else None,
                hint=f'finish it with "codezest-sql migrate {way_out}", or see "codezest-sql migrate repair"',
            )


def unusable_rollback(migration: Migration) -> tuple[CodezestError, ...]:
    """Return why a migration cannot be undone."""
    return migration.down_errors or (no_way_back(migration),)


def no_way_back(migration: Migration) -> RollbackMissingError | IrreversibleError:
    """Return the error of a migration that cannot be undone."""
    if migration.irreversible:
        return IrreversibleError(
            f"{migration.id} is irreversible: {migration.irreversible}",
            place=Place(migration.up.file),
            hint=f"undo only what comes after it (migrate down --to {migration.id}), or restore a backup",
        )
    markers = MARKERS.get(migration.layout)
    if markers and migration.layout is not Layout.TERN:
        message = f"{migration.id} has no section {markers[Direction.DOWN]}"
        hint = "write it below the other; one with only a comment undoes nothing"
    else:
        message = f"{migration.id} has no rollback file"
        name = down_name(migration.layout, migration.id)
        hint = f"write {name} next to it; a file with only a comment undoes nothing"
    return RollbackMissingError(message, place=Place(migration.up.file), hint=hint)


def _rename_back(migration: Migration, migration_id: str) -> str:
    if migration.layout in {Layout.FOLDER, Layout.PRISMA}:
        return f"rename the folder back to {migration_id}"
    return f"rename the file back to {up_name(migration.layout, migration_id)}"
