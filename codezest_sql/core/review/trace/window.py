"""For how long tables are kept from everybody: from the first ACCESS EXCLUSIVE to COMMIT, and what runs meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.review.trace.measured import LockMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.review.trace.measured import Measured
    from codezest_sql.core.text.json_value import Json
    from codezest_sql.place import Place


@dataclass(frozen=True, slots=True)
class Window:
    """The statement that takes the first such lock, the tables, the statements after it, and those that take time."""

    start: Place
    tables: tuple[str, ...]
    inside: tuple[Place, ...]
    working: tuple[Place, ...]

    @property
    def words(self) -> str:
        """Return it as one line."""
        count = len(self.inside)
        what = f"{count} more statement{'s' if count > 1 else ''}"
        lines = ", ".join(str(line) for line in dict.fromkeys(place.line for place in self.working))
        work = f", of which take time: line {lines}" if lines else ", none of which takes time"
        tables = ", ".join(self.tables)
        return f"{tables}: locked with ACCESS EXCLUSIVE from line {self.start.line} to COMMIT: {what}{work}"

    def json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "line": self.start.line,
            "tables": [*self.tables],
            "inside": [place.line for place in self.inside],
            "working": [place.line for place in self.working],
        }


def find_window(measured: Sequence[Measured]) -> Window | None:
    """Return the window of a migration's statements; None where no statement runs in one."""
    inside = [each for each in measured if each.held]
    if not inside:
        return None
    tables = tuple(dict.fromkeys(name for each in inside for name in each.held))
    start = next(
        (
            each.place
            for each in measured
            for lock in each.locks
            if lock.mode is LockMode.ACCESS_EXCLUSIVE and lock.relation in tables
        ),
        inside[0].place,
    )
    return Window(
        start,
        tables,
        tuple(each.place for each in inside),
        tuple(each.place for each in inside if each.works_while_held),
    )
