"""``codezest-sql check``: every query of the project against a real server, or against the committed snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.check_cache import CheckCache
from codezest_sql.actions.migration_folder import read_folder
from codezest_sql.actions.query_database import schema_sha256, server_name
from codezest_sql.actions.query_folder import read_query_folder, snapshot_file
from codezest_sql.actions.settings import show_path
from codezest_sql.actions.written_files import replace_file
from codezest_sql.core.check_report import CheckReport, FileReport, Problem, query_json
from codezest_sql.core.query_snapshot import Snapshot, differences, read_snapshot, write_snapshot
from codezest_sql.core.source import Place
from codezest_sql.core.text_file import decode
from codezest_sql.errors import QuerySnapshotError

if TYPE_CHECKING:
    from codezest_sql.actions.checking import CheckedFile
    from codezest_sql.core.settings import Settings


def check(settings: Settings) -> CheckReport:
    """Return what is found of every query file, and write the snapshot where no error is among it.

    A file that was checked before, on the same schema and server, is not asked about again. Raises what
    ``read_folder`` and ``read_query_folder`` raise, ``ShadowError``, ``ServerError`` and ``QuerySnapshotError``.
    """
    folder = read_folder(settings)
    files = read_query_folder(Path(settings.queries))
    schema, server = schema_sha256(folder), server_name(settings, folder)
    cache = CheckCache(settings, schema=schema, server=server)
    found = {file.name: known for file in files if (known := cache.get(file)) is not None}
    unknown = [file for file in files if file.name not in found]
    if unknown:
        from codezest_sql.actions.checking import Checker  # noqa: PLC0415  # start-up time: nothing may be unknown

        with Checker(settings) as checker:
            for checked in checker.check(unknown).files:
                found[checked.file.name] = report_of(checked)
                cache.put(checked.file, found[checked.file.name])
        cache.write()
    report = CheckReport(tuple(found[file.name] for file in files), server)
    if not report.failed:
        taken = {file.name: (file.sha256, found[file.name]) for file in files}
        _write_snapshot(settings, Snapshot(schema, taken))
    return report


def check_offline(settings: Settings) -> CheckReport:
    """Return what the snapshot says of the files; each that is not as it was then is an error. Asks no server."""
    folder = read_folder(settings)
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
    errors = differences(snapshot, schema_sha256(folder), named, file=shown)
    reports = tuple(snapshot.files[file.name][1].at(file.path) for file in files if file.name in snapshot.files)
    return CheckReport(reports, f"the snapshot {shown}", tuple(Problem.of(error) for error in errors))


def report_of(checked: CheckedFile) -> FileReport:
    """Return what can be printed and remembered of a checked file."""
    return FileReport(checked.file.path, tuple(query_json(query) for query in checked.queries), checked.problems)


def _write_snapshot(settings: Settings, snapshot: Snapshot) -> None:
    if not snapshot.files:
        return
    path = snapshot_file(Path(settings.queries))
    relative = {name: (digest, report.at(name)) for name, (digest, report) in snapshot.files.items()}
    text = write_snapshot(Snapshot(snapshot.schema, relative)).encode(errors="surrogateescape")
    try:
        if not path.exists():
            path.write_bytes(text)
        elif path.read_bytes() != text:
            replace_file(path, text)
    except OSError as error:
        raise QuerySnapshotError(f"cannot be written: {error.strerror}", place=Place(show_path(path))) from None
