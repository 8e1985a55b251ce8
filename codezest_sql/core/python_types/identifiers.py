"""Which names can be names in Python, and how names of other languages are spelt here."""

from __future__ import annotations

import builtins
import keyword
import re

SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")
CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_BUILTINS = frozenset(dir(builtins))
# GetOAuthURLs: OAuth is one word, URLs another, and so is HTTP before Server.
_CAMEL_WORD = re.compile(r"OAuth|[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]*")


def snake_case(name: str) -> str:
    """Return a CamelCase name in snake_case: ``GetUserByID`` is ``get_user_by_id``; "" where nothing is left."""
    words: list[str] = []
    for part in re.split(r"[^A-Za-z0-9]+", name):
        for word in _CAMEL_WORD.findall(part):
            if word[0].isdigit() and words:
                words[-1] += word.lower()  # V2 is one word
            else:
                words.append(word.lower())
        if part:
            words.append("")  # a digit after an underscore stays apart from the word before it
    return "_".join(word for word in words if word)


def is_keyword(name: str) -> bool:
    """Whether Python keeps this word for itself, so that nothing can be called so."""
    return keyword.iskeyword(name)


def hides_builtin(name: str) -> bool:
    """Whether a function of this name would hide one of Python's own from the module it is in."""
    return name in _BUILTINS


def freed(name: str, *, builtins_too: bool = False) -> str:
    """Return the name with an underscore after it where Python needs it itself (PEP 8: ``class_``)."""
    return f"{name}_" if is_keyword(name) or (builtins_too and hides_builtin(name)) else name
