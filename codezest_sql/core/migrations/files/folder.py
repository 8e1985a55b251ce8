"""The files of a folder to the migrations they make up, in the order in which they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.file_group import read_migration
from codezest_sql.core.migrations.files.order import in_order, is_by_number, number_notes, unknown_dependencies
from codezest_sql.core.migrations.files.sort_files import sort_out
from codezest_sql.core.migrations.files.unversioned_files import loose_notes, with_loose_files
from codezest_sql.errors import CodezestError, DependencyError, FolderError, ProjectErrors
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from codezest_sql.core.migrations.files.layout import FoundFile
    from codezest_sql.core.migrations.files.order import Order
    from codezest_sql.core.migrations.files.script import Migration


@dataclass(frozen=True, slots=True)
class MigrationFolder:
    """All migrations of a folder in the order in which they run, and what a person should know of them.

    ``files`` are (name within the folder, SHA-256 of its content) of every file that they are made of, in that order.
    ``down_errors`` are about files that undo something unknown. ``found``, ``order`` and ``unread``
    (notes on what is not run) are what the folder was made of: see ``core/migrations/applied_files.py``.
    """

    path: str
    migrations: tuple[Migration, ...]
    notes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    down_errors: tuple[CodezestError, ...] = ()
    found: tuple[FoundFile, ...] = field(default=(), repr=False)
    order: Order = "auto"
    unread: tuple[str, ...] = ()

    def find(self, migration_id: str) -> Migration | None:
        """Return the migration of that id."""
        return next((migration for migration in self.migrations if migration.id == migration_id), None)

    @property
    def doubts(self) -> tuple[CodezestError, ...]:
        """Why files of the folder cannot be run as they are."""
        return tuple(doubt for migration in self.migrations for doubt in migration.doubts)

    @property
    def all_down_errors(self) -> tuple[CodezestError, ...]:
        """Why files that undo something cannot be used."""
        return (*(error for migration in self.migrations for error in migration.down_errors), *self.down_errors)


def assemble(
    files: Iterable[FoundFile],
    *,
    folder: str,
    order: Order = "auto",
    as_sql: Collection[str] = (),
    unread: tuple[str, ...] = (),
    doubtful: bool = False,
) -> MigrationFolder:
    """Return the migrations that the files of ``folder`` make up.

    The name of a file determines what it is (``core/migrations/files/layout.py``); other endings are ignored.
    Those named in ``as_sql`` are known to have been run whole, as migrations of their own. Raises ``ProjectErrors``
    with all errors of all files: see ``read_text``, and unusable names, one id twice, unknown and circular
    dependencies, an empty folder; unless ``doubtful``, what another tool would run otherwise. Mistakes of files that
    undo something are in the result.
    """
    found = tuple(sorted(files, key=lambda file: file.name))
    sorted_out = sort_out(found, as_sql=as_sql)
    errors = sorted_out.errors
    if not (sorted_out.migrations or errors):
        errors.append(
            FolderError(
                f"no migration in {folder}",
                hint='write one with "codezest-sql migrate new TITLE", or name another folder with --migrations',
            )
        )
    readings = [read_migration(each) for each in sorted_out.migrations]
    for reading in readings:
        errors.extend(reading.errors)
        if reading.migration is None:
            errors.extend((*reading.doubts, *reading.down_errors))
    migrations = with_loose_files([reading.migration for reading in readings if reading.migration])
    errors.extend(unknown_dependencies(migrations, known={each.id for each in sorted_out.migrations}))
    by_number = is_by_number(migrations, order)
    ordered: tuple[Migration, ...] = ()
    if not errors:
        try:
            ordered = in_order(migrations, by_number=by_number)
        except DependencyError as error:
            errors.append(error)
    doubts = [doubt for migration in migrations for doubt in migration.doubts]
    if errors or (doubts and not doubtful):
        # All mistakes at once, those of the ways back as well.
        errors.extend(doubts)
        errors.extend(error for migration in migrations for error in migration.down_errors)
        errors.extend(sorted_out.down_errors)
        raise ProjectErrors(sorted(errors, key=lambda error: error.place or Place("")))
    notes = [note for migration in ordered for note in _notes(migration)]
    sums = {reading.migration.id: reading.sums for reading in readings if reading.migration}
    return MigrationFolder(
        folder,
        ordered,
        (*unread, *notes, *loose_notes(ordered), *number_notes(ordered, by_number=by_number)),
        tuple(item for migration in ordered for item in sums[migration.id].items()),
        tuple(sorted_out.down_errors),
        found,
        order,
        unread,
    )


def _notes(migration: Migration) -> tuple[str, ...]:
    return (*migration.up.notes, *(migration.down.notes if migration.down else ()))
