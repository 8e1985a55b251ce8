"""Data directories with a schema in them, kept in the user's cache: the next server starts where this one ended.

Each is one file: to make 2,000 in a cache on a disk takes longer than all else that is kept for. The two templates
of new databases are left out (the server that starts from it is asked for nothing new), and the zeros at the end of
files, of which a write-ahead log is mostly made.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.postgres.server.run_as import Privileges

_PURPOSE = "schemas"
_ENDING = ".cluster"
# Of 30 MB each: the branches one works on.
_KEPT = 4
# template1 and template0, by their fixed OIDs (pg_database.dat).
_LEFT_OUT = frozenset({"base/1", "base/4"})
_LENGTH_BYTES = 8


class _File(NamedTuple):
    """A file: its way from the folder, its size, and how much of it is there."""

    name: str
    size: int
    kept: int


def copy_kept(key: str, target: Path, privileges: Privileges) -> bool:
    """Write the data directory of this key to ``target``; return whether there was a complete one."""
    cache = cache_folder(_PURPOSE)
    if cache is None:
        return False
    kept = cache / f"{key}{_ENDING}"
    owner = None if privileges.user is None else (privileges.user, privileges.group or 0)
    try:
        packed = memoryview(kept.read_bytes())
        os.utime(kept)
        _unpack(packed, os.fspath(target), owner)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, TypeError, KeyError):
        shutil.rmtree(target, ignore_errors=True)
        with suppress(OSError):
            kept.unlink()
        return False
    return True


def keep(key: str, data: Path) -> None:
    """Keep the data directory of a server that is stopped. Where that is not possible nothing is kept."""
    cache = cache_folder(_PURPOSE)
    if cache is None:
        return
    with suppress(OSError):
        handle, beside = tempfile.mkstemp(prefix=".building-", dir=cache)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(_packed(os.fspath(data)))
            Path(beside).replace(cache / f"{key}{_ENDING}")
        except BaseException:
            Path(beside).unlink()
            raise
        _prune(cache)


def _packed(data: str) -> Iterator[bytes]:
    """Give the parts of the file: the length of its table, the table of all files, their contents."""
    folders: list[str] = []
    files: list[_File] = []
    contents: list[bytes] = []
    for path, name, is_folder in _entries(data, ""):
        if is_folder:
            folders.append(name)
            continue
        with open(path, "rb") as file:  # noqa: PTH123  # strings are three times as fast as paths here
            content = file.read()
        contents.append(content.rstrip(b"\0"))
        files.append(_File(name, len(content), len(contents[-1])))
    table = json.dumps({"folders": folders, "files": files}).encode()
    yield len(table).to_bytes(_LENGTH_BYTES, "big")
    yield table
    yield from contents


def _entries(folder: str, above: str) -> Iterator[tuple[str, str, bool]]:
    """Give the path of each entry below a folder, its way from the first one, and whether it is a folder itself."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{above}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            yield entry.path, name, is_folder
            if is_folder and name not in _LEFT_OUT:
                yield from _entries(entry.path, f"{name}/")


def _unpack(packed: memoryview, target: str, owner: tuple[int, int] | None) -> None:
    """Write the files; raises ``ValueError`` where the file is not whole."""
    start = _LENGTH_BYTES + int.from_bytes(packed[:_LENGTH_BYTES], "big")
    table = json.loads(bytes(packed[_LENGTH_BYTES:start]))
    files = [_File(*each) for each in table["files"]]
    if start + sum(file.kept for file in files) != len(packed):
        raise ValueError("cut short")
    for name in ("", *table["folders"]):
        folder = f"{target}/{name}"
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)  # noqa: PTH102
        if owner is not None:
            os.chown(folder, *owner)
    for file in files:
        handle = os.open(f"{target}/{file.name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if owner is not None:
                os.fchown(handle, *owner)
            end = start + file.kept
            while start < end:
                start += os.write(handle, packed[start:end])
            if file.kept < file.size:
                os.ftruncate(handle, file.size)
        finally:
            os.close(handle)


def _prune(cache: Path) -> None:
    """Remove all but the newest few, and what an older version or a killed process left."""

    def last_use(entry: Path) -> float:
        with suppress(OSError):
            return entry.stat().st_mtime
        return 0.0

    entries = sorted(cache.iterdir(), key=last_use, reverse=True)
    kept = [entry for entry in entries if entry.name.endswith(_ENDING)][:_KEPT]
    for entry in entries:
        if entry in kept or (entry.name.startswith(".building-") and entry == entries[0]):
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink()
