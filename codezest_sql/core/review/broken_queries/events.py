"""What a statement of a migration changed in the catalog, as far as running queries can notice. Pure.

A ``State`` is what there is, by OID: so a column that is renamed is the same column with another name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codezest_sql.place import Place


class Key(NamedTuple):
    """What kind of fact, of which object, of which part of it (a column's number, a constraint's OID)."""

    kind: str
    oid: int
    part: int


class Fact(NamedTuple):
    """The name of the object, and what else there is to it in the server's words."""

    name: str
    text: str


State: TypeAlias = "Mapping[Key, Fact]"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact that a statement changed; ``before`` is None for a new one, ``after`` for one that is gone."""

    key: Key
    before: Fact | None
    after: Fact | None
    place: Place

    @property
    def name(self) -> str:
        """The name of the object as the old code knows it."""
        fact = self.before or self.after
        return fact.name if fact else ""

    def words(self) -> str:
        """Return what the statement does, as the end of a sentence about the object."""
        if self.after is None:
            return "which this drops"
        if self.before is None:
            return "which this adds"
        if self.before.name != self.after.name:
            return f"which this renames to {self.after.name}"
        if self.key.kind == "column":
            return f"which this changes from {self.before.text} to {self.after.text}"
        return "which this replaces" if self.key.kind in {"view", "body"} else "which this changes"


def events(before: State, after: State, place: Place) -> Iterator[Event]:
    """Give what is different afterwards."""
    for key, fact in before.items():
        if after.get(key) != fact:
            yield Event(key, fact, after.get(key), place)
    for key, fact in after.items():
        if key not in before:
            yield Event(key, None, fact, place)
