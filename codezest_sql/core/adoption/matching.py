"""Matches the entries of a tool's ledger with the migrations of the folder, by name and content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.adoption.digests import holds_what_was_applied
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import (
    CodezestError,
    EditedMigrationError,
    FileNameError,
    IntegrityErrors,
    MissingMigrationError,
    ProjectErrors,
    UsageError,
)
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.adoption.readings import Entry, Reading
    from codezest_sql.core.adoption.tools import Tool
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration


def match(
    tool: Tool, reading: Reading, folder: MigrationFolder, contents: Mapping[str, bytes]
) -> tuple[Migration, ...]:
    """Return the migrations that were applied, in the folder's order.

    ``contents`` are the bytes of the files by migration id, for a tool that keeps checksums. Raises
    ``IntegrityErrors`` with every version that has no file and every file that was edited, ``ProjectErrors`` where
    two files have one version, ``UsageError`` where a head is in no file's name.
    """
    if reading.heads:
        return _up_to_heads(tool, reading, folder)
    found: set[str] = set()
    errors: list[CodezestError] = []
    for entry in reading.entries:
        migration = _file_of(tool, entry, folder)
        if migration is None:
            errors.append(_missing(tool, entry, folder))
            continue
        found.add(migration.id)
        if entry.checksum and not holds_what_was_applied(tool, contents[migration.id], entry.checksum):
            errors.append(
                EditedMigrationError(
                    f"is not what {tool.name} applied as {entry}: its checksum is another",
                    place=Place(migration.up.file),
                    hint="restore the file as it was applied, and make the change in a new migration",
                )
            )
    if errors:
        raise IntegrityErrors(errors)
    last = tool.key(reading.up_to) if reading.up_to is not None else None
    return tuple(m for m in folder.migrations if m.id in found or _is_up_to(tool.key_of_id(m.id), last))


def _is_up_to(key: object, last: object) -> bool:
    return isinstance(key, tuple) and isinstance(last, tuple) and key <= last


def _file_of(tool: Tool, entry: Entry, folder: MigrationFolder) -> Migration | None:
    """Return the file of an entry: the one of that name, else the one of that version."""
    named = folder.find(entry.name) if entry.name else None
    if named:
        return named
    key = tool.key(entry.version)
    alike = [m for m in folder.migrations if key is not None and tool.key_of_id(m.id) == key]
    if len(alike) > 1:
        raise ProjectErrors(
            [
                FileNameError(
                    f"has the version {entry.version} of {tool.name}, as {alike[0].id} does",
                    place=Place(other.up.file),
                    hint="remove or rename the one that was not applied",
                )
                for other in alike[1:]
            ]
        )
    return alike[0] if alike else None


def _missing(tool: Tool, entry: Entry, folder: MigrationFolder) -> MissingMigrationError:
    guess = did_you_mean(entry.name or entry.version, (migration.id for migration in folder.migrations))
    way_out = f"restore the file, or name the last one that was applied: migrate baseline ID --from {tool.name}"
    return MissingMigrationError(
        f"{tool.name} applied {entry}, and there is no such file in {folder.path}",
        hint=f"{guess} else {way_out}" if guess else way_out,
    )


def _up_to_heads(tool: Tool, reading: Reading, folder: MigrationFolder) -> tuple[Migration, ...]:
    """Find each head as a word of an id; all that comes before it, by the order of the files, was applied too."""
    count = 0
    for entry in reading.entries:
        word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(entry.version)}(?![A-Za-z0-9])")
        positions = [n for n, migration in enumerate(folder.migrations, start=1) if word.search(migration.id)]
        if len(positions) != 1:
            what = "no file of that name" if not positions else f"{len(positions)} files of that name"
            raise UsageError(
                f"{tool.name} is at revision {entry.version}, and there is {what} in {folder.path}",
                hint=f"name the migration that the database is at: migrate baseline ID --from {tool.name}",
            )
        count = max(count, positions[0])
    return folder.migrations[:count]
