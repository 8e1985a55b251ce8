"""The edits of tests/cases/catalog/edits: what makes objects, and what changes one property of them.

A file holds blocks apart by an empty line: statements that make the objects, ``-->`` alone, then the edit. ``{it}``
is a name that no other block has, so that all blocks share one database. Lines before the statements:
``-- since 17``, the first version with the syntax; ``-- extension vector``, one that the server must have;
``-- only verify: why`` and ``-- only dump: why``, where the two differ on purpose; ``-- neither: why``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tests.paths import CASES

EDITS = CASES / "catalog" / "edits"
# What blocks refer to.
COMMON = """
CREATE ACCESS METHOD edit_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE FOREIGN DATA WRAPPER edit_wrapper;
CREATE SERVER edit_server FOREIGN DATA WRAPPER edit_wrapper;
CREATE FUNCTION edit_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
"""
_HEADER = re.compile(
    r"-- (?:since (?P<since>\d+)|(?P<sees>only verify|only dump|neither): .+|extension (?P<extension>\w+))"
)


class Sees(StrEnum):
    """Which of the two shows an edit."""

    BOTH = "both"
    VERIFY = "only verify"
    DUMP = "only dump"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Edit:
    """One block, with its name in place of ``{it}``."""

    where: str
    name: str
    setup: str
    edit: str
    since: int
    sees: Sees
    extension: str | None


def read_edits() -> tuple[Edit, ...]:
    """Return every edit of the corpus."""
    blocks = [
        (f"{path.stem}-{number}", block)
        for path in sorted(EDITS.glob("*.sql"))
        for number, block in enumerate(path.read_text("utf-8").strip().split("\n\n"), start=1)
    ]
    return tuple(_edit(where, f"edit_{number:04}x", block) for number, (where, block) in enumerate(blocks))


def _edit(where: str, name: str, block: str) -> Edit:
    since, sees, extension = 15, Sees.BOTH, None
    lines = block.split("\n")
    while match := _HEADER.fullmatch(lines[0]):
        since = int(match["since"] or since)
        sees = Sees(match["sees"] or sees)
        extension = match["extension"] or extension
        lines.pop(0)
    setup, _, edit = "\n".join(lines).replace("{it}", name).partition("\n-->\n")
    return Edit(where, name, setup, edit, since, sees, extension)
