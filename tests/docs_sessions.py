"""Reads the command lines in Markdown and compares what they print. Runs nothing.

A fence of the language ``console`` holds commands as a person types them and what they print::

    $ codezest-sql migrate new 'create badges'
    wrote sql/migrations/0001_create_badges.sql

Lines that begin with ``> `` continue a command, and a line that is only ``…`` means any number of lines. A
command that fails is followed by ``$ echo $?``. Comments of Markdown, each before a fence, say the rest:

- ``<!-- session: empty -->``: what follows runs in a new, empty folder; with ``checkout``, in a copy of this project.
- ``<!-- file: PATH -->``: the next fence is the new content of that file; with ``append``, its end.
- ``<!-- not run: REASON -->``: the next fence is only to be read.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ELISION = "…"
EXAMPLE_HOST = "db.example.com"
EXAMPLE_URL = re.compile(r"postgresql(\+psycopg)?://deploy@db\.example\.com/(\w+)")
KINDS = ("empty", "checkout")

_DIRECTIVE = re.compile(r"<!-- (session|file|append|not run): (.*?) -->")
_FENCE = re.compile(r"```(\w*)\s*$")
# What cannot be the same twice. Units are those of format_duration; an id of a process is told by its words.
_VARIABLE = (
    (re.compile(r"\b\d+ min \d+ s\b|\b\d+(?:\.\d+)? m?s\b"), "(time)"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\+00:00)?"), "(date)"),
    (re.compile(r"\b\d+:\d\d:\d\d\b"), "(time)"),
    (re.compile(r"\b(pid|process)( +)\d+"), r"\1\2(number)"),
    (re.compile(r"\b\d+( attempts)"), r"(number)\1"),
    (re.compile(r"\(PostgreSQL \d+(?:\.\d+)*\)"), "(PostgreSQL)"),
)


class DocumentError(Exception):
    """A document does not follow the rules above."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, the line of the document (from 1) it is in, and the lines it is said to print."""

    text: str
    line: int
    output: tuple[str, ...]
    output_line: int


@dataclass(frozen=True, slots=True)
class File:
    """The text of a file that the reader writes, or appends to it."""

    path: str
    text: str
    append: bool


@dataclass(frozen=True, slots=True)
class Session:
    """Commands and files in the order of the document, in one folder; ``title`` is the heading above them.

    ``number`` counts the sessions of the document from 0.
    """

    document: str
    number: int
    title: str
    kind: str
    steps: list[Command | File] = field(default_factory=list[Command | File])


@dataclass(frozen=True, slots=True)
class _Fence:
    language: str
    line: int
    lines: tuple[str, ...]


def sessions(text: str, *, document: str) -> tuple[Session, ...]:
    """Return the sessions of a document. Raises ``DocumentError`` for a fence that belongs to none."""
    found: list[Session] = []
    title = document
    directives: dict[str, str] = {}
    for line, item in _items(text):
        if isinstance(item, str):
            if item.startswith("#"):
                title = item.lstrip("# ")
            elif match := _DIRECTIVE.fullmatch(item):
                name, value = match.groups()
                if name == "session":
                    if value not in KINDS:
                        raise DocumentError(f"{document}:{line}: a session is one of {', '.join(KINDS)}")
                    found.append(Session(document, len(found), title, value))
                else:
                    directives[name] = value
            continue
        step = _steps(item, directives, document=document)
        directives = {}
        if step:
            if not found:
                raise DocumentError(f"{document}:{line}: no session comes before this fence")
            found[-1].steps.extend(step)
    return tuple(found)


def _items(text: str) -> Iterator[tuple[int, str | _Fence]]:
    """Yield (line, text of the line or whole fence)."""
    opened: tuple[str, int] | None = None
    inside: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fence = _FENCE.match(line)
        if opened is not None:
            if line.rstrip() == "```":
                yield opened[1], _Fence(opened[0], opened[1], tuple(inside))
                opened, inside = None, []
            else:
                inside.append(line)
        elif fence:
            opened = (fence[1], number)
        elif line.strip():
            yield number, line.strip()


def _steps(fence: _Fence, directives: dict[str, str], *, document: str) -> list[Command | File]:
    if "not run" in directives:
        return []
    for name in ("file", "append"):
        if name in directives:
            return [File(directives[name], "\n".join([*fence.lines, ""]), append=name == "append")]
    if fence.language == "console":
        return list(_commands(fence, document=document))
    if fence.language in {"", "sh", "bash", "shell"} or any(line.startswith("$ ") for line in fence.lines):
        raise DocumentError(
            f"{document}:{fence.line}: write ```console, which is run, or <!-- not run: REASON --> before it"
        )
    return []


def _commands(fence: _Fence, *, document: str) -> Iterator[Command]:
    text: list[str] = []
    output: list[str] = []
    start = 0

    def command() -> Command:
        return Command("\n".join(text), start, tuple(output), start + len(text))

    for number, line in enumerate(fence.lines, start=fence.line + 1):
        if line.startswith("$ "):
            if text:
                yield command()
            text, output, start = [line.removeprefix("$ ")], [], number
        elif line.startswith("> ") and text and not output:
            text.append(line.removeprefix("> "))
        elif text:
            output.append(line)
        else:
            raise DocumentError(f'{document}:{number}: a console block begins with "$ "')
    if text:
        yield command()


def normalise(line: str) -> str:
    """Return a line with what cannot be the same twice replaced: times, dates, process ids."""
    for pattern, name in _VARIABLE:
        line = pattern.sub(name, line)
    return line.rstrip()


def matches(expected: Iterable[str], actual: Iterable[str]) -> bool:
    """Whether the lines of a document tell what was printed; a line that is only ``…`` means any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ELISION else re.escape(normalise(line)) + r"\n" for line in expected
    )
    text = "".join(f"{normalise(line)}\n" for line in actual)
    return re.fullmatch(pattern, text) is not None


def difference(expected: Iterable[str], actual: Iterable[str]) -> str:
    """Return a diff for a person, with times and dates as they are where their lines agree."""
    old = [normalise(line) for line in expected]
    new = [normalise(line) for line in actual]
    return "\n".join(difflib.unified_diff(old, new, "in the document", "printed", lineterm="", n=len(old)))


def with_output(text: str, command: Command, printed: Iterable[str]) -> str:
    """Return a document with what a command printed in place of what stood there."""
    lines = text.splitlines()
    first = command.output_line - 1
    lines[first : first + len(command.output)] = printed
    return "\n".join([*lines, ""])
