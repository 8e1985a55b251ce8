"""A progress bar with an estimate on stderr, if it is a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextmanager
def progress_bar(label: str, *, length: int) -> Generator[Callable[[int], None]]:
    """Show how much of ``length`` is done; call the function with each increment. Silent without a terminal."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda _: None
        return
    with typer.progressbar(length=length, label=label, file=sys.stderr, show_pos=True) as bar:
        yield bar.update
