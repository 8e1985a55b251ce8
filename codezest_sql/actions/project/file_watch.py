"""Waits for a saved file: the paths, times and sizes of what is watched, looked at again and again.

It asks for nothing that a file system might not have. A change counts when nothing has changed since for a moment:
an editor writes a file in several steps, and a branch has many files.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INTERVAL = 0.2
_Look: TypeAlias = "dict[str, tuple[int, int]]"


def look(paths: Iterable[Path]) -> _Look:
    """Return what files there are, of a file itself or of all ``.sql`` below a folder, with their times and sizes."""
    found: _Look = {}
    for path in paths:
        for file in _files(path):
            try:
                status = file.stat()
            except OSError:  # gone meanwhile, or nothing that anybody can read
                continue
            found[str(file)] = (status.st_mtime_ns, status.st_size)
    return found


def wait_for_change(paths: Iterable[Path], before: _Look) -> _Look:
    """Return once what is there is not ``before`` any more and has come to rest; return what is there then."""
    watched = tuple(paths)
    now = look(watched)
    while now == before:
        time.sleep(_INTERVAL)
        now = look(watched)
    while True:
        time.sleep(_INTERVAL)
        later = look(watched)
        if later == now:
            return now
        now = later


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for base, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith((".sql", ".sum")) and not name.startswith("."):
                yield Path(base, name)
