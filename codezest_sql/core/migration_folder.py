"""The files of a folder to the migrations they make up, in the order in which they run."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.folder_layout import (
    METADATA_NAME,
    Layout,
    Role,
    down_name,
    flyway_problem,
    name_problem,
    read_name,
    up_name,
)
from codezest_sql.core.history import Direction
from codezest_sql.core.migration_order import in_order, is_by_number, number_notes, unknown_dependencies
from codezest_sql.core.migration_reading import MigrationFiles, read_migration
from codezest_sql.core.source import Place
from codezest_sql.core.suggestion import nearest
from codezest_sql.errors import CodezestError, DependencyError, FileNameError, FolderError, ProjectErrors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.core.migration_file import Migration
    from codezest_sql.core.settings import Order


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the folder: its name within it, with ``/`` where it lies deeper, its path for messages, its bytes."""

    name: str
    path: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MigrationFolder:
    """All migrations of a folder in the order in which they run, and what a person should know of them.

    ``files`` are (name within the folder, SHA-256 of its content) of every file that they are made of, in that order.
    """

    path: str
    migrations: tuple[Migration, ...]
    notes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def find(self, migration_id: str) -> Migration | None:
        """Return the migration of that id."""
        return next((migration for migration in self.migrations if migration.id == migration_id), None)


def assemble(files: Iterable[FoundFile], *, folder: str, order: Order = "auto") -> MigrationFolder:
    """Return the migrations that the files of ``folder`` make up.

    Which file is what is told by its name (``core/folder_layout.py``); files with other endings are not looked at.
    Raises ``ProjectErrors`` with every mistake of every file: see ``read_text``, and unusable names, rollback files
    without a migration, one id or one rollback twice, unknown and circular dependencies, an empty folder.
    """
    errors: list[CodezestError] = []
    found = sort_out(sorted(files, key=lambda file: file.name), errors)
    if not found and not errors:
        errors.append(
            FolderError(
                f"no migration in {folder}",
                hint='write one with "codezest-sql migrate new TITLE", or name another folder with --migrations',
            )
        )
    readings = [read_migration(each) for each in found]
    for reading in readings:
        errors.extend(reading.errors)
    migrations = [reading.migration for reading in readings if reading.migration]
    errors.extend(unknown_dependencies(migrations, known={each.id for each in found}))
    by_number = is_by_number(migrations, order)
    ordered: tuple[Migration, ...] = ()
    if not errors:
        try:
            ordered = in_order(migrations, by_number=by_number)
        except DependencyError as error:
            errors.append(error)
    if errors:
        raise ProjectErrors(sorted(errors, key=lambda error: error.place or Place("")))
    notes = [note for migration in ordered for note in _notes(migration)]
    sums = {reading.migration.id: reading.sums for reading in readings if reading.migration}
    return MigrationFolder(
        folder,
        ordered,
        (*notes, *number_notes(ordered, by_number=by_number)),
        tuple(item for migration in ordered for item in sums[migration.id].items()),
    )


def sort_out(files: Sequence[FoundFile], errors: list[CodezestError]) -> list[MigrationFiles]:
    """Put the files of each migration together, by their names alone."""
    named: list[tuple[FoundFile, Role]] = []
    metadata: dict[str, FoundFile] = {}
    for file in files:
        problem = name_problem(file.name, path=file.path)
        role = read_name(file.name)
        if problem:
            errors.append(problem)
        elif role:
            named.append((file, role))
        elif file.name.endswith(f"/{METADATA_NAME}"):
            metadata[file.name.rpartition("/")[0]] = file
    if any(role.layout is Layout.FLYWAY and role.direction is Direction.UP for _, role in named):
        strangers = {file.name: flyway_problem(role, path=file.path) for file, role in named}
        errors.extend(problem for problem in strangers.values() if problem)
        named = [(file, role) for file, role in named if not strangers[file.name]]
    ups = [(file, role) for file, role in named if role.direction is Direction.UP]
    downs: dict[tuple[object, ...], FoundFile] = {}
    errors.extend(_same_ids(ups))
    errors.extend(_same_versions(ups))
    for file, role in named:
        if role.direction is Direction.UP:
            continue
        if role.pair in downs:
            errors.append(_twice(file, downs[role.pair], f"both undo version {_dotted(role.version)}"))
        elif all(up.pair != role.pair for _, up in ups):
            errors.append(_nothing_to_undo(file, role, ups))
        downs[role.pair] = file
    return [
        MigrationFiles(role.id, role.layout, file, downs.get(role.pair), metadata.get(role.id)) for file, role in ups
    ]


def _nothing_to_undo(file: FoundFile, role: Role, ups: Sequence[tuple[FoundFile, Role]]) -> FileNameError:
    """Say what is missing beside a file that undoes something, or how it is to be called."""
    expected = up_name(role.layout, role.id)
    hint = f"name it like its migration, with {file.name.removeprefix(role.id)}"
    if role.layout is Layout.FLYWAY:
        expected, hint = f"V{_dotted(role.version)}__….sql", "give it the version of the file that it undoes"
    elif role.layout is Layout.FOLDER:
        expected, hint = f"{expected} or migration.sql", "write it; up.sql does what down.sql undoes"
    # By their ids: the endings, being the same, would make strangers alike.
    alike = None if role.layout is Layout.FOLDER else nearest(role.id, (other.id for _, other in ups))
    meant = next((f"did you mean {up.name}?" for up, other in ups if other.id == alike), None)
    for up, other in ups:
        if role.id in (other.id, up.name.removesuffix(".sql")):
            meant = f"{up.name} is undone by {down_name(other.layout, other.id)}"
    return FileNameError(
        f"there is no {expected} that this file would roll back", place=Place(file.path), hint=meant or hint
    )


def _same_ids(ups: Iterable[tuple[FoundFile, Role]]) -> list[CodezestError]:
    """Find ids that two files have, or that one file system keeps apart and another does not.

    Those differ in letter case, or in Unicode's composed and decomposed forms.
    """
    seen: dict[str, tuple[FoundFile, Role]] = {}
    errors: list[CodezestError] = []
    for file, role in ups:
        key = unicodedata.normalize("NFC", role.id).casefold()
        if key in seen:
            other, other_role = seen[key]
            if other_role.id == role.id:
                errors.append(_twice(file, other, f"both have the id {role.id}"))
            else:
                errors.append(
                    FileNameError(
                        f"the same migration as {other.name} on a file system that ignores letter case",
                        place=Place(file.path),
                        hint="rename one of them",
                    )
                )
        seen[key] = (file, role)
    return errors


def _same_versions(ups: Iterable[tuple[FoundFile, Role]]) -> list[CodezestError]:
    """Find Flyway's versions that two files have: which of them the U file undoes, nobody could say."""
    seen: dict[tuple[int, ...], FoundFile] = {}
    errors: list[CodezestError] = []
    for file, role in ups:
        if role.layout is Layout.FLYWAY:
            if role.version in seen:
                errors.append(_twice(file, seen[role.version], f"both have the version {_dotted(role.version)}"))
            seen[role.version] = file
    return errors


def _twice(file: FoundFile, other: FoundFile, why: str) -> FileNameError:
    return FileNameError(
        f"{other.name} and {file.name}: {why}", place=Place(file.path), hint="rename or remove one of them"
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _notes(migration: Migration) -> tuple[str, ...]:
    return (*migration.up.notes, *(migration.down.notes if migration.down else ()))
