"""Which folders have an embedded server: a file for each in the user's cache, written when its server starts."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_PURPOSE = "servers"


def remember_server(root: Path) -> None:
    """Note that a folder has a server. Without a cache of this user's own nothing is noted."""
    file = _file(root)
    if file is not None:
        with suppress(OSError):
            file.write_bytes(os.fsencode(root))


def forget_server(root: Path) -> None:
    """Take the note back."""
    file = _file(root)
    if file is not None:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def known_servers() -> Iterator[Path]:
    """Yield the folders that were noted, by name; those that are gone too."""
    folder = cache_folder(_PURPOSE)
    roots: set[Path] = set()
    for file in folder.iterdir() if folder is not None else ():
        with suppress(OSError):
            roots.add(Path(os.fsdecode(file.read_bytes())))
    yield from sorted(root for root in roots if root.is_absolute())


def _file(root: Path) -> Path | None:
    folder = cache_folder(_PURPOSE)
    return folder / hashlib.sha256(os.fsencode(root)).hexdigest()[:32] if folder is not None else None
