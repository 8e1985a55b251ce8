"""Whether a statement only reads, by its words: what may run again after the connection was lost in the midst of it.

A function that a SELECT calls may write all the same; pass ``idempotent=False`` for such a query.
"""

from __future__ import annotations

import re
from functools import lru_cache

_QUIET = re.compile(
    r"\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?<!\w)\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/",
    re.DOTALL,
)
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|INTO|CALL|COPY|TRUNCATE|SHARE|nextval|setval)\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def only_reads(text: str) -> bool:
    """Whether nothing in a statement's words writes or locks."""
    quiet = _QUIET.sub(" ", text).strip()
    return re.match(r"(?i)(SELECT|WITH|VALUES|TABLE)\b", quiet) is not None and _WRITES.search(quiet) is None
