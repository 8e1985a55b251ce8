"""A Markdown page of a service's queries, from values: what each takes, gives and is for. Never opens a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from textwrap import fill
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.layout import Group, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 118
_SENTENCE = re.compile(r".+?[.!?](?=\s|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocumentedQuery:
    """A query as a service calls it.

    ``parameters`` are written as Python writes them. ``rows`` are the classes of its own that the signature names,
    each with its fields; models within them are written out in braces.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    docstring: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class DocumentedFile:
    """A file of queries: its name without ``.sql``, the comment that it opens with, its queries in their order."""

    name: str
    comment: str
    queries: tuple[DocumentedQuery, ...]


def opening_comment(text: str) -> str:
    """Return the comment that a query file opens with, without its dashes; empty where the first query is there."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("--") or line.startswith("-- name:"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines).strip()


def paragraphs(docstring: str) -> tuple[str, ...]:
    """Return the first sentence of a docstring, and the paragraphs of what comes behind it.

    It ends with its paragraph at the latest. What is left of that one is laid out again, others are as they were.
    """
    first, _, others = docstring.strip().partition("\n\n")
    sentence = found[0] if (found := _SENTENCE.match(first)) else first
    rest = first.removeprefix(sentence).strip()
    return tuple(part for part in (_filled(sentence), _filled(rest), others.strip()) if part)


def service_page(service: str, files: Iterable[DocumentedFile]) -> str:
    """Return the page."""
    files = tuple(files)
    links = " · ".join(f"[{file.name}](#{file.name})" for file in files)
    lines = [
        f"# {service}",
        "",
        f"The queries of `sql/queries/{service}`, made from them by `make docs`: each is a function of",
        f"`codezest_sql.platform.queries.{service}` that returns a value to run: see [runtime](../runtime.md).",
        "[Features](../features.md) lists which of them belong together, and their tests.",
        "",
        _filled(links),
    ]
    return "\n".join(chain(lines, *(_file(file) for file in files))) + "\n"


def _file(file: DocumentedFile) -> Iterator[str]:
    yield from ("", f"## {file.name}")
    if file.comment:
        yield from ("", file.comment)
    for query in file.queries:
        # The file is part of the heading: it is so that services call it, and two files may have one name.
        yield from ("", f"### {file.name}.{query.name}", "")
        sentence, *rest = paragraphs(query.docstring)
        yield from (sentence, "", "```python")
        yield render(Group(f"{query.name}(", query.parameters), after=f" -> {query.returns}")
        yield "```"
        for name, fields in query.rows:
            yield from ("", _filled(f"`{name}`: {', '.join(f'`{field}`' for field in fields)}"))
        for paragraph in rest:
            yield from ("", paragraph)


def _filled(text: str) -> str:
    """Return a paragraph in lines that are at most ``WIDTH`` long. No word is broken; a line may end within code."""
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
