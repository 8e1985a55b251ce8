"""The folder of query files on disk."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.project.settings import read_file, show_path
from codezest_sql.core.query_checks.snapshot import FILE_NAME
from codezest_sql.errors import FolderError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A file of queries: its path as messages show it, its way from the folder (with ``/``), its bytes."""

    path: str
    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The hash of its bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def read_query_folder(folder: Path) -> tuple[QueryFile, ...]:
    """Return every ``.sql`` file below a folder, by name; hidden files and folders are left out.

    One file, as sqlc's ``query.sql``, is a folder of one.

    Raises ``FolderError`` where there is no such folder, ``FileUnreadableError`` for a file that cannot be read.
    """
    if folder.suffix == ".sql" and folder.is_file():
        return (_read(folder.parent, folder),)
    if not folder.is_dir():
        raise FolderError(
            f"{show_path(folder)} is not a folder",
            hint="make it, or name another one with --queries or the setting queries",
        )
    return tuple(_read(folder, path) for path in sorted(sql_files(folder)))


def snapshot_file(folder: Path) -> Path:
    """Return the path of a folder's snapshot; that of a single file is next to the file."""
    return (folder.parent if folder.is_file() else folder) / FILE_NAME


def sql_files(folder: Path) -> Iterator[Path]:
    """Yield every ``.sql`` file below a folder, each folder's by name; hidden files and folders are left out.

    Raises ``FolderError`` for a folder that cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise FolderError(f"{error.filename} cannot be read: {error.strerror}", hint="look at its permissions")

    for base, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(base, name) for name in sorted(names) if name.endswith(".sql") and not name.startswith("."))


def _read(folder: Path, path: Path) -> QueryFile:
    return QueryFile(show_path(path), path.relative_to(folder).as_posix(), read_file(path))
