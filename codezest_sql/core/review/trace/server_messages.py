"""The server's messages about its own work at level DEBUG1, and what of them a reviewer should know. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

# The message of our event trigger, with the OID of the table and the reason.
REWRITE = "codezest-sql rewrite"
_REWRITE = re.compile(rf"{REWRITE} (\d+) (\d+)")
# Sources: tablecmds.c (ATRewriteTable, NotNullImpliedByRelConstraints, validateForeignKeyConstraint), partbounds.c
# and index.c of PostgreSQL. Other lines repeat counters, or are about the server's own tables.
_TELLING = re.compile(
    r"(?:verifying table|validating foreign key constraint|building index) \"(?P<named>[^\"]+)\".*"
    r"|(?:existing constraints|(?:updated )?partition constraint).* (?:are sufficient|is implied) .*"
)
_ON_TABLE = re.compile(r' on table "([^"]+)"')
# Bits of pg_event_trigger_table_rewrite_reason: AT_REWRITE_… in event_trigger.h.
_REASONS = (
    (1, "it becomes logged or unlogged"),
    (2, "a new column's value is computed for each row"),
    (4, "a column's type changes"),
    (8, "its access method changes"),
)


class ServerWords(NamedTuple):
    """Tables that ALTER TABLE writes again, by OID, each with why; and lines of the server's own."""

    rewrites: Mapping[int, str]
    lines: tuple[str, ...]

    def notes(self, rewritten: Collection[str]) -> Iterator[str]:
        """Give the lines; that all indexes of a table that is ``rewritten``, a bare name, are built goes unsaid."""
        for line in self.lines:
            table = _ON_TABLE.search(line)
            if not table or table[1] not in rewritten:
                yield f"the server: {line}"


def read_words(messages: Iterable[str], names: Collection[str]) -> ServerWords:
    """Return what matters of the messages; ``names`` are the bare names of the tables that others know."""
    rewrites: dict[int, str] = {}
    lines: dict[str, None] = {}
    for message in messages:
        if rewrite := _REWRITE.fullmatch(message):
            bits = int(rewrite[2])
            rewrites[int(rewrite[1])] = " and ".join(words for bit, words in _REASONS if bits & bit)
        elif telling := _TELLING.fullmatch(message):
            table = _ON_TABLE.search(message)
            named = table[1] if table else telling["named"] if message.startswith("verifying") else None
            if named is None or named in names:
                lines[message] = None
    return ServerWords(rewrites, tuple(lines))
