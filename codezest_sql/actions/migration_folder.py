"""The migration folder on disk: read whole, with its ``migrations.sum``; new files written whole or not at all."""

from __future__ import annotations

import errno
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.settings import show_path
from codezest_sql.core import checksums
from codezest_sql.core.migration_folder import ROLLBACK_SUFFIX, FoundFile, MigrationFolder, assemble
from codezest_sql.core.source import Place, printable
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
    from collections.abc import Sequence

    from codezest_sql.core.settings import Settings

# With .rollback.sql a name must stay below the 255 bytes of common file systems.
_LONGEST_NAME = 200
# A number that is a day or a moment, such as 20260131 or 20260131093000.
_TIME = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{0,12}")


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
    # Plain letters only: é is e, so that the name is the same on every file system.
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        raise UsageError(
            f"{printable(title)!r} has no Latin letter or digit, of which a file's name is made",
            hint="say what changes: migrate new 'add badges'",
        )
    path = Path(settings.migrations)
    files = _read_files(path) if path.is_dir() else []
    folder: MigrationFolder | None = None
    if files:
        folder = assemble(files, folder=show_path(path))
        _check_sums(path, folder)
    last = folder.migrations[-1].id if folder else None
    ids = [migration.id for migration in folder.migrations] if folder else []
    migration_id = f"{_next_number(ids, now or datetime.now(UTC))}_{name}"[:_LONGEST_NAME]
    header = [f"-- {_as_comment(title.strip())}"] if title.isprintable() else []
    header += [f"-- depends: {last}"] if last else []
    header += [] if transactional else ["-- transactional: false"]
    texts = {
        path / f"{migration_id}.sql": "\n".join([*header, "", ""]),
        path / f"{migration_id}{ROLLBACK_SUFFIX}": f"-- Undoes {migration_id}, in reverse order.\n\n",
    }
    written: list[Path] = []
    existed = path.exists()
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
        if not existed:
            with suppress(OSError):
                path.rmdir()
        if isinstance(error, OSError):
            raise FolderError(f"cannot write in {show_path(path)}: {error.strerror}") from None
        raise
    return WrittenFiles((*(show_path(file) for file in texts), sums))


def _as_comment(title: str) -> str:
    """Return a title as it can stand in a header: "depends: x" would be a directive there."""
    return f"title: {title}" if ":" in title else title


def _next_number(ids: Sequence[str], now: datetime) -> str:
    """Count on as the folder does: by one with the same width, or by the time where numbers are times."""
    numbers = [match[0] for name in ids if (match := re.match(r"[0-9]+", name))]
    if not numbers:
        return "0001"
    # Dependencies may run a smaller number last: the next one comes after them all.
    greatest = max(numbers, key=int)
    if _TIME.fullmatch(greatest):
        return f"{now:%Y%m%d%H%M%S%f}"[: len(greatest)]
    return str(int(greatest) + 1).zfill(len(greatest))


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
            if _is_sql(entry) or any(_is_sql(inner) for inner in entry.rglob("*")):
                errors.append(
                    FileNameError(
                        "is a folder: SQL files in subfolders are not read",
                        place=place,
                        hint="move its files up, or name it with --migrations",
                    )
                )
        elif _is_sql(entry) or entry.suffix.lower() == ".py":
            try:
                files.append(FoundFile(entry.name, place.file, _read_regular(entry)))
            except OSError as error:
                errors.append(
                    FileUnreadableError(
                        f"cannot be read: {error.strerror}", place=place, hint="restore it, or its permissions"
                    )
                )
    if errors:
        raise ProjectErrors(errors)
    return files


def _is_sql(path: Path) -> bool:
    return path.suffix.lower() == ".sql"


def _read_regular(path: Path) -> bytes:
    """Read a file; a named pipe or a device would be waited for, perhaps for ever."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device, not a file")
    return path.read_bytes()


def _check_sums(path: Path, folder: MigrationFolder) -> None:
    file = path / checksums.FILE_NAME
    if not (file.exists() or file.is_symlink()):
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
        with suppress(OSError):
            beside.unlink()
        raise FolderError(f"cannot write {show_path(file)}: {error.strerror}") from None
    return show_path(file)
