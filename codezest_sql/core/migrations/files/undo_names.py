"""Names of files that undo, in some tool, what another file of the folder does. Never looks at what is in a file.

A word such as ``undo`` means that only where the other file is there: ``0007_undo_fee.sql`` on its own is a migration
with a title, ``0007_fee_down.sql`` next to ``0007_fee_up.sql`` (or ``0007_fee.sql``) is the way back of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BACK = "down|undo|rollback|revert|downgrade|reverse|backout|unapply"
_THERE = ("", "up", "do", "apply", "migrate", "forward", "upgrade", "deploy", "redo", "run")
# A word of its own between separators, or one in capitals at the end of others: FeeDown.
_WORD = re.compile(rf"(?P<before>^|[._\s-]+)(?:{_BACK})(?P<after>(?=[._\s-]|$))", re.IGNORECASE)
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?:Down|Undo|Rollback|Revert)$")
# 0001_rollback next to 0001_gates: the number alone identifies it.
_NUMBER_ALONE = re.compile(rf"(?P<number>[0-9]+)[._-](?:{_BACK})", re.IGNORECASE)
# The parts of a name that set when or where a file runs, in grate and RoundhousE, stepwise-migrations and pgmigrate.
_ONLY_SOMETIMES = re.compile(r"(?:^|\.)(EVERYTIME|ANYTIME|ENV|repeatable)(?:\.|$)", re.IGNORECASE)


def undone_by(stem: str, stems: Iterable[str]) -> str | None:
    """Return the name among ``stems`` (all without ``.sql``) that ``stem`` undoes, None where it undoes none."""
    there = {other.casefold(): other for other in stems if other != stem}
    found = next((there[name] for each in _counterparts(stem) if (name := each.casefold()) in there), None)
    alone = _NUMBER_ALONE.fullmatch(stem)
    if found or not alone:
        return found
    same_number = re.compile(rf"{alone['number']}(?![0-9])")
    return next((other for other in there.values() if same_number.match(other)), None)


def runs_only_sometimes(stem: str) -> str | None:
    """Return the word of a name that states that the file runs again and again, or in one environment only."""
    found = _ONLY_SOMETIMES.search(stem)
    return found[1] if found else None


def _counterparts(stem: str) -> Iterator[str]:
    for found in _WORD.finditer(stem):
        first, rest = stem[: found.start()], stem[found.end() :]
        for word in _THERE:
            if word:
                yield f"{first}{found['before']}{word}{rest}"
            else:
                yield first + rest if first else rest.lstrip("._- ")
    for found in _CAPITAL.finditer(stem):
        for word in _THERE:
            yield stem[: found.start()] + word.capitalize()
