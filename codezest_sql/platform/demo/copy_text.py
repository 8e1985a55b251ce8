"""Values as COPY's text format has them (PostgreSQL documentation, COPY, "Text Format")."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

NULL: Final = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_VERSION = 0x4 << 76
_VARIANT = 0x2 << 62
_FREE = (1 << 128) - 1 - (0xF << 76) - (0x3 << 62)
DAY: Final = 86_400
"""Seconds of a day: times here are whole seconds since 1970 in UTC."""


def escape(text: str) -> str:
    """Return a text as a field."""
    return text.translate(_ESCAPES)


def document(value: object) -> str:
    """Return a JSON document as a field."""
    return escape(json.dumps(value, separators=(",", ":")))


def new_id(random: Random) -> str:
    """Return a random UUID (RFC 9562, version 4) in hexadecimal, as PostgreSQL also reads it."""
    return f"{random.getrandbits(128) & _FREE | _VERSION | _VARIANT:032x}"


class Clock:
    """Writes times: the days between two, and the seconds of a day, are written once."""

    def __init__(self, first: int, last: int) -> None:
        from datetime import UTC, datetime  # noqa: PLC0415  # used while a table is made

        days = range(first // DAY, last // DAY + 1)
        self._days = {day: datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%d ") for day in days}
        self._times: Sequence[str] = [
            f"{hour:02}:{minute:02}:{second:02}+00"
            for hour in range(24)
            for minute in range(60)
            for second in range(60)
        ]

    def __call__(self, seconds: int) -> str:
        """Return a time as a field. Raises ``KeyError`` outside the two that were given."""
        day, second = divmod(seconds, DAY)
        return self._days[day] + self._times[second]
