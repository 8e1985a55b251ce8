"""Which files ``lint`` looks at, and what each of them is: a migration, or plain SQL such as a query or a seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.project.settings import show_path
from codezest_sql.actions.queries.folder import sql_files
from codezest_sql.core.migrations.files.layout import INNER_NAMES
from codezest_sql.errors import FolderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codezest_sql.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Targets:
    """Migrations by the folder (or single file) that they are read with, and plain files; ``wanted`` of all."""

    folders: tuple[Path, ...]
    plain: tuple[Path, ...]
    wanted: frozenset[Path]


def find_targets(settings: Settings, paths: Sequence[Path], changed: frozenset[Path] | None) -> Targets:
    """Return what to lint: the project's folders, or ``paths``; only the ``changed`` of them, if given.

    A path outside of the project's folders is a folder of migrations of its own. Raises ``UsageError`` for a path
    that is not there, ``FolderError`` where no SQL file is found, or a folder is not there or cannot be read.
    """
    migrations = Path(settings.migrations)
    plain_roots = [Path(settings.queries), Path(settings.seeds)]
    given = [path.absolute() for path in paths]
    for path in given:
        if not path.exists():
            raise UsageError(f"there is no {show_path(path)}", hint="name a file or a folder of SQL")
    if not given and not migrations.exists():
        raise FolderError(
            f"the migrations folder {show_path(migrations)} does not exist",
            hint="name another one with --migrations or the setting migrations",
        )
    # Without a project only the folder of migrations was named.
    roots = (migrations, *plain_roots) if settings.file else (migrations,)
    starts = given or [path for path in roots if path.exists()]
    folders: dict[Path, None] = {}
    plain: dict[Path, None] = {}
    wanted: set[Path] = set()
    for start in starts:
        for file in [start] if start.is_file() else sql_files(start):
            own = next((root for root in plain_roots if _is_within(file, root)), None)
            if own is not None and not _is_within(own, migrations):
                plain[file] = None
            elif _is_within(file, migrations):
                folders[migrations] = None
            else:
                folders[_folder_of(start, file)] = None
            wanted.add(file.resolve())
    if not wanted:
        looked = ", ".join(show_path(path) for path in starts or [migrations])
        raise FolderError(f"no SQL file in {looked}", hint="name files or folders: codezest-sql lint PATH")
    if changed is not None:
        wanted &= changed
    return Targets(tuple(folders), tuple(path for path in plain if path.resolve() in wanted), frozenset(wanted))


def _folder_of(start: Path, file: Path) -> Path:
    """Return the folder of migrations that a file is read with: the one that was named, else the one it lies in."""
    if start.is_dir() and start == file.parent:
        return start
    return file.parent.parent if file.name.lower() in INNER_NAMES else file.parent


def _is_within(path: Path, root: Path) -> bool:
    return path == root or path.is_relative_to(root)


def paths_by_name(paths: Iterable[Path]) -> dict[str, Path]:
    """Return files by their paths as messages show them."""
    return {show_path(path): path for path in paths}
