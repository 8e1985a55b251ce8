"""What the members of an enum are called: the label in capitals, or as near to it as Python's names are."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.names.field_names import field_names
from codezest_sql.core.python_types.identifiers import snake_case

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
# Of a label that is signs only, together with those above. All others are called as Unicode calls them.
_ONLY_SIGNS = {
    "-": "minus",
    "/": "slash",
    "\\": "backslash",
    ".": "dot",
    "_": "underscore",
    "'": "quote",
    '"': "double quote",
    "`": "backtick",
    "^": "caret",
    "|": "pipe",
    "(": "left parenthesis",
    ")": "right parenthesis",
    "[": "left bracket",
    "]": "right bracket",
    "{": "left brace",
    "}": "right brace",
    "?": "question",
    "\t": "tab",
    "\n": "newline",
    "\r": "carriage return",
}
# Elsewhere it is a hyphen or a dash between two words.
_MINUS = re.compile(r"\A-+|-+\Z")


def member_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each label, no two equal.

    ``in progress`` and ``inProgress`` → ``IN_PROGRESS``, ``C++`` → ``C_PLUS_PLUS``, ``A-`` → ``A_MINUS``, ``/`` →
    ``SLASH``.
    """
    names = field_names([_spelt(label) or "EMPTY" for label in labels], reserved=())
    return tuple(f"MEMBER_{name[7:]}" if name.startswith("column_") else name for name in names)


def _spelt(label: str) -> str:
    if not re.search(r"[^\W_]", label):
        return _capitals(" ".join(_SIGNS.get(one) or _ONLY_SIGNS.get(one) or _unicode_name(one) for one in label))
    text = _MINUS.sub(lambda match: " minus " * len(match[0]), label)
    text = "".join(f" {_SIGNS[one]} " if one in _SIGNS else one for one in text)
    if text.isascii() and re.search("[a-z][A-Z]", text):
        text = " ".join(snake_case(word) for word in text.split())
    return _capitals(text)


def _unicode_name(one: str) -> str:
    return unicodedata.name(one, f"U{ord(one):04X}")


def _capitals(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.upper()).strip("_")
