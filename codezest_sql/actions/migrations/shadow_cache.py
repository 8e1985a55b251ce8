"""The catalog of a shadow database, kept in the user's cache: the same files on the same server make the same.

A cache that cannot be read or written is not an error: the shadow is created again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import astuple
from typing import TYPE_CHECKING

import codezest_sql
from codezest_sql.core.schema.objects_json import parse_schema, write_schema
from codezest_sql.postgres.catalog.reader import queries_sha256
from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.schema.objects import Ignored, Schema
    from codezest_sql.postgres.server.binaries import Binaries
    from codezest_sql.postgres.server.shadow_database import Double

_UNUSED_SECONDS = 30 * 86_400.0


class ShadowCache:
    """One entry, under the hash of all that it depends on."""

    def __init__(
        self,
        applied: Iterable[Migration],
        binaries: Binaries,
        double: Double,
        ignored: Ignored,
        *,
        confined: bool,
    ) -> None:
        facts = [
            codezest_sql.__version__,
            queries_sha256(),
            str(binaries.program("postgres").resolve()),
            binaries.version_text,
            confined,
            [double.database, double.migrator, double.roles, astuple(double.defaults)],
            [sorted(ignored.schemas), sorted(ignored.tables)],
            [[migration.id, migration.up.sha256, migration.up.transactional] for migration in applied],
        ]
        self._folder = cache_folder("shadows")
        self._name = f"{hashlib.sha256(json.dumps(facts).encode(errors='surrogateescape')).hexdigest()}.json.gz"

    def read(self) -> Schema | None:
        """Return the schema, None where it is not known."""
        if self._folder is None:
            return None
        file = self._folder / self._name
        try:
            schema = parse_schema(gzip.decompress(file.read_bytes()).decode())
            os.utime(file)
        except (OSError, EOFError, ValueError):  # also a file that a full disk cut short
            return None
        return schema

    def write(self, schema: Schema) -> None:
        """Remember the schema, and delete those that were not used for a month."""
        if self._folder is None:
            return
        beside = self._folder / f".{self._name}.{os.getpid()}"
        with suppress(OSError):
            beside.write_bytes(gzip.compress(write_schema(schema).encode(), compresslevel=1))
            beside.replace(self._folder / self._name)
        now = time.time()
        for file in self._folder.iterdir():
            with suppress(OSError):
                if now - file.stat().st_mtime > _UNUSED_SECONDS:
                    file.unlink()
