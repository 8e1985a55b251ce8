"""The files of a project's migrations, each read from disk once for a command: their hash, extensions and folder.

A command that finds the hash in its cache does not need the folder: parsing 100 files takes longer than everything
else in a check that has nothing new to ask.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.project.read_file import read_regular
from codezest_sql.core.sql.created_extensions import wanted_extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.settings import Settings

_READ = frozenset({".sql", ".py", ".toml", ".sum"})


class MigrationSources:
    """The migrations as they were when each file was first read; for later changes, make a new value."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._data: dict[Path, bytes] = {}

    def read(self, path: Path) -> bytes:
        """Return the bytes of a regular file. Raises ``OSError``."""
        data = self._data.get(path)
        if data is None:
            data = self._data[path] = read_regular(path)
        return data

    @cached_property
    def files(self) -> tuple[tuple[str, bytes | None], ...]:
        """Every file below the folder: its path from there, and its bytes; None for one that is not read."""
        return tuple(self._list(Path(self._settings.migrations)))

    @cached_property
    def sha256(self) -> str:
        """The hash of all names and bytes, in hexadecimal."""
        found = hashlib.sha256()
        for name, data in self.files:
            found.update(
                f"{len(name)} {name} {None if data is None else len(data)} ".encode(errors="surrogateescape")
            )
            found.update(data or b"")
        return found.hexdigest()

    @cached_property
    def extensions(self) -> frozenset[str]:
        """The names of the extensions that the files create."""
        texts = (data.decode(errors="replace") for _, data in self.files if data and b"xtension" in data.lower())
        return frozenset[str]().union(*map(wanted_extensions, texts))

    @cached_property
    def folder(self) -> MigrationFolder:
        """The migrations. Raises what ``read_folder`` raises."""
        from codezest_sql.actions.migrations.folder import read_folder  # noqa: PLC0415  # start-up time

        return read_folder(self._settings, read=self.read)

    def _list(self, root: Path) -> Iterator[tuple[str, bytes | None]]:
        paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if not path.is_dir())
        for path in paths:
            data: bytes | None = None
            if path.suffix.lower() in _READ and path.is_file():
                with suppress(OSError):  # reported where the folder is read
                    data = self.read(path)
            yield path.relative_to(root).as_posix(), data
