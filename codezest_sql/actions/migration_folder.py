"""The migration folder on disk: read whole, with its ``migrations.sum``; new files written whole or not at all."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.settings import show_path
from codezest_sql.core import checksums
from codezest_sql.core.migration_folder import ROLLBACK_SUFFIX, FoundFile, MigrationFolder, assemble
from codezest_sql.core.source import Place
from codezest_sql.core.text_file import decode
from codezest_sql.errors import (
    CodezestError,
    FileNameError,
    FileUnreadableError,
    FolderError,
    IntegrityErrors,
    ProjectErrors,
    UsageError,
)

if TYPE_CHECKING:
    from codezest_sql.core.settings import Settings


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The paths of the files that a command wrote, as messages show them."""

    paths: tuple[str, ...]


def read_folder(settings: Settings) -> MigrationFolder:
    """Return the migrations of the project.

    Raises ``ProjectErrors`` with every mistake of every file, and ``IntegrityErrors`` where the folder has a
    ``migrations.sum`` that says otherwise.
    """
    path = Path(settings.migrations)
    folder = assemble(_read_files(path), folder=show_path(path))
    _check_sums(path, folder)
    return folder


def write_sums(settings: Settings) -> WrittenFiles:
    """Write ``migrations.sum`` to fit the files as they are now."""
    path = Path(settings.migrations)
    folder = assemble(_read_files(path), folder=show_path(path))
    return WrittenFiles((_write_sums(path, folder),))


def write_new(
    settings: Settings, title: str, *, transactional: bool = True, now: datetime | None = None
) -> WrittenFiles:
    """Write an empty migration and its rollback file, numbered after the newest, and ``migrations.sum``.

    ``now`` (default: this moment, UTC) numbers a folder whose files are numbered by time. Raises
    ``UsageError`` for a title without a letter or digit; then nothing is written.
    """
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not name:
        raise UsageError(f"{title!r} has no letter or digit", hint="say what changes: migrate new 'add badges'")
    path = Path(settings.migrations)
    files = _read_files(path) if path.is_dir() else []
    folder: MigrationFolder | None = None
    if any(file.name.endswith((".sql", ".py", ".SQL")) for file in files):
        folder = assemble(files, folder=show_path(path))
        _check_sums(path, folder)
    last = folder.migrations[-1].id if folder else None
    migration_id = f"{_next_number(last, now or datetime.now(UTC))}_{name}"[:200]
    header = [f"-- {title.strip()}"] if title.isprintable() else []
    header += [f"-- depends: {last}"] if last else []
    header += [] if transactional else ["-- transactional: false"]
    texts = {
        path / f"{migration_id}.sql": "\n".join([*header, "", ""]),
        path / f"{migration_id}{ROLLBACK_SUFFIX}": f"-- Undoes {migration_id}, in reverse order.\n\n",
    }
    written: list[Path] = []
    try:
        path.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                written.append(file)
                opened.write(text)
        sums = _write_sums(path, assemble(_read_files(path), folder=show_path(path)))
    except BaseException as error:
        for file in written:
            with suppress(OSError):
                file.unlink()
        if isinstance(error, OSError):
            raise FolderError(f"cannot write in {show_path(path)}: {error.strerror}") from None
        raise
    return WrittenFiles((*(show_path(file) for file in texts), sums))


def _next_number(last: str | None, now: datetime) -> str:
    """Count on as the folder does: by one with the same width, or by the time where numbers are times."""
    match = re.match(r"\d+", last or "")
    if match is None:
        return "0001"
    if len(match[0]) >= len("20260131"):
        return f"{now:%Y%m%d%H%M%S}"[: max(len(match[0]), 8)]
    return str(int(match[0]) + 1).zfill(len(match[0]))


def _read_files(path: Path) -> list[FoundFile]:
    """Read every file that may be a migration. Subfolders with SQL in them are an error, never passed over."""
    shown = show_path(path)
    if not path.is_dir():
        reason = "is not a folder" if path.exists() else "does not exist"
        raise FolderError(
            f"the migrations folder {shown} {reason}", hint="name it with --migrations, or in [tool.codezest-sql]"
        )
    files: list[FoundFile] = []
    errors: list[CodezestError] = []
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise FolderError(f"{shown} cannot be read: {error.strerror}") from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        place = Place(f"{shown}/{entry.name}")
        if entry.is_dir():
            if entry.suffix == ".sql" or any(entry.glob("*.sql")):
                errors.append(
                    FileNameError(
                        "is a folder: SQL files in subfolders are not read",
                        place=place,
                        hint="move its files up, or name it with --migrations",
                    )
                )
        elif entry.suffix.lower() in (".sql", ".py"):
            try:
                files.append(FoundFile(entry.name, place.file, entry.read_bytes()))
            except OSError as error:
                errors.append(FileUnreadableError(f"cannot be read: {error.strerror}", place=place))
    if errors:
        raise ProjectErrors(errors)
    return files


def _check_sums(path: Path, folder: MigrationFolder) -> None:
    file = path / checksums.FILE_NAME
    if not file.exists():
        return
    shown = show_path(file)
    try:
        written = checksums.read_checksums(decode(file.read_bytes(), file=shown), file=shown)
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(shown)) from None
    errors = checksums.compare(written, checksums.checksums(folder), folder=folder)
    if errors:
        raise IntegrityErrors(errors)


def _write_sums(path: Path, folder: MigrationFolder) -> str:
    """Write through a file beside it: a reader sees the old text or the new one."""
    file = path / checksums.FILE_NAME
    beside = path / f".{checksums.FILE_NAME}.new"
    try:
        beside.write_text(checksums.write_checksums(checksums.checksums(folder)), encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        raise FolderError(f"cannot write {show_path(file)}: {error.strerror}") from None
    return show_path(file)
