"""The names of a folder's files to the files of each migration, and what is wrong with names. Looks into no file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.file_group import MigrationFiles
from codezest_sql.core.migrations.files.layout import (
    Layout,
    Role,
    down_name,
    flyway_problem,
    metadata_of,
    name_problem,
    postgrator_role,
    read_name,
    up_name,
)
from codezest_sql.core.migrations.files.undo_names import runs_only_sometimes, undone_by
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.text.suggestion import nearest
from codezest_sql.errors import CodezestError, FileNameError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from codezest_sql.core.migrations.files.layout import FoundFile


@dataclass(slots=True)
class SortedOut:
    """The files of a folder put together by their names: each migration, and what is wrong with names.

    ``down_errors`` are about files that undo something: nothing runs them on the way up.
    """

    migrations: list[MigrationFiles] = field(default_factory=list[MigrationFiles])
    errors: list[CodezestError] = field(default_factory=list[CodezestError])
    down_errors: list[CodezestError] = field(default_factory=list[CodezestError])


def sort_out(files: Sequence[FoundFile], *, as_sql: Collection[str] = ()) -> SortedOut:
    """Group the files of each migration by their names alone; each in ``as_sql`` is a migration of its own."""
    result = SortedOut()
    stems = [file.name.removesuffix(".sql") for file in files if "/" not in file.name and file.name.endswith(".sql")]
    named = _roles(files, stems, as_sql, result.errors)
    doubts = _doubts([(file, role) for file, role in named if file.name not in as_sql])
    ups = [(file, role) for file, role in named if role.direction is Direction.UP]
    result.errors.extend(_same_ids(ups))
    result.errors.extend(_same_versions(ups))
    downs: dict[tuple[object, ...], FoundFile] = {}
    down_errors: dict[tuple[object, ...], list[CodezestError]] = {}
    for file, role in named:
        if role.direction is Direction.UP:
            continue
        if role.pair in downs:
            twice = _twice(file, downs[role.pair], f"both undo version {_dotted(role.version)}")
            down_errors.setdefault(role.pair, []).append(twice)
        elif all(up.pair != role.pair for _, up in ups):
            result.down_errors.append(_nothing_to_undo(file, role, ups))
        downs[role.pair] = file
    metadata = {name: file for file in files if (name := metadata_of(file.name))}
    result.migrations = [
        MigrationFiles(
            role.id,
            role.layout,
            file,
            downs.get(role.pair),
            metadata.get(role.id),
            file.name in as_sql,
            (doubts[file.name],) if file.name in doubts else (),
            tuple(down_errors.get(role.pair, ())),
        )
        for file, role in ups
    ]
    return result


def _roles(
    files: Sequence[FoundFile], stems: Sequence[str], as_sql: Collection[str], errors: list[CodezestError]
) -> list[tuple[FoundFile, Role]]:
    """Return what each SQL file is."""
    postgrator = any((role := postgrator_role(stem)) and role.direction is Direction.UP for stem in stems)
    named: list[tuple[FoundFile, Role]] = []
    for file in files:
        problem = name_problem(file.name, path=file.path)
        role = read_name(file.name)
        if problem:
            errors.append(problem)
        elif file.name in as_sql:
            named.append((file, Role(file.name.removesuffix(".sql"), Direction.UP, Layout.PLAIN)))
        elif role and role.layout is Layout.PLAIN and postgrator:
            named.append((file, postgrator_role(role.id) or role))
        elif role:
            named.append((file, role))
    return named


def _doubts(named: Sequence[tuple[FoundFile, Role]]) -> dict[str, CodezestError]:
    """Return file name → why another tool would not run a file of this name as a migration.

    A file that has a file to undo it is a migration, whatever its title.
    """
    stems = [file.name.removesuffix(".sql") for file, role in named if role.direction is Direction.UP]
    undone = {role.pair for _, role in named if role.direction is Direction.DOWN}
    of_flyway = any(role.layout is Layout.FLYWAY and role.direction is Direction.UP for _, role in named)
    doubts: dict[str, CodezestError] = {}
    for file, role in named:
        problem = flyway_problem(role, path=file.path) if of_flyway else None
        may_undo = role.layout is Layout.PLAIN and role.direction is Direction.UP and role.pair not in undone
        if problem is None and may_undo:
            problem = _undoes_or_repeats(file, stems)
        if problem:
            doubts[file.name] = problem
    return doubts


def _undoes_or_repeats(file: FoundFile, stems: Sequence[str]) -> FileNameError | None:
    """Return why a plain file is no migration for the tool whose name it bears."""
    stem = file.name.removesuffix(".sql")
    other = undone_by(stem, stems)
    if other is not None:
        return FileNameError(
            f"by its name it undoes {other}.sql, and would run as a migration",
            place=Place(file.path),
            hint=f"{other}.sql is undone by {other}.rollback.sql: rename it; if it is a migration, give it another "
            'name, or the header "-- codezest: plain"',
        )
    word = runs_only_sometimes(stem)
    if word is not None:
        return FileNameError(
            f"its name has {word}: other tools run such a file repeatedly, or in one environment only",
            place=Place(file.path),
            hint="a migration runs once, everywhere: move it out of the folder, rename it, "
            'or give it the header "-- codezest: plain"',
        )
    return None


def _nothing_to_undo(file: FoundFile, role: Role, ups: Sequence[tuple[FoundFile, Role]]) -> FileNameError:
    """Return which file is missing for a file that undoes something, or how to rename it."""
    expected = up_name(role.layout, role.id)
    hint = f"name it like its migration, with {file.name.removeprefix(role.id)}"
    if role.layout is Layout.FLYWAY:
        expected, hint = f"V{_dotted(role.version)}__….sql", "give it the version of the file that it undoes"
    elif role.layout is Layout.POSTGRATOR:
        expected, hint = f"{_dotted(role.version)}.do.….sql", "give it the number of the file that it undoes"
    elif role.layout is Layout.FOLDER:
        expected, hint = f"{expected} or migration.sql", "write it; up.sql does what down.sql undoes"
    # By their ids: the equal endings would make unrelated names similar.
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
    """Find versions of Flyway's or postgrator's that two files have: which one is undone would be unknown."""
    seen: dict[tuple[object, ...], FoundFile] = {}
    errors: list[CodezestError] = []
    for file, role in ups:
        if role.version:
            if role.pair in seen:
                errors.append(_twice(file, seen[role.pair], f"both have the version {_dotted(role.version)}"))
            seen[role.pair] = file
    return errors


def _twice(file: FoundFile, other: FoundFile, why: str) -> FileNameError:
    return FileNameError(
        f"{other.name} and {file.name}: {why}", place=Place(file.path), hint="rename or remove one of them"
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
