"""What a session is given at its start: the ``options`` of a connection string, and a search path. Pure.

The server splits options at white space, where no backslash is before it (src/backend/utils/init/postinit.c,
``pg_split_opts``).
"""

from __future__ import annotations

import re

_NAME = re.compile(r'"((?:[^"]|"")*)"|([^",\s]+)')
_WORD = re.compile(r"(?:\\.|[^\s\\])+", re.DOTALL)


def read_options(text: str) -> tuple[tuple[str, str], ...]:
    """Return the settings among the options, in their order: of two with one name the last one holds."""
    words = iter(re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL) for word in _WORD.findall(text))
    found: list[tuple[str, str]] = []
    for word in words:
        if word == "-c":
            word = next(words, "")  # noqa: PLW2901
        elif word.startswith(("-c", "--")):
            word = word[2:]  # noqa: PLW2901
        else:
            continue
        name, equals, value = word.partition("=")
        if equals:
            found.append((name.replace("-", "_").lower(), value))
    return tuple(found)


def write_option(name: str, value: str) -> str:
    """Return one setting as options have it."""
    escaped = re.sub(r"([\s\\])", r"\\\1", value)
    return f"-c {name}={escaped}"


def path_names(search_path: str) -> tuple[str, ...]:
    """Return the schemas of a search path, in its order, as the server keeps their names."""
    return tuple(
        match[1].replace('""', '"') if match[1] is not None else match[2].lower()
        for match in _NAME.finditer(search_path)
    )
