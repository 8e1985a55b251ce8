"""The migration folder on disk: read whole, with its ``migrations.sum``; new files written whole or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.settings import is_installed, show_path
from codezest_sql.core import checksums
from codezest_sql.core.folder_layout import INNER_NAMES, METADATA_NAME
from codezest_sql.core.migration_folder import FoundFile, MigrationFolder, assemble
from codezest_sql.core.new_migration import new_files
from codezest_sql.core.source import Place
from codezest_sql.core.text_file import composed, decode
from codezest_sql.errors import (
    ChecksumMismatchError,
    CodezestError,
    FileNameError,
    FileUnreadableError,
    FolderError,
    IntegrityErrors,
    ProjectErrors,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from codezest_sql.core.settings import Settings


_CLOSE = 'when that is written, run "codezest-sql migrate hash"'


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The paths of the files that a command wrote, as messages show them."""

    paths: tuple[str, ...]


def read_folder(settings: Settings) -> MigrationFolder:
    """Return the migrations of the project; one file, as sqlc's ``schema.sql``, is a folder of one.

    Raises ``ProjectErrors`` with every mistake of every file, and ``IntegrityErrors`` where the folder has a
    ``migrations.sum`` that says otherwise.
    """
    path = Path(settings.migrations)
    if is_sql(path) and path.is_file():
        return assemble([read_one(path)], folder=show_path(path), order=settings.order)
    folder = assemble(read_files(path), folder=show_path(path), order=settings.order)
    unfinished = _check_sums(path, folder)
    if unfinished and settings.frozen:
        raise IntegrityErrors(
            ChecksumMismatchError(
                f"is not finished: its line in {checksums.FILE_NAME} is open, and --frozen was given",
                place=Place(f"{folder.path}/{name}"),
                hint=_CLOSE,
            )
            for name in unfinished
        )
    if not unfinished:
        return folder
    note = f"{folder.path}/{checksums.FILE_NAME}: not finished: {', '.join(unfinished)}; {_CLOSE}"
    return replace(folder, notes=(*folder.notes, note))


def write_sums(settings: Settings) -> WrittenFiles:
    """Write ``migrations.sum`` to fit the files as they are now."""
    path = _own_folder(settings)
    folder = assemble(read_files(path), folder=show_path(path), order=settings.order)
    return WrittenFiles((_write_sums(path, folder),))


def write_new(
    settings: Settings, title: str, *, transactional: bool = True, now: datetime | None = None
) -> WrittenFiles:
    """Write an empty migration and how to undo it, in the layout of the newest one, and ``migrations.sum``.

    The lines of the new files there are left open: they are still to be written.

    ``now`` (default: this moment, UTC) numbers a folder whose files are numbered by time. Raises
    ``UsageError`` for a title without a letter or digit; then nothing is written.
    """
    path = _own_folder(settings)
    files = read_files(path) if path.is_dir() else []
    folder: MigrationFolder | None = None
    unfinished: tuple[str, ...] = ()
    if files:
        folder = assemble(files, folder=show_path(path), order=settings.order)
        unfinished = _check_sums(path, folder)
    texts = new_files(folder, title, transactional=transactional, now=now or datetime.now(UTC))
    made: list[Path] = []
    try:
        for name, text in texts.items():
            file = path / name
            _make_folder(file.parent, made)
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                made.append(file)
                opened.write(text)
        sums = _write_sums(
            path,
            assemble(read_files(path), folder=show_path(path), order=settings.order),
            unfinished=(*unfinished, *texts),
        )
    except BaseException as error:
        for each in reversed(made):
            with suppress(OSError):
                each.rmdir() if each.is_dir() else each.unlink()
        if isinstance(error, OSError):
            raise FolderError(f"cannot write in {show_path(path)}: {error.strerror}") from None
        raise
    return WrittenFiles((*(show_path(path / name) for name in texts), sums))


def _own_folder(settings: Settings) -> Path:
    """Return the folder to write in. Raises ``UsageError`` for that of the installed package."""
    path = Path(settings.migrations)
    if is_installed(path):
        raise UsageError(
            f"{show_path(path)} is a part of the installed package, which is only read",
            hint="name a folder of your own with --migrations, or run codezest-sql init",
        )
    return path


def _make_folder(path: Path, made: list[Path]) -> None:
    """Make a folder with those above it, and add each to ``made``."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        made.append(folder)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def read_files(path: Path) -> list[FoundFile]:
    """Read every file that may be a migration, those of migrations that are folders too.

    Other subfolders with SQL in them are an error, never passed over.
    """
    shown = show_path(path)
    if not path.is_dir():
        reason = "is not a folder" if path.exists() else "does not exist"
        raise FolderError(
            f"the migrations folder {shown} {reason}",
            hint="codezest-sql migrate new makes it; --migrations or the setting migrations names another one",
        )
    files: list[FoundFile] = []
    errors: list[CodezestError] = []
    try:
        entries = sorted(path.iterdir())
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                paths, problem = _within(entry, shown)
                errors.extend([problem] if problem else [])
            else:
                paths = [entry] if is_sql(entry) or entry.suffix.lower() == ".py" else []
            for each in paths:
                name = each.relative_to(path).as_posix()
                _read_into(files, errors, each, composed(name), f"{shown}/{name}")
    except OSError as error:
        raise FolderError(f"{shown} cannot be read: {error.strerror}") from None
    if errors:
        raise ProjectErrors(errors)
    return files


def _read_into(files: list[FoundFile], errors: list[CodezestError], path: Path, name: str, shown: str) -> None:
    try:
        files.append(FoundFile(name, shown, _read_regular(path)))
    except OSError as error:
        errors.append(
            FileUnreadableError(
                f"cannot be read: {error.strerror}", place=Place(shown), hint="restore it, or its permissions"
            )
        )


def read_one(path: Path) -> FoundFile:
    """Read one file; raises ``ProjectErrors`` where that is not possible."""
    files: list[FoundFile] = []
    errors: list[CodezestError] = []
    _read_into(files, errors, path, composed(path.name), show_path(path))
    if errors:
        raise ProjectErrors(errors)
    return files[0]


def _within(folder: Path, shown: str) -> tuple[list[Path], FileNameError | None]:
    """Return the files of a migration that is a folder, or why this folder with SQL in it is none."""
    inner = [] if is_sql(folder) else sorted(each for each in folder.iterdir() if each.name.lower() in INNER_NAMES)
    others = [each for each in sorted(folder.rglob("*")) if is_sql(each) and each not in inner]
    if inner and others:
        place = Place(f"{shown}/{others[0].relative_to(folder.parent).as_posix()}")
        hint = f"move it up; a migration's folder holds only {', '.join(sorted(INNER_NAMES))}"
        return [], FileNameError("SQL files in subfolders are not read", place=place, hint=hint)
    if others or is_sql(folder):
        return [], FileNameError(
            "is a folder: SQL files in subfolders are not read",
            place=Place(f"{shown}/{folder.name}"),
            hint="move its files up, or name it with --migrations; "
            "a migration's own folder holds up.sql and down.sql, or migration.sql",
        )
    metadata = folder / METADATA_NAME
    return [*inner, *([metadata] if inner and metadata.exists() else [])], None


def is_sql(path: Path) -> bool:
    """Tell whether a path is that of SQL by its name."""
    return path.suffix.lower() == ".sql"


def _read_regular(path: Path) -> bytes:
    """Read a file; a named pipe or a device would be waited for, perhaps for ever."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device, not a file")
    return path.read_bytes()


def _check_sums(path: Path, folder: MigrationFolder) -> tuple[str, ...]:
    """Return the names of the files whose lines are open; raise ``IntegrityErrors`` where other lines differ."""
    file = path / checksums.FILE_NAME
    if not (file.exists() or file.is_symlink()):
        return ()
    shown = show_path(file)
    try:
        written = checksums.read_checksums(decode(file.read_bytes(), file=shown), file=shown)
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(shown)) from None
    found = checksums.checksums(folder)
    errors = checksums.compare(written, found, folder=folder)
    if errors:
        raise IntegrityErrors(errors)
    return checksums.unfinished(written, found)


def _write_sums(path: Path, folder: MigrationFolder, *, unfinished: Collection[str] = ()) -> str:
    """Write through a file beside it: a reader sees the old text or the new one."""
    file = path / checksums.FILE_NAME
    beside = path / f".{checksums.FILE_NAME}.new"
    try:
        text = checksums.write_checksums(checksums.checksums(folder), unfinished=unfinished)
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise FolderError(f"cannot write {show_path(file)}: {error.strerror}") from None
    return show_path(file)
