"""The files of the migrations as they are on disk, unread: enough to tell whether anything has changed.

To parse 100 files takes longer than all else that a check with nothing new to ask has to do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.core.sql.created_extensions import wanted_extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.settings import Settings


@dataclass(frozen=True, slots=True)
class SchemaTexts:
    """Each file's way from the folder, and its bytes; None for what cannot be read, which others have to say."""

    files: tuple[tuple[str, bytes | None], ...]

    @property
    def sha256(self) -> str:
        """The hash of all names and bytes, in hexadecimal."""
        found = hashlib.sha256()
        for name, data in self.files:
            found.update(
                f"{len(name)} {name} {None if data is None else len(data)} ".encode(errors="surrogateescape")
            )
            found.update(data or b"")
        return found.hexdigest()

    @property
    def extensions(self) -> frozenset[str]:
        """The names of the extensions that they make."""
        texts = (data.decode(errors="replace") for _, data in self.files if data and b"xtension" in data.lower())
        return frozenset[str]().union(*map(wanted_extensions, texts))


def read_schema_texts(settings: Settings) -> SchemaTexts:
    """Return every file below the folder of the migrations; of one with another ending than those read, its name."""
    root = Path(settings.migrations)
    return SchemaTexts(tuple(_read(root)))


def _read(root: Path) -> Iterator[tuple[str, bytes | None]]:
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if not path.is_dir())
    for path in paths:
        data: bytes | None = None
        if path.suffix.lower() in {".sql", ".py", ".toml", ".sum"} and path.is_file():
            try:
                data = path.read_bytes()
            except OSError:
                data = None
        yield path.relative_to(root).as_posix(), data
