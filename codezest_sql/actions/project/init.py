"""Sets up a project: look at what is there, decide, write all that is missing or nothing."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from codezest_sql.actions.project.atomic_write import AllOrNothing
from codezest_sql.actions.project.find import PYPROJECT, parse_table
from codezest_sql.actions.project.settings import read_own_settings, show_path
from codezest_sql.core.migrations import checksums
from codezest_sql.core.migrations.files.folder import assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.migrations.files.new_files import new_files
from codezest_sql.core.new_project import FileState, InitReport, ProjectFile, add_ignored, add_table
from codezest_sql.errors import FileUnreadableError, FolderError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from codezest_sql.core.settings import Settings

Ci: TypeAlias = Literal["github", "gitlab", "none"]

_CI_FILES = {"github": ".github/workflows/sql.yml", "gitlab": ".gitlab-ci.yml"}
_IGNORED = (".codezest/", ".env")
# sqlfluff reads its settings from there as well (its documentation, "Configuration"); a .sqlfluff would win.
_SQLFLUFF_ELSEWHERE = b"[tool.sqlfluff"


def init(folder: Path, *, ci: Ci = "github") -> InitReport:
    """Write what a project needs and does not have, and return what was written and what was kept.

    Raises ``SettingsError`` and ``ProjectErrors`` for an unusable pyproject.toml, ``FileUnreadableError``, and
    ``FolderError`` where something cannot be written: then nothing is.
    """
    root = folder.absolute()
    for each in (root, *root.parents):
        if each.exists() and not each.is_dir():
            raise FolderError(f"{show_path(each)} is a file, and a project is a folder", hint="name a folder")
    plan = _Plan(root)
    settings = _plan_settings(plan)
    _plan_example(plan, settings)
    _plan_tools(plan, ci)
    with AllOrNothing() as written:
        written.make_folder(root)
        for path in plan.folders:
            written.make_folder(path)
        for path, content in plan.new.items():
            written.create(path, content)
        for path, content in plan.changed.items():
            written.replace(path, content)
    commands = ["codezest-sql migrate", "codezest-sql generate", "codezest-sql migrate new 'what changes'"]
    if root.resolve() != Path.cwd().resolve():
        commands = [f"cd {shlex.quote(show_path(root))} && {command}" for command in commands[:1]] + commands[1:]
    return InitReport(str(root), tuple(plan.files), tuple(commands))


@dataclass(slots=True)
class _Plan:
    """The files to write."""

    root: Path
    folders: list[Path] = field(default_factory=list[Path])
    new: dict[Path, bytes] = field(default_factory=dict[Path, bytes])
    changed: dict[Path, bytes] = field(default_factory=dict[Path, bytes])
    files: list[ProjectFile] = field(default_factory=list[ProjectFile])

    def write(self, path: Path, content: bytes) -> None:
        """Write a file unless something of its name is there, be it a link that leads nowhere."""
        if path.exists() or path.is_symlink():
            self.keep(path)
        else:
            self.new[path] = content
            self._tell(path, FileState.WROTE)

    def add(self, path: Path, before: bytes, after: bytes) -> None:
        """Add to a file that is there."""
        if before == after:
            self.keep(path)
        else:
            self.changed[path] = after
            self._tell(path, FileState.ADDED)

    def keep(self, path: Path) -> None:
        """Leave a file or folder as it is."""
        self._tell(path, FileState.KEPT)

    def _tell(self, path: Path, state: FileState) -> None:
        self.files.append(ProjectFile(show_path(path), state))


def _plan_settings(plan: _Plan) -> Settings:
    """Plan ``[tool.codezest-sql]``, unless there are settings, and return those that hold then."""
    file = plan.root / PYPROJECT
    table = _template("table.toml")
    before = _read(file)
    settings = read_own_settings(plan.root, default_table=table)
    if not settings.is_new:
        plan.keep(Path(settings.settings.file))
    elif before is None:
        plan.write(file, table.encode())
    else:
        parse_table(before, file=show_path(file))  # raises the error
        plan.add(file, before, add_table(before, table, file=show_path(file)))
    return settings.settings


def _plan_example(plan: _Plan, settings: Settings) -> None:
    """Plan a first migration and queries on its table, unless there are files of the project's own."""
    folder = Path(settings.migrations)
    queries = Path(settings.queries)
    if any(_names(folder)):
        plan.keep(folder)
        if queries.is_dir():
            plan.keep(queries)
        else:
            plan.folders.append(queries)
        return
    texts = ("create_notes.sql", "create_notes.rollback.sql")
    names = new_files(None, "create notes", transactional=True, now=datetime.now(UTC))
    found = [
        FoundFile(name, show_path(folder / name), _template(text).encode())
        for name, text in zip(names, texts, strict=True)
    ]
    for each in found:
        plan.write(folder / each.name, each.data)
    sums = checksums.write_checksums(
        checksums.checksums(assemble(found, folder=show_path(folder), order=settings.order))
    )
    plan.write(folder / checksums.FILE_NAME, sums.encode())
    if any(_names(queries)):
        plan.keep(queries)
    else:
        plan.write(queries / "notes.sql", _template("notes.sql").encode())


def _plan_tools(plan: _Plan, ci: Ci) -> None:
    root = plan.root
    if _SQLFLUFF_ELSEWHERE not in (_read(root / PYPROJECT) or b""):
        plan.write(root / ".sqlfluff", _template("sqlfluff.ini").encode())
    if ci != "none":
        plan.write(root / _CI_FILES[ci], _template(f"{ci}.yml").encode())
    plan.write(root / ".env.example", _template("env.example").encode())
    ignore = root / ".gitignore"
    before = _read(ignore)
    if before is None:
        plan.write(ignore, add_ignored(b"", _IGNORED))
    else:
        plan.add(ignore, before, add_ignored(before, _IGNORED))


def _names(folder: Path) -> list[str]:
    """Return the names in a folder, without hidden ones; none where it is missing."""
    if folder.exists() and not folder.is_dir():
        raise FolderError(
            f"{show_path(folder)} is a file, and a folder must be there", hint="move it, and run the command again"
        )
    try:
        return [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        raise FolderError(
            f"{show_path(folder)} cannot be a folder: a file is in its way", hint="move it, and run the command again"
        ) from None
    except OSError as error:
        raise FolderError(f"{show_path(folder)} cannot be read: {error.strerror}") from None


def _read(file: Path) -> bytes | None:
    """Return what a file holds; None where there is none."""
    try:
        if file.exists() and not file.is_file():
            raise FileUnreadableError(
                "is not a file, and one must be there", place=Place(show_path(file)), hint="move it away"
            )
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(show_path(file))) from None


def _template(name: str) -> str:
    return files("codezest_sql.actions.project").joinpath("new_project", name).read_text("utf-8")
