"""What one statement did to the relations that were there before its transaction: values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.text.json_value import Json
    from codezest_sql.place import Place


class LockMode(IntEnum):
    """Modes of locks on relations, in order of strength. Source: lockdefs.h of PostgreSQL."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    @classmethod
    def of(cls, name: str) -> LockMode:
        """Return the mode that pg_locks calls ``name``, such as "ShareRowExclusiveLock"."""
        return _BY_NAME[name]

    @property
    def words(self) -> str:
        """The mode as LOCK TABLE and the manual write it."""
        return self.name.replace("_", " ")

    @property
    def stops_writers(self) -> bool:
        """Return whether INSERT, UPDATE and DELETE of others wait for it."""
        return self >= LockMode.SHARE


_BY_NAME = {f"{mode.name.title().replace('_', '')}Lock": mode for mode in LockMode}


@dataclass(frozen=True, slots=True)
class Locked:
    """The strongest new lock on a relation; not ``granted`` where the statement only asked for it, and waited."""

    relation: str
    mode: LockMode
    granted: bool = True


@dataclass(frozen=True, slots=True)
class Blocked:
    """What of others was tried on a relation, and waited: "SELECT", "SELECT FOR UPDATE", "writes"."""

    relation: str
    effects: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return which queries wait."""
        if "SELECT" in self.effects:
            return f"reads and writes of {self.relation} wait"
        if "SELECT FOR UPDATE" in self.effects:
            return f"writes and SELECT FOR UPDATE of {self.relation} wait"
        return f"writes of {self.relation} wait"


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was seen of a statement. Relations are qualified names, those of before the transaction.

    ``scanned`` were scanned while others waited, ``read`` were scanned while others read and wrote. ``held`` are the
    relations that earlier statements of the transaction keep from everybody. ``stops`` counts how often a statement
    with CONCURRENTLY waited for transactions of others. ``reasons`` has why tables are rewritten, where the
    server states so.
    """

    place: Place
    locks: tuple[Locked, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    rewritten: tuple[str, ...] = ()
    scanned: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    rebuilt: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    stops: int = 0
    notes: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def works_while_held(self) -> bool:
        """Return whether it takes time, the more the larger the tables, while relations are kept from everybody."""
        return bool(self.held) and bool((*self.rewritten, *self.scanned, *self.read, *self.written, *self.rebuilt))

    def words(self) -> tuple[str, ...]:
        """Return what was measured, a phrase each."""
        found = [
            f"{each.mode.words} on {each.relation}" + ("" if each.granted else ", which it waited for")
            for each in self.locks
        ]
        found += [each.words for each in self.blocked]
        why = dict(self.reasons)
        found += [f"rewrites {name}" + (f": {why[name]}" if name in why else "") for name in self.rewritten]
        found += [f"scans {name}" for name in self.scanned]
        found += [f"scans {name} while others read and write" for name in self.read]
        found += [f"rebuilds {name}" for name in self.rebuilt]
        found += [f"changes rows of {name}" for name in self.written if name not in self.rewritten]
        if self.works_while_held:
            found.append(f"does so while {', '.join(self.held)} is locked with ACCESS EXCLUSIVE")
        if self.stops:
            times = "once" if self.stops == 1 else f"{self.stops} times"
            found.append(f"waits {times} for the transactions of others to end")
        return (*found, *self.notes)

    def json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "locks": [
                {"relation": each.relation, "mode": each.mode.words, "granted": each.granted} for each in self.locks
            ],
            "blocks": [{"relation": each.relation, "effects": [*each.effects]} for each in self.blocked],
            "rewrites": [*self.rewritten],
            "reasons": dict(self.reasons),
            "scans": [*self.scanned],
            "reads": [*self.read],
            "rebuilds": [*self.rebuilt],
            "held": [*self.held],
            "waits_for_transactions": self.stops,
            "notes": [*self.notes],
        }
