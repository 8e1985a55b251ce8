"""The migration folder on disk: read with its ``migrations.sum``; new files are written completely or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.actions.project.read_file import read_regular
from codezest_sql.actions.project.settings import is_installed, show_path
from codezest_sql.core.migrations import checksums
from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.ignored_files import (
    Kind,
    Stranger,
    hint_for_folder,
    is_inner_stranger,
    is_innocent,
    judge_strangers,
    undoes,
)
from codezest_sql.core.migrations.files.layout import (
    INNER_NAMES,
    METADATA_NAME,
    SCRIPT_CONFIG,
    FoundFile,
    Layout,
    read_name,
)
from codezest_sql.core.migrations.files.new_files import new_files
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.text.decode import composed, decode
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
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from codezest_sql.core.settings import Settings

Reader: TypeAlias = "Callable[[Path], bytes]"
_CLOSE = 'when that is written, run "codezest-sql migrate hash"'


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The paths of the files that a command wrote, as messages show them."""

    paths: tuple[str, ...]


def read_folder(settings: Settings, *, read: Reader | None = None) -> MigrationFolder:
    """Return the migrations of the project; one file, as sqlc's ``schema.sql``, is a folder of one.

    ``read`` returns the bytes of a file, by default from disk.

    Raises ``ProjectErrors`` with all errors of all files, and ``IntegrityErrors`` if the folder has a
    ``migrations.sum`` with other hashes.
    """
    return _read(settings, read or read_regular, doubtful=False)


def read_doubtful_folder(settings: Settings) -> MigrationFolder:
    """Return the same for use with a history, which names the applied files: the caller must call ``settle``."""
    return _read(settings, read_regular, doubtful=True)


def _read(settings: Settings, read: Reader, *, doubtful: bool) -> MigrationFolder:
    path = Path(settings.migrations)
    if is_sql(path) and path.is_file():
        return assemble([read_one(path, read=read)], folder=show_path(path), order=settings.order, doubtful=doubtful)
    folder = _assemble(path, settings, read, doubtful=doubtful)
    unfinished = _check_sums(path, folder, read)
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


def _assemble(path: Path, settings: Settings, read: Reader, *, doubtful: bool = False) -> MigrationFolder:
    listing = list_folder(path, read=read)
    if listing.errors:
        raise ProjectErrors(listing.errors)
    folder = assemble(
        listing.files, folder=show_path(path), order=settings.order, unread=listing.notes, doubtful=doubtful
    )
    return replace(folder, down_errors=(*folder.down_errors, *listing.down_errors)) if listing.down_errors else folder


def write_sums(settings: Settings) -> WrittenFiles:
    """Write ``migrations.sum`` to fit the files as they are now."""
    path = _own_folder(settings)
    return WrittenFiles((_write_sums(path, _assemble(path, settings, read_regular)),))


def write_new(
    settings: Settings, title: str, *, transactional: bool = True, now: datetime | None = None
) -> WrittenFiles:
    """Write an empty migration and how to undo it, in the layout of the newest one, and ``migrations.sum``.

    The lines of the new files there are left open: they are still to be written.

    ``now`` (default: this moment, UTC) numbers a folder whose files are numbered by time. Raises
    ``UsageError`` for a title without a letter or digit; then nothing is written.
    """
    path = _own_folder(settings)
    folder: MigrationFolder | None = None
    unfinished: tuple[str, ...] = ()
    if path.is_dir() and read_files(path):
        folder = _assemble(path, settings, read_regular)
        unfinished = _check_sums(path, folder, read_regular)
    texts = new_files(folder, title, transactional=transactional, now=now or datetime.now(UTC))
    made: list[Path] = []
    try:
        for name, text in texts.items():
            file = path / name
            _make_folder(file.parent, made)
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                made.append(file)
                opened.write(text)
        sums = _write_sums(path, _assemble(path, settings, read_regular), unfinished=(*unfinished, *texts))
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


@dataclass(slots=True)
class Listing:
    """What a folder holds: the files that may be migrations, what is wrong with others, and notes on what is not run.

    ``down_errors`` are about folders whose SQL only undoes something.
    """

    files: list[FoundFile] = field(default_factory=list[FoundFile])
    errors: list[CodezestError] = field(default_factory=list[CodezestError])
    down_errors: list[CodezestError] = field(default_factory=list[CodezestError])
    notes: tuple[str, ...] = ()


def read_files(path: Path) -> list[FoundFile]:
    """Read every file that may be a migration; raises ``ProjectErrors`` with what is wrong with the others."""
    listing = list_folder(path)
    if listing.errors:
        raise ProjectErrors(listing.errors)
    return listing.files


def list_folder(path: Path, *, read: Reader | None = None) -> Listing:
    """Read every file that may be a migration, those of migrations that are folders too, and judge all others.

    Other subfolders with SQL in them are an error, and nothing is left out without a note.
    """
    shown = show_path(path)
    if not path.is_dir():
        reason = "is not a folder" if path.exists() else "does not exist"
        raise FolderError(
            f"the migrations folder {shown} {reason}",
            hint="codezest-sql migrate new makes it; --migrations or the setting migrations names another one",
        )
    listing = Listing()
    strangers: list[Stranger] = []
    try:
        for entry in sorted(path.iterdir()):
            if entry.name.startswith("."):
                strangers += _hidden(entry)
                continue
            paths = _within(entry, shown, listing, strangers) if entry.is_dir() else _one(entry, strangers)
            for each in paths:
                name = each.relative_to(path).as_posix()
                _read_into(listing, each, composed(name), f"{shown}/{name}", read or read_regular)
    except OSError as error:
        raise FolderError(f"{shown} cannot be read: {error.strerror}") from None
    verdict = judge_strangers(strangers, folder=shown)
    listing.errors += verdict.errors
    listing.notes = verdict.notes
    return listing


def _one(file: Path, strangers: list[Stranger]) -> list[Path]:
    """Return the file where it may be a migration, or the configuration of one."""
    python = file.suffix.lower() == ".py" and not is_innocent(file.name)
    if is_sql(file) or python or _is_script_config(file):
        return [file]
    strangers.append(Stranger(file.name))
    return []


def _is_script_config(file: Path) -> bool:
    """Whether a file configures a Flyway migration next to it."""
    role = read_name(file.name.removesuffix(".conf")) if file.name.endswith(SCRIPT_CONFIG) else None
    is_migration = role is not None and role.layout is Layout.FLYWAY and role.direction is Direction.UP
    return is_migration and file.with_suffix("").exists()


def _hidden(entry: Path) -> list[Stranger]:
    """Return a hidden entry where it is SQL, or a folder with SQL right in it."""
    if entry.is_dir():
        return [Stranger(f"{entry.name}/{each.name}") for each in sorted(entry.iterdir()) if is_sql(each)]
    return [Stranger(entry.name)]


def _read_into(listing: Listing, path: Path, name: str, shown: str, read: Reader) -> None:
    try:
        listing.files.append(FoundFile(name, shown, read(path)))
    except OSError as error:
        listing.errors.append(
            FileUnreadableError(
                f"cannot be read: {error.strerror}", place=Place(shown), hint="restore it, or its permissions"
            )
        )


def read_one(path: Path, *, read: Reader | None = None) -> FoundFile:
    """Read one file; raises ``ProjectErrors`` where that is not possible."""
    listing = Listing()
    _read_into(listing, path, composed(path.name), show_path(path), read or read_regular)
    if listing.errors:
        raise ProjectErrors(listing.errors)
    return listing.files[0]


def _within(folder: Path, shown: str, listing: Listing, strangers: list[Stranger]) -> list[Path]:
    """Return the files of a migration that is a folder; record an error for a folder with other SQL in it."""
    entries = sorted(folder.rglob("*"))
    inner = [] if is_sql(folder) else [each for each in entries if _is_inner(each, folder)]
    others = [each for each in entries if is_sql(each) and each not in inner]
    if inner and others:
        place = Place(f"{shown}/{others[0].relative_to(folder.parent).as_posix()}")
        hint = f"move it up; a migration's folder holds only {', '.join(sorted(INNER_NAMES))}"
        listing.errors.append(FileNameError("SQL files in subfolders are not read", place=place, hint=hint))
        return []
    if others or is_sql(folder):
        errors = listing.down_errors if undoes(folder.name) else listing.errors
        errors.append(
            FileNameError(
                "is a folder: SQL files in subfolders are not read",
                place=Place(f"{shown}/{folder.name}"),
                hint=hint_for_folder(folder.name),
            )
        )
        return []
    metadata = folder / METADATA_NAME
    known = [*inner, *([metadata] if inner and metadata.exists() else [])]
    beside = [
        Stranger(f"{folder.name}/{each.name}") for each in entries if each.parent == folder and each not in known
    ]
    if inner or any(is_inner_stranger(each.name) for each in beside):
        strangers += beside
    else:
        strangers.append(Stranger(folder.name, Kind.FOLDER))
    return known


def _is_inner(path: Path, folder: Path) -> bool:
    return path.parent == folder and path.name.lower() in INNER_NAMES


def is_sql(path: Path) -> bool:
    """Whether the name of a path is that of an SQL file."""
    return path.suffix.lower() == ".sql"


def _check_sums(path: Path, folder: MigrationFolder, read: Reader) -> tuple[str, ...]:
    """Return the names of the files whose lines are open; raise ``IntegrityErrors`` where other lines differ."""
    file = path / checksums.FILE_NAME
    if not (file.exists() or file.is_symlink()):
        return ()
    shown = show_path(file)
    try:
        written = checksums.read_checksums(decode(read(file), file=shown), file=shown)
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(shown)) from None
    found = checksums.checksums(folder)
    errors = checksums.compare(written, found, folder=folder)
    if errors:
        raise IntegrityErrors(errors)
    return checksums.unfinished(written, found)


def _write_sums(path: Path, folder: MigrationFolder, *, unfinished: Collection[str] = ()) -> str:
    """Write through a temporary file: a reader sees the old text or the new one."""
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
