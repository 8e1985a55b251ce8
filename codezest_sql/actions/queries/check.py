"""``codezest-sql check``: every query of the project against a real server, or against the committed snapshot."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.migrations.sources import MigrationSources
from codezest_sql.actions.project.atomic_write import replace_file
from codezest_sql.actions.project.settings import is_installed, show_path
from codezest_sql.actions.queries.check_cache import CheckCache
from codezest_sql.actions.queries.folder import read_query_folder, snapshot_file
from codezest_sql.actions.queries.schema_key import schema_sha256, server_name
from codezest_sql.core.migrations.superuser_needed import note_of_roles
from codezest_sql.core.query_checks.report import CheckReport, FileReport, Problem, query_json
from codezest_sql.core.query_checks.snapshot import Snapshot, differences, read_snapshot, write_snapshot
from codezest_sql.core.text.decode import decode
from codezest_sql.errors import QuerySnapshotError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codezest_sql.actions.queries.check_files import CheckedFile
    from codezest_sql.actions.queries.folder import QueryFile
    from codezest_sql.core.settings import Settings


def check(settings: Settings) -> CheckReport:
    """Return what is found of every query file, and write the snapshot where no error is among it.

    A file that was checked before, on the same schema and server, is not asked about again. Raises what
    ``read_folder`` and ``read_query_folder`` raise, ``ShadowError``, ``ServerError`` and ``QuerySnapshotError``.
    """
    files = read_query_folder(Path(settings.queries))
    sources = MigrationSources(settings)
    server = server_name(settings, sources.extensions)
    cache = CheckCache(settings, schema=sources.sha256, server=server)
    found = {file.name: known for file in files if (known := cache.get(file)) is not None}
    unknown = [file for file in files if file.name not in found]
    if not cache.known:
        _ = sources.folder  # raises its errors, however few query files there are to check
    if unknown:
        from codezest_sql.actions.queries.check_files import Checker  # noqa: PLC0415  # start-up time: nothing may be unknown

        with Checker(settings) as checker:
            for checked in checker.check(unknown, sources=sources).files:
                found[checked.file.name] = report_of(checked)
                cache.put(checked.file, found[checked.file.name])
            cache.roles = checker.made_roles
    reports = tuple(found[file.name] for file in files)
    report = CheckReport(reports, server, notes=note_of_roles(cache.roles))
    snapshot = ""
    if files and not report.failed and not (settings.bundled or is_installed(Path(settings.queries))):
        snapshot = _keep_snapshot(settings, sources, files, found, cache.snapshot)
    cache.write(snapshot)
    return report


def check_offline(settings: Settings) -> CheckReport:
    """Return what the snapshot has of the files; each file that changed since is an error. Uses no server."""
    schema = schema_sha256(MigrationSources(settings).folder)
    files = read_query_folder(Path(settings.queries))
    path = snapshot_file(Path(settings.queries))
    shown = show_path(path)
    try:
        snapshot = read_snapshot(decode(path.read_bytes(), file=shown), file=shown)
    except FileNotFoundError:
        hint = "run codezest-sql check where there is a server, and commit it"
        raise QuerySnapshotError("there is no snapshot", place=Place(shown), hint=hint) from None
    except OSError as error:
        raise QuerySnapshotError(f"cannot be read: {error.strerror}", place=Place(shown)) from None
    named = [(file.name, file.path, file.sha256) for file in files]
    errors = differences(snapshot, schema, named, file=shown)
    reports = tuple(snapshot.files[file.name][1].at(file.path) for file in files if file.name in snapshot.files)
    return CheckReport(reports, f"the snapshot {shown}", tuple(Problem.of(error) for error in errors))


def report_of(checked: CheckedFile) -> FileReport:
    """Return what can be printed and remembered of a checked file."""
    return FileReport(checked.file.path, tuple(query_json(query) for query in checked.queries), checked.problems)


def _keep_snapshot(
    settings: Settings,
    sources: MigrationSources,
    files: Sequence[QueryFile],
    found: Mapping[str, FileReport],
    known: str,
) -> str:
    """Write the snapshot if it changed; return the hash of its text. ``known`` is the hash of the last one."""
    path = snapshot_file(Path(settings.queries))
    try:
        now = path.read_bytes() if path.exists() else None
        if known and now is not None and hashlib.sha256(now).hexdigest() == known:
            return known
        relative = {file.name: (file.sha256, found[file.name].at(file.name)) for file in files}
        text = write_snapshot(Snapshot(schema_sha256(sources.folder), relative)).encode(errors="surrogateescape")
        if now is None:
            path.write_bytes(text)
        elif now != text:
            replace_file(path, text)
    except OSError as error:
        raise QuerySnapshotError(f"cannot be written: {error.strerror}", place=Place(show_path(path))) from None
    return hashlib.sha256(text).hexdigest()
