"""The version of a release and its section of the changelog: texts in, texts out.

The changelog has the format of Keep a Changelog 1.1.0: what is not released yet stands below ``## [Unreleased]``, a
release below ``## [1.2.3] - 2026-11-27``, the latest first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import date

Part = Literal["major", "minor", "patch"]

_VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
_ASSIGNMENT: Final = re.compile(r'^__version__ = "([^"\n]*)"$', re.MULTILINE)
_HEADING: Final = re.compile(r"^## \[([^\]\n]+)\].*\n", re.MULTILINE)


class ReleaseError(Exception):
    """A release that cannot be made; the message says why and what to do."""


def parse_version(text: str) -> tuple[int, int, int]:
    """Return major, minor and patch of ``1.2.3``.

    Raises:
        ReleaseError: The text is anything else. Pre-releases are not made here.

    """
    found = _VERSION.fullmatch(text)
    if not found:
        raise ReleaseError(f"{text!r} is no version: three numbers are wanted, such as 1.2.3")
    major, minor, patch = (int(number) for number in found.groups())
    return major, minor, patch


def bump(version: str, part: Part) -> str:
    """Return the version after this one, as Semantic Versioning 2.0.0 counts (its rules 6 to 8).

    Raises:
        ReleaseError: The version is none.

    """
    major, minor, patch = parse_version(version)
    if part == "major":
        return f"{major + 1}.0.0"
    if part == "minor":
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def read_version(module: str) -> str:
    """Return what the text of a module assigns to ``__version__``.

    Raises:
        ReleaseError: It does not so exactly once.

    """
    found = _ASSIGNMENT.findall(module)
    if len(found) != 1:
        raise ReleaseError(f'one line __version__ = "…" is wanted, {len(found)} are there')
    version: str = found[0]
    return version


def write_version(module: str, version: str) -> str:
    """Return the text of the module with another version.

    Raises:
        ReleaseError: There is not exactly one place for it.

    """
    read_version(module)
    return _ASSIGNMENT.sub(f'__version__ = "{version}"', module)


def section(changelog: str, title: str) -> str:
    """Return what stands below the heading of a version or of ``Unreleased``, without blank lines around it.

    Raises:
        ReleaseError: There is no such heading, or more than one.

    """
    headings = list(_HEADING.finditer(changelog))
    places = [number for number, heading in enumerate(headings) if heading[1] == title]
    if len(places) != 1:
        raise ReleaseError(f"CHANGELOG.md has {len(places)} headings ## [{title}], one is wanted")
    (place,) = places
    end = headings[place + 1].start() if place + 1 < len(headings) else len(changelog)
    return changelog[headings[place].end() : end].strip()


def close_section(changelog: str, version: str, day: date) -> str:
    """Return the changelog with all that was unreleased below the heading of this version.

    Raises:
        ReleaseError: Nothing is unreleased, or the version has a heading already.

    """
    if not section(changelog, "Unreleased"):
        raise ReleaseError("nothing stands below ## [Unreleased] in CHANGELOG.md: there is nothing to release")
    if any(heading[1] == version for heading in _HEADING.finditer(changelog)):
        raise ReleaseError(f"CHANGELOG.md has a heading ## [{version}] already")
    return changelog.replace("## [Unreleased]\n", f"## [Unreleased]\n\n## [{version}] - {day.isoformat()}\n", 1)
