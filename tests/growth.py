"""Whether the work grows in step with the text: a ratio within one process, so that no machine is too slow for it."""

from __future__ import annotations

import contextlib
import gc
import time
from typing import TYPE_CHECKING

from codezest_sql.errors import CodezestError

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS = 16
"""One text of n characters against 16 texts of n / 16: a linear reader needs as long, a quadratic one 16 times."""

ALLOWED = 6.0
NOISE = 0.02
"""Seconds of processor time that a scheduler or a cold cache may add; a quadratic reader of 30 kB needs 0.4."""


def grows_linearly(read: Callable[[str], object], make: Callable[[int], str], size: int) -> bool:
    """Whether `read` needs for `make(size)` about what it needs for 16 times `make(size // 16)`; three tries."""
    return any(
        _seconds(read, make(size), 1) <= ALLOWED * _seconds(read, make(size // PARTS), PARTS) + NOISE
        for _ in range(3)
    )


def _seconds(read: Callable[[str], object], text: str, times: int) -> float:
    gc.disable()  # a collection walks over all that the tests before this one left, and so would one asked for here
    try:
        began = time.process_time()
        for _ in range(times):
            with contextlib.suppress(CodezestError):
                read(text)
        return time.process_time() - began
    finally:
        gc.enable()
