"""The parts of a column's alias: a name, an override, a path into a nested result. ``"options[].body!"`` has all.

The server leaves aliases as they are, so they are read from the names of the result's columns. A path is of
identifiers with a dot between two, each perhaps with ``[]``. Any other name is a plain column, however odd it is:
``more...``, ``v1.2 beta``, or ``?column?``, which is what PostgreSQL calls a column without a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

UNNAMED = "?column?"
_STEP = r"[A-Za-z_][A-Za-z0-9_]*"
_MARKED = rf"{_STEP}(?:\[\])*[!?]*"
# What was written as a path and cannot be one: tags[], options[][].body, author?.name
_MEANT = re.compile(rf"{_STEP}(?:\[\])+[!?]*|(?:{_MARKED}\.)+{_MARKED}")
_PATH = re.compile(rf"({_STEP}(?:\[\])?\.)*{_STEP}")


class Override(Enum):
    """The override of an alias about NULL, regardless of what was inferred."""

    NONE = auto()
    NOT_NULL = auto()  # "email!"
    NULLABLE = auto()  # "email?"


class Step(NamedTuple):
    """A nested result on the way to a column: one model, or a list of them."""

    name: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class ColumnAlias:
    """An alias, taken apart. ``path`` is empty for a plain column."""

    name: str
    path: tuple[Step, ...] = ()
    override: Override = Override.NONE


class AliasProblemError(ValueError):
    """An alias that means to be one of ours and cannot be read; ``hint`` is how to write it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@lru_cache(maxsize=1 << 12)
def read_alias(alias: str) -> ColumnAlias:
    """Take an alias apart; raise ``AliasProblemError`` for a path that lacks its column, or has marks within."""
    if alias == UNNAMED:
        return ColumnAlias(alias)
    bare, override = alias, Override.NONE
    if len(alias) > 1 and alias[-1] in "!?":
        bare, override = alias[:-1], Override.NOT_NULL if alias[-1] == "!" else Override.NULLABLE
    if not _PATH.fullmatch(bare):
        if _MEANT.fullmatch(bare):
            raise AliasProblemError(f"the alias {alias!r} is no path to a column", _hint(bare))
        return ColumnAlias(bare, override=override)
    *steps, name = bare.split(".")
    path = tuple(Step(step.removesuffix("[]"), step.endswith("[]")) for step in steps)
    return ColumnAlias(name, path, override)


def _hint(bare: str) -> str:
    if bare.endswith("[]"):
        return f'a list is of models, so name a column in it: "{bare}.name"; for a list of values use array_agg'
    if re.search(r"[!?]", bare):
        return 'write ! or ? once, at the end: "author.name?"'
    return 'write it like "author.name" or "options[].body"'
