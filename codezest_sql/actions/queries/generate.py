"""Generated code on disk: written and compared as a whole, and never over a file that was not generated."""

from __future__ import annotations

import difflib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.project.atomic_write import AllOrNothing
from codezest_sql.actions.project.settings import show_path
from codezest_sql.actions.queries.naming import modelled
from codezest_sql.core.python_code.header import header, is_generated
from codezest_sql.core.python_code.names.singular import singular
from codezest_sql.core.python_code.project import SourceFile, generate_code
from codezest_sql.errors import (
    FileUnreadableError,
    ForeignFileError,
    GeneratedChangedError,
    IntegrityErrors,
    ProjectErrors,
    SettingsError,
)
from codezest_sql.place import Place, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.actions.queries.check_files import CheckedProject
    from codezest_sql.core.python_code.output_package import OutputPackage
    from codezest_sql.core.query_types.typed_query import TypedQuery
    from codezest_sql.core.settings import Settings

_SHOWN_LINES = 40


@dataclass(frozen=True, slots=True)
class GenerateReport:
    """What became of the files, their paths as messages show them; ``unchanged`` counts those that were right."""

    package: str
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Difference:
    """The changes to make: files to write, with their current text (None if new), and files to remove."""

    package: str
    write: Mapping[Path, tuple[str | None, str]]
    remove: tuple[Path, ...]
    unchanged: int


def output_of(settings: Settings) -> OutputPackage:
    """Return where generated code goes. Raises ``SettingsError`` if the project does not set it."""
    if settings.output is None:
        raise SettingsError(
            "the setting output is missing: it names the package for generated code",
            place=Place(show_path(Path(settings.file))),
            hint='write output = "shop/db" there: the folder of a package',
        )
    return settings.output


def generate(settings: Settings, project: CheckedProject) -> GenerateReport:
    """Write the generated code of a checked project; all of it or nothing.

    Raises ``ProjectErrors`` with all errors of the queries and of names, and with every file that is in the
    way; ``FolderError`` where something cannot be written. Then nothing was written.
    """
    found = _compare(settings, project)
    with AllOrNothing() as files:
        for path, (before, text) in found.write.items():
            if before is None:
                files.create(path, text.encode())
            else:
                files.replace(path, text.encode())
        for path in found.remove:
            files.remove(path)
    for folder in sorted({path.parent for path in found.remove}, reverse=True):
        with suppress(OSError):  # something else is in it
            folder.rmdir()
    return _report(found)


def check_generated(settings: Settings, project: CheckedProject) -> GenerateReport:
    """Compare the generated code with what ``generate`` would write; write nothing.

    Raises what ``generate`` raises of mistakes, and ``IntegrityErrors`` with a ``GeneratedChangedError`` for each
    file that differs, is missing, or is there and should not be.
    """
    found = _compare(settings, project)
    errors = [_changed(path, before, text) for path, (before, text) in found.write.items()]
    errors += [
        _wrong(path, "is generated from a file or a schema that is not there any more") for path in found.remove
    ]
    if errors:
        raise IntegrityErrors(sorted(errors, key=lambda error: str(error.place)))
    return _report(found)


def _report(found: _Difference) -> GenerateReport:
    written = tuple(sorted(show_path(path) for path in found.write))
    return GenerateReport(found.package, written, tuple(map(show_path, found.remove)), found.unchanged)


def _compare(settings: Settings, project: CheckedProject) -> _Difference:
    output = output_of(settings)
    root = Path(settings.root, output.folder)
    wanted = _wanted(settings, project, output)
    errors: list[ForeignFileError] = []
    write: dict[Path, tuple[str | None, str]] = {}
    for name, text in wanted.items():
        path = root / name
        before = _read(path)
        if before is not None and not is_generated(before):
            if name != "__init__.py":  # that of the package itself may be anybody's
                errors.append(_foreign(path))
        elif before is None or before.replace("\r\n", "\n") != text:
            write[path] = (before, text)
    if errors:
        raise ProjectErrors(errors)
    keep = {root / name for name in wanted}
    remove = [path for path in _python_files(root) if path not in keep and is_generated(_read(path) or "")]
    return _Difference(output.package, write, tuple(remove), len(wanted) - len(write))


def _wanted(settings: Settings, project: CheckedProject, output: OutputPackage) -> Mapping[str, str]:
    code = generate_code(
        [_source(settings, file.file.name, file.queries) for file in project.files],
        modelled(settings, project.facts),
        project.names,
        package=output.package,
        singular=singular,
        initialisms=settings.initialisms,
        json_types=dict(settings.json_types),
    )
    if project.errors or code.errors:
        raise ProjectErrors((*project.errors, *code.errors))
    own = header("Typed access to the database.", source="the SQL")
    return {"__init__.py": own, **code.files}


def _source(settings: Settings, name: str, queries: tuple[TypedQuery, ...]) -> SourceFile:
    """Return a query file under its path in the project, regardless of the working folder."""
    folder = Path(settings.queries)
    try:
        shown = folder.relative_to(settings.root).joinpath(name).as_posix()
    except ValueError:
        shown = f"{folder.name}/{name}"
    return SourceFile(shown, tuple(name.split("/")), queries)


def _python_files(root: Path) -> Iterable[Path]:
    for folder in ("models", "queries"):
        yield from sorted((root / folder).rglob("*.py"))


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(show_path(path))) from None


def _foreign(path: Path) -> ForeignFileError:
    return ForeignFileError(
        "is where generated code goes, and was not generated",
        place=Place(show_path(path)),
        hint="move it, or choose another folder with the setting output",
    )


def _changed(path: Path, before: str | None, text: str) -> GeneratedChangedError:
    if before is None:
        return _wrong(path, "does not exist")
    return _wrong(path, f"differs from what the SQL generates now:\n{_diff(before, text)}")


def _wrong(path: Path, message: str) -> GeneratedChangedError:
    return GeneratedChangedError(message, place=Place(show_path(path)), hint="regenerate it: codezest-sql generate")


def _diff(before: str, after: str) -> str:
    lines = list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), "the file", "generated now", lineterm="", n=1)
    )
    more = len(lines) - _SHOWN_LINES
    shown = [printable(line.expandtabs(4)) for line in lines[:_SHOWN_LINES]]
    return "\n".join((*shown, f"… and {more} more lines") if more > 0 else shown)
