"""The settings of the project, and which database is meant."""

from __future__ import annotations

import io
import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import codezest_sql
from codezest_sql.actions.project.find import PYPROJECT, Project, find_project, no_project, project_in
from codezest_sql.actions.project.read_file import read_file, show_path
from codezest_sql.core.migrations.superuser_needed import TRUST_VARIABLE
from codezest_sql.core.settings import PackagedSchema, Settings, parse_settings
from codezest_sql.errors import FileUnreadableError, FolderError, SettingsError, UsageError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DEFAULT_MIGRATIONS",
    "DEFAULT_QUERIES",
    "DatabaseChoice",
    "OwnSettings",
    "choose_database",
    "find_root",
    "is_installed",
    "load_settings",
    "read_file",
    "read_own_settings",
    "show_path",
    "working_folder",
]

# The defaults of a project; the packaged schema is used only where --bundled names it.
DEFAULT_MIGRATIONS, DEFAULT_QUERIES = "sql/migrations", "sql/queries"


@dataclass(frozen=True, slots=True)
class DatabaseChoice:
    """A database URL and where it comes from; ``url`` is None for the project's embedded server."""

    url: str | None
    source: str


def find_root(start: Path) -> Path:
    """Return the folder of the project that ``start`` belongs to; ``start`` itself where there is none."""
    project = find_project(start)
    return start.resolve() if project is None else project.root


def load_settings(
    *,
    start: Path | None = None,
    migrations: Path | None = None,
    queries: Path | None = None,
    packaged: PackagedSchema | None = None,
    needs_project: bool = True,
    trust_migrations: bool = False,
) -> Settings:
    """Return the settings of the project around ``start`` (default: the working folder).

    ``migrations`` and ``queries`` override the project's folders. With ``packaged`` they are those of
    that schema, and the project's own settings are not read. ``trust_migrations`` is
    the option; the variable CODEZEST_TRUST_MIGRATIONS of the environment, never of ``.env``, counts as well. Raises
    ``NoProjectError`` where there is no project and one is needed, ``ProjectErrors``, ``SettingsError`` and
    ``FileUnreadableError`` for unusable settings, ``UsageError`` for an unusable variable.
    """
    folder = start or working_folder()
    project = find_project(folder)
    if packaged is not None:
        if migrations or queries:
            option = "--migrations" if migrations else "--queries"
            raise UsageError(f"--bundled and {option} exclude each other", hint="give one of them")
        return _packaged_settings(packaged, folder.resolve() if project is None else project.root, project)
    if project is None and needs_project:
        raise no_project(folder)
    settings = (
        _read_settings(project) if project else Settings(str(folder.resolve()), DEFAULT_MIGRATIONS, DEFAULT_QUERIES)
    )
    root = Path(settings.root)
    return replace(
        settings,
        migrations=str(migrations.absolute() if migrations else root / settings.migrations),
        queries=str(queries.absolute() if queries else root / settings.queries),
        seeds=str(root / settings.seeds),
        statistics=str(root / settings.statistics),
        plans=str(root / settings.plans),
        trust_migrations=trust_migrations or _trusted_by_environment(),
    )


def _read_settings(project: Project) -> Settings:
    defaults = Settings(str(project.root), DEFAULT_MIGRATIONS, DEFAULT_QUERIES, file=str(project.file))
    shown = show_path(project.file)
    return parse_settings(project.table, defaults, file=shown, text=project.text, heading=project.heading)


def _packaged_settings(schema: PackagedSchema, root: Path, project: Project | None) -> Settings:
    """Return the settings of a packaged schema; ``root`` decides which database is meant, and nothing else."""
    folder = Path(schema.folder)
    return Settings(
        str(root),
        str(folder / "migrations"),
        str(folder / "queries"),
        managed_partitions=schema.managed_partitions,
        seeds=str(folder / "seeds"),
        statistics=str(folder / "statistics.json"),
        plans=str(folder / "plans.json"),
        file="" if project is None else str(project.file),
        bundled=True,
    )


def _trusted_by_environment() -> bool:
    value = os.environ.get(TRUST_VARIABLE, "").strip().lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes"}:
        raise UsageError(f"{TRUST_VARIABLE} is {value!r}", hint="set it to 1 or 0")
    return value in {"1", "true", "yes"}


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """The settings of one folder; ``is_new`` where they are those of a table that its pyproject.toml lacks."""

    settings: Settings
    is_new: bool


def read_own_settings(root: Path, *, default_table: str) -> OwnSettings:
    """Return the settings that the files in ``root`` itself hold, else those of ``default_table`` (TOML).

    Raises what ``load_settings`` raises.
    """
    project = project_in(root)
    if project is None:
        table = tomllib.loads(default_table)["tool"]["codezest-sql"]
        new = Project(root, root / PYPROJECT, default_table, table)
    else:
        new = project
    settings = _read_settings(new)
    settings = replace(settings, migrations=str(root / settings.migrations), queries=str(root / settings.queries))
    return OwnSettings(settings, is_new=project is None)


def working_folder() -> Path:
    """Return the working folder. Raises ``FolderError`` where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        raise FolderError("the working folder does not exist any more", hint="cd to one that does") from None


def is_installed(path: Path) -> bool:
    """Whether a path is inside the installed package, where nothing is written."""
    return path.resolve().is_relative_to(Path(codezest_sql.__file__).parent.resolve())


def choose_database(given: str | None, *, root: Path) -> DatabaseChoice:
    """Return which database is meant: ``--database-url``, DIRECT_URL, DATABASE_URL, else the embedded server.

    The environment is asked for both names before the project's ``.env`` is: a URL exported for this one
    command must not lose to a file that names production. Empty values count as absent.
    """
    if given is not None:
        return DatabaseChoice(given, "--database-url")
    names = ("DIRECT_URL", "DATABASE_URL")
    for name in names:
        if os.environ.get(name):
            return DatabaseChoice(os.environ[name], name)
    file = root / ".env"
    # A folder of this name is a virtual environment. Any other thing could have named the database that is meant.
    if os.path.lexists(file) and not file.is_dir():
        values = _dotenv(file, names)
        for name in names:
            value = values.get(name)
            if value:
                return DatabaseChoice(value, f"{name} of .env")
    return DatabaseChoice(None, "embedded server")


def _dotenv(file: Path, names: Sequence[str]) -> dict[str, str | None]:
    """Return the values of a ``.env`` file. Raises ``SettingsError`` if a line with one of the names has no value."""
    from dotenv.parser import parse_stream  # noqa: PLC0415  # most runs have no .env file

    shown = show_path(file)
    try:
        if file.exists() and not file.is_file():
            raise FileUnreadableError(
                "is not a file", place=Place(shown), hint="replace it with a file, or remove it"
            )
        # Without the byte order mark, which would be a part of the first name.
        lines = list(parse_stream(io.StringIO(file.read_text("utf-8-sig"))))
    except (OSError, UnicodeError) as error:
        raise FileUnreadableError(
            f"cannot be read: {error.__class__.__name__}", place=Place(shown), hint="save it as UTF-8"
        ) from None
    for line in lines:
        if line.error and any(name in line.original.string for name in names):
            # Skipping it would use the embedded server instead of the database that was meant.
            raise SettingsError(
                "expected NAME=value; perhaps a quote is not closed",
                place=Place(shown, line.original.line, 1),
                hint="correct the line",
            )
    return {line.key: line.value for line in lines if line.key is not None}
