"""Durations as people write them in PostgreSQL: a number and a unit."""

from __future__ import annotations

import re

# The units of PostgreSQL's configuration parameters (documentation, 20.1.1), without days: a lock that is
# awaited for days is a mistake.
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|min|h)")
_SHORTEST = 0.001
_LONGEST = 24 * 3600.0


def parse_duration(text: str) -> float:
    """Return the seconds that ``text`` means, such as ``"500ms"``, ``"2s"``, ``"10min"`` or ``"1h"``.

    Raises ``ValueError``, with a sentence for the user, for anything else, for zero and for more than a day:
    PostgreSQL takes a timeout of 0 for "wait for ever", which is never intended here.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a duration: write a number and ms, s, min or h, such as 2s")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if not _SHORTEST <= seconds <= _LONGEST:
        raise ValueError(f"{text.strip()!r} is out of range: a duration is from 1ms to 24h")
    return seconds


def format_duration(seconds: float) -> str:
    """Return a short text for a person: ``0.4 ms``, ``35 ms``, ``2.1 s``, ``3 min 5 s``."""
    milliseconds = seconds * 1000
    # Compared as they are printed: 999.6 ms are 1.0 s, not 1000 ms.
    if round(milliseconds, 1) < 10:  # noqa: PLR2004  # below ten, a decimal is significant
        return f"{milliseconds:.1f} ms"
    if round(milliseconds) < 1000:  # noqa: PLR2004  # a second
        return f"{milliseconds:.0f} ms"
    if round(seconds, 1) < 60:  # noqa: PLR2004  # a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
