"""Decides what a new project's files hold, and never takes anything out of one that exists. Pure.

The law: what a file held is the beginning of what it holds afterwards.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.text.decode import decode
from codezest_sql.errors import SettingsError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    Json: TypeAlias = "str | list[str] | list[dict[str, str]]"


class FileState(StrEnum):
    """What became of a file."""

    WROTE = "wrote"
    ADDED = "added to"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file as messages show it, and what became of it."""

    path: str
    state: FileState


@dataclass(frozen=True, slots=True)
class InitReport:
    """The folder of the project, its files, and the commands that come next."""

    root: str
    files: tuple[ProjectFile, ...]
    next: tuple[str, ...]


def add_table(found: bytes, table: str, *, file: str) -> bytes:
    """Return a ``pyproject.toml`` that has no ``[tool.codezest-sql]`` with that table at its end.

    Raises ``SettingsError`` where the whole is no TOML then: ``tool`` is written in a way that cannot be added to.
    """
    added = _added(found, table)
    try:
        tomllib.loads(decode(added, file=file))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"[tool.codezest-sql] cannot be added at its end: {error}",
            place=Place(file),
            hint="write the tools as tables of their own, [tool.name], or add [tool.codezest-sql] by hand",
        ) from None
    return added


def add_ignored(found: bytes, names: Sequence[str]) -> bytes:
    """Return a ``.gitignore`` with the lines that it lacks at its end."""
    lines = {line.strip().lstrip(b"/").rstrip(b"/") for line in found.splitlines()}
    missing = [name for name in names if name.rstrip("/").encode() not in lines]
    return _added(found, "".join(f"{name}\n" for name in missing), apart=False) if missing else found


def _added(found: bytes, text: str, *, apart: bool = True) -> bytes:
    """Return what was found and the text below it, with the line ends that the file has."""
    line_end = b"\r\n" if b"\r\n" in found else b"\n"
    gap = b"" if not found else line_end * (apart + (not found.endswith(b"\n")))
    return found + gap + text.encode().replace(b"\n", line_end)


def init_text(report: InitReport) -> str:
    """Return the report for people: a line per file, and what to do next."""
    width = max(len(file.state) for file in report.files)
    lines = [f"{file.state:<{width}}  {file.path}" for file in report.files]
    return "\n".join([*lines, "next:", *(f"  {command}" for command in report.next)])


def init_json(report: InitReport) -> dict[str, Json]:
    """Return the report for programs."""
    return {
        "root": report.root,
        "files": [{"path": file.path, "state": file.state.name.lower()} for file in report.files],
        "next": list(report.next),
    }
