"""The findings of sqlfluff and squawk for each file, cached under the hash of everything that they depend on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import codezest_sql
from codezest_sql.actions.lint.tools import Said
from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from codezest_sql.actions.lint.tools import ToolFile

_FORMAT = 1
_UNUSED_SECONDS = 30 * 86_400.0
_CONFIGURATIONS = (".sqlfluff", "setup.cfg", "tox.ini", "pep8.ini", "pyproject.toml", ".squawk.toml")


class LintCache:
    """The findings of one tool for the files of one project. One that cannot be read or written is empty."""

    def __init__(self, root: Path, tool: str, version: str) -> None:
        self._folder = cache_folder("lint")
        self._facts = f"{_FORMAT} {codezest_sql.__version__} {tool} {version}"
        self._configurations: dict[Path, str] = {}
        name = hashlib.sha256(f"{root}\0{tool}".encode(errors="surrogateescape")).hexdigest()
        self._file = self._folder / f"{name}.json" if self._folder else None
        self._known = self._read()
        self._used: dict[str, list[Said]] = {}

    def get(self, file: ToolFile) -> list[Said] | None:
        """Return the tool's findings for this file; None if they are not known."""
        key = self._key(file)
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, file: ToolFile, said: list[Said]) -> None:
        """Remember the tool's findings."""
        self._used[self._key(file)] = said

    def write(self) -> None:
        """Remember this run's files and those known before; forget other projects' files after a month."""
        if self._file is None or self._folder is None or self._used.keys() <= self._known.keys():
            return
        beside = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            kept = {key: said for key, said in self._known.items() if len(self._known) < 5_000}  # noqa: PLR2004
            said = {key: [asdict(each) for each in found] for key, found in {**kept, **self._used}.items()}
            beside.write_text(json.dumps(said), encoding="utf-8", errors="surrogateescape")
            beside.replace(self._file)
        now = time.time()
        for file in self._folder.iterdir():
            with suppress(OSError):
                if now - file.stat().st_mtime > _UNUSED_SECONDS:
                    file.unlink()

    def _read(self) -> dict[str, list[Said]]:
        if self._file is None:
            return {}
        try:
            text = self._file.read_text(encoding="utf-8", errors="surrogateescape")
            os.utime(self._file)
            said = cast("dict[str, list[dict[str, Any]]]", json.loads(text))
            return {key: [Said(**each) for each in found] for key, found in said.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _key(self, file: ToolFile) -> str:
        folder = file.path.parent
        if folder not in self._configurations:
            self._configurations[folder] = _configuration(folder)
        facts = [self._facts, self._configurations[folder], str(file.path), file.transactional, file.text]
        return hashlib.sha256(json.dumps(facts).encode(errors="surrogateescape")).hexdigest()


def _configuration(folder: Path) -> str:
    """Return the hash of every file that may configure a tool for the files of a folder."""
    digest = hashlib.sha256()
    homes = [Path.home(), Path.home() / ".config" / "sqlfluff"]
    for place in (folder, *folder.parents, *homes):
        for name in _CONFIGURATIONS:
            with suppress(OSError):
                data = (place / name).read_bytes()
                digest.update(f"{place}/{name} {len(data)}\n".encode(errors="surrogateescape") + data)
    return digest.hexdigest()
