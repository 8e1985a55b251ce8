"""Where this user's caches are: folders that no other session can write."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(purpose: str) -> Path | None:
    """Return the folder of this name in the user's cache, made if needed.

    None where there is none that only this user and root can write.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        # The XDG Base Directory Specification: a relative path must be ignored.
        base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
        folder = base / "codezest-sql" / purpose
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        trusted = all(_is_trusted(place) for place in (folder, *folder.parents))
    except (OSError, RuntimeError):
        return None
    return folder if trusted and os.access(folder, os.W_OK | os.X_OK) else None


def _is_trusted(folder: Path) -> bool:
    # What is cached decides what a server trusts and loads, and what counts as drift. With root's HOME pointing into
    # another's home (sudo -E), or a folder anyone can write, it could be another's work.
    found = folder.stat()
    others_write = found.st_mode & 0o002 and not found.st_mode & 0o1000
    return found.st_uid in (0, os.geteuid()) and not others_write
