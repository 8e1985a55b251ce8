"""Which extensions a text makes, to choose a server that has them. A guess from the words alone: no lexer is needed.

A name within a string or a comment counts too, which at worst chooses another server than necessary.
"""

from __future__ import annotations

import re

_CREATE = re.compile(r'\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?("(?:[^"]|"")+"|[^\W\d][\w$]*)', re.IGNORECASE)
# Every server has it.
_EVERYWHERE = frozenset({"plpgsql"})


def wanted_extensions(text: str) -> frozenset[str]:
    """Return the names of the extensions that are made in a text."""
    if "extension" not in text.lower():
        return frozenset()
    names = (name[1:-1] if name.startswith('"') else name.lower() for name in _CREATE.findall(text))
    return frozenset(names) - _EVERYWHERE
