"""What a review found, kept in the user's cache under the hash of all that it depends on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import codezest_sql
from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.settings import Settings
    from codezest_sql.core.text.json_value import Json
    from codezest_sql.postgres.server.binaries import Binaries

_UNUSED_SECONDS = 30 * 86_400.0


def root_key(settings: Settings, base: MigrationFolder | None, binaries: Binaries) -> str:
    """Return the key of a review's start: the program, its settings, the server, and what the base's files are."""
    program = str(binaries.program("postgres").resolve())
    files = [_facts(each) for each in base.migrations] if base else []
    return combined(_program(), repr(settings), program, binaries.version_text, files)


def next_key(key: str, migration: Migration) -> str:
    """Return the key of what comes after a migration: that of before, and its files."""
    return combined(key, _facts(migration))


def combined(*facts: object) -> str:
    """Return one hash of facts that JSON or ``repr`` can write."""
    return hashlib.sha256(json.dumps(facts, default=repr).encode(errors="surrogateescape")).hexdigest()


def recall(key: str) -> Any:
    """Return what was remembered; None where nothing was, or it cannot be read."""
    folder = cache_folder("review")
    if folder is None:
        return None
    with suppress(OSError, ValueError):
        file = folder / f"{key}.json"
        found = json.loads(file.read_text(encoding="utf-8", errors="surrogateescape"))
        os.utime(file)
        return found
    return None


def remember(key: str, value: Json) -> None:
    """Remember it if the cache can be written, and delete entries that were not used for a month."""
    folder = cache_folder("review")
    if folder is None:
        return
    with suppress(OSError):
        beside = folder / f".{key}.{os.getpid()}"
        beside.write_text(json.dumps(value), encoding="utf-8", errors="surrogateescape")
        beside.replace(folder / f"{key}.json")
        now = time.time()
        for file in folder.iterdir():
            if now - file.stat().st_mtime > _UNUSED_SECONDS:
                file.unlink(missing_ok=True)


def _facts(migration: Migration) -> list[object]:
    scripts = (migration.up, migration.down)
    return [migration.id, *((script.file, script.sha256, script.transactional) for script in scripts if script)]


@cache
def _program() -> str:
    """Return a hash of this program's files: the version alone does not distinguish two checkouts."""
    root = Path(codezest_sql.__file__).parent
    found = sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*.py"))
    return combined(codezest_sql.__version__, found)
