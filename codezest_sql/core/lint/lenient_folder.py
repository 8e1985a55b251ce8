"""The files of a folder to what is linted of them, also where some of them cannot be run. Never opens a file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.lint.finding import Finding, Severity
from codezest_sql.core.lint.rule import FileFacts
from codezest_sql.core.lint.run import LintFile
from codezest_sql.core.migrations.files.file_group import read_migration
from codezest_sql.core.migrations.files.order import in_order, is_by_number, unknown_dependencies
from codezest_sql.core.migrations.files.sort_files import sort_out
from codezest_sql.core.migrations.files.unversioned_files import with_loose_files
from codezest_sql.core.sql.statements import Statement, iterate_statements
from codezest_sql.core.text.decode import decode
from codezest_sql.errors import CodezestError, DependencyError, LexicalError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.migrations.files.file_group import MigrationFiles
    from codezest_sql.core.migrations.files.layout import FoundFile
    from codezest_sql.core.migrations.files.order import Order
    from codezest_sql.core.migrations.files.script import Migration, Script


@dataclass(frozen=True, slots=True)
class LenientFolder:
    """What is linted, in order, and what no migration can be made of."""

    files: tuple[LintFile, ...]
    mistakes: tuple[Finding, ...]


def read_leniently(
    found: Iterable[FoundFile], *, order: Order, wanted: frozenset[str], lock_timeout: float | None = None
) -> LenientFolder:
    """Return the migrations of a folder, every mistake as a finding; ``wanted`` are paths as messages show them."""
    by_name = sort_out(sorted(found, key=lambda file: file.name))
    sorted_out = by_name.migrations
    errors = [*by_name.errors, *by_name.down_errors]
    migrations: dict[str, Migration] = {}
    for files in sorted_out:
        reading = read_migration(files)
        errors.extend((*reading.errors, *reading.down_errors))
        if reading.migration:
            migrations[files.id] = reading.migration
        else:
            errors.extend(reading.doubts)
    migrations = {each.id: each for each in with_loose_files(list(migrations.values()))}
    errors.extend(doubt for migration in migrations.values() for doubt in migration.doubts)
    errors.extend(unknown_dependencies(list(migrations.values()), known={each.id for each in sorted_out}))
    by_number = is_by_number(list(migrations.values()), order)
    places = {files.id: number for number, files in enumerate(sorted_out)}
    try:
        ordered = in_order(list(migrations.values()), by_number=by_number)
        places |= {migration.id: number for number, migration in enumerate(ordered)}
    except DependencyError as error:
        errors.append(error)
    linted = [
        each
        for files in sorted(sorted_out, key=lambda files: places[files.id])
        for each in _files(files, migrations.get(files.id), wanted, lock_timeout)
    ]
    mistakes = tuple(finding_of(error) for error in errors if error.place is None or error.place.file in wanted)
    return LenientFolder(tuple(linted), mistakes)


def finding_of(error: CodezestError) -> Finding:
    """Return an error of a file as a finding; one of a file as a whole is shown at its beginning."""
    place = error.place or Place("")
    if place.file and not place.line:
        place = Place(place.file, 1, 1)
    return Finding(error.code, Severity.ERROR, place, error.message, error.hint or "", shown=error.source or "")


def lenient_file(file: FoundFile, *, undoes: bool = False) -> LintFile | None:
    """Return a file on its own, as far as its statements can be distinguished; None where it is no text."""
    try:
        text = decode(file.data, file=file.path)
    except CodezestError:
        return None
    statements: list[Statement] = []
    with suppress(LexicalError):  # an error that is reported; what comes before it is linted
        statements.extend(iterate_statements(text))
    return LintFile(FileFacts(file.path, text, undoes=undoes), tuple(statements))


def _files(
    files: MigrationFiles, migration: Migration | None, wanted: frozenset[str], lock_timeout: float | None
) -> list[LintFile]:
    """Return both ways of a migration; as it is written where it cannot be run."""
    has_rollback = files.down is not None
    if migration is None:
        bare = [lenient_file(files.up), lenient_file(files.down, undoes=True) if files.down else None]
        return [LintFile(each.facts, each.statements, each.facts.file in wanted) for each in bare if each is not None]

    def of(script: Script, *, undoes: bool) -> LintFile:
        facts = FileFacts(
            script.file,
            script.text,
            script.transactional,
            undoes,
            has_rollback or migration.down is not None or migration.irreversible is not None,
            migration.layout,
            lock_timeout if script.lock_timeout is None else script.lock_timeout,
        )
        return LintFile(facts, script.statements, script.file in wanted)

    return [
        of(migration.up, undoes=False),
        *([of(migration.down, undoes=True)] if migration.down else []),
    ]
