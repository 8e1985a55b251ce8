"""The ways to spell a query file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """How a query file spells parameters and names."""

    NATIVE = "native"
    SQLC = "sqlc"


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dialect of a project's query files, and of those in some folders, relative to that of the queries."""

    other: Dialect = Dialect.NATIVE
    folders: tuple[tuple[str, Dialect], ...] = ()

    def of(self, name: str) -> Dialect:
        """Return the dialect of a file by its way from the folder of the queries: the innermost folder decides."""
        inside = [each for each in self.folders if name.startswith(f"{each[0]}/")]
        return max(inside, key=lambda each: len(each[0]))[1] if inside else self.other
