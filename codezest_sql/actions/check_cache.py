"""What was found of each query file, kept in the user's cache under the hash of all that it depends on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import codezest_sql
from codezest_sql.core.check_report import FileReport
from codezest_sql.postgres.user_cache import cache_folder

if TYPE_CHECKING:
    from codezest_sql.actions.query_folder import QueryFile
    from codezest_sql.core.settings import Settings

_UNUSED_SECONDS = 30 * 86_400.0


class CheckCache:
    """The findings of one project's files on one schema and server. One that cannot be read or written is empty."""

    def __init__(self, settings: Settings, *, schema: str, server: str) -> None:
        json_types = [(column, python.text, sorted(python.imports)) for column, python in settings.json_types]
        naming = [settings.ignore_schemas, settings.initialisms, settings.model_names, json_types]
        facts = [
            codezest_sql.__version__,
            schema,
            server,
            settings.queries,
            repr(settings.dialect),
            settings.policies,
            naming,
        ]
        self._folder = cache_folder("checks")
        self._name = f"{hashlib.sha256(json.dumps(facts).encode(errors='surrogateescape')).hexdigest()}.json"
        self._known = self._read()
        self._used: dict[str, FileReport] = {}

    def get(self, file: QueryFile) -> FileReport | None:
        """Return what was found of this very file."""
        found = self._known.get(_key(file))
        if found is not None:
            self._used[_key(file)] = found
        return found

    def put(self, file: QueryFile, report: FileReport) -> None:
        """Note what was found."""
        self._used[_key(file)] = report

    def write(self) -> None:
        """Remember the files of this run, where they are others than those known; forget what is a month old."""
        if self._folder is None or self._used.keys() == self._known.keys():
            return
        beside = self._folder / f".{self._name}.{os.getpid()}"
        with suppress(OSError):
            text = json.dumps({key: report.write() for key, report in self._used.items()}, separators=(",", ":"))
            beside.write_text(text, encoding="utf-8", errors="surrogateescape")
            beside.replace(self._folder / self._name)
        now = time.time()
        for file in self._folder.iterdir():
            with suppress(OSError):
                if now - file.stat().st_mtime > _UNUSED_SECONDS:
                    file.unlink()

    def _read(self) -> dict[str, FileReport]:
        if self._folder is None:
            return {}
        file = self._folder / self._name
        try:
            said = json.loads(file.read_text(encoding="utf-8", errors="surrogateescape"))
            known = {str(key): FileReport.read(report) for key, report in said.items()}
            os.utime(file)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}
        return known


def _key(file: QueryFile) -> str:
    return f"{file.sha256} {file.path}"
