"""Find the project, read its settings, and say which database is meant."""

from __future__ import annotations

import io
import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import codezest_sql
from codezest_sql.core.settings import Settings, parse_settings
from codezest_sql.core.source import Place
from codezest_sql.core.temporary_refusal import TRUST_VARIABLE
from codezest_sql.core.text_file import decode
from codezest_sql.errors import FileUnreadableError, FolderError, SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT_FILE = "pyproject.toml"
# Of the CodeZest schema, which is used where there is no project: `codezest-sql partitions` makes their months.
_CODEZEST_PARTITIONS = ("activity.user_activities", "activity.analytics_events")


@dataclass(frozen=True, slots=True)
class DatabaseChoice:
    """A database URL and where it comes from; ``url`` is None for the project's embedded server."""

    url: str | None
    source: str


def find_root(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, whose pyproject.toml has a ``[tool.codezest-sql]``.

    ``start`` itself where there is none.
    """
    return _find_project(start)[0]


def _find_project(start: Path) -> tuple[Path, dict[str, object] | None]:
    """Return what ``find_root`` does, and the ``[tool.codezest-sql]`` that is there."""
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / PROJECT_FILE
        # A plain search first: most folders' files are another project's, and need not be parsed. Of our name alone,
        # since TOML has more than one way to write [tool.codezest-sql].
        if file.is_file() and b"codezest-sql" in read_file(file):
            table = _table(file)
            if table is not None:
                return folder, table
    return start, None


def load_settings(
    *,
    start: Path | None = None,
    migrations: Path | None = None,
    queries: Path | None = None,
    trust_migrations: bool = False,
) -> Settings:
    """Return the settings of the project around ``start`` (default: the working folder).

    ``migrations`` and ``queries`` override the project's folders. ``trust_migrations`` is the option; the variable
    CODEZEST_TRUST_MIGRATIONS of the environment, never of ``.env``, counts as well. Without a project, the CodeZest
    schema that is installed with this package is used. Raises ``ProjectErrors`` and ``SettingsError`` for an unusable
    pyproject.toml, ``UsageError`` for an unusable variable.
    """
    root, table = _find_project(start or _working_folder())
    bundled = bundled_sql()
    defaults = Settings(
        str(root),
        str(bundled / "migrations"),
        str(bundled / "queries"),
        managed_partitions=_CODEZEST_PARTITIONS,
        seeds=str(bundled / "seeds"),
    )
    file = root / PROJECT_FILE
    if table is None:
        settings = defaults
    else:
        text = decode(file.read_bytes(), file=show_path(file))
        # Our reference data is of our schema: a project with migrations of its own has seeds of its own.
        own = {"seeds": "sql/seeds"} if "migrations" in table else {}
        settings = parse_settings({**own, **table}, defaults, file=show_path(file), text=text)
    folder = migrations.absolute() if migrations else root / settings.migrations
    named = queries.absolute() if queries else root / settings.queries
    return replace(
        settings,
        migrations=str(folder),
        queries=str(named),
        seeds=str(root / settings.seeds),
        statistics=str(root / settings.statistics),
        plans=str(root / settings.plans),
        trust_migrations=trust_migrations or _trusted_by_environment(),
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
    """Return the settings of the pyproject.toml in ``root`` itself, else those of ``default_table`` (TOML).

    Raises what ``load_settings`` raises.
    """
    file = root / PROJECT_FILE
    table = _table(file) if file.is_file() else None
    found = tomllib.loads(default_table)["tool"]["codezest-sql"] if table is None else table
    text = default_table if table is None else decode(file.read_bytes(), file=show_path(file))
    defaults = Settings(str(root), "sql/migrations", "sql/queries")
    settings = parse_settings(found, defaults, file=show_path(file), text=text)
    settings = replace(settings, migrations=str(root / settings.migrations), queries=str(root / settings.queries))
    return OwnSettings(settings, is_new=table is None)


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        raise FolderError("the working folder does not exist any more", hint="cd to one that does") from None


def bundled_sql() -> Path:
    """Return the folder of the CodeZest schema: inside an installed wheel, or beside the package in a checkout."""
    package = Path(codezest_sql.__file__).parent
    inside = package / "_sql"
    return inside if inside.is_dir() else package.parent / "sql"


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
    if file.is_file():
        values = _dotenv(file, names)
        for name in names:
            value = values.get(name)
            if value:
                return DatabaseChoice(value, f"{name} of .env")
    return DatabaseChoice(None, "embedded server")


def _dotenv(file: Path, names: Sequence[str]) -> dict[str, str | None]:
    """Return what a ``.env`` file says. Raises ``SettingsError`` where a line with one of the names says nothing."""
    from dotenv.parser import parse_stream  # noqa: PLC0415  # most runs have no .env file

    shown = show_path(file)
    try:
        lines = list(parse_stream(io.StringIO(file.read_text("utf-8"))))
    except (OSError, UnicodeError) as error:
        raise FileUnreadableError(
            f"cannot be read: {error.__class__.__name__}", place=Place(shown), hint="save it as UTF-8"
        ) from None
    for line in lines:
        if line.error and any(name in line.original.string for name in names):
            # Passed over, it would let the embedded server take the place of the database that is meant.
            raise SettingsError(
                "is no NAME=value: perhaps a quote is not closed",
                place=Place(shown, line.original.line, 1),
                hint="correct the line",
            )
    return {line.key: line.value for line in lines if line.key is not None}


def show_path(path: Path) -> str:
    """Return a path as messages show it: relative to the working folder where it lies below it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read_file(file: Path) -> bytes:
    """Return the bytes of a file. Raises ``FileUnreadableError`` with its path as messages show it."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileUnreadableError(
            f"cannot be read: {error.strerror}", place=Place(show_path(file)), hint="look at its permissions"
        ) from None


def _table(file: Path) -> dict[str, object] | None:
    """Return ``[tool.codezest-sql]`` of a pyproject.toml; None where it has none."""
    shown = show_path(file)
    try:
        document = tomllib.loads(decode(read_file(file), file=shown))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"is not valid TOML: {error}", place=Place(shown), hint="correct the file") from None
    tools: object = document.get("tool")
    table = cast("dict[str, object]", tools).get("codezest-sql") if isinstance(tools, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise SettingsError("codezest-sql must be a table", place=Place(shown), hint="write [tool.codezest-sql]")
    return cast("dict[str, object]", table)  # keys of a TOML table are strings
