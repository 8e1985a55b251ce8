"""How commands write: JSON that stdout can carry whatever its encoding, and streams that no character breaks."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from codezest_sql.place import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


def json_wanted(words: Sequence[str]) -> bool:
    """Whether a command line asks for JSON: then errors are printed as JSON too."""
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


# What a terminal obeys instead of showing it, but for line ends and tabs: C0, DEL, C1 (ECMA-48), and the controls
# that turn the direction of text (Unicode Standard Annex 9).
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def echo(text: str, *, err: bool = False, nl: bool = True, ours: bool = False) -> None:
    """Write a text at once; nowhere where the shell closed the stream (``>&-``). Typer would have to be imported.

    What a terminal would obey is escaped for it: it may come from a server's NOTICE, a file or its name. A file and a
    pipe get the text as it is. ``ours`` is for texts that move the cursor on purpose.
    """
    stream: TextIO | None = sys.stderr if err else sys.stdout
    if stream is not None:
        if not ours and _CONTROLS.search(text) and stream.isatty():
            text = _CONTROLS.sub(lambda found: printable(found[0]), text)
        stream.write(f"{text}\n" if nl else text)
        stream.flush()


def print_json(value: object) -> None:
    """Print a value as JSON, in plain ASCII where stdout is not in UTF-8."""
    import json  # start-up time

    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-")
    echo(json.dumps(value, indent=2, ensure_ascii=encoding not in {"utf-8", "utf8"}))


def accept_every_character() -> None:
    """Let stdout and stderr escape what their encoding lacks: a ✓ must not end a run on a Latin-1 terminal.

    A file name that is not UTF-8 reaches Python with lone surrogates; escaped, they are valid in JSON too.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def forget_stdout() -> None:
    """Send what is still unwritten nowhere: Python would try again at exit, and complain."""
    with suppress(AttributeError, OSError):  # none at all, or none of the operating system's
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def somebody_answers() -> bool:
    """Whether a person can be asked: stdin is a terminal. It is None where the shell closed it (``<&-``)."""
    stdin: object = sys.stdin
    return stdin is not None and sys.stdin.isatty()
