"""Find the project: the nearest folder whose own files declare one. Reads settings files and nothing else.

A project is a folder with ``[tool.codezest-sql]`` in its pyproject.toml, or with a codezest-sql.toml, which holds the
same settings without the table. The search goes from a folder upwards to the root of its repository (the folder with
``.git``); outside of a repository, to the root of the file system.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from codezest_sql.actions.project.read_file import read_file, show_path
from codezest_sql.core.text.decode import decode
from codezest_sql.errors import FileUnreadableError, NoProjectError, SettingsError
from codezest_sql.place import Place, excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PYPROJECT: Final = "pyproject.toml"
OWN_FILE: Final = "codezest-sql.toml"
TABLE: Final = "tool.codezest-sql"
_REPOSITORY: Final = ".git"  # a folder, or in a worktree or submodule a file


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its folder, the file with its settings, and what that file holds."""

    root: Path
    file: Path
    text: str
    table: Mapping[str, object]

    @property
    def heading(self) -> str:
        """The table that the settings are in, "" where they are at the file's top level."""
        return "" if self.file.name == OWN_FILE else TABLE


def find_project(start: Path) -> Project | None:
    """Return the project that a folder belongs to. Raises ``SettingsError`` and ``FileUnreadableError``."""
    start = start.resolve()
    for folder in (start, *start.parents):
        found = project_in(folder)
        if found is not None:
            return found
        if os.path.lexists(folder / _REPOSITORY):
            return None
    return None


def project_in(folder: Path) -> Project | None:
    """Return the project whose root is this very folder. Raises ``SettingsError`` and ``FileUnreadableError``."""
    shared, own = folder / PYPROJECT, folder / OWN_FILE
    data = _read(shared)
    # Most of these files are another project's, and need not be parsed. Searched for our name alone, since TOML has
    # more than one way to write [tool.codezest-sql]; without NULs, so that a file in UTF-16 is recognised.
    parsed = None
    if data is not None and b"codezest-sql" in data.replace(b"\0", b""):
        parsed = parse_table(data, file=show_path(shared))
    own_data = _read(own)
    if own_data is None:
        return None if parsed is None else Project(folder, shared, *parsed)
    if parsed is not None:
        raise SettingsError(
            f"the settings are in two files: this one, and [{TABLE}] of {show_path(shared)}",
            place=Place(show_path(own)),
            hint="keep one of them",
        )
    return Project(folder, own, *parse_document(own_data, file=show_path(own)))


def parse_table(data: bytes, *, file: str) -> tuple[str, Mapping[str, object]] | None:
    """Return the text of a pyproject.toml and its ``[tool.codezest-sql]``; None where it has no such table."""
    text, document = parse_document(data, file=file)
    tools = document.get("tool")
    table = cast("dict[str, object]", tools).get("codezest-sql") if isinstance(tools, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise SettingsError("codezest-sql must be a table", place=Place(file), hint=f"write [{TABLE}]")
    return text, cast("dict[str, object]", table)  # keys of a TOML table are strings


def parse_document(data: bytes, *, file: str) -> tuple[str, dict[str, object]]:
    """Return the text of a TOML file and its values. Raises ``SettingsError`` with the place of an error."""
    text = decode(data, file=file)
    try:
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for a number of 5,000 digits, or for 1,000 brackets
        # Newer versions of tomllib have the line as an attribute; the words are the same in all.
        what, _, where = str(error).partition(" (at ")
        numbers = re.match(r"line (\d+), column (\d+)", where)
        last = text.rstrip("\n").split("\n")
        line, column = (int(numbers[1]), int(numbers[2])) if numbers else (len(last), len(last[-1]) + 1)
        place = Place(file, line, column)
        raise SettingsError(
            f"is not valid TOML: {what}", place=place, hint="correct the file", source=excerpt(text, place) or None
        ) from None


def no_project(folder: Path) -> NoProjectError:
    """Return the error of a command that needs a project, in a folder that belongs to none."""
    bare = "; a folder sql alone is no project" if (folder / "sql").is_dir() else ""
    return NoProjectError(
        f"there is no project here: no {PYPROJECT} with [{TABLE}] and no {OWN_FILE} in {folder} or above it{bare}",
        hint="codezest-sql init makes one; the CodeZest schema inside this package is used only with --bundled "
        "(migrate, check, seed and partitions)",
    )


def _read(file: Path) -> bytes | None:
    """Return what a settings file holds; None where nothing of its name is there.

    A link that leads nowhere, a folder or a pipe is an error: skipped, it could let another project be meant.
    """
    try:
        if file.is_file():
            return read_file(file)
        there = os.path.lexists(file)
    except OSError as error:  # a folder above may not be entered
        raise FileUnreadableError(
            f"cannot be read: {error.strerror}", place=Place(show_path(file)), hint="look at its folder's permissions"
        ) from None
    if there:
        reason = "is a link that leads nowhere" if file.is_symlink() and not file.exists() else "is not a file"
        raise FileUnreadableError(reason, place=Place(show_path(file)), hint="replace it with a file, or remove it")
    return None
