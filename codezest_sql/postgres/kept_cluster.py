"""Data directories with a schema in them, kept in the user's cache: the next server starts where this one ended."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.postgres.cluster import copy_tree
from codezest_sql.postgres.user_cache import cache_folder

if TYPE_CHECKING:
    from codezest_sql.postgres.privileges import Privileges

_COUNT = "files"
_PURPOSE = "schemas"
# Of 40 MB each: the branches one works on.
_KEPT = 4


def copy_kept(key: str, target: Path, privileges: Privileges) -> bool:
    """Copy the data directory of this key to ``target``; tell whether there was a whole one."""
    cache = cache_folder(_PURPOSE)
    if cache is None:
        return False
    kept = cache / key
    owner = None if privileges.user is None else (privileges.user, privileges.group or 0)
    try:
        expected = int((kept / _COUNT).read_text(encoding="ascii"))
        os.utime(kept / _COUNT)
        whole = copy_tree(kept / "data", target, owner) == expected
    except (OSError, ValueError):
        whole = False
    if not whole:
        shutil.rmtree(target, ignore_errors=True)
        shutil.rmtree(kept, ignore_errors=True)
    return whole


def keep(key: str, data: Path) -> None:
    """Keep the data directory of a server that is stopped. Where that is not possible nothing is kept."""
    cache = cache_folder(_PURPOSE)
    if cache is None:
        return
    with suppress(OSError):
        building = Path(tempfile.mkdtemp(prefix=".building-", dir=cache))
        try:
            count = copy_tree(data, building / "data")
            (building / _COUNT).write_text(str(count), encoding="ascii")
            with suppress(OSError):  # another process was faster
                building.rename(cache / key)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        _prune(cache)


def _prune(cache: Path) -> None:
    def last_use(folder: Path) -> float:
        try:
            return (folder / _COUNT).stat().st_mtime
        except OSError:
            return folder.stat().st_mtime

    for folder in sorted(cache.iterdir(), key=last_use, reverse=True)[_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
