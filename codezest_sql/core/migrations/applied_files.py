"""A folder and a history to the folder that may be used: what was run is read as it was run, the rest is refused.

A file that another tool would run differently (``core/migrations/files/foreign_sections.py``) is refused while it is
pending. A file that the ledger has was run whole, and its hash proves that it was not edited: its mark is a note.
Never opens a file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.directives import without_plain_header
from codezest_sql.core.migrations.files.folder import assemble
from codezest_sql.core.text.decode import content_hash, decode
from codezest_sql.errors import FileUnreadableError, ProjectErrors

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.layout import FoundFile
    from codezest_sql.core.migrations.history import History
    from codezest_sql.errors import CodezestError


def settle(folder: MigrationFolder, history: History) -> MigrationFolder:
    """Return the folder for a database of this history, with notes on what was found out.

    Raises ``ProjectErrors`` with the ambiguities of every migration that is not applied.
    """
    whole = _run_whole(folder, history)
    if whole:
        folder = assemble(
            folder.found, folder=folder.path, order=folder.order, as_sql=whole, unread=folder.unread, doubtful=True
        )
    begun = {entry.id for entry in history.applied} | {entry.migration_id for entry in history.journal}
    pending = [doubt for migration in folder.migrations if migration.id not in begun for doubt in migration.doubts]
    if pending:
        raise ProjectErrors(pending)
    notes = (
        *(f"{folder.path}/{name}: was applied whole, as its marks and its name were not known" for name in whole),
        *(f"{_words(doubt)}; it is applied, and left as it is" for doubt in folder.doubts),
        *(f"{_words(error)}; migrate down refuses it ({error.hint})" for error in folder.all_down_errors),
    )
    return replace(folder, notes=(*folder.notes, *notes)) if notes else folder


def _run_whole(folder: MigrationFolder, history: History) -> tuple[str, ...]:
    """Return the names of files that the ledger has as they are, and that are read as something else now."""
    read = {migration.id: migration.up.sha256 for migration in folder.migrations}
    applied = {
        entry.id: entry.sha256
        for entry in history.applied
        if entry.id not in read or entry.sha256 not in (None, read[entry.id])
    }
    return tuple(
        file.name
        for file in folder.found
        if file.name.endswith(".sql")
        and (stem := file.name.removesuffix(".sql")) in applied
        and applied[stem] in (None, _hash(file))
    )


def _hash(file: FoundFile) -> str:
    try:
        return content_hash(without_plain_header(decode(file.data, file=file.path)))
    except FileUnreadableError:
        return ""


def _words(error: CodezestError) -> str:
    return f"{error.place}: {error.message}" if error.place else error.message
