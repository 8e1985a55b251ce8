"""The files of a folder to the migrations they make up, in the order in which they run."""

from __future__ import annotations

import heapq
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.migration_file import Migration, Script, read_script
from codezest_sql.core.source import Place, excerpt
from codezest_sql.core.suggestion import did_you_mean
from codezest_sql.errors import (
    CodezestError,
    DependencyError,
    DirectiveError,
    FileNameError,
    FolderError,
    ProjectErrors,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from codezest_sql.core.directives import Directives

ROLLBACK_SUFFIX = ".rollback.sql"
# The ledger's column is VARCHAR(255); yoyo would fail in the middle of a run.
_LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it lies in the folder: its name, its path for messages, and its bytes."""

    name: str
    path: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MigrationFolder:
    """All migrations of a folder in the order in which they run, and what a person should know of them."""

    path: str
    migrations: tuple[Migration, ...]
    notes: tuple[str, ...] = ()

    def find(self, migration_id: str) -> Migration | None:
        """Return the migration of that id."""
        return next((migration for migration in self.migrations if migration.id == migration_id), None)


def assemble(files: Iterable[FoundFile], *, folder: str) -> MigrationFolder:
    """Return the migrations that the files of ``folder`` make up.

    ``X.sql`` is a migration of the id ``X``, ``X.rollback.sql`` beside it undoes it; files with other endings
    are not looked at. Raises ``ProjectErrors`` with every mistake of every file: see ``read_script``, and
    unusable names, rollback files without a migration, unknown and circular dependencies, an empty folder.
    """
    errors: list[CodezestError] = []
    ups: dict[str, FoundFile] = {}
    downs: dict[str, FoundFile] = {}
    for file in sorted(files, key=lambda found: found.name):
        problem = _name_problem(file)
        if problem:
            errors.append(problem)
        elif file.name.endswith(ROLLBACK_SUFFIX):
            downs[file.name.removesuffix(ROLLBACK_SUFFIX)] = file
        elif file.name.endswith(".sql"):
            ups[file.name.removesuffix(".sql")] = file
    errors.extend(_same_names(ups.values()))
    for migration_id, file in downs.items():
        if migration_id not in ups:
            hint = did_you_mean(f"{migration_id}.sql", (found.name for found in ups.values()))
            errors.append(
                FileNameError(
                    f"there is no {migration_id}.sql that this file would roll back",
                    place=Place(file.path),
                    hint=hint or f"name it like its migration, with {ROLLBACK_SUFFIX}",
                )
            )
    if not ups and not errors:
        errors.append(
            FolderError(
                f"no migration in {folder}",
                hint='write one with "codezest-sql migrate new TITLE", or name another folder with --migrations',
            )
        )
    migrations = _read(ups, downs, errors)
    errors.extend(_unknown_dependencies(migrations, known=ups.keys()))
    ordered: tuple[Migration, ...] = ()
    if not errors:
        try:
            ordered = in_order(migrations)
        except DependencyError as error:
            errors.append(error)
    if errors:
        raise ProjectErrors(sorted(errors, key=lambda error: error.place or Place("")))
    notes = [note for migration in ordered for note in _notes(migration)]
    return MigrationFolder(folder, ordered, (*notes, *_number_notes([migration.id for migration in ordered])))


def in_order(migrations: Iterable[Migration]) -> tuple[Migration, ...]:
    """Return the migrations with each after all it depends on, otherwise lexicographic by id.

    Kahn's algorithm over a heap of ids: among those that could run next, the smallest id does, which is the
    order of yoyo's ``topological_sort`` over a sorted folder (held by a contract test). Raises
    ``DependencyError`` for a cycle, naming its members in order.
    """
    by_id = {migration.id: migration for migration in migrations}
    waiting = {migration.id: {name for name in migration.depends if name in by_id} for migration in by_id.values()}
    followers: dict[str, list[str]] = {}
    for migration_id, names in waiting.items():
        for name in names:
            followers.setdefault(name, []).append(migration_id)
    ready = [migration_id for migration_id, names in waiting.items() if not names]
    heapq.heapify(ready)
    ordered: list[Migration] = []
    while ready:
        migration_id = heapq.heappop(ready)
        ordered.append(by_id[migration_id])
        for follower in followers.get(migration_id, ()):
            waiting[follower].discard(migration_id)
            if not waiting[follower]:
                heapq.heappush(ready, follower)
    if len(ordered) < len(by_id):
        raise _cycle(by_id, waiting)
    return tuple(ordered)


def _cycle(by_id: dict[str, Migration], waiting: dict[str, set[str]]) -> DependencyError:
    """Walk from a migration that waits along what it waits for, until one comes round again."""
    current = min(migration_id for migration_id, names in waiting.items() if names)
    path: list[str] = []
    while current not in path:
        path.append(current)
        current = min(name for name in waiting[current] if waiting[name])
    circle = [*path[path.index(current) :], current]
    migration = by_id[circle[0]]
    place = migration.place_of(circle[1])
    return DependencyError(
        f"dependencies go round in a circle: {' → '.join(circle)}",
        place=place,
        source=excerpt(migration.up.text, place),
        hint="remove one of these dependencies",
    )


def _read(
    ups: dict[str, FoundFile], downs: dict[str, FoundFile], errors: list[CodezestError]
) -> tuple[Migration, ...]:
    migrations: list[Migration] = []
    for migration_id, file in ups.items():
        transactional = True
        try:
            read = read_script(file.data, file=file.path)
            transactional = read.script.transactional
        except ProjectErrors as error:
            read = None
            errors.extend(error.errors)
        down: Script | None = None
        if migration_id in downs:
            found = downs[migration_id]
            try:
                # As in yoyo, a rollback runs the way its migration does, unless its own header says otherwise.
                undo = read_script(found.data, file=found.path, transactional=transactional)
                down = undo.script
                errors.extend(_depending_rollback(undo.directives, down))
            except ProjectErrors as error:
                errors.extend(error.errors)
        if read:
            migrations.append(
                Migration(migration_id, read.script, down, read.directives.depends, read.directives.depends_places)
            )
    return tuple(migrations)


def _depending_rollback(directives: Directives, script: Script) -> list[CodezestError]:
    """A rollback's order is its migration's, reversed: a dependency of its own would be lost in silence."""
    return [
        DirectiveError(
            "a rollback file has no dependencies of its own",
            place=place,
            hint="remove the line: files are undone in the reverse of their order",
            source=excerpt(script.text, place),
        )
        for place in directives.depends_places[:1]
    ]


def _name_problem(file: FoundFile) -> FileNameError | None:
    """Return why this name cannot be a migration's, for files that look like one."""
    name, place = file.name, Place(file.path)
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.lower() not in ("sql", "py"):
        return None
    if ending == "py":
        return FileNameError(
            "migrations in Python are not run: the source of truth is SQL", place=place, hint="write it in SQL"
        )
    if ending != "sql" or (stem.lower().endswith(".rollback") and not stem.endswith(".rollback")):
        parts = re.fullmatch(r"(?is)(.*?)(?:(\.rollback))?\.sql", name)
        lower = f"{parts[1]}{ROLLBACK_SUFFIX if parts[2] else '.sql'}" if parts else name
        return FileNameError("file endings are in lower case", place=place, hint=f"rename it to {lower}")
    migration_id = stem.removesuffix(".rollback")
    if migration_id.startswith("post-apply"):
        return FileNameError(
            "yoyo's post-apply hooks are not run",
            place=place,
            hint="make it a migration, or run it after codezest-sql",
        )
    if not migration_id:
        return FileNameError("the file has no name before its ending", place=place, hint="name it 0001_title.sql")
    if any(character.isspace() or not character.isprintable() for character in migration_id):
        return FileNameError(
            "a migration's name holds no white space or control characters: -- depends: separates names by spaces",
            place=place,
            hint="use _ instead",
        )
    if len(migration_id) > _LONGEST_ID:
        return FileNameError(
            f"the name is longer than {_LONGEST_ID} characters, which the ledger cannot hold",
            place=place,
            hint="shorten it",
        )
    return None


def _same_names(files: Iterable[FoundFile]) -> list[CodezestError]:
    """Find ids that one file system keeps apart and another does not (letter case, Unicode forms)."""
    seen: dict[str, FoundFile] = {}
    errors: list[CodezestError] = []
    for file in files:
        key = unicodedata.normalize("NFC", file.name).casefold()
        if key in seen:
            errors.append(
                FileNameError(
                    f"the same migration as {seen[key].name} on a file system that ignores letter case",
                    place=Place(file.path),
                    hint="rename one of them",
                )
            )
        seen[key] = file
    return errors


def _unknown_dependencies(migrations: Sequence[Migration], *, known: Collection[str]) -> list[CodezestError]:
    """``known`` are the ids of all files, those with mistakes included: one mistake is told once."""
    errors: list[CodezestError] = []
    for migration in migrations:
        for name in migration.depends:
            if name in known:
                continue
            place = migration.place_of(name)
            hint = did_you_mean(name, known)
            if name.removesuffix(".sql") in known:
                hint = f"write {name.removesuffix('.sql')}, without the ending"
            errors.append(
                DependencyError(
                    f"depends on {name}, of which there is no file",
                    place=place,
                    source=excerpt(migration.up.text, place),
                    hint=hint or "name a migration of this folder",
                )
            )
    return errors


def _notes(migration: Migration) -> tuple[str, ...]:
    return (*migration.up.notes, *(migration.down.notes if migration.down else ()))


def _number_notes(ids: Sequence[str]) -> list[str]:
    """Warn of numbers whose lexicographic order is not their numeric one, and of numbers used twice."""
    numbers = [(match[0], name) for name in ids if (match := re.match(r"\d+", name))]
    notes: list[str] = []
    widths = {len(number) for number, _ in numbers}
    if len(widths) > 1:
        shortest = next(name for number, name in numbers if len(number) == min(widths))
        longest = next(name for number, name in numbers if len(number) == max(widths))
        notes.append(
            f"numbers of different widths ({shortest}, {longest}): "
            "files run in the order of their names, in which 10 comes before 2"
        )
    first: dict[str, str] = {}
    for number, name in numbers:
        if number in first:
            notes.append(f"two migrations have the number {number}: {first[number]} and {name}")
        first.setdefault(number, name)
    return notes
