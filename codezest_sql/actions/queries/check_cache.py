"""What was found of each query file, kept in the user's cache under the hash of all that it depends on.

One text file for a project, a schema and a server: a line about the snapshot and the roles, then one for each file
with its problems, and its queries as JSON, which is parsed only to be printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast, overload

import codezest_sql
from codezest_sql.core.query_checks.report import FileReport, Problem
from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from codezest_sql.actions.queries.folder import QueryFile
    from codezest_sql.core.settings import Settings
    from codezest_sql.core.text.json_value import Json

_UNUSED_SECONDS = 30 * 86_400.0
_FORMAT = 3


class _Queries(Sequence["dict[str, Json]"]):
    """Queries as JSON, read when first asked for: 800 of them are a megabyte."""

    def __init__(self, count: int, text: str) -> None:
        self._count = count
        self.text = text
        self._read: list[dict[str, Json]] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> dict[str, Json]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[dict[str, Json]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Json] | Sequence[dict[str, Json]]:
        if self._read is None:
            self._read = cast("list[dict[str, Json]]", json.loads(self.text))
        return self._read[index]


class CheckCache:
    """The findings of one project's files on one schema and server. One that cannot be read or written is empty.

    ``known`` is whether there was one, and so whether the schema was ever created; ``snapshot`` is the hash of the
    snapshot's text that these very files led to, "" where that is not known. ``roles`` are those that the migrations
    name and none of them makes.
    """

    def __init__(self, settings: Settings, *, schema: str, server: str) -> None:
        json_types = [(column, python.text, sorted(python.imports)) for column, python in settings.json_types]
        naming = [settings.ignore_schemas, settings.initialisms, settings.model_names, json_types]
        facts = [
            _FORMAT,
            codezest_sql.__version__,
            schema,
            server,
            settings.trust_migrations,
            settings.queries,
            settings.order,
            repr(settings.dialect),
            settings.policies,
            naming,
        ]
        self._folder = cache_folder("checks")
        self._name = f"{hashlib.sha256(json.dumps(facts).encode(errors='surrogateescape')).hexdigest()}.txt"
        self._known: dict[str, FileReport] = {}
        self._snapshot = ""
        self.roles: tuple[str, ...] = ()
        self.known = self._read()
        self._used: dict[str, FileReport] = {}

    @property
    def snapshot(self) -> str:
        """The hash of the snapshot that the files that were asked for led to."""
        return self._snapshot if self._used.keys() == self._known.keys() else ""

    def get(self, file: QueryFile) -> FileReport | None:
        """Return what was found of this very file."""
        found = self._known.get(_key(file))
        if found is not None:
            self._used[_key(file)] = found
        return found

    def put(self, file: QueryFile, report: FileReport) -> None:
        """Note what was found."""
        self._used[_key(file)] = report

    def write(self, snapshot: str) -> None:
        """Remember the files of this run and the hash of their snapshot; forget what is a month old."""
        if self._folder is None or (self._used.keys() == self._known.keys() and snapshot == self._snapshot):
            return
        beside = self._folder / f".{self._name}.{os.getpid()}"
        with suppress(OSError):
            lines = [json.dumps([snapshot, *self.roles]), *(_line(key, report) for key, report in self._used.items())]
            beside.write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")
            beside.replace(self._folder / self._name)
        now = time.time()
        for file in self._folder.iterdir():
            with suppress(OSError):
                if now - file.stat().st_mtime > _UNUSED_SECONDS:
                    file.unlink()

    def _read(self) -> bool:
        if self._folder is None:
            return False
        file = self._folder / self._name
        try:
            first, *lines = file.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
            snapshot, *roles = cast("list[str]", json.loads(first))
            known = dict(map(_read_line, lines))
            os.utime(file)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return False
        self._snapshot, self.roles, self._known = snapshot, tuple(roles), known
        return True


def _line(key: str, report: FileReport) -> str:
    problems = json.dumps([key, report.file, [each.write() for each in report.problems]])
    queries = report.queries
    text = queries.text if isinstance(queries, _Queries) else json.dumps([*queries])
    return f"{problems}\t{len(queries)}\t{len(text)}\t{text}"


def _read_line(line: str) -> tuple[str, FileReport]:
    problems, count, length, text = line.split("\t")
    if len(text) != int(length):
        raise ValueError("cut short")
    key, file, said = cast("tuple[str, str, list[dict[str, Any]]]", json.loads(problems))
    return key, FileReport(file, _Queries(int(count), text), tuple(map(Problem.read, said)))


def _key(file: QueryFile) -> str:
    return f"{file.sha256} {file.path}"
