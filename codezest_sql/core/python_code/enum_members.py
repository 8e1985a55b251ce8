"""What the members of an enum are called: the label in capitals, or as near to it as Python's names are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.field_names import field_names
from codezest_sql.core.python_names import snake_case

if TYPE_CHECKING:
    from collections.abc import Sequence

# So that "C", "C++" and "C#" stay apart.
_SIGNS = {
    "+": "plus",
    "#": "sharp",
    "%": "percent",
    "&": "and",
    "<": "less",
    "=": "equal",
    ">": "greater",
    "*": "star",
    "!": "not",
    "@": "at",
    "$": "dollar",
}


def member_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each label: ``in progress``, ``inProgress`` → ``IN_PROGRESS``; ``C++`` → ``C_PLUS_PLUS``."""
    names = field_names([_spelt(label) or "EMPTY" for label in labels], reserved=())
    return tuple(f"MEMBER_{name[7:]}" if name.startswith("column_") else name for name in names)


def _spelt(label: str) -> str:
    text = "".join(f" {_SIGNS[one]} " if one in _SIGNS else one for one in label)
    if text.isascii() and re.search("[a-z][A-Z]", text):
        text = " ".join(snake_case(word) for word in text.split())
    return re.sub(r"[\W_]+", "_", text.upper()).strip("_")
